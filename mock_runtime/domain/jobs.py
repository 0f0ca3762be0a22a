"""Jobs: a timeline fixed at submission, the few events that can change it, and a look-up of the state at an instant.

Nothing here runs. A job is told at its submission how long it queues and runs and how it ends; `Job.state_at(now)`
reads that off. Events are recorded on it: a cancellation, what was computed and when, that the results of a private
job were read, and, where a phase is measured in polls instead of seconds, that somebody looked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

from mock_runtime.domain.errors import JobAlreadyFinal, JobNotFound, LogsGone, LogsNotReady, ResultsGone
from mock_runtime.domain.instances import NO_PROJECT, Caller, Project
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
    `cancel_lag_s` is how long after a request to cancel it that shows.
    """

    queue: Length
    run: Length
    ending: Status = Status.COMPLETED
    limit_s: float = math.inf
    cancel_lag_s: float = 0.0

    def failing(self) -> Timeline:
        """The same timeline, but what would have been completed fails."""
        return replace(self, ending=Status.FAILED) if self.ending is Status.COMPLETED else self


@dataclass(frozen=True, slots=True)
class Looks:
    """How often a job was looked at in phases that are measured so, and when that ended them (infinity: not yet)."""

    status: int = 0
    results: int = 0
    queue_ended_at: float = math.inf
    run_ended_at: float = math.inf

    @property
    def most(self) -> int:
        """The count that decides."""
        return max(self.status, self.results)

    def plus(self, kind: Poll) -> Looks:
        """One more look."""
        return replace(self, **{kind.value: getattr(self, kind.value) + 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """What is to change of a job's future; None leaves it as it is. `recompute`: its output is being made anew."""

    queue: Length | None = None
    run: Length | None = None
    ending: Status | None = None
    output: Output | None = None
    recompute: bool = False
    cancel_lag_s: float | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where a job stands at an instant, and since when. Times are seconds since 1970; None: not yet."""

    status: Status
    started_at: float | None = None
    ended_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of a program.

    `owner` is the tenant whose job it is, `user` who submitted it. `inputs` are kept as the edition made them, `image`
    is the container image that was asked for ("" for the default). `output` is None while it is being computed, which
    was done at `computed_at`; a job is over when both its timeline and its computation are. `cost_s` is the longest
    time in seconds that was asked for. A `private` job shows its inputs to nobody, and its results once.
    """

    id: str
    number: int
    owner: str
    program_id: str
    backend: str
    inputs: Any
    submitted_at: float
    timeline: Timeline
    output: Output | None
    user: str = ""
    project: Project = NO_PROJECT
    image: str | None = None
    tags: tuple[str, ...] = ()
    session_id: str | None = None
    calibration_id: str | None = None
    cost_s: float | None = None
    private: bool = False
    cancelled_at: float = math.inf
    computed_at: float = -math.inf
    read_at: float = math.inf
    looks: Looks = field(default=Looks())

    def state_at(self, now: float) -> State:
        """The state at `now`: a look-up that changes nothing."""
        started = _end(self.timeline.queue, self.submitted_at, self.looks.queue_ended_at)
        ended = max(_end(self.timeline.run, started, self.looks.run_ended_at), self._computed_at)
        ending = self.timeline.ending
        if isinstance(self.timeline.run, Seconds) and ended > started + self.timeline.limit_s:
            ended, ending = started + self.timeline.limit_s, Status.RAN_TOO_LONG
        if self.cancelled_at < ended:
            ended, ending = self.cancelled_at, Status.CANCELLED
        if ended <= now:
            return State(ending, started if started <= ended else None, ended)
        return State(Status.RUNNING, started) if started <= now else State(Status.QUEUED)

    @property
    def produced(self) -> Output:
        """What it leaves behind, as far as that is known."""
        return Output() if self.output is None else self.output

    @property
    def _computed_at(self) -> float:
        """When the output was there, infinity: not yet."""
        return math.inf if self.output is None else self.computed_at

    def computed(self, output: Output, now: float) -> Job:
        """The job after its computation ended at `now`: what died of itself fails.

        Another output is not replaced, and a job that is over without one, as it was cancelled or ran too long, stays
        as it is.
        """
        if self.output is not None or self.state_at(now).status.is_final:
            return self
        timeline = self.timeline if output.error is None else self.timeline.failing()
        return replace(self, output=output, computed_at=now, timeline=timeline)

    def removed(self, now: float) -> Job:
        """What stays in the books of a job that is deleted: its times, and neither inputs nor results nor tags."""
        ended = self if self.state_at(now).status.is_final else replace(self, cancelled_at=now)
        computed_at = math.inf if self.output is None else self.computed_at
        return replace(ended, inputs=None, output=Output(), computed_at=computed_at, tags=(), image=None)

    def tagged(self, tags: tuple[str, ...]) -> Job:
        """The job with other tags."""
        return replace(self, tags=tags)

    def read(self, now: float) -> Job:
        """The job after its results were read; ResultsGone if it is private and they were read before.

        Evidence: IBM documents that results of a private job can be read once. That the second reading finds nothing
        is a guess.
        """
        if not self.private or not self.state_at(now).status.is_final:
            return self
        if self.read_at < math.inf:
            # Also if that was later: of two readers at once, the one who came first need not be served first.
            raise ResultsGone(self.id)
        return replace(self, read_at=now)

    def owned_by(self, caller: Caller) -> Job:
        """This job, if it belongs to the caller's tenant; else JobNotFound, as if it did not exist."""
        if self.owner != caller.tenant:
            raise JobNotFound(self.id)
        return self

    def looked_at(self, kind: Poll, now: float) -> Job:
        """The job after somebody looked at it: the same, unless its present phase is measured in polls.

        Looks of different kinds are counted apart, over both phases, and the higher count decides, so that a client
        which asks for results sees exactly as many empty answers as were ordered, even if it asks for the status in
        between.
        """
        status = self.state_at(now).status
        queue, run = self.timeline.queue, self.timeline.run
        queue_needs = queue.count if isinstance(queue, Polls) else 0
        if status is Status.QUEUED and isinstance(queue, Polls):
            looks = self.looks.plus(kind)
            ended = replace(looks, queue_ended_at=now) if looks.most >= queue_needs else looks
            return replace(self, looks=ended)
        if status is Status.RUNNING and isinstance(run, Polls):
            looks = self.looks.plus(kind)
            ended = replace(looks, run_ended_at=now) if looks.most >= queue_needs + run.count else looks
            return replace(self, looks=ended)
        return self

    def cancelled(self, now: float) -> Job:
        """The job after a request at `now` to cancel it; JobAlreadyFinal."""
        status = self.state_at(now).status
        if status.is_final:
            raise JobAlreadyFinal(self.id, status)
        return replace(self, cancelled_at=min(self.cancelled_at, now + self.timeline.cancel_lag_s))

    def ended_by_session(self, closed_at: float) -> Job:
        """The job as the end of its session leaves it: what had not begun by then is cancelled."""
        return replace(self, cancelled_at=min(self.cancelled_at, closed_at))

    def replanned(self, change: Replan, now: float) -> Job:
        """The job with another future, counted from `now`; JobAlreadyFinal. What it has lived through stays."""
        state = self.state_at(now)
        if state.status.is_final:
            raise JobAlreadyFinal(self.id, state.status)
        old, output = self.timeline, None if change.recompute else change.output or self.output
        queue, run, looks = self._from_now_on(change, state, now)
        timeline = replace(
            old,
            queue=queue,
            run=run,
            ending=change.ending or old.ending,
            cancel_lag_s=old.cancel_lag_s if change.cancel_lag_s is None else change.cancel_lag_s,
        )
        return replace(
            self,
            timeline=timeline if output is None or output.error is None else timeline.failing(),
            looks=looks,
            output=output,
        )

    def _from_now_on(self, change: Replan, state: State, now: float) -> tuple[Length, Length, Looks]:
        """Both lengths, reckoned from the submission, and the looks that count, so that what is changed begins now."""
        queue, run = self.timeline.queue, self.timeline.run
        if state.started_at is None:
            if change.queue is None:
                return queue, change.run or run, self.looks
            return _longer(change.queue, now - self.submitted_at), change.run or run, Looks()
        if change.run is None:
            return queue, run, self.looks
        waited = Seconds(state.started_at - self.submitted_at)
        return waited, _longer(change.run, now - state.started_at), Looks()

    def logs_at(self, now: float, *, kept_s: float = math.inf) -> str:
        """What the program printed; LogsNotReady before the end, LogsGone `kept_s` seconds after it."""
        ended = self.state_at(now).ended_at
        if ended is None:
            raise LogsNotReady(self.id)
        if now - ended > kept_s:
            raise LogsGone(self.id)
        return self.produced.logs


def _end(length: Length, begun: float, looked_enough_at: float) -> float:
    if isinstance(length, Seconds):
        return begun + length.value
    return begun if length.count == 0 else looked_enough_at


def _longer(length: Length, elapsed_s: float) -> Length:
    return Seconds(length.value + elapsed_s) if isinstance(length, Seconds) else length
