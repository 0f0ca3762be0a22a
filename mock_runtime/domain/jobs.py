"""Jobs: a timeline fixed at submission, the few events that can change it, and a look-up of the state at an instant.

Nothing here runs. A job is told at its submission how long it queues and runs and how it ends; `Job.state_at(now)`
reads that off. Two kinds of event are recorded on it: a cancellation, and, where a phase is measured in polls
instead of seconds, that somebody looked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, TypeAlias

from mock_runtime.domain.errors import JobAlreadyFinal, JobNotFound, LogsGone, LogsNotReady
from mock_runtime.domain.instances import Caller, Project
from mock_runtime.domain.results import Output


class Status(StrEnum):
    """Where a job stands. The spelling on the wire belongs to the editions."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RAN_TOO_LONG = "ran-too-long"

    @property
    def is_final(self) -> bool:
        """Whether a job stays in it for ever."""
        return self not in (Status.QUEUED, Status.RUNNING)


class Poll(StrEnum):
    """In which way somebody looked at a job."""

    STATUS = "status"
    RESULTS = "results"


@dataclass(frozen=True, slots=True)
class Seconds:
    """A phase that lasts so many seconds; infinitely many mean for ever."""

    value: float


@dataclass(frozen=True, slots=True)
class Polls:
    """A phase that lasts until somebody has looked at the job so many times in one way."""

    count: int


Length: TypeAlias = Seconds | Polls
AT_ONCE: Final = Seconds(0.0)
FOR_EVER: Final = Seconds(math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """How a job unfolds if nobody interferes: so long in the queue, so long at work, then `ending`.

    `limit_s` is the longest it may run in seconds; a job that is still at work then ends as ran-too-long.
    """

    queue: Length
    run: Length
    ending: Status = Status.COMPLETED
    limit_s: float = math.inf

    def failing(self) -> Timeline:
        """The same timeline, but what would have been completed fails."""
        return replace(self, ending=Status.FAILED) if self.ending is Status.COMPLETED else self


@dataclass(frozen=True, slots=True)
class Looks:
    """How often a phase was looked at, by kind, and when that ended it (infinity: not yet)."""

    status: int = 0
    results: int = 0
    ended_at: float = math.inf

    def plus(self, kind: Poll, *, needed: int, now: float) -> Looks:
        """One more look, at `now`, of the `needed` ones."""
        status = self.status + (kind is Poll.STATUS)
        results = self.results + (kind is Poll.RESULTS)
        return Looks(status, results, now if max(status, results) >= needed else math.inf)


@dataclass(frozen=True, slots=True)
class State:
    """Where a job stands at an instant, and since when. Times are seconds since 1970; None: not yet."""

    status: Status
    started_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of a program.

    `params` are the inputs as they were sent, `image` the container image that was asked for ("" for the default).
    """

    id: str
    number: int
    owner: str
    program_id: str
    backend: str
    project: Project
    params: tuple[str, ...]
    image: str | None
    submitted_at: float
    timeline: Timeline
    output: Output
    cancelled_at: float = math.inf
    queue_looks: Looks = field(default=Looks())
    run_looks: Looks = field(default=Looks())

    def state_at(self, now: float) -> State:
        """The state at `now`: a look-up that changes nothing."""
        started = _end(self.timeline.queue, self.queue_looks, self.submitted_at)
        ended = _end(self.timeline.run, self.run_looks, started)
        ending = self.timeline.ending
        if ended > started + self.timeline.limit_s:
            ended, ending = started + self.timeline.limit_s, Status.RAN_TOO_LONG
        if self.cancelled_at < ended:
            ended, ending = self.cancelled_at, Status.CANCELLED
        if ended <= now:
            return State(ending, started if started <= ended else None, ended)
        return State(Status.RUNNING, started) if started <= now else State(Status.QUEUED)

    def owned_by(self, caller: Caller) -> Job:
        """This job, if it is the caller's; else JobNotFound, as if it did not exist."""
        if self.owner != caller.id:
            raise JobNotFound(self.id)
        return self

    def looked_at(self, kind: Poll, now: float) -> Job:
        """The job after somebody looked at it: the same, unless its present phase is measured in polls.

        Looks of different kinds are counted apart and the higher count decides, so that a client which asks for
        results sees exactly as many empty answers as were ordered, whether or not it also asks for the status.
        """
        status = self.state_at(now).status
        if status is Status.QUEUED and isinstance(self.timeline.queue, Polls):
            return replace(self, queue_looks=self.queue_looks.plus(kind, needed=self.timeline.queue.count, now=now))
        if status is Status.RUNNING and isinstance(self.timeline.run, Polls):
            return replace(self, run_looks=self.run_looks.plus(kind, needed=self.timeline.run.count, now=now))
        return self

    def cancelled(self, now: float, *, after_s: float = 0.0) -> Job:
        """The job after a request at `now` to cancel it, effective `after_s` seconds later; JobAlreadyFinal."""
        status = self.state_at(now).status
        if status.is_final:
            raise JobAlreadyFinal(self.id, status)
        return replace(self, cancelled_at=min(self.cancelled_at, now + after_s))

    def replanned(self, timeline: Timeline, output: Output, now: float) -> Job:
        """The job with another future, counted from `now`; JobAlreadyFinal. What it has lived through stays."""
        state = self.state_at(now)
        if state.status.is_final:
            raise JobAlreadyFinal(self.id, state.status)
        if state.started_at is None:
            queue = _longer(timeline.queue, now - self.submitted_at)
            timeline = replace(timeline, queue=queue)
            return replace(self, timeline=timeline, output=output, queue_looks=Looks(), run_looks=Looks())
        queue = Seconds(state.started_at - self.submitted_at)
        run = _longer(timeline.run, now - state.started_at)
        timeline = replace(timeline, queue=queue, run=run)
        return replace(self, timeline=timeline, output=output, queue_looks=Looks(), run_looks=Looks())

    def logs_at(self, now: float, *, kept_s: float = math.inf) -> str:
        """What the program printed; LogsNotReady before the end, LogsGone `kept_s` seconds after it."""
        ended = self.state_at(now).ended_at
        if ended is None:
            raise LogsNotReady(self.id)
        if now - ended > kept_s:
            raise LogsGone(self.id)
        return self.output.logs


def _end(length: Length, looks: Looks, begun: float) -> float:
    if isinstance(length, Seconds):
        return begun + length.value
    return begun if length.count == 0 else looks.ended_at


def _longer(length: Length, elapsed_s: float) -> Length:
    return Seconds(length.value + elapsed_s) if isinstance(length, Seconds) else length
