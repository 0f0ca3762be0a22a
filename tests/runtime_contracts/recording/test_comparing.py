"""Comparing: what counts as unlike, what as another state, and how a comparison ends early."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from runtime_contracts.contract import Contract
from runtime_contracts.recording import Accepted, DamagedLine, Recording, compare
from runtime_contracts.recording.shapes import differences, maps_of, shape_of
from runtime_contracts.recording.translating import Translation, state_of
from runtime_contracts.watching import Answer, Exchange, Request

JSON: Final = (("Content-Type", "application/json"),)
_UNLIKE: Final[tuple[Any, Any]] = ({"a": {"b": 1}}, {"a": {}})
CONTRACT: Final = Contract.of("platform")


def exchange(number: int, target: str, value: Any, status: int = 200, **request: Any) -> Exchange:
    """An exchange whose answer is JSON."""
    body = b"" if value is None else json.dumps(value).encode()
    return Exchange(
        number=number,
        request=Request(**{"method": "GET", "target": target, **request}),
        answer=Answer(status=status, headers=JSON if value is not None else (), body=body),
    )


def answers(*found: Any) -> Any:
    """A server that answers these, one after the other; the last one stays."""
    left = list(found)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


def said(one: Any, other: Any) -> list[str]:
    """What is said of two values."""
    shapes = [shape_of(value, is_map=lambda _: False) for value in (one, other)]
    return [each.text for each in differences(*shapes, names=("A", "B"))]


@pytest.mark.parametrize(
    ("one", "other", "text"),
    [
        ({"a": 1}, {}, ["A has `/a` integer, B has not"]),
        ({}, {"a": {"b": 1}}, ["B has `/a` object, A has not"]),
        ({"a": 1}, {"a": 1.5}, ["A has `/a` integer, B number"]),
        ({"a": 1.5}, {"a": 1}, []),
        ({"a": True}, {"a": 1}, ["A has `/a` boolean, B integer"]),
        ({"a": None}, {"a": "x"}, ["A has null at `/a`, B has string"]),
        ({"a": "x"}, {"a": None}, ["B has null at `/a`, A has string"]),
        ({"a": [1, None]}, {"a": [2]}, ["A has null at `/a/*`, B has integer"]),
        ({"a": [{"x": 1}, {"x": 2}]}, {"a": [{"x": 1}, {}]}, ["A always has `/a/*/x`, B has it only at times"]),
        ({"a": []}, {"a": [1]}, []),
        ([1], {"a": 1}, ["A has `/` array, B object"]),
        ({"a/b": 1, "c~": 2}, {}, ["A has `/a~1b` integer, B has not", "A has `/c~0` integer, B has not"]),
        ({"a": "2026-01-01"}, {"a": "x"}, ["A has `/a` a date, B another text"]),
        ({"a": {"b": None}}, {"a": None}, ["B has null at `/a`, A has object", "A has `/a/b` null, B has not"]),
    ],
)  # fmt: skip
def test_shapes_are_compared(one: Any, other: Any, text: list[str]) -> None:
    """Keys, types, null and formats; elements of arrays as one; nothing of an array that is empty."""
    assert said(one, other) == text


def test_keys_that_are_data_are_one_place() -> None:
    """Where the schema has additionalProperties and no names."""
    schema = {"properties": {"m": {"additionalProperties": {"type": "integer"}}, "l": {"items": {"type": "object"}}}}
    is_map = maps_of({}, schema)
    assert (is_map("/m"), is_map("/l/*"), is_map("")) == (True, False, False)
    assert set(shape_of({"m": {"a": 1, "b": 2}}, is_map=is_map)) == {"", "/m", "/m/*"}


def test_a_poll_waits_for_the_state_that_was_recorded() -> None:
    """As often as it takes; how often the other server said 204 is no difference."""
    waits: list[int] = []
    recording = Recording(edition="platform", exchanges=(
        exchange(1, "/api/v1/jobs/a1b2c3d4e5/results", None, 204),
        exchange(2, "/api/v1/jobs/a1b2c3d4e5/results", {"r": 1}),
    ))  # fmt: skip
    done = Answer(status=200, headers=JSON, body=b'{"r": 2}')
    send = answers(Answer(status=204), Answer(status=204), Answer(status=204), done)
    outcome = compare(recording, send, contract=CONTRACT, wait=lambda: waits.append(1))
    assert (outcome.failures, len(waits)) == ((), 2)


def test_waiting_has_an_end() -> None:
    """And is not tried again for the same path."""
    waits: list[int] = []
    target = "/api/v1/jobs/a1b2c3d4e5/results"
    recording = Recording(edition="platform", exchanges=tuple(exchange(n, target, {"r": 1}) for n in (1, 2)))
    outcome = compare(recording, answers(Answer(status=204)), contract=CONTRACT, wait=lambda: waits.append(1))
    assert len(waits) == 40
    assert [failure.check for failure in outcome.failures] == ["status"]


def test_another_state_is_counted_and_not_compared() -> None:
    """What differs then says nothing."""
    recording = Recording(
        edition="platform", exchanges=(exchange(1, "/api/v1/jobs/x", {"state": {"status": "Queued"}}),)
    )
    ahead = Answer(status=200, headers=JSON, body=b'{"state": {"status": "Completed"}, "more": 1}')
    outcome = compare(recording, answers(ahead), contract=CONTRACT)
    assert outcome.failures == ()
    assert outcome.notes == ("1 exchange that found a job or session in another state than the recorded one",)
    assert [state_of(body) for body in (b'{"status": "Running"}', b'{"state": "open"}', b'{"state": 3}', b"[")] == [
        "running", "open", "", "",
    ]  # fmt: skip


def test_what_cannot_be_sent_is_left_out() -> None:
    """And so are lines that could not be read."""
    recording = Recording(
        edition="platform",
        exchanges=(exchange(1, "/api/v1/jobs", {}, method="POST", body=None),),
        damaged=tuple(DamagedLine(number, "broken") for number in range(2, 25)),
    )
    outcome = compare(recording, answers(None), contract=CONTRACT)
    assert outcome.notes[0] == "1 exchange whose request is not whole in the recording"
    assert outcome.notes[-1] == "left out, 3 other lines that cannot be read"


def test_ctrl_c_keeps_what_was_found() -> None:
    """Exit code 130; progress was told until then."""
    told: list[str] = []

    def sent() -> Iterator[Answer]:
        yield Answer(status=200, headers=JSON, body=b"{}")
        raise KeyboardInterrupt

    found = sent()
    recording = Recording(
        edition="platform", exchanges=tuple(exchange(n, "/api/v1/tags", {"tags": []}) for n in (1, 2))
    )
    outcome = compare(recording, lambda _: next(found), contract=CONTRACT, progress=told.append)
    assert (outcome.exit_code, len(outcome.failures), told) == (130, 1, ["1 of 2 exchanges, 1 difference"])
    assert outcome.verdict == "interrupted; 1 difference in 1 exchange until then"


def test_words_that_the_document_does_not_list_are_a_difference() -> None:
    """If the recorded side keeps the document there."""

    def version(word: str) -> dict[str, Any]:
        return {"versions": [{"version": "2024-01-01", "status": word}]}

    recording = Recording(edition="platform", exchanges=(exchange(1, "/api/v1/versions", version("live")),))
    other = Answer(status=200, headers=JSON, body=json.dumps(version("old")).encode())
    (failure,) = compare(recording, answers(other), contract=CONTRACT).failures
    assert failure.check == "document"
    assert failure.message.startswith("real keeps the document at `/versions/*/status`, the fake breaks it")


def test_one_side_may_have_no_json() -> None:
    """Or no body at all."""
    recording = Recording(edition="platform", exchanges=(exchange(1, "/api/v1/tags", {"tags": []}),))
    html = Answer(status=200, headers=(("Content-Type", "text/html"),), body=b"<p>")
    checks = [each.check for each in compare(recording, answers(html), contract=CONTRACT).failures]
    assert sorted(checks) == ["body", "content_type"]


def test_accepted_differences_are_matched_by_all_that_they_say() -> None:
    """Place, operation and kind."""
    shapes = [shape_of(value, is_map=lambda _: False) for value in _UNLIKE]
    (difference,) = differences(shapes[0], shapes[1], names=("A", "B"))
    assert Accepted(reason="r", where="/a").covers("op", difference)
    assert Accepted(reason="r", where="/*/b", kind="missing", operation="op").covers("op", difference)
    assert not Accepted(reason="r", where="/a/b/c").covers("op", difference)
    assert not Accepted(reason="r", operation="other").covers("op", difference)
    assert not Accepted(reason="r", kind="type").covers("op", difference)


def test_ids_are_translated_everywhere() -> None:
    """In paths, queries, headers and bodies; dates, versions and words are not taken for ids."""
    translation = Translation({"ibm_real": "ibm_fake"})
    recorded = {"id": "real0123456789", "at": "2026-01-01", "v": "1.0.0", "w": "Completed", "l": ["crn:v1:x/1"]}
    ours = {"id": "fake0123456789", "at": "2027-01-01", "v": "2.0.0", "w": "Running!", "l": ["crn:v1:y/2"]}
    translation.learn(json.dumps(recorded).encode(), json.dumps(ours).encode())
    translation.learn(b"no JSON", b"{}")
    assert translation.known == {"ibm_real": "ibm_fake", "real0123456789": "fake0123456789", "crn:v1:x/1": "crn:v1:y/2"}
    request = Request(
        method="POST", target="/v1/jobs/real0123456789?backend=ibm_real&crn=crn%3Av1%3Ax%2F1",
        headers=(("Service-CRN", "crn:v1:x/1"), ("X-Other", "[masked]"), ("Host", "h")),
        body=b'{"session": "real0123456789"}',
    )  # fmt: skip
    found = translation.request(request)
    assert found.target == "/v1/jobs/fake0123456789?backend=ibm_fake&crn=crn%3Av1%3Ay%2F2"
    assert (found.headers, found.body) == ((("Service-CRN", "crn:v1:y/2"),), b'{"session": "fake0123456789"}')
