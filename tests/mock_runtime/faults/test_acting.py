"""What becomes of an answer: its status, its body, its headers, and the way it comes."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from mock_runtime.transport.delivery import Cut, Delivery, Pace
from tests.mock_runtime.faults.calls import JSON, Bad, header


def after(act: dict[str, Any], status: int = 200, body: bytes = JSON, **said: Any) -> Delivery:
    """What a rule makes of an answer."""
    return Bad({"act": act}).ask(status, body, **said)


def answer(act: dict[str, Any], wanted: object = "any", status: int = 200, body: bytes = JSON) -> Delivery:
    """What a rule that waits for a status makes of an answer."""
    return Bad({"match": {"status": wanted}, "act": act}).ask(status, body)


def test_a_status_is_an_error_in_the_words_of_the_surface() -> None:
    """With what the rule says of it; the request is not carried out."""
    bad = Bad({"act": {"status": 404, "code": 1291, "message": "no job", "solution": "Look."}})
    decision = bad.decide()
    assert decision.refusal is not None
    assert (decision.refusal.status, decision.refusal.retry_after_s) == (404, None)
    assert bad.answer(decision).body == b"404 1291 no job Look."
    assert after({"status": 503}).body == b"503 None the service is unavailable None"


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [("5s", "5"), ("1.2s", "2"), (0, "0"), ({"in": "7s"}, "7"), (False, None), (None, None)],
)
def test_retry_after_is_in_whole_seconds(retry_after: object, expected: str | None) -> None:
    """Rounded up: who comes back then is not too early."""
    assert header(after({"status": 429, "retry_after": retry_after}), "Retry-After") == expected


def test_retry_after_may_be_a_date() -> None:
    """In the form that HTTP wants, of the fake's clock; the years end with 9999."""
    said = header(after({"status": 503, "retry_after": {"in": "1h", "as": "date"}}), "Retry-After")
    assert said == "Thu, 01 Jan 1970 01:16:40 GMT"
    assert parsedate_to_datetime(said).timestamp() == 1000 + 3600
    bad = Bad({"act": {"status": 503, "retry_after": {"in": "1h", "as": "date"}}})
    bad.clock.advance(253_402_300_000 - 1000)
    assert header(bad.ask(), "Retry-After") == "Fri, 31 Dec 9999 23:59:59 GMT"


def test_retry_after_may_be_drawn() -> None:
    """From the seed: the same calls are told the same."""
    rule = {"act": {"status": 429, "retry_after": "1s..1000s"}}
    told = [[header(bad.ask(), "Retry-After") for _ in range(5)] for bad in (Bad(rule), Bad(rule))]
    assert told[0] == told[1]
    assert len(set(told[0])) > 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("truncated", JSON[: len(JSON) // 2]),
        ("duplicated", JSON + JSON),
        ("empty", b""),
        ({"json": {"a": [1, None]}}, b'{"a":[1,null]}\n'),
        ({"text": "it is over"}, b"it is over"),
    ],
)
def test_a_body_is_another_and_its_length_is_announced(body: object, expected: bytes) -> None:
    """So that it is the document that ends too early, and not the connection."""
    changed = after({"body": body})
    assert (changed.status, changed.body) == (200, expected)
    assert header(changed, "Content-Length") == str(len(expected))
    assert header(changed, "X-Own") == "1"


def test_half_a_document_is_none() -> None:
    """Whatever the half of it is."""
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(after({"body": "truncated"}, body=b'{"jobs":[{"id":"c2b0"}]}').body)


def test_garbage_is_no_text() -> None:
    """As many bytes as there were, and the same ones for the same seed."""
    changed = after({"body": "garbage"}, body=b"x" * 100)
    assert len(changed.body) == 100
    with pytest.raises(UnicodeDecodeError):
        changed.body.decode()
    assert changed.body == after({"body": "garbage"}, body=b"y" * 100).body
    assert header(changed, "Content-Type") == "application/json"
    assert len(after({"body": "garbage"}, body=b"").body) == 16


