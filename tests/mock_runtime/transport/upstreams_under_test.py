"""Servers that answer with the bytes that a test gives them, and a proxy in front of one."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mock_runtime.clock import SystemClock
from mock_runtime.transport.forwarding import Asked, Forwarding, Replied, Routes
from mock_runtime.transport.hosts import HostRoute, Hosts
from mock_runtime.transport.proxy import ForwardProxy
from mock_runtime.transport.server import ProxyServer
from mock_runtime.transport.upstreams import Address, Upstreams

TIMEOUT_S = 20.0

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Scripted:
    """A server that answers each request by a call; `requests` has the bytes of each, as they came."""

    def __init__(self, answer: Callable[[bytes], bytes | None], *, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self.requests: list[bytes] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> Address:
        """Where it is."""
        return Address("https" if self._tls else "http", "127.0.0.1", self._port)

    def close(self) -> None:
        """Stop listening, and close what is open."""
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Cut every connection that is open."""
        for opened in self._open:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                opened, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            opened.settimeout(TIMEOUT_S)
            threading.Thread(target=self._serve, args=(opened,), daemon=True).start()

    def _serve(self, opened: socket.socket) -> None:
        try:
            if self._tls is not None:
                opened = self._tls.wrap_socket(opened, server_side=True)
            self._open.append(opened)
            while (request := _request(opened)) is not None:
                self.requests.append(request)
                answer = self._answer(request)
                if answer is None:
                    break
                opened.sendall(answer)
                if b"connection: close" in answer.lower():
                    break
        except OSError:
            pass
        opened.close()


def _request(opened: socket.socket) -> bytes | None:
    """The next request: head, and a body by its length or in chunks."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = opened.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += opened.recv(65536)
    while b"transfer-encoding: chunked" in head.lower() and not body.endswith(b"0\r\n\r\n"):
        body += opened.recv(65536)
    return head + b"\r\n\r\n" + body


@dataclass
class Seen:
    """A watcher that remembers, and does what it is told."""

    holds_requests: bool = False
    holds_answers: bool = False
    refuse: Replied | None = None
    replace: Replied | None = None
    exchanges: list[tuple[Asked, Replied]] = field(default_factory=list)
    failures: list[tuple[int, str]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def asked(self, asked: Asked) -> Replied | None:
        """Refuse, if it is told to."""
        self.exchanges.append((asked, Replied(status=0, headers=(), body=b"")))
        return self.refuse

    def answered(self, asked: Asked, replied: Replied, *, seconds: float) -> Replied | None:  # noqa: ARG002 - as it is called
        """Remember an exchange."""
        with self.changed:
            self.exchanges.append((asked, replied))
            self.changed.notify_all()
        return self.replace

    def failed(self, asked: Asked, status: int, sentence: str) -> Replied:  # noqa: ARG002 - as it is called
        """Remember what failed."""
        with self.changed:
            self.failures.append((status, sentence))
            self.changed.notify_all()
        return Replied(status=status or 502, headers=(("content-type", "text/plain"),), body=sentence.encode())

    def own(self, target: str) -> Replied:
        """Say what was asked."""
        return Replied(status=200, headers=(), body=f"own {target}".encode())

    def wait_for(self, *, exchanges: int = 0, failures: int = 0) -> None:
        """Wait until it has seen so many."""
        with self.changed:
            assert self.changed.wait_for(
                lambda: len(self.exchanges) >= exchanges and len(self.failures) >= failures, TIMEOUT_S
            )


@contextmanager
def scripted(
    answer: Callable[[bytes], bytes | None] | bytes, *, tls: ssl.SSLContext | None = None
) -> Iterator[Scripted]:
    """A scripted server for a while."""
    server = Scripted((lambda _: answer) if isinstance(answer, bytes) else answer, tls=tls)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def proxied(
    upstream: Address,
    *,
    watcher: Seen | None = None,
    upstreams: Upstreams | None = None,
    path: str = "",
    hosts: Hosts | None = None,
    tls: ssl.SSLContext | None = None,
    largest_kept_bytes: int = 1 << 20,
) -> Iterator[tuple[str, Seen]]:
    """A proxy in front of a server: its origin, and what it has seen."""
    seen = watcher or Seen()
    known = hosts or Hosts([HostRoute("api.ibm.test", "", "/api"), HostRoute("*.ibm.test", "/x", "/other")])
    forwarding = Forwarding(
        routes=Routes(upstream=upstream, hosts=known, path=path),
        upstreams=upstreams or Upstreams(timeout_s=TIMEOUT_S),
        watcher=seen,
        app=_words,
        now_s=SystemClock().now,
        largest_kept_bytes=largest_kept_bytes,
    )
    forward = ForwardProxy(hosts=known, tls=tls) if tls is not None else None
    with ProxyServer(forwarding, forward=forward, ended=forwarding.upstreams.close) as server:
        yield server.origin, seen


def _words(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
    start_response("400 Bad Request", [("content-type", "text/plain")])
    return [b"no HTTP"]


def ask(origin: str, request: bytes, *, half_close: bool = False) -> bytes:
    """Send bytes to a proxy, and return all that comes until it closes."""
    parts = urlsplit(origin)
    with socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT_S) as opened:
        opened.sendall(request)
        if half_close:
            opened.shutdown(socket.SHUT_WR)
        found = []
        while piece := opened.recv(65536):
            found.append(piece)
        return b"".join(found)


def get(target: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    """A request after which the connection ends."""
    lines = [f"{method} {target} HTTP/1.1", "Host: proxy.test", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
