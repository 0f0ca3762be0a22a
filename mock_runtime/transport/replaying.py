"""Answers that are not fetched from anywhere: a recording in place of a server, on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mock_runtime.clock import Clock
from mock_runtime.transport.asgi import Disconnected, Receive, Scope, Send
from mock_runtime.transport.forwarding import OWN, Asked, Replied, Watcher, as_text, reply, target_of
from mock_runtime.transport.hosts import Hosts
from mock_runtime.transport.wsgi import WSGIApp


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaying:
    """An ASGI application that answers what `find` says, after as many seconds.

    `find` gives an answer, how long it takes, and whether it is one of the recording's, which the watcher is shown.
    `app` words the refusal of what is no HTTP.
    """

    hosts: Hosts
    watcher: Watcher
    find: Callable[[Asked], tuple[Replied, float, bool]]
    clock: Clock
    app: WSGIApp
    largest_kept_bytes: int = 8 * 1024 * 1024
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI 3 defines it. A WebSocket is refused."""
        headers = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
        host = next((value for name, value in headers if name == b"host"), b"").decode("latin-1")
        target = target_of(scope)
        path, question, query = target.partition("?")
        asked = Asked(
            number=next(self._numbers),
            method=scope.get("method", "GET"),
            host=host,
            target=target,
            inside=(self.hosts.inside(host, path) or path) + question + query,
            headers=as_text(headers),
        )
        with contextlib.suppress(asyncio.CancelledError, Disconnected):
            if scope["type"] != "http":
                await receive()
                refusal = self.watcher.failed(asked, 501, "WebSockets are not replayed: poll instead")
                await reply(send, refusal, "GET", kind="websocket.http.response")
            elif target.startswith(OWN) and not self.hosts.knows(host):
                await reply(send, self.watcher.own(target), asked.method)
            else:
                await self._answer(asked, receive, send)

    async def _answer(self, asked: Asked, receive: Receive, send: Send) -> None:
        begun = self.clock.now()
        body, size = await self._body(receive)
        whole = Asked(
            number=asked.number,
            method=asked.method,
            host=asked.host,
            target=asked.target,
            inside=asked.inside,
            headers=asked.headers,
            body=body,
            size=size,
        )
        found, seconds, is_recorded = self.find(whole)
        if seconds:
            await self.clock.sleep_async(seconds)
        if is_recorded:
            found = self.watcher.answered(whole, found, seconds=self.clock.now() - begun) or found
        await reply(send, found, asked.method)

    async def _body(self, receive: Receive) -> tuple[bytes | None, int]:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            size += len(message.get("body", b""))
            if size > self.largest_kept_bytes:
                parts.clear()
            else:
                parts.append(message.get("body", b""))
            if not message.get("more_body"):
                return (b"".join(parts) if size <= self.largest_kept_bytes else None), size
