"""Both sides of an exchange are held to the document: each kind of breach is found, under its name."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from runtime_contracts.contract import Contract
from runtime_contracts.watching import Answer, Exchange, Request, Sightings, Watch
from runtime_contracts.watching.extras import undocumented
from runtime_contracts.watching.message import UndecodableBodyError, decoded

CRN: Final = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"
HEADERS: Final = (("Authorization", "Bearer a-token-of-somebody"), ("Service-CRN", CRN))
JSON: Final = (("Content-Type", "application/json"),)
STATUS: Final = {
    "state": True,
    "status": "active",
    "message": "available",
    "length_queue": 0,
    "backend_version": "1.0.0",
}
SUBMISSION: Final = {"program_id": "sampler", "backend": "ibm_fez", "params": {"pubs": []}}

watch = Watch(Contract.of("platform"))


def get_status(answer: Answer, **changes: Any) -> list[str]:
    """What is found in a look at a backend's status: kinds and sentences."""
    request = Request(method="GET", target="/api/v1/backends/ibm_fez/status", headers=HEADERS)
    return [f"{each.check}: {each}" for each in watch.exchange(replace(request, **changes), answer, number=1)]


GOOD: Final = Answer(status=200, headers=JSON, body=json.dumps(STATUS).encode())


def test_a_good_exchange_has_no_findings() -> None:
    """Packed or not."""
    body = GOOD.body or b""
    raw = zlib.compressobj(wbits=-15)
    for encoding, packed in (
        ("gzip", gzip.compress(body)), ("deflate", zlib.compress(body)), ("deflate", raw.compress(body) + raw.flush()),
        ("gzip, identity", gzip.compress(body) ), ("x-gzip", gzip.compress(body[:5]) + gzip.compress(body[5:])),
    ):  # fmt: skip
        assert get_status(Answer(status=200, headers=(*JSON, ("Content-Encoding", encoding)), body=packed)) == []
    assert get_status(GOOD) == []


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (replace(GOOD, status=418), "undocumented_status: answer /status: expected one of 200, 400, 401, 404,"),
        (replace(GOOD, headers=()), "content_type: answer /headers/Content-Type: expected application/json,"),
        (replace(GOOD, body=b"[]"), 'body: answer /body: expected a value of type object, found []'),
        (replace(GOOD, body=b"{"), "body: answer /body: expected JSON, found not JSON"),
        (
            replace(GOOD, body=json.dumps({**STATUS, "length_queue": "0"}).encode()),
            "body: answer /body/length_queue: expected a value of type integer, found 0",
        ),
        (
            replace(GOOD, headers=(*JSON, ("Content-Encoding", "gzip"))),
            "body: answer /body: expected a body in its content encoding, found it cannot be unpacked",
        ),
        (
            replace(GOOD, body=json.dumps({**STATUS, "new": 1}).encode()),
            "body: answer /body: expected what 'additionalProperties' asks for",
        ),
    ],
)  # fmt: skip
def test_what_an_answer_breaks_is_found(answer: Answer, found: str) -> None:
    """One thing each."""
    (each,) = get_status(answer)
    assert each.startswith(found)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"target": "/api/v1/backends/ibm_fez/status?x=1"}, "undocumented_parameter: request /query/x"),
        ({"headers": HEADERS[1:]}, "headers: request /headers: expected credentials"),
        ({"method": "PATCH"}, "undocumented_operation: request /: expected one of the methods GET"),
        ({"target": "/api/v1/backend"}, "undocumented_operation: request /: expected a documented path"),
    ],
)
def test_what_a_request_breaks_is_found(changes: dict[str, Any], found: str) -> None:
    """One thing each; of the answer to an unknown operation nothing is said."""
    (each,) = get_status(GOOD, **changes)
    assert each.startswith(found)


def test_fields_of_a_request_that_nobody_knows_are_found() -> None:
    """Where the document lists the fields; the inputs of a program may be anything it says they may."""
    body = json.dumps({**SUBMISSION, "colour": "red"}).encode()
    request = Request(method="POST", target="/api/v1/jobs", headers=(*HEADERS, *JSON), body=body)
    found = [each for each in watch.request(request) if each.check == "undocumented_field"]
    assert [each.violation.where for each in found] == ["/body/colour"]
    assert all(each.is_violation for each in found)


