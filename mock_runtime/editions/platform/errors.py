"""How today's API says that something went wrong.

Evidence: two containers are published; on the wire a code is a number, and a refusal that knows a way out has a
`solution` (seen by a third party on a live account). Codes marked so below are in IBM's registry or were seen; the
others are guesses within the groups of that registry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.domain import errors as domain
from mock_runtime.editions.platform.auth import NoInstance
from mock_runtime.faults.injected import Injected
from mock_runtime.parsing import MalformedRequest
from mock_runtime.surface import Problem, json_response, message_of, status_of

if TYPE_CHECKING:
    from flask import Response

MORE_INFO: Final = "https://cloud.ibm.com/apidocs/quantum-computing#error-handling"
"""Evidence: seen in a live answer."""

GENERIC_PATHS: Final = ("/v1/workloads", "/v1/analytics", "/v1/instances/usage")
"""Operations whose errors come in the other container, in which everything has to be there and the trace is a UUID."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a refusal is said: its status, IBM's number for it, and what to do about it."""

    status: int
    code: int
    solution: str | None = None


REFUSALS: Final[Mapping[type[Exception], Refusal]] = {
    domain.NotAuthenticated: Refusal(401, 1201, "Check the API key or the token, and try again."),  # registry
    MalformedRequest: Refusal(400, 1208, "Compare the request with the API's document, and try again."),  # seen
    NoInstance: Refusal(400, 1241, "Send the CRN of a service instance that you have access to."),  # seen
    domain.InstanceNotFound: Refusal(
        404, 1279, "Check the CRN, and that the address is that of the instance's region."
    ),  # seen
    domain.JobNotFound: Refusal(404, 1291, "Check the id of the job, and that the instance is the one it belongs to."),
    domain.ResultsGone: Refusal(404, 1291, "Submit the job again; results that were private can be read once."),
    domain.SessionNotFound: Refusal(
        404, 1292, "Check the id of the session, and that the instance is the one it belongs to."
    ),
    domain.ProgramNotFound: Refusal(404, 1290, "Use one of: sampler, estimator, executor, noise-learner."),
    domain.BackendNotFound: Refusal(404, 1007),  # registry; seen without a solution
    domain.CalibrationNotFound: Refusal(404, 1009),  # registry
    domain.AccountNotFound: Refusal(404, 1280, "Check the id of the account."),
    domain.PageNotFound: Refusal(404, 1281, "Take the cursor from the href of another page."),
    domain.LogsNotReady: Refusal(404, 1293),  # seen without a solution
    domain.LogsGone: Refusal(404, 1293),
    domain.JobAlreadyFinal: Refusal(409, 1294, "The job has ended; there is nothing left to cancel."),
    domain.SessionClosed: Refusal(400, 4001, "Open a new session, and submit the job to that."),  # old registry
    domain.WrongBackend: Refusal(400, 1295, "Submit the job to the backend of its session."),
    domain.ModeNotAllowed: Refusal(400, 1352, "Use a batch, or jobs without a session, or another plan."),  # seen
    domain.RemoteStorageNotAllowed: Refusal(403, 1203, "Leave remote_storage out, and send the inputs in params."),
    domain.UsageLimitReached: Refusal(409, 1299, "Raise the limit of the instance, or wait for the next period."),
    domain.LimitAboveAllocation: Refusal(409, 1298, "Choose a limit that is within the allocation of the plan."),
    domain.TooManyRequests: Refusal(429, 1202, "Reduce the request rate, and try again."),  # registry
}
"""How each refusal of the domain, and of the protocol, is said."""

PROTOCOL: Final[Mapping[int, int]] = {404: 1296, 405: 1297, 413: 1211, 500: 1000}
"""The numbers of what HTTP refuses, and of our own bugs."""

INJECTED: Final[Mapping[int, Refusal]] = {
    400: REFUSALS[MalformedRequest],
    401: REFUSALS[domain.NotAuthenticated],
    402: Refusal(402, 1212, "Choose a plan that includes this."),
    403: Refusal(403, 1200, "Check that you have access to the instance."),  # registry; the status was seen
    404: Refusal(404, 1296),
    405: Refusal(405, 1297),
    406: Refusal(406, 1213),
    408: Refusal(408, 1217, "Send the request again."),
    409: Refusal(409, 1294),
    410: Refusal(410, 1218),
    413: Refusal(413, 1211),
    415: Refusal(415, 1219),
    422: Refusal(422, 1208, "Compare the request with the API's document, and try again."),
    423: Refusal(423, 1220, "Wait until it is free, and try again."),
    424: Refusal(424, 1221),
    429: REFUSALS[domain.TooManyRequests],
}
"""How a status is said that a rule asks for without more. Those from 500 on have the number of an internal error.

Where nothing is noted, the number is a guess within the group of the registry."""

_SAID_SHORT: Final[Mapping[type[Exception], str]] = {
    domain.BackendNotFound: "device not found",
    domain.LogsNotReady: "logs not found",
    domain.LogsGone: "logs not found",
}
"""Evidence: these two texts were seen, without a solution."""

_AGAIN: Final = "Try again later."
_STATUSES: Final = {kind: refusal.status for kind, refusal in REFUSALS.items()}


def _refusal(error: Exception) -> Refusal | None:
    """How a refusal is said, as far as that is known."""
    if not isinstance(error, Injected):
        return next((REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS), None)
    default = Refusal(error.status, 1000, _AGAIN) if error.status >= 500 else Refusal(error.status, 1208)
    return INJECTED.get(error.status, default)


def _code(error: Exception, status: int, refusal: Refusal | None) -> int | str:
    if isinstance(error, Injected) and error.code is not None:
        return error.code
    if isinstance(error, domain.NotAuthenticated) and not error.presented:
        return 1200
    return PROTOCOL.get(status, 1208) if refusal is None else refusal.code


def render_error(problem: Problem, *, generic: bool, trace: str) -> Response:
    """The answer to a problem; `generic` chooses the container in which everything has to be there."""
    error = problem.error
    status = status_of(error, _STATUSES)
    refusal = _refusal(error)
    message = next((text for kind, text in _SAID_SHORT.items() if isinstance(error, kind)), None)
    said: dict[str, Any] = {
        "code": _code(error, status, refusal),
        "message": message or message_of(error, status),
    }
    solution = None if refusal is None else refusal.solution
    if isinstance(error, Injected) and error.solution is not None:
        solution = error.solution
    if solution is not None or generic:
        said["solution"] = solution or "Compare the request with the API's document, and try again."
    said["more_info"] = MORE_INFO
    headers = dict(problem.headers)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, domain.TooManyRequests):
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    return json_response({"errors": [said], "trace": trace}, status, headers)
