"""urllib3 without a network: a pool whose connections lead into an application of this process.

Everything above the socket is the library's own: what a client sees of retries, time-outs, redirects, cookies, chunked
bodies and broken headers is what it would see of a real server, because the same code decides it.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import io
from collections import deque
from collections.abc import Generator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import httptools
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util.retry import Retry

from mock_runtime.transport.answering import Answering, Arriving, Request
from mock_runtime.transport.exchanges import ConnectionCut

if TYPE_CHECKING:
    from mock_runtime.clock import Clock

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_BODILESS: Final = {204, 304}


class InMemoryPool(HTTPConnectionPool):
    """The pool of connections to one host, which is played by an application; a pool serves for one request.

    `like` is the pool of the client, whose defaults hold. What urllib3 waits between two attempts passes on the clock
    of the fake.
    """

    def __init__(self, answering: Answering, *, scheme: str, host: str, port: int | None, like: HTTPConnectionPool):
        super().__init__(host, port, timeout=like.timeout, headers=like.headers, retries=like.retries)
        self.scheme = scheme
        self._answering = answering

    def __str__(self) -> str:
        return f"{self.scheme.upper()}ConnectionPool(host={self.host!r}, port={self.port!r})"

    def urlopen(  # type: ignore[override]
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Any = None,
        retries: Any = None,
        *rest: Any,
        **named: Any,
    ) -> Any:
        """As urllib3 does it, but with the patience of the fake's clock."""
        if not isinstance(retries, Retry):
            redirect = rest[0] if rest else named.get("redirect", True)
            retries = Retry.from_int(retries, redirect=redirect, default=self.retries)
        return super().urlopen(method, url, body, headers, _on_clock(retries, self._answering.clock), *rest, **named)

    def _get_conn(self, timeout: float | None = None) -> Any:  # noqa: ARG002 - as urllib3 calls it
        return _Connection(self._answering, scheme=self.scheme, host=self.host, port=self.port)

    def _put_conn(self, conn: Any) -> None:
        # Connections cost nothing and are not kept: none outlives the interception.
        if conn is not None:
            conn.close()


class _Connection(HTTPConnection):
    def __init__(self, answering: Answering, *, scheme: str, host: str, port: int | None) -> None:
        super().__init__(host, port)
        # What http.client leaves out of the header Host, and looks up on the instance.
        self.__dict__["default_port"] = 443 if scheme == "https" else 80
        self._scheme = scheme
        self._answering = answering

    def connect(self) -> None:
        """Be connected."""
        self.sock = _Socket(self._answering, scheme=self._scheme, host=self.host)


class _Socket:
    """What http.client takes for a socket: it collects what is sent, and is answered when it is read."""

    def __init__(self, answering: Answering, *, scheme: str, host: str) -> None:
        self._answering = answering
        self._scheme = scheme
        self._host = host
        self._sent = bytearray()
        self._timeout_s: float | None = None

    def settimeout(self, seconds: float | None) -> None:
        """How long a read may wait."""
        self._timeout_s = seconds

    def sendall(self, data: bytes) -> None:
        """Take a piece of the request."""
        self._sent += data

    def makefile(self, *_: Any) -> io.BufferedReader:
        """The answer to what was sent, as it comes."""
        request = _parsed(bytes(self._sent), scheme=self._scheme, host=self._host)
        self._sent.clear()
        try:
            arriving = self._answering.answer(request, self._timeout_s)
        except ConnectionCut as error:
            if error.reset:
                raise
            # What http.client makes of an end before the first byte is the same as on a socket.
            return io.BufferedReader(_Bytes(_nothing(), self._answering.clock))
        return io.BufferedReader(_Bytes(_written(arriving, request.method), self._answering.clock))

    def close(self) -> None:
        """Nothing is held open."""


class _Bytes(io.RawIOBase):
    """What is read of an answer, piece by piece."""

    def __init__(self, pieces: Generator[bytes | float], clock: Clock) -> None:
        self._pieces = pieces
        self._clock = clock
        self._rest = b""

    def readable(self) -> bool:
        """Of course."""
        return True

    def close(self) -> None:
        """Nobody reads on."""
        self._pieces.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """The next bytes; none at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            if isinstance(piece, float):
                self._clock.sleep(piece)
            else:
                self._rest = piece
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


class _Parsed:
    """What httptools calls while it reads a request."""

    def __init__(self) -> None:
        self.target = b""
        self.headers: list[tuple[str, str]] = []
        self.body = bytearray()

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_body(self, body: bytes) -> None:
        self.body += body


def _parsed(raw: bytes, *, scheme: str, host: str) -> Request:
    seen = _Parsed()
    parser = httptools.HttpRequestParser(seen)
    # Nothing here speaks another protocol: whoever asks for one is answered in this one.
    with contextlib.suppress(httptools.HttpParserUpgrade):
        parser.feed_data(raw)
    return Request(
        method=parser.get_method().decode("ascii"),
        scheme=scheme,
        host=next((value for name, value in seen.headers if name.lower() == "host"), host),
        target=seen.target.decode("latin-1"),
        headers=seen.headers,
        body=bytes(seen.body),
    )


def _nothing() -> Generator[bytes | float]:
    """Not one byte."""
    yield from ()


def _written(arriving: Arriving, method: str) -> Generator[bytes | float]:
    """The answer as it would be on the wire, as far as somebody reads it."""
    try:
        yield from _bytes_of(arriving, method)
    finally:
        arriving.give_up()


def _bytes_of(arriving: Arriving, method: str) -> Generator[bytes | float]:
    if arriving.raw is not None:
        yield arriving.raw
    else:
        head = [f"HTTP/1.1 {arriving.status} {_PHRASES.get(arriving.status, '')}"]
        head += [f"{name}: {value}" for name, value in arriving.headers]
        is_bodiless = arriving.status in _BODILESS or method == "HEAD"
        if not is_bodiless and not any(name.lower() == "content-length" for name, _ in arriving.headers):
            head.append("Connection: close")
        yield "\r\n".join([*head, "", ""]).encode("latin-1", "replace")
        if is_bodiless:
            deque(arriving.pieces(), maxlen=0)
            return
    yield from arriving.pieces()


def _on_clock(retries: Retry, clock: Clock) -> Retry:
    """The same retries, waiting on `clock`; whoever brought a way to wait of its own keeps it."""
    if type(retries).sleep is not Retry.sleep:
        return retries
    waiting = copy.copy(retries)
    kind: Any = type(retries)
    waiting.__class__ = _waiting(kind)
    waiting.__dict__["_mock_runtime_clock"] = clock
    return waiting


@functools.lru_cache(maxsize=64)
def _waiting(kind: type[Retry]) -> type[Retry]:
    def sleep(self: Any, response: Any = None) -> None:
        announced = self.get_retry_after(response) if self.respect_retry_after_header and response else None
        seconds = announced or self.get_backoff_time()
        if seconds > 0:
            self._mock_runtime_clock.sleep(seconds)

    def new(self: Any, **changes: Any) -> Retry:
        made: Retry = kind.new(self, **changes)
        made.__dict__["_mock_runtime_clock"] = self._mock_runtime_clock
        return made

    made: type[Retry] = type(kind.__name__, (kind,), {"sleep": sleep, "new": new, "__module__": kind.__module__})
    return made
