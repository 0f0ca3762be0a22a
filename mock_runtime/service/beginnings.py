"""Jobs and sessions that are there at the start: what a world file says of them becomes values of the domain."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.errors import DomainError, JobNotFound, ModeNotAllowed, SessionNotFound, bounded
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.jobs import FOR_EVER, Job, Seconds, Status, Timeline, Until
from mock_runtime.domain.results import Output, failure
from mock_runtime.domain.sessions import Mode, Session
from mock_runtime.domain.timelines import longer, to_come
from mock_runtime.execution import Started
from mock_runtime.scenario import Plan
from mock_runtime.service.backends import backend_for
from mock_runtime.service.computations import UNEXPLAINED, Computations
from mock_runtime.service.parts import Parts, longest_run_s
from mock_runtime.service.sessions import longest_life_s
from mock_runtime.service.views import view_job
from mock_runtime.worlds.beginnings import Beginnings, JobBeginning, Moment, SessionBeginning

FindCaller = Callable[[str | None, str | None], Caller]
AsInputs = Callable[[Any], Any]


class InvalidBeginning(ValueError):
    """A job or a session that cannot be there at the start. `str()` says where it was described, and why."""


def begin(
    parts: Parts,
    computations: Computations,
    beginnings: Beginnings,
    *,
    find_caller: FindCaller,
    as_inputs: AsInputs,
) -> None:
    """Put sessions and jobs into the store as they are at this instant, as `RuntimeService.begin` tells."""
    now = parts.clock.now()
    sessions: dict[str, Session] = {}
    jobs: list[tuple[JobBeginning, Job]] = []
    for opened in beginnings.sessions:
        try:
            sessions[opened.key] = _begin_session(parts, opened, find_caller(opened.owner, opened.instance), now)
        except (DomainError, LookupError, _Contradiction) as error:
            raise InvalidBeginning(f"{opened.where}: {error}") from None
    for there in beginnings.jobs:
        try:
            caller = find_caller(there.owner, there.instance)
            session = _session_of(there, caller, sessions)
            jobs.append((there, _JobStart(parts, computations, there, caller, now).begin(session, as_inputs)))
        except (DomainError, LookupError, _Contradiction) as error:
            raise InvalidBeginning(f"{there.where}: {error}") from None
    for there, job in jobs:
        status = view_job(parts.store, parts.store.job(job.id), now).state.status
        computing = status is Status.RUNNING and there.status is Status.COMPLETED and job.output is None
        if status is not there.status and not computing:
            raise InvalidBeginning(f"{there.where}: it is to be {there.status}, and all in all it would be {status}")


class _Contradiction(Exception):
    """What a description says does not go together."""


def _begin_session(parts: Parts, opened: SessionBeginning, caller: Caller, now: float) -> Session:
    created = _past(opened.opened, now, "opened")
    stopped = math.inf if opened.stopped is None else _past(opened.stopped, now, "stopped")
    closed = math.inf if opened.closed is None else _past(opened.closed, now, "closed")
    if min(stopped, closed) < created:
        raise _Contradiction("it was stopped or closed before it was opened")
    instance = caller.instance
    if instance is not None and opened.mode is Mode.DEDICATED and not instance.plan.dedicated:
        raise ModeNotAllowed(opened.mode, instance.plan.name)
    if opened.backend is not None:
        backend_for(parts.world, caller, opened.backend)
    if opened.id is not None and _has_session(parts, opened.id):
        raise _Contradiction(f"there is a session {bounded(opened.id)} already")
    session = Session(
        id=opened.id or parts.ids.session_id(),
        number=parts.ids.serial(),
        owner=caller.tenant,
        user=caller.id,
        mode=opened.mode,
        backend=opened.backend,
        created_at=created,
        max_ttl_s=longest_life_s(caller, opened.max_ttl_s),
        stopped_at=stopped,
        cancelled_at=closed,
        active_ttl_s=opened.active_ttl_s,
        **({} if opened.interactive_ttl_s is None else {"interactive_ttl_s": opened.interactive_ttl_s}),
    )
    parts.store.add_session(session)
    return session


def _session_of(there: JobBeginning, caller: Caller, sessions: dict[str, Session]) -> Session | None:
    if there.session is None:
        return None
    session = sessions.get(there.session)
    if session is None:
        raise _Contradiction(f"no session {bounded(there.session)} is described")
    return session.owned_by(caller)


@dataclass(frozen=True, slots=True)
class _Times:
    """When a job was submitted, began and ended; None: it has not."""

    submitted: float
    started: float | None = None
    ended: float | None = None


class _JobStart:
    """One job that is there at the start, on its way into the store."""

    def __init__(
        self, parts: Parts, computations: Computations, there: JobBeginning, caller: Caller, now: float
    ) -> None:
        self._parts: Final = parts
        self._computations: Final = computations
        self._there: Final = there
        self._caller: Final = caller
        self._now: Final = now
        own = Plan(queue=there.queue, run=there.run)
        self._plan: Final = own.over(parts.script.current.plan_after(there.program))

    def begin(self, session: Session | None, as_inputs: AsInputs) -> Job:
        """The job, which is in the store and is computed now if it has to be."""
        there, parts = self._there, self._parts
        program = parts.store.program(there.program).seen_by(self._caller)
        backend = self._backend(session)
        number = parts.ids.serial()
        rng = parts.ids.stream("beginning", number)
        timeline = self._plan.timeline(rng, limit_s=longest_run_s(parts.limits, program, backend, there.cost_s))
        times = self._times(timeline)
        if session is not None and times.submitted < session.created_at:
            raise _Contradiction("it was submitted before its session was opened")
        completed = there.status is Status.COMPLETED
        _refuse(there.lost and not completed, "only a completed job has lost its result")
        _refuse(there.withheld and there.status.is_final and not completed, "what ended badly withholds no result")
        if there.id is not None and _has_job(parts, there.id):
            raise _Contradiction(f"there is a job {bounded(there.id)} already")
        job = Job(
            id=there.id or parts.ids.job_id(times.submitted),
            number=number,
            owner=self._caller.tenant,
            user=self._caller.id,
            program_id=program.id,
            backend=backend.name,
            project=there.project.over(parts.world.projects[0]) if parts.world.projects else there.project,
            inputs=as_inputs(there.inputs),
            image=there.image,
            tags=there.tags,
            session_id=None if session is None else session.id,
            calibration_id=there.calibration_id,
            cost_s=there.cost_s,
            private=there.private,
            submitted_at=times.submitted,
            timeline=self._timeline(timeline, times),
            output=None,
            cancelled_at=self._cancelled_at(times),
            computed_at=-math.inf if times.ended is None else times.ended,
            read_at=math.inf if there.read is None else _past(there.read, self._now, "read"),
            lost=there.lost,
            withheld=there.withheld,
            held=to_come(parts.conditions.absences(backend.name), self._now),
        )
        return self._add(job)

    def _add(self, job: Job) -> Job:
        started = self._started(job)
        if isinstance(started, Output):
            job = job.given(started)
        self._parts.store.add_job(job)
        if isinstance(started, Future):
            self._computations.keep(job.id, started)
        return job

    def _backend(self, session: Session | None) -> Backend:
        named, world = self._there.backend, self._parts.world
        ours = None if session is None else session.backend
        backend = backend_for(world, self._caller, named or ours or world.backends[0].name)
        return backend if session is None else _on(session, backend)

    def _times(self, timeline: Timeline) -> _Times:
        """When everything was: as described, and where nothing is said as the scenario lets it fit."""
        there, now = self._there, self._now
        waits_s, runs_s = _seconds(timeline.queue), _seconds(timeline.run)
        submitted = None if there.submitted is None else _past(there.submitted, now, "submitted")
        started = None if there.started is None else _past(there.started, now, "started")
        ended = None if there.ended is None else _past(there.ended, now, "ended")
        if there.status is Status.QUEUED:
            _refuse(started is not None or ended is not None, "what is queued has neither started nor ended")
            return _Times(now if submitted is None else submitted)
        if there.status is Status.RUNNING:
            _refuse(ended is not None, "what is running has not ended")
            started = now if started is None else started
        elif ended is None:
            since = submitted if started is None else started
            length_s = runs_s if started is not None else waits_s + runs_s
            ended = now if since is None else min(now, since + length_s)
        if started is None and there.status is not Status.CANCELLED:
            started = max(-math.inf if submitted is None else submitted, (now if ended is None else ended) - runs_s)
        left = ended if started is None else started
        if submitted is None:
            submitted = (now if left is None else left) - waits_s
        _refuse(started is not None and submitted > started, "it started before it was submitted")
        _refuse(ended is not None and (submitted if started is None else started) > ended, "it ended before that")
        return _Times(submitted, started, ended)

    def _timeline(self, planned: Timeline, times: _Times) -> Timeline:
        """The timeline of a job that has lived so far; what is to come counts from now."""
        there, now = self._there, self._now
        lag_s = planned.cancel_lag_s if there.cancel_lag_s is None else there.cancel_lag_s
        ending, queue, run = there.ending or planned.ending, planned.queue, planned.run
        if times.ended is not None:
            ending = there.status
            # One that was cancelled while it waited would wait for ever.
            queue, run = FOR_EVER if times.started is None else Until(times.started), Until(times.ended)
        elif times.started is not None:
            queue, run = Until(times.started), longer(planned.run, now - times.started)
        else:
            queue = longer(planned.queue, now - times.submitted)
        return Timeline(queue=queue, run=run, ending=ending, limit_s=planned.limit_s, cancel_lag_s=lag_s)

    def _cancelled_at(self, times: _Times) -> float:
        there = self._there
        if there.status is Status.CANCELLED and times.ended is not None:
            return times.ended
        if there.cancelled is None:
            return math.inf
        at = there.cancelled.at(self._now)
        _refuse(at <= self._now and not there.status.is_final, "its cancellation has taken effect already")
        return at

    def _started(self, job: Job) -> Started | None:
        """What it leaves behind, or a future of that; None for one that was cancelled before it was computed."""
        there = self._there
        if there.output is not None:
            return there.output
        if there.status is Status.CANCELLED:
            return None
        if there.status is Status.RAN_TOO_LONG:
            return Output()
        if Status.FAILED in (there.status, job.timeline.ending):
            return failure(self._plan.reason or UNEXPLAINED)
        return self._computations.start_again(job, Plan(result=self._plan.result))


def _on(session: Session, backend: Backend) -> Backend:
    session.accepts(backend.name, None)
    return backend


def _past(moment: Moment, now: float, name: str) -> float:
    at = moment.at(now)
    if not at <= now:
        raise _Contradiction(f"{name}: expected an instant that is not after the start, found one {at - now:g} s later")
    return at


def _refuse(wrong: bool, sentence: str) -> None:
    if wrong:
        raise _Contradiction(sentence)


def _seconds(length: object) -> float:
    """How long a phase of the past was: what is for ever, or measured in polls, took no time."""
    return length.value if isinstance(length, Seconds) and length.value < math.inf else 0.0


def _has_job(parts: Parts, job_id: str) -> bool:
    try:
        parts.store.job(job_id)
    except JobNotFound:
        return False
    return True


def _has_session(parts: Parts, session_id: str) -> bool:
    try:
        parts.store.session(session_id)
    except SessionNotFound:
        return False
    return True
