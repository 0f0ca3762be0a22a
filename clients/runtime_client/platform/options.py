"""The options of calls, and what each may be: filters of lists, details of a submission, what analytics count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from runtime_client.platform import arguments as args
from runtime_client.platform.arguments import Moment
from runtime_client.shapes import Array, Shape, Text


class JobOptions(TypedDict, total=False):
    """What may be said about a job on submission; anything left out or None is not sent.

    * `params`: the inputs of the program; what must be in them is the program's own affair.
    * `runtime`: an image. `tags`: at most 8. `session_id`: the session or batch it belongs to.
    * `log_level`: critical, error, warning, info or debug.
    * `cost`: the longest it may run, in seconds, at most 10800.
    * `private`: True to have inputs and results hidden and results given once.
    * `calibration_id`, `parent_job_id`.
    """

    params: Mapping[str, object] | None
    runtime: str | None
    tags: Iterable[str] | None
    session_id: str | None
    log_level: str | None
    cost: int | None
    private: bool | None
    calibration_id: str | None
    parent_job_id: str | None


class JobFilters(TypedDict, total=False):
    """Which jobs a list is to have; anything left out or None does not matter.

    * `pending`: True for jobs that are not over, False for those that are.
    * `program`, `backend`, `session_id`: whose jobs.
    * `created_after`, `created_before`: moments, see `Moment`.
    * `tags`: at most 8; a job has all of them.
    * `sort`: "ASC" for the oldest first, "DESC" for the newest first (the service's default).
    * `exclude_params`: False to have the parameters of each job too.
    """

    pending: bool | None
    program: str | None
    backend: str | None
    session_id: str | None
    created_after: Moment | None
    created_before: Moment | None
    tags: Iterable[str] | None
    sort: str | None
    exclude_params: bool | None


class WorkloadFilters(TypedDict, total=False):
    """Which workloads a list is to have; anything left out or None does not matter.

    * `user`: "me" for the caller's own. `sort`: "createdAt" or "-createdAt".
    * `status`: several of completed, canceled, failed, pending, in_progress; `mode`: job, session or batch.
    """

    user: str | None
    sort: str | None
    backend: str | None
    search: str | None
    status: Iterable[str] | None
    mode: str | None
    created_after: Moment | None
    created_before: Moment | None
    tags: Iterable[str] | None


class AnalyticsOptions(TypedDict, total=False):
    """What analytics are to count; anything left out or None does not matter. `simulators` False leaves them out."""

    instance: Iterable[str] | None
    interval_start: Moment | None
    interval_end: Moment | None
    backend: Iterable[str] | None
    user_id: Iterable[str] | None
    simulators: bool | None
    plan: Iterable[str] | None
    subscription_id: Iterable[str] | None


JOB_QUERY: Mapping[str, Shape[Any] | None] = {
    "limit": args.JOB_LIMIT,
    "offset": args.JOB_OFFSET,
    "pending": args.TRUTH,
    "program": Text(pattern="^.*$", at_least=1, at_most=63),
    "backend": Text(pattern="^.*$", at_least=1, at_most=100),
    "created_after": None,
    "created_before": None,
    "sort": Text(among=("ASC", "DESC")),
    "tags": args.TAGS,
    "session_id": args.JOB_ID,
    "exclude_params": args.TRUTH,
}
WORKLOAD_QUERY: Mapping[str, Shape[Any] | None] = {
    "user": Text(among=("me",)),
    "sort": Text(among=("createdAt", "-createdAt")),
    "limit": args.WORKLOAD_LIMIT,
    "previous": Text(),
    "next": Text(),
    "backend": Text(),
    "search": Text(),
    "status": Array(Text(among=("completed", "canceled", "failed", "pending", "in_progress"))),
    "mode": Text(among=("job", "session", "batch")),
    "created_after": None,
    "created_before": None,
    "tags": args.WORDS,
}
ANALYTICS_QUERY: Mapping[str, Shape[Any] | None] = {
    "instance": args.WORDS,
    "interval_start": None,
    "interval_end": None,
    "backend": args.WORDS,
    "user_id": args.WORDS,
    "simulators": args.TRUTH,
    "plan": args.WORDS,
    "subscription_id": args.SUBSCRIPTIONS,
}
GROUPED_QUERY = {
    "group_by": Text(among=("instance", "backend", "user_id", "plan", "subscription_id")),
    **ANALYTICS_QUERY,
}
DATED_QUERY = {"group_by": Text(among=("instance",)), **ANALYTICS_QUERY}
