"""The page of the control plane: files of this package, which need no network and may run nothing but themselves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from flask import Response, redirect, request
from werkzeug.exceptions import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint, Request
    from werkzeug.wrappers import Response as Answer

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the page may do: load its own files and call its own server. Nothing of it can make a script of a text."""

_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page: its bytes, their type, and a tag that changes when they do."""

    data: bytes
    content_type: str
    etag: str


def add_page(routes: Blueprint) -> None:
    """Serve what the page is made of, beside the operations of the control plane."""

    @routes.get("/page/<name>")
    def page(name: str) -> Response:
        return _response(name)


def page_for(asked: Request) -> Answer | None:
    """The page, if that is what a caller would rather see than JSON; None if not.

    Its addresses are relative to a path with a slash at the end, so without one the caller is sent there.
    """
    best = asked.accept_mimetypes.best_match(("application/json", "text/html"), default="application/json")
    if best != "text/html":
        return None
    if not asked.path.endswith("/"):
        return redirect(f"{asked.path.rpartition('/')[2]}/", 308)
    answer = _response("index.html")
    answer.vary.add("Accept")
    return answer


@cache
def assets() -> Mapping[str, Asset]:
    """The files of the page by name, read when somebody first looks: what a stranger names never becomes a path."""
    found = {each.name: each.read_bytes() for each in files("mock_runtime.control").joinpath("page").iterdir()}
    return {
        name: Asset(data, kind, hashlib.sha256(data).hexdigest()[:32])
        for name, data in found.items()
        if (kind := _TYPES.get(f".{name.rpartition('.')[2]}")) is not None
    }


def _response(name: str) -> Response:
    """A file as an answer, or a 304 to who has it already; NotFound."""
    found = assets().get(name)
    if found is None:
        raise NotFound
    answer = Response(found.data, 200, content_type=found.content_type, headers=_HEADERS)
    answer.set_etag(found.etag)
    answer.make_conditional(request)
    # It is said by the server that sends it.
    answer.headers.pop("Date", None)
    return answer
