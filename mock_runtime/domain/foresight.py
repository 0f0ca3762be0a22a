"""What is to come of a job if nobody interferes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from mock_runtime.domain.jobs import Job
from mock_runtime.domain.timelines import Polls, Seconds, Status, Until

_A_MOMENT: Final = Seconds(1e-3)


class Unforeseen(StrEnum):
    """Why nobody can tell when a job will be in a status."""

    POLLS = "polls"
    """Somebody has to look at it first."""
    COMPUTATION = "computation"
    """Its output is still being computed."""


Foresight: TypeAlias = float | Unforeseen | None
"""An instant in seconds since 1970, why there is none yet, or None for never."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a job begins and ends, in the past or to come, and in which status if it does."""

    begins: Foresight
    ends: Foresight
    ending: Status


def outlook(job: Job, now: float) -> Outlook:
    """What is to come of a job, and what has come."""
    state = job.state_at(now)
    if state.ended_at is not None:
        return Outlook(state.started_at, state.ended_at, state.status)
    course = job.course(now if job.output is None else None)
    if course.ended_at == math.inf:
        course = _looked_at(job, now).course(now if job.output is None else None)
    begins = when(job, Status.RUNNING, now) if state.started_at is None else state.started_at
    ends = when(job, course.ending, now)
    if begins is None and course.started_at == course.ended_at:
        # It takes no time at work, and is never seen there.
        begins = ends
    return Outlook(begins, ends, course.ending)


def when(job: Job, status: Status, now: float) -> Foresight:
    """The first instant from `now` on at which the job is in that status."""
    state = job.state_at(now)
    if state.status is status:
        return now
    if state.status.is_final or status is Status.QUEUED:
        return None
    found = _without_looks(job, status, now)
    if found is None:
        looked_at = _looked_at(job, now)
        if looked_at is not job and _without_looks(looked_at, status, now) is not None:
            return Unforeseen.POLLS
    return found


def _without_looks(job: Job, status: Status, now: float) -> Foresight:
    """When it is in that status, into which it has to come yet, if nobody looks at it."""
    soonest, latest = job.course(now if job.output is None else None), job.course()
    if status is Status.RUNNING:
        if soonest.started_at < soonest.ended_at:
            return soonest.started_at
        return Unforeseen.COMPUTATION if latest.started_at < latest.ended_at else None
    if soonest == latest:
        return soonest.ended_at if soonest.ending is status and soonest.ended_at < math.inf else None
    endings = {soonest.ending, latest.ending}
    possible = endings | {Status.FAILED} if Status.COMPLETED in endings else endings
    return Unforeseen.COMPUTATION if status in possible else None


def _looked_at(job: Job, now: float) -> Job:
    """The job as it will be if somebody looks at it as often as it takes, and the same if it takes none."""
    timeline, looks = job.timeline, job.looks
    queue, run, limit_s = timeline.queue, timeline.run, timeline.limit_s
    if isinstance(queue, Polls) and queue.count and math.isinf(looks.queue_ended_at):
        queue = Until(now)
    if isinstance(run, Polls) and run.count and math.isinf(looks.run_ended_at):
        # What is measured in polls has no limit in seconds.
        run, limit_s = _A_MOMENT, math.inf
    if (queue, run) == (timeline.queue, timeline.run):
        return job
    return replace(job, timeline=replace(timeline, queue=queue, run=run, limit_s=limit_s))
