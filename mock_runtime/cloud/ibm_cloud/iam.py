"""IAM: a token for an API key.

Evidence: IBM's documentation of the endpoint; the form of errors and their codes are those that IBM's SDKs handle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, request

from mock_runtime.cloud.ibm_cloud.hosts import routes
from mock_runtime.domain.errors import NotAuthenticated, NotFound
from mock_runtime.faults.injected import Injected
from mock_runtime.operations import LOG_IN, Operation, called_by
from mock_runtime.parsing import MalformedRequest
from mock_runtime.surface import Problem, Surface, json_response, message_of, status_of

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.directory import Grant
    from mock_runtime.site import Site

PREFIX: Final = "/identity"
API_KEY_GRANT: Final = "urn:ibm:params:oauth:grant-type:apikey"

OPERATIONS: Final = {"token": Operation("token", LOG_IN)}
"""What a log-in is called in all editions."""

_STATUSES: Final = {NotAuthenticated: 400, NotFound: 404}
_CODES: Final = {400: "BXNIM0109E", 404: "BXNIM0002E", 405: "BXNIM0003E", 413: "BXNIM0121E", 500: "BXNIM0001E"}
_KEY_UNKNOWN: Final = "BXNIM0415E"
_LARGEST_FORM: Final = 65_536
"""Bytes. A guess; a form of megabytes takes seconds to read, and a key has some forty characters."""


def surface(site: Site) -> Surface:
    """The token service."""
    blueprint = Blueprint("iam", __name__)

    @blueprint.post("/token")
    def token() -> Response:
        key = _api_key()
        called_by(request.environ, site.directory.by_api_key(key).name)
        return json_response(present(site.directory.grant(key)), headers={"Cache-Control": "no-store"})

    return Surface(
        prefix=PREFIX,
        blueprint=blueprint,
        render_error=render_error,
        hosts=routes("iam", "private.iam", inside=""),
    )


def _api_key() -> str:
    """The key in the form; MalformedRequest says what is missing, RequestEntityTooLarge that it is no form for this."""
    request.max_content_length = _LARGEST_FORM
    form = request.form
    if not form.get("grant_type"):
        raise MalformedRequest("'grant_type' is missing or empty")
    if form["grant_type"] != API_KEY_GRANT:
        raise MalformedRequest(f"'grant_type' is not one that this server knows: send {API_KEY_GRANT}")
    if not form.get("apikey"):
        raise MalformedRequest("'apikey' is missing or empty")
    return form["apikey"]


def present(grant: Grant) -> dict[str, Any]:
    """A token as IAM answers it."""
    return {
        "access_token": grant.access_token,
        "refresh_token": "not_supported",
        "token_type": "Bearer",
        "expires_in": grant.expires_at - grant.issued_at,
        "expiration": grant.expires_at,
        "scope": "ibm openid",
    }


def render_error(problem: Problem) -> Response:
    """The answer of IAM to a problem."""
    status = status_of(problem.error, _STATUSES)
    unknown = isinstance(problem.error, NotAuthenticated)
    code = _KEY_UNKNOWN if unknown else _CODES.get(status, _CODES[400 if status < 500 else 500])
    if isinstance(problem.error, Injected) and problem.error.code is not None:
        code = str(problem.error.code)
    body = {
        "errorCode": code,
        "errorMessage": "Provided API key could not be found." if unknown else message_of(problem.error, status),
        "context": {"requestId": problem.trace, "requestType": "incoming.Identity_Token"},
    }
    return json_response(body, status, problem.headers)
