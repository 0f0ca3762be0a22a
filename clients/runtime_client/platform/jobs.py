"""A job of today's API in the hand: ask, cancel, wait, and take its result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runtime_client.errors import ContractViolation, JobCancelled, JobFailed, JobRanTooLong, NotFound
from runtime_client.flows import Flow
from runtime_client.methods import Awaiting, Blocking, method
from runtime_client.models import JobStatus
from runtime_client.operation import Operation
from runtime_client.platform import operations
from runtime_client.platform.job_models import JobInfo, JobMetrics
from runtime_client.platform.results import OPERATION as RESULTS
from runtime_client.platform.results import JobResult
from runtime_client.waiting import JobHandle, Progress, Waits

if TYPE_CHECKING:
    from runtime_client.polling import Tick

# The number that a cancelled job gives as the reason when its time was up. Evidence: IBM's client, which tells by it.
_RAN_TOO_LONG = 1305


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: `info` with its final status, its `result` (None when there is none), and the waiting."""

    info: JobInfo
    result: JobResult | None
    polls: int
    elapsed_s: float = field(compare=False)


class JobMethods(JobHandle):
    """What can be asked of a job, and done to it, by both kinds of client."""

    @method
    def info(self, *, exclude_params: bool = True) -> Operation[JobInfo]:
        """Return the job as the service describes it now, with its parameters only if asked for."""
        return operations.get_job(self._id, exclude_params=exclude_params)

    @method
    def status(self) -> Operation[JobStatus]:
        """Return the state the job is in now."""
        return operations.get_job(self._id, exclude_params=True).then(lambda info: info.status)

    @method
    def cancel(self) -> Operation[None]:
        """Ask the service to cancel the job; raises `Conflict` when it is already over."""
        return operations.cancel_job(self._id)

    @method
    def delete(self) -> Operation[None]:
        """Delete the job with its results."""
        return operations.delete_job(self._id)

    @method
    def logs(self) -> Operation[str]:
        """Return what the job logged; raises `NotFound` while there is nothing."""
        return operations.job_logs(self._id)

    @method
    def metrics(self) -> Operation[JobMetrics]:
        """Return the times and the usage of the job."""
        return operations.job_metrics(self._id)

    @method
    def replace_tags(self, tags: Iterable[str]) -> Operation[None]:
        """Replace the tags of the job."""
        return operations.replace_tags(self._id, tags)

    @method
    def poll(self) -> Operation[JobResult | None]:
        """Return the results, or None while there are none; one request, no judgement of the job's state."""
        return operations.job_results(self._id)

    @method
    def wait(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        progress: Progress | None = None,
        *,
        on_poll: Progress | None = None,
    ) -> Flow[Outcome]:
        """Wait until the job is over, however it ends, and return its `Outcome`.

        The status is asked for at once and then every `poll_interval` seconds, as IBM's client does it, and the results
        are fetched once, at the end: those of a private job are given only once. `progress` (`on_poll` is its older
        name) is called with a `Poll` after each look at the status; what it raises ends the waiting.

        With a `timeout` (seconds) the last look falls on the deadline itself, and `WaitTimeout` is raised if the job is
        not over then; the job goes on. The timeout bounds the waiting between requests; a request under way is bounded
        by the client's own `timeout` and `retries`. KeyboardInterrupt and cancellation pass straight through.

        Raises besides: the errors of the two operations, `ContractViolation` when a completed job has no results, and
        `ValueError` for arguments that make no sense.
        """
        return self._wait(Waits(timeout_s=timeout, interval_s=poll_interval, progress=progress, on_poll=on_poll))

    @method
    def result(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        progress: Progress | None = None,
        *,
        on_poll: Progress | None = None,
    ) -> Flow[JobResult]:
        """Wait for the job as `wait` does and return its result, whose `json` decodes it.

        Raises `JobFailed`, `JobCancelled` or `JobRanTooLong` when the job ended otherwise, and whatever `wait` raises.
        """
        waits = Waits(timeout_s=timeout, interval_s=poll_interval, progress=progress, on_poll=on_poll)
        return self._result(waits)

    def _wait(self, waits: Waits) -> Flow[Outcome]:
        over = yield from self._until_over(self._look, waits)
        result = yield from self._left_behind(over.seen)
        return Outcome(info=over.seen, result=result, polls=over.polls, elapsed_s=over.elapsed_s)

    def _look(self, _: Tick) -> Flow[tuple[JobStatus, JobInfo | None]]:
        info = yield from self._service.perform(operations.get_job(self._id, exclude_params=True))
        return info.status, info if info.status.is_final else None

    def _result(self, waits: Waits) -> Flow[JobResult]:
        outcome = yield from self._wait(waits)
        info, result = outcome.info, outcome.result
        text = info.reason or ("" if result is None else result.text)
        status = info.status
        if status is JobStatus.COMPLETED and result is not None:
            return result
        if status is JobStatus.FAILED:
            raise JobFailed(self._id, text, code=info.state.reason_code, solution=info.state.reason_solution)
        if status is JobStatus.CANCELLED_RAN_TOO_LONG or info.state.reason_code == _RAN_TOO_LONG:
            raise JobRanTooLong(self._id, text)
        raise JobCancelled(self._id)

    def _left_behind(self, info: JobInfo) -> Flow[JobResult | None]:
        """Return the results of a job that is over: those of a completed one, or the text of an unexplained failure."""
        asked = operations.job_results(self._id)
        if info.status is JobStatus.COMPLETED:
            result = yield from self._service.perform(asked)
            if result is None:
                raise ContractViolation(RESULTS, 204, f"job {info.id} is Completed, but its results are not there")
            return result
        if info.status is JobStatus.FAILED and info.reason is None:
            try:
                return (yield from self._service.perform(asked))
            except NotFound:
                return None
        return None


class Job(JobMethods, Blocking):
    """A handle on one job; it holds the id and no state of the job, so every answer is fresh.

    Every method raises the errors of the client's operation behind it: `NotFound` once the job is deleted, and so on.
    """


class AsyncJob(JobMethods, Awaiting):
    """A handle on one job of an `AsyncRuntimeClient`: what `Job` is, with methods to be awaited."""
