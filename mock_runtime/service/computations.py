"""What is being computed for jobs: started, kept when it is done, given up when nobody wants it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from mock_runtime.domain.errors import BackendNotFound, JobNotFound
from mock_runtime.domain.jobs import Job
from mock_runtime.domain.results import Output, failure
from mock_runtime.execution import Started, Submission
from mock_runtime.scenario import UNSET, Outcome, Plan
from mock_runtime.service.parts import Parts

LOG: Final = logging.getLogger("mock_runtime")

UNEXPLAINED: Final = "RuntimeError: the scenario lets this job fail"
"""Why a job failed whose plan gives no reason."""


class Computations:
    """The computations of one fake, by the id of the job that they are for."""

    def __init__(self, parts: Parts) -> None:
        self._parts: Final = parts
        self._store: Final = parts.store
        self._begun: dict[str, Future[Output]] = {}
        self._ended: Final = threading.Condition()

    def __len__(self) -> int:
        return len(self._begun)

    def settle(self, timeout_s: float) -> bool:
        """Wait, in real time, until nothing is computed any more; False if that takes longer than `timeout_s`."""
        with self._ended:
            return self._ended.wait_for(lambda: not self._begun, timeout_s)

    def start(self, plan: Plan, submission: Submission, number: int) -> Started:
        """What the job of that number will leave behind: the program's own output, unless the plan says otherwise."""
        if plan.outcome is Outcome.FAILED:
            return failure(plan.reason or UNEXPLAINED)
        if plan.result is not UNSET:
            return Output(result=plan.result)
        ids = self._parts.ids
        seeded = replace(submission, seed=ids.stream("submission", number).getrandbits(31))
        return self._parts.execution.start(seeded, ids.stream("execution", number))

    def start_again(self, job: Job, plan: Plan) -> Started:
        """What a job that is there already will leave behind, with the same seed as before; BackendNotFound."""
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
        return self.start(plan, submission, job.number)

    def keep(self, job_id: str, future: Future[Output]) -> None:
        """Give a job what its computation gives, once that has ended; an earlier one counts no longer."""
        self.give_up(job_id)
        self._begun[job_id] = future
        future.add_done_callback(partial(self._computed, job_id))

    def give_up(self, job_id: str) -> None:
        """Want the output of a job no longer; nothing if it is not being computed."""
        begun = self._begun.get(job_id)
        if begun is not None:
            self._over(job_id, begun)
            begun.cancel()

    def give_up_all(self) -> None:
        """Want no output any more: the jobs are gone, and others may have their ids."""
        for job_id in list(self._begun):
            self.give_up(job_id)

    def resume(self, jobs: Iterable[Job], now: float) -> None:
        """Compute anew what those of some jobs in the store lack that are not over."""
        for job in jobs:
            if job.output is not None or job.state_at(now).status.is_final:
                continue
            try:
                started = self.start_again(job, Plan())
            except BackendNotFound as gone:
                started = failure(f"RuntimeError: {gone} to run this job on")
            if isinstance(started, Future):
                self.keep(job.id, started)
            else:
                self._store.change_job(job.id, partial(Job.computed, output=started, now=now))

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
        now = self._parts.clock.now()

        def with_output(job: Job) -> Job:
            # After a reset another job may have that id, and after a replanning the same job another computation.
            return job.computed(output, now) if self._begun.get(job_id) is future else job

        # If it was deleted meanwhile, nobody will ask for its results.
        with suppress(JobNotFound):
            self._store.change_job(job_id, with_output)
        self._over(job_id, future)
