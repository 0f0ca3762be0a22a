"""The use cases of the Runtime service, and their commands. Each reads the clock once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from mock_runtime.clock import Clock
from mock_runtime.domain.errors import BackendNotFound, UploadNotAllowed
from mock_runtime.domain.instances import NO_PROJECT, Caller, Project
from mock_runtime.domain.jobs import AT_ONCE, FOR_EVER, Job, Poll, Polls, Replan, State, Status
from mock_runtime.domain.programs import DEFAULT_COST_S, Program, program_id
from mock_runtime.domain.results import Output, failure
from mock_runtime.execution import Execution, Submission
from mock_runtime.ids import Ids
from mock_runtime.scenario import ENDINGS, UNSET, Outcome, Plan, Script, length
from mock_runtime.store import Store
from mock_runtime.worlds import World

UNEXPLAINED: Final = "RuntimeError: the scenario lets this job fail"
"""Why a job failed whose plan gives no reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the service keeps and allows, in seconds.

    Evidence: 8 hours on a device and 3 on a simulator were the system's limits in IBM's documentation of late 2021.
    How long logs were kept is a guess, taken from the two days of interim results; that old ones answered 410 is on
    record.
    """

    device_run_s: float = 8 * 3600.0
    simulator_run_s: float = 3 * 3600.0
    logs_kept_s: float = 2 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitJob:
    """Run a program. What is None, and what the project leaves open, gets the caller's default."""

    caller: Caller
    program_id: str
    params: tuple[str, ...] = ()
    backend: str | None = None
    project: Project = NO_PROJECT
    image: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJobs:
    """List the caller's jobs, newest first: `limit` of them after the first `offset`; pending, final or (None) all."""

    caller: Caller
    limit: int
    offset: int
    pending: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProgram:
    """Upload a program. What is None was not sent."""

    caller: Caller
    name: str
    source: bytes
    cost_s: int | None = None
    description: str | None = None
    version: str | None = None
    is_public: bool = False
    parameters: str | None = None
    return_values: str | None = None
    interim_results: str | None = None
    backend_requirements: str | None = None


@dataclass(frozen=True, slots=True)
class JobView:
    """A job, and where it stood at the instant of the request."""

    job: Job
    state: State


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some of the caller's jobs, and how many there are in all."""

    jobs: Sequence[JobView]
    count: int


