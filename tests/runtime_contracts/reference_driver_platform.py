"""How the contract drives the client of today's API, and what each answer means, said again from the document."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from runtime_client import RuntimeClientError
from runtime_client.platform import AsyncRuntimeClient, RuntimeClient
from runtime_contracts import documents
from runtime_contracts.client_driver import PlatformArguments
from tests.runtime_contracts.reference_driver import sending_with

ACCESS_TOKEN = "the-access-token-of-the-driver"
INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef:driver::"


def _submit(client: RuntimeClient, args: PlatformArguments) -> object:
    return client.submit_job(
        args.program_id,
        args.backend,
        params=args.params,
        tags=args.tags,
        session_id=args.session_id,
        private=args.private,
        cost=args.cost_s,
        log_level=args.log_level,
        calibration_id=args.calibration_id,
    )


def _list_jobs(client: RuntimeClient, args: PlatformArguments) -> object:
    return client.list_jobs(
        limit=args.limit,
        offset=args.offset,
        pending=args.pending,
        program=args.program_id,
        backend=args.backend,
        created_after=args.since,
        created_before=args.until,
        sort="DESC" if args.descending else "ASC",
        tags=args.tags,
        session_id=args.session_id,
        exclude_params=args.exclude_params,
    )


def _list_workloads(client: RuntimeClient, args: PlatformArguments) -> object:
    return client.list_workloads(
        limit=args.limit,
        next_cursor=args.cursor,
        backend=args.backend,
        search=args.search,
        status=args.statuses,
        created_after=args.since,
        created_before=args.until,
        tags=args.tags,
        sort="-createdAt" if args.descending else "createdAt",
    )


def _analytics(args: PlatformArguments) -> Any:
    return {
        "instance": args.names,
        "interval_start": args.since,
        "interval_end": args.until,
        "backend": args.names,
        "user_id": args.names,
        "simulators": args.simulators,
        "plan": args.names,
    }


def _properties(client: RuntimeClient, args: PlatformArguments) -> object:
    return client.backend_properties(args.backend, updated_before=args.since, calibration_id=args.calibration_id)


_OPERATIONS: Mapping[str, Callable[[RuntimeClient, PlatformArguments], object]] = {
    "get_versions": lambda client, _: client.versions(),
    "list_backends": lambda client, _: client.list_backends(wait_times=True),
    "get_backend_properties": _properties,
    "get_backend_configuration": lambda client, args: client.backend_configuration(
        args.backend, calibration_id=args.calibration_id
    ),
    "get_backend_status": lambda client, args: client.backend_status(args.backend),
    "get_backend_defaults": lambda client, args: client.backend_defaults(args.backend),
    "get_job": lambda client, args: client.get_job(args.id, exclude_params=args.exclude_params),
    "delete_job": lambda client, args: client.delete_job(args.id),
    "list_jobs": _list_jobs,
    "create_job": _submit,
    "get_job_results_jid": lambda client, args: client.job_results(args.id),
    "get_jog_logs_jid": lambda client, args: client.job_logs(args.id),
    "cancel_job_jid": lambda client, args: client.cancel_job(args.id),
    "get_job_metrics_jid": lambda client, args: client.job_metrics(args.id),
    "replace_job_tags": lambda client, args: client.replace_tags(args.id, args.tags),
    "list_tags": lambda client, args: client.list_tags(args.search),
    "create_session": lambda client, args: client.create_session(args.backend, mode=args.mode, max_ttl=args.max_ttl_s),
    "get_session": lambda client, args: client.session(args.id),
    "update_session": lambda client, args: client.update_session(args.id, accepting_jobs=args.accepting_jobs),
    "delete_session_close": lambda client, args: client.close_session(args.id),
    "get_instance": lambda client, _: client.instance(),
    "get_instance_configuration": lambda client, _: client.instance_configuration(),
    "replace_instance_configuration": lambda client, args: client.replace_instance_configuration(
        instance_limit=args.instance_limit_s
    ),
    "get_usage": lambda client, _: client.usage(),
    "find_instance_workloads": _list_workloads,
    "get_account": lambda client, args: client.account(args.id, plan_id=args.plan_id),
    "analytics_usage": lambda client, args: client.analytics_usage(**_analytics(args)),
    "get_usage_analytics_grouped": lambda client, args: client.analytics_usage_grouped("backend", **_analytics(args)),
    "get_usage_analytics_grouped_by_date": lambda client, args: client.analytics_usage_grouped_by_date(
        "instance", **_analytics(args)
    ),
    "analytics_filters": lambda client, args: client.analytics_filters(instance=args.names),
}
# Python reserves these words of the wire.
_WIRE = {"device_class": "class"}


def _seen(value: Any) -> Any:
    """Return a model as the properties that it spells out; what is absent and what is null are the same to it."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((item.name, getattr(value, item.name)) for item in fields(value) if item.name != "raw")
        return {_WIRE.get(name, name): _seen(found) for name, found in pairs if found is not None}
    if isinstance(value, tuple):
        return [_seen(item) for item in value]
    return value.value if isinstance(value, enum.Enum) else value


