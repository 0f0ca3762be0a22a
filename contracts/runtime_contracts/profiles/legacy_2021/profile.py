"""The profile of 2021."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runtime_contracts.exchange import ABSENT_ID, Exchange, form_body, json_body
from runtime_contracts.profiles.legacy_2021.access import LegacyAccess, sign_in
from runtime_contracts.profiles.legacy_2021.arguments import PLACES, Arguments, strategy
from runtime_contracts.profiles.legacy_2021.goods import exchanges, existing, goods, usual
from runtime_contracts.profiles.legacy_2021.journeys import JOURNEYS
from runtime_contracts.profiles.legacy_2021.scene import scene
from runtime_contracts.profiles.legacy_2021.walk import lifecycle
from runtime_contracts.profiles.profile import ClientSide, Known, Profile, ServerSide

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from runtime_contracts.documents import Document
    from runtime_contracts.operation import Operation

_KNOWN_JOBS = 24
_KNOWN_PROGRAMS = 12


def _harmless(operation: Operation) -> tuple[bytes, str]:
    if "application/json" in operation.bodies:
        return json_body({"programId": f"no-such-program-{ABSENT_ID}"}), "application/json"
    if "text/plain" in operation.bodies:
        return b"# nothing\n", "text/plain"
    return b"", ""


def _unknown_paths(operations: Collection[Operation]) -> Iterable[str]:
    prefixes = {"/api" if operation.path.startswith("/api/") else "" for operation in operations}
    return [f"{prefix}/no/such/path" for prefix in sorted(prefixes)]


def _known(exchange: Exchange, access: LegacyAccess, operations: Collection[Operation], seed: int) -> tuple[Known, ...]:
    """Create some jobs and programs."""
    with_jobs, with_programs = (
        tuple(
            operation.id
            for operation in operations
            if any(found.location == "path" and found.name == name for found in operation.parameters)
        )
        for name in ("jid", "id")
    )
    jobs = [_new_job(exchange, access) for _ in range(_KNOWN_JOBS)] if with_jobs else []
    numbers = range(_KNOWN_PROGRAMS) if with_programs else ()
    programs = [_new_program(exchange, access, f"fuzz-{seed}-{number}") for number in numbers]
    return (
        Known(name="jobs", values=tuple(filter(None, jobs)), parameter="path.jid", operations=with_jobs),
        Known(name="programs", values=tuple(filter(None, programs)), parameter="path.id", operations=with_programs),
    )


def _new_job(exchange: Exchange, access: LegacyAccess) -> str | None:
    listed = exchange.send("GET", "/programs", headers=access.headers).json()
    if not isinstance(listed, list) or not listed or not isinstance(listed[0], dict):
        return None
    body = json_body({"programId": listed[0].get("id"), "params": ["{}"]})
    headers = {**access.headers, "Content-Type": "application/json"}
    found = exchange.send("POST", "/jobs", headers=headers, body=body).get("id")
    return found if isinstance(found, str) else None


def _new_program(exchange: Exchange, access: LegacyAccess, name: str) -> str | None:
    body, content_type = form_body(
        {"name": name}, source=b"def main(backend, user_messenger, **kwargs):\n    return 1\n"
    )
    headers = {**access.headers, "Content-Type": content_type}
    found = exchange.send("POST", "/programs", headers=headers, body=body).get("id")
    return found if isinstance(found, str) else None


def _secret_in(operation_id: str, value: Any) -> str | None:
    found = value.get("id") if operation_id == "login-with-token" and isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _has_links(_: Document) -> None:
    """Add nothing: the document has links of its own."""


PROFILE = Profile(
    edition="legacy-2021",
    server=ServerSide(
        address=lambda url: url.rstrip("/"),
        sign_in=sign_in,
        open_operations=frozenset({"get-version"}),
        harmless=_harmless,
        unknown_paths=_unknown_paths,
        error_schema=lambda path: "AccountError" if path.startswith("/api/") else "Error",
        known=_known,
        links=_has_links,
        secret_in=_secret_in,
        lifecycle=lifecycle,
        goods=goods,
        scene=scene,
        journeys=JOURNEYS,
        existing=existing,
        usual=usual,
        exchanges=exchanges,
        makers={"/jobs": "JOB", "/programs": "PROGRAM", "/api/users/loginWithToken": "ACCESS_TOKEN"},
    ),
    client=ClientSide(
        arguments=Arguments,
        strategy=strategy,
        places=PLACES,
        # Sent twice, these make two jobs or collide with themselves.
        never_repeated=frozenset({"post-program-id", "post-program"}),
    ),
)
