"""Calls over `requests`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, ProxyError

from runtime_client.errors import TransportError, one_line
from runtime_client.exchange import CHUNK_BYTES, Incoming, outgoing_headers, outgoing_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_client.calls import Call, Reply
    from runtime_client.flows import Send
    from runtime_client.settings import TransportSettings

# What an exchange may raise besides RequestException: errors of urllib3 that requests lets through, those of the
# operating system, and the ValueErrors of a malformed Location header (requests reads it even when it does not follow
# it).
_FAULTS = (requests.RequestException, HTTPError, OSError, ValueError)
_TRANSIENT = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
# Both are ConnectionErrors to requests, and both will fail the same way again: but see `_was_lost`.
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


class RequestsExchange:
    """Sends calls over one `requests.Session`: the caller's, or one of its own that it closes."""

    def __init__(self, settings: TransportSettings) -> None:
        self._settings = settings
        self._session: requests.Session = DirectSession() if settings.session is None else settings.session

    def close(self) -> None:
        """Close the session, unless it is the caller's own."""
        if self._settings.session is None:
            self._session.close()

    def send(self, send: Send, /) -> Reply:
        """Send a call once and return the reply.

        Raises `TransportError` when none arrived, when its body broke off or could not be decompressed, or was too
        large. An error status is a reply even if its body cannot be read: the status is what matters.
        """
        call, settings = send.call, self._settings
        proxy = settings.proxy
        try:
            response = self._session.request(
                call.method,
                outgoing_url(send),
                headers=outgoing_headers(call, settings.application),
                data=call.form if call.body is None else call.body,
                files=call.files,
                auth=_Credentials(send.headers),
                timeout=settings.timeout,
                allow_redirects=False,
                stream=True,
                # None leaves it to the session and to REQUESTS_CA_BUNDLE.
                verify=None if settings.verify is True else settings.verify,
                proxies=None if proxy is None else {"http": proxy, "https": proxy},
            )
        except _FAULTS as error:
            # No cause: it holds the request, with the credentials in its headers, for whoever keeps errors.
            raise _transport_error(call, error) from None
        with response:
            found = Incoming(call, response.status_code, response.headers, limit=settings.max_response_bytes)
            try:
                for chunk in response.iter_content(CHUNK_BYTES):
                    if not found.take(chunk):
                        break
            except _FAULTS as error:
                if not found.failed:
                    raise _transport_error(call, error) from None
            return found.reply()


def _transport_error(call: Call, error: Exception) -> TransportError:
    return TransportError(
        f"{type(error).__name__}: {one_line(str(error))}",
        operation=call.operation,
        sent=not _never_connected(error),
        transient=isinstance(error, _TRANSIENT) and (not isinstance(error, _PERMANENT) or _was_lost(error)),
    )


def _was_lost(error: Exception) -> bool:
    """Tell whether a connection through a proxy was there and was lost.

    urllib3 takes that for a proxy that cannot be reached, as it has closed the connection before it looks. A proxy that
    refuses is a plain OSError below the same ProxyError.
    """
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    return isinstance(reason, ProxyError) and isinstance(reason.original_error, ConnectionError)


def _never_connected(error: Exception) -> bool:
    """Tell whether there was no connection, so that not one byte of the request can have left."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
