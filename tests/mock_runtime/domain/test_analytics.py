"""Sums of what was used: over all, by groups, by dates."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mock_runtime.domain.analytics import (
    DAY_S,
    MOST_PARTS,
    Entry,
    Key,
    Part,
    Selection,
    Sums,
    Tally,
    grouped,
    grouped_by_date,
    parts,
)
from mock_runtime.domain.sessions import Mode

NOON = 20_000.5 * DAY_S
JOB = Entry(instance="crn-1", backend="ibm_fez", user="alice", plan="open", subscription="s-1", at=NOON)
SESSION = replace(JOB, session="S", mode=Mode.DEDICATED, is_job=False)


def in_session(usage_s: float, session: str = "S", mode: Mode = Mode.DEDICATED) -> Entry:
    """A job of a session."""
    return replace(JOB, session=session, mode=mode, usage_s=usage_s)


def test_nothing_comes_to_nothing() -> None:
    """Everything is zero, and no average divides by it."""
    nothing = Tally(0, 0.0, 0.0, 0.0)
    assert Sums.of([]) == Sums(
        jobs=nothing, sessions=nothing, batches=nothing, dedicated=nothing, individual=nothing, waits=nothing
    )


def test_a_tally_counts_adds_averages_and_finds_the_most() -> None:
    """Of one, three and two seconds."""
    assert Tally.of([1.0, 3.0, 2.0]) == Tally(3, 6.0, 2.0, 3.0)


def test_jobs_alone_are_individual_ones() -> None:
    """They count as jobs, and not as sessions."""
    sums = Sums.of([replace(JOB, usage_s=2.0), replace(JOB, usage_s=4.0)])
    assert sums.jobs == sums.individual == Tally(2, 6.0, 3.0, 4.0)
    assert sums.sessions == Tally()


def test_a_session_uses_what_its_jobs_use() -> None:
    """Two sessions of which one has two jobs, and a batch."""
    sums = Sums.of([SESSION, in_session(1.0), in_session(2.0), in_session(9.0, "T"), in_session(5.0, "B", Mode.BATCH)])
    assert sums.jobs == Tally(4, 17.0, 4.25, 9.0)
    assert sums.sessions == Tally(3, 17.0, 17 / 3, 9.0)
    assert sums.dedicated == Tally(2, 12.0, 6.0, 9.0)
    assert sums.batches == Tally(1, 5.0, 5.0, 5.0)
    assert sums.individual == Tally()


def test_a_session_without_jobs_is_one_that_has_used_nothing() -> None:
    """It is counted, and is no job."""
    sums = Sums.of([SESSION])
    assert sums.sessions == sums.dedicated == Tally(1)
    assert sums.jobs == Tally()


def test_times_in_the_queue_are_those_of_jobs_that_have_left_it() -> None:
    """A job that waits has no such time yet; one that did not wait has one of zero."""
    sums = Sums.of([replace(JOB, queue_s=None), replace(JOB, queue_s=0.0), replace(JOB, queue_s=3.0)])
    assert sums.waits == Tally(2, 3.0, 1.5, 3.0)


def test_groups_come_in_the_order_of_their_keys() -> None:
    """Each has the sums of its own entries."""
    entries = [replace(JOB, backend="b", usage_s=1.0), replace(JOB, backend="a"), replace(JOB, backend="b")]
    found = grouped(entries, Key.BACKEND)
    numbers = [(name, sums.jobs.number, sums.jobs.total_s) for name, sums in found.items()]
    assert numbers == [
        ("a", 1, 0.0),
        ("b", 2, 1.0),
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (Key.INSTANCE, "crn-1"),
        (Key.BACKEND, "ibm_fez"),
        (Key.USER, "alice"),
        (Key.PLAN, "open"),
        (Key.SUBSCRIPTION, "s-1"),
    ],
)
def test_each_key_has_its_value_and_selects_by_it(key: Key, value: str) -> None:
    """A wanted value lets through, another one does not, and none at all is no condition."""
    assert list(grouped([JOB], key)) == [value]
    assert Selection(wanted=((key, frozenset({value, "other"})),)).admits(JOB)
    assert not Selection(wanted=((key, frozenset({"other"})),)).admits(JOB)
    assert Selection(wanted=((key, frozenset()),)).admits(JOB)


def test_all_conditions_have_to_hold() -> None:
    """One that does not is enough."""
    good, bad = (Key.USER, frozenset({"alice"})), (Key.PLAN, frozenset({"other"}))
    assert not Selection(wanted=(good, bad)).admits(JOB)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (NOON, NOON, True),
        (-math.inf, math.inf, True),
        (NOON + 1e-3, math.inf, False),
        (-math.inf, NOON - 1e-3, False),
        (NOON + 1, NOON - 1, False),
    ],
)
def test_both_ends_of_an_interval_are_within_it(start: float, end: float, expected: bool) -> None:
    """So that what is created at the very instant of a question is counted."""
    assert Selection(start=start, end=end).admits(JOB) is expected


def test_simulators_can_be_left_out() -> None:
    """They count unless somebody says otherwise."""
    simulated = replace(JOB, simulator=True)
    assert Selection().admits(simulated)
    assert not Selection(simulators=False).admits(simulated)
    assert Selection(simulators=False).admits(JOB)


def test_an_interval_is_cut_at_midnight() -> None:
    """From noon to the evening after the next day: three parts, of which the second is a whole day."""
    day = 20_000 * DAY_S
    assert parts(NOON, NOON + 2.25 * DAY_S) == [
        Part(NOON, day + DAY_S),
        Part(day + DAY_S, day + 2.0 * DAY_S),
        Part(day + 2.0 * DAY_S, NOON + 2.25 * DAY_S),
    ]


def test_an_interval_from_midnight_to_midnight_has_no_empty_part() -> None:
    """Two days are two parts."""
    day = 20_000.0 * DAY_S
    assert parts(day, day + 2 * DAY_S) == [Part(day, day + DAY_S), Part(day + DAY_S, day + 2 * DAY_S)]


@pytest.mark.parametrize("at", [NOON, 20_000.0 * DAY_S, 0.0, -1.5])
def test_an_instant_is_an_interval_of_one_part(at: float) -> None:
    """Also at midnight, and before 1970."""
    assert parts(at, at) == [Part(at, at)]


def test_an_interval_that_ends_before_it_begins_has_no_parts() -> None:
    """And no sums."""
    assert parts(NOON, NOON - 1) == []
    assert grouped_by_date([JOB], Key.INSTANCE, start=NOON, end=NOON - 1) == []


@pytest.mark.parametrize("days", [1, MOST_PARTS, MOST_PARTS + 1, 3_652_059])
def test_a_long_interval_has_parts_of_several_days(days: int) -> None:
    """There are never more than a year of them; they are without gaps and end with the interval."""
    found = parts(0.0, float(days * DAY_S))
    assert 1 <= len(found) <= MOST_PARTS
    assert [part.end for part in found[:-1]] == [part.start for part in found[1:]]
    assert (found[0].start, found[-1].end) == (0.0, float(days * DAY_S))


def test_sums_by_date_have_every_day_of_every_group() -> None:
    """Zero where there was nothing; a group that has nothing in the whole interval is not there."""
    entries = [
        replace(JOB, usage_s=2.0),
        replace(JOB, usage_s=3.0, at=NOON + 2 * DAY_S),
        replace(JOB, instance="crn-0", at=NOON + DAY_S),
        replace(JOB, instance="crn-9", at=NOON - 1),
    ]
    found = grouped_by_date(entries, Key.INSTANCE, start=NOON, end=NOON + 2 * DAY_S)
    assert [(row.key, row.sums.jobs.number, row.sums.jobs.total_s) for row in found] == [
        ("crn-0", 0, 0.0),
        ("crn-0", 1, 0.0),
        ("crn-0", 0, 0.0),
        ("crn-1", 1, 2.0),
        ("crn-1", 0, 0.0),
        ("crn-1", 1, 3.0),
    ]


def test_what_falls_on_midnight_belongs_to_the_day_that_begins() -> None:
    """But for the end of the interval, which is within its last part."""
    day = 20_000.0 * DAY_S
    entries = [replace(JOB, at=day + DAY_S), replace(JOB, at=day + 2 * DAY_S)]
    found = grouped_by_date(entries, Key.INSTANCE, start=day, end=day + 2 * DAY_S)
    assert [row.sums.jobs.number for row in found] == [0, 2]


def test_days_add_up_to_the_whole() -> None:
    """Whatever is counted in an interval is counted on one of its days."""
    entries = [in_session(float(n), f"S{n % 3}") for n in range(40)]
    entries = [replace(entry, at=NOON + n * 7_777.7) for n, entry in enumerate(entries)]
    rows = grouped_by_date(entries, Key.INSTANCE, start=NOON, end=entries[-1].at)
    assert sum(row.sums.jobs.number for row in rows) == 40
    assert math.fsum(row.sums.sessions.total_s for row in rows) == Sums.of(entries).sessions.total_s
