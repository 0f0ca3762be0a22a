"""The Flask application on an event loop, called inline: no thread a request.

The handlers look things up in memory and never wait, so calling them on the loop costs less than handing them to a
thread. What does wait, an injected latency, is awaited here. A body that is large enough for its parsing to be felt
by others goes to a thread.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from mock_runtime.clock import Clock
from mock_runtime.transport.hosts import Hosts
from mock_runtime.transport.latency import Latency
from mock_runtime.transport.wsgi import BODY_EXCEEDED, Environ, Headers, WSGIApp, call, path_info

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_LARGE_BODY: Final = 256 * 1024
_DRAINED_AT_MOST: Final = 512 * 1024 * 1024
TRANSPORT: Final = "mock_runtime.transport"
"""In the scope: the transport of the connection, for answers that are written byte by byte."""


class Disconnected(Exception):
    """The client went away before its request was complete: there is nothing to do, and nobody to tell."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was answered. `seconds` is how long that took, by the clock of the fake."""

    method: str
    path: str
    status: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer; `raw` are the bytes on the wire instead, after which the connection closes."""

    status: int
    headers: Headers
    body: bytes
    raw: bytes | None = None


Front: TypeAlias = Callable[[Environ, Callable[[], Reply]], Reply]
"""Answers a request in place of the application, or hands out what the application answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaskOnASGI:
    """An ASGI application that answers HTTP from a WSGI application, and hands WebSockets to `streams`.

    Where there is a `front`, it is asked first.

    Without `streams` a handshake is answered as the GET that it is, which the application refuses in its own words.
    """

    app: WSGIApp
    clock: Clock
    latency: Latency
    max_body_bytes: int
    hosts: Hosts = field(default_factory=lambda: Hosts(()))
    observe: Callable[[Exchange], None] | None = None
    streams: ASGIApp | None = None
    front: Front | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one WebSocket, as ASGI 3 defines it."""
        try:
            if scope["type"] == "http":
                await self._http(scope, receive, send)
            elif self.streams is not None:
                await self.streams(scope, receive, send)
            else:
                await self._decline(scope, receive, send)
        except asyncio.CancelledError:
            # The server stops and has cut the connection: nobody is left to answer, and nothing is wrong.
            return

    async def _decline(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        status, headers, body = call(self.app, _environ({**scope, "method": "GET", "scheme": "http"}, b""))
        await _send(send, status, headers, body, kind="websocket.http.response")

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = self.clock.now()
        try:
            body = await self._body(receive)
        except Disconnected:
            return
        environ = _environ(scope, body)
        self.hosts.redirect(environ)
        delay = self.latency.of(environ["PATH_INFO"])
        if delay:
            await self.clock.sleep_async(delay)
        if body is not None and len(body) > _LARGE_BODY:
            reply = await asyncio.to_thread(self._reply, environ)
        else:
            reply = self._reply(environ)
        if reply.raw is not None and TRANSPORT in scope:
            scope[TRANSPORT].write(reply.raw)
            scope[TRANSPORT].close()
        else:
            await _send(send, reply.status, reply.headers, reply.body, close=body is None)
        if self.observe is not None:
            self.observe(Exchange(scope["method"], environ["PATH_INFO"], reply.status, self.clock.now() - begun))
        if reply.raw is not None and TRANSPORT in scope:
            # The server is to learn that nobody is left to be answered.
            while (await receive())["type"] != "http.disconnect":
                pass

    def _reply(self, environ: Environ) -> Reply:
        def usual() -> Reply:
            status, headers, body = call(self.app, environ)
            return Reply(status=status, headers=headers, body=body)

        return usual() if self.front is None else self.front(environ, usual)

    async def _body(self, receive: Receive) -> bytes | None:
        """The whole body; None if it is larger than the server reads.

        What is too large is received and thrown away, up to a bound, so that a client which sends first and listens
        later gets to read the refusal instead of a reset connection.
        """
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        if not message.get("more_body"):
            whole = message.get("body", b"")
            return whole if len(whole) <= self.max_body_bytes else None
        parts, size = [message.get("body", b"")], len(message.get("body", b""))
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            size += len(message.get("body", b""))
            if size > self.max_body_bytes:
                parts.clear()
                if size > _DRAINED_AT_MOST:
                    return None
            else:
                parts.append(message.get("body", b""))
        return b"".join(parts) if size <= self.max_body_bytes else None


def _environ(scope: Scope, body: bytes | None) -> Environ:
    server = scope.get("server") or ("localhost", 80)
    query = scope["query_string"].decode("latin-1")
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path_info(scope["raw_path"]),
        "QUERY_STRING": query,
        "REQUEST_URI": scope["raw_path"].decode("latin-1") + (f"?{query}" if query else ""),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope.get("client") else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body or b""),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    if body is None:
        environ[BODY_EXCEEDED] = True
    for name, value in scope["headers"]:
        _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    # What was received counts, not what was announced: a chunked body announces nothing.
    environ["CONTENT_LENGTH"] = str(len(body or b""))
    return environ


def _add_header(environ: Environ, name: str, value: str) -> None:
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
        # A name with an underscore would pass for the one with a hyphen.
        if "_" in name:
            return
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    environ[key] = value


async def _send(
    send: Send, status: int, headers: Headers, body: bytes, *, close: bool = False, kind: str = "http.response"
) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
    if close:
        raw.append((b"connection", b"close"))
    await send({"type": f"{kind}.start", "status": status, "headers": raw})
    await send({"type": f"{kind}.body", "body": body})
