"""How Global Search, Global Catalog and Resource Controller say that something went wrong; who calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request

from mock_runtime.domain.errors import NotAuthenticated, NotFound
from mock_runtime.faults.injected import Injected, phrase
from mock_runtime.surface import Problem, json_response, message_of, status_of

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.directory import Directory, User

_STATUSES: Final = {NotAuthenticated: 401, NotFound: 404}


def user(directory: Directory) -> User:
    """The user whose IAM token the request carries; NotAuthenticated."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated(presented=bool(scheme))
    return directory.by_access_token(token.strip())


def render_error(problem: Problem) -> Response:
    """One form for all three: IBM's SDKs read `errors[0].message`, `message` and `error`. A guess."""
    status = status_of(problem.error, _STATUSES)
    message = message_of(problem.error, status)
    body = {
        "errors": [{"code": _code(problem.error, status), "message": message}],
        "message": message,
        "status_code": status,
        "trace": problem.trace,
    }
    return json_response(body, status, problem.headers)


def _code(error: Exception, status: int) -> str:
    if isinstance(error, Injected) and error.code is not None:
        return str(error.code)
    named = phrase(status) or "error" if isinstance(error, Injected) else getattr(error, "name", type(error).__name__)
    return str(named).lower().replace(" ", "_")
