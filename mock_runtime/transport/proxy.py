"""A forward proxy on the port of the fake: whoever goes through it to IBM's hosts gets the fake instead.

A CONNECT to one of the fake's hosts is answered, TLS is begun on the same connection, and the protocol that serves
every other request takes over: nothing is connected to, and nothing copied. A request with an absolute target is
served if its host is one of the fake's. Every other host is refused, unless it is allowed: then its bytes are passed on
unread.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from mock_runtime.transport.answering import is_among, split_host
from mock_runtime.transport.protocol import HTTPProtocol

if TYPE_CHECKING:
    from mock_runtime.transport.hosts import Hosts

_ESTABLISHED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
_CLEAR: Final = "let through by TLS only"
_HANDSHAKE_S: Final = 30.0
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardProxy:
    """What the proxy serves by itself, what it lets through, and what it refuses.

    `tls` has a certificate for all the names of `hosts`. `allow` are names of other hosts that may be reached, exact
    or as `*.example.org`. `note` is told of each host that was not served, with a phrase that says why.
    """

    hosts: Hosts
    tls: ssl.SSLContext
    allow: Collection[str] = ()
    note: Callable[[str, str], None] | None = None

    def lets_through(self, host: str) -> bool:
        """Whether that host may be reached."""
        return is_among(host, self.allow)

    def tell(self, host: str, why: str) -> None:
        """Tell whoever listens that a host was not served."""
        if self.note is not None:
            self.note(host, why)


class ProxyProtocol(HTTPProtocol):
    """One connection of a client that may take this server for its proxy."""

    proxy: ForwardProxy
    _refused = False
    _secured: str | None = None
    _served = False

    def data_received(self, data: bytes) -> None:
        """As ever, but after a refusal nothing is listened to any more."""
        if not self._refused:
            super().data_received(data)

    def on_headers_complete(self) -> None:
        """Serve the request, unless it is for the proxy itself or for a host that is not ours."""
        self._served = True
        if self.parser.get_method() == b"CONNECT":
            # The parser stops here and says that the protocol changes: see _unsupported_upgrade_warning.
            return
        if b"://" in self.url.partition(b"?")[0] and not self._take_absolute():
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep the body, if its request is served."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Tell the application that the body is complete, if there is one to tell."""
        if not self._refused and self.parser.get_method() != b"CONNECT":
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection. One that ends before its first request, by an alert, is a client without trust."""
        if self._secured and not self._served and isinstance(exc, ssl.SSLError):
            self.proxy.tell(self._secured, _why(exc))
        super().connection_lost(exc)

    def _take_absolute(self) -> bool:
        """Whether the request is for a host of ours, which then counts instead of its header Host (RFC 9112, 3.2.2)."""
        try:
            parts = urlsplit(self.url.decode("latin-1"))
            netloc = parts.netloc.rpartition("@")[2]
        except ValueError:
            netloc = ""
        host, _ = split_host(netloc)
        if not self.proxy.hosts.knows(host) and host not in _LOOPBACK:
            self._refuse(host, _CLEAR if self.proxy.lets_through(host) else None)
            return False
        self.headers[:] = [
            *((name, value) for name, value in self.headers if name != b"host"),
            (b"host", netloc.encode("latin-1")),
        ]
        return True

    def _unsupported_upgrade_warning(self) -> None:
        if self.parser.get_method() != b"CONNECT":
            super()._unsupported_upgrade_warning()
            return
        host, port = split_host(self.url.decode("latin-1"))
        self._unset_keepalive_if_required()
        if self.proxy.hosts.knows(host):
            self._begin(self._secure(host))
        elif self.proxy.lets_through(host):
            self._begin(self._splice(host, port or 443))
        else:
            self._refuse(host)

    def _begin(self, work: Any) -> None:
        # Read nothing until somebody else reads this connection: its next bytes are not HTTP.
        self.transport.pause_reading()
        self._refused = True
        task = self.loop.create_task(work)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _refuse(self, host: str, why: str | None = None) -> None:
        """Answer 403. Its reason is what most clients show, so it says what to do."""
        self._refused = True
        name = "".join(c if c.isprintable() and c.isascii() else "?" for c in host[:200])
        why = why or ("refused" if name else "the request names no host")
        reason = {
            "refused": f"{name} is refused by mock-runtime: --allow {name} lets it through",
            _CLEAR: f"{name} is let through by TLS only: ask it by https",
        }.get(why, why)
        self.proxy.tell(name, why)
        body = json.dumps({"error": {"message": reason}}).encode() + b"\n"
        head = (
            f"HTTP/1.1 403 {reason}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            "connection: close",
            "\r\n",
        )
        self.transport.write("\r\n".join(head).encode("latin-1") + body)
        self.transport.close()

    async def _secure(self, host: str) -> None:
        """Begin TLS on this connection and hand it to a protocol of its own."""
        self.connections.discard(self)
        self.transport.write(_ESTABLISHED)
        early = _Early()
        try:
            transport = await self.loop.start_tls(
                self.transport, early, self.proxy.tls, server_side=True, ssl_handshake_timeout=_HANDSHAKE_S
            )
        except (OSError, TimeoutError) as error:
            if isinstance(error, ssl.SSLError):
                self.proxy.tell(host, _why(error))
            self.transport.close()
            return
        if transport is None or early.lost:
            return
        protocol = type(self)(self.config, self.server_state, self.app_state, self.loop)
        protocol._secured = host  # noqa: SLF001 - the same class
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if early.data:
            protocol.data_received(bytes(early.data))

    async def _splice(self, host: str, port: int) -> None:
        """Pass on the bytes of both sides, unread."""
        try:
            outer, _ = await self.loop.create_connection(lambda: _Pipe(self.transport), host, port)
        except OSError as error:
            self.proxy.tell(host, f"cannot be reached: {error.strerror or error}")
            self.transport.write(f"HTTP/1.1 502 {host} cannot be reached\r\nconnection: close\r\n\r\n".encode())
            self.transport.close()
            return
        if self.transport.is_closing():
            outer.close()
            return
        here = _Pipe(outer, ended=self.connections.discard)
        here.transport = self.transport
        self.connections.discard(self)
        self.connections.add(here)  # type: ignore[arg-type]
        self.transport.set_protocol(here)
        self.transport.write(_ESTABLISHED)
        self.transport.resume_reading()


def _why(error: ssl.SSLError) -> str:
    """What a failed handshake means: an alert is how a client says that it does not know the authority."""
    return "the client does not trust the certificate" if "ALERT" in str(error.reason) else "the client spoke no TLS"


class _Early(asyncio.Protocol):
    """Keeps what comes between the end of the handshake and the moment at which the next protocol is there."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        self.lost = True


class _Pipe(asyncio.Protocol):
    """One end of a tunnel: what comes in here goes out at `peer`, as fast as that takes it."""

    transport: asyncio.Transport

    def __init__(self, peer: asyncio.Transport, *, ended: Callable[[Any], None] | None = None) -> None:
        self.peer = peer
        self._ended = ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows the type
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.peer.write(data)

    def eof_received(self) -> bool:
        if self.peer.can_write_eof() and not self.peer.is_closing():
            self.peer.write_eof()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        self.peer.close()
        if self._ended is not None:
            self._ended(self)

    def pause_writing(self) -> None:
        if not self.peer.is_closing():
            self.peer.pause_reading()

    def resume_writing(self) -> None:
        if not self.peer.is_closing():
            self.peer.resume_reading()