class RuntimeService:
    """Programs and jobs, for callers who are already known."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        ids: Ids,
        script: Script,
        execution: Execution,
        world: World,
        limits: Limits,
    ) -> None:
        self._store: Final = store
        self._clock: Final = clock
        self._ids: Final = ids
        self._script: Final = script
        self._execution: Final = execution
        self._world: Final = world
        self._limits: Final = limits

    def submit_job(self, command: SubmitJob) -> Job:
        """Accept a job; ProgramNotFound, BackendNotFound."""
        now = self._clock.now()
        program = self._store.program(command.program_id).seen_by(command.caller)
        backend = self._world.backends[0] if command.backend is None else self._world.backend(command.backend)
        if backend is None:
            raise BackendNotFound(command.backend or "")
        plan = self._script.take(program.id)
        number = self._ids.serial()
        submission = Submission(
            job_id=self._ids.job_id(now), program_id=program.id, backend=backend.name, params=command.params
        )
        output = self._output(plan, submission, number)
        system_limit = self._limits.simulator_run_s if backend.simulator else self._limits.device_run_s
        timeline = plan.timeline(self._ids.stream("timeline", number), limit_s=min(program.cost_s, system_limit))
        job = Job(
            id=submission.job_id,
            number=number,
            owner=command.caller.id,
            program_id=program.id,
            backend=backend.name,
            project=command.project.over(self._world.projects[0]),
            params=command.params,
            image=command.image,
            submitted_at=now,
            timeline=timeline.failing() if output.error is not None else timeline,
            output=output,
        )
        self._store.add_job(job)
        return job

    def list_jobs(self, command: ListJobs) -> JobPage:
        """One page of the caller's jobs. Looking at a list is not a poll: it moves no job."""
        now = self._clock.now()
        owner, offset, limit = command.caller.id, command.offset, command.limit
        if command.pending is None:
            jobs, count = self._store.page_of(owner, offset=offset, limit=limit)
            return JobPage([JobView(job, job.state_at(now)) for job in jobs], count)
        views = [JobView(job, job.state_at(now)) for job in self._store.jobs_of(owner)]
        views = [view for view in views if view.state.status.is_final is not command.pending]
        return JobPage(views[offset : offset + limit], len(views))

    def get_job(self, caller: Caller, job_id: str) -> JobView:
        """The job and its state; JobNotFound."""
        return self._look(caller, job_id, Poll.STATUS)

    def get_results(self, caller: Caller, job_id: str) -> JobView:
        """The job and its state, for somebody who wants the results; JobNotFound."""
        return self._look(caller, job_id, Poll.RESULTS)

    def get_logs(self, caller: Caller, job_id: str) -> str:
        """What the program printed; JobNotFound, LogsNotReady, LogsGone."""
        job = self._store.job(job_id).owned_by(caller)
        return job.logs_at(self._clock.now(), kept_s=self._limits.logs_kept_s)

    def cancel_job(self, caller: Caller, job_id: str) -> None:
        """Cancel a job that is not final; JobNotFound, JobAlreadyFinal."""
        now = self._clock.now()
        self._store.change_job(job_id, lambda job: job.owned_by(caller).cancelled(now))

    def delete_job(self, caller: Caller, job_id: str) -> None:
        """Forget a job, whatever its state; JobNotFound.

        Evidence: IBM's own integration test deleted queued, running and finished jobs alike.
        """
        self._store.delete_job(job_id, lambda job: job.owned_by(caller))

    def replan_job(self, job_id: str, plan: Plan) -> JobView:
        """Give a job another future, whoever owns it: for the control plane. JobNotFound, JobAlreadyFinal."""
        now = self._clock.now()
        # What changes depends on where the job stands, so it is decided while nobody else can move it.
        _, after = self._store.change_job(job_id, lambda job: job.replanned(self._replan(job, plan, now), now))
        return JobView(after, after.state_at(now))

    def list_programs(self, caller: Caller) -> Sequence[Program]:
        """The programs the caller may see: public ones and the caller's own."""
        return [program for program in self._store.programs() if program.is_visible_to(caller)]

    def get_program(self, caller: Caller, program_id: str) -> Program:
        """The program; ProgramNotFound."""
        return self._store.program(program_id).seen_by(caller)

    def create_program(self, command: CreateProgram) -> Program:
        """Keep an uploaded program, private until it is published; UploadNotAllowed, ProgramNameTaken."""
        if not command.caller.may_upload:
            raise UploadNotAllowed
        return self._store.add_program(
            Program(
                id=program_id(command.name),
                name=command.name,
                cost_s=DEFAULT_COST_S if command.cost_s is None else command.cost_s,
                description=command.description or "",
                created_at=self._clock.now(),
                version=command.version,
                is_public=command.is_public,
                author=command.caller.id,
                parameters=command.parameters,
                return_values=command.return_values,
                interim_results=command.interim_results,
                backend_requirements=command.backend_requirements,
                source=command.source,
            )
        )

    def replace_source(self, caller: Caller, program_id: str, source: bytes) -> None:
        """Give a program another source; ProgramNotFound, NotTheAuthor."""
        self._store.change_program(program_id, lambda program: program.owned_by(caller).with_source(source))

    def set_public(self, caller: Caller, program_id: str, is_public: bool) -> None:
        """Make a program public, or private again; ProgramNotFound, NotTheAuthor."""
        self._store.change_program(program_id, lambda program: program.owned_by(caller).published(is_public))

    def delete_program(self, caller: Caller, program_id: str) -> None:
        """Forget a program; ProgramNotFound, NotTheAuthor. Its jobs stay."""
        self._store.delete_program(program_id, lambda program: program.owned_by(caller))

    def _look(self, caller: Caller, job_id: str, kind: Poll) -> JobView:
        now = self._clock.now()
        job = self._store.job(job_id).owned_by(caller)
        if isinstance(job.timeline.queue, Polls) or isinstance(job.timeline.run, Polls):
            job, _ = self._store.change_job(job_id, partial(Job.looked_at, kind=kind, now=now))
        return JobView(job, job.state_at(now))

    def _replan(self, job: Job, plan: Plan, now: float) -> Replan:
        """What a plan changes of the future that a job has at `now`."""
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
        return Replan(
            queue=queue,
            run=run,
            ending=ENDINGS[plan.outcome] if plan.outcome else None,
            output=self._replanned_output(plan, job),
            cancel_lag_s=plan.cancel_lag.sample(rng) if plan.cancel_lag else None,
        )

    def _replanned_output(self, plan: Plan, job: Job) -> Output | None:
        """What a job with another plan will leave behind; None if the plan does not touch that."""
        if plan.outcome is Outcome.FAILED:
            return failure(plan.reason or UNEXPLAINED)
        if plan.outcome is None or (plan.result is UNSET and job.output.error is None):
            return None
        submission = Submission(job_id=job.id, program_id=job.program_id, backend=job.backend, params=job.params)
        return self._output(plan, submission, job.number)

    def _output(self, plan: Plan, submission: Submission, number: int) -> Output:
        """What the job will leave behind: the program's own output, unless the plan says otherwise."""
        if plan.outcome is Outcome.FAILED:
            return failure(plan.reason or UNEXPLAINED)
        output = self._execution.run(submission, self._ids.stream("execution", number))
        if plan.result is not UNSET:
            return Output(result=plan.result, interim=output.interim, logs=output.logs)
        return output
