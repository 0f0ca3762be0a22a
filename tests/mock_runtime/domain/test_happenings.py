"""What faults and people do to jobs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_runtime.domain import happenings
from mock_runtime.domain.errors import (
    DomainError,
    JobAlreadyFinal,
    JobNotCancelled,
    JobNotCompleted,
    JobNotRunning,
    ResultsGone,
)
from mock_runtime.domain.jobs import AT_ONCE, FOR_EVER, Attempt, Job, Poll, Polls, Seconds, State, Status, Window
from mock_runtime.domain.results import Output, failure
from tests.mock_runtime.domain.jobs_by_hand import T0, job_with

DONE = Output(result=1)
ENDLESS = Window(T0, math.inf)


def test_a_requeued_job_waits_again_and_works_again() -> None:
    """As long as it was to work from the beginning; the attempt is remembered."""
    job = happenings.requeued(job_with(), Seconds(5.0), T0 + 2)
    assert job.state_at(T0 + 2) == State(Status.QUEUED)
    assert job.state_at(T0 + 7) == State(Status.RUNNING, T0 + 7)
    assert job.state_at(T0 + 9) == State(Status.COMPLETED, T0 + 7, T0 + 9)
    assert (job.attempts, job.attempts_s) == ((Attempt(T0 + 1, T0 + 2),), 1.0)


def test_a_requeued_job_counts_its_polls_anew() -> None:
    """Exactly as many answers as were ordered."""
    job = job_with(queue=Polls(1), run=Polls(2))
    for _ in range(2):
        job = job.looked_at(Poll.RESULTS, T0)
    job, seen = happenings.requeued(job, Polls(2), T0), []
    for _ in range(5):
        seen.append(job.state_at(T0).status)
        job = job.looked_at(Poll.RESULTS, T0)
    assert seen == [Status.QUEUED] * 2 + [Status.RUNNING] * 2 + [Status.COMPLETED]


def test_only_a_job_at_work_is_requeued() -> None:
    """What waits, and what is over, stays as it is."""
    with pytest.raises(JobNotRunning, match="is queued"):
        happenings.requeued(job_with(), AT_ONCE, T0)
    with pytest.raises(JobAlreadyFinal):
        happenings.requeued(job_with(), AT_ONCE, T0 + 3)


def test_a_requeued_job_waits_for_its_backend() -> None:
    """Which went away while it ran."""
    job = happenings.requeued(job_with(), Seconds(1.0), T0 + 2, [Window(T0, T0 + 2.5), Window(T0 + 3, T0 + 10)])
    assert job.state_at(T0 + 9.9).status is Status.QUEUED
    assert job.state_at(T0 + 10) == State(Status.RUNNING, T0 + 10)


def test_of_very_many_attempts_some_are_remembered() -> None:
    """The first and the last ones."""
    job = job_with(queue=AT_ONCE, run=FOR_EVER)
    for second in range(100):
        job = happenings.requeued(job, AT_ONCE, T0 + second)
    assert len(job.attempts) == happenings.MOST_ATTEMPTS
    assert job.attempts[0] == Attempt(T0, T0)
    assert job.attempts[-1] == Attempt(T0 + 98, T0 + 99)
    assert job.attempts[1].ended_at == T0 + 100 - happenings.MOST_ATTEMPTS + 1


@pytest.mark.parametrize(("now", "started_at"), [(T0, T0), (T0 + 0.5, T0 + 0.5), (T0 + 1, T0 + 1), (T0 + 2, T0 + 1)])
@pytest.mark.parametrize(("ending", "output"), [(Status.COMPLETED, DONE), (Status.FAILED, failure("E"))])
def test_a_job_can_end_now(now: float, started_at: float, ending: Status, output: Output) -> None:
    """Wherever it stands; one that waited began at that instant."""
    job = happenings.over(job_with(), ending, output, now)
    assert job.state_at(now) == State(ending, started_at, now)
    with pytest.raises(JobAlreadyFinal):
        happenings.over(job, Status.COMPLETED, DONE, now)


@pytest.mark.parametrize(
    "job",
    [
        job_with(queue=FOR_EVER),
        job_with(run=FOR_EVER, limit_s=1e9),
        job_with(queue=Polls(3), run=Polls(3), limit_s=0.5),
        job_with(queue=AT_ONCE, run=Polls(3), limit_s=0.5),
        replace(job_with(), held=(ENDLESS,)),
        job_with(ending=Status.RAN_TOO_LONG),
        job_with(cancel_lag_s=9.0).cancelled(T0),
        job_with(output=Output(error="E"), ending=Status.FAILED),
    ],
)
def test_nothing_holds_back_a_job_that_is_to_end_now(job: Job) -> None:
    """Neither its plan, nor its backend, nor its limit, nor a cancellation that is yet to show."""
    state = happenings.over(job, Status.COMPLETED, DONE, T0 + 0.7).state_at(T0 + 0.7)
    assert (state.status, state.ended_at) == (Status.COMPLETED, T0 + 0.7)


def test_a_job_that_is_to_end_ends_when_it_is_computed() -> None:
    """Until then it is at work; what is computed as a failure fails."""
    job = happenings.over(job_with(), Status.COMPLETED, None, T0 + 0.5)
    assert job.state_at(T0 + 50) == State(Status.RUNNING, T0 + 0.5)
    assert job.computed(DONE, T0 + 60).state_at(T0 + 60) == State(Status.COMPLETED, T0 + 0.5, T0 + 60)
    assert job.computed(failure("E"), T0 + 60).state_at(T0 + 60).status is Status.FAILED
    assert happenings.over(job_with(), Status.COMPLETED, failure("E"), T0).state_at(T0).status is Status.FAILED


@pytest.mark.parametrize(("cancelled_at", "started_at"), [(T0 + 0.5, T0 + 0.5), (T0 + 2, T0 + 1)])
def test_a_job_may_have_outrun_its_cancellation(cancelled_at: float, started_at: float) -> None:
    """It ended where it was seen to end, whenever that turns out."""
    job = happenings.outran_cancel(job_with().cancelled(cancelled_at), DONE, T0 + 40)
    assert job.state_at(T0 + 40) == State(Status.COMPLETED, started_at, cancelled_at)


def test_a_cancellation_that_is_yet_to_show_is_outrun_now() -> None:
    """The job ends at once."""
    job = happenings.outran_cancel(job_with(cancel_lag_s=9.0).cancelled(T0), DONE, T0 + 2)
    assert job.state_at(T0 + 2) == State(Status.COMPLETED, T0 + 1, T0 + 2)


def test_what_outruns_its_cancellation_may_have_to_be_computed() -> None:
    """It is at work until that is done."""
    job = happenings.outran_cancel(job_with().cancelled(T0 + 2), None, T0 + 2)
    assert job.state_at(T0 + 3) == State(Status.RUNNING, T0 + 1)
    assert job.computed(DONE, T0 + 4).state_at(T0 + 4) == State(Status.COMPLETED, T0 + 1, T0 + 4)


@pytest.mark.parametrize(
    ("job", "error"),
    [
        (job_with(), JobNotCancelled),
        (job_with(ending=Status.CANCELLED), JobNotCancelled),
        (job_with(cancel_lag_s=9.0).cancelled(T0), JobAlreadyFinal),
        (job_with(cancel_lag_s=9.0, ending=Status.CANCELLED).cancelled(T0), JobAlreadyFinal),
    ],
)
def test_what_no_cancellation_ended_outruns_none(job: Job, error: type[DomainError]) -> None:
    """It ended by itself, or nobody cancelled it."""
    with pytest.raises(error):
        happenings.outran_cancel(job, DONE, T0 + 5)


def test_a_lost_result_is_gone() -> None:
    """For whoever reads it, though the job is not private; a job that is not completed has none to lose."""
    job = happenings.with_result_lost(job_with(), T0 + 3)
    with pytest.raises(ResultsGone):
        job.read(T0 + 3)
    assert job.state_at(T0 + 3) == job_with().state_at(T0 + 3)
    for other, now in ((job_with(), T0 + 2), (job_with(ending=Status.FAILED), T0 + 3)):
        with pytest.raises(JobNotCompleted):
            happenings.with_result_lost(other, now)


def test_a_result_is_withheld_before_or_after_the_end() -> None:
    """Of a job that ended badly there is nothing to withhold."""
    for now in (T0, T0 + 2, T0 + 3):
        assert happenings.without_result(job_with(), now).withheld
    with pytest.raises(JobAlreadyFinal):
        happenings.without_result(job_with(ending=Status.FAILED), T0 + 3)


def test_a_job_waits_until_its_backend_is_back() -> None:
    """What would have begun before that begins then, and what begins later is not touched."""
    for back, begins in ((T0 + 5, T0 + 5), (T0 + 0.5, T0 + 1)):
        job = happenings.waiting_for_backend(job_with(), [Window(T0, back)], T0)
        assert job.state_at(begins) == State(Status.RUNNING, begins)
        assert job.state_at(begins - 0.1).status is Status.QUEUED


def test_a_job_begins_when_its_backend_comes_back_earlier() -> None:
    """Whatever was said before; and when it goes away again at the same instant, it waits on."""
    held = happenings.waiting_for_backend(job_with(), [ENDLESS], T0)
    back = happenings.waiting_for_backend(held, [], T0 + 7)
    assert back.state_at(T0 + 7) == State(Status.RUNNING, T0 + 7)
    gone = happenings.waiting_for_backend(held, [Window(T0 + 7, T0 + 9)], T0 + 7)
    assert gone.state_at(T0 + 8.9).status is Status.QUEUED
    assert gone.state_at(T0 + 9) == State(Status.RUNNING, T0 + 9)


def test_a_job_that_has_begun_does_not_wait() -> None:
    """Not even one that begins at that very instant."""
    for now in (T0 + 1, T0 + 2, T0 + 3):
        assert happenings.waiting_for_backend(job_with(), [ENDLESS], now) == job_with()


def test_polls_of_a_job_whose_backend_is_away_count_until_its_queue_ends() -> None:
    """More of them do not shorten its work."""
    job = happenings.waiting_for_backend(job_with(queue=Polls(1), run=Polls(2)), [Window(T0, T0 + 5)], T0)
    for _ in range(9):
        job = job.looked_at(Poll.STATUS, T0 + 1)
    assert (job.looks.status, job.state_at(T0 + 4).status) == (1, Status.QUEUED)
    seen = []
    for _ in range(3):
        seen.append(job.state_at(T0 + 5).status)
        job = job.looked_at(Poll.STATUS, T0 + 5)
    assert seen == [Status.RUNNING, Status.RUNNING, Status.COMPLETED]


def test_what_came_back_into_a_closed_session_is_cancelled_then() -> None:
    """Not before it was seen at work."""
    job = happenings.requeued(job_with(), Seconds(9.0), T0 + 2).ended_by_session(T0 + 1.5)
    assert job.state_at(T0 + 2) == State(Status.CANCELLED, None, T0 + 2)


def test_a_deleted_job_leaves_its_attempts() -> None:
    """The books know for how long it was at work."""
    job = happenings.requeued(job_with(), Seconds(9.0), T0 + 2).removed(T0 + 3)
    assert (job.attempts_s, job.state_at(T0 + 3).ended_at, job.inputs) == (1.0, T0 + 3, None)


Event = Callable[[Job, float], Job]
seconds = st.sampled_from([0.0, 0.5, 1.0, 3.0, math.inf])
windows = st.lists(st.tuples(seconds, seconds).map(lambda pair: Window(T0 + pair[0], T0 + pair[0] + pair[1])))
lengths = st.one_of(seconds.map(Seconds), st.integers(0, 3).map(Polls))
outputs = st.sampled_from([None, DONE, failure("E")])
events: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from(Poll).map(lambda kind: lambda job, now: job.looked_at(kind, now)),
    st.booleans().map(lambda at_once: lambda job, now: job.cancelled(now, at_once=at_once)),
    st.sampled_from([DONE, failure("E")]).map(lambda output: lambda job, now: job.computed(output, now)),
    st.tuples(lengths, windows).map(lambda drawn: lambda job, now: happenings.requeued(job, drawn[0], now, drawn[1])),
    windows.map(lambda some: lambda job, now: happenings.waiting_for_backend(job, some, now)),
    outputs.map(lambda output: lambda job, now: happenings.over(job, Status.COMPLETED, output, now)),
    st.just(lambda job, now: happenings.over(job, Status.FAILED, failure("E"), now)),
    outputs.map(lambda output: lambda job, now: happenings.outran_cancel(job, output, now)),
    st.just(happenings.with_result_lost),
    st.just(happenings.without_result),
)
histories = st.lists(st.tuples(st.integers(0, 16).map(lambda quarter: T0 + quarter / 4), events), max_size=15).map(
    lambda pairs: sorted(pairs, key=lambda pair: pair[0])
)
some_jobs = st.builds(
    job_with,
    queue=lengths,
    run=lengths,
    ending=st.sampled_from([status for status in Status if status.is_final]),
    limit_s=st.sampled_from([0.5, 2.0, math.inf]),
    cancel_lag_s=st.sampled_from([0.0, 1.0]),
)


@settings(deadline=None)
@given(some_jobs, st.booleans(), histories)
def test_times_stay_in_order_whatever_happens(job: Job, computed: bool, history: list[tuple[float, Event]]) -> None:
    """No time lies in the future, attempts do not overlap, and nothing takes less than no time."""
    if not computed:
        job = replace(job, output=None)
    for now, event in history:
        before = job.state_at(now)
        try:
            job = event(job, now)
        except DomainError:
            assert job.state_at(now) == before
        state = job.state_at(now)
        attempts = [edge for attempt in job.attempts for edge in (attempt.started_at, attempt.ended_at)]
        own = [edge for edge in (state.started_at, state.ended_at) if edge is not None]
        times = [T0, *attempts, *own, now]
        assert times == sorted(times)
        assert (state.ended_at is not None) is state.status.is_final
        assert job.attempts_s >= 0.0
