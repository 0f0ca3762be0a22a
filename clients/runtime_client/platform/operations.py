"""The operations of today's API as values: what to send, and how to read the answer. Nothing is sent here.

Every function returns an `Operation`; a client of any kind sends its `call` and gives the answer to its `decode`. Wrong
arguments raise `TypeError` or `ValueError`. Operation ids are those of the published document 0.45.3, its slip in
"get_jog_logs_jid" included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from runtime_client.calls import Access, Call
from runtime_client.credentials import require_token
from runtime_client.operation import Operation, nothing
from runtime_client.platform import arguments as args
from runtime_client.platform.analytics_models import AnalyticsFilters, AnalyticsUsage, GroupedUsage, UsageByDate
from runtime_client.platform.arguments import Moment
from runtime_client.platform.backend_models import (
    BackendConfiguration,
    BackendProperties,
    BackendStatus,
    BackendSummary,
    backends,
)
from runtime_client.platform.job_models import JobInfo, JobMetrics, JobPage, SubmittedJob, TagList
from runtime_client.platform.options import (
    ANALYTICS_QUERY,
    DATED_QUERY,
    GROUPED_QUERY,
    JOB_QUERY,
    WORKLOAD_QUERY,
    AnalyticsOptions,
    JobFilters,
    JobOptions,
    WorkloadFilters,
)
from runtime_client.platform.results import JobResult, decode_results
from runtime_client.platform.service_models import (
    Account,
    Instance,
    InstanceConfiguration,
    Session,
    Usage,
    Versions,
    WorkloadPage,
)
from runtime_client.shapes import Nullable, Object, Record, Shape, Text, Truth, checked, decoder
from runtime_client.wire import Answer

_T = TypeVar("_T")
_NO_CONTENT = frozenset({204})
_JSON = "application/json"


def with_version(operation: Operation[_T], api_version: str) -> Operation[_T]:
    """Return the same, asking for a version of the API; for an operation of no version, itself."""
    if operation.call.access is Access.NONE:
        return operation
    headers = {"IBM-API-Version": api_version, **operation.call.headers}
    return replace(operation, call=replace(operation.call, headers=headers))


def _get(operation: str, *path: str, query: args.Query | None = None, decode: Callable[[Answer], _T]) -> Operation[_T]:
    return Operation(
        call=Call(operation=operation, method="GET", path=("v1", *path), query=query or {}),
        decode=decode,
    )


def _do(operation: str, method: str, *path: str, body: Mapping[str, object] | None = None) -> Operation[None]:
    """Return an operation that answers 204."""
    return Operation(
        call=Call(
            operation=operation,
            method=method,
            path=("v1", *path),
            success=_NO_CONTENT,
            content_type=None if body is None else _JSON,
            body=None if body is None else args.json_body(body),
        ),
        decode=nothing,
    )


def _post(operation: str, *path: str, body: Mapping[str, object], decode: Callable[[Answer], _T]) -> Operation[_T]:
    call = Call(operation=operation, method="POST", path=("v1", *path), content_type=_JSON, body=args.json_body(body))
    return Operation(call=call, decode=decode)


def _known(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _optional(shape: Shape[_T], value: object, what: str) -> _T | None:
    return None if value is None else checked(shape, value, what)


# Versions and backends


def versions() -> Operation[Versions]:
    """Return get_versions, which needs no credentials."""
    call = Call(operation="get_versions", method="GET", path=("v1", "versions"), access=Access.NONE)
    return Operation(call=call, decode=decoder(Record(Versions)))


def list_backends(*, wait_times: bool = False) -> Operation[tuple[BackendSummary, ...]]:
    """Return list_backends, with waiting times if asked for."""
    query: args.Query = {"fields": "wait_time_seconds"} if wait_times else {}
    return _get("list_backends", "backends", query=query, decode=backends)


def backend_configuration(name: str, *, calibration_id: str | None = None) -> Operation[BackendConfiguration]:
    """Return get_backend_configuration."""
    return _get(
        "get_backend_configuration",
        *("backends", args.text(args.BACKEND, name, "name"), "configuration"),
        query=args.query({"calibration_id": args.CALIBRATION_ID}, {"calibration_id": calibration_id}),
        decode=decoder(Record(BackendConfiguration)),
    )


def backend_properties(
    name: str, *, updated_before: Moment | None = None, calibration_id: str | None = None
) -> Operation[BackendProperties]:
    """Return get_backend_properties."""
    shapes = {"updated_before": None, "calibration_id": args.CALIBRATION_ID}
    return _get(
        "get_backend_properties",
        *("backends", args.text(args.BACKEND, name, "name"), "properties"),
        query=args.query(shapes, {"updated_before": updated_before, "calibration_id": calibration_id}),
        decode=decoder(Record(BackendProperties)),
    )


def backend_status(name: str) -> Operation[BackendStatus]:
    """Return get_backend_status."""
    path = ("backends", args.text(args.BACKEND, name, "name"), "status")
    return _get("get_backend_status", *path, decode=decoder(Record(BackendStatus)))


def backend_defaults(name: str) -> Operation[dict[str, Any] | None]:
    """Return get_backend_defaults; null was what every device answered. Evidence: a third party, August 2026."""
    path = ("backends", args.text(args.BACKEND, name, "name"), "defaults")
    return _get("get_backend_defaults", *path, decode=decoder(Nullable(Object())))


# Jobs


def submit_job(program_id: str, backend: str, options: JobOptions) -> Operation[SubmittedJob]:
    """Return create_job."""
    unknown = sorted(set(options) - set(JobOptions.__annotations__))
    if unknown:
        raise TypeError(f"submit_job has no argument {', '.join(unknown)}")
    tags, params = options.get("tags"), options.get("params")
    body = _known(
        program_id=checked(args.LONG, program_id, "program_id"),
        backend=checked(args.LONG, backend, "backend"),
        params=None if params is None else dict(params),
        runtime=_optional(args.LONG, options.get("runtime"), "runtime"),
        tags=None if tags is None else args.words(args.TAGS, tags, "tags"),
        session_id=_optional(Text(pattern="^.*$", at_least=1, at_most=36), options.get("session_id"), "session_id"),
        log_level=_optional(args.LOG_LEVEL, options.get("log_level"), "log_level"),
        cost=_optional(args.JOB_COST, options.get("cost"), "cost"),
        private=_optional(Truth(), options.get("private"), "private"),
        calibration_id=_optional(args.CALIBRATION_ID, options.get("calibration_id"), "calibration_id"),
    )
    operation = _post("create_job", "jobs", body=body, decode=decoder(Record(SubmittedJob)))
    return _with_parent(operation, options.get("parent_job_id"))


def _with_parent(operation: Operation[_T], parent_job_id: str | None) -> Operation[_T]:
    if parent_job_id is None:
        return operation
    headers = {"Parent-Job-Id": require_token(parent_job_id, "parent_job_id")}
    return replace(operation, call=replace(operation.call, headers=headers))


def list_jobs(*, limit: int | None, offset: int | None, filters: JobFilters) -> Operation[JobPage]:
    """Return list_jobs."""
    query = args.query(JOB_QUERY, _named("list_jobs", {"limit": limit, "offset": offset, **filters}, JOB_QUERY))
    return _get("list_jobs", "jobs", query=query, decode=decoder(Record(JobPage)))


def _named(what: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise TypeError(f"{what} has no argument {', '.join(unknown)}")
    return given


def _job_path(job_id: str, *more: str) -> tuple[str, ...]:
    return ("jobs", args.text(args.JOB_ID, job_id, "job_id"), *more)


def get_job(job_id: str, *, exclude_params: bool | None = None) -> Operation[JobInfo]:
    """Return get_job."""
    query = args.query({"exclude_params": args.TRUTH}, {"exclude_params": exclude_params})
    return _get("get_job", *_job_path(job_id), query=query, decode=decoder(Record(JobInfo)))


def delete_job(job_id: str) -> Operation[None]:
    """Return delete_job."""
    return _do("delete_job", "DELETE", *_job_path(job_id))


def cancel_job(job_id: str, *, parent_job_id: str | None = None) -> Operation[None]:
    """Return cancel_job_jid."""
    return _with_parent(_do("cancel_job_jid", "POST", *_job_path(job_id, "cancel")), parent_job_id)


def job_results(job_id: str) -> Operation[JobResult | None]:
    """Return get_job_results_jid, whose 204 says that there are none yet."""
    operation = _get("get_job_results_jid", *_job_path(job_id, "results"), decode=decode_results)
    return replace(operation, call=replace(operation.call, success=frozenset({200, 204})))


def job_logs(job_id: str) -> Operation[str]:
    """Return get_jog_logs_jid."""
    return _get("get_jog_logs_jid", *_job_path(job_id, "logs"), decode=Answer.text)


def job_metrics(job_id: str) -> Operation[JobMetrics]:
    """Return get_job_metrics_jid."""
    return _get("get_job_metrics_jid", *_job_path(job_id, "metrics"), decode=decoder(Record(JobMetrics)))


def replace_tags(job_id: str, tags: Iterable[str]) -> Operation[None]:
    """Return replace_job_tags."""
    body = {"tags": args.words(args.TAGS, tags, "tags")}
    return _do("replace_job_tags", "PUT", *_job_path(job_id, "tags"), body=body)


def list_tags(search: str) -> Operation[TagList]:
    """Return list_tags, whose only type of tags is that of jobs."""
    query: args.Query = {"type": "job", "search": args.text(args.SEARCH, search, "search")}
    return _get("list_tags", "tags", query=query, decode=decoder(Record(TagList)))


# Sessions


def create_session(
    *, mode: str, backend: str | None, max_ttl: int | None, interactive_ttl: int | None, active_ttl: int | None
) -> Operation[Session]:
    """Return create_session."""
    body = _known(
        mode=checked(args.MODE, mode, "mode"),
        backend=_optional(Text(at_least=1), backend, "backend"),
        max_ttl=_optional(args.SECONDS, max_ttl, "max_ttl"),
        interactive_ttl=_optional(args.SECONDS, interactive_ttl, "interactive_ttl"),
        active_ttl=_optional(args.SECONDS, active_ttl, "active_ttl"),
    )
    return _post("create_session", "sessions", body=body, decode=decoder(Record(Session)))


def session(session_id: str) -> Operation[Session]:
    """Return get_session."""
    path = ("sessions", args.text(args.SESSION_ID, session_id, "session_id"))
    return _get("get_session", *path, decode=decoder(Record(Session)))


def update_session(session_id: str, *, accepting_jobs: bool) -> Operation[None]:
    """Return update_session; saying the same twice changes nothing, so it may be repeated."""
    body = {"accepting_jobs": checked(args.TRUTH, accepting_jobs, "accepting_jobs")}
    path = ("sessions", args.text(args.SESSION_ID, session_id, "session_id"))
    operation = _do("update_session", "PATCH", *path, body=body)
    return replace(operation, call=replace(operation.call, repeatable=True))


def close_session(session_id: str) -> Operation[None]:
    """Return delete_session_close."""
    path = ("sessions", args.text(args.CLOSED_SESSION_ID, session_id, "session_id"), "close")
    return _do("delete_session_close", "DELETE", *path)


# Instances, accounts, workloads


def instance() -> Operation[Instance]:
    """Return get_instance."""
    return _get("get_instance", "instance", decode=decoder(Record(Instance)))


def instance_configuration() -> Operation[InstanceConfiguration]:
    """Return get_instance_configuration."""
    path = ("instances", "configuration")
    return _get("get_instance_configuration", *path, decode=decoder(Record(InstanceConfiguration)))


def replace_instance_configuration(instance_limit: int | None) -> Operation[None]:
    """Return replace_instance_configuration; without a limit, an empty configuration."""
    body = _known(instance_limit=_optional(args.SECONDS, instance_limit, "instance_limit"))
    return _do("replace_instance_configuration", "PUT", "instances", "configuration", body=body)


def usage() -> Operation[Usage]:
    """Return get_usage."""
    return _get("get_usage", "instances", "usage", decode=decoder(Record(Usage)))


def list_workloads(
    *, limit: int | None, next_cursor: str | None, previous_cursor: str | None, filters: WorkloadFilters
) -> Operation[WorkloadPage]:
    """Return find_instance_workloads."""
    given = {"limit": limit, "next": next_cursor, "previous": previous_cursor, **filters}
    query = args.query(WORKLOAD_QUERY, _named("list_workloads", given, WORKLOAD_QUERY))
    return _get("find_instance_workloads", "workloads", query=query, decode=decoder(Record(WorkloadPage)))


def account(account_id: str, *, plan_id: str | None = None) -> Operation[Account]:
    """Return get_account."""
    path = ("accounts", args.text(args.ACCOUNT_ID, account_id, "account_id"))
    query = args.query({"plan_id": args.PLAN_ID}, {"plan_id": plan_id})
    return _get("get_account", *path, query=query, decode=decoder(Record(Account)))


# Analytics


def analytics_usage(options: AnalyticsOptions) -> Operation[AnalyticsUsage]:
    """Return analytics_usage."""
    query = args.query(ANALYTICS_QUERY, _named("analytics_usage", options, ANALYTICS_QUERY))
    return _get("analytics_usage", "analytics", "usage", query=query, decode=decoder(Record(AnalyticsUsage)))


def analytics_usage_grouped(group_by: str, options: AnalyticsOptions) -> Operation[GroupedUsage]:
    """Return get_usage_analytics_grouped."""
    given = _named("analytics_usage_grouped", {"group_by": group_by, **options}, GROUPED_QUERY)
    return _get(
        "get_usage_analytics_grouped",
        *("analytics", "usage_grouped"),
        query=args.query(GROUPED_QUERY, given),
        decode=decoder(Record(GroupedUsage)),
    )


def analytics_usage_grouped_by_date(group_by: str, options: AnalyticsOptions) -> Operation[UsageByDate]:
    """Return get_usage_analytics_grouped_by_date."""
    given = _named("analytics_usage_grouped_by_date", {"group_by": group_by, **options}, DATED_QUERY)
    return _get(
        "get_usage_analytics_grouped_by_date",
        *("analytics", "usage_grouped_by_date"),
        query=args.query(DATED_QUERY, given),
        decode=decoder(Record(UsageByDate)),
    )


def analytics_filters(*, instance: Iterable[str] | None = None) -> Operation[AnalyticsFilters]:
    """Return analytics_filters."""
    query = args.query({"instance": args.WORDS}, {"instance": instance})
    return _get("analytics_filters", "analytics", "filters", query=query, decode=decoder(Record(AnalyticsFilters)))
