"""What the account service sends and reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.domain.errors import NotAuthenticated
from mock_runtime.parsing import MalformedRequest, parse_object, required_text

if TYPE_CHECKING:
    from flask import Request

    from mock_runtime.domain.backends import Backend
    from mock_runtime.domain.instances import Caller, Project
    from mock_runtime.domain.logins import Login

VERSION: Final = {"api-auth": "0.168.0"}
"""Evidence: clients ask only whether the key is there."""

_GATE_PARAMETERS: Final = {"rz": ["theta"], "u1": ["lambda"], "u2": ["phi", "lambda"], "u3": ["theta", "phi", "lambda"]}


def parse_login(request: Request) -> str:
    """The API token in the body of a login, whatever its Content-Type says; a body without one is NotAuthenticated."""
    try:
        return required_text(parse_object(request.get_data(cache=False)), "apiToken")
    except MalformedRequest:
        raise NotAuthenticated(presented=False) from None


def present_login(token: str, login: Login) -> dict[str, Any]:
    """A login: clients read `id`, which is the session token."""
    created = datetime.fromtimestamp(login.created_at, UTC).isoformat(timespec="milliseconds")
    return {
        "id": token,
        "ttl": int(login.ttl_s),
        "created": created.replace("+00:00", "Z"),
        "userId": login.caller.id,
    }


def present_user(caller: Caller, *, origin: str, prefix: str, runtime_prefix: str) -> dict[str, Any]:
    """The account, with the addresses of the services: clients offer the Runtime only if `services` names it."""
    websocket = origin.replace("http", "ws", 1)
    return {
        "id": caller.id,
        "email": f"{caller.name}@example.com",
        "urls": {
            "http": f"{origin}{prefix}",
            "ws": f"{websocket}{prefix}",
            "services": {"runtime": f"{origin}{runtime_prefix}"},
        },
    }


def present_hubs(projects: Iterable[Project]) -> list[dict[str, Any]]:
    """Hubs with their groups with their projects; the first project is the default one."""
    hubs: dict[str, dict[str, Any]] = {}
    for index, project in enumerate(projects):
        hub = hubs.setdefault(project.hub, {"name": project.hub, "groups": {}})
        group = hub["groups"].setdefault(project.group, {"name": project.group, "projects": {}})
        group["projects"][project.project] = {"name": project.project, "isDefault": index == 0, "devices": {}}
    return list(hubs.values())


def present_device(backend: Backend) -> dict[str, Any]:
    """The configuration of a backend, with all that IBM's client needs to make an object of it."""
    return {
        "backend_name": backend.name,
        "backend_version": backend.version,
        "n_qubits": backend.n_qubits,
        "basis_gates": list(backend.basis_gates),
        "coupling_map": [list(pair) for pair in backend.coupling] or None,
        "gates": [
            {"name": gate, "parameters": _GATE_PARAMETERS.get(gate, []), "qasm_def": f"gate {gate} q {{ }}"}
            for gate in backend.basis_gates
        ],
        "simulator": backend.simulator,
        "local": False,
        "conditional": backend.simulator,
        "open_pulse": False,
        "memory": True,
        "max_shots": backend.max_shots,
        "max_experiments": 900,
        "allow_q_object": True,
        "credits_required": not backend.simulator,
        "description": f"{backend.n_qubits} qubit {'simulator' if backend.simulator else 'device'}",
        "online_date": backend.online_date,
        "input_allowed": ["job", "runtime"] if backend.runtime else ["job"],
    }
