"""One HTTP exchange: a call goes out, an answer with a bounded body comes back, or a `TransportError` says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from runtime_client.calls import Call, Reply
from runtime_client.errors import TransportError, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_client.settings import TransportSettings

_CHUNK_BYTES = 64 * 1024
# An error message needs no more of an error page.
_ERROR_BODY_BYTES = 64 * 1024
# What an exchange may raise besides RequestException: errors of urllib3 that requests lets through, those of the
# operating system, and the ValueErrors of a malformed Location header (requests reads it even when it does not follow
# it).
_FAULTS = (requests.RequestException, HTTPError, OSError, ValueError)
_TRANSIENT = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
# Both are ConnectionErrors to requests, and both will fail the same way again.
_PERMANENT = (requests.exceptions.SSLError, requests.exceptions.ProxyError)


class DirectSession(requests.Session):
    """A session to which every answer is the answer: a redirect would carry tokens to wherever it points."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return None: there is nothing to follow in `resp`, so nothing of it is read ahead either."""
        del resp
        return None


class _Credentials(AuthBase):
    """Sets headers at the very end of preparing a request.

    Given as `auth` even for calls without credentials: `requests` would otherwise look the host up in ~/.netrc and
    overwrite the `Authorization` header with what it finds.
    """

    __slots__ = ("_headers",)

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


def exchange(
    session: requests.Session, call: Call, *, url: str, credentials: Mapping[str, str], settings: TransportSettings
) -> Reply:
    """Send a call once, with the headers of `credentials`, and return the reply.

    Raises `TransportError` when none arrived, when its body broke off or could not be decompressed, or was too large.
    An error status is a reply even if its body cannot be read: the status is what matters.
    """
    # A compressed body that breaks off looks whole to the layers below, so none is asked for, and none is taken.
    headers = {"X-Qx-Client-Application": settings.application, "Accept-Encoding": "identity", **call.headers}
    if call.content_type is not None:
        headers["Content-Type"] = call.content_type
    try:
        response = session.request(
            call.method,
            url,
            params=call.query,
            headers=headers,
            data=call.form if call.body is None else call.body,
            files=call.files,
            auth=_Credentials(credentials),
            timeout=settings.timeout,
            allow_redirects=False,
            stream=True,
        )
    except _FAULTS as error:
        # No cause: it holds the request, with the credentials in its headers, for whoever keeps errors.
        raise _transport_error(call, error) from None
    with response:
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if response.status_code < 400 and coding != "identity":
            raise TransportError(
                f"the answer is encoded ({one_line(coding)}), which was not asked for", operation=call.operation
            )
        return Reply(
            status=response.status_code,
            body=_body(call, response, settings.max_response_bytes),
            content_type=response.headers.get("Content-Type"),
            content_length=response.headers.get("Content-Length"),
            retry_after=response.headers.get("Retry-After"),
            date=response.headers.get("Date"),
            location=response.headers.get("Location"),
        )


def _body(call: Call, response: requests.Response, limit: int) -> bytes:
    failed = response.status_code >= 400
    body = bytearray()
    try:
        for chunk in response.iter_content(_CHUNK_BYTES):
            body += chunk
            if failed and len(body) > _ERROR_BODY_BYTES:
                return bytes(body[:_ERROR_BODY_BYTES])
            if len(body) > limit:
                raise TransportError(f"the answer is larger than {limit} bytes", operation=call.operation)
    except _FAULTS as error:
        if failed:
            return bytes(body)
        raise _transport_error(call, error) from None
    return bytes(body)


def _transport_error(call: Call, error: Exception) -> TransportError:
    return TransportError(
        f"{type(error).__name__}: {one_line(str(error))}",
        operation=call.operation,
        sent=not _never_connected(error),
        transient=isinstance(error, _TRANSIENT) and not isinstance(error, _PERMANENT),
    )


def _never_connected(error: Exception) -> bool:
    """Tell whether there was no connection, so that not one byte of the request can have left."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
