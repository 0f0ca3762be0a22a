"""A submitted job in the hand: ask, cancel, wait, and take its result."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from runtime_client.errors import ContractViolation, JobCancelled, JobFailed, JobRanTooLong, WaitTimeout
from runtime_client.models import JobInfo, JobStatus
from runtime_client.polling import Monotonic, Sleep, Tick, ticks
from runtime_client.wire import JsonError, JsonValue, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

_STATUS_EVERY = 5


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll while waiting: `number` from 1, the seconds `elapsed_s` since the first, the `status` if looked up."""

    number: int
    elapsed_s: float
    status: JobStatus | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: `info` with its final status, `text` of its results (None when there are none), the waiting."""

    info: JobInfo
    text: str | None = field(repr=False)
    polls: int
    elapsed_s: float


class JobCalls(Protocol):
    """The operations of a client that a job needs."""

    def get_job(self, job_id: str) -> JobInfo:
        """Return the job."""
        ...

    def get_job_results(self, job_id: str) -> str | None:
        """Return the text of its results, None while there are none."""
        ...

    def get_job_logs(self, job_id: str) -> str:
        """Return its logs."""
        ...

    def cancel_job(self, job_id: str) -> None:
        """Cancel it."""
        ...

    def delete_job(self, job_id: str) -> None:
        """Delete it."""
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
        self._cancel_requested = False

    def __repr__(self) -> str:
        return f"Job({self._id!r})"

    @property
    def id(self) -> str:
        """The id of the job."""
        return self._id

    def info(self) -> JobInfo:
        """Return the job as the service describes it now."""
        return self._calls.get_job(self._id)

    def status(self) -> JobStatus:
        """Return the state the job is in now; after a cancel the real service lagged behind by up to ten seconds."""
        return self.info().status

    def cancel(self) -> None:
        """Ask the service to cancel the job; raises `Conflict` when it is already over."""
        self._calls.cancel_job(self._id)
        self._cancel_requested = True

    def delete(self) -> None:
        """Delete the job with its results."""
        self._calls.delete_job(self._id)

    def logs(self) -> str:
        """Return what the job wrote to its standard streams; raises `NotFound` before its end, `Gone` when too old."""
        return self._calls.get_job_logs(self._id)

    def poll(self) -> str | None:
        """Return the text of the results, or None while there are none; one request, no judgement of the job's state.

        A failed job has a text too (its traceback), and a cancelled job never has one: `wait` tells these apart.
        """
        return self._calls.get_job_results(self._id)

    def wait(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        on_poll: Callable[[Poll], object] | None = None,
        *,
        status_every: int = _STATUS_EVERY,
    ) -> Outcome:
        """Wait until the job is over, however it ends, and return its `Outcome`.

        Results are asked for at once and then every `poll_interval` seconds, until they are there: 204, 204, ..., 200.
        As the results of a cancelled job stay 204 for ever, the status is looked up beside them: after the first 204
        and every `status_every` polls from there, after each 204 once `cancel` was called on this handle, and after the
        last poll. So a cancelled job is noticed at most `status_every` polls late. Results asked for and status
        look-ups stay separate requests; a look-up never takes the place of a poll. One last look-up follows the 200,
        because only the status tells a result from a traceback.

        `on_poll` is called with a `Poll` after each poll and its look-up; what it raises ends the waiting.

        With a `timeout` (seconds) the last poll falls on the deadline itself, and `WaitTimeout` is raised if the job is
        not over then; the job goes on. The timeout bounds the waiting between requests; a request under way is bounded
        by the client's own `timeout` and `retries`. KeyboardInterrupt passes straight through.

        Raises besides: the errors of the two operations, `ContractViolation` when results and status contradict each
        other, and `ValueError` for arguments that make no sense.
        """
        _check_waiting(timeout, poll_interval, status_every)
        number, elapsed_s, begun = 0, 0.0, self._monotonic()
        for tick in ticks(interval_s=poll_interval, timeout_s=timeout, sleep=self._sleep, monotonic=self._monotonic):
            text, info = self._look(tick, status_every)
            number, elapsed_s = tick.number, self._monotonic() - begun
            if on_poll is not None:
                on_poll(Poll(number=number, elapsed_s=elapsed_s, status=None if info is None else info.status))
            if info is not None and (text is not None or info.status.is_final):
                return Outcome(info=_consistent(info, text), text=text, polls=number, elapsed_s=elapsed_s)
        raise WaitTimeout(self._id, elapsed_s=elapsed_s, polls=number)

    def result(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        on_poll: Callable[[Poll], object] | None = None,
        *,
        raw: bool = False,
    ) -> JsonValue:
        """Wait for the job as `wait` does and return its final result: the decoded JSON, or else the text.

        The service keeps a string result without quotes, so `All done!` is no JSON and comes back as the string it is.
        That makes some results ambiguous: a program that returned the string "5" and one that returned the number 5
        look alike, and both give the number. `raw=True` returns the text undecoded, for programs that know better. So
        is the text of a result with NaN or Infinity in it, which is not JSON. Tagged values (`__type__`, `__value__`)
        stay dictionaries.

        Raises `JobFailed`, `JobCancelled` or `JobRanTooLong` when the job ended otherwise, and whatever `wait` raises.
        """
        outcome = self.wait(timeout, poll_interval, on_poll=on_poll)
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

    def result_text(
        self,
        timeout: float | None = None,
        poll_interval: float = 2.0,
        on_poll: Callable[[Poll], object] | None = None,
    ) -> str:
        """Wait for the job and return the text of its final result, undecoded: `result(raw=True)` as a str."""
        return str(self.result(timeout, poll_interval, on_poll=on_poll, raw=True))

    def _look(self, tick: Tick, status_every: int) -> tuple[str | None, JobInfo | None]:
        """Poll the results once, and look the status up if this tick's turn or the results ask for it."""
        text = self.poll()
        due = (tick.number - 1) % status_every == 0 or tick.last or self._cancel_requested
        if text is None and not due:
            return None, None
        info = self.info()
        if text is None and info.status.is_final and info.status is not JobStatus.CANCELLED:
            # It ended between the two requests: now the results must be there.
            text = self.poll()
        return text, info


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


def _check_waiting(timeout: float | None, poll_interval: float, status_every: int) -> None:
    if timeout is not None and not 0 <= timeout < math.inf:
        raise ValueError("timeout must be a number of seconds of at least 0, or None for no limit")
    if not 0 <= poll_interval < math.inf:
        raise ValueError("poll_interval must be a number of seconds of at least 0")
    if status_every < 1:
        raise ValueError("status_every must be at least 1")
