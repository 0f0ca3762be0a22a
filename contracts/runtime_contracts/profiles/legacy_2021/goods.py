"""Good requests of 2021, on which variations are made, and what they are made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.exchange import Exchange, json_body, session_header
from runtime_contracts.profiles.profile import Good, Keys, Known

if TYPE_CHECKING:
    from collections.abc import Collection

    from runtime_contracts.documents import Document
    from runtime_contracts.operation import Operation
    from runtime_contracts.profiles.legacy_2021.access import LegacyAccess

# Logging in is known by its own probes, and out would end the session that the run uses.
_NOT_VARIED: Final = frozenset({"logout-user", "login-with-token"})


def goods(
    exchange: Exchange, access: LegacyAccess, operations: Collection[Operation], read_only: bool
) -> tuple[Good, ...]:
    """Return a good request for each of the operations, as far as there is something to ask about."""
    programs, jobs = _ids(exchange, access, "/programs", ""), _ids(exchange, access, "/jobs?limit=5", "jobs")
    if not read_only and programs:
        jobs = [_submitted(exchange, access, programs[0])]
    ids = {"jid": jobs[:1], "id": programs[:1], **_project(exchange, access)}
    bodies = {"post-program-id": {"programId": programs[0], "params": ["{}"]} if programs else None}
    found = []
    for operation in operations:
        names = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
        body = bodies.get(operation.id)
        if operation.id in _NOT_VARIED or not all(ids.get(name) for name in names):
            continue
        if operation.bodies and body is None:
            continue
        if operation.method != "GET" and operation.id.endswith(("-program", "-data", "-public", "-private")):
            continue  # the programs that are there belong to somebody else
        credentials = _credentials(access, operation)
        if credentials is None:
            continue
        found.append(
            Good(
                operation=operation.id,
                headers={**credentials, **({"Content-Type": "application/json"} if operation.bodies else {})},
                values={name: str(ids[name][0]) for name in names},
                body=body,
            )
        )
    found.sort(key=lambda good: good.operation in {"post-job-cancel", "delete-job"})
    return tuple(found)


def _credentials(access: LegacyAccess, operation: Operation) -> dict[str, str] | None:
    if not operation.security:
        return {}
    if any(kind == "bearer" for alternative in operation.security for kind, _ in alternative):
        return dict(access.headers)
    return session_header(access.access_token) if access.access_token else None


def _ids(exchange: Exchange, access: LegacyAccess, path: str, key: str) -> list[str]:
    value = exchange.send("GET", path, headers=access.headers).json()
    listed = value.get(key) if key and isinstance(value, dict) else value
    found = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    return [str(entry["id"]) for entry in found if isinstance(entry.get("id"), str)]


def _submitted(exchange: Exchange, access: LegacyAccess, program: str) -> str:
    headers = {**access.headers, "Content-Type": "application/json"}
    body = json_body({"programId": program, "params": ["{}"]})
    found = exchange.send("POST", "/jobs", headers=headers, body=body).get("id")
    return found if isinstance(found, str) else ""


def _project(exchange: Exchange, access: LegacyAccess) -> dict[str, list[str]]:
    """Return the first hub, group and project that the caller may use."""
    if not access.access_token:
        return {}
    value = exchange.send("GET", "/api/Network", headers=session_header(access.access_token)).json()
    hub: Any = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else {}
    groups = hub.get("groups")
    for group, held in groups.items() if isinstance(groups, dict) else ():
        for project in held.get("projects", {}) if isinstance(held, dict) else ():
            return {"hub": [str(hub.get("name"))], "group": [str(group)], "project": [str(project)]}
    return {}


def existing(exchange: Exchange, access: LegacyAccess, operations: Collection[Operation]) -> tuple[Known, ...]:
    """Say what is on the server, without anything being made."""
    places = {
        "jobs": ("jid", _ids(exchange, access, "/jobs?limit=20", "jobs")),
        "programs": ("id", _ids(exchange, access, "/programs", "")),
    }
    return tuple(
        Known(name=name, values=tuple(values), parameter=f"path.{place}", operations=tuple(
            operation.id for operation in operations
            if any((one.location, one.name) == ("path", place) for one in operation.parameters)))
        for name, (place, values) in places.items()
    )  # fmt: skip


def usual(_: Document) -> None:
    """Cut nothing: the bodies of 2021 are small."""


def exchanges(origin: str, keys: Keys) -> frozenset[str]:
    """Return no URL: logging in makes a session, so that a run that only reads does not do it."""
    del origin, keys
    return frozenset()
