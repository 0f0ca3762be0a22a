"""Operations on jobs and sessions, whoever owns them: to see them, and to let things happen to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response

from mock_runtime.control.reading import (
    body_object,
    fields_of,
    last,
    length,
    number_parameter,
    one_of,
    query,
    read,
    text,
)
from mock_runtime.domain.jobs import Status
from mock_runtime.parsing import MalformedRequest
from mock_runtime.scenario import plan
from mock_runtime.service.prospects import JobAhead, look_ahead
from mock_runtime.service.views import view_jobs
from mock_runtime.surface import json_response

if TYPE_CHECKING:
    from mock_runtime.control.controlled import Controlled
    from mock_runtime.domain.foresight import Foresight
    from mock_runtime.service import SessionView

STATUSES: Final = tuple(status.value for status in Status)
MOST: Final = 1000
"""So many jobs, sessions or exchanges are in one answer at most, unless it says otherwise."""

_USUAL: Final = 100

EVENTS: Final = ("finish", "fail", "cancel", "requeue", "lose-result", "withhold-result", "outrun-cancel")
"""What can happen to a job."""


def add_jobs(routes: Blueprint, runtime: Controlled) -> None:
    """Put the operations on jobs and sessions on the control plane."""

    @routes.get("/jobs")
    def list_jobs() -> Response:
        parameters = query(("limit", "offset", "status"))
        limit = number_parameter(parameters, "limit", _USUAL, MOST)
        offset = number_parameter(parameters, "offset", 0)
        status = last(parameters, "status")
        if status is not None:
            one_of(status, STATUSES, "query parameter status")
        jobs, count = _page(runtime, offset, limit, status)
        now = runtime.clock.now()
        return json_response({"jobs": [present_job(job, now) for job in jobs], "count": count})

    @routes.get("/jobs/<jid>")
    def get_job(jid: str) -> Response:
        return _shown(runtime, jid)

    @routes.patch("/jobs/<jid>")
    def replan_job(jid: str) -> Response:
        runtime.service.jobs.replan(jid, plan(body_object()))
        return _shown(runtime, jid)

    @routes.post("/jobs/<jid>/events")
    def happen(jid: str) -> Response:
        _happen(runtime, jid, fields_of(("event", "reason", "queue"), required=("event",)))
        return _shown(runtime, jid)

    @routes.get("/sessions")
    def list_sessions() -> Response:
        parameters = query(("limit", "offset"))
        limit = number_parameter(parameters, "limit", _USUAL, MOST)
        page = runtime.service.sessions.all(offset=number_parameter(parameters, "offset", 0), limit=limit)
        return json_response({"sessions": [_present_session(view) for view in page.sessions], "count": page.count})


def one_job(runtime: Controlled, job_id: str) -> JobAhead:
    """A job, whoever owns it, with what is to come of it; JobNotFound."""
    return look_ahead(runtime.store, [runtime.store.job(job_id)], runtime.clock.now())[0]


def present_job(found: JobAhead, now: float) -> dict[str, Any]:
    """A job, as far as it is not hidden: neither inputs nor results."""
    job, state, ahead = found.view.job, found.view.state, found.ahead
    started = state.started_at
    return {
        "id": job.id,
        "number": job.number,
        "submission": job.submission or None,
        "owner": job.owner,
        "user": job.user,
        "program": job.program_id,
        "backend": job.backend,
        "status": state.status.value,
        "created_at": job.submitted_at,
        "started_at": started,
        "ended_at": state.ended_at,
        "starts_at": _to_come(ahead.begins, now) if started is None else None,
        "ends_at": _to_come(ahead.ends, now) if state.ended_at is None else None,
        "ends_as": None if state.status.is_final else ahead.ending.value,
        "session": job.session_id,
        "tags": list(job.tags),
        "private": job.private,
        "polls": {"status": job.looks.status, "results": job.looks.results},
    }


def _shown(runtime: Controlled, job_id: str) -> Response:
    return json_response(present_job(one_job(runtime, job_id), runtime.clock.now()))


def _page(runtime: Controlled, offset: int, limit: int, status: str | None) -> tuple[list[JobAhead], int]:
    """Some of all jobs, newest first, and how many there are; with a status, of those that are in it."""
    if status is None:
        page = runtime.service.jobs.all(offset=offset, limit=limit)
        return list(page.jobs), page.count
    jobs, _count = runtime.store.all_jobs()
    now = runtime.clock.now()
    found = [view.job for view in view_jobs(runtime.store, jobs, now) if view.state.status == status]
    return look_ahead(runtime.store, found[offset : offset + limit], now), len(found)


def _happen(runtime: Controlled, job_id: str, fields: Mapping[str, Any]) -> None:
    event = one_of(fields["event"], EVENTS, "event")
    reason, queue = read(fields, "reason", text), read(fields, "queue", length)
    for name, value, of in (("reason", reason, "fail"), ("queue", queue, "requeue")):
        if value is not None and event != of:
            raise MalformedRequest(f"{name}: it belongs to the event {of}")
    happenings = runtime.happenings
    happen: Mapping[str, Callable[[], object]] = {
        "finish": lambda: happenings.finish(job_id),
        "fail": lambda: happenings.fail(job_id, reason),
        "cancel": lambda: happenings.cancel(job_id),
        "requeue": lambda: happenings.requeue(job_id, queue),
        "lose-result": lambda: happenings.lose_result(job_id),
        "withhold-result": lambda: happenings.withhold_result(job_id),
        "outrun-cancel": lambda: happenings.outrun_cancel(job_id),
    }
    happen[event]()


def _to_come(foresight: Foresight, now: float) -> float | None:
    """An instant that is to come; None if nobody can tell."""
    return foresight if isinstance(foresight, float | int) and foresight >= now else None


def _present_session(view: SessionView) -> dict[str, Any]:
    session = view.session
    return {
        "id": session.id,
        "owner": session.owner,
        "user": session.user,
        "backend": session.backend,
        "mode": session.mode,
        "state": view.life.state.value,
        "created_at": session.created_at,
    }
