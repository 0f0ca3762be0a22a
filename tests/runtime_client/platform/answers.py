"""Answers of today's API, as small as the document allows."""

from __future__ import annotations

from tests.runtime_client.scripted import Scripted, json_answer

ACCESS_TOKEN = "access-token-k1ngf1sher"
API_KEY = "api-key-k1ngf1sher"
INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/0a1b2c:4d5e6f::"
JOB_ID = "d1bchgmo6sec73evkqo0"
SESSION_ID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"


def job_json(status: str = "Running", **changes: object) -> dict[str, object]:
    """Return the wire form of a job; "Cancelled - Ran too long" is a status only outside its state."""
    return {
        "id": JOB_ID,
        "created": "2026-09-01T10:00:00.000000Z",
        "program": {"id": "sampler"},
        "backend": "ibm_fez",
        "state": {"status": status.partition(" - ")[0]},
        "status": status,
        "cost": 600,
    } | changes


def token_json(token: str = ACCESS_TOKEN, expires_in: int = 3600) -> Scripted:
    """Return IAM's answer to a key that it knows."""
    return json_answer(
        {
            "access_token": token,
            "refresh_token": "not_supported",
            "token_type": "Bearer",
            "expires_in": expires_in,
            "expiration": 1,
            "scope": "ibm openid",
        }
    )


def session_json(**changes: object) -> dict[str, object]:
    """Return the wire form of a session."""
    return {"id": SESSION_ID, "backend_name": "ibm_fez", "mode": "dedicated"} | changes


def workload_json(name: str = JOB_ID) -> dict[str, object]:
    """Return the wire form of a workload."""
    return {
        "id": name,
        "created": "2026-09-01T10:00:00Z",
        "backend": "ibm_fez",
        "instance": INSTANCE,
        "user_id": "IBMid-1",
        "mode": "job",
        "status": "completed",
    }


NUMBERS = (
    "usage", "jobs", "sessions", "sessions_usage", "avg_sessions_usage", "max_sessions_usage", "batch_sessions",
    "batch_sessions_usage", "avg_batch_sessions_usage", "max_batch_sessions_usage", "dedicated_sessions",
    "dedicated_sessions_usage", "avg_dedicated_sessions_usage", "max_dedicated_sessions_usage", "individual_jobs",
    "individual_jobs_usage", "avg_individual_jobs_usage", "max_individual_jobs_usage", "queue_time", "avg_queue_time",
    "max_queue_time",
)  # fmt: skip


def usage_json(**more: object) -> dict[str, object]:
    """Return the wire form of analytics: numbers from 0 upwards, in the order of the document."""
    return {name: index for index, name in enumerate(NUMBERS)} | more
