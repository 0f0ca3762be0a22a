"""How the edition of 2021 says that something went wrong.

Evidence: the envelope was recorded on this service on 2021-11-12 with the code `gone`, and later with `not_found`.
That it was the same in summer, and the other codes, are guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from mock_runtime.domain import errors as domain
from mock_runtime.surface import Problem, json_response, message_of, status_of

if TYPE_CHECKING:
    from flask import Response

MORE_INFO: Final = "https://cloud.ibm.com/apidocs/quantum-computing#error-handling"

STATUSES: Final[Mapping[type[Exception], int]] = {
    domain.NotAuthenticated: 401,
    domain.UploadNotAllowed: 403,
    domain.NotTheAuthor: 403,
    domain.NotFound: 404,
    domain.LogsNotReady: 404,
    domain.JobAlreadyFinal: 409,
    domain.ProgramNameTaken: 409,
    domain.LogsGone: 410,
}
"""The status of each refusal of the domain.

An unknown program or backend in a submission is a 404 here: a guess, since this edition's answer is not on record (400
is from January 2022, 404 from later)."""

CODES: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    410: "gone",
    413: "payload_too_large",
    415: "unsupported_media_type",
    500: "internal_error",
}
"""The code in the envelope, by status."""


def render_error(problem: Problem) -> Response:
    """The answer of this edition to a problem."""
    status = status_of(problem.error, STATUSES)
    code = CODES.get(status, "bad_request" if status < 500 else "internal_error")
    error = {"code": code, "message": message_of(problem.error, status), "more_info": MORE_INFO}
    headers = {**problem.headers, "WWW-Authenticate": "Bearer"} if status == 401 else problem.headers
    return json_response({"errors": [error], "trace": problem.trace}, status, headers)
