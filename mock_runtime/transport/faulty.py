"""Faults between any client and any server: an ASGI application around another one.

What is decided about a request is decided elsewhere, by what this is given; here the answer of the inner application is
held back, changed and cut accordingly. Whoever looks on from inside sees what the server answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mock_runtime.transport.asgi import TRANSPORT, enact, gone
from mock_runtime.transport.delivery import Delivery

if TYPE_CHECKING:
    from mock_runtime.clock import Clock
    from mock_runtime.transport.asgi import ASGIApp, Message, Receive, Scope, Send
    from mock_runtime.transport.wsgi import WSGIApp


class Decided(Protocol):
    """What is decided about one request."""

    @property
    def is_nothing(self) -> bool:
        """Whether it is to be passed on, and its answer back, as if there were no faults."""
        ...

    def instead(self) -> Delivery | None:
        """What is answered instead of asking the server; None if the server is to be asked."""
        ...

    def answered(self, delivery: Delivery) -> Delivery:
        """What becomes of the server's answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """An ASGI application that passes requests to `inner`, as far as `decide` lets it, and changes what comes back.

    `app` words the refusal of what is no HTTP. An answer of more than `largest_kept_bytes` is passed back unchanged: to
    be changed it has to be there as a whole.
    """

    inner: ASGIApp
    app: WSGIApp
    decide: Callable[[Scope], Decided]
    clock: Clock
    largest_kept_bytes: int = 8 * 1024 * 1024

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, as ASGI 3 defines it."""
        decided = self.decide(scope) if scope["type"] == "http" else None
        if decided is None or decided.is_nothing:
            await self.inner(scope, receive, send)
            return
        try:
            await self._serve(decided, scope, receive, send)
        except asyncio.CancelledError:
            return

    async def _serve(self, decided: Decided, scope: Scope, receive: Receive, send: Send) -> None:
        delivery = decided.instead()
        if delivery is None:
            kept = _Kept(send, self.largest_kept_bytes)
            # What is to be changed must not come packed.
            plain = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
            await self.inner({**scope, "headers": [*plain, (b"accept-encoding", b"identity")]}, receive, kept.send)
            if kept.delivery is None:
                return
            delivery = decided.answered(kept.delivery)
        else:
            while (message := await receive()).get("more_body"):
                pass
            if message["type"] == "http.disconnect":
                return
        if await enact(delivery, self.clock, send, scope.get(TRANSPORT), _nothing):
            await gone(receive)


class _Kept:
    """An answer that is kept until it is there as a whole; one that is too large goes on as it comes."""

    def __init__(self, send: Send, most_bytes: int) -> None:
        self._send = send
        self._most = most_bytes
        self._start: Message | None = None
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_passed_on = False
        self.delivery: Delivery | None = None

    async def send(self, message: Message) -> None:
        """Take a piece of the answer."""
        if self._is_passed_on or message["type"] not in {"http.response.start", "http.response.body"}:
            await self._send(message)
        elif message["type"] == "http.response.start":
            self._start = message
        else:
            await self._piece(message)

    async def _piece(self, message: Message) -> None:
        assert self._start is not None  # noqa: S101 - ASGI has it so
        self._pieces.append(message.get("body", b""))
        self._size += len(self._pieces[-1])
        if self._size > self._most:
            self._is_passed_on = True
            await self._send(self._start)
            for piece in self._pieces:
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            self._pieces.clear()
            if not message.get("more_body"):
                await self._send({"type": "http.response.body", "body": b""})
        elif not message.get("more_body"):
            self.delivery = _whole(self._start, b"".join(self._pieces))


def _whole(start: Message, body: bytes) -> Delivery:
    """An answer that is there as a whole, and so has a length instead of chunks."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start.get("headers", ())]
    names = {name.lower() for name, _ in headers}
    headers = [(name, value) for name, value in headers if name.lower() != "transfer-encoding"]
    if "content-length" not in names and start["status"] not in {204, 304}:
        headers.append(("content-length", str(len(body))))
    return Delivery(status=start["status"], headers=headers, body=body)


def _nothing(*, left: bool = False) -> Any:
    """Nobody keeps a journal here."""
