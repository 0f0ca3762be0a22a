"""Calls over httpx, blocking or not; imported only by who asks for it."""

from __future__ import annotations

import functools
import os
import ssl
from contextlib import aclosing, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime_client.errors import TransportError, one_line
from runtime_client.exchange import CHUNK_BYTES, Incoming, outgoing_headers, outgoing_url

try:
    import httpx
except ImportError as error:  # pragma: no cover - needs an environment without httpx; tests/runtime_client has one
    raise ImportError("this client needs httpx: pip install 'mock-runtime[httpx]'") from error

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from runtime_client.calls import Call, Reply
    from runtime_client.flows import Send
    from runtime_client.settings import AsyncTransportSettings, TransportSettings

# Beside its own errors httpx lets through those of the operating system and of TLS, and the ValueErrors and
# ImportErrors of addresses, headers and proxies that make no sense.
_FAULTS = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError, OSError, ValueError, ImportError)
_TRANSIENT = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError)
_NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_LOCATION = "runtime_client.location"
# httpx reads the address of a redirect even when it does not follow it, and fails on one that makes no sense.
_BAD_REDIRECT = "Invalid URL in location header"


class _Credentials(httpx.Auth):
    """Sets headers at the very end; in place of whatever `auth` a client of the caller has."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request once, with the headers."""
        request.headers.update(self._headers)
        yield request


class HttpxExchange:
    """Sends calls over one `httpx.Client`: the caller's, or one of its own that it closes."""

    def __init__(self, settings: TransportSettings) -> None:
        self._settings = settings
        self._client: httpx.Client = settings.http_client or httpx.Client(
            **_own(settings), event_hooks={"response": [_set_aside]}
        )

    def close(self) -> None:
        """Close the client, unless it is the caller's own."""
        if self._settings.http_client is None:
            self._client.close()

    def send(self, send: Send, /) -> Reply:
        """Send a call once and return the reply; raises `TransportError`, as `RequestsExchange.send` does."""
        call, settings = send.call, self._settings
        try:
            _require_open(self._client, call)
            response = self._client.send(
                self._client.build_request(**_request(send, settings)),
                auth=_Credentials(send.headers),
                stream=True,
                follow_redirects=False,
            )
        except _FAULTS as error:
            raise _transport_error(call, error) from None
        with closing(response):
            found = Incoming(call, response.status_code, response.headers, limit=settings.max_response_bytes)
            try:
                for chunk in response.iter_bytes(CHUNK_BYTES):
                    if not found.take(chunk):
                        break
            except _FAULTS as error:
                if not found.failed:
                    raise _transport_error(call, error) from None
            return found.reply(response.extensions.get(_LOCATION))


class AsyncHttpxExchange:
    """Sends calls over one `httpx.AsyncClient`: the caller's, or one of its own that it closes."""

    def __init__(self, settings: AsyncTransportSettings) -> None:
        self._settings = settings
        self._client: httpx.AsyncClient = settings.http_client or httpx.AsyncClient(
            **_own(settings), event_hooks={"response": [_set_aside_async]}
        )
        self._is_used = False

    @property
    def is_open(self) -> bool:
        """Whether there may be connections of its own that are not closed."""
        return self._is_used and self._settings.http_client is None and not self._client.is_closed

    async def close(self) -> None:
        """Close the client, unless it is the caller's own."""
        if self._settings.http_client is None:
            await self._client.aclose()

    async def send(self, send: Send, /) -> Reply:
        """Send a call once and return the reply; raises `TransportError`, as `RequestsExchange.send` does."""
        call, settings = send.call, self._settings
        self._is_used = True
        try:
            _require_open(self._client, call)
            response = await self._client.send(
                self._client.build_request(**_request(send, settings)),
                auth=_Credentials(send.headers),
                stream=True,
                follow_redirects=False,
            )
        except _FAULTS as error:
            raise _transport_error(call, error) from None
        async with aclosing(response):
            found = Incoming(call, response.status_code, response.headers, limit=settings.max_response_bytes)
            try:
                async for chunk in response.aiter_bytes(CHUNK_BYTES):
                    if not found.take(chunk):
                        break
            except _FAULTS as error:
                if not found.failed:
                    raise _transport_error(call, error) from None
            return found.reply(response.extensions.get(_LOCATION))


def _own(settings: TransportSettings | AsyncTransportSettings) -> dict[str, Any]:
    """Return the options of a client of its own; raises what httpx does for a proxy or certificates it cannot use."""
    if settings.transport is None or isinstance(settings.transport, str):
        return {"verify": _trusted(settings.verify), "proxy": settings.proxy}
    return {"transport": settings.transport}


def _trusted(verify: bool | str) -> bool | ssl.SSLContext:
    """Return what httpx shall trust: also what the variables name that `requests` reads and httpx does not."""
    if verify is True:
        verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    if verify is False:
        return False
    path = None if verify is True else Path(str(verify))
    changed_ns = 0 if path is None else path.stat().st_mtime_ns
    return _context(path, changed_ns, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.lru_cache(maxsize=8)
def _context(path: Path | None, *_: object) -> ssl.SSLContext:
    # Reading all the world's authorities takes longer than all else that a client does at first.
    if path is None:
        return httpx.create_ssl_context()
    if path.is_dir():
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)


def _request(send: Send, settings: TransportSettings | AsyncTransportSettings) -> dict[str, Any]:
    call = send.call
    connect_s, read_s = settings.seconds
    return {
        "method": call.method,
        "url": outgoing_url(send),
        "headers": outgoing_headers(call, settings.application),
        "content": call.body,
        "data": call.form,
        "files": call.files,
        # Whoever has more calls under way than connections waits for one, as long as the others are bounded.
        "timeout": httpx.Timeout(connect=connect_s, read=read_s, write=read_s, pool=None),
    }


def _require_open(client: httpx.Client | httpx.AsyncClient, call: Call) -> None:
    if client.is_closed:
        raise TransportError("the client is closed", operation=call.operation, sent=False)


def _set_aside(response: httpx.Response) -> None:
    if "Location" in response.headers:
        response.extensions[_LOCATION] = response.headers.pop("Location")


async def _set_aside_async(response: httpx.Response) -> None:
    _set_aside(response)


def _transport_error(call: Call, error: Exception) -> TransportError:
    permanent = isinstance(error, httpx.ProxyError) or _is_tls(error) or str(error) == _BAD_REDIRECT
    return TransportError(
        f"{type(error).__name__}: {one_line(str(error))}",
        operation=call.operation,
        sent=not isinstance(error, _NEVER_CONNECTED),
        transient=isinstance(error, _TRANSIENT) and not permanent,
    )


def _is_tls(error: BaseException) -> bool:
    """Tell whether TLS is why: httpx says only that it could not connect, and why is further down."""
    link: BaseException | None = error
    seen: set[int] = set()
    # A chain may lead back to where it began: whoever raises an error from its own consequence makes such a one.
    while link is not None and id(link) not in seen:
        if isinstance(link, ssl.SSLError):
            return True
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return False