def test_a_page_is_what_a_proxy_shows() -> None:
    """HTML, of the status that the answer has."""
    changed = after({"status": 502, "body": "html"})
    assert changed.status == 502
    assert changed.body.startswith(b"<!DOCTYPE html>")
    assert b"<h1>502 Bad Gateway</h1>" in changed.body
    assert header(changed, "Content-Type") == "text/html; charset=utf-8"
    assert b"<h1>599</h1>" in after({"status": 599, "body": "html"}).body
    assert b"<h1>200 OK</h1>" in after({"body": "html"}).body


def test_the_type_of_a_body_follows_it_unless_it_is_said() -> None:
    """JSON that says it is HTML, and text that says it is text."""
    assert header(after({"content_type": "text/html"}), "content-type") == "text/html"
    assert header(after({"body": {"text": "x"}}), "content-type") == "text/plain; charset=utf-8"
    assert header(after({"body": {"text": "x"}, "content_type": "a/b"}), "content-type") == "a/b"


def test_headers_are_set_or_left_out() -> None:
    """Once each, whatever the case of their letters."""
    changed = after({"headers": {"x-own": "2", "X-New": "3", "Content-Type": None}})
    assert (header(changed, "X-Own"), header(changed, "X-New"), header(changed, "Content-Type")) == ("2", "3", None)
    assert header(changed, "Content-Length") == str(len(JSON))
    refused = after({"status": 503, "headers": {"X-New": "3"}})
    assert (refused.status, header(refused, "X-New")) == (503, "3")


def test_an_answer_comes_late_and_in_pieces() -> None:
    """Beside whatever else is done to it."""
    changed = after({"status": 503, "slow": "2s", "trickle": {"bytes": 16, "every": "100ms"}})
    assert (changed.status, changed.hold_s, changed.pace) == (503, 2.0, Pace(16, 0.1))
    assert not changed.is_plain
    assert 1 <= after({"slow": "1s..3s"}).hold_s <= 3


def test_no_wait_is_longer_than_a_clock_can_stand() -> None:
    """However wide the distribution is."""
    bad = Bad({"act": {"slow": "lognormal(1000000s, 100)"}}, {"act": {"slow": "1000000000s"}})
    assert {bad.ask().hold_s for _ in range(10)} == {1e9}


@pytest.mark.parametrize(
    ("at", "size", "expected"),
    [(None, 10, 5), (0, 10, 0), (0.99, 10, 9), (3, 10, 3), (10, 10, 9), (99, 10, 9)],
)
def test_an_answer_is_cut_within_its_body(at: float | None, size: int, expected: int) -> None:
    """At a part of it or after so many bytes, and never at its end; the announced length is that of the whole."""
    changed = after({"cut": "within", "at": at}, body=b"x" * size)
    assert (changed.cut, changed.cut_at, changed.reset) == (Cut.WITHIN, expected, False)
    assert header(changed, "Content-Length") == str(size)


def test_an_answer_without_a_body_is_cut_after_it() -> None:
    """It is whole: a client has heard all of it, and the journal must not say that it has not."""
    changed = after({"cut": "within", "at": 5, "reset": True}, body=b"")
    assert (changed.cut, changed.cut_at, changed.reset) == (Cut.AFTER, 0, True)


@pytest.mark.parametrize("where", ["before", "after"])
def test_an_answer_is_cut_around_its_body(where: str) -> None:
    """By a reset, if the rule says so."""
    changed = after({"cut": where, "reset": True})
    assert (changed.cut, changed.cut_at, changed.reset) == (Cut(where), 0, True)


def test_a_request_that_is_cut_off_gets_nothing() -> None:
    """It is not carried out; the connection may stand for a while."""
    bad = Bad({"act": {"cut": "request", "reset": True, "slow": "3s"}})
    decision = bad.decide()
    assert decision.cut_request
    assert decision.refusal is None
    dropped = decision.dropped()
    assert (dropped.cut, dropped.reset, dropped.hold_s, dropped.body) == (Cut.REQUEST, True, 3.0, b"")
    assert not Bad().decide().cut_request


@pytest.mark.parametrize("status", [204, 205, 304])
def test_what_has_no_body_gets_none(status: int) -> None:
    """Whether the fake answers so, or a rule."""
    changed = after({"body": "garbage", "trickle": {"bytes": 1, "every": 1}}, status, b"")
    assert (changed.status, changed.body, changed.pace) == (status, b"", None)
    assert header(changed, "Content-Length") == ("0" if status == 205 else None)
    said = after({"status": status})
    assert (said.status, said.body, header(said, "Content-Type")) == (status, b"", None)


