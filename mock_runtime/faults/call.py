"""A request as rules see it: what is known before anything is done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request.

    `number` is its place in the journal and `at` the instant at which it was there, in seconds since 1970. `path` is
    percent-decoded and below the edition's prefix, as the document writes it (`/v1/jobs/c2b0.../results`); services
    beside the API have their own. `also` is the same path as others write it: with the prefix, and as it is at the host
    that was called. `headers` have their names in lower case. `operation` is the name that it has in all editions (see
    `mock_runtime.operations`), `operation_id` that of the edition's document; None where there is no such operation.
    `job`, `session` and `backend` are what the path names. `find_caller` says who calls, by the name that is
    shown instead of a token, `find_given` whether a log-in gave what the request carries in place of a key; both are
    asked only if a rule wants to know. `find_job_number` says which submission made the
    job (1, 2, 3, ...), None if there is no such job.
    """

    number: int
    at: float
    method: str
    path: str
    also: tuple[str, ...] = ()
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    operation: str | None = None
    operation_id: str | None = None
    job: str | None = None
    session: str | None = None
    backend: str | None = None
    find_caller: Callable[[], str | None] = field(default=lambda: None, repr=False)
    find_given: Callable[[], bool] = field(default=lambda: True, repr=False)
    find_job_number: Callable[[], int | None] = field(default=lambda: None, repr=False)

    @cached_property
    def caller(self) -> str | None:
        """Who calls."""
        return self.find_caller()

    @cached_property
    def was_given(self) -> bool:
        """Whether a log-in gave what the request carries."""
        return self.find_given()

    @cached_property
    def job_number(self) -> int | None:
        """Which submission made the job."""
        return self.find_job_number()
