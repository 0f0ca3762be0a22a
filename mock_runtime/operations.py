"""The names that operations have in all editions: what a rule, the journal and its assertions call them.

An edition says which of its own operations goes by which name; what only it has goes by the id of its document alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

LOG_IN: Final = "log-in"
SUBMIT_JOB: Final = "submit-job"
LIST_JOBS: Final = "list-jobs"
GET_JOB: Final = "get-job"
GET_RESULTS: Final = "get-results"
GET_LOGS: Final = "get-logs"
CANCEL_JOB: Final = "cancel-job"
DELETE_JOB: Final = "delete-job"
OPEN_SESSION: Final = "open-session"
GET_SESSION: Final = "get-session"
UPDATE_SESSION: Final = "update-session"
CLOSE_SESSION: Final = "close-session"
LIST_BACKENDS: Final = "list-backends"
GET_BACKEND: Final = "get-backend"
"""Anything that is asked about one backend."""

OPERATIONS: Final = (
    *(LOG_IN, SUBMIT_JOB, LIST_JOBS, GET_JOB, GET_RESULTS, GET_LOGS, CANCEL_JOB, DELETE_JOB),
    *(OPEN_SESSION, GET_SESSION, UPDATE_SESSION, CLOSE_SESSION, LIST_BACKENDS, GET_BACKEND),
)
"""All of them."""

TOUCHED: Final = "mock_runtime.touched"
"""In the environ of a request: what it turns out to be about, a `Touched`."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of an edition, or of a service beside it: its name in all editions, and its id in the document.

    `about` says what the id in its path is of: a `job`, `session` or `backend`.
    """

    id: str
    name: str | None = None
    about: Literal["job", "session", "backend"] | None = None


@dataclass(slots=True)
class Touched:
    """What a request is about, as far as is known: filled in by whoever finds out."""

    operation: Operation | None = None
    caller: str | None = None
    job: str | None = None
    session: str | None = None
    backend: str | None = None
    job_status: str | None = None
    trace: str | None = None

    def path_says(self, operation: Operation, arguments: Mapping[str, Any]) -> None:
        """Note the operation, and the id in its path."""
        self.operation = operation
        if operation.about is not None and arguments:
            setattr(self, operation.about, str(next(iter(arguments.values()))))


def called_by(environ: Mapping[str, Any], name: str) -> None:
    """Note who calls, by the name that is shown instead of a token."""
    touched = environ.get(TOUCHED)
    if isinstance(touched, Touched):
        touched.caller = name


def is_about(
    environ: Mapping[str, Any], *, job: str | None = None, session: str | None = None, status: str | None = None
) -> None:
    """Note what a request made, or what was found: the status of a job, in the domain's words."""
    touched = environ.get(TOUCHED)
    if isinstance(touched, Touched):
        touched.job = job or touched.job
        touched.session = session or touched.session
        touched.job_status = status or touched.job_status


def traced(environ: Mapping[str, Any], trace: str) -> None:
    """Note under which name an answer speaks of itself."""
    touched = environ.get(TOUCHED)
    if isinstance(touched, Touched):
        touched.trace = trace
