"""What faults, and people at the control plane, do to jobs and backends, whoever owns them.

Each happening is one change: nobody sees half of it. What it cannot be done to refuses it in the words of the domain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, MutableSequence, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Final, TypeAlias

from mock_runtime.domain import happenings as events
from mock_runtime.domain import outages
from mock_runtime.domain.backends import Availability, Backend
from mock_runtime.domain.errors import BackendNotFound
from mock_runtime.domain.jobs import Job, Length, Polls, Seconds, Status
from mock_runtime.domain.outages import Outage
from mock_runtime.domain.results import Output, failure
from mock_runtime.durations import Duration, PollCount
from mock_runtime.scenario import InvalidScenario, Plan, length
from mock_runtime.service.computations import Computations
from mock_runtime.service.parts import Parts
from mock_runtime.service.views import JobView, view_job

EVERY: Final = "*"
"""The name that means all backends."""

MOST_OUTAGES: Final = 100
"""How many outages of one backend may be announced at a time."""

UNEXPLAINED: Final = "RuntimeError: the job was made to fail"
"""Why a job failed if nobody says."""

_Begun: TypeAlias = MutableSequence["Future[Output]"]


class Happenings:
    """Events in the world of one fake."""

    def __init__(self, parts: Parts, computations: Computations) -> None:
        self._parts: Final = parts
        self._store: Final = parts.store
        self._clock: Final = parts.clock
        self._computations: Final = computations

    def requeue(self, job_id: str, queue: Duration | PollCount | None = None) -> JobView:
        """Put a job that runs back into the queue, for that length; JobNotFound, JobAlreadyFinal, JobNotRunning.

        Without one it waits as the scenario in force lets jobs of its program wait, but for a second or a poll at
        least, so that it is seen. Then it works for as long as it was to work from the beginning.
        """

        def changed(job: Job, now: float, _begun: _Begun) -> Job:
            absences = self._parts.conditions.absences(job.backend)
            return events.requeued(job, self._wait_of(job, queue, now), now, absences)

        return self._change(job_id, changed)

    def finish(self, job_id: str) -> JobView:
        """Let a job end now, as completed; JobNotFound, JobAlreadyFinal.

        One whose output is still computed is at work until that is done, and ends then. What was to fail is computed
        after all, and one whose program fails by itself fails now.
        """

        def changed(job: Job, now: float, begun: _Begun) -> Job:
            return events.over(job, Status.COMPLETED, self._no_failure(job, begun), now)

        return self._change(job_id, changed)

    def fail(self, job_id: str, reason: str | None = None) -> JobView:
        """Let a job fail now, for that reason; JobNotFound, JobAlreadyFinal."""
        output = failure(reason or UNEXPLAINED)
        return self._change(job_id, lambda job, now, _: events.over(job, Status.FAILED, output, now))

    def cancel(self, job_id: str) -> JobView:
        """Cancel a job now, however long its cancellations take to show; JobNotFound, JobAlreadyFinal."""
        return self._change(job_id, lambda job, now, _: job.cancelled(now, at_once=True))

    def outrun_cancel(self, job_id: str) -> JobView:
        """Let a job that somebody cancelled have been done by then; JobNotFound, JobNotCancelled, JobAlreadyFinal.

        It ends where the cancellation ended it, as completed. If its computation was given up, it is at work until
        that has been done again.
        """

        def changed(job: Job, now: float, begun: _Begun) -> Job:
            events.may_outrun_cancel(job, now)
            given_up = job.output is None and job.state_at(now).status.is_final
            output = self._computed_again(job, begun) if given_up else self._no_failure(job, begun)
            return events.outran_cancel(job, output, now)

        return self._change(job_id, changed, as_seen=False)

    def lose_result(self, job_id: str) -> JobView:
        """Lose the result of a completed job: who asks for it is told that it is gone. JobNotFound, JobNotCompleted.

        That the service answers so is a guess.
        """
        return self._change(job_id, lambda job, now, _: events.with_result_lost(job, now))

    def withhold_result(self, job_id: str) -> JobView:
        """Let a job end without a result: completed, and nothing there for ever; JobNotFound, JobAlreadyFinal.

        One that is completed already has a result no longer.
        """
        return self._change(job_id, lambda job, now, _: events.without_result(job, now))

    def backend_offline(self, name: str, reason: str = "", for_s: float | None = None) -> Sequence[Backend]:
        """Take a backend (or `*`) off line, for so many seconds, or until it is told to come back; BackendNotFound.

        Jobs that wait there begin when it is back, and so do those that are submitted meanwhile. That it takes jobs at
        all, as those do that their world has off line, is a guess. Jobs at work run to their end. What was ordered or
        announced before for the same time counts no longer.
        """
        return self._break_off(name, Availability.OFFLINE, reason, for_s)

    def backend_paused(self, name: str, reason: str = "", for_s: float | None = None) -> Sequence[Backend]:
        """Pause a backend (or `*`), for so many seconds, or until it is told to come back; BackendNotFound."""
        return self._break_off(name, Availability.PAUSED, reason, for_s)

    def backend_online(self, name: str) -> Sequence[Backend]:
        """Bring a backend (or `*`) back, whatever was ordered or announced for it; BackendNotFound.

        One that its world says is off line or paused is on line from now on, too.
        """

        def changed(backend: Backend, have: tuple[Outage, ...], now: float) -> tuple[Outage, ...]:
            if backend.availability is Availability.ONLINE:
                return outages.without(have, now, math.inf)
            return outages.over(have, Outage(availability=Availability.ONLINE, begins=now, ends=math.inf))

        return self._order(name, changed)

    def maintenance(self, begins_s: float = 0.0, for_s: float | None = None, message: str = "") -> Sequence[Backend]:
        """Announce that all backends are paused in `begins_s` seconds, for so many seconds: no job begins then.

        Without a length it lasts until they are told to come back. What is off line stays so.
        """
        begins_s = _length("begins_s", begins_s)
        for_s = math.inf if for_s is None else _length("for_s", for_s)

        def changed(_backend: Backend, have: tuple[Outage, ...], now: float) -> tuple[Outage, ...]:
            begins = now + begins_s
            new = Outage(
                availability=Availability.PAUSED,
                begins=begins,
                ends=begins + for_s,
                reason="maintenance",
                message=message,
            )
            return outages.beneath_offline(have, new)

        return self._order(EVERY, changed)

    def _break_off(self, name: str, availability: Availability, reason: str, for_s: float | None) -> Sequence[Backend]:
        length_s = math.inf if for_s is None else _length("for_s", for_s)

        def changed(_backend: Backend, have: tuple[Outage, ...], now: float) -> tuple[Outage, ...]:
            return outages.over(have, Outage(availability=availability, begins=now, ends=now + length_s, reason=reason))

        return self._order(name, changed)

    def _order(
        self, name: str, change: Callable[[Backend, tuple[Outage, ...], float], tuple[Outage, ...]]
    ) -> Sequence[Backend]:
        """Change the outages of backends, and when the jobs begin that wait there; the backends as they are now."""
        parts = self._parts
        with parts.lock:
            now = self._clock.now()
            touched = [one for one in parts.world.backends if name in {EVERY, one.name}]
            if not touched:
                raise BackendNotFound(name)
            ordered = {one.name: change(one, parts.conditions.outages(one.name, now), now) for one in touched}
            if any(len(outages) > MOST_OUTAGES for outages in ordered.values()):
                raise InvalidScenario(f"more than {MOST_OUTAGES} outages of a backend: let some of them be over first")
            parts.conditions.put(ordered)
            self._hold_jobs({backend.name for backend in touched}, now)
            return [parts.conditions.seen(backend, now) for backend in touched]

    def _hold_jobs(self, names: set[str], now: float) -> None:
        jobs, _ = self._store.all_jobs()
        for job in jobs:
            if job.backend in names and job.state_at(now).status is Status.QUEUED:
                absences = self._parts.conditions.absences(job.backend)
                self._store.change_job(job.id, partial(events.waiting_for_backend, absences=absences, now=now))

    def _change(self, job_id: str, change: Callable[[Job, float, _Begun], Job], *, as_seen: bool = True) -> JobView:
        """Change a job, whoever owns it: `as_seen`, as the end of its session leaves it, or as it is kept."""
        now, begun = self._clock.now(), list[Future[Output]]()

        def changed(job: Job) -> Job:
            return change(view_job(self._store, job, now).job if as_seen else job, now, begun)

        with self._parts.lock:
            _, after = self._store.change_job(job_id, changed)
            if after.output is not None or after.state_at(now).status.is_final:
                self._computations.give_up(job_id)
            for future in begun:
                self._computations.keep(job_id, future)
            return view_job(self._store, after, now)

    def _wait_of(self, job: Job, queue: Duration | PollCount | None, now: float) -> Length:
        rng = self._parts.ids.stream("requeue", job.number, repr(now))
        if queue is not None:
            return length(queue, rng)
        planned = self._parts.script.current.plan_after(job.program_id).queue
        assert planned is not None  # noqa: S101 - the default plan says how long
        return _at_least_one(length(planned, rng))

    def _no_failure(self, job: Job, begun: _Begun) -> Output | None:
        """The output of a job that is to be completed; None while it is computed."""
        failed = job.output is not None and job.output.error is not None
        return self._computed_again(job, begun) if failed else job.output

    def _computed_again(self, job: Job, begun: _Begun) -> Output | None:
        started = self._computations.start_again(job, Plan())
        if isinstance(started, Future):
            begun.append(started)
            return None
        return started


def _at_least_one(wait: Length) -> Length:
    """A length in the queue that can be seen."""
    if isinstance(wait, Polls):
        return Polls(max(1, wait.count))
    return Seconds(max(1.0, wait.value)) if isinstance(wait, Seconds) else wait


def _length(name: str, seconds: float) -> float:
    """A length of time in seconds that somebody ordered; InvalidScenario if it is none. Infinity: without an end."""
    if not seconds >= 0.0:
        raise InvalidScenario(f"{name}: expected a number of seconds, 0 or more, found {seconds!r}")
    return seconds
