"""What a run against a server of today begins with: jobs and sessions that exist, and how one call leads to another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from runtime_contracts.exchange import Exchange, json_body
from runtime_contracts.operation import METHODS
from runtime_contracts.profiles.platform.access import CRN, PlatformAccess
from runtime_contracts.profiles.profile import Known

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from runtime_contracts.documents import Document
    from runtime_contracts.operation import Operation

_JOBS: Final = 16
_SESSIONS: Final = 8
_MAX_TTL_S: Final = 28_800
ON_A_JOB: Final = (
    "get_job", "delete_job", "get_job_results_jid", "get_jog_logs_jid", "cancel_job_jid", "get_job_metrics_jid",
    "replace_job_tags",
)  # fmt: skip
ON_A_SESSION: Final = ("get_session", "update_session", "delete_session_close")
ON_A_BACKEND: Final = (
    "get_backend_properties", "get_backend_configuration", "get_backend_status", "get_backend_defaults",
)  # fmt: skip
# A circuit that every device can run: one hardware qubit is measured.
_QASM: Final = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nbit[1] meas;\nmeas[0] = measure $0;\n'


def sampler(backend: str, **more: Any) -> dict[str, Any]:
    """Return the body of a small job."""
    return {
        "program_id": "sampler",
        "backend": backend,
        "params": {"pubs": [[_QASM, None, 16]], "version": 2, "support_qiskit": False},
        **more,
    }


def backends(exchange: Exchange, access: PlatformAccess) -> list[str]:
    """Return the names of the devices that are online, the simplest first, then of the others."""
    headers = {**access.headers, "IBM-API-Version": "2025-05-01"}
    devices = exchange.call("list_backends", headers=headers).get("devices")
    found = [entry for entry in devices if isinstance(entry, dict)] if isinstance(devices, list) else []
    found.sort(key=lambda entry: (_status(entry) != "online", _number(entry.get("qubits"))))
    return [str(entry["name"]) for entry in found if isinstance(entry.get("name"), str)]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int) and abs(value) < 2**53 else 0.0


def _status(entry: Mapping[str, Any]) -> Any:
    status = entry.get("status")
    return status.get("name") if isinstance(status, dict) else status


def known(
    exchange: Exchange, access: PlatformAccess, operations: Collection[Operation], seed: int
) -> tuple[Known, ...]:
    """Create some jobs and sessions, and say what exists."""
    del seed
    chosen = {operation.id for operation in operations}
    names = backends(exchange, access)
    jobs, sessions = [], []
    if names and chosen & {*ON_A_JOB, "list_jobs", "list_tags", "find_instance_workloads"}:
        jobs = [_made(exchange, access, "/v1/jobs", sampler(names[0], tags=[f"tag-{n % 3}"])) for n in range(_JOBS)]
    wanted = {"mode": "batch", "backend": names[0] if names else "", "max_ttl": _MAX_TTL_S}
    if names and chosen & {*ON_A_SESSION, "list_jobs"}:
        sessions = [_made(exchange, access, "/v1/sessions", wanted) for _ in range(_SESSIONS)]
    return (
        *_lists("jobs", jobs, {"path.id": ON_A_JOB}),
        *_lists("sessions", sessions, {"path.id": ON_A_SESSION, "query.session_id": ("list_jobs",)}),
        *_lists("backends", names[:4], {"path.id": ON_A_BACKEND, "query.backend": ("list_jobs",)}),
        *_lists("first_backend", names[:1], {"body.backend": ("create_job", "create_session")}, share=0.8),
        *_cursors(exchange, access, chosen),
        *_lists("accounts", [access.account], {"path.id": ("get_account",)}),
    )


def _lists(
    name: str, values: Iterable[str | None], places: Mapping[str, tuple[str, ...]], *, share: float = 0.5
) -> list[Known]:
    there = tuple(value for value in values if value)
    return [
        Known(name=name, values=there, parameter=place, operations=operations, share=share)
        for place, operations in places.items()
    ]


def _cursors(exchange: Exchange, access: PlatformAccess, chosen: Collection[str]) -> Iterator[Known]:
    """Yield the cursors of the first two pages of workloads, if there are so many."""
    operation = "find_instance_workloads"
    if operation not in chosen:
        return
    query = "limit=1"
    for name in ("next", "previous"):
        answer = exchange.call(operation, headers=access.headers, query=query)
        cursor = cursor_in(answer.get(name))
        if cursor is None:
            return
        place = {f"query.{name}": (operation,)}
        yield from (replace(known, only=True) for known in _lists(f"{name}_pages", [cursor], place))
        query = urlencode({"limit": 1, "next": cursor})


def cursor_in(onward: Any) -> str | None:
    """Return the cursor in the link to another page, if there is one."""
    href = onward.get("href") if isinstance(onward, dict) else None
    found = parse_qs(urlsplit(href).query) if isinstance(href, str) else {}
    return next((found[name][0] for name in ("next", "previous") if found.get(name)), None)


def _made(exchange: Exchange, access: PlatformAccess, path: str, body: Mapping[str, Any]) -> str | None:
    headers = {**access.headers, "Content-Type": "application/json"}
    found = exchange.send("POST", path, headers=headers, body=json_body(body)).get("id")
    return found if isinstance(found, str) else None


def links(document: Document) -> None:
    """Add to the document how one operation leads to another: what was made can be read, changed and deleted.

    The published document has no links.
    """
    by_id = {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    }
    # Something is only missed by the engine if every parameter of the call that looks for it came along.
    instance = {f"header.{CRN}": f"$request.header.{CRN}"}
    made, same = ({**instance, "path.id": found} for found in ("$response.body#/id", "$request.path.id"))
    first = {**instance, "path.id": "$response.body#/devices/0/name"}
    _lead(by_id, "create_job", "200", dict.fromkeys(ON_A_JOB, made))
    _lead(by_id, "create_session", "200", dict.fromkeys(ON_A_SESSION, made))
    _lead(by_id, "delete_job", "204", {"get_job": same})
    _lead(by_id, "delete_session_close", "204", {"get_session": same})
    _lead(by_id, "replace_job_tags", "204", {"get_job": same})
    _lead(by_id, "list_backends", "200", dict.fromkeys(ON_A_BACKEND, first))
    # Without a way that leads to them, the engine takes these for the ends of ways and never begins with them.
    _lead(by_id, "get_versions", "200", {"create_job": {}, "create_session": {}})


def _lead(
    by_id: Mapping[str, dict[str, Any]], operation: str, status: str, targets: Mapping[str, Mapping[str, str]]
) -> None:
    answer = by_id.get(operation, {}).get("responses", {}).get(status)
    if answer is None or "$ref" in answer:
        return  # a document of somebody's own may lack it
    added = {
        f"then_{target}": {"operationId": target, "parameters": dict(parameters)}
        for target, parameters in targets.items()
        if target in by_id
    }
    answer["links"] = {**answer.get("links", {}), **added}
