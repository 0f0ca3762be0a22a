"""Operations on backends: taking them away, bringing them back, and announcing maintenance."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response

from mock_runtime.control.reading import fields_of, one_of, query, read, seconds, text
from mock_runtime.domain.backends import Availability, Backend
from mock_runtime.parsing import MalformedRequest
from mock_runtime.service.views import view_jobs
from mock_runtime.surface import json_response, no_content

if TYPE_CHECKING:
    from mock_runtime.control.controlled import Controlled

EVERY: Final = "*"
"""All backends, where one is named."""


def add_backends(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operations on backends on the control plane."""

    @routes.get("/backends")
    def list_backends() -> Response:
        query(())
        return _list(runtime)

    @routes.patch("/backends/<name>")
    def change_backend(name: str) -> Response:
        fields = fields_of(("availability", "reason", "for"), required=("availability",))
        availability = one_of(fields["availability"], tuple(Availability), "availability")
        reason, for_s = read(fields, "reason", text), read(fields, "for", seconds)
        if availability == Availability.ONLINE:
            if reason is not None or for_s is not None:
                raise MalformedRequest("availability: a backend is online without a reason, and until told otherwise")
            runtime.happenings.backend_online(name)
        elif availability == Availability.OFFLINE:
            runtime.happenings.backend_offline(name, reason or "", for_s)
        else:
            runtime.happenings.backend_paused(name, reason or "", for_s)
        return _list(runtime)

    @routes.post("/maintenance")
    def announce_maintenance() -> Response:
        fields = fields_of(("in", "for", "message"), optional=True)
        in_s, for_s = read(fields, "in", seconds), read(fields, "for", seconds)
        runtime.happenings.maintenance(in_s or 0.0, for_s, read(fields, "message", text) or "")
        return _list(runtime)

    @routes.delete("/maintenance")
    def end_maintenance() -> Response:
        runtime.happenings.backend_online(EVERY)
        return no_content()


def _list(runtime: Controlled) -> Response:
    pending = _pending(runtime)
    backends = [_present(backend, pending[backend.name]) for backend in runtime.service.backends.all()]
    return json_response({"backends": backends})


def _present(backend: Backend, pending: int) -> dict[str, Any]:
    return {
        "name": backend.name,
        "qubits": backend.n_qubits,
        "simulator": backend.simulator,
        "availability": backend.availability.value,
        "reason": backend.reason,
        "message": backend.message,
        "pending": pending,
    }


def _pending(runtime: Controlled) -> Counter[str]:
    """How many jobs wait or run, by the backend."""
    jobs, _count = runtime.store.all_jobs()
    views = view_jobs(runtime.store, jobs, runtime.clock.now())
    return Counter(view.job.backend for view in views if not view.state.status.is_final)
