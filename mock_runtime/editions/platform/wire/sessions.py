"""Sessions and batches on the wire of today's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_runtime.domain.sessions import Mode, SessionState
from mock_runtime.editions.platform.validation import validate
from mock_runtime.editions.platform.wire.jobs import instant, whole
from mock_runtime.parsing import parse_object
from mock_runtime.service import OpenSession, SessionView

if TYPE_CHECKING:
    from flask import Request

    from mock_runtime.domain.instances import Caller


def parse_open(request: Request, caller: Caller) -> OpenSession:
    """A session from the body of POST /v1/sessions; the backend goes by two names."""
    body = parse_object(request.get_data(cache=False))
    validate("create_session", body)
    return OpenSession(
        caller=caller,
        mode=Mode(body["mode"]),
        backend=body.get("backend") or body.get("backend_name"),
        max_ttl_s=body.get("max_ttl"),
        interactive_ttl_s=body.get("interactive_ttl"),
        active_ttl_s=body.get("active_ttl"),
    )


def parse_update(request: Request) -> bool:
    """Whether a session is to take more jobs."""
    body = parse_object(request.get_data(cache=False))
    validate("update_session", body)
    accepting: bool = body["accepting_jobs"]
    return accepting


def present_session(view: SessionView) -> dict[str, Any]:
    """A session as an object."""
    session, life = view.session, view.life
    moments = {
        "started_at": session.created_at,
        "activated_at": life.first(SessionState.ACTIVE),
        "closed_at": life.first(SessionState.CLOSED),
        "last_job_started": life.last_started_at,
        "last_job_completed": life.last_ended_at,
    }
    end = view.now if moments["closed_at"] is None else moments["closed_at"]
    begun = moments["activated_at"]
    present: dict[str, Any] = {
        "id": session.id,
        "backend_name": session.backend,
        "mode": session.mode.value,
        "state": life.state.value,
        "state_reason": life.reason.value,
        "accepting_jobs": life.accepting,
        "max_ttl": session.max_ttl_s,
        "active_ttl": session.active_ttl_s or session.max_ttl_s,
        "interactive_ttl": session.interactive_ttl_s,
        "elapsed_time": whole(0.0 if begun is None else end - begun),
        "user_id": session.user,
        "timestamps": [{"status": turn.state.value, "timestamp": instant(turn.at)} for turn in life.turns],
    }
    return {**present, **{name: instant(at) for name, at in moments.items() if at is not None}}
