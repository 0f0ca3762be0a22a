"""The seam: where any Python client hands a request to the network, whatever library and address it uses.

`requests`, `urllib3` and `urllib.request` all stand on http.client. Its connections get a socket that is answered out
of a feeder, so everything above the socket is the library's own: what a client sees of a cut connection, a body that
ends too early, a redirect or a retry is what it would see of a server. httpx is met at its transports.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib
import importlib.util
import io
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httptools
from urllib3 import connection as of_urllib3

from runtime_contracts.feeding import SentRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runtime_contracts.feeding import Feed, Feeder

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_BODILESS: Final = frozenset({204, 304})
_TLS: Final = (http.client.HTTPSConnection, of_urllib3.HTTPSConnection)
_PLAIN: Final = (http.client.HTTPConnection, of_urllib3.HTTPConnection)


@contextlib.contextmanager
def seam(feeder: Feeder) -> Iterator[None]:
    """Answer every request of this process, to whatever host, out of `feeder`."""
    with contextlib.ExitStack() as stack:
        for kind in _PLAIN:
            stack.enter_context(_replaced(kind, "connect", _connect(feeder, "http")))
        for secure in _TLS:
            stack.enter_context(_replaced(secure, "connect", _connect(feeder, "https")))
        stack.enter_context(_replaced(ssl, "create_default_context", _remembering(ssl.create_default_context)))
        # Imported even if nobody has yet: a client that imports it later must not get out.
        if importlib.util.find_spec("httpx") is not None:
            _meet_httpx(feeder, stack)
        yield


def _meet_httpx(feeder: Feeder, stack: contextlib.ExitStack) -> None:
    httpx = importlib.import_module("httpx")
    transport = importlib.import_module("runtime_contracts.feeding_httpx").FeedingTransport(feeder, as_on_a_socket=True)

    def handle_request(_: Any, request: Any) -> Any:
        return transport.handle_request(request)

    async def handle_async_request(_: Any, request: Any) -> Any:
        return await transport.handle_async_request(request)

    stack.enter_context(_replaced(httpx.HTTPTransport, "handle_request", handle_request))
    stack.enter_context(_replaced(httpx.AsyncHTTPTransport, "handle_async_request", handle_async_request))


@contextlib.contextmanager
def _replaced(owner: Any, name: str, replacement: Callable[..., Any]) -> Iterator[None]:
    original = owner.__dict__[name]
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        setattr(owner, name, original)


def _remembering(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return contexts of TLS that are made once: it takes long, nobody uses them, and a client makes one each time."""
    known: dict[str, Any] = {}

    def made(*args: Any, **named: Any) -> Any:
        key = repr((args, sorted(named.items())))
        if key not in known:
            known[key] = make(*args, **named)
        return known[key]

    return made


def _connect(feeder: Feeder, scheme: str) -> Callable[..., None]:
    def connect(self: Any) -> None:
        # Through a proxy it is the tunnel's end that is meant.
        host = getattr(self, "_tunnel_host", None) or self.host
        port = (getattr(self, "_tunnel_port", None) if getattr(self, "_tunnel_host", None) else None) or self.port
        self.sock = _Socket(feeder, scheme=scheme, host=host, port=port)
        if scheme == "https":
            self.is_verified = True

    return connect


class _Socket:
    """What http.client takes for a socket: it collects what is sent, and is answered when it is read."""

    def __init__(self, feeder: Feeder, *, scheme: str, host: str, port: int | None) -> None:
        self._feeder = feeder
        self._scheme = scheme
        self._host = host
        self._port = port
        self._sent = bytearray()

    def settimeout(self, seconds: float | None) -> None:
        """Nothing takes time."""

    def setsockopt(self, *_: object) -> None:
        """Nothing to tune."""

    def sendall(self, data: Any) -> None:
        """Take a piece of the request."""
        self._sent += data

    def makefile(self, *_: object, **__: object) -> io.BytesIO:
        """The whole answer to what was sent."""
        request = self._request()
        self._sent.clear()
        return io.BytesIO(_written(self._feeder.answer(request), request.method))

    def close(self) -> None:
        """Nothing is held open."""

    def shutdown(self, *_: object) -> None:
        """Nothing is held open."""

    def _request(self) -> SentRequest:
        seen = _Parsed()
        parser = httptools.HttpRequestParser(seen)
        with contextlib.suppress(httptools.HttpParserUpgrade):
            parser.feed_data(bytes(self._sent))
        target, default = seen.target.decode("latin-1"), 443 if self._scheme == "https" else 80
        port = f":{self._port}" if self._port not in {None, default} else ""
        address = f"{self._scheme}://{self._host}{port}"
        if not target.startswith("/"):
            # What goes through a proxy in the clear is asked by its whole address.
            parts = urlsplit(target)
            address = f"{parts.scheme}://{parts.netloc}"
            target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        return SentRequest(
            method=parser.get_method().decode("ascii"),
            url=address + target,
            target=target,
            headers=seen.headers,
            body=bytes(seen.body),
        )


class _Parsed:
    """What httptools calls while it reads a request."""

    def __init__(self) -> None:
        self.target = b""
        self.headers: dict[str, str] = {}
        self.body = bytearray()

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1")] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body


def _written(feed: Feed, method: str) -> bytes:
    if feed.cut:
        return b""
    headers = feed.wire_headers
    body = b"" if feed.status in _BODILESS or method == "HEAD" else feed.body
    headers.setdefault("Content-Length", str(len(body)))
    # Nothing is kept alive, so that no library looks into a socket that is none.
    headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {feed.status} {_PHRASES.get(feed.status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("utf-8") + body
