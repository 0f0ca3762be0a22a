"""Calling a WSGI application, and being called as one in-process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from mock_runtime.transport.hosts import Hosts
    from mock_runtime.transport.latency import Latency

Environ: TypeAlias = dict[str, Any]
WSGIApp: TypeAlias = Callable[..., Iterable[bytes]]
Headers: TypeAlias = list[tuple[str, str]]

BODY_EXCEEDED: Final = "mock_runtime.body_exceeded"
"""Set in the environ by a transport that saw more of a body than the server reads."""

UNREADABLE: Final = "mock_runtime.unreadable"
"""Set in the environ, to a sentence, by a transport that could not make a request of what it received."""


def path_info(target: bytes) -> str:
    """The path of a request target as WSGI wants it: percent-decoded, but `%2F` left alone.

    An encoded slash is part of a name and not a boundary between two; decoded, it would lead to another operation.
    Slashes at the beginning are taken for one (`<base URL>/` + `/jobs`), and an absolute target is reduced to its path.
    """
    path = target.partition(b"?")[0]
    if not path.startswith(b"/"):
        path = b"/" + path.partition(b"://")[2].partition(b"/")[2]
    decoded = b"%2F".join(unquote_to_bytes(part) for part in path.replace(b"%2f", b"%2F").split(b"%2F"))
    return "/" + decoded.lstrip(b"/").decode("latin-1")


def call(app: WSGIApp, environ: Environ) -> tuple[int, Headers, bytes]:
    """Call an application inline: its status, headers and whole body."""
    started: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], object]:  # noqa: ARG001
        started[:] = [(status, headers)]
        return lambda _data: None

    answer = app(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    return int(status[:3]), headers, body


class InProcess:
    """The outermost WSGI layer of callers without a socket.

    It reads the path as a socket would, goes by the host where that is one of ours, and lets latency pass.
    """

    def __init__(self, app: WSGIApp, *, latency: Latency, sleep: Callable[[float], None], hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts
        self._latency = latency
        self._sleep = sleep

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 defines it."""
        raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
        if raw:
            environ["PATH_INFO"] = path_info(str(raw).encode("latin-1", "replace"))
        self._hosts.redirect(environ)
        delay = self._latency.of(environ.get("PATH_INFO", ""))
        if delay:
            self._sleep(delay)
        return self._app(environ, start_response)
