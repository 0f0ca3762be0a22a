"""What is true of every job, whatever happens to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import assume, given
from hypothesis import strategies as st

from mock_runtime.domain.errors import JobAlreadyFinal
from mock_runtime.domain.jobs import Job, Length, Poll, Polls, Replan, Seconds, State, Status, Timeline
from tests.mock_runtime.domain.jobs_by_hand import T0, job_with

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody polls."""

    kind: Poll


@dataclass(frozen=True, slots=True)
class Cancel:
    """Somebody asks to cancel."""


Event: TypeAlias = Look | Cancel | Replan
ORDER = {Status.QUEUED: 0, Status.RUNNING: 1} | {status: 2 for status in Status if status.is_final}

instants = st.floats(0, 50).map(lambda s: round(s, 3))
lengths: st.SearchStrategy[Length] = st.one_of(
    instants.map(Seconds), st.just(Seconds(math.inf)), st.integers(0, 4).map(Polls)
)
timelines = st.builds(
    Timeline,
    queue=lengths,
    run=lengths,
    ending=st.sampled_from([status for status in Status if status.is_final]),
    limit_s=st.one_of(st.just(math.inf), instants),
    cancel_lag_s=instants,
)
replans = st.builds(
    Replan,
    queue=st.none() | lengths,
    run=st.none() | lengths,
    ending=st.none() | st.sampled_from([status for status in Status if status.is_final]),
    cancel_lag_s=st.none() | instants,
)
jobs = timelines.map(
    lambda t: job_with(queue=t.queue, run=t.run, ending=t.ending, limit_s=t.limit_s, cancel_lag_s=t.cancel_lag_s)
)
events: st.SearchStrategy[Event] = st.one_of(st.sampled_from(Poll).map(Look), st.just(Cancel()), replans)
histories = st.lists(st.tuples(instants, events), max_size=12).map(
    lambda pairs: sorted(((T0 + at, event) for at, event in pairs), key=lambda pair: pair[0])
)


def after(job: Job, event: Event, now: float) -> Job:
    """The job after an event, unchanged if the event is refused."""
    try:
        match event:
            case Look(kind):
                return job.looked_at(kind, now)
            case Cancel():
                return job.cancelled(now)
            case Replan():
                return job.replanned(event, now)
    except JobAlreadyFinal:
        return job


def lived(job: Job, history: Sequence[tuple[float, Event]]) -> list[tuple[float, State]]:
    """The states that are seen before and after each event of a history."""
    seen = []
    for now, event in history:
        seen.append((now, job.state_at(now)))
        job = after(job, event, now)
        seen.append((now, job.state_at(now)))
    seen.append((T0 + 100, job.state_at(T0 + 100)))
    return seen


@given(jobs, histories)
def test_a_status_never_goes_back(job: Job, history: list[tuple[float, Event]]) -> None:
    """Queued comes before running, and running before every end."""
    ranks = [ORDER[state.status] for _, state in lived(job, history)]
    assert ranks == sorted(ranks)


@given(jobs, histories)
def test_a_final_state_absorbs_everything(job: Job, history: list[tuple[float, Event]]) -> None:
    """Once final, a job keeps its status, its start and its end, whatever is asked of it."""
    finals = [state for _, state in lived(job, history) if state.status.is_final]
    assert all(state == finals[0] for state in finals)


@given(jobs, st.lists(instants, min_size=2, max_size=8))
def test_state_at_is_pure(job: Job, moments: list[float]) -> None:
    """Looking a state up in any order, any number of times, gives the same states and leaves the job as it was."""
    untouched = repr(job)
    forwards = {moment: job.state_at(T0 + moment) for moment in moments}
    backwards = {moment: job.state_at(T0 + moment) for moment in reversed(moments)}
    assert forwards == backwards
    assert repr(job) == untouched


@given(jobs, histories)
def test_times_of_a_state_are_in_order(job: Job, history: list[tuple[float, Event]]) -> None:
    """A job starts after it was submitted, ends after it started, and neither lies in the future."""
    for now, state in lived(job, history):
        times = [T0, *(time for time in (state.started_at, state.ended_at) if time is not None), now]
        assert times == sorted(times)
        assert (state.ended_at is not None) is state.status.is_final


@given(jobs, instants)
def test_cancelling_is_possible_exactly_while_a_job_is_not_final(job: Job, moment: float) -> None:
    """It is refused at the end and only there, and takes effect no later than its lag says."""
    now = T0 + moment
    if job.state_at(now).status.is_final:
        assert after(job, Cancel(), now) is job
    else:
        lag_s = job.timeline.cancel_lag_s
        later = job.cancelled(now)
        assert later.state_at(now + lag_s).status.is_final
        assert later.state_at(now).status.is_final is (lag_s == 0)


@given(jobs, replans, instants)
def test_replanning_does_not_move_a_job_at_that_instant(job: Job, change: Replan, moment: float) -> None:
    """A change with some length to it changes what will be, not what is."""
    now = T0 + moment
    assume(not job.state_at(now).status.is_final)
    assume(change.queue not in {Seconds(0.0), Polls(0)})
    assume(change.run not in {Seconds(0.0), Polls(0)})
    assume(job.timeline.limit_s == math.inf)
    assert job.replanned(change, now).state_at(now) == job.state_at(now)


orders = st.integers(0, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@given(orders, st.data())
def test_n_polls_are_n_answers_that_are_not_final(order: tuple[int, int], data: st.DataObject) -> None:
    """Whatever looks of the other kind come in between, as long as they are fewer."""
    n, in_queue = order
    kind = data.draw(st.sampled_from(Poll))
    other = next(each for each in Poll if each is not kind)
    looks = data.draw(st.permutations([kind] * (n + 1) + [other] * data.draw(st.integers(0, max(0, n - 1)))))
    job, not_final = job_with(queue=Polls(in_queue), run=Polls(n - in_queue)), 0
    for step, look in enumerate(looks):
        now = T0 + step
        not_final += look is kind and not job.state_at(now).status.is_final
        job = job.looked_at(look, now)
    assert not_final == n
    assert job.state_at(T0 + len(looks)).status is Status.COMPLETED


@given(orders, st.sampled_from(Poll))
def test_polls_of_one_kind_end_the_queue_where_it_was_ordered(order: tuple[int, int], kind: Poll) -> None:
    """The first so many answers are queued, the rest running."""
    n, in_queue = order
    job, seen = job_with(queue=Polls(in_queue), run=Polls(n - in_queue)), []
    for _ in range(n + 1):
        seen.append(job.state_at(T0).status)
        job = job.looked_at(kind, T0)
    assert seen == [Status.QUEUED] * in_queue + [Status.RUNNING] * (n - in_queue) + [Status.COMPLETED]
