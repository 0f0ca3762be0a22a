"""A proxy that passes requests on to other servers, and shows both sides of each exchange to a watcher.

It is an ASGI application: a request that waits for its server is a sleeping coroutine, and bodies go through in pieces.
A copy of them is kept for the watcher, up to a bound; what is larger is passed on all the same. Headers that belong to
one connection are taken off, `Host` and `Location` are those of the other side, and everything else stays as it was:
order and number of headers, encodings, the bytes of path and query. Redirects are passed back and not followed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from mock_runtime.transport.asgi import Message, Receive, Scope, Send
from mock_runtime.transport.hosts import Hosts
from mock_runtime.transport.upstreams import Address, Answer, RawHeaders, UpstreamError, Upstreams, without
from mock_runtime.transport.wsgi import WSGIApp

OWN: Final = "/_proxy/"
"""Below this path the proxy answers for itself, when it is asked by its own address."""

TARGET: Final = "mock_runtime.target"
"""In the scope: the target of the request, byte for byte."""

_LARGE: Final = 256 * 1024
_UNSENT: Final = (b"host", b"expect")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a request is passed on to.

    `target` is the path with the query there. `inside` is the same as one server would have it that stands for all
    hosts, which is how a watcher knows it. `outside` is where the client thinks it is.
    """

    address: Address
    target: bytes
    inside: str
    outside: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request on its way. `body` is None if it was too large to be kept; `size` counts its bytes."""

    number: int
    method: str
    host: str
    target: str
    inside: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """An answer on its way back; the same holds for its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    size: int = 0


class Watcher(Protocol):
    """Sees what goes through. Its methods are called in any thread, one at a time."""

    holds_requests: bool
    """Whether a request is shown before it is passed on, so that `asked` can answer instead."""
    holds_answers: bool
    """Whether an answer is shown before it is passed back, so that `answered` can replace it."""

    def asked(self, asked: Asked) -> Replied | None:
        """Look at a request; what is returned is answered instead. Only called if `holds_requests`."""
        ...

    def answered(self, asked: Asked, replied: Replied, *, seconds: float) -> Replied | None:
        """Look at an exchange; what is returned is answered instead, if `holds_answers`."""
        ...

    def failed(self, asked: Asked, status: int, sentence: str) -> Replied:
        """Word the answer to a request that has none; status 0: there is nobody to answer."""
        ...

    def own(self, target: str) -> Replied:
        """Answer a request for the proxy itself."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """A service that has an address of its own: what is below the path `inside` goes there, below `there`."""

    inside: str
    address: Address
    there: str

    def lead(self, path: str) -> str | None:
        """Where a path is there; None if it is not below `inside`."""
        if path != self.inside and not path.startswith(f"{self.inside}/"):
            return None
        return self.there + path[len(self.inside) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Where requests go.

    `upstream` stands for everything, with `path` before every path; if it is one of `hosts`, each of these goes to
    itself, by TLS. `services` are elsewhere in any case, those `beside` for whoever asks for them by the address of
    the proxy.
    """

    upstream: Address
    hosts: Hosts
    path: str = ""
    services: tuple[Service, ...] = ()
    beside: tuple[Service, ...] = ()

    def to(self, host: str, target: str) -> Destination:
        """Where a request for a host goes, that of the proxy itself included."""
        path, question, query = target.partition("?")
        inside = self.hosts.inside(host, path) or path
        known = self.hosts.knows(host)
        address, there = self._to(host, path, inside, known=known)
        rest = question + query
        return Destination(
            address=address,
            target=(there + rest).encode("latin-1", "replace"),
            inside=inside + rest,
            outside=f"https://{host}" if known else f"http://{host}",
        )

    def _to(self, host: str, path: str, inside: str, *, known: bool) -> tuple[Address, str]:
        for service in (*self.services, *(() if known else self.beside)):
            there = service.lead(inside)
            if there is not None:
                return service.address, there
        if known and self.hosts.knows(self.upstream.host):
            name, _, port = host.rpartition(":")
            return Address("https", name if name and port.isdecimal() else host, 443), path
        return self.upstream, self.path + inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """An ASGI application that passes on what it is asked.

    `app` words the refusal of what is no HTTP. `largest_kept_bytes` bounds the copy of a body, of a request and of an
    answer each. `now_s` is a clock for how long things take.
    """

    routes: Routes
    upstreams: Upstreams
    watcher: Watcher
    app: WSGIApp
    now_s: Callable[[], float]
    largest_kept_bytes: int = 8 * 1024 * 1024
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request, as ASGI 3 defines it. A WebSocket is refused."""
        headers = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
        host = next((value for name, value in headers if name == b"host"), b"").decode("latin-1")
        target = target_of(scope)
        with contextlib.suppress(asyncio.CancelledError):
            if scope["type"] != "http":
                await self._decline(host, target, headers, receive, send)
            elif target.startswith(OWN) and not self.routes.hosts.knows(host):
                await reply(send, self.watcher.own(target), scope["method"])
            else:
                await _Passage(self, scope["method"], host, target, headers, receive, send).run()

    async def show(self, call: Callable[[], Replied | None], size: int) -> Replied | None:
        """Let the watcher look, in a thread if there is much to look at, and one at a time."""
        if size <= _LARGE and not self._turn.locked():
            return call()
        async with self._turn:
            return await asyncio.to_thread(call)

    def numbered(self, method: str, host: str, destination: Destination, headers: RawHeaders) -> Asked:
        """The next request."""
        return Asked(
            number=next(self._numbers),
            method=method,
            host=host,
            target=destination.target.decode("latin-1"),
            inside=destination.inside,
            headers=as_text(headers),
        )

    async def _decline(self, host: str, target: str, headers: RawHeaders, receive: Receive, send: Send) -> None:
        await receive()
        asked = self.numbered("GET", host, self.routes.to(host, target), headers)
        replied = self.watcher.failed(asked, 501, "WebSockets are not passed on: poll instead")
        await reply(send, replied, "GET", kind="websocket.http.response")


class _Gone(Exception):
    """The client went away."""


class _Copy:
    """A copy of a body that is passed on in pieces: all of it, or nothing but its size."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._pieces: list[bytes] | None = []
        self.size = 0

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self._most:
            self._pieces = None
        elif self._pieces is not None:
            self._pieces.append(piece)

    @property
    def is_whole(self) -> bool:
        return self._pieces is not None

    @property
    def body(self) -> bytes | None:
        return None if self._pieces is None else b"".join(self._pieces)


