"""A submitted job in the hand: ask, cancel, wait, and take its result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runtime_client import operations_2021 as operations
from runtime_client.errors import ContractViolation, JobCancelled, JobFailed, JobRanTooLong
from runtime_client.flows import Flow
from runtime_client.methods import Awaiting, Blocking, method
from runtime_client.models import JobInfo, JobStatus
from runtime_client.operation import Operation
from runtime_client.waiting import JobHandle, Poll, Progress, Waits
from runtime_client.wire import JsonError, JsonValue, parse_json

if TYPE_CHECKING:
    from runtime_client.polling import Tick

__all__ = ["AsyncJob", "Job", "Outcome", "Poll"]

_STATUS_EVERY = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: `info` with its final status, `text` of its results (None when there are none), the waiting."""

    info: JobInfo
    text: str | None = field(repr=False)
    polls: int
    elapsed_s: float


class JobMethods(JobHandle):
    """What can be asked of a job, and done to it, by both kinds of client."""

    _cancel_requested = False

    @method
    def info(self) -> Operation[JobInfo]:
        """Return the job as the service describes it now."""
        return operations.get_job(self._id)

    @method
    def status(self) -> Operation[JobStatus]:
        """Return the state the job is in now; after a cancel the real service lagged behind by up to ten seconds."""
        return operations.get_job(self._id).then(lambda info: info.status)

    @method
    def cancel(self) -> Operation[None]:
        """Ask the service to cancel the job; raises `Conflict` when it is already over."""
        return operations.cancel_job(self._id).then(self._note_cancel)

    def _note_cancel(self, _: None) -> None:
        self._cancel_requested = True

    @method
    def delete(self) -> Operation[None]:
        """Delete the job with its results."""
        return operations.delete_job(self._id)

    @method
    def logs(self) -> Operation[str]:
        """Return what the job wrote to its standard streams; raises `NotFound` before its end, `Gone` when too old."""
        return operations.get_job_logs(self._id)

    @method
    def poll(self) -> Operation[str | None]:
        """Return the text of the results, or None while there are none; one request, no judgement of the job's state.

        A failed job has a text too (its traceback), and a cancelled job never has one: `wait` tells these apart.
        """
        return operations.get_job_results(self._id)

    @method
    def wait(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        progress: Progress | None = None,
        *,
        status_every: int = _STATUS_EVERY,
        on_poll: Progress | None = None,
    ) -> Flow[Outcome]:
        """Wait until the job is over, however it ends, and return its `Outcome`.

        Results are asked for at once and then every `poll_interval` seconds, until they are there: 204, 204, ..., 200.
        As the results of a cancelled job stay 204 for ever, the status is looked up beside them: after the first 204
        and every `status_every` polls from there, after each 204 once `cancel` was called on this handle, and after the
        last poll. So a cancelled job is noticed at most `status_every` polls late. Results asked for and status
        look-ups stay separate requests; a look-up never takes the place of a poll. One last look-up follows the 200,
        because only the status tells a result from a traceback.

        `progress` (`on_poll` is its older name) is called with a `Poll` after each poll and its look-up; what it raises
        ends the waiting.

        With a `timeout` (seconds) the last poll falls on the deadline itself, and `WaitTimeout` is raised if the job is
        not over then; the job goes on. The timeout bounds the waiting between requests; a request under way is bounded
        by the client's own `timeout` and `retries`. KeyboardInterrupt and cancellation pass straight through.

        Raises besides: the errors of the two operations, `ContractViolation` when results and status contradict each
        other, and `ValueError` for arguments that make no sense.
        """
        if status_every < 1:
            raise ValueError("status_every must be at least 1")
        waits = Waits(timeout_s=timeout, interval_s=poll_interval, progress=progress, on_poll=on_poll)
        return self._wait(waits, status_every)

    @method
    def result(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        progress: Progress | None = None,
        *,
        raw: bool = False,
        on_poll: Progress | None = None,
    ) -> Flow[JsonValue]:
        """Wait for the job as `wait` does and return its final result: the decoded JSON, or else the text.

        The service keeps a string result without quotes, so `All done!` is no JSON and comes back as the string it is.
        That makes some results ambiguous: a program that returned the string "5" and one that returned the number 5
        look alike, and both give the number. `raw=True` returns the text undecoded, for programs that know better. So
        is the text of a result with NaN or Infinity in it, which is not JSON. Tagged values (`__type__`, `__value__`)
        stay dictionaries.

        Raises `JobFailed`, `JobCancelled` or `JobRanTooLong` when the job ended otherwise, and whatever `wait` raises.
        """
        waits = Waits(timeout_s=timeout, interval_s=poll_interval, progress=progress, on_poll=on_poll)
        return self._result(waits, raw=raw)

    @method
    def result_text(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        progress: Progress | None = None,
        *,
        on_poll: Progress | None = None,
    ) -> Flow[str]:
        """Wait for the job and return the text of its final result, undecoded: `result(raw=True)` as a str."""
        waits = Waits(timeout_s=timeout, interval_s=poll_interval, progress=progress, on_poll=on_poll)
        return self._result(waits, raw=True)

    def _wait(self, waits: Waits, status_every: int) -> Flow[Outcome]:
        def look(tick: Tick) -> Flow[tuple[JobStatus | None, tuple[JobInfo, str | None] | None]]:
            text, info = yield from self._look(tick, status_every)
            if info is None:
                return None, None
            over = text is not None or info.status.is_final
            return info.status, (info, text) if over else None

        over = yield from self._until_over(look, waits)
        info, text = over.seen
        return Outcome(info=_consistent(info, text), text=text, polls=over.polls, elapsed_s=over.elapsed_s)

    def _look(self, tick: Tick, status_every: int) -> Flow[tuple[str | None, JobInfo | None]]:
        """Poll the results once, and look the status up if this tick's turn or the results ask for it."""
        text = yield from self._service.perform(operations.get_job_results(self._id))
        due = (tick.number - 1) % status_every == 0 or tick.last or self._cancel_requested
        if text is None and not due:
            return None, None
        info = yield from self._service.perform(operations.get_job(self._id))
        if text is None and info.status.is_final and info.status is not JobStatus.CANCELLED:
            # It ended between the two requests: now the results must be there.
            text = yield from self._service.perform(operations.get_job_results(self._id))
        return text, info

    def _result(self, waits: Waits, *, raw: bool) -> Flow[Any]:
        outcome = yield from self._wait(waits, _STATUS_EVERY)
        text = outcome.text or ""
        match outcome.info.status:
            case JobStatus.FAILED:
                raise JobFailed(self._id, text)
            case JobStatus.CANCELLED:
                raise JobCancelled(self._id)
            case JobStatus.CANCELLED_RAN_TOO_LONG:
                raise JobRanTooLong(self._id, text)
        if raw:
            return text
        try:
            return parse_json(text)
        except JsonError:
            return text


class Job(JobMethods, Blocking):
    """A handle on one job; it holds the id and no state of the job, so every answer is fresh.

    Every method raises the errors of the client's operation behind it: `NotFound` once the job is deleted, and so on.
    """


class AsyncJob(JobMethods, Awaiting):
    """A handle on one job of an `AsyncRuntimeClient`: what `Job` is, with methods to be awaited."""


def _consistent(info: JobInfo, text: str | None) -> JobInfo:
    """Return `info` if the results agree with it: a job has none while it goes on, and some once completed."""
    if text is not None and not info.status.is_final:
        raise ContractViolation(
            "get-programs-id-jobs-jid",
            200,
            f"the results of job {info.id} are there, but its status is {info.status.value}",
        )
    if text is None and info.status is JobStatus.COMPLETED:
        raise ContractViolation(
            "get-programs-id-jobs-jid-results",
            204,
            f"job {info.id} is {info.status.value}, but its results are not there",
        )
    return info
