"""The Flask application on an event loop, called inline: no thread a request.

The handlers look things up in memory and never wait, so calling them on the loop costs less than handing them to a
thread. What does wait, an injected latency, is awaited here. A body that is large enough for its parsing to be felt
by others goes to a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
import struct
import sys
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from mock_runtime.transport.delivery import Close, Cut, Data, Delivery, Head, Wait, steps
from mock_runtime.transport.exchanges import ConnectionCut
from mock_runtime.transport.wsgi import BODY_EXCEEDED, Environ, Headers, WSGIApp, call, path_info

if TYPE_CHECKING:
    from mock_runtime.clock import Clock
    from mock_runtime.transport.exchanges import Responder

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_LARGE_BODY: Final = 256 * 1024
_NO_LINGER: Final = struct.pack("ii", 1, 0)
_SMALL: Final = 16 * 1024
_CORK: Final[int | None] = getattr(socket, "TCP_CORK", getattr(socket, "TCP_NOPUSH", None))
_DRAINED_AT_MOST: Final = 512 * 1024 * 1024
TRANSPORT: Final = "mock_runtime.transport"
"""In the scope: the transport of the connection, for answers that are written byte by byte."""


class Ended(Protocol):
    """Is told that an answer is as good as out."""

    def __call__(self, *, left: bool = False) -> None:
        """`left`: its caller was gone before that."""
        ...


class Disconnected(Exception):
    """The client went away before its request was complete: there is nothing to do, and nobody to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaskOnASGI:
    """An ASGI application that answers HTTP from a responder, and hands WebSockets to `streams`.

    `app` words the refusal of what is no HTTP. Without `streams` a handshake is answered as the GET that it is, which
    the application refuses in its own words.
    """

    responder: Responder
    app: WSGIApp
    max_body_bytes: int
    streams: ASGIApp | None = None

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
        try:
            body = await self._body(receive)
        except Disconnected:
            return
        environ = _environ(scope, body)
        exchange = self.responder.open(environ)
        transport = scope.get(TRANSPORT)
        is_cut = False
        try:
            if exchange.wait_s:
                await exchange.clock.sleep_async(exchange.wait_s)
            if exchange.takes_long or (body is not None and len(body) > _LARGE_BODY):
                delivery = await asyncio.to_thread(exchange.answer)
            else:
                delivery = exchange.answer()
            if delivery.is_plain:
                exchange.ended(left=_is_gone(transport))
                await _send(send, delivery.status, delivery.headers, delivery.body, close=body is None)
            else:
                is_cut = await enact(delivery, exchange.clock, send, transport, exchange.ended)
        except asyncio.CancelledError:
            exchange.ended(left=True)
            raise
        if is_cut:
            await gone(receive)

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


async def enact(delivery: Delivery, clock: Clock, send: Send, transport: Any, ended: Ended) -> bool:
    """Bring an answer that is not brought as usual, and say whether its connection was ended.

    `transport` is that of the connection, None if nobody knows; `ended` is told before the last of it is sent.
    """
    has_head, is_last = False, False
    rest = deque(steps(delivery))
    while rest:
        step = rest.popleft()
        if not is_last and not isinstance(step, Wait) and not any(isinstance(other, Wait) for other in rest):
            is_last = True
            ended(left=_is_gone(transport))
            if delivery.cut is Cut.AFTER:
                _hold(transport)
        match step:
            case Wait():
                await clock.sleep_async(step.seconds)
            case Head():
                has_head = True
                await send({"type": "http.response.start", "status": step.status, "headers": _raw(step.headers)})
            case Data() if has_head:
                await send({"type": "http.response.body", "body": step.data, "more_body": True})
            case Data() if transport is not None:
                transport.write(step.data)
            case Close() if transport is not None:
                if delivery.cut is Cut.AFTER:
                    _end(transport, reset=step.reset, is_small=len(delivery.body) <= _SMALL)
                else:
                    _cut(transport, reset=step.reset)
                return True
            case _:
                # Another server than ours carries this, and has no way to end a connection: it makes an error of it.
                raise ConnectionCut("on purpose", reset=True)
    await send({"type": "http.response.body", "body": b""})
    return False


async def gone(receive: Receive) -> None:
    """Wait until the server has learned that nobody is left to be answered."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_gone(transport: Any) -> bool:
    """Whether whoever asked has closed the connection."""
    return transport is not None and bool(transport.is_closing())


def _hold(transport: Any) -> None:
    """Let nothing out until a connection is ended: then the end comes together with the last bytes before it.

    Otherwise a client that is quick enough takes the connection for one that is kept, and loses its next request: a
    matter of microseconds. Where there is no such option it stays one.
    """
    if transport is not None and _CORK is not None:
        with contextlib.suppress(OSError, AttributeError):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _CORK, 1)


def _end(transport: Any, *, reset: bool, is_small: bool) -> None:
    """End a connection after a whole answer: that arrives, and its end with it.

    A reset throws away what is still on its way, so that it is only for what `is_small`.
    """
    sock = transport.get_extra_info("socket")
    if transport.can_write_eof():
        transport.write_eof()
    if reset and is_small:
        _do_not_linger(transport)
    transport.close()
    if not transport.can_write_eof():
        # TLS waits for the other side to say that it ends, too, before the connection does, which no client expects of
        # a server. What is small was with the system as a whole by now, and is not cut off by this.
        with contextlib.suppress(OSError, AttributeError):
            if is_small:
                sock.shutdown(socket.SHUT_WR)
            elif _CORK is not None:
                sock.setsockopt(socket.IPPROTO_TCP, _CORK, 0)


def _cut(transport: Any, *, reset: bool) -> None:
    """End a connection: in an orderly way, after what was written, or by a reset, at once."""
    if reset:
        _do_not_linger(transport)
        transport.abort()
    else:
        transport.close()


def _do_not_linger(transport: Any) -> None:
    """Let the other side get a reset instead of an end."""
    with contextlib.suppress(OSError, AttributeError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)


def _raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]


async def _send(
    send: Send, status: int, headers: Headers, body: bytes, *, close: bool = False, kind: str = "http.response"
) -> None:
    raw = _raw(headers)
    if close:
        raw.append((b"connection", b"close"))
    await send({"type": f"{kind}.start", "status": status, "headers": raw})
    await send({"type": f"{kind}.body", "body": body})
