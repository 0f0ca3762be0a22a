"""uvicorn's HTTP protocol, with a bound for the head of a request and the edition's own words for what is no HTTP."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_runtime.transport.asgi import TRANSPORT
from mock_runtime.transport.wsgi import UNREADABLE, WSGIApp, call

_LARGEST_HEAD: Final = 64 * 1024


class HTTPProtocol(HttpToolsProtocol):
    """One connection. `app_for_errors` is the application that words a refusal of what is no HTTP."""

    app_for_errors: WSGIApp
    _head = 0

    def on_message_begin(self) -> None:
        """Begin to count the head of another request."""
        self._head = 0
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[typeddict-unknown-key]

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > _LARGEST_HEAD:
            raise ValueError("the head of the request is too large")

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a request to upgrade that is not followed is answered as if it were none."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the words of the edition."""
        large = self._head > _LARGEST_HEAD
        sentence = (
            "the head of the request is larger than 64 KiB" if large else msg.rstrip(".").replace("Invalid", "invalid")
        )
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            UNREADABLE: sentence,
        }
        _, _, body = call(type(self).app_for_errors, environ)
        head = (
            "HTTP/1.1 400 Bad Request",
            "content-type: application/json",
            f"content-length: {len(body)}",
            "connection: close",
            "\r\n",
        )
        self.transport.write("\r\n".join(head).encode() + body)
        self.transport.close()
