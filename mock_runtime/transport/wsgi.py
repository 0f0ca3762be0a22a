"""Calling a WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

Environ: TypeAlias = dict[str, Any]
WSGIApp: TypeAlias = Callable[..., Iterable[bytes]]
Headers: TypeAlias = list[tuple[str, str]]

BODY_EXCEEDED: Final = "mock_runtime.body_exceeded"
"""Set in the environ by a transport that saw more of a body than the server reads."""

UNREADABLE: Final = "mock_runtime.unreadable"
"""Set in the environ, to a sentence, by a transport that could not make a request of what it received."""

IN_PROCESS: Final = "mock_runtime.in_process"
"""Set in the environ by a transport of this process: the caller is the program itself, and nobody on a network."""

REFUSAL: Final = "mock_runtime.refusal"
"""Set in the environ, to an exception, where a request is to be refused before anything is done about it."""


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
