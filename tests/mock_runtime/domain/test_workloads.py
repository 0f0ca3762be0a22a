"""Workloads: how far they are, which are meant, and pages of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_runtime.domain.jobs import Status
from mock_runtime.domain.sessions import Mode, Session, Span
from mock_runtime.domain.workloads import Criteria, Kind, Position, Progress, Window, Workload, page

T0 = 1_790_000_000.0
WORK = Workload(
    id="d1bchgmo6sec",
    number=1,
    kind=Kind.JOB,
    progress=Progress.COMPLETED,
    created_at=T0,
    backend="ibm_fez",
    instance="crn",
    user="alice",
    tags=("bell", "Nightly"),
)
SESSION = Session(
    id="s", number=2, owner="crn", user="alice", mode=Mode.BATCH, backend="ibm_fez", created_at=T0, max_ttl_s=600
)


def some(count: int, *, apart_s: float = 1.0) -> list[Workload]:
    """Workloads that were created one after the other."""
    return [replace(WORK, id=f"w{n}", number=n, created_at=T0 + n * apart_s) for n in range(count)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.QUEUED, "pending"),
        (Status.RUNNING, "in_progress"),
        (Status.COMPLETED, "completed"),
        (Status.FAILED, "failed"),
        (Status.CANCELLED, "canceled"),
        (Status.RAN_TOO_LONG, "canceled"),
    ],
)
def test_every_state_of_a_job_is_one_of_a_workload(status: Status, expected: str) -> None:
    """None is left out."""
    assert Progress.of_job(status) == expected


def test_a_session_is_pending_then_at_work_then_over() -> None:
    """It is at work between its jobs as well."""
    span = Span(T0, T0 + 1, T0 + 2)
    assert Progress.of_session(SESSION.life_at(T0, [])) is Progress.PENDING
    assert Progress.of_session(SESSION.life_at(T0 + 1.5, [span])) is Progress.IN_PROGRESS
    assert Progress.of_session(SESSION.life_at(T0 + 100, [span])) is Progress.IN_PROGRESS
    assert Progress.of_session(SESSION.life_at(T0 + 601, [span])) is Progress.COMPLETED


def test_a_session_that_was_closed_at_once_is_cancelled() -> None:
    """One that only takes no more jobs is completed in the end."""
    assert Progress.of_session(SESSION.cancelled(T0 + 1).life_at(T0 + 1, [])) is Progress.CANCELLED
    stopped = SESSION.accepting(False, T0 + 1)
    assert Progress.of_session(stopped.life_at(T0 + 1, [])) is Progress.COMPLETED


def test_batches_and_sessions_are_told_apart() -> None:
    """By their mode."""
    assert (Kind.of(Mode.BATCH), Kind.of(Mode.DEDICATED)) == (Kind.BATCH, Kind.SESSION)


@pytest.mark.parametrize("text", ["1BCH", "fez", "BELL", "night", ""])
def test_a_search_looks_at_id_backend_and_tags(text: str) -> None:
    """Whatever the case, and anywhere in them."""
    assert WORK.mentions(text)


def test_a_search_looks_at_nothing_else() -> None:
    """The user is found by another parameter."""
    assert not WORK.mentions("alice")


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (Criteria(), True),
        (Criteria(user="alice"), True),
        (Criteria(user="bob"), False),
        (Criteria(backend="ibm_fez"), True),
        (Criteria(backend="ibm_f"), False),
        (Criteria(search="x"), False),
        (Criteria(progress=frozenset({Progress.FAILED, Progress.COMPLETED})), True),
        (Criteria(progress=frozenset({Progress.FAILED})), False),
        (Criteria(kind=Kind.JOB), True),
        (Criteria(kind=Kind.BATCH), False),
        (Criteria(created_after=T0, created_before=T0), True),
        (Criteria(created_after=T0 + 1e-6), False),
        (Criteria(created_before=T0 - 1e-6), False),
        (Criteria(tags=frozenset({"bell", "Nightly"})), True),
        (Criteria(tags=frozenset({"bell", "other"})), False),
        (Criteria(user="alice", backend="other"), False),
    ],
)
def test_every_condition_counts(criteria: Criteria, expected: bool) -> None:
    """Those that are None, or empty, let everything through."""
    assert criteria.admits(WORK) is expected


def test_an_instant_finds_what_was_created_at_it() -> None:
    """To the microsecond to which it is shown, whatever the binary fraction behind it."""
    work = replace(WORK, created_at=T0 + 0.1234564)
    assert Criteria(created_after=T0 + 0.123456, created_before=T0 + 0.123456).admits(work)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("apart_s", [1.0, 1e-3, 0.0])
@pytest.mark.parametrize("limit", [1, 3, 7, 50])
def test_pages_forwards_and_backwards_visit_each_once(descending: bool, apart_s: float, limit: int) -> None:
    """Also where all were created at one instant."""
    have = some(7, apart_s=apart_s)
    order = [work.id for work in (reversed(have) if descending else have)]
    window = Window(limit=limit, descending=descending)
    forwards, last = [], page(have, window)
    forwards += [work.id for work in last.workloads]
    while last.next is not None:
        last = page(have, replace(window, after=last.next))
        forwards += [work.id for work in last.workloads]
    assert forwards == order
    backwards = [work.id for work in last.workloads]
    while last.previous is not None:
        last = page(have, replace(window, before=last.previous))
        backwards = [work.id for work in last.workloads] + backwards
    assert backwards == order


def test_what_arrives_between_two_pages_is_met_once() -> None:
    """Oldest first it comes at the end, and newest first it is not met at all; nothing else is moved."""
    first = page(some(4), Window(limit=2))
    assert first.next is not None
    assert [work.id for work in page(some(6), Window(limit=9, after=first.next)).workloads] == ["w2", "w3", "w4", "w5"]
    newest = page(some(4), Window(limit=2, descending=True))
    assert newest.next is not None
    onward = page(some(6), Window(limit=9, descending=True, after=newest.next))
    assert [work.id for work in onward.workloads] == ["w1", "w0"]


def test_what_goes_between_two_pages_takes_nothing_with_it() -> None:
    """A place stays one when the workload that stood there is deleted."""
    first = page(some(4), Window(limit=2))
    left = [work for work in some(4) if work.id != "w1"]
    assert [work.id for work in page(left, Window(limit=9, after=first.next)).workloads] == ["w2", "w3"]


def test_a_page_counts_all_and_says_where_it_goes_on() -> None:
    """In the middle in both directions."""
    have = some(5)
    found = page(have, Window(limit=2, after=have[0].position))
    assert found.total == 5
    assert (found.previous, found.next) == (have[1].position, have[2].position)


def test_a_page_with_all_leads_nowhere() -> None:
    """There is neither a page before nor one after it."""
    found = page(some(3), Window(limit=3))
    assert (len(found.workloads), found.previous, found.next) == (3, None, None)


@pytest.mark.parametrize(
    "window", [Window(limit=5, after=Position(10**18 - 1, 0)), Window(limit=5, before=Position(0, 0))]
)
def test_beyond_the_ends_there_is_nothing(window: Window) -> None:
    """An empty page leads nowhere."""
    found = page(some(3), window)
    assert (list(found.workloads), found.total, found.previous, found.next) == ([], 3, None, None)


def test_with_both_cursors_a_page_lies_between_them() -> None:
    """The first ones of those."""
    have = some(9)
    found = page(have, Window(limit=2, after=have[2].position, before=have[7].position))
    assert [work.id for work in found.workloads] == ["w3", "w4"]