class _Passage:
    """One request on its way to a server, and its answer on the way back."""

    def __init__(
        self,
        forwarding: Forwarding,
        method: str,
        host: str,
        target: str,
        headers: RawHeaders,
        receive: Receive,
        send: Send,
    ) -> None:
        self._forwarding = forwarding
        self._watcher = forwarding.watcher
        self._method = method
        self._headers = headers
        self._receive = receive
        self._send = send
        self._destination = forwarding.routes.to(host, target)
        self._asked = forwarding.numbered(method, host, self._destination, headers)
        self._request = _Copy(forwarding.largest_kept_bytes)
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=4)
        self._started = False

    async def run(self) -> None:
        """Pass on, until both sides are done or one is gone."""
        pump, work = asyncio.create_task(self._pump()), asyncio.create_task(self._work())
        try:
            await asyncio.wait({pump, work}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self._watcher.failed(self._asked, 0, "the client went away before its answer was complete")
        except asyncio.CancelledError:
            self._watcher.failed(self._asked, 0, "the proxy was ended before its answer was complete")
            raise
        finally:
            for task in (pump, work):
                task.cancel()
            results = await asyncio.gather(pump, work, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _pump(self) -> None:
        """Take the body from the client, and then notice if it goes."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return
            await self._pieces.put(message.get("body", b""))
            if not message.get("more_body"):
                break
        await self._pieces.put(None)
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _work(self) -> None:
        begun = self._forwarding.now_s()
        try:
            await self._exchange(begun)
        except UpstreamError as error:
            replied = self._watcher.failed(self._shown(), error.status, str(error))
            if not self._started:
                await reply(self._send, replied, self._method)
            # Else the connection is cut by the server below, so that nobody takes half an answer for a whole one.
        except Exception as error:
            # The server below says nothing of it, and a request must not vanish without a word.
            self._watcher.failed(self._shown(), 502, f"it could not be passed on: {type(error).__name__}")
            raise

    def _shown(self) -> Asked:
        asked = self._asked
        return Asked(
            number=asked.number,
            method=asked.method,
            host=asked.host,
            target=asked.target,
            inside=asked.inside,
            headers=asked.headers,
            body=self._request.body,
            size=self._request.size,
        )

    async def _exchange(self, begun: float) -> None:
        held = await self._held_back() if self._watcher.holds_requests else []
        if self._watcher.holds_requests and self._request.is_whole:
            shown = self._shown()
            refusal = await self._forwarding.show(lambda: self._watcher.asked(shown), self._request.size)
            if refusal is not None:
                await reply(self._send, refusal, self._method)
                return
        names = {name for name, _ in self._headers}
        has_body = bool(names & {b"content-length", b"transfer-encoding"}) or self._request.size > 0
        headers = [
            (b"host", self._destination.address.netloc.encode("latin-1")),
            *without(self._headers, _UNSENT),
            *([(b"transfer-encoding", b"chunked")] if b"transfer-encoding" in names else []),
        ]
        answer = await self._forwarding.upstreams.ask(
            self._destination.address,
            self._method,
            self._destination.target,
            headers,
            (lambda: self._body(held)) if has_body else None,
        )
        complete = False
        try:
            complete = await self._back(answer, begun)
        finally:
            answer.finish(reusable=complete)

    async def _held_back(self) -> list[bytes]:
        """Read the request, as far as it can be kept."""
        held: list[bytes] = []
        while self._request.is_whole:
            piece = await self._pieces.get()
            if piece is None:
                await self._pieces.put(None)
                break
            self._request.add(piece)
            held.append(piece)
        return held

    async def _body(self, held: list[bytes]) -> AsyncIterator[bytes]:
        for piece in held:
            yield piece
        while (taken := await self._pieces.get()) is not None:
            self._request.add(taken)
            yield taken

    async def _back(self, answer: Answer, begun: float) -> bool:
        """Pass the answer back; whether it was complete."""
        copy = _Copy(self._forwarding.largest_kept_bytes)
        headers = self._returned(answer)
        held: list[bytes] = []
        holds = self._watcher.holds_answers
        if not holds:
            await self._start(answer.status, headers)
        async for piece in answer.pieces():
            copy.add(piece)
            if holds and copy.is_whole:
                held.append(piece)
                continue
            if not self._started:
                await self._start(answer.status, headers)
                await self._flush(held)
            await self._piece(piece, answer.status)
        shown = self._shown()
        replied = Replied(status=answer.status, headers=as_text(answer.headers), body=copy.body, size=copy.size)
        seconds = self._forwarding.now_s() - begun
        instead = await self._forwarding.show(
            lambda: self._watcher.answered(shown, replied, seconds=seconds), copy.size + self._request.size
        )
        if not self._started and instead is not None:
            await reply(self._send, instead, self._method)
            return True
        if not self._started:
            await self._start(answer.status, headers)
            await self._flush(held)
        await self._send({"type": "http.response.body", "body": b""})
        return True

    async def _start(self, status: int, headers: RawHeaders) -> None:
        self._started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _flush(self, held: list[bytes]) -> None:
        for piece in held:
            await self._piece(piece, 200)
        held.clear()

    async def _piece(self, piece: bytes, status: int) -> None:
        # A body where HTTP has none would be taken for the next answer.
        if piece and status not in {204, 304}:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    def _returned(self, answer: Answer) -> RawHeaders:
        """The headers of the answer, as the client may have them."""
        none = (b"content-length",) if answer.status in {204, 304} else ()
        headers = without(answer.headers, none)
        there = self._destination.address.origin.encode("latin-1")
        here = self._destination.outside.encode("latin-1")
        return [
            (name, here + value[len(there) :])
            if name.lower() in {b"location", b"content-location"} and _is_below(value, there)
            else (name, value)
            for name, value in headers
        ]


def _is_below(url: bytes, origin: bytes) -> bool:
    return url.startswith(origin) and url[len(origin) : len(origin) + 1] in {b"", b"/", b"?", b"#"}


def target_of(scope: Scope) -> str:
    """The target as it was in the request line, without the origin that a request to a proxy has there."""
    target: str = scope.get(TARGET, b"").decode("latin-1")
    if "://" in target.partition("?")[0]:
        rest = target.partition("://")[2]
        ends = [at for at in (rest.find("/"), rest.find("?")) if at >= 0]
        target = rest[min(ends) :] if ends else "/"
    if not target:
        query = scope["query_string"].decode("latin-1")
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    return target if target.startswith("/") else f"/{target}"


def as_text(headers: RawHeaders) -> tuple[tuple[str, str], ...]:
    """Headers as text, byte for byte."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


async def reply(send: Send, replied: Replied, method: str, *, kind: str = "http.response") -> None:
    """Answer in place of a server; `kind` is the prefix of ASGI's messages."""
    body = replied.body or b""
    headers: RawHeaders = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in replied.headers
    ]
    if replied.status not in {204, 304}:
        headers.append((b"content-length", str(len(body)).encode()))
    start: Message = {"type": f"{kind}.start", "status": replied.status, "headers": headers}
    end: Message = {"type": f"{kind}.body", "body": b"" if method == "HEAD" else body}
    await send(start)
    await send(end)


def recorded_target(protocol: Any) -> type[Any]:
    """The protocol of a connection, changed so that a scope has the target of its request as it came."""

    class Recorded(protocol):  # type: ignore[misc]
        def on_headers_complete(self) -> None:
            super().on_headers_complete()
            self.scope[TARGET] = bytes(self.url)

    return Recorded