def test_fields_of_an_answer_that_nobody_knows_break_nothing_unless_one_is_strict() -> None:
    """The document does not forbid them."""
    versions = {"versions": [{"version": "2024-01-01", "status": "live", "new": 1}]}
    answer = replace(GOOD, body=json.dumps(versions).encode())
    request = Request(method="GET", target="/api/v1/versions", headers=HEADERS)
    assert [str(each) for each in watch.exchange(request, answer)] == [
        "answer /body/versions/0/new: expected a documented field, found an undocumented one"
    ]
    strict = Watch(watch.contract, strict=True)
    assert [each.is_violation for each in watch.exchange(request, answer)] == [False]
    assert [each.is_violation for each in strict.exchange(request, answer)] == [True]


def test_head_goes_for_get_and_has_no_body() -> None:
    """So has a body that was too large to be kept."""
    assert get_status(replace(GOOD, body=b""), method="HEAD") == []
    assert get_status(replace(GOOD, body=None)) == []


def test_a_204_has_no_length() -> None:
    """It has no body, which some servers forget."""
    request = Request(method="DELETE", target="/api/v1/jobs/cq2g5h1n7fc0008z8v3g", headers=HEADERS)
    answer = Answer(status=204, headers=(("Content-Length", "7"),))
    assert [str(each) for each in watch.exchange(request, answer)] == [
        "answer /headers/Content-Length: expected none, as 204 has no body, found 7"
    ]
    assert watch.exchange(request, Answer(status=204)) == []


def test_headers_that_the_document_asks_for_are_looked_at() -> None:
    """Of an answer that is refused for its frequency, and of one that says who may come in."""
    contract = Contract.of("platform")
    responses = contract.document["paths"]["/v1/backends/{id}/status"]["get"]["responses"]
    responses["200"] = {
        **contract.document["paths"]["/v1/backends/{id}/status"]["get"]["responses"]["200"],
        "headers": {
            "X-Count": {"required": True, "schema": {"type": "integer"}},
            "X-Kind": {"schema": {"type": "string", "enum": ["a", "b"]}},
            "Content-Type": {"required": True},
        },
    }
    request = Request(method="GET", target="/api/v1/backends/ibm_fez/status", headers=HEADERS)
    own = Watch(contract)

    def found(*headers: tuple[str, str]) -> list[str]:
        return [each.violation.where for each in own.exchange(request, replace(GOOD, headers=(*JSON, *headers)))]

    assert found(("X-Count", "3"), ("X-Kind", "a")) == []
    assert found(("X-Count", "three"), ("X-Kind", "c")) == ["/headers/X-Count", "/headers/X-Kind"]
    assert found() == ["/headers/X-Count"]


@pytest.mark.parametrize(
    "target", ["/identity/token", "/v3/resources/search?limit=1", "/globalcatalog/api/v1/x", "/_mock/"]
)
def test_services_beside_the_api_are_not_judged(target: str) -> None:
    """Their documents are not ours."""
    request = Request(method="POST", target=target)
    assert watch.exchange(request, Answer(status=599)) == []
    assert watch.service_of(request) is not None


@pytest.mark.parametrize(
    ("encoding", "body", "why"),
    [
        ("lzma", b"x", "unknown"),
        ("gzip", gzip.compress(b"x" * 1000)[:-9], "ends too early"),
        ("gzip", b"nothing of the kind", "cannot be unpacked"),
        ("gzip", gzip.compress(b"\0" * (64 * 1024 * 1024 + 1)), "unpacks to more"),
    ],
    ids=["unknown", "cut", "nothing", "a bomb"],
)
def test_bodies_that_cannot_be_unpacked_are_told_apart(encoding: str, body: bytes, why: str) -> None:
    """Quickly, and without unpacking gigabytes."""
    with pytest.raises(UndecodableBodyError, match=why):
        decoded((("Content-Encoding", encoding),), body)


