"""The journal keeps the newest exchanges, within its bounds, and finds them again."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.journal import Entry, Journal
from tests.mock_runtime.journal.stories import Story


def numbers(entries: list[Entry]) -> list[int]:
    """The numbers of entries."""
    return [entry.number for entry in entries]


@pytest.fixture
def story() -> Story:
    """A job of alice's that is polled three times, a refused submission of bob's, and a request for nothing."""
    story = Story()
    story.log_in()
    story.submit("job-1", session="s-1")
    story.look(204)
    story.look(503, faults=("storm",), backend="ibm_fez")
    story.look(200)
    story.submit(None, 400, caller="bob")
    story.ask(None, 404, path="/api/v1/nothing/here", caller="bob")
    return story


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"operation": "submit-job"}, [2, 6]),
        ({"operation": "create_job"}, [2, 6]),
        ({"operation": ["log-in", "get-results"]}, [1, 3, 4, 5]),
        ({"job": "job-1"}, [2, 3, 4, 5]),
        ({"job": "another"}, []),
        ({"job": SimpleNamespace(id="job-1")}, [2, 3, 4, 5]),
        ({"job": SimpleNamespace(job_id=lambda: "job-1")}, [2, 3, 4, 5]),
        ({"session": SimpleNamespace(session_id="s-1")}, [2]),
        ({"backend": SimpleNamespace(name="ibm_fez")}, [4]),
        ({"caller": "bob"}, [6, 7]),
        ({"status": 204}, [3]),
        ({"status": "4xx"}, [6, 7]),
        ({"status": range(500, 600)}, [4]),
        ({"status": {200, 204}, "job": "job-1"}, [2, 3, 5]),
        ({"method": "post"}, [1, 2, 6]),
        ({"path": "/api/v1/jobs/*"}, [3, 4, 5]),
        ({"path": "/api/v1/nothing/?ere"}, [7]),
        ({"since": 5}, [6, 7]),
        ({"after": 5}, [6, 7]),
        ({"job": "job-1", "after": 3}, [4, 5]),
        ({"fault": "storm"}, [4]),
        ({"fault": "another"}, []),
        ({"fault": True}, [4]),
        ({"fault": False, "job": "job-1"}, [2, 3, 5]),
        ({"limit": 2}, [6, 7]),
        ({"limit": 0}, []),
        ({"limit": 99, "method": "POST"}, [1, 2, 6]),
        ({"job": None, "status": None, "limit": None}, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_entries_are_chosen_by_filters(story: Story, filters: dict[str, Any], expected: list[int]) -> None:
    """Each filter narrows, and an object with an id stands for it."""
    assert numbers(story.journal().entries(**filters)) == expected


@pytest.mark.parametrize(
    ("filters", "error", "message"),
    [
        ({"jobs": "job-1"}, TypeError, "'jobs' is nothing to choose entries by; there is after, backend, caller"),
        ({"job": 7}, TypeError, "job: expected an id, or an object with job_id or id; found int"),
        ({"session": object()}, TypeError, "session: expected an id, or an object with session_id or id; found object"),
        ({"status": "40x"}, ValueError, "status: expected a number such as 204"),
        ({"limit": -1}, ValueError, "limit: expected a number of 0 or more, found -1"),
        ({"since": True}, ValueError, "since: expected a number of 0 or more, found True"),
    ],
)
def test_a_filter_that_is_none_is_refused(filters: dict[str, Any], error: type[Exception], message: str) -> None:
    """The error says what was wrong and what there is."""
    with pytest.raises(error, match=message):
        Journal().entries(**filters)


def test_a_journal_has_a_length_and_can_be_gone_through(story: Story) -> None:
    """It is a collection, in the order of numbers, and its repr shows no exchange."""
    journal = story.journal()
    assert len(journal) == 7
    assert numbers(list(journal)) == [1, 2, 3, 4, 5, 6, 7]
    assert repr(journal) == "<Journal of 7 exchanges>"


def test_entries_come_in_the_order_of_their_numbers() -> None:
    """Exchanges end in another order than they begin."""
    story = Story()
    for number in (2, 3, 1):
        story.look(number=number)
    journal = story.journal()
    assert numbers(journal.entries()) == [1, 2, 3]
    assert numbers(journal.entries(limit=1)) == [3]
    assert numbers(journal.entries(after=2)) == [1]


def test_the_oldest_exchanges_are_forgotten() -> None:
    """The ring keeps so many, says how many are gone, and finds those of a job among what is left."""
    story = Story()
    for number in range(1, 26):
        story.look(job=f"job-{number % 3}")
    journal = story.journal(most_entries=10)
    assert numbers(journal.entries()) == list(range(16, 26))
    assert (len(journal), journal.dropped, journal.position) == (10, 15, 25)
    assert numbers(journal.entries(job="job-1")) == [16, 19, 22, 25]
    assert journal.entries(job="job-1", after=20) == journal.entries(job="job-1", since=20)


def test_a_job_of_which_all_is_forgotten_is_unknown() -> None:
    """Nothing is kept of it."""
    story = Story()
    story.submit("old")
    for _ in range(5):
        story.ask("list-jobs")
    journal = story.journal(most_entries=3)
    assert journal.entries(job="old") == []
    assert journal._by_job == {}


def test_the_oldest_bodies_go_first() -> None:
    """Exchanges stay when their bodies are too many bytes, and their sizes are still told."""
    story = Story()
    for _ in range(10):
        story.submit(body=b"x" * 1000, answer=b"y" * 1000)
    journal = story.journal(most_bytes=10_000)
    kept = [len(entry.request_body) + len(entry.answer_body) for entry in journal.entries()]
    assert len(kept) == 10
    assert kept == sorted(kept)
    assert 0 < sum(kept) <= journal.bytes_kept <= 10_000
    assert journal.bodies_dropped == kept.count(0)
    assert journal.dropped == 0
    assert {entry.request_size for entry in journal.entries()} == {1000}


def test_headers_count_as_well() -> None:
    """Endless headers do not get around the bound: where there are no bodies to drop, exchanges go."""
    story = Story()
    for _ in range(50):
        story.look(headers={"X-Long": "x" * 1000})
    journal = story.journal(most_bytes=10_000)
    assert journal.bytes_kept <= 10_000
    assert journal.dropped == 50 - len(journal) > 0
    assert journal.entries()[-1].number == 50


def test_the_newest_exchange_is_kept_however_large() -> None:
    """A bound that is too small for one exchange leaves that one."""
    story = Story()
    story.look()
    story.look(headers={"X-Long": "x" * 1000})
    journal = story.journal(most_bytes=10)
    assert numbers(journal.entries()) == [2]


def test_all_is_let_go_of_with_its_weight() -> None:
    """A journal that forgot everything weighs nothing."""
    story = Story()
    for _ in range(20):
        story.submit(answer=b"z" * 100)
    journal = story.journal(most_entries=5)
    journal.clear()
    assert (journal.bytes_kept, len(journal), journal.entries()) == (0, 0, [])
    journal.add(story.entries[0])
    journal.add(story.entries[1])
    journal._forget()
    journal._forget()
    assert journal.bytes_kept == 0


def test_a_long_body_is_kept_by_its_beginning() -> None:
    """What is kept of a body is bounded."""
    journal = Journal(longest_body=4)
    assert (journal.kept(b"1234"), journal.kept(b"12345")) == (b"1234", b"1234")


def test_numbers_count_the_requests() -> None:
    """They begin with 1, and go on after `clear`."""
    journal = Journal()
    assert [journal.begin()[0], journal.begin()[0]] == [1, 2]
    journal.clear()
    assert journal.begin()[0] == 3


def test_what_began_before_the_journal_was_emptied_is_not_in_it() -> None:
    """Its number may be another's by now, and what it was about is gone."""
    story = Story()
    entry = story.submit()
    journal = Journal()
    kept = journal.snapshot()
    for forget in (journal.clear, lambda: journal.rollback(kept)):
        number, era = journal.begin()
        journal.add(replace(entry, number=number), era=era)
        assert len(journal) == 1
        late, era = journal.begin()
        forget()
        journal.add(replace(entry, number=late), era=era)
        assert journal.entries() == []
    assert journal.begin()[0] == 1


