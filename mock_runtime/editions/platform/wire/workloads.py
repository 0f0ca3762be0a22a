"""Workloads on the wire: pages that are linked by cursors."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from mock_runtime.domain.errors import PageNotFound
from mock_runtime.domain.workloads import Criteria, Kind, Position, Progress, Window
from mock_runtime.editions.platform.wire import query
from mock_runtime.editions.platform.wire.jobs import instant, whole
from mock_runtime.service.reports import ListWorkloads
from mock_runtime.surface import base_of, path_of

if TYPE_CHECKING:
    from flask import Request

    from mock_runtime.domain.instances import Caller
    from mock_runtime.domain.workloads import Page, Workload

DEFAULT_LIMIT: Final = 10
MOST: Final = 50
"""Evidence for both: IBM's document."""

OLDEST_FIRST: Final = "createdAt"
NEWEST_FIRST: Final = "-createdAt"

_CURSORS: Final = ("previous", "next")
_POSITION: Final = re.compile(rb"([0-9]{18})([0-9]{12})")


def parse_list(request: Request, caller: Caller) -> ListWorkloads:
    """The page of workloads that a query asks for; keys that are not known are ignored."""
    kind = query.choice(request, "mode", [kind.value for kind in Kind])
    sort = query.choice(request, "sort", (OLDEST_FIRST, NEWEST_FIRST), OLDEST_FIRST)
    progress = query.texts(request, "status", allowed=[progress.value for progress in Progress])
    return ListWorkloads(
        caller=caller,
        window=Window(
            limit=query.number(request, "limit", default=DEFAULT_LIMIT, lowest=1, highest=MOST),
            descending=sort == NEWEST_FIRST,
            after=_position(request, "next"),
            before=_position(request, "previous"),
        ),
        criteria=Criteria(
            backend=query.text(request, "backend"),
            search=query.text(request, "search"),
            progress=frozenset(map(Progress, progress)),
            kind=None if kind is None else Kind(kind),
            created_after=query.instant(request, "created_after"),
            created_before=query.instant(request, "created_before"),
            tags=frozenset(query.texts(request, "tags")),
        ),
        mine=query.choice(request, "user", ("me",)) == "me",
    )


def present_page(page: Page, command: ListWorkloads, request: Request) -> dict[str, Any]:
    """A page of workloads. `previous` and `next` are there if the list goes on in that direction."""
    present: dict[str, Any] = {
        "workloads": [present_workload(workload) for workload in page.workloads],
        "total_count": page.total,
        "limit": command.window.limit,
    }
    for name, position in (("previous", page.previous), ("next", page.next)):
        if position is not None:
            present[name] = {"href": _link(request, name, position)}
    return present


def present_workload(workload: Workload) -> dict[str, Any]:
    """A workload as an object. That `instance` is a CRN is a guess."""
    used = whole(workload.usage_s)
    present: dict[str, Any] = {
        "id": workload.id,
        "created": instant(workload.created_at),
        "ended": None if workload.ended_at is None else instant(workload.ended_at),
        "backend": workload.backend,
        "instance": workload.instance,
        "user_id": workload.user,
        "mode": workload.kind.value,
        "status": workload.progress.value,
        "status_reason": workload.reason,
        "tags": list(workload.tags),
        "usage_seconds": used,
        "usage": {"qpu_charge_time_seconds": used, "status": "complete" if workload.settled else "pending"},
    }
    return {key: value for key, value in present.items() if value is not None} | {"accepting_jobs": workload.accepting}


def cursor(position: Position) -> str:
    """A place in a list as text: base64 of its microseconds since 1970 and its number.

    Evidence: a third party saw a timestamp in base64. The number is ours: it keeps apart what was created at one
    instant. Thirty decimal digits, so that a pattern can say what a cursor is.
    """
    return base64.b64encode(f"{position.micros:018}{position.number:012}".encode()).decode("ascii")


def _position(request: Request, name: str) -> Position | None:
    """The place that a cursor means; PageNotFound if no page gave it.

    That it is not found, rather than not valid, is a guess: the document allows any text.
    """
    sent = query.text(request, name)
    if sent is None:
        return None
    try:
        match = _POSITION.fullmatch(base64.b64decode(sent))
    except ValueError:
        match = None
    position = None if match is None else Position(int(match[1]), int(match[2]))
    # Padding and odd characters, which the decoder would overlook, come to light on the way back.
    if position is None or cursor(position) != sent:
        raise PageNotFound(sent)
    return position


def _link(request: Request, name: str, position: Position) -> str:
    """The address of another page of the same list."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in _CURSORS]
    return f"{base_of(request)}{quote(path_of(request))}?{urlencode([*kept, (name, cursor(position))])}"
