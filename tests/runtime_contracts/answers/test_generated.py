"""Right answers: each is what the document allows, each can be had again, and what the document lists is among them."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import pytest

from runtime_contracts.answers.answers import Answers
from runtime_contracts.answers.case import Answer
from runtime_contracts.answers.generated import Generated
from runtime_contracts.answers.growing import Growing
from runtime_contracts.answers.senses import Asked
from runtime_contracts.contract import Contract
from runtime_contracts.strict_json import decode_json

EDITIONS = ("platform", "legacy-2021")
CONTRACTS = {edition: Contract.of(edition) for edition in EDITIONS}
OPERATIONS = [(edition, name) for edition in EDITIONS for name in CONTRACTS[edition].operations]


@lru_cache(maxsize=8)
def answers_of(edition: str, seed: int = 7) -> Answers:
    """Right answers of an edition, whose designed cases are made once."""
    return Answers(CONTRACTS[edition], seed=seed)


@lru_cache(maxsize=64)
def designed_of(edition: str, operation: str) -> tuple[Answer, ...]:
    """The designed answers to an operation."""
    answers = answers_of(edition)
    return tuple(answers.case(operation, number) for number in range(answers.designed(operation)))


def made_of(schema: dict[str, Any], components: dict[str, Any] | None = None, **operation: Any) -> Generated:
    """The answers to an operation whose answer of 200 has a schema."""
    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    document = {
        "openapi": "3.0.3",
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": answer | operation}}}},
        "components": {"schemas": components or {}},
    }
    contract = Contract(document)
    return Generated(contract, Growing(document, 7), contract.operations["a"], 7)


def values_of(made: Generated, random: int = 0) -> list[Any]:
    """The values of the designed answers, and of some random ones."""
    return [made.answer(number).value for number in range(len(made.designed) + random)]


@pytest.mark.parametrize(("edition", "operation"), OPERATIONS)
def test_every_answer_is_right(edition: str, operation: str) -> None:
    """The document allows each designed answer, and random ones."""
    answers, contract = answers_of(edition), CONTRACTS[edition]
    designed = answers.designed(operation)
    # What makes them has looked at each; here is another look, at all of the first and some of the rest.
    for number in [*range(min(designed, 30)), *range(30, designed, 5), *range(designed, designed + 3)]:
        answer = answers.case(operation, number)
        headers = dict(answer.headers)
        found = contract.check_response(operation, answer.status, headers=headers, body=answer.body)
        assert found == [], (number, answer.name)
        assert (answer.number, answer.operation, answer.fault) == (number, operation, "")
        assert answer.name.isascii()
        assert answer.name.isprintable()


@pytest.mark.parametrize(("edition", "operation"), OPERATIONS)
def test_every_documented_status_is_designed(edition: str, operation: str) -> None:
    """With all its media types, and early: a short run meets each."""
    designed = designed_of(edition, operation)
    met = {(answer.status, answer.content_type.partition(";")[0].strip().lower()) for answer in designed[:30]}
    responses = CONTRACTS[edition].operations[operation].responses
    assert {status for status, _ in met} == set(responses)
    everything = {answer.content_type.lower() for answer in designed}
    assert {media for bodies in responses.values() for media in bodies} <= everything


def enums(document: dict[str, Any], schema: Any, path: str = "", seen: tuple[str, ...] = ()) -> set[tuple[str, Any]]:
    """Each word that a schema lists, with the place in a value where it may stand."""
    if not isinstance(schema, dict) or (schema.get("$ref") in seen and "$ref" in schema):
        return set()
    if "$ref" in schema:
        target = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return enums(document, target, path, (*seen, schema["$ref"]))
    found = {(path, word) for word in schema.get("enum", ())}
    for name, item in schema.get("properties", {}).items():
        found |= enums(document, item, f"{path}/{name}", seen)
    found |= enums(document, schema.get("items"), f"{path}/*", seen)
    for several in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(several, ()):
            found |= enums(document, part, path, seen)
    return found


def words(value: Any, path: str = "") -> set[tuple[str, Any]]:
    """Each scalar of a value, with its place."""
    if isinstance(value, dict):
        return {word for name, item in value.items() for word in words(item, f"{path}/{name}")}
    if isinstance(value, list):
        return {word for item in value for word in words(item, f"{path}/*")}
    return {(path, value)}


@pytest.mark.parametrize(("edition", "operation"), OPERATIONS)
def test_every_listed_word_is_designed(edition: str, operation: str) -> None:
    """Each value of each enum comes in one of the designed answers, in its place."""
    contract = CONTRACTS[edition]
    wanted: set[tuple[int, str, Any]] = set()
    for status, bodies in contract.operations[operation].responses.items():
        for judge in bodies.values():
            wanted |= {(status, path, word) for path, word in enums(contract.document, judge.schema)}
    met: set[tuple[int, str, Any]] = set()
    for answer in designed_of(edition, operation):
        met |= {(answer.status, path, word) for path, word in words(answer.value)}
    assert {word for word in wanted if word[2] is not None} <= met


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_case_is_the_same_in_any_order(edition: str) -> None:
    """Two servers that are asked in opposite orders give the same bytes; a server with another seed gives others."""
    operations = {"platform": ("get_versions", "get_job"), "legacy-2021": ("get-version", "get-jobs")}[edition]
    wanted = [(name, number) for name in operations for number in (0, 1, 5, 20, 10_000, 10**14)]
    forward, backward = Answers(CONTRACTS[edition], seed=7), Answers(CONTRACTS[edition], seed=7)
    first = {key: forward.case(*key) for key in wanted}
    second = {key: backward.case(*key) for key in reversed(wanted)}
    assert first == second
    other = Answers(CONTRACTS[edition], seed=8)
    assert {key: other.case(*key).body for key in wanted} != {key: answer.body for key, answer in first.items()}


def test_random_answers_differ_from_each_other() -> None:
    """After the designed ones there is no end of new ones."""
    answers = answers_of("platform")
    begin = answers.designed("get_job")
    bodies = {answers.case("get_job", begin + number).body for number in range(60)}
    assert len(bodies) > 35


def test_moods_of_the_list_of_jobs() -> None:
    """Empty lists and long ones, texts of every script, nulls, unknown properties, numbers at their bounds."""
    answers = answers_of("platform")
    found = {
        answer.name: answer
        for answer in (answers.case("list_jobs", number) for number in range(answers.designed("list_jobs")))
        if answer.status == 200
    }
    assert found["every list empty"].value["jobs"] == []
    assert len(found["every list long"].value["jobs"]) > 100
    assert "\u202e" in found["every text right to left"].value["jobs"][0]["user_id"]
    assert "\x00" in found["every text control characters"].value["jobs"][0]["user_id"]
    assert found["every number the highest"].value["count"] == 2**31 - 1
    assert "aPropertyNobodyKnows" in found["unknown properties wherever they may be"].value
    assert found["/jobs/0/tags is absent"].value["jobs"][0].keys() >= {"id", "state"}
    assert "tags" not in found["/jobs/0/tags is absent"].value["jobs"][0]


def test_moments_are_spelled_in_every_way_that_is_allowed() -> None:
    """RFC 3339 allows small letters, fractions of any length, zones and leap seconds; each stands in its place."""
    made = made_of({"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}})
    spelled = {value["at"] for value in values_of(made) if "at" in value}
    assert {
        "2026-03-04T05:06:07Z", "2026-03-04t05:06:07z", "2026-03-04T05:06:07.123456789Z", "2026-12-31T23:59:60Z",
        "2026-03-04T05:06:07.5+05:45", "2026-03-04T05:06:07-00:00",
    } <= spelled  # fmt: skip


def test_a_moment_by_pattern_is_one_of_the_calendar() -> None:
    """A pattern that lets through the 99th of a month does not make one."""
    made = made_of({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
    assert {value[5:7] <= "12" for value in values_of(made, random=20)} == {True}


def test_bounds_lengths_and_nulls() -> None:
    """Each property at its bounds, null where it may be, absent where it may be."""
    schema = {
        "type": "object",
        "required": ["a"],
        "additionalProperties": False,
        "properties": {
            "a": {"type": "integer", "minimum": -3, "maximum": 12},
            "b": {"type": "string", "minLength": 2, "maxLength": 5, "nullable": True},
            "c": {"type": "array", "minItems": 1, "maxItems": 4, "items": {"type": "boolean"}},
            "d": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        },
    }
    values = values_of(made_of(schema), random=50)
    assert {-3, 12} <= {value["a"] for value in values}
    assert {None, 2, 5} <= {value["b"] if value["b"] is None else len(value["b"]) for value in values if "b" in value}
    assert {1, 4} <= {len(value["c"]) for value in values if "c" in value}
    assert {5e-324} <= {value["d"] for value in values if "d" in value}
    assert {frozenset("a"), frozenset("abcd")} <= {frozenset(value) for value in values}


def test_every_branch_and_every_key() -> None:
    """Shapes to choose among, parts that belong together, tags that tell, maps with odd keys, anything at all."""
    components = {
        "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "lives": {}}},
        "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
        "Tree": {"anyOf": [{"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}, {"type": "string"}]},
    }
    mapping = {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}
    schema = {
        "type": "object",
        "properties": {
            "pet": {
                "oneOf": [{"$ref": target} for target in mapping.values()],
                "discriminator": {"propertyName": "kind", "mapping": mapping},
            },
            "both": {"allOf": [{"$ref": "#/components/schemas/Dog"}, {"required": ["age"], "properties": {"age": {}}}]},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
            "tree": {"$ref": "#/components/schemas/Tree"},
            "set": {"type": "array", "uniqueItems": True, "items": {"type": "integer"}},
        },
    }
    values = values_of(made_of(schema, components), random=60)
    assert {"cat", "dog"} <= {value["pet"]["kind"] for value in values if "pet" in value}
    assert {frozenset(("kind", "age"))} <= {frozenset(value["both"]) for value in values if "both" in value}
    assert {"", "__proto__", "a.b/c~d"} <= {key for value in values for key in value.get("map", {})}
    assert {list, str} <= {type(value["tree"]) for value in values if "tree" in value}
    assert all(len(value["set"]) == len(set(value["set"])) for value in values if "set" in value)


def test_a_schema_that_nothing_random_fits_has_designed_answers() -> None:
    """What the document gives as an example is among them, and random numbers begin again with those."""
    hard = {"type": "string", "pattern": "^(?=never)never$", "example": "never"}
    schema = {"type": "object", "required": ["a"], "additionalProperties": False, "properties": {"a": hard}}
    made = made_of(schema)
    assert [value["a"] for value in values_of(made, random=3)] == ["never"] * (len(made.designed) + 3)


def test_headers_of_the_document_are_sent() -> None:
    """Those that must be there always, others mostly; Retry-After says nothing that nobody could wait for."""
    headers = {
        "X-Must": {"required": True, "schema": {"type": "string", "enum": ["one", "two"]}},
        "X-May": {"schema": {"type": "integer", "minimum": 1, "maximum": 9}},
        "X-Text": {"schema": {"type": "string"}},
        "X-Flag": {"schema": {"type": "boolean"}},
        "Retry-After": {"schema": {"type": "integer"}},
    }
    made = made_of({"type": "boolean"}, headers=headers)
    sent = [dict(made.answer(number).headers) for number in range(len(made.designed) + 40)]
    assert {header["X-Must"] for header in sent} == {"one", "two"}
    assert {"1", "9"} <= {header["X-May"] for header in sent if "X-May" in header}
    assert {header["Retry-After"] for header in sent if "Retry-After" in header} == {"0", "1", "60"}
    assert any("Retry-After" not in header for header in sent)


def test_results_of_today_are_text_that_holds_json() -> None:
    """The schema says text, the prose says JSON: a client is right to read it as that."""
    answers = answers_of("platform")
    for number in [*range(0, answers.designed("get_job_results_jid"), 9), 10**9]:
        answer = answers.case("get_job_results_jid", number)
        if answer.status == 200:
            decode_json(answer.body)


def test_layouts_say_the_same() -> None:
    """However the JSON is written, it is the same value; and the wire's ways are all there."""
    answers = answers_of("platform")
    numbers = range(answers.designed("get_job"))
    found: list[Answer] = [answers.case("get_job", number) for number in numbers]
    written = {answer.name: answer.body for answer in found if answer.status == 200 and answer.name.startswith("JSON")}
    assert len({json.dumps(json.loads(body), sort_keys=True) for body in written.values()}) == 1
    assert len(set(written.values())) == len(written) == 6
    assert {answer.framing for answer in found} >= {"chunks of a few bytes", "header names in capitals"}
    assert Asked(method="GET", path="/").number("limit") is None
