"""Feeding a client that is built on httpx: a transport that answers from memory, for blocking clients and others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from runtime_contracts.feeding import CUT, SentRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from runtime_contracts.feeding import Feed, Feeder

_ENDS_EARLY = "peer closed connection without sending complete message body (received {} bytes, expected {})"
_BODILESS = frozenset({204, 304})


class FeedingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers every request of `httpx.Client` and `httpx.AsyncClient` out of a feeder.

    What breaks on the way is raised as httpx does it over a socket: a cut connection as RemoteProtocolError before
    there is an answer, a body that ends too early as the same while it is read. `as_on_a_socket` leaves out a body
    where HTTP has none, with a 204: no client could see it.
    """

    def __init__(self, feeder: Feeder, *, as_on_a_socket: bool = False) -> None:
        self._feeder = feeder
        self._as_on_a_socket = as_on_a_socket

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Keep the request and answer it."""
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Keep the request and answer it."""
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = url.raw_path.decode("ascii")
        feed = self._feeder.answer(
            SentRequest(
                method=request.method,
                url=f"{url.scheme}://{url.netloc.decode('ascii')}{target}",
                target=target,
                headers={name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.raw},
                body=request.content,
            )
        )
        if feed.cut:
            raise httpx.RemoteProtocolError(CUT, request=request)
        headers = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in feed.wire_headers.items()]
        stream = _Body(feed, visible=not (self._as_on_a_socket and feed.status in _BODILESS))
        return httpx.Response(feed.status, headers=headers, stream=stream, extensions={"http_version": b"HTTP/1.1"})


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer, which may end too early."""

    def __init__(self, feed: Feed, *, visible: bool) -> None:
        self._feed = feed
        self._body = feed.body if visible else b""

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body
        self._end()

    def _end(self) -> None:
        if self._feed.missing:
            size = len(self._feed.body)
            raise httpx.RemoteProtocolError(_ENDS_EARLY.format(size, size + self._feed.missing))
