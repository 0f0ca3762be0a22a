"""Jobs: a timeline fixed at submission, the few events that can change it, and a look-up of the state at an instant.

Nothing here runs. A job is told at its submission how long it queues and runs and how it ends; `Job.state_at(now)`
reads that off. Events are recorded on it: a cancellation, what was computed and when, that the results of a private
job were read, where a phase is measured in polls instead of seconds, that somebody looked, and what faults and people
at the control plane do to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from mock_runtime.domain.errors import JobAlreadyFinal, JobNotFound, LogsGone, LogsNotReady, ResultsGone
from mock_runtime.domain.instances import NO_PROJECT, Caller, Project
from mock_runtime.domain.results import Output
from mock_runtime.domain.timelines import (
    AT_ONCE,
    FOR_EVER,
    Attempt,
    Course,
    Length,
    Looks,
    Poll,
    Polls,
    Replan,
    Seconds,
    State,
    Status,
    Timeline,
    Until,
    Window,
    end_of,
    longer,
)

__all__ = [
    "AT_ONCE",
    "FOR_EVER",
    "Attempt",
    "Job",
    "Length",
    "Looks",
    "Poll",
    "Polls",
    "Replan",
    "Seconds",
    "State",
    "Status",
    "Timeline",
    "Until",
    "Window",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of a program.

    `number` is its place among all that was made, jobs and sessions; `submission` counts submissions alone (1 for the
    first; 0: it was there at the start). `owner` is the tenant whose job it is, `user` who submitted it. `inputs` are
    kept as the edition made them, `image` is the container image that was asked for ("" for the default). `output` is
    None while it is being computed; it was done at `computed_at`, and a job is over when both its timeline and its
    computation are (of one without an output it tells when that will count as done, -infinity: when it is). `cost_s` is
    the longest time in seconds that was asked for. A `private` job shows its inputs to nobody, and its results once.

    It was last put back into the queue at `requeued_at`, after `attempts`, and does not begin within the windows in
    `held`, which are in order and apart. What it is `withheld` ends without a result; what is `lost` had one.
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
    requeued_at: float = -math.inf
    attempts: tuple[Attempt, ...] = ()
    held: tuple[Window, ...] = ()
    withheld: bool = False
    lost: bool = False
    submission: int = 0

    def state_at(self, now: float) -> State:
        """The state at `now`: a look-up that changes nothing."""
        started, ended, ending = self._course(self._computed_at)
        if ended <= now:
            return State(ending, started if started <= ended else None, ended)
        return State(Status.RUNNING, started) if started <= now else State(Status.QUEUED)

    def course(self, computed_at: float | None = None) -> Course:
        """How it goes if nobody interferes and its output is there at `computed_at` (None: as far as is known)."""
        return Course(*self._course(self._computed_at if computed_at is None else computed_at))

    def _course(self, computed_at: float) -> tuple[float, float, Status]:
        """Start, end and ending; a plain tuple, since each look at a job wants one."""
        timeline, looks = self.timeline, self.looks
        run = timeline.run
        started = end_of(timeline.queue, max(self.submitted_at, self.requeued_at), looks.queue_ended_at)
        for window in self.held:
            if window.begins <= started < window.ends:
                started = window.ends
                break
        ended = max(end_of(run, started, looks.run_ended_at), computed_at)
        ending = timeline.ending
        if isinstance(run, Seconds) and ended > started + timeline.limit_s:
            ended, ending = started + timeline.limit_s, Status.RAN_TOO_LONG
        if self.cancelled_at < ended:
            ended, ending = self.cancelled_at, Status.CANCELLED
        return started, ended, ending

    @property
    def attempts_s(self) -> float:
        """Seconds for which it was at work before it went back to the queue."""
        return math.fsum(attempt.ended_at - attempt.started_at for attempt in self.attempts)

    @property
    def queued_at(self) -> float:
        """When it came into the queue, for the last time."""
        return max(self.submitted_at, self.requeued_at)

    @property
    def left_queue_at(self) -> float:
        """When its time in the queue is over, whether or not it can begin then; infinity: not known, or never."""
        return end_of(self.timeline.queue, self.queued_at, self.looks.queue_ended_at)

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
        computed_at = now if math.isinf(self.computed_at) else self.computed_at
        return replace(self, output=output, computed_at=computed_at, timeline=timeline)

    def given(self, output: Output) -> Job:
        """The job with an output that is there without being computed: it fails if that is a failure."""
        timeline = self.timeline if output.error is None else self.timeline.failing()
        return replace(self, output=output, timeline=timeline)

    def removed(self, now: float) -> Job:
        """What stays in the books of a job that is deleted: its times, and neither inputs nor results nor tags."""
        ended = self if self.state_at(now).status.is_final else self.cancelled(now, at_once=True)
        computed_at = math.inf if self.output is None else self.computed_at
        return replace(ended, inputs=None, output=Output(), computed_at=computed_at, tags=(), image=None)

    def tagged(self, tags: tuple[str, ...]) -> Job:
        """The job with other tags."""
        return replace(self, tags=tags)

    def read(self, now: float) -> Job:
        """The job after its results were read; ResultsGone if they are lost, or were read before and are private.

        Evidence: IBM documents that results of a private job can be read once. That the second reading finds nothing,
        and that what the service has lost is answered like that, are guesses.
        """
        if self.lost:
            raise ResultsGone(self.id)
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
            if self.looks.queue_ended_at < math.inf:
                # It was looked at often enough, and waits for its backend.
                return self
            looks = self.looks.plus(kind)
            ended = replace(looks, queue_ended_at=now) if looks.most >= queue_needs else looks
            return replace(self, looks=ended)
        if status is Status.RUNNING and isinstance(run, Polls):
            looks = self.looks.plus(kind)
            ended = replace(looks, run_ended_at=now) if looks.most >= queue_needs + run.count else looks
            return replace(self, looks=ended)
        return self

    def unfinished_at(self, now: float) -> State:
        """Where the job stands, which is not final yet; JobAlreadyFinal."""
        state = self.state_at(now)
        if state.status.is_final:
            raise JobAlreadyFinal(self.id, state.status)
        return state

    def cancelled(self, now: float, *, at_once: bool = False) -> Job:
        """The job after a request at `now` to cancel it, whose lag counts unless it is `at_once`; JobAlreadyFinal."""
        self.unfinished_at(now)
        lag_s = 0.0 if at_once else self.timeline.cancel_lag_s
        return replace(self, cancelled_at=min(self.cancelled_at, now + lag_s))

    def ended_by_session(self, closed_at: float) -> Job:
        """The job as the end of its session leaves it: what had not begun by then is cancelled.

        What came back into the queue of a session that was closed already is cancelled at that instant.
        """
        return replace(self, cancelled_at=min(self.cancelled_at, max(closed_at, self.requeued_at)))

    def replanned(self, change: Replan, now: float) -> Job:
        """The job with another future, counted from `now`; JobAlreadyFinal. What it has lived through stays."""
        state = self.unfinished_at(now)
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
            computed_at=-math.inf if output is None else self.computed_at,
        )

    def _from_now_on(self, change: Replan, state: State, now: float) -> tuple[Length, Length, Looks]:
        """Both lengths, reckoned from the submission, and the looks that count, so that what is changed begins now."""
        queue, run = self.timeline.queue, self.timeline.run
        if state.started_at is None:
            if change.queue is None:
                return queue, change.run or run, self.looks
            return longer(change.queue, now - self.queued_at), change.run or run, Looks()
        if change.run is None:
            return queue, run, self.looks
        return Until(state.started_at), longer(change.run, now - state.started_at), Looks()

    def logs_at(self, now: float, *, kept_s: float = math.inf) -> str:
        """What the program printed; LogsNotReady before the end, LogsGone `kept_s` seconds after it."""
        ended = self.state_at(now).ended_at
        if ended is None:
            raise LogsNotReady(self.id)
        if now - ended > kept_s:
            raise LogsGone(self.id)
        return self.produced.logs
