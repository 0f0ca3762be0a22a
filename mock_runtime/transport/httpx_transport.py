"""The fake without a socket, for callers that use httpx, blocking or not."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import httpx

from mock_runtime.transport.answering import Answering, Arriving, OutOfPatience, Request, sleep_on
from mock_runtime.transport.exchanges import ConnectionCut

if TYPE_CHECKING:
    from mock_runtime.clock import Clock

_NO_BODY = {204, 304}


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of httpx that is answered in this process: `httpx.Client(transport=...)`, or `AsyncClient`."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request.

        httpx.ReadTimeout if it takes longer than the client waits, httpx.RemoteProtocolError and httpx.ReadError where
        the connection is cut.
        """
        request.read()
        with _errors_of_httpx(request):
            arriving = self._answering.answer(_request(request), _patience(request))
        return _response(arriving, request, self._answering.clock)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request without blocking the event loop."""
        await request.aread()
        with _errors_of_httpx(request):
            arriving = await self._answering.answer_async(_request(request), _patience(request))
        return _response(arriving, request, self._answering.clock)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, arriving: Arriving, request: httpx.Request, clock: Clock, announced: int | None) -> None:
        self._arriving = arriving
        self._pieces = arriving.pieces()
        self._request = request
        self._clock = clock
        self._announced = announced

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        with _errors_of_httpx(self._request):
            for piece in self._pieces:
                if isinstance(piece, float):
                    self._clock.sleep(piece)
                else:
                    size += len(piece)
                    yield piece
        self._refuse_what_is_too_short(size)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        with _errors_of_httpx(self._request):
            for piece in self._pieces:
                if isinstance(piece, float):
                    await sleep_on(self._clock, piece)
                else:
                    size += len(piece)
                    yield piece
        self._refuse_what_is_too_short(size)

    def close(self) -> None:
        """Nobody reads on."""
        self._arriving.give_up()

    async def aclose(self) -> None:
        """Nobody reads on."""
        self._arriving.give_up()

    def _refuse_what_is_too_short(self, size: int) -> None:
        if self._announced is not None and size < self._announced:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {size} bytes, expected {self._announced})",
                request=self._request,
            )


@contextlib.contextmanager
def _errors_of_httpx(request: httpx.Request) -> Iterator[None]:
    try:
        yield
    except OutOfPatience as error:
        raise httpx.ReadTimeout(str(error), request=request) from None
    except ConnectionCut as error:
        kind = httpx.ReadError if error.reset else httpx.RemoteProtocolError
        raise kind(str(error), request=request) from None


def _request(request: httpx.Request) -> Request:
    url = request.url
    return Request(
        method=request.method,
        scheme=url.scheme,
        host=url.netloc.decode("ascii"),
        target=url.raw_path.decode("ascii"),
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
        body=request.content,
    )


def _patience(request: httpx.Request) -> float | None:
    seconds = request.extensions.get("timeout", {}).get("read")
    return None if seconds is None else float(seconds)


def _response(arriving: Arriving, request: httpx.Request, clock: Clock) -> httpx.Response:
    if arriving.raw is not None:
        arriving.give_up()
        raise httpx.RemoteProtocolError("the server answered with what is no HTTP", request=request)
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in arriving.headers]
    sizes = [int(value) for name, value in arriving.headers if name.lower() == "content-length" and value.isdecimal()]
    has_body = bool(sizes) and request.method != "HEAD" and arriving.status not in _NO_BODY
    body = _Body(arriving, request, clock, sizes[0] if has_body else None)
    return httpx.Response(arriving.status, headers=raw, stream=body, extensions={"http_version": b"HTTP/1.1"})
