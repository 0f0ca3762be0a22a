"""What a row of the zoo is: one deviation that somebody may have built into a server, and what kind it is of."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from tests.broken.serving import ALICE, Ask, Plant, Reply
from tests.broken.spoiling import again, matches, rewritten, spoiled

Change = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One planted deviation.

    Attributes:
        kind: where it is: shapes, access, tenants, lists, states, requests, protocol.
        planted: makes the plant, which may remember things.
    """

    name: str
    edition: str
    kind: str
    planted: Callable[[], Plant]


class Remembering:
    """Counts what it has seen, by path."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    def times(self, key: str) -> int:
        """Count one more of a kind, and return how many there are."""
        self.seen[key] = self.seen.get(key, 0) + 1
        return int(self.seen[key])


def rows(edition: str, kind: str, plants: dict[str, Callable[[], Plant] | Plant]) -> tuple[Deviation, ...]:
    """Return the rows of a table: by name, a class of plants or one plant that remembers nothing."""
    return tuple(
        Deviation(
            name=f"{edition} {kind}: {name}",
            edition=edition,
            kind=kind,
            planted=plant if isinstance(plant, type) else partial(_same, plant),
        )
        for name, plant in plants.items()
    )


def _same(plant: Any) -> Any:
    return plant


def answer(method: str, path: str, change: Callable[[Reply], Reply], *, status: int | None = 200) -> Plant:
    """Change the answers to a method on paths that match."""
    return spoiled(method, path, change, status=status)


def value(path: str, change: Change, *, status: int = 200, method: str = "GET") -> Plant:
    """Change the JSON in the answers on paths that match."""
    return spoiled(method, path, rewritten(change), status=status)


def put(**changes: Any) -> Change:
    """Set keys of an object."""
    return lambda found: {**found, **changes}


def drop(*keys: str) -> Change:
    """Leave keys of an object out."""
    return lambda found: {key: item for key, item in found.items() if key not in keys}


def inside(*way: str, change: Change) -> Change:
    """Change what is at the end of a way of keys; `*` stands for every item of a list."""

    def changed(found: Any) -> Any:
        if not way:
            return change(found)
        rest = inside(*way[1:], change=change)
        if way[0] == "*":
            return [rest(item) for item in found]
        return {**found, way[0]: rest(found[way[0]])} if isinstance(found, dict) and way[0] in found else found

    return changed


def queried(request: Request, **changes: str | None) -> Request:
    """Return the same request with some of its query changed, or left out where it is None."""
    pairs = [(name, item) for name, item in request.args.items(multi=True) if name not in changes]
    pairs += [(name, item) for name, item in changes.items() if item is not None]
    return again(request, query_string=urlencode(pairs))


def ignoring(path: str, *names: str) -> Plant:
    """Take no notice of some parameters of a list."""

    def plant(request: Request, ask: Ask) -> Reply:
        hit = request.method == "GET" and matches(path, request.path)
        return ask(queried(request, **dict.fromkeys(names))) if hit else ask(request)

    return plant


def body_of(request: Request) -> bytes:
    """Return the body of a request, also when it was read before."""
    stream = request.environ["wsgi.input"]
    stream.seek(0)
    found: bytes = stream.read()
    stream.seek(0)
    return found


def sent(request: Request) -> Any:
    """Return the JSON that a request carries, or None."""
    try:
        return json.loads(body_of(request))
    except ValueError:
        return None


def resent(request: Request, body: Any) -> Request:
    """Return the same request with another JSON body."""
    return again(request, data=json.dumps(body).encode())


def mending(method: str, path: str, mend: Callable[[Any], Any]) -> Plant:
    """Take a body that the faithful server refuses, as if it had been the mended one."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        if request.method != method or not matches(path, request.path) or reply.status not in {400, 404}:
            return reply
        body = sent(request)
        if not isinstance(body, dict):
            return reply
        mended = mend(dict(body))
        return reply if mended is None or mended == body else ask(resent(request, mended))

    return plant


def refusing(method: str, path: str, refused: Callable[[Request], bool], refusal: Reply) -> Plant:
    """Refuse some of the good requests."""

    def plant(request: Request, ask: Ask) -> Reply:
        hit = request.method == method and matches(path, request.path)
        if not hit or not refused(request):
            return ask(request)
        reply = ask(request)
        return refusal if reply.status < 300 else reply

    return plant


def with_headers(request: Request, **changes: str | None) -> Request:
    """Return the same request with other headers; one that is None is left out."""
    headers = Headers(request.headers)
    for name, item in changes.items():
        headers.pop(name.replace("_", "-"), None)
        if item is not None:
            headers[name.replace("_", "-")] = item
    return again(request, headers=headers)


def as_owner(request: Request, crn: str | None) -> Request:
    """Return the same request as Alice's of today's edition."""
    changes = {"Authorization": f"apikey {ALICE}"}
    return with_headers(request, **changes, **({"Service_CRN": crn} if crn else {}))