def test_another_success_is_answered_in_place_of_the_fake() -> None:
    """With the body that the rule gives; a redirection may have none."""
    changed = after({"status": 202, "body": {"json": {"id": "x"}}})
    assert (changed.status, changed.body) == (202, b'{"id":"x"}\n')
    moved = after({"status": 307, "headers": {"Location": "/elsewhere"}})
    assert (moved.status, moved.body, header(moved, "Location")) == (307, b"", "/elsewhere")
    assert header(moved, "Content-Length") == "0"


def test_a_head_keeps_its_headers_and_has_no_body() -> None:
    """Of what there is no body, there is none to change."""
    changed = after({"body": "garbage", "headers": {"X-Own": "2"}}, body=b"", method="HEAD")
    assert (changed.body, header(changed, "Content-Length"), header(changed, "X-Own")) == (b"", "0", "2")


def test_an_answer_of_some_status_becomes_an_error() -> None:
    """After the request was carried out: the work is done, and the caller does not know."""
    bad = Bad({"match": {"status": 200}, "act": {"status": 504, "message": "late", "retry_after": "2s"}})
    decision = bad.decide()
    assert (decision.refusal, decision.faults) == (None, ())
    changed = bad.answer(decision)
    assert decision.faults == ("fault-1",)
    assert (changed.status, changed.body) == (504, b"504 None late None")
    assert (header(changed, "Retry-After"), header(changed, "X-Own")) == ("2", None)
    assert bad.ask(status=204, body=b"").status == 204


def test_an_answer_of_some_status_keeps_its_body_with_another_success() -> None:
    """Only the status is another."""
    changed = answer({"status": 202}, "2xx")
    assert (changed.status, changed.body, header(changed, "X-Own")) == (202, JSON, "1")
    emptied = answer({"status": 204})
    assert (emptied.status, emptied.body, header(emptied, "Content-Length")) == (204, b"", None)
    filled = answer({"status": 200}, 204, 204, b"")
    assert (filled.status, filled.body) == (200, b"")


def test_what_replaces_raw_bytes_is_seen() -> None:
    """An error in place of an answer that would have been no HTTP."""
    bad = Bad({"match": {"status": "any"}, "act": {"status": 503}})
    raw = Delivery(status=200, headers=[], body=b"", raw=b"HTTP/9")
    assert (
        bad.decide().answered(raw, lambda refusal: Delivery(status=refusal.status, headers=[], body=b"!")).raw is None
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"cut": "after"}, {"cut": "before", "reset": True}, (Cut.BEFORE, 0, True)),
        ({"cut": "before"}, {"cut": "within"}, (Cut.BEFORE, 0, False)),
        ({"cut": "within", "at": 9}, {"cut": "within", "at": 3, "reset": True}, (Cut.WITHIN, 3, True)),
        ({"cut": "within", "at": 3}, {"cut": "within", "at": 9, "reset": True}, (Cut.WITHIN, 3, False)),
        ({"cut": "before"}, {"cut": "before", "reset": True}, (Cut.BEFORE, 0, False)),
    ],
)
def test_of_several_cuts_the_earliest_is_made(
    first: dict[str, Any], second: dict[str, Any], expected: tuple[Cut, int, bool]
) -> None:
    """What comes after it cannot be seen."""
    changed = Bad({"act": first}, {"act": second}).ask()
    assert (changed.cut, changed.cut_at, changed.reset) == expected


def test_changes_are_made_in_the_order_of_the_rules() -> None:
    """Bodies one after the other, waits added up, and what is said twice is said by the later one."""
    changed = Bad(
        {"act": {"body": "duplicated", "slow": "1s", "headers": {"X-A": "1"}, "trickle": {"bytes": 1, "every": 1}}},
        {"act": {"body": "truncated", "slow": "2s", "headers": {"x-a": "2"}, "trickle": {"bytes": 9, "every": 9}}},
        {"act": {"cut": "within", "at": 4}},
    ).ask(body=b"abcdef")
    assert (changed.body, changed.cut_at) == (b"abcdef", 4)
    assert (changed.hold_s, changed.pace, header(changed, "X-A")) == (3.0, Pace(9, 9.0), "2")
