"""The names that operations have in all editions: what a rule, the journal and its assertions call them.

An edition says which of its own operations goes by which name; what only it has goes by the id of its document alone.
"""

from __future__ import annotations

from typing import Final

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
