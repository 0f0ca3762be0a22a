"""A job of today's API in the hand: ask, cancel, wait, and take its result."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from runtime_client.errors import ContractViolation, JobCancelled, JobFailed, JobRanTooLong, NotFound, WaitTimeout
from runtime_client.jobs import Poll
from runtime_client.models import JobStatus
from runtime_client.platform.results import OPERATION as RESULTS
from runtime_client.platform.results import JobResult
from runtime_client.polling import Monotonic, Sleep, ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runtime_client.platform.job_models import JobInfo, JobMetrics

# The number that a cancelled job gives as the reason when its time was up. Evidence: IBM's client, which tells by it.
_RAN_TOO_LONG = 1305


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: `info` with its final status, its `result` (None when there is none), and the waiting."""

    info: JobInfo
    result: JobResult | None
    polls: int
    elapsed_s: float = field(compare=False)


class JobCalls(Protocol):
    """The operations of a client that a job needs."""

    def get_job(self, job_id: str, *, exclude_params: bool | None = True) -> JobInfo:
        """Return the job."""
        ...

    def job_results(self, job_id: str) -> JobResult | None:
        """Return its results, None while there are none."""
        ...

    def job_logs(self, job_id: str) -> str:
        """Return its logs."""
        ...

    def job_metrics(self, job_id: str) -> JobMetrics:
        """Return its metrics."""
        ...

    def cancel_job(self, job_id: str) -> None:
        """Cancel it."""
        ...

    def delete_job(self, job_id: str) -> None:
        """Delete it."""
        ...

    def replace_tags(self, job_id: str, tags: Iterable[str]) -> None:
        """Replace its tags."""
        ...


class Job:
    """A handle on one job; it holds the id and no state of the job, so every answer is fresh.

    Every method raises the errors of the client's operation behind it: `NotFound` once the job is deleted, and so on.
    """

    def __init__(self, calls: JobCalls, job_id: str, *, sleep: Sleep, monotonic: Monotonic) -> None:
        self._calls = calls
        self._id = job_id
        self._sleep = sleep
        self._monotonic = monotonic

    def __repr__(self) -> str:
        return f"Job({self._id!r})"

    @property
    def id(self) -> str:
        """The id of the job."""
        return self._id

    def info(self, *, exclude_params: bool = True) -> JobInfo:
        """Return the job as the service describes it now, with its parameters only if asked for."""
        return self._calls.get_job(self._id, exclude_params=exclude_params)

    def status(self) -> JobStatus:
        """Return the state the job is in now."""
        return self.info().status

    def cancel(self) -> None:
        """Ask the service to cancel the job; raises `Conflict` when it is already over."""
        self._calls.cancel_job(self._id)

    def delete(self) -> None:
        """Delete the job with its results."""
        self._calls.delete_job(self._id)

    def logs(self) -> str:
        """Return what the job logged; raises `NotFound` while there is nothing."""
        return self._calls.job_logs(self._id)

    def metrics(self) -> JobMetrics:
        """Return the times and the usage of the job."""
        return self._calls.job_metrics(self._id)

    def replace_tags(self, tags: Iterable[str]) -> None:
        """Replace the tags of the job."""
        self._calls.replace_tags(self._id, tags)

    def poll(self) -> JobResult | None:
        """Return the results, or None while there are none; one request, no judgement of the job's state."""
        return self._calls.job_results(self._id)

    def wait(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        on_poll: Callable[[Poll], object] | None = None,
    ) -> Outcome:
        """Wait until the job is over, however it ends, and return its `Outcome`.

        The status is asked for at once and then every `poll_interval` seconds, as IBM's client does it, and the results
        are fetched once, at the end: those of a private job are given only once. `on_poll` is called with a `Poll`
        after each look at the status; what it raises ends the waiting.

        With a `timeout` (seconds) the last look falls on the deadline itself, and `WaitTimeout` is raised if the job is
        not over then; the job goes on. The timeout bounds the waiting between requests; a request under way is bounded
        by the client's own `timeout` and `retries`. KeyboardInterrupt passes straight through.

        Raises besides: the errors of the two operations, `ContractViolation` when a completed job has no results, and
        `ValueError` for arguments that make no sense.
        """
        if timeout is not None and not 0 <= timeout < math.inf:
            raise ValueError("timeout must be a number of seconds of at least 0, or None for no limit")
        if not 0 <= poll_interval < math.inf:
            raise ValueError("poll_interval must be a number of seconds of at least 0")
        number, elapsed_s, begun = 0, 0.0, self._monotonic()
        for tick in ticks(interval_s=poll_interval, timeout_s=timeout, sleep=self._sleep, monotonic=self._monotonic):
            info = self.info()
            number, elapsed_s = tick.number, self._monotonic() - begun
            if on_poll is not None:
                on_poll(Poll(number=number, elapsed_s=elapsed_s, status=info.status))
            if info.status.is_final:
                return Outcome(info=info, result=self._left_behind(info), polls=number, elapsed_s=elapsed_s)
        raise WaitTimeout(self._id, elapsed_s=elapsed_s, polls=number)

    def result(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        on_poll: Callable[[Poll], object] | None = None,
    ) -> JobResult:
        """Wait for the job as `wait` does and return its result, whose `json` decodes it.

        Raises `JobFailed`, `JobCancelled` or `JobRanTooLong` when the job ended otherwise, and whatever `wait` raises.
        """
        outcome = self.wait(timeout, poll_interval, on_poll=on_poll)
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

    def _left_behind(self, info: JobInfo) -> JobResult | None:
        """Return the results of a job that is over: those of a completed one, or the text of an unexplained failure."""
        if info.status is JobStatus.COMPLETED:
            result = self.poll()
            if result is None:
                raise ContractViolation(RESULTS, 204, f"job {info.id} is Completed, but its results are not there")
            return result
        if info.status is JobStatus.FAILED and info.reason is None:
            try:
                return self.poll()
            except NotFound:
                return None
        return None
