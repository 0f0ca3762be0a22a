"""How the account service says that something went wrong.

Evidence: the shape, and 3445 and 3446 as codes of a 401, are what IBM's client reads. Which of the two means what is
a guess, as are all other codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from mock_runtime.domain import errors as domain
from mock_runtime.faults.injected import Injected, phrase
from mock_runtime.surface import Problem, json_response, message_of, status_of

if TYPE_CHECKING:
    from flask import Response

NO_CREDENTIALS: Final = "3445"
UNKNOWN_TOKEN: Final = "3446"  # noqa: S105 - an error code

_STATUSES: Final[Mapping[type[Exception], int]] = {
    domain.NotAuthenticated: 401,
    domain.NotFound: 404,
}
_NAMES: Final[Mapping[int, str]] = {
    401: "LOGIN_FAILED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    500: "INTERNAL_ERROR",
}


def render_error(problem: Problem) -> Response:
    """The answer of the account service to a problem."""
    status = status_of(problem.error, _STATUSES)
    body = {
        "status": status,
        "message": message_of(problem.error, status),
        "code": _code(problem.error, status),
        "name": _name(problem.error, status),
    }
    return json_response({"error": body}, status, problem.headers)


def _name(error: Exception, status: int) -> str:
    if isinstance(error, Injected) and status not in _NAMES:
        return re.sub("[^A-Z]+", "_", phrase(status).upper()) or "ERROR"
    return _NAMES.get(status, "BAD_REQUEST")


def _code(error: Exception, status: int) -> str:
    if isinstance(error, Injected):
        return str(error.code or {401: UNKNOWN_TOKEN}.get(status, f"3{status}"))
    if isinstance(error, domain.NotAuthenticated) and error.presented:
        return UNKNOWN_TOKEN
    return NO_CREDENTIALS if status == 401 else f"3{status}"
