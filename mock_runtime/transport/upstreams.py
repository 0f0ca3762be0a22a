"""Connections to the servers behind a proxy: made, kept for a while, and read one answer at a time.

A client library would be in the way of a proxy: it decodes bodies, rewrites paths and joins headers. So this is
httptools' parser, which is here for the server, on asyncio's streams: what comes in goes out as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httptools

_READ: Final = 64 * 1024
_LARGEST_HEAD: Final = 128 * 1024
_STATUSES: Final = range(100, 600)
_KEPT: Final = 32
_KEPT_FOR_S: Final = 15.0
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
"""Methods that may be sent once more if a kept connection turns out to be closed (RFC 9110, 9.2.2)."""

RawHeaders = list[tuple[bytes, bytes]]


class UpstreamError(Exception):
    """There is no answer. `status` is the one that a proxy answers instead, `str()` says what went wrong."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a server is."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """The value of the header Host."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == {"http": 80, "https": 443}[self.scheme] else f"{name}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port as in a URL."""
        return f"{self.scheme}://{self.netloc}"

    @classmethod
    def of(cls, url: str) -> Address:
        """The address in an http or https URL; ValueError if it is none."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is no http or https URL")
        return cls(parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme])


class Answer:
    """One answer of a server: its head, and then its body in pieces."""

    def __init__(self, connection: _Connection, method: str) -> None:
        self.status = 0
        self.headers: RawHeaders = []
        self.is_complete = False
        self._connection = connection
        self._method = method
        self._size = 0
        self._pieces: list[bytes] = []
        self._head_complete = False
        self._keeps_alive = False
        self._refused = ""
        self._parser: Any = httptools.HttpResponseParser(self)

    def on_message_begin(self) -> None:
        """Forget an informational answer that came before (1xx)."""
        if self._head_complete:
            # What comes after an answer was not asked for.
            raise ValueError("more than one answer")
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._size += len(name) + len(value)
        if self._size > _LARGEST_HEAD:
            raise self._refusal(f"its head has more than {_LARGEST_HEAD // 1024} KiB")
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the status; one of 1xx is not the answer."""
        self.status = self._parser.get_status_code()
        if self.status not in _STATUSES:
            # RFC 9110, 15: there are no others, and nobody could be told of one.
            raise self._refusal(f"its status is {self.status}, which HTTP has not")
        self._head_complete = not 100 <= self.status < 200
        # Asked afterwards, the parser has forgotten it.
        self._keeps_alive = self._method == "HEAD" or bool(self._parser.should_keep_alive())

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if self._method != "HEAD":
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """The answer has all its bytes."""
        self.is_complete = self._head_complete

    async def read_head(self) -> None:
        """Wait for the status and the headers; UpstreamError."""
        while not self._head_complete:
            if not await self._feed():
                raise UpstreamError(502, "the connection was closed before there was an answer")
        if self._method == "HEAD":
            self.is_complete = True

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, still encoded; UpstreamError if it is cut off."""
        while True:
            while self._pieces:
                yield self._pieces.pop(0)
            if self.is_complete:
                return
            if not await self._feed():
                named = {name.lower() for name, _ in self.headers}
                if named & {b"content-length", b"transfer-encoding"}:
                    raise UpstreamError(502, "the connection was closed before the answer was complete")
                # Without a length, the end of the connection is the end of the body.
                self._connection.is_spoiled = True
                self.is_complete = True

    async def _feed(self) -> bool:
        data = await self._connection.read()
        if not data:
            return False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise UpstreamError(502, "it changed the protocol without being asked to") from None
        except httptools.HttpParserError as error:
            self._connection.is_spoiled = True
            # Whatever follows a complete answer is no part of it: some servers send a body with a 204.
            if not self.is_complete and not (self._head_complete and self._method == "HEAD"):
                why = self._refused or (str(error) if not isinstance(error, httptools.HttpParserCallbackError) else "")
                raise UpstreamError(502, f"what came is no HTTP: {why}" if why else "what came is no HTTP") from None
        return True

    def _refusal(self, why: str) -> ValueError:
        # The parser tells that there was an error in one of these methods, and not which.
        self._refused = why
        return ValueError(why)

    def finish(self, *, reusable: bool) -> None:
        """Keep the connection for another request, or close it."""
        told = any(name.lower() == b"connection" and b"close" in value.lower() for name, value in self.headers)
        alive = self.is_complete and not told and self._keeps_alive
        self._connection.release(reusable=reusable and alive)


@dataclass(slots=True, eq=False)
class _Connection:
    """One connection to a server, or to the proxy in front of it."""

    pool: Upstreams
    address: Address
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    absolute: bool
    extra: RawHeaders
    is_new: bool = True
    is_spoiled: bool = False
    since_s: float = 0.0

    async def read(self) -> bytes:
        try:
            async with asyncio.timeout(self.pool.timeout_s):
                return await self.reader.read(_READ)
        except TimeoutError:
            raise UpstreamError(504, f"nothing came for {self.pool.timeout_s:g} s") from None
        except OSError as error:
            raise UpstreamError(502, f"the connection broke: {_words(error)}") from None

    async def write(self, data: bytes) -> None:
        try:
            self.writer.write(data)
            async with asyncio.timeout(self.pool.timeout_s):
                await self.writer.drain()
        except TimeoutError:
            raise UpstreamError(504, f"it took nothing for {self.pool.timeout_s:g} s") from None
        except OSError as error:
            raise UpstreamError(502, f"the connection broke: {_words(error)}") from None

    def release(self, *, reusable: bool) -> None:
        if reusable and not self.is_spoiled:
            self.pool.keep(self)
        else:
            self.close()

    def close(self) -> None:
        # A clean end of TLS would have to be waited for, and nobody is there to wait.
        self.writer.transport.abort()


@dataclass(slots=True, eq=False, kw_only=True)
class Upstreams:
    """Connections to servers.

    `timeout_s` is the longest silence on one, and the longest time to make one. `tls` says which certificates are
    trusted. With `trust_env`, the proxies in the variables of the environment are gone through.
    """

    timeout_s: float = 60.0
    tls: ssl.SSLContext | None = None
    trust_env: bool = False
    _idle: dict[Address, list[_Connection]] = field(default_factory=dict)

    def keep(self, connection: _Connection) -> None:
        """Keep a connection for the next request to its server."""
        idle = self._idle.setdefault(connection.address, [])
        connection.since_s = asyncio.get_running_loop().time()
        connection.is_new = False
        idle.append(connection)
        if len(idle) > _KEPT:
            idle.pop(0).close()

    def close(self) -> None:
        """Close what is kept."""
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()

    async def ask(
        self,
        address: Address,
        method: str,
        target: bytes,
        headers: RawHeaders,
        body: Callable[[], AsyncIterator[bytes]] | None,
    ) -> Answer:
        """Send a request, and return its answer as soon as it has a head; UpstreamError.

        `headers` have the length of the body, or say that it is chunked. A server that answers before it has read the
        body gets no more of it.
        """
        if method in _SAFE and body is None:
            connection = self._kept(address)
            if connection is not None:
                try:
                    return await self._on(connection, method, target, headers, body)
                except UpstreamError as error:
                    # Closed by the server just as we wrote: nothing of the request was seen, so it is sent again.
                    if error.status != 502 or connection.is_spoiled:
                        raise
        # A request that makes something must not be sent twice, so it never depends on a connection being alive.
        return await self._on(await self._connect(address), method, target, headers, body)

    def _kept(self, address: Address) -> _Connection | None:
        idle = self._idle.get(address, [])
        now = asyncio.get_running_loop().time()
        while idle:
            connection = idle.pop()
            fresh = now - connection.since_s < _KEPT_FOR_S
            if fresh and not connection.reader.at_eof() and not connection.writer.is_closing():
                return connection
            connection.close()
        return None

    async def _on(
        self,
        connection: _Connection,
        method: str,
        target: bytes,
        headers: RawHeaders,
        body: Callable[[], AsyncIterator[bytes]] | None,
    ) -> Answer:
        answer = Answer(connection, method)
        try:
            if connection.absolute:
                target = connection.address.origin.encode() + target
            lines = [b"%s %s HTTP/1.1" % (method.encode("latin-1"), target)]
            lines += [b"%s: %s" % pair for pair in (*headers, *connection.extra)]
            await connection.write(b"\r\n".join(lines) + b"\r\n\r\n")
            if body is None:
                await answer.read_head()
            else:
                await _while_sending(connection, headers, body, answer)
        except BaseException:
            connection.close()
            raise
        return answer

    async def _connect(self, address: Address) -> _Connection:
        proxy = _proxy_of(address) if self.trust_env else None
        try:
            async with asyncio.timeout(self.timeout_s):
                if proxy is None:
                    return await self._directly(address)
                return await self._by_way_of(proxy, address)
        except TimeoutError:
            raise UpstreamError(504, f"{address.netloc} cannot be reached within {self.timeout_s:g} s") from None
        except ssl.SSLCertVerificationError as error:
            raise UpstreamError(
                502, f"the certificate of {address.netloc} is not trusted: {error.verify_message}"
            ) from None
        except ssl.SSLError as error:
            raise UpstreamError(502, f"no TLS with {address.netloc}: {error.reason or error}") from None
        except socket.gaierror as error:
            raise UpstreamError(502, f"the name {address.host} is unknown: {_words(error)}") from None
        except (OSError, UnicodeError) as error:
            raise UpstreamError(502, f"{address.netloc} cannot be reached: {_words(error)}") from None

    async def _directly(self, address: Address) -> _Connection:
        tls = self._tls() if address.scheme == "https" else None
        reader, writer = await asyncio.open_connection(address.host, address.port, ssl=tls, limit=_READ)
        return _Connection(self, address, reader, writer, absolute=False, extra=[])

    async def _by_way_of(self, proxy: str, address: Address) -> _Connection:
        parts = urlsplit(proxy)
        way = Address.of(proxy)
        extra: RawHeaders = []
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            extra = [(b"proxy-authorization", b"Basic " + b64encode(pair))]
        tls = self._tls() if way.scheme == "https" else None
        reader, writer = await asyncio.open_connection(way.host, way.port, ssl=tls, limit=_READ)
        connection = _Connection(self, address, reader, writer, absolute=address.scheme == "http", extra=extra)
        if connection.absolute:
            return connection
        try:
            await self._tunnel(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    async def _tunnel(self, connection: _Connection) -> None:
        address = connection.address
        name = f"{connection.address.host}:{address.port}".encode("idna" if address.host.isascii() else "utf-8")
        lines = [b"CONNECT %s HTTP/1.1" % name, b"host: " + name, *(b"%s: %s" % pair for pair in connection.extra)]
        connection.writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
        try:
            head = await connection.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            raise UpstreamError(502, "the proxy of the environment did not answer to CONNECT") from None
        status = head.split(b"\r\n", 1)[0].split(b" ")
        if len(status) < 2 or status[1][:1] != b"2":
            said = head.split(b"\r\n", 1)[0][:100].decode("latin-1")
            raise UpstreamError(502, f"the proxy of the environment refused: {said}")
        await connection.writer.start_tls(self._tls(), server_hostname=address.host)
        connection.extra = []

    def _tls(self) -> ssl.SSLContext:
        if self.tls is None:
            self.tls = ssl.create_default_context()
        return self.tls


async def _while_sending(
    connection: _Connection, headers: RawHeaders, body: Callable[[], AsyncIterator[bytes]], answer: Answer
) -> None:
    """Send the body and wait for the head of the answer, whichever comes first."""
    chunked = any(name == b"transfer-encoding" for name, _ in headers)

    async def send() -> None:
        async for piece in body():
            if piece:
                await connection.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            await connection.write(b"0\r\n\r\n")

    sending = asyncio.create_task(send())
    reading = asyncio.create_task(answer.read_head())
    try:
        await asyncio.wait({sending, reading}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done() and sending.exception() is not None:
            # A server may refuse and stop reading: what it said by then counts.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await asyncio.shield(reading)
            if not reading.done():
                sending.result()
        await reading
        if not sending.done():
            connection.is_spoiled = True
    finally:
        for task in (sending, reading):
            task.cancel()
        await asyncio.gather(sending, reading, return_exceptions=True)


def context(*, ca_file: str | None = None, verify: bool = True) -> ssl.SSLContext:
    """Which certificates of servers are trusted: the system's and those of `ca_file`; any if not to `verify`.

    OSError or ssl.SSLError if the file holds none.
    """
    found = ssl.create_default_context()
    if not found.cert_store_stats()["x509_ca"]:
        import certifi  # noqa: PLC0415 - for systems without certificates of their own

        found.load_verify_locations(certifi.where())
    if ca_file is not None:
        found.load_verify_locations(ca_file)
    if not verify:
        found.check_hostname = False
        found.verify_mode = ssl.CERT_NONE
    found.set_alpn_protocols(["http/1.1"])
    return found


def _proxy_of(address: Address) -> str | None:
    if proxy_bypass(address.host):
        return None
    found = getproxies()
    proxy = found.get(address.scheme) or found.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def without(headers: Iterable[tuple[bytes, bytes]], names: Iterable[bytes]) -> RawHeaders:
    """Those headers that have none of the names, in lower case, and are none that belong to one connection."""
    found = list(headers)
    listed = {
        token.strip().lower()
        for name, value in found
        if name.lower() in {b"connection", b"proxy-connection"}
        for token in value.split(b",")
    }
    unwanted = {*names, *_HOP_BY_HOP, *listed}
    return [(name, value) for name, value in found if name.lower() not in unwanted]


_HOP_BY_HOP: Final = frozenset({
    b"connection", b"proxy-connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    b"proxy-authenticate", b"proxy-authorization",
})  # fmt: skip
"""Evidence: RFC 9110, 7.6.1."""


def _words(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
