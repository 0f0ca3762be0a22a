"""The use cases of jobs."""

from __future__ import annotations

import logging
import threading
from collections.abc import MutableSequence, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from mock_runtime.domain.errors import BackendNotFound, JobNotFound
from mock_runtime.domain.instances import NO_PROJECT, Caller, Project
from mock_runtime.domain.jobs import AT_ONCE, FOR_EVER, Job, Poll, Polls, Replan, Status
from mock_runtime.domain.results import Output, failure
from mock_runtime.execution import Started, Submission
from mock_runtime.scenario import ENDINGS, UNSET, Outcome, Plan, length
from mock_runtime.service.backends import backend_for
from mock_runtime.service.parts import Parts
from mock_runtime.service.rates import SubmissionRate
from mock_runtime.service.usage import refuse_beyond_limit
from mock_runtime.service.views import JobView, view_job, view_jobs, view_session

LOG: Final = logging.getLogger("mock_runtime")

UNEXPLAINED: Final = "RuntimeError: the scenario lets this job fail"
"""Why a job failed whose plan gives no reason."""

_MOST_TAGS: Final = 8
_WITH_RESULTS: Final = frozenset({Status.COMPLETED, Status.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitJob:
    """Run a program. What is None, and what the project leaves open, gets the caller's default."""

    caller: Caller
    program_id: str
    inputs: Any = ()
    backend: str | None = None
    project: Project = NO_PROJECT
    image: str | None = None
    tags: tuple[str, ...] = ()
    session_id: str | None = None
    calibration_id: str | None = None
    cost_s: float | None = None
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJobs:
    """List the tenant's jobs, newest first unless `ascending`: `limit` of them after the first `offset`.

    The rest are conditions that all have to hold; None, and no tags, mean no condition. `pending` jobs are those that
    are not final. Instants are seconds since 1970; a job created at one of them is within it.
    """

    caller: Caller
    limit: int
    offset: int
    pending: bool | None = None
    program_id: str | None = None
    backend: str | None = None
    session_id: str | None = None
    tags: frozenset[str] = frozenset()
    created_after: float | None = None
    created_before: float | None = None
    ascending: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it asks for a page of all jobs, newest first."""
        conditions = (self.pending, self.program_id, self.backend, self.session_id)
        times = (self.created_after, self.created_before)
        return all(value is None for value in (*conditions, *times)) and not self.tags and not self.ascending

    def admits(self, job: Job) -> bool:
        """Whether a job meets the conditions that do not depend on the time of asking."""
        return (
            (self.program_id is None or job.program_id == self.program_id)
            and (self.backend is None or job.backend == self.backend)
            and (self.session_id is None or job.session_id == self.session_id)
            and (self.created_after is None or job.submitted_at >= self.created_after)
            and (self.created_before is None or job.submitted_at <= self.created_before)
            and self.tags <= set(job.tags)
        )


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some of the tenant's jobs, and how many there are in all."""

    jobs: Sequence[JobView]
    count: int


class JobService:
    """Jobs, for callers who are already known."""

    def __init__(self, parts: Parts) -> None:
        self._parts: Final = parts
        self._store: Final = parts.store
        self._clock: Final = parts.clock
        self._ids: Final = parts.ids
        self._rate: Final = SubmissionRate(parts.limits.jobs_per_minute)
        self._begun: dict[str, Future[Output]] = {}
        self._ended: Final = threading.Condition()

    def settle(self, timeout_s: float) -> bool:
        """Wait, in real time, until nothing is computed any more; False if that takes longer than `timeout_s`.

        No request does so. It is for whoever moves virtual time, which must not run away from what takes real time.
        """
        with self._ended:
            return self._ended.wait_for(lambda: not self._begun, timeout_s)

    def restart(self) -> None:
        """Give up what is being computed: its jobs are gone, and others may have their ids."""
        self._rate.restart()
        for job_id in list(self._begun):
            self._give_up(job_id)

    def submit(self, command: SubmitJob) -> Job:
        """Accept a job.

        ProgramNotFound, BackendNotFound, SessionNotFound, SessionClosed, WrongBackend, UsageLimitReached,
        TooManyRequests.
        """
        now = self._clock.now()
        caller, parts = command.caller, self._parts
        program = self._store.program(command.program_id).seen_by(caller)
        backend = backend_for(
            parts.world, caller, parts.world.backends[0].name if command.backend is None else command.backend
        )
        if command.session_id is not None:
            session = self._store.session(command.session_id).owned_by(caller)
            # With thousands of jobs in a session, each submission would look at all of them.
            surely = session.is_surely_accepting(now)
            session.accepts(backend.name, None if surely else view_session(self._store, session, now).life)
        refuse_beyond_limit(self._store, caller, now)
        self._rate.count(caller.id, now)
        plan = parts.script.take(program.id)
        number = self._ids.serial()
        job_id = self._ids.job_id(now)
        submission = Submission(
            job_id=job_id, program_id=program.id, backend=backend, inputs=command.inputs, submitted_at=now
        )
        started = self._start(plan, submission, number)
        output = None if isinstance(started, Future) else started
        limits = parts.limits
        longest = (program.cost_s, limits.simulator_run_s if backend.simulator else limits.device_run_s)
        limit_s = min(*longest, command.cost_s or longest[0])
        timeline = plan.timeline(self._ids.stream("timeline", number), limit_s=limit_s)
        job = Job(
            id=job_id,
            number=number,
            owner=caller.tenant,
            user=caller.id,
            program_id=program.id,
            backend=backend.name,
            project=command.project.over(parts.world.projects[0]) if parts.world.projects else command.project,
            inputs=command.inputs,
            image=command.image,
            tags=command.tags,
            session_id=command.session_id,
            calibration_id=command.calibration_id,
            cost_s=command.cost_s,
            private=command.private,
            submitted_at=now,
            timeline=timeline.failing() if output is not None and output.error is not None else timeline,
            output=output,
        )
        self._store.add_job(job)
        if isinstance(started, Future):
            self._keep(job.id, started)
        return job

    def list(self, command: ListJobs) -> JobPage:
        """One page of the tenant's jobs. Looking at a list is not a poll: it moves no job."""
        now = self._clock.now()
        owner, offset, limit = command.caller.tenant, command.offset, command.limit
        if command.is_plain:
            jobs, count = self._store.page_of(owner, offset=offset, limit=limit)
            return JobPage(view_jobs(self._store, jobs, now), count)
        found = [job for job in self._store.jobs_of(owner) if command.admits(job)]
        if command.ascending:
            found.reverse()
        if command.pending is None:
            return JobPage(view_jobs(self._store, found[offset : offset + limit], now), len(found))
        views = view_jobs(self._store, found, now)
        views = [view for view in views if view.state.status.is_final is not command.pending]
        return JobPage(views[offset : offset + limit], len(views))

    def get(self, caller: Caller, job_id: str) -> JobView:
        """The job and its state; JobNotFound."""
        return self._look(caller, job_id, Poll.STATUS, self._clock.now())

    def results(self, caller: Caller, job_id: str) -> JobView:
        """The job and its state, for somebody who wants the results; JobNotFound, ResultsGone."""
        now = self._clock.now()
        view = self._look(caller, job_id, Poll.RESULTS, now)
        # Who saw a job at work has read nothing, even if it has ended since; and what was cancelled has no results.
        if view.job.private and view.state.status in _WITH_RESULTS:
            self._store.change_job(job_id, partial(Job.read, now=now))
        return view

    def logs(self, caller: Caller, job_id: str) -> str:
        """What the job printed; JobNotFound, LogsNotReady, LogsGone."""
        now = self._clock.now()
        job = view_job(self._store, self._store.job(job_id).owned_by(caller), now).job
        return job.logs_at(now, kept_s=self._parts.limits.logs_kept_s)

    def metrics(self, caller: Caller, job_id: str) -> JobView:
        """The job and its state, for somebody who wants its times: not a poll. JobNotFound."""
        return view_job(self._store, self._store.job(job_id).owned_by(caller), self._clock.now())

    def cancel(self, caller: Caller, job_id: str) -> None:
        """Cancel a job that is not final; JobNotFound, JobAlreadyFinal."""
        now = self._clock.now()
        _, after = self._store.change_job(job_id, lambda job: self._as_seen(job.owned_by(caller), now).cancelled(now))
        if after.state_at(now).status.is_final:
            self._give_up(job_id)

    def delete(self, caller: Caller, job_id: str) -> None:
        """Forget a job, whatever its state; JobNotFound.

        Evidence: IBM's own integration test deleted queued, running and finished jobs alike.
        """
        now = self._clock.now()

        def leave(job: Job) -> Job | None:
            seen = self._as_seen(job.owned_by(caller), now)
            return None if caller.instance is None else seen.removed(now)

        self._store.delete_job(job_id, leave)
        self._give_up(job_id)

    def tag(self, caller: Caller, job_id: str, tags: tuple[str, ...]) -> None:
        """Give a job other tags; JobNotFound."""
        self._store.change_job(job_id, lambda job: job.owned_by(caller).tagged(tags))

    def tags(self, caller: Caller, search: str) -> Sequence[str]:
        """Tags of the tenant's jobs that contain a text, whatever their case, sorted; eight at most.

        Evidence: the answer's schema has room for eight. How the service matches and sorts is a guess.
        """
        wanted = search.casefold()
        found = {tag for job in self._store.jobs_of(caller.tenant) for tag in job.tags if wanted in tag.casefold()}
        return sorted(found)[:_MOST_TAGS]

    def replan(self, job_id: str, plan: Plan) -> JobView:
        """Give a job another future, whoever owns it: for the control plane. JobNotFound, JobAlreadyFinal."""
        now = self._clock.now()
        begun: MutableSequence[Future[Output]] = []
        # What changes depends on where the job stands, so it is decided while nobody else can move it.
        _, after = self._store.change_job(job_id, lambda job: job.replanned(self._replan(job, plan, now, begun), now))
        for future in begun:
            self._keep(job_id, future)
        return JobView(after, after.state_at(now))

    def _as_seen(self, job: Job, now: float) -> Job:
        return view_job(self._store, job, now).job

    def _look(self, caller: Caller, job_id: str, kind: Poll, now: float) -> JobView:
        job = self._store.job(job_id).owned_by(caller)
        if isinstance(job.timeline.queue, Polls) or isinstance(job.timeline.run, Polls):
            job, _ = self._store.change_job(job_id, partial(Job.looked_at, kind=kind, now=now))
        return view_job(self._store, job, now)

    def _replan(self, job: Job, plan: Plan, now: float, begun: MutableSequence[Future[Output]]) -> Replan:
        """What a plan changes of the future that a job has at `now`; computations that it takes go to `begun`."""
        rng = self._ids.stream("replan", job.number, repr(now))
        run = length(plan.run, rng) if plan.run else None
        queue = length(plan.queue, rng) if plan.queue else None
        if plan.outcome is Outcome.STUCK:
            queue = FOR_EVER
        elif queue is None and plan.outcome is not None and job.timeline.queue == FOR_EVER:
            # A job that is to end after all has to leave the queue in which it was stuck.
            queue = AT_ONCE
        if isinstance(queue, Polls) and isinstance(run, Polls) and job.state_at(now).status is Status.RUNNING:
            # So many polls were ordered in all; a job that has left the queue has only one phase left for them.
            run = Polls(queue.count + run.count)
        output = self._replanned_output(plan, job)
        if isinstance(output, Future):
            begun.append(output)
        return Replan(
            queue=queue,
            run=run,
            ending=ENDINGS[plan.outcome] if plan.outcome else None,
            output=None if isinstance(output, Future) else output,
            recompute=isinstance(output, Future),
            cancel_lag_s=plan.cancel_lag.sample(rng) if plan.cancel_lag else None,
        )

    def _replanned_output(self, plan: Plan, job: Job) -> Started | None:
        """What a job with another plan will leave behind; None if the plan does not touch that."""
        if plan.outcome is None:
            return None
        had_none = job.output is None or job.output.error is None
        if had_none and plan.result is UNSET and plan.outcome is not Outcome.FAILED:
            return None
        backend = self._parts.world.backend(job.backend)
        if backend is None:
            raise BackendNotFound(job.backend)
        submission = Submission(
            job_id=job.id,
            program_id=job.program_id,
            backend=backend,
            inputs=job.inputs,
            submitted_at=job.submitted_at,
        )
        return self._start(plan, submission, job.number)

    def _start(self, plan: Plan, submission: Submission, number: int) -> Started:
        """What the job of that number will leave behind: the program's own output, unless the plan says otherwise."""
        if plan.outcome is Outcome.FAILED:
            return failure(plan.reason or UNEXPLAINED)
        if plan.result is not UNSET:
            return Output(result=plan.result)
        seeded = replace(submission, seed=self._ids.stream("submission", number).getrandbits(31))
        return self._parts.execution.start(seeded, self._ids.stream("execution", number))

    def _keep(self, job_id: str, future: Future[Output]) -> None:
        """Give a job what its computation gives, once that has ended; an earlier one counts no longer."""
        self._give_up(job_id)
        self._begun[job_id] = future
        future.add_done_callback(partial(self._computed, job_id))

    def _give_up(self, job_id: str) -> None:
        begun = self._begun.get(job_id)
        if begun is not None:
            self._over(job_id, begun)
            begun.cancel()

    def _over(self, job_id: str, future: Future[Output]) -> None:
        """Wait no longer for a computation, which may be a job's last one or not."""
        with self._ended:
            if self._begun.get(job_id) is future:
                del self._begun[job_id]
            self._ended.notify_all()

    def _computed(self, job_id: str, future: Future[Output]) -> None:
        """Keep what was computed. Called by whatever thread the computation ended in."""
        try:
            output = future.result()
        except CancelledError:
            # Nobody wants it any more, or the execution is closed.
            self._over(job_id, future)
            return
        except BaseException as error:  # whatever an execution dies of, it is the job that fails
            LOG.exception("the execution of job %s raised", job_id)
            output = failure(f"{type(error).__name__}: the execution failed; this is a bug of the mock, see its log")
        now = self._clock.now()

        def with_output(job: Job) -> Job:
            # After a reset another job may have that id, and after a replanning the same job another computation.
            return job.computed(output, now) if self._begun.get(job_id) is future else job

        # If it was deleted meanwhile, nobody will ask for its results.
        with suppress(JobNotFound):
            self._store.change_job(job_id, with_output)
        self._over(job_id, future)