@pytest.mark.parametrize(
    ("schema", "value", "found"),
    [
        ({"properties": {"a": {}}}, {"a": 1, "b": 2}, ["/b"]),
        ({"properties": {"a": {}}, "additionalProperties": True}, {"b": 2}, []),
        ({"type": "object"}, {"b": 2}, []),
        ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, {"a": 1, "b": 2, "c": 3}, ["/c"]),
        ({"oneOf": [{"properties": {"a": {}}}, {"type": "string"}]}, {"c": 3}, ["/c"]),
        ({"items": {"properties": {"a": {}}}}, [{"a": 1}, {"b": {"c": 1}}], ["/1/b"]),
        ({"properties": {"a": {"$ref": "#/x"}}}, {"a": {"y": 1, "z": {}}}, ["/a/z"]),
        ({"properties": {"a": {}}}, "text", []),
    ],
)
def test_undocumented_fields(schema: dict[str, Any], value: Any, found: list[str]) -> None:
    """Named by the whole of what a schema says, references and branches included."""
    assert undocumented({"x": {"properties": {"y": {}}}}, schema, value) == found


def test_sightings_count_and_become_a_report(tmp_path: Path) -> None:
    """The same thing once, with how often it came; the files of the report say the same."""
    sightings = Sightings(watch, edition="platform")
    request = Request(method="GET", target="/api/v1/backends/ibm_fez/status", headers=HEADERS)
    for number in range(1, 13):
        sightings.count(Exchange(number=number, request=request, answer=replace(GOOD, status=418)))
    sightings.count(Exchange(number=13, request=Request(method="POST", target="/identity/token"), answer=GOOD))
    sightings.count(Exchange(number=14, request=request, answer=replace(GOOD, body=None)))
    outcome = sightings.outcome(kind="proxy", target="https://x.test")
    (failure,) = outcome.failures
    assert (failure.check, failure.operation, failure.count) == ("undocumented_status", "get_backend_status", 12)
    assert "exchanges 1, 2, 3, 4, 5, 6, 7, 8, ..." in failure.message
    assert (sightings.violations, outcome.exit_code, outcome.verdict) == (12, 1, "1 violation in 14 exchanges")
    text, as_json, junit = (file.read_text(encoding="utf-8") for file in outcome.write(tmp_path / "reports"))
    assert "note: 1 exchange for IAM, which the document does not describe" in text
    assert json.loads(as_json)["coverage"]["get_backend_status"]["met"] == {"200": 1, "418": 12}
    assert 'failures="1"' in junit
    assert replace(outcome, interrupted=True).exit_code == 130
    assert "could not run: no" in replace(outcome, problem="no").to_text()
    assert replace(outcome, problem="no").exit_code == 2
    assert 'errors="1"' in replace(outcome, problem="no").to_junit()


def test_there_can_be_too_many_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are not kept are counted."""
    monkeypatch.setattr("runtime_contracts.watching.sightings._MOST_KINDS", 3)
    sightings = Sightings(watch, edition="platform")
    for number in range(5):
        request = Request(method="GET", target=f"/api/v1/nothing/{number}")
        sightings.count(Exchange(number=number, request=request, answer=GOOD))
    outcome = sightings.outcome(kind="proxy", target="x")
    assert (len(outcome.failures), sightings.violations) == (3, 5)
    assert "2 violations of further kinds, not kept" in outcome.notes


@pytest.mark.parametrize(("encoding", "name"), [("br", "brotli"), ("zstd", "zstandard")])
def test_other_encodings_need_a_library(encoding: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the body is not looked at; with one, its errors are ours."""
    headers = (("Content-Encoding", encoding),)
    for each in ("brotli", "brotlicffi", "compression.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, each, None)
    with pytest.raises(UndecodableBodyError, match="no library"):
        decoded(headers, b"x")
    monkeypatch.setitem(sys.modules, name, SimpleNamespace(decompress=lambda body: body * 2))
    assert decoded(headers, b"x") == b"xx"
    monkeypatch.setitem(sys.modules, name, SimpleNamespace(decompress=lambda _: 1 // 0))
    with pytest.raises(UndecodableBodyError, match="cannot be unpacked"):
        decoded(headers, b"x")


def test_a_request_that_cannot_be_unpacked_is_found() -> None:
    """As broken as one that says something else."""
    headers = (*HEADERS, *JSON, ("Content-Encoding", "gzip"))
    request = Request(method="POST", target="/api/v1/jobs", headers=headers, body=b"{}")
    (found,) = watch.request(request)
    assert found.violation.expected == "a body in its content encoding"
    assert watch.request(replace(request, headers=(*HEADERS, *JSON), body=None)) == []
