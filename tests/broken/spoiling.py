"""What broken servers are made of: changed requests and changed answers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tests.broken.serving import ALICE, Ask, Plant, Reply


def spoiled(method: str, path: str, spoil: Callable[[Reply], Reply], *, status: int | None = None) -> Plant:
    """Spoil the answers to one method on paths that match, optionally only those with one status."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        hit = request.method == method and matches(path, request.path) and status in {None, reply.status}
        return spoil(reply) if hit else reply

    return plant


def matches(pattern: str, path: str) -> bool:
    """Tell whether a path has the segments of a pattern, in which * stands for any one."""
    wanted, found = pattern.split("/"), path.split("/")
    return len(wanted) == len(found) and all(w in {"*", f} for w, f in zip(wanted, found, strict=True))


def rewritten(change: Callable[[Any], Any]) -> Callable[[Reply], Reply]:
    """Return a change of an answer out of a change of the JSON in it."""
    return lambda reply: reply.changed(body=json.dumps(change(json.loads(reply.body))).encode())


def again(request: Request, *, data: bytes | None = None, **changes: Any) -> Request:
    """Return the same request with some of it changed."""
    request.environ["wsgi.input"].seek(0)
    builder = EnvironBuilder.from_environ(request.environ)
    for name, value in changes.items():
        setattr(builder, name, value)
    if data is not None:
        builder.input_stream = io.BytesIO(data)
    environ = builder.get_environ()
    # These repeat the path as it came, and the fake believes them more than PATH_INFO.
    environ.pop("RAW_URI", None)
    environ.pop("REQUEST_URI", None)
    return Request(environ)


def as_alice(request: Request) -> Request:
    """Return the same request with the credentials of Alice."""
    headers = Headers(request.headers)
    headers.remove("X-Access-Token")
    headers["Authorization"] = f"Bearer {ALICE}"
    return again(request, headers=headers)


def without_credentials(request: Request) -> Request:
    """Return the same request without any credentials."""
    headers = Headers(request.headers)
    headers.remove("X-Access-Token")
    headers.remove("Authorization")
    return again(request, headers=headers)


def without(value: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a copy of an object that lacks one key."""
    return {name: item for name, item in value.items() if name != key}
