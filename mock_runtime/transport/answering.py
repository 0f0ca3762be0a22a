"""A request that never was on a socket, answered from the application with the time that a socket would have taken."""

from __future__ import annotations

import io
import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mock_runtime.transport.delivery import Close, Data, Head, Step, Wait, steps
from mock_runtime.transport.exchanges import ConnectionCut
from mock_runtime.transport.wsgi import IN_PROCESS, Environ, Headers, path_info

if TYPE_CHECKING:
    from mock_runtime.clock import Clock
    from mock_runtime.transport.exchanges import Exchange, Responder


class OutOfPatience(TimeoutError):
    """The answer would have come later than the client waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it would have been on the wire. `host` is the name that it goes to, with a port if it has one.

    `target` is the path with the query, percent-encoded; `headers` are names and values in the order they were sent.
    """

    method: str
    scheme: str
    host: str
    target: str
    headers: Iterable[tuple[str, str]]
    body: bytes

    @property
    def url(self) -> str:
        """The address as a person would write it."""
        return f"{self.scheme}://{self.host}{self.target}"


class Arriving:
    """An answer on its way to a caller: `status` and `headers` are there, the body comes by `pieces`.

    Where it is cut off, ConnectionCut is raised (a reset) or the body ends too early (an orderly end); where a piece
    takes longer than the caller waits for one, OutOfPatience. What happens to a connection after the whole answer is
    no affair of it: none is kept here.
    """

    def __init__(self, exchange: Exchange, request: Request, patience_s: float | None) -> None:
        self._exchange = exchange
        self._request = request
        self._patience_s = math.inf if patience_s is None else patience_s
        self._rest: deque[Step] = deque()
        self._left = 0
        self._is_over = False
        self.status = 0
        self.headers: Headers = []
        self.raw: bytes | None = None

    def began(self, waited_s: float) -> Iterator[float]:
        """Let the request be carried out; yields how long to wait before the answer's first byte."""
        delivery = self._exchange.answer()
        self._rest, self._left = deque(steps(delivery)), len(delivery.body)
        while True:
            step = self._rest.popleft()
            match step:
                case Wait():
                    yield from self._wait(step.seconds, waited_s)
                    waited_s += step.seconds
                case Close():
                    self._end()
                    raise ConnectionCut("before the answer", reset=step.reset)
                case Head():
                    self.status, self.headers = step.status, step.headers
                    break
                case Data():
                    # No HTTP of ours: whoever reads it has to make sense of it.
                    self.raw = step.data
                    break
        self._end_if_all_is_out()

    def pieces(self) -> Iterator[bytes | float]:
        """What comes of the body: bytes, and how many seconds to wait before the next ones."""
        while self._rest:
            step = self._rest.popleft()
            if isinstance(step, Wait):
                yield from self._wait(step.seconds)
                continue
            # Whoever has all that was announced asks for nothing more, not even for the end of the connection.
            self._end_if_all_is_out()
            match step:
                case Data():
                    self._left -= len(step.data)
                    yield step.data
                case Close(reset=True) if self._left > 0:
                    raise ConnectionCut("within the answer", reset=True)
                case _:
                    return

    def give_up(self) -> None:
        """The caller waits no longer. If the answer is out already, this changes nothing."""
        self._end(left=True)

    def _wait(self, seconds: float, waited_s: float = 0.0) -> Iterator[float]:
        if waited_s + seconds > self._patience_s:
            yield max(0.0, self._patience_s - waited_s)
            self._end(left=True)
            raise out_of_patience(self._request)
        yield seconds

    def _end_if_all_is_out(self) -> None:
        if not any(isinstance(step, Wait) for step in self._rest):
            self._end()

    def _end(self, *, left: bool = False) -> None:
        if not self._is_over:
            self._is_over = True
            self._exchange.ended(left=left)


def out_of_patience(request: Request) -> OutOfPatience:
    """What a caller gets who waited in vain."""
    return OutOfPatience(f"no answer in time to {request.method} {request.url}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Answers requests that never were on a socket, with the time that a socket would have taken.

    A client that gives up before its answer is there has had its request carried out all the same: that is why a
    POST which timed out is not simply sent again. OutOfPatience after as many seconds as it was willing to wait,
    ConnectionCut where a connection would have been cut.
    """

    responder: Responder
    clock: Clock

    def answer(self, request: Request, patience_s: float | None = None) -> Arriving:
        """The answer, after the latency, which blocks this thread as far as the clock blocks at all."""
        exchange = self.responder.open(self._environ(request))
        arriving = Arriving(exchange, request, patience_s)
        for seconds in _waits(exchange, arriving, request, patience_s):
            exchange.clock.sleep(seconds)
        return arriving

    async def answer_async(self, request: Request, patience_s: float | None = None) -> Arriving:
        """The same without blocking the event loop, be it that of asyncio or of trio."""
        exchange = self.responder.open(self._environ(request))
        arriving = Arriving(exchange, request, patience_s)
        for seconds in _waits(exchange, arriving, request, patience_s):
            await sleep_on(exchange.clock, seconds)
        return arriving

    @staticmethod
    def _environ(request: Request) -> Environ:
        name, port = split_host(request.host)
        environ: Environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path_info(request.target.encode("latin-1", "replace")),
            "QUERY_STRING": request.target.partition("?")[2],
            "REQUEST_URI": request.target,
            "SERVER_NAME": name,
            "SERVER_PORT": str(port or (443 if request.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": request.scheme,
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
            IN_PROCESS: True,
        }
        for header, value in request.headers:
            _add_header(environ, header, value)
        environ.setdefault("HTTP_HOST", request.host)
        # What is there counts, not what was announced: a chunked body announces nothing.
        environ["CONTENT_LENGTH"] = str(len(request.body))
        return environ


def _waits(exchange: Exchange, arriving: Arriving, request: Request, patience_s: float | None) -> Iterator[float]:
    """How long to wait, and for what, until the answer begins."""
    wait_s = exchange.wait_s
    if patience_s is not None and wait_s > patience_s:
        yield patience_s
        exchange.answer()
        arriving.give_up()
        raise out_of_patience(request)
    if wait_s:
        yield wait_s
    yield from arriving.began(wait_s)


async def sleep_on(clock: Clock, seconds: float) -> None:
    """Let time pass on a clock without blocking the event loop, whichever kind that is."""
    import asyncio  # noqa: PLC0415 - whoever has no event loop does not pay for one

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # Another kind of loop: httpx brings the library that knows how to wait on it.
        from anyio.to_thread import run_sync  # noqa: PLC0415

        await run_sync(clock.sleep, seconds, abandon_on_cancel=True)
    else:
        await clock.sleep_async(seconds)


def is_among(host: str, patterns: Iterable[str]) -> bool:
    """Whether a host, in lower case, is one of these names or in one of these domains, written `*.example.org`."""
    names = [pattern.lower() for pattern in patterns]
    return host in names or any(name.startswith("*.") and host.endswith(name[1:]) for name in names)


def split_host(host: str) -> tuple[str, int | None]:
    """Name and port of `name:port`, `name`, `[::1]:port` or `[::1]`, in lower case, without the final dot of a name."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, ""
    number = int(port) if port.isascii() and port.isdecimal() and len(port) <= 5 else None
    return name.strip("[]").lower().removesuffix("."), number


def _add_header(environ: Environ, name: str, value: str) -> None:
    # A name with an underscore would pass for the one with a hyphen.
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    environ[key] = value
