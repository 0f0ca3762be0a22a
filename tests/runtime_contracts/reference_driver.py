"""How the contract drives the reference client, and what each answer means, said again without the client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import requests

from runtime_client import RuntimeClientError
from runtime_client.legacy_2021 import AsyncRuntimeClient, RuntimeClient
from runtime_contracts.client_driver import Arguments

TOKEN = "the-api-token-of-the-driver"
ACCESS_TOKEN = "the-session-token-of-the-driver"

_JOB_KEYS = ("id", "hub", "group", "project", "backend", "created", "runtime")
_PROGRAM_KEYS = {
    "id": "id", "name": "name", "cost": "cost", "description": "description", "creationDate": "creation_date",
    "version": "version", "isPublic": "is_public", "parameters": "parameters", "returnValues": "return_values",
    "interimResults": "interim_results", "backendRequirements": "backend_requirements", "data": "data",
}  # fmt: skip


def _submit(client: RuntimeClient, args: Arguments) -> object:
    return client.submit_job(
        args.program_id, args.inputs, backend=args.backend, hub=args.hub, group=args.group, project=args.project
    )


def _create(client: RuntimeClient, args: Arguments) -> object:
    return client.create_program(
        name=args.name, source=args.source, cost=args.cost, description=args.description, is_public=args.public
    )


_OPERATIONS: Mapping[str, Callable[[RuntimeClient, Arguments], object]] = {
    "get-programs": lambda client, _: client.list_programs(),
    "post-program": _create,
    "get-program": lambda client, args: client.get_program(args.program_id),
    "delete-program": lambda client, args: client.delete_program(args.program_id),
    "put-program-data": lambda client, args: client.update_program_data(args.program_id, args.source),
    "put-program-public": lambda client, args: client.publish_program(args.program_id),
    "put-program-private": lambda client, args: client.unpublish_program(args.program_id),
    "get-jobs": lambda client, args: client.list_jobs(limit=args.limit, offset=args.offset, pending=args.pending),
    "post-program-id": _submit,
    "get-programs-id-jobs-jid": lambda client, args: client.get_job(args.job_id),
    "delete-job": lambda client, args: client.delete_job(args.job_id),
    "get-programs-id-jobs-jid-results": lambda client, args: client.get_job_results(args.job_id),
    "get-job-logs": lambda client, args: client.get_job_logs(args.job_id),
    "post-job-cancel": lambda client, args: client.cancel_job(args.job_id),
    "logout": lambda client, _: client.logout(),
    "login-with-token": lambda client, _: client.login(),
    "get-user": lambda client, _: client.get_user(),
    "logout-user": lambda client, _: client.logout_user(),
    "get-version": lambda client, _: client.get_version(),
    "get-network": lambda client, _: client.list_hubs(),
    "get-devices": lambda client, args: client.list_devices(args.hub, args.group, args.project),
}


def _seen_program(program: Any) -> dict[str, object]:
    return {wire: getattr(program, attribute) for wire, attribute in _PROGRAM_KEYS.items()}


def _meant_program(value: Mapping[str, Any]) -> dict[str, object]:
    return {key: value.get(key) for key in _PROGRAM_KEYS}


def _seen_job(job: Any) -> dict[str, object]:
    facts: dict[str, object] = {key: getattr(job, key) for key in _JOB_KEYS}
    return facts | {"status": job.status.value, "params": list(job.params), "program": job.program_id}


def _meant_job(value: Mapping[str, Any]) -> dict[str, object]:
    facts: dict[str, object] = {key: value.get(key) for key in _JOB_KEYS}
    return facts | {"status": value["status"], "params": value["params"], "program": value["program"]["id"]}


def _seen_hub(hub: Any) -> list[object]:
    return [hub.name, {group.name: [_seen_project(project) for project in group.projects] for group in hub.groups}]


def _seen_project(project: Any) -> list[object]:
    return [project.name, project.is_default, sorted(project.devices)]


def _meant_hub(value: Mapping[str, Any]) -> list[object]:
    # IBM's client walks along the keys, so they are the names that count.
    return [value["name"], {name: _meant_projects(group["projects"]) for name, group in value["groups"].items()}]


def _meant_projects(projects: Mapping[str, Any]) -> list[list[object]]:
    return [[name, item.get("isDefault", False), sorted(item.get("devices", {}))] for name, item in projects.items()]


def _meant_user(value: Mapping[str, Any]) -> list[object]:
    urls = value["urls"]
    return [value.get("id"), value.get("email"), urls["http"], urls["ws"], urls.get("services", {})]


_SEEN: Mapping[str, Callable[[Any], object]] = {
    "get-programs": lambda result: [_seen_program(program) for program in result],
    "get-program": _seen_program,
    "get-jobs": lambda result: {"jobs": [_seen_job(job) for job in result.jobs], "count": result.count},
    "get-programs-id-jobs-jid": _seen_job,
    "post-program-id": lambda result: result.id,
    "login-with-token": lambda result: [result.id, result.ttl, result.created, result.user_id],
    "get-user": lambda result: [result.id, result.email, result.http_url, result.ws_url, dict(result.services)],
    "get-version": lambda result: result.api_auth,
    "get-network": lambda result: [_seen_hub(hub) for hub in result],
    "get-devices": lambda result: [dict(device.configuration) for device in result],
}
_MEANT: Mapping[str, Callable[[Any], object]] = {
    "get-programs": lambda value: [_meant_program(program) for program in value],
    "get-program": _meant_program,
    "get-jobs": lambda value: {"jobs": [_meant_job(job) for job in value["jobs"]], "count": value["count"]},
    "get-programs-id-jobs-jid": _meant_job,
    "post-program-id": lambda value: value["id"],
    "post-program": lambda value: value["id"],
    "login-with-token": lambda value: [value.get(key) for key in ("id", "ttl", "created", "userId")],
    "get-user": _meant_user,
    "get-version": lambda value: value["api-auth"],
    "get-network": lambda value: [_meant_hub(hub) for hub in value],
    # The text of this answer is always empty, and the client gives nothing for it.
    "logout-user": lambda value: value or None,
}


class ReferenceDriver:
    """Drives `runtime_client.legacy_2021`, over requests or over httpx, blocking or awaiting."""

    name = "runtime_client.legacy_2021"
    transport = "requests"
    error_class: type[Exception] | tuple[type[Exception], ...] = RuntimeClientError
    secrets: tuple[str, ...] = (TOKEN, ACCESS_TOKEN)
    operations: Mapping[str, Callable[[Any, Arguments], object]] = _OPERATIONS

    def __init__(self, transport: str = "requests") -> None:
        self.transport = transport
        if transport != "requests":
            self.name = f"{self.name} over {transport}"

    def make_client(self, session: Any, url: str, operation_id: str, /) -> Any:
        """Return a client that never sleeps; calls of the account service need a session token."""
        account = operation_id in {"get-user", "logout-user", "get-network", "get-devices"}
        options: Any = {"token": TOKEN, "access_token": ACCESS_TOKEN if account else None, **sending_with(session)}
        kind = AsyncRuntimeClient if self.transport == "httpx-async" else RuntimeClient
        return kind(url, **options)

    def observed(self, operation_id: str, result: Any, /) -> object:
        """Return the facts in what the client gave."""
        seen = _SEEN.get(operation_id)
        return result if seen is None else seen(result)

    def expected(self, operation_id: str, _: int, value: Any, /) -> object:
        """Return the facts in an answer."""
        meant = _MEANT.get(operation_id)
        return value if meant is None else meant(value)


def sending_with(session: Any) -> dict[str, Any]:
    """Return the options of a client that sends with what it is given, and never sleeps."""
    if isinstance(session, requests.Session):
        return {"session": session, "sleep": _no_sleep}
    return {"http_client": session, "sleep": _no_sleep if isinstance(session, httpx.Client) else _no_sleep_awaited}


def _no_sleep(_: float) -> None:
    """Return at once."""


async def _no_sleep_awaited(_: float) -> None:
    """Return at once."""


driver = ReferenceDriver()
httpx_driver = ReferenceDriver("httpx")
async_driver = ReferenceDriver("httpx-async")