def test_a_journal_without_room_is_refused() -> None:
    """There is at least one exchange in it."""
    with pytest.raises(ValueError, match="most_entries: expected a number of 1 or more, found 0"):
        Journal(most_entries=0)


def test_rollback_goes_back_to_a_snapshot(story: Story) -> None:
    """The exchanges, the next number and the counts are those of then; the position goes on."""
    journal = Journal(most_entries=3)
    for entry in story.entries[:4]:
        journal.begin()
        journal.add(entry)
    snapshot = journal.snapshot()
    before = journal.entries()
    for entry in story.entries[4:]:
        journal.add(replace(entry, number=journal.begin()[0]))
    position = journal.position
    journal.rollback(snapshot)
    assert journal.entries() == before
    assert (journal.dropped, journal.bodies_dropped) == (1, 0)
    assert journal.begin()[0] == 5
    assert journal.entries(after=position) == before
    assert numbers(journal.entries(job="job-1")) == [2, 3, 4]
    assert "job-1" not in repr(snapshot)


@given(
    most_entries=st.integers(1, 12),
    most_bytes=st.integers(0, 4000),
    sizes=st.lists(st.tuples(st.sampled_from([None, "a", "b"]), st.integers(0, 900)), max_size=40),
)
def test_bounds_hold_whatever_comes(most_entries: int, most_bytes: int, sizes: list[tuple[str | None, int]]) -> None:
    """What is kept is the end of what came, and the index by jobs is that of what is kept."""
    story = Story()
    journal = Journal(most_entries=most_entries, most_bytes=most_bytes)
    for job, size in sizes:
        journal.add(story.submit(job, body=b"x" * size))
    kept = journal.entries()
    assert numbers(kept) == [entry.number for entry in story.entries[len(story.entries) - len(kept) :]]
    assert len(kept) <= most_entries
    assert len(kept) + journal.dropped == len(sizes)
    assert journal.bytes_kept <= most_bytes or len(kept) == 1
    for job in ("a", "b"):
        assert journal.entries(job=job) == [entry for entry in kept if entry.job == job]
    bodies = [bool(entry.request_body) for entry in kept if entry.request_size]
    assert bodies == sorted(bodies)


def test_many_threads_write_at_once() -> None:
    """No number is given twice and no exchange is lost while others read."""
    journal = Journal(most_entries=500)
    entry = Story().look()

    def work() -> None:
        for _ in range(500):
            journal.add(replace(entry, number=journal.begin()[0]))
            journal.entries(job="job-1", limit=1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.begin()[0] == 2001
    assert (len(journal), journal.dropped, journal.position) == (500, 1500, 2000)
    assert len({entry.number for entry in journal}) == 500
