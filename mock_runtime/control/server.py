"""Operations on the fake as a whole: whether it is there, how it stands, and beginning again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, current_app, request

from mock_runtime.control.clock import present_clock
from mock_runtime.control.document import document, own_version
from mock_runtime.control.reading import query
from mock_runtime.service.views import view_jobs
from mock_runtime.surface import json_response, no_content, readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mock_runtime.control.controlled import Controlled

MOST_COUNTED: Final = 10_000
"""So many jobs are looked at to be counted by their status, the newest ones."""


def add_server(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operations on the fake as a whole on the control plane."""

    @routes.get("/health")
    def health() -> Response:
        return json_response({"status": "ok", "edition": runtime.config.edition, "seed": runtime.ids.seed})

    @routes.get("/ready")
    def ready() -> Response:
        readiness = runtime.readiness
        return json_response({"status": readiness.phase.value}, readiness.status)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return json_response({**document(), "servers": [{"url": request.script_root or "/"}]})

    @routes.get("/metrics")
    def metrics() -> Response:
        body, kind = runtime.metrics.render(request.headers.get("Accept", ""))
        return Response(body, content_type=kind)

    @routes.get("/state")
    def state() -> Response:
        query(())
        return json_response(present_state(runtime))

    @routes.post("/reset")
    def reset() -> Response:
        runtime.reset()
        return no_content()


def index_of(runtime: Controlled, prefix: str) -> Mapping[str, Any]:
    """What there is to call."""
    operations = {
        f"{method} {readable(rule.rule)}"
        for rule in current_app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if rule.endpoint.startswith("control.") and rule.rule.startswith(prefix)
    }
    return {"edition": runtime.config.edition, "operations": sorted(operations)}


def present_state(runtime: Controlled) -> Mapping[str, Any]:
    """How everything stands, for who asks often."""
    journal, armed = runtime.requests, list(runtime.faults)
    return {
        "edition": runtime.config.edition,
        "seed": runtime.ids.seed,
        "version": own_version(),
        "scope": runtime.scope,
        "scopes": len(runtime.scopes),
        "clock": present_clock(runtime.clock),
        "jobs": counted_jobs(runtime),
        "journal": {
            "last": last_number(runtime),
            "position": journal.position,
            "entries": len(journal),
            "dropped": journal.dropped,
        },
        "faults": {"armed": len(armed), "on": sum(one.on for one in armed), "met": sum(one.met for one in armed)},
    }


def last_number(runtime: Controlled) -> int:
    """The highest number of an exchange in the journal; 0 if it is empty."""
    return max((entry.number for entry in runtime.requests.entries(limit=1)), default=0)


def counted_jobs(runtime: Controlled) -> dict[str, int]:
    """How many of the newest jobs are in each status."""
    jobs, _count = runtime.store.all_jobs(limit=MOST_COUNTED)
    views = view_jobs(runtime.store, jobs, runtime.clock.now())
    return dict(Counter(view.state.status.value for view in views))
