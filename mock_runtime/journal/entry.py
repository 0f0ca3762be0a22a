"""One exchange, as the journal keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One exchange.

    Times are of the fake's clock: `at` is when the request was there (seconds since 1970), `seconds` how long until its
    answer was out. `path` and `target` (with the query) are as the caller wrote them, `inside` is the path that
    answered it in this server. `operation` is the name that it has in all editions (`mock_runtime.operations`),
    `operation_id` that of the edition's document. `caller` is the name that is shown instead of a token; `job`,
    `session` and `backend` are what the request was about, of a submission what it made. `job_status` is where the job
    stood when it was answered, in the domain's words (`queued`, `running`, `completed`, ...).

    Bodies are kept up to a bound; the sizes are those of the whole. They and the headers are as they were on the wire:
    whoever shows them shows `mock_runtime.journal.cleaned` ones. `status` is 0 if no answer was sent at all. `faults`
    are the ids of the rules that it met; `cut` is where the connection was cut on purpose, in the words of
    `mock_runtime.transport.delivery.Cut`; `left` tells that the caller was gone before the whole answer was out.
    `elapsed_s` is how long it took in real seconds, `scheme` by which of HTTP's it came.

    `trace` is in the answer's header `Mock-Runtime-Trace`, in the log, and in an error's body.
    """

    number: int
    trace: str
    at: float
    seconds: float
    method: str
    path: str
    target: str
    inside: str
    host: str
    status: int
    edition: str = ""
    scope: str = ""
    operation: str | None = None
    operation_id: str | None = None
    caller: str | None = None
    job: str | None = None
    session: str | None = None
    backend: str | None = None
    job_status: str | None = None
    request_headers: Headers = field(default=(), repr=False)
    request_body: bytes = field(default=b"", repr=False)
    request_size: int = 0
    answer_headers: Headers = field(default=(), repr=False)
    answer_body: bytes = field(default=b"", repr=False)
    answer_size: int = 0
    faults: tuple[str, ...] = ()
    cut: str | None = None
    left: bool = False
    elapsed_s: float = 0.0
    scheme: str = "http"

    @property
    def ended_at(self) -> float:
        """When the answer was out."""
        return self.at + self.seconds
