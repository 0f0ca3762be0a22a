"""What can go wrong, as one small tree.

.. code-block:: text

    RuntimeClientError
    ├── TransportError          no usable answer: connection, TLS, timeout, broken or oversized body
    ├── ApiError                the service answered with an error status (also 405, 415 and the like)
    │   ├── BadRequest          400
    │   ├── NotAuthorized       401
    │   ├── Forbidden           403
    │   ├── NotFound            404
    │   ├── Conflict            409
    │   ├── Gone                410
    │   ├── PayloadTooLarge     413
    │   ├── RateLimited         429
    │   └── ServerError         500 and above
    ├── ContractViolation       the service answered, but not as its contract says
    ├── JobFailed               the job ended as Failed
    ├── JobCancelled            the job ended as Cancelled
    ├── JobRanTooLong           the job ended as "Cancelled - Ran too long"
    └── WaitTimeout             the job was not over in time

Wrong arguments are the caller's own and stay `TypeError` and `ValueError`; they are raised before anything is sent. No
error of this module ever holds a token: the client masks its own before it quotes what a server said.
"""

from __future__ import annotations

from typing import Any

_MESSAGE_LIMIT = 300
_TRACEBACK_LIMIT = 2000


def one_line(text: str, limit: int = _MESSAGE_LIMIT) -> str:
    """Return `text` as one printable line of at most `limit` characters, for use inside an error message."""
    # Far more than a line can show; an error page of megabytes is not worth splitting.
    words = " ".join(text[: 20 * limit].split())
    line = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in words)
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _restore(kind: type[RuntimeClientError], args: tuple[Any, ...], state: dict[str, Any]) -> RuntimeClientError:
    """Rebuild an unpickled error without calling its keyword-only constructor."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class RuntimeClientError(Exception):
    """Everything this package raises on its own account; catch it to catch all of them. Instances can be pickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, dict(self.__dict__))


class TransportError(RuntimeClientError):
    """No usable answer arrived: the connection failed, timed out, broke off, or the body was larger than allowed.

    `sent` tells whether the request may have reached the server (False only when no connection was made at all, so
    that a job was certainly not submitted); `transient` whether the same call may succeed later.
    """

    def __init__(self, detail: str, *, operation: str, sent: bool = True, transient: bool = False) -> None:
        super().__init__(f"{operation}: {detail}")
        self.detail = detail
        self.operation = operation
        self.sent = sent
        self.transient = transient


class ApiError(RuntimeClientError):
    """The service answered with an error status.

    `status` is the HTTP status, `code` the service's own word or number for the error (a string, None when the body was
    not the service's error envelope), `message` its sentence or else a short excerpt of the body, `trace` the id that
    the service gives the request (None when absent), `solution` and `more_info` what today's API advises and links to
    (None when it does not), `operation` the operation id of the call and `retry_after_s` the seconds the service asked
    to wait (None when it did not).
    """

    def __init__(
        self,
        *,
        status: int,
        message: str,
        operation: str,
        code: str | None = None,
        trace: str | None = None,
        solution: str | None = None,
        more_info: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        origin = operation if trace is None else f"{operation}, trace {one_line(trace, 40)}"
        title = f"{status}" if code is None else f"{status} {one_line(code, 40)}"
        super().__init__(f"{title}: {one_line(message)} ({origin})")
        self.status = status
        self.code = code
        self.message = message
        self.trace = trace
        self.solution = solution
        self.more_info = more_info
        self.operation = operation
        self.retry_after_s = retry_after_s


class BadRequest(ApiError):
    """400: the service found the request malformed."""


class NotAuthorized(ApiError):
    """401: the token is missing, unknown or no longer valid."""


class Forbidden(ApiError):
    """403: the token is known but lacks the right, for example to upload programs or to change another author's."""


class NotFound(ApiError):
    """404: no such program or job, or none that the caller may see; for logs also a job that is not over yet."""


class Conflict(ApiError):
    """409: the program name is taken, or the job to cancel is already over."""


class Gone(ApiError):
    """410: it was there once; logs of old jobs are no longer kept."""


class PayloadTooLarge(ApiError):
    """413: the request body is larger than the service or the proxy in front of it takes."""


class RateLimited(ApiError):
    """429: too many requests; `retry_after_s` says how long to wait when the service said so."""


class ServerError(ApiError):
    """500 and above: the service, or the proxy in front of it, failed."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: NotAuthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: PayloadTooLarge,
    429: RateLimited,
}


def api_error_class(status: int) -> type[ApiError]:
    """Return the class of error for an HTTP status of 400 or above."""
    return ServerError if status >= 500 else _BY_STATUS.get(status, ApiError)


class ContractViolation(RuntimeClientError):
    """An answer that breaks the contract: wrong shape, wrong content type, undocumented success status, not UTF-8, ...

    `operation` is the operation id of the call, `status` the HTTP status of the answer, `detail` says where (a JSON
    pointer, when the body is JSON) and what was expected. Values found are named by their type, so that no secret is
    quoted.
    """

    def __init__(self, operation: str, status: int, detail: str) -> None:
        super().__init__(f"{operation} answered {status} outside its contract: {detail}")
        self.operation = operation
        self.status = status
        self.detail = detail


class JobFailed(RuntimeClientError):
    """The job ended as Failed; `traceback` is the whole text the service kept, the message shows its end.

    `code` is the number that today's API gives the reason and `solution` its advice; None when there are none.
    """

    def __init__(self, job_id: str, traceback: str, *, code: int | None = None, solution: str | None = None) -> None:
        # The end of a traceback names the exception, so that is what a bounded message keeps.
        tail = traceback.strip()
        shown = tail if len(tail) <= _TRACEBACK_LIMIT else "..." + tail[3 - _TRACEBACK_LIMIT :]
        number = "" if code is None else f" ({code})"
        super().__init__(f"job {job_id} failed{number}: {shown or 'the service kept no text'}")
        self.job_id = job_id
        self.traceback = traceback
        self.code = code
        self.solution = solution


class JobCancelled(RuntimeClientError):
    """The job ended as Cancelled, so there is no result."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} was cancelled")
        self.job_id = job_id


class JobRanTooLong(RuntimeClientError):
    """The job was stopped at its time limit; `text` is what the service kept of it (may be empty)."""

    def __init__(self, job_id: str, text: str) -> None:
        super().__init__(f"job {job_id} was cancelled because it ran too long: {one_line(text) or 'no text was kept'}")
        self.job_id = job_id
        self.text = text


class WaitTimeout(RuntimeClientError):
    """The job was not over in time; it goes on, and waiting can be taken up again.

    `job_id` is the job, `elapsed_s` the seconds waited and `polls` how often its results were asked for.
    """

    def __init__(self, job_id: str, *, elapsed_s: float, polls: int) -> None:
        times = "1 poll" if polls == 1 else f"{polls} polls"
        super().__init__(f"job {job_id} was not over after {elapsed_s:.1f} s ({times})")
        self.job_id = job_id
        self.elapsed_s = elapsed_s
        self.polls = polls
