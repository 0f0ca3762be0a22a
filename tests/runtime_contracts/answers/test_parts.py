"""The parts that answers are made of: patterns, scalars, ways to write and to frame, and what requests determine."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from runtime_contracts.answers import wire
from runtime_contracts.answers.draws import Draws
from runtime_contracts.answers.growing import LEAST, REMOVED, Growing, edited
from runtime_contracts.answers.patterns import PatternNotReadError, text_of
from runtime_contracts.answers.scalars import numbers, spellings, texts
from runtime_contracts.answers.senses import Asked, ended, is_under_way, sensible
from runtime_contracts.answers.wire import raw
from runtime_contracts.contract import Contract

PLATFORM, CLASSIC = Contract.of("platform"), Contract.of("legacy-2021")


@pytest.mark.parametrize(
    "pattern",
    ["^[0-9a-v]{20}$", "a|bc|", "(?:x(y)?)+", "[^a-z]{2,4}", r"^v?(\d+(\.\d+)*)$", r"\w\s\d\t", "a{3}b{2,}", "[a-]",
     r"\x41\u00e4[\x30-\x39]", r"[\d\-]+?", "^.*$", "x*y?z+"],
)  # fmt: skip
def test_texts_match_their_pattern(pattern: str) -> None:
    """As Python reads it, and however the dice fall."""
    found = {text_of(pattern, Draws(pattern, number)) for number in range(20)}
    assert all(re.search(pattern, text) for text in found)


@pytest.mark.parametrize("pattern", ["(?=a)", "*a", "(a", "[a", "a)", r"\B", r"\xzz", "[]", "[^\\x20-\\x7e]", "a\\"])
def test_what_is_not_read_is_said(pattern: str) -> None:
    """Look-arounds, back references, what repeats nothing, what has no end."""
    with pytest.raises(PatternNotReadError):
        text_of(pattern, Draws(1))


def test_texts_and_numbers_begin_with_the_usual_one() -> None:
    """Whatever is asked for; of what cannot be had there is nothing."""
    assert next(iter(texts({"type": "string", "format": "uuid"}, 1))) == "usual"
    assert list(texts({"type": "string", "maxLength": 0}, 1).values()) == [""]
    assert texts({"type": "string", "pattern": "^(?=x)y$"}, 1) == {}
    assert numbers({"type": "integer", "minimum": 2, "maximum": 1}) == {}
    assert next(iter(numbers({"type": "number", "multipleOf": 0.25}).items()))[0] == "usual"
    assert numbers({"type": "integer", "minimum": 50, "format": "int64"})["the highest"] == 2**63 - 1
    assert spellings({"type": "string"}) == ()


def test_an_edit_shares_what_it_does_not_touch() -> None:
    """In objects and lists, changed, added and taken out."""
    value: dict[str, Any] = {"a": [{"b": 1}, {"b": 2}], "c": {"d": 3}}
    changed = edited(value, ((("a", 1, "b"), 9), (("c", "d"), REMOVED), (("e",), 5)))
    assert changed == {"a": [{"b": 1}, {"b": 9}], "c": {}, "e": 5}
    assert changed["a"][0] is value["a"][0]
    assert value["c"] == {"d": 3}
    assert edited(value, (((), None),)) is None


def test_a_schema_that_never_ends_has_an_end() -> None:
    """One that requires itself is cut off; the validator will not have it, but nothing hangs."""
    components: dict[str, Any] = {
        "A": {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/components/schemas/A"}}}
    }
    components["A"]["properties"]["a"]["nullable"] = True
    growing = Growing({"components": {"schemas": components}}, 1)
    assert isinstance(growing.value({"$ref": "#/components/schemas/A"}, LEAST), dict)


def test_parts_that_say_different_things_are_one() -> None:
    """The narrower bound holds, properties of both are there, and nothing else if one says so."""
    parts = [
        {"type": "object", "properties": {"a": {"type": "string", "minLength": 1, "maxLength": 9}}, "required": ["a"]},
        {
            "properties": {"a": {"minLength": 3, "maxLength": 5, "enum": ["abc", "abcd"]}, "b": {}},
            "required": ["b"],
            "additionalProperties": False,
        },
        {"properties": {"a": {"enum": ["abcd", "x"]}}, "additionalProperties": True},
    ]
    node = Growing({}, 1).plain({"allOf": parts})
    assert (node["required"], node["additionalProperties"]) == (["a", "b"], False)
    inner = Growing({}, 1).plain(node["properties"]["a"])
    assert (inner["minLength"], inner["maxLength"], inner["enum"]) == (3, 5, ["abcd"])


@pytest.mark.parametrize("layout", wire.LAYOUTS)
def test_every_layout_is_the_same_json(layout: str) -> None:
    """With surrogate pairs, slashes, empty objects and numbers."""
    value: dict[str, Any] = {"a": ["\U0001f300/\u00e4\x00", {}, [], None, True, -1.5, 10**30], "b": {"c": "\\"}}
    assert json.loads(wire.encoded(value, layout)) == value


def test_framings_frame() -> None:
    """A body that has a length, none, chunks, or no body at all."""
    plain = raw(200, (("A", "b"),), b"body", "no reason phrase")
    assert plain == b"HTTP/1.1 200 \r\nA: b\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
    assert raw(204, (), b"", "header names in capitals") == b"HTTP/1.1 204 No Content\r\nCONNECTION: close\r\n\r\n"
    assert raw(200, (), b"body", "the end of the connection ends the body").endswith(b"close\r\n\r\nbody")
    assert raw(200, (), b"12345678", "chunks of a few bytes").endswith(b"0007\r\n1234567\r\n0001\r\n8\r\n0\r\n\r\n")
    assert raw(299, (), b"x", "header names in mixed case", head_only=True).endswith(b"cOnNeCtIoN: close\r\n\r\n")


@pytest.mark.parametrize("contract", [PLATFORM, CLASSIC])
@pytest.mark.parametrize(
    "value", [[], {}, [None], {"id": None}, {"jobs": None}, {"devices": 1}, {"urls": None}, "a", 1]
)
def test_senses_leave_alone_what_they_do_not_know(contract: Contract, value: Any) -> None:
    """Broken answers go through them as well: nothing is raised, and nothing is made out of nothing."""
    for operation in contract.operations.values():
        asked = Asked(method=operation.method, path=operation.bases[0] + operation.path)
        found = sensible(operation, value, asked, "key")
        assert type(found) is type(value)
        assert ended(operation, value) == value
        assert not is_under_way(operation, 200, value)


def test_names_that_cannot_stand_in_a_path_are_replaced() -> None:
    """Dots alone, slashes, controls, nothing, what is far too long; others stay as they are."""
    operation = PLATFORM.operations["list_backends"]
    asked = Asked(method="GET", path="/api/v1/backends")
    for name in ("..", "a/b", "a\x00", "", "a" * 300, "a b", "\ud800"):
        (found,) = sensible(operation, {"devices": [name]}, asked, "key")["devices"]
        assert found.startswith("ibm_")
    assert sensible(operation, {"devices": ["\u00e4"]}, asked, "key") == {"devices": ["\u00e4"]}
    job = PLATFORM.operations["get_job"]
    asked = Asked(method="GET", path="/api/v1/jobs/mine")
    assert sensible(job, {"backend": "..", "id": "x"}, asked, "key")["backend"].startswith("ibm_")


def test_workloads_without_cursors_are_all_there_are() -> None:
    """Their number is that of the page; a cursor without an address keeps none."""
    operation = PLATFORM.operations["find_instance_workloads"]
    asked = Asked(method="GET", path="/api/v1/workloads")
    found = sensible(operation, {"workloads": [{"id": "a"}, 1], "limit": 7}, asked, "key")
    assert (found["total_count"], found["limit"], found["workloads"][1]) == (2, 2, 1)
    assert sensible(operation, {"workloads": [], "next": {}, "previous": {}}, asked, "key")["next"] == {}
