"""What failed, what asked for a pause, and what is the same request again."""

from __future__ import annotations

from typing import Any

import pytest

from mock_runtime.journal.attempts import chains, failed, identity, retries, retry_after_s, unheard
from mock_runtime.journal.callers import LogIn, callers
from mock_runtime.journal.polls import tells_end
from tests.mock_runtime.journal.stories import Story


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (429, "7", 7.0),
        (503, " 120 ", 120.0),
        (503, "0", 0.0),
        (503, "Tue, 14 Nov 2023 22:13:32 GMT", 9.9),
        (503, "Tue, 14 Nov 2023 22:13:32 -0000", 9.9),
        (503, "Tue, 14 Nov 2023 22:13:00 GMT", 0.0),
        (503, "soon", None),
        (503, "-5", None),
        (503, "99999999999999999999", None),
        (503, "Fri, 99 Nov 2023 22:13:32 GMT", None),
        (503, None, None),
        (500, "7", None),
        (200, "7", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(status: int, value: str | None, seconds: float | None) -> None:
    """From the end of the answer; what cannot be read asks for nothing."""
    headers = {"Content-Type": "x"} if value is None else {"Retry-After": value}
    found = retry_after_s(Story().ask("list-jobs", status, answer_headers=headers))
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_what_was_not_heard_asks_for_nothing() -> None:
    """A client that did not get the answer did not read its headers."""
    entry = Story().ask("list-jobs", 503, cut="within", answer_headers={"Retry-After": "7"})
    assert retry_after_s(entry) is None


@pytest.mark.parametrize(
    ("given", "was_failed", "was_unheard"),
    [
        ({"status": 200}, False, False),
        ({"status": 204, "cut": "after"}, False, False),
        ({"status": 404}, False, False),
        ({"status": 429}, True, False),
        ({"status": 504}, True, False),
        ({"status": 0}, True, True),
        ({"status": 200, "left": True}, True, True),
        ({"status": 0, "cut": "request"}, True, True),
        ({"status": 0, "cut": "before"}, True, True),
        ({"status": 200, "cut": "within"}, True, True),
    ],
)
def test_a_failure_is_what_a_client_may_send_again(given: dict[str, Any], was_failed: bool, was_unheard: bool) -> None:
    """429, 5xx, and answers that did not arrive in whole."""
    entry = Story().ask("list-jobs", **given)
    assert (failed(entry), unheard(entry)) == (was_failed, was_unheard)


def test_the_same_request_has_the_same_identity() -> None:
    """Of the same client, with the same method, target and body."""
    story = Story()
    one = story.submit(body={"a": 1})
    assert identity(one, "alice") == identity(story.submit(body={"a": 1}), "alice")
    others = [
        identity(story.submit(body={"a": 2}), "alice"),
        identity(one, "bob"),
        identity(story.submit(body={"a": 1}, query="x=1"), "alice"),
        identity(story.ask("list-jobs", method="POST", body={"a": 1}, scope="another"), "alice"),
    ]
    assert identity(one, "alice") not in others
    assert len(set(others)) == 4


def test_a_body_that_is_no_longer_there_is_like_no_other() -> None:
    """What was dropped cannot be compared, and is nobody's repetition."""
    story = Story()
    gone = [story.submit(None, 500, body=b"", request_size=100) for _ in range(3)]
    assert identity(gone[0], "alice") is None
    assert list(chains((identity(entry, "alice"), entry) for entry in gone)) == []


def test_an_answer_tells_of_the_end_or_says_nothing() -> None:
    """Only polls do; what was not heard or not kept says nothing."""
    story = Story()
    assert tells_end(story.look(200)) is True
    assert tells_end(story.look(204)) is None
    assert tells_end(story.look(200, left=True)) is None
    assert tells_end(story.state("running")) is False
    assert tells_end(story.state("ran", answer={"status": "Cancelled - Ran too long"})) is True
    assert tells_end(story.ask("get-logs", job="job-1")) is None


def test_whose_a_token_is_is_read_off_its_use() -> None:
    """By the log-in that gave it, or by another request that came with it; a refused log-in gives none."""
    story = Story()
    story.log_in(status=400)
    nobody = story.ask("list-jobs", headers={"Authorization": "Bearer never-seen-before-22"}, caller=None)
    bare = story.ask("list-jobs", headers={"Authorization": None})
    refused = story.ask("list-jobs", 503, caller=None)
    log_in = story.log_in(token="a-token-of-bob-4711", caller=None)
    story.ask("list-jobs", caller="bob")
    known = callers(story.entries)
    assert (known.name_of(nobody), known.name_of(bare), known.name_of(log_in)) == (None, "alice", "bob")
    assert known.name_of(refused) is None
    assert known.log_in_of(story.entries[-1]) == LogIn(log_in, 3600.0)
    assert "4711" not in repr(known)


def test_a_chain_ends_with_an_answer() -> None:
    """Each begins with a failure; what was never answered is one as well."""
    story = Story()
    for status in (200, 500, 503, 200, 200, 429, 200, 500):
        story.ask("list-jobs", status)
    found = list(chains((identity(entry, "alice"), entry) for entry in story.entries))
    assert [[entry.number for entry in chain] for chain in found] == [[2, 3, 4], [6, 7], [8]]
    assert [retry.pause_s for retry in retries(found[0])] == [pytest.approx(2.0), pytest.approx(2.0)]
    assert [retry.asked_s for retry in retries(found[0])] == [None, None]
