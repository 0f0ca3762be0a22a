"""The use cases of jobs."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Final

from mock_runtime.domain.foresight import Foresight
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.jobs import AT_ONCE, FOR_EVER, Job, Poll, Polls, Replan, State, Status
from mock_runtime.domain.results import Output
from mock_runtime.domain.timelines import to_come
from mock_runtime.execution import Started, Submission
from mock_runtime.scenario import ENDINGS, UNSET, Outcome, Plan, length
from mock_runtime.service.backends import backend_for
from mock_runtime.service.commands import JobPage, ListJobs, SubmitJob
from mock_runtime.service.computations import Computations
from mock_runtime.service.parts import Parts, longest_run_s
from mock_runtime.service.prospects import JobsAhead, look_ahead, when_seen
from mock_runtime.service.rates import SubmissionRate
from mock_runtime.service.usage import refuse_beyond_limit
from mock_runtime.service.views import JobView, view_job, view_jobs, view_session

_MOST_TAGS: Final = 8
_WITH_RESULTS: Final = frozenset({Status.COMPLETED, Status.FAILED})


class JobService:
    """Jobs, for callers who are already known."""

    def __init__(self, parts: Parts, computations: Computations, rate: SubmissionRate) -> None:
        self._parts: Final = parts
        self._rate: Final = rate
        self._store: Final = parts.store
        self._clock: Final = parts.clock
        self._ids: Final = parts.ids
        self._computations: Final = computations

    def settle(self, timeout_s: float) -> bool:
        """Wait, in real time, until nothing is computed any more; False if that takes longer than `timeout_s`.

        No request does so. It is for whoever moves virtual time, which must not run away from what takes real time.
        """
        return self._computations.settle(timeout_s)

    def restart(self) -> None:
        """Give up what is being computed, and forget submissions and outages: the jobs are gone."""
        with self._parts.lock:
            self._rate.restart()
            self._parts.conditions.restart()
            self._computations.give_up_all()

    def submit(self, command: SubmitJob) -> Job:
        """Accept a job.

        ProgramNotFound, BackendNotFound, SessionNotFound, SessionClosed, WrongBackend, UsageLimitReached,
        TooManyRequests.
        """
        with self._parts.lock:
            return self._submit(command, self._clock.now())

    def _submit(self, command: SubmitJob, now: float) -> Job:
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
        started = self._computations.start(plan, submission, number)
        output = None if isinstance(started, Future) else started
        limit_s = longest_run_s(parts.limits, program, backend, command.cost_s)
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
            held=to_come(parts.conditions.absences(backend.name), now),
            submission=self._ids.submission(),
        )
        self._store.add_job(job)
        if isinstance(started, Future):
            self._computations.keep(job.id, started)
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
        view = _for_results(self._look(caller, job_id, Poll.RESULTS, now))
        # Who saw a job at work has read nothing, even if it has ended since; and what was cancelled has no results.
        if (view.job.private or view.job.lost) and view.state.status in _WITH_RESULTS:
            self._store.change_job(job_id, partial(Job.read, now=now))
        return view

    def peek(self, caller: Caller, job_id: str) -> JobView:
        """The same as for `results`, without reading or polling; JobNotFound, ResultsGone."""
        now = self._clock.now()
        view = _for_results(view_job(self._store, self._store.job(job_id).owned_by(caller), now))
        if view.state.status in _WITH_RESULTS:
            view.job.read(now)
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
            self._computations.give_up(job_id)

    def delete(self, caller: Caller, job_id: str) -> None:
        """Forget a job, whatever its state; JobNotFound.

        Evidence: IBM's own integration test deleted queued, running and finished jobs alike.
        """
        now = self._clock.now()

        def leave(job: Job) -> Job | None:
            seen = self._as_seen(job.owned_by(caller), now)
            return None if caller.instance is None else seen.removed(now)

        self._store.delete_job(job_id, leave)
        self._computations.give_up(job_id)

    def all(self, *, offset: int = 0, limit: int = 100) -> JobsAhead:
        """At most `limit` jobs of whatever tenant after the newest `offset`, with what is to come of them."""
        now = self._clock.now()
        jobs, count = self._store.all_jobs(offset=offset, limit=limit)
        return JobsAhead(look_ahead(self._store, jobs, now), count)

    def id_of(self, submission: int) -> str | None:
        """The id of the job that the first, second, ... submission made; None if there is no such job (any more)."""
        jobs, _ = self._store.all_jobs()
        return next((job.id for job in jobs if job.submission == submission), None) if submission > 0 else None

    def when(self, job_id: str, status: Status) -> Foresight:
        """The first instant from now on at which a job, whoever owns it, is in that status; JobNotFound.

        That holds if nobody interferes. A poll is an interference where the job is measured in polls.
        """
        now = self._clock.now()
        return when_seen(self._store, self._store.job(job_id), status, now)

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

        def replanned(job: Job) -> Job:
            # What changes depends on where the job stands, so it is decided while nobody else can move it.
            seen = view_job(self._store, job, now).job
            seen.unfinished_at(now)
            return job.replanned(self._replan(job, plan, now, begun), now)

        _, after = self._store.change_job(job_id, replanned)
        for future in begun:
            self._computations.keep(job_id, future)
        return view_job(self._store, after, now)

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
        return self._computations.start_again(job, plan)


def _for_results(view: JobView) -> JobView:
    """The view of somebody who wants results: a job whose result is withheld looks as if it were still at work.

    That this is what a job without a result would look like, 204 for ever, is a guess.
    """
    if view.job.withheld and view.state.status is Status.COMPLETED:
        return replace(view, state=State(Status.RUNNING, view.state.started_at))
    return view
