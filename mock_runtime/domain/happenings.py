"""What happens to a job beside what its owner does: events that faults, and people at the control plane, bring about.

Each takes a job and the instant, and gives the job as it is from then on. None of them changes what was seen before,
but for a cancellation that was outrun, and a result that is there no longer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from mock_runtime.domain.errors import JobAlreadyFinal, JobNotCancelled, JobNotCompleted, JobNotRunning
from mock_runtime.domain.jobs import Job
from mock_runtime.domain.results import Output
from mock_runtime.domain.timelines import Attempt, Length, Looks, Status, Until, Window, merged, to_come

MOST_ATTEMPTS: Final = 16
"""How many attempts a job remembers: of more, the first and the last ones."""


def waiting_for_backend(job: Job, absences: Iterable[Window], now: float) -> Job:
    """The job after it was learned at `now` when its backend will not work: what waits does not begin then.

    What was known before counts no longer. A job that has begun is left as it is.
    """
    if job.state_at(now).status is not Status.QUEUED:
        return job
    left = job.left_queue_at
    # A job that could have begun before, and has not, was held since then.
    so_far = (Window(left, now),) if left < now else ()
    return replace(job, held=merged((*so_far, *to_come(absences, now))))


def requeued(job: Job, queue: Length, now: float, absences: Iterable[Window] = ()) -> Job:
    """The job after it went back to the queue at `now`, for that length; JobAlreadyFinal, JobNotRunning.

    Then it works for as long as it was to work from the beginning. `absences` are when its backend will not work.
    """
    state = job.unfinished_at(now)
    if state.started_at is None:
        raise JobNotRunning(job.id, state.status)
    attempts = (*job.attempts, Attempt(state.started_at, now))
    return replace(
        job,
        timeline=replace(job.timeline, queue=queue),
        looks=Looks(),
        requeued_at=now,
        attempts=attempts if len(attempts) <= MOST_ATTEMPTS else (attempts[0], *attempts[1 - MOST_ATTEMPTS :]),
        held=to_come(absences, now),
    )


def over(job: Job, ending: Status, output: Output | None, now: float) -> Job:
    """The job after it ended so at `now`, wherever it stood; JobAlreadyFinal.

    One that waited begins at that instant, too. Without an output it ends as soon as that is computed.
    """
    job.unfinished_at(now)
    return _ended(job, ending, output, now)


def outran_cancel(job: Job, output: Output | None, now: float) -> Job:
    """The job, which somebody cancelled, after it turned out that it was done by then.

    It ends where the cancellation ended it, or at `now` if that was yet to show: as completed, if its output is no
    failure. Without an output it is at work until that is computed. JobNotCancelled; JobAlreadyFinal if it ended before
    its cancellation showed.
    """
    may_outrun_cancel(job, now)
    return _ended(replace(job, cancelled_at=math.inf), Status.COMPLETED, output, min(job.cancelled_at, now))


def may_outrun_cancel(job: Job, now: float) -> None:
    """JobNotCancelled or JobAlreadyFinal if it is no cancellation that ended the job, or will."""
    state = job.state_at(now)
    if math.isinf(job.cancelled_at):
        raise JobNotCancelled(job.id, state.status)
    if state.status.is_final and (state.status, state.ended_at) != (Status.CANCELLED, job.cancelled_at):
        raise JobAlreadyFinal(job.id, state.status)


def without_result(job: Job, now: float) -> Job:
    """The job, which is completed or may yet be, with a result withheld for ever; JobAlreadyFinal if it ended badly."""
    state = job.state_at(now)
    if state.status.is_final and state.status is not Status.COMPLETED:
        raise JobAlreadyFinal(job.id, state.status)
    return replace(job, withheld=True)


def with_result_lost(job: Job, now: float) -> Job:
    """The job, which is completed, after its result was lost; JobNotCompleted."""
    status = job.state_at(now).status
    if status is not Status.COMPLETED:
        raise JobNotCompleted(job.id, status)
    return replace(job, lost=True)


def _ended(job: Job, ending: Status, output: Output | None, end: float) -> Job:
    begun = job.course().started_at <= end
    timeline = replace(job.timeline, queue=job.timeline.queue if begun else Until(end), run=Until(end), ending=ending)
    return replace(
        job,
        timeline=timeline if output is None or output.error is None else timeline.failing(),
        output=output,
        computed_at=-math.inf if output is None else job.computed_at,
        held=job.held if begun else (),
    )
