"""What is to come of a job if nobody interferes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_runtime.domain.foresight import Foresight, Outlook, Unforeseen, outlook, when
from mock_runtime.domain.jobs import AT_ONCE, FOR_EVER, Job, Length, Poll, Polls, Seconds, Status, Timeline, Window
from mock_runtime.domain.results import Output
from tests.mock_runtime.domain.jobs_by_hand import T0, job_with

POLLS, COMPUTATION = Unforeseen.POLLS, Unforeseen.COMPUTATION


def being_computed(job: Job) -> Job:
    """The same job without an output yet."""
    return replace(job, output=None)


@pytest.mark.parametrize(
    ("job", "running", "completed", "failed", "cancelled", "ran_too_long"),
    [
        (job_with(), T0 + 1, T0 + 3, None, None, None),
        (job_with(ending=Status.FAILED), T0 + 1, None, T0 + 3, None, None),
        (job_with(queue=AT_ONCE, run=AT_ONCE), None, T0, None, None, None),
        (job_with(run=AT_ONCE), None, T0 + 1, None, None, None),
        (job_with(queue=FOR_EVER), None, None, None, None, None),
        (job_with(run=FOR_EVER), T0 + 1, None, None, None, None),
        (job_with(run=FOR_EVER, limit_s=5.0), T0 + 1, None, None, None, T0 + 6),
        (job_with().cancelled(T0), None, None, None, T0, None),
        (job_with(cancel_lag_s=2.0).cancelled(T0), T0 + 1, None, None, T0 + 2, None),
        (replace(job_with(), held=(Window(T0, T0 + 9),)), T0 + 9, T0 + 11, None, None, None),
        (replace(job_with(), held=(Window(T0, math.inf),)), None, None, None, None, None),
        (job_with(queue=Polls(2)), POLLS, POLLS, None, None, None),
        (job_with(run=Polls(2)), T0 + 1, POLLS, None, None, None),
        (job_with(queue=Polls(1), run=AT_ONCE), None, POLLS, None, None, None),
        (job_with(queue=Polls(2), cancel_lag_s=9.0).cancelled(T0), POLLS, POLLS, None, T0 + 9, None),
        (being_computed(job_with()), T0 + 1, COMPUTATION, COMPUTATION, None, None),
        (being_computed(job_with(run=AT_ONCE)), COMPUTATION, COMPUTATION, COMPUTATION, None, None),
        (being_computed(job_with(limit_s=9.0)), T0 + 1, COMPUTATION, COMPUTATION, None, COMPUTATION),
        (being_computed(job_with(run=FOR_EVER, limit_s=9.0)), T0 + 1, None, None, None, T0 + 10),
        (being_computed(job_with(ending=Status.CANCELLED)), T0 + 1, None, None, COMPUTATION, None),
        (being_computed(job_with(cancel_lag_s=9.0)).cancelled(T0), T0 + 1, *(COMPUTATION,) * 3, None),
        (being_computed(job_with(cancel_lag_s=2.0)).cancelled(T0), T0 + 1, None, None, T0 + 2, None),
        (being_computed(job_with(queue=Polls(1))), POLLS, POLLS, POLLS, None, None),
    ],
)
def test_when_a_job_is_where(
    job: Job, running: Foresight, completed: Foresight, failed: Foresight, cancelled: Foresight, ran_too_long: Foresight
) -> None:
    """An instant, why there is none yet, or never."""
    found = [when(job, status, T0) for status in Status if status is not Status.QUEUED]
    assert found == [running, completed, failed, cancelled, ran_too_long]


def test_where_it_is_it_is_now() -> None:
    """And it neither goes back to the queue nor leaves its end."""
    job = job_with()
    assert [when(job, Status.QUEUED, T0), when(job, Status.QUEUED, T0 + 2)] == [T0, None]
    assert [when(job, Status.RUNNING, T0 + 2), when(job, Status.COMPLETED, T0 + 50)] == [T0 + 2, T0 + 50]
    assert [when(job, Status.RUNNING, T0 + 3), when(job, Status.FAILED, T0 + 3)] == [None, None]


@pytest.mark.parametrize(
    ("job", "now", "expected"),
    [
        (job_with(), T0, Outlook(T0 + 1, T0 + 3, Status.COMPLETED)),
        (job_with(), T0 + 2, Outlook(T0 + 1, T0 + 3, Status.COMPLETED)),
        (job_with(), T0 + 9, Outlook(T0 + 1, T0 + 3, Status.COMPLETED)),
        (job_with().cancelled(T0), T0 + 9, Outlook(None, T0, Status.CANCELLED)),
        (job_with(run=AT_ONCE), T0, Outlook(T0 + 1, T0 + 1, Status.COMPLETED)),
        (job_with(queue=FOR_EVER), T0, Outlook(None, None, Status.COMPLETED)),
        (job_with(queue=Polls(1), run=Polls(1), ending=Status.FAILED), T0, Outlook(POLLS, POLLS, Status.FAILED)),
        (being_computed(job_with(run=Polls(1))), T0, Outlook(T0 + 1, POLLS, Status.COMPLETED)),
        (being_computed(job_with()), T0, Outlook(T0 + 1, COMPUTATION, Status.COMPLETED)),
    ],
)
def test_an_outlook(job: Job, now: float, expected: Outlook) -> None:
    """When it begins and ends, and how."""
    assert outlook(job, now) == expected


lengths: st.SearchStrategy[Length] = st.one_of(
    st.sampled_from([0.0, 1.0, 2.5, math.inf]).map(Seconds), st.integers(0, 3).map(Polls)
)
jobs = st.builds(
    Job,
    id=st.just("j"),
    number=st.just(1),
    owner=st.just("alice"),
    program_id=st.just("p"),
    backend=st.just("b"),
    inputs=st.none(),
    submitted_at=st.just(T0),
    timeline=st.builds(
        Timeline,
        queue=lengths,
        run=lengths,
        ending=st.sampled_from([status for status in Status if status.is_final]),
        limit_s=st.sampled_from([0.5, 2.0, math.inf]),
    ),
    output=st.sampled_from([Output(), None]),
    held=st.sampled_from([(), (Window(T0, T0 + 4),), (Window(T0 + 1, T0 + 2),), (Window(T0 + 0.5, math.inf),)]),
    cancelled_at=st.sampled_from([T0 + 1.5, T0 + 6, math.inf]),
)
LATER = [T0 + step / 4 for step in range(60)]


@settings(deadline=None)
@given(jobs, st.sampled_from(Status), st.sampled_from(LATER))
def test_foresight_is_what_comes(job: Job, status: Status, now: float) -> None:
    """If nobody looks at the job, and its computation does not end."""
    found = when(job, status, now)
    seen = [at for at in LATER if at >= now and job.state_at(at).status is status]
    if isinstance(found, float):
        assert found >= now
        assert job.state_at(found).status is status
        assert not [at for at in seen if at < found]
    elif found is None:
        assert not seen


measured_in_polls = st.builds(
    job_with,
    queue=lengths,
    run=st.integers(0, 3).map(Polls),
    ending=st.sampled_from([status for status in Status if status.is_final]),
    limit_s=st.sampled_from([0.5, math.inf]),
)


@settings(deadline=None)
@given(measured_in_polls)
def test_what_waits_for_polls_comes_with_them(job: Job) -> None:
    """A job that is looked at again and again gets where it was said to get."""
    awaited = {status for status in Status if when(job, status, T0) is Unforeseen.POLLS}
    seen = {job.state_at(T0).status}
    for at in LATER:
        job = job.looked_at(Poll.STATUS, at)
        seen |= {job.state_at(at).status}
    assert awaited <= seen
