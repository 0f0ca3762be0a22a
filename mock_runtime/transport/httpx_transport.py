"""The fake without a socket, for callers that use httpx, blocking or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from mock_runtime.transport.answering import Answering, OutOfPatience, Request

if TYPE_CHECKING:
    from mock_runtime.transport.answering import Answer


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of httpx that is answered in this process: `httpx.Client(transport=...)`, or `AsyncClient`."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; httpx.ReadTimeout if its latency is longer than the client waits."""
        request.read()
        try:
            return _response(self._answering.answer(_request(request), _patience(request)))
        except OutOfPatience as error:
            raise httpx.ReadTimeout(str(error), request=request) from None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request without blocking the event loop."""
        await request.aread()
        try:
            return _response(await self._answering.answer_async(_request(request), _patience(request)))
        except OutOfPatience as error:
            raise httpx.ReadTimeout(str(error), request=request) from None


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


def _response(answer: Answer) -> httpx.Response:
    status, headers, body = answer
    raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    return httpx.Response(status, headers=raw, stream=httpx.ByteStream(body), extensions={"http_version": b"HTTP/1.1"})