@cache
def _document() -> dict[str, Any]:
    return documents.load("platform")


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = _document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _branches(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and everything that it is put together from."""
    schema = _resolved(schema)
    yield schema
    for key in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(key, ()):
            yield from _branches(branch)


def _meant(value: Any, schema: dict[str, Any]) -> Any:
    """Return of a JSON value what the document gives a name to; what it leaves open is kept whole."""
    parts = list(_branches(schema))
    if isinstance(value, dict):
        known = {name: item for part in parts for name, item in part.get("properties", {}).items()}
        if not known:
            return value
        return {name: _meant(item, known[name]) for name, item in value.items() if name in known and item is not None}
    if isinstance(value, list):
        items: dict[str, Any] = next((part["items"] for part in parts if "items" in part), {})
        return [_meant(item, items) for item in value]
    return value


@cache
def _schema(operation_id: str) -> dict[str, Any]:
    for path in _document()["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and operation.get("operationId") == operation_id:
                schema: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]["schema"]
                return schema
    raise LookupError(operation_id)


def _backends(value: Mapping[str, Any]) -> list[Any]:
    # Versions before 2025-01-01 name the backends and say nothing of them.
    schema = _document()["components"]["schemas"]["BackendsResponse"]
    named = [{"name": item} if isinstance(item, str) else item for item in value["devices"]]
    whole: list[Any] = _meant({"devices": named}, schema)["devices"]
    return whole


_TEXTS = frozenset({"get_job_results_jid", "get_jog_logs_jid"})
_MEANT: Mapping[str, Callable[[Any], object]] = {
    "list_backends": _backends,
    "create_job": lambda value: value["id"],
    "list_tags": lambda value: value.get("tags", []),
}
_SEEN: Mapping[str, Callable[[Any], object]] = {
    "create_job": lambda result: result.id,
    "get_job_results_jid": lambda result: None if result is None else result.text,
}


class PlatformDriver:
    """Drives `runtime_client.platform`, over requests or over httpx, blocking or awaiting."""

    name = "runtime_client.platform"
    transport = "requests"
    error_class: type[Exception] | tuple[type[Exception], ...] = RuntimeClientError
    secrets: tuple[str, ...] = (ACCESS_TOKEN,)
    operations: Mapping[str, Callable[[Any, PlatformArguments], object]] = _OPERATIONS

    def __init__(self, transport: str = "requests") -> None:
        self.transport = transport
        if transport != "requests":
            self.name = f"{self.name} over {transport}"

    def make_client(self, session: Any, url: str, _: str, /) -> Any:
        """Return a client that never sleeps; it has its token already, as IAM is no part of the document."""
        options: Any = {"access_token": ACCESS_TOKEN, "instance": INSTANCE, **sending_with(session)}
        kind = AsyncRuntimeClient if self.transport == "httpx-async" else RuntimeClient
        return kind(url, **options)

    def observed(self, operation_id: str, result: Any, /) -> object:
        """Return the facts in what the client gave."""
        seen = _SEEN.get(operation_id)
        return _seen(result) if seen is None else seen(result)

    def expected(self, operation_id: str, status: int, value: Any, /) -> object:
        """Return the facts in an answer."""
        if status == 204 or operation_id in _TEXTS:
            return value
        meant = _MEANT.get(operation_id)
        return _meant(value, _schema(operation_id)) if meant is None else meant(value)


driver = PlatformDriver()
httpx_driver = PlatformDriver("httpx")
async_driver = PlatformDriver("httpx-async")
