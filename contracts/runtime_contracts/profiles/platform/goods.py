"""Good requests of today, on which variations are made, and what they are made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.exchange import Exchange, json_body
from runtime_contracts.profiles.platform.known import ON_A_BACKEND, ON_A_JOB, ON_A_SESSION, backends, sampler
from runtime_contracts.profiles.profile import Good, Known

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime_contracts.documents import Document
    from runtime_contracts.operation import Operation
    from runtime_contracts.profiles.platform.access import PlatformAccess

_TTL_S: Final = 3600
_VERSION: Final = "IBM-API-Version"
_VERSIONS: Final = (None, "2024-01-01", "2025-05-01", "2026-04-15", "yesterday", "2026-13-45", "", "1")
QUERIES: Final[dict[str, dict[str, str]]] = {
    "list_tags": {"type": "job", "search": "tag"},
    "get_usage_analytics_grouped": {"group_by": "instance"},
    "get_usage_analytics_grouped_by_date": {"group_by": "instance"},
}
# The usual bodies of a job; the others double the time of a run, and few servers read them.
_USUAL: Final = ("SamplerJob", "OtherJob")


def goods(
    exchange: Exchange, access: PlatformAccess, operations: Collection[Operation], read_only: bool
) -> tuple[Good, ...]:
    """Return a good request for each of the operations, as far as there is something to ask about."""
    names = backends(exchange, access)
    if read_only:
        job, session = next(iter(_jobs(exchange, access)), None), None
    else:
        job = _made(exchange, access, "/v1/jobs", sampler(names[0], tags=["tag"])) if names else None
        wanted = {"mode": "batch", "backend": names[0] if names else "", "max_ttl": _TTL_S}
        session = _made(exchange, access, "/v1/sessions", wanted) if names else None
    ids = {
        **dict.fromkeys(ON_A_JOB, job),
        **dict.fromkeys(ON_A_SESSION, session),
        **dict.fromkeys(ON_A_BACKEND, names[0] if names else None),
        "get_account": access.account,
    }
    bodies = {
        "create_job": sampler(names[0], tags=["tag"], private=False, cost=600, log_level="info") if names else None,
        "replace_job_tags": {"tags": ["tag"]},
        "create_session": {"mode": "batch", "backend": names[0], "max_ttl": _TTL_S} if names else None,
        "update_session": {"accepting_jobs": True},
        "replace_instance_configuration": {"instance_limit": 2**31 - 1},
    }
    found = []
    for operation in operations:
        wants_id = any(parameter.location == "path" for parameter in operation.parameters)
        one, body = ids.get(operation.id), bodies.get(operation.id)
        if (wants_id and one is None) or (operation.bodies and body is None):
            continue
        typed = {"Content-Type": "application/json"} if operation.bodies else {}
        found.append(
            Good(
                operation=operation.id,
                headers={**(access.headers if operation.security else {}), **typed},
                values={"id": one} if wants_id and one is not None else {},
                query=QUERIES.get(operation.id, {}),
                body=body,
                odd_headers={_VERSION: _VERSIONS} if operation.security else {},
            )
        )
    # What ends the life of a thing comes last, and the limit of the instance is set once more as high as it goes.
    found.sort(key=lambda good: good.operation in {"delete_job", "cancel_job_jid", "delete_session_close"})
    return tuple(found)


def _made(exchange: Exchange, access: PlatformAccess, path: str, body: Any) -> str | None:
    headers = {**access.headers, "Content-Type": "application/json"}
    found = exchange.send("POST", path, headers=headers, body=json_body(body)).get("id")
    return found if isinstance(found, str) else None


def _jobs(exchange: Exchange, access: PlatformAccess) -> list[str]:
    """Return the ids of some jobs that are there and not private: of those a result can be read once."""
    found = exchange.call("list_jobs", headers=access.headers, query="limit=20").get("jobs")
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    return [str(entry["id"]) for entry in entries if entry.get("private") is False and isinstance(entry.get("id"), str)]


def existing(exchange: Exchange, access: PlatformAccess, operations: Collection[Operation]) -> tuple[Known, ...]:
    """Say what is on the server, without anything being made."""
    chosen = {operation.id for operation in operations}
    names, jobs = backends(exchange, access), _jobs(exchange, access)
    tables: tuple[tuple[str, list[str], str, tuple[str, ...]], ...] = (
        ("jobs", jobs, "path.id", ON_A_JOB),
        ("backends", names[:4], "path.id", ON_A_BACKEND),
        ("listed_backends", names[:4], "query.backend", ("list_jobs",)),
        ("accounts", [access.account], "path.id", ("get_account",)),
    )
    return tuple(
        Known(name=name, values=tuple(values), parameter=place, operations=tuple(one for one in by if one in chosen))
        for name, values, place, by in tables
    )


def usual(document: Document) -> None:
    """Cut the bodies of jobs down to those that are usual."""
    schemas = document.get("components", {}).get("schemas", {})
    branches = schemas.get("JobRunParams", {}).get("anyOf")
    if isinstance(branches, list):
        kept = [one for one in branches if str(one.get("$ref", "")).rpartition("/")[2] in _USUAL]
        schemas["JobRunParams"]["anyOf"] = kept or branches
    body = document.get("paths", {}).get("/v1/jobs", {}).get("post", {}).get("requestBody", {})
    schema = body.get("content", {}).get("application/json", {}).get("schema", {}) if isinstance(body, dict) else {}
    if isinstance(schema.get("anyOf"), list):
        schema["anyOf"] = schema["anyOf"][:1]
