"""How the edition of 2021 says that something went wrong.

Evidence: the envelope was recorded on this service on 2021-11-12 with the code `gone`, and later with `not_found`.
That it was the same in summer, and the other codes, are guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from mock_runtime.domain import errors as domain
from mock_runtime.faults.injected import Injected
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

INJECTED_CODES: Final[Mapping[int, str]] = {
    402: "payment_required",
    406: "not_acceptable",
    408: "request_timeout",
    412: "precondition_failed",
    422: "unprocessable_entity",
    423: "locked",
    424: "failed_dependency",
    429: "too_many_requests",
    501: "not_implemented",
    502: "bad_gateway",
    503: "service_unavailable",
    504: "gateway_timeout",
}
"""The same of statuses that only rules answer. Guesses, after HTTP's own names."""


def render_error(problem: Problem) -> Response:
    """The answer of this edition to a problem."""
    status = status_of(problem.error, STATUSES)
    code: int | str = CODES.get(status, "bad_request" if status < 500 else "internal_error")
    solution = {}
    if isinstance(problem.error, Injected):
        code = problem.error.code if problem.error.code is not None else INJECTED_CODES.get(status, code)
        solution = {} if problem.error.solution is None else {"solution": problem.error.solution}
    error = {"code": code, "message": message_of(problem.error, status), **solution, "more_info": MORE_INFO}
    headers = {**problem.headers, "WWW-Authenticate": "Bearer"} if status == 401 else problem.headers
    return json_response({"errors": [error], "trace": problem.trace}, status, headers)
