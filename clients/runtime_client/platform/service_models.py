"""Sessions, instances, usage, workloads, accounts and versions as today's API tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from runtime_client.platform.bounds import INT32, Count, Moment, Positive
from runtime_client.shapes import Array, Model, Nullable, Record, Text, Truth

_DAY = Text(pattern=r"^\d{4}-\d{2}-\d{2}$", at_least=10, at_most=10, format="date")
_STATE = Text(among=("open", "active", "inactive", "closed"))
_BACKENDS = Array(Text(pattern="^.+$", at_least=1, at_most=128), 0, 100)
_LONG = Text(pattern="^.+$", at_least=1, at_most=256)
_MIDDLE = Text(pattern="^.+$", at_least=1, at_most=128)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiVersion(Model):
    """A version of the API by its date, "live" or "deprecated", and the day it ends."""

    version: Annotated[str, _DAY]
    status: Annotated[str, Text(among=("live", "deprecated"))]
    sunset_date: Annotated[str, _DAY] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions(Model):
    """The versions of the API."""

    versions: tuple[ApiVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTimestamp(Model):
    """When a session came into a state."""

    status: Annotated[str, _STATE]
    timestamp: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Model):
    """A session ("dedicated") or a batch; times to live are in seconds, moments UTC as text.

    `state` is "open" before the first job, then "active" or "inactive", and "closed" at last.
    """

    id: str
    backend_name: Annotated[str | None, Nullable(Text())]
    mode: Annotated[str, Text(among=("batch", "dedicated"))]
    started_at: Moment | None = None
    activated_at: Moment | None = None
    closed_at: Moment | None = None
    last_job_started: Moment | None = None
    last_job_completed: Moment | None = None
    interactive_ttl: Positive | None = None
    max_ttl: Positive | None = None
    active_ttl: Positive | None = None
    state: Annotated[str, _STATE] | None = None
    state_reason: str | None = None
    accepting_jobs: bool | None = None
    timestamps: tuple[SessionTimestamp, ...] | None = None
    user_id: str | None = None
    elapsed_time: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance(Model):
    """An instance: its plan and the backends it may use; no backends named means all of the plan's."""

    backends: Annotated[tuple[str, ...], Array(Text(pattern="^.*$", at_least=1, at_most=128), 0, 100)] | None = None
    instance_limit: float | None = None
    instance_limit_seconds: str | None = None
    plan_id: Annotated[str, Text(pattern="^.*$", at_least=1, at_most=128)] | None = None
    usage_allocation_seconds: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceConfiguration(Model):
    """What an instance is limited to, in seconds."""

    instance_limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePeriod(Model):
    """The time that usage is counted in."""

    start_time: Moment | None = None
    end_time: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage(Model):
    """What an instance has used, and may use, in seconds."""

    instance_id: str
    plan_id: str
    usage_consumed_seconds: float
    usage_period: UsagePeriod | None = None
    usage_limit_seconds: float | None = None
    usage_allocation_seconds: float | None = None
    usage_limit_reached: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadUsage(Model):
    """What a workload is charged, in seconds of the QPU."""

    qpu_charge_time_seconds: float
    status: Annotated[str, Text(among=("pending", "complete"))] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload(Model):
    """A job, a session or a batch (`mode`), as the list of workloads shows it."""

    id: str
    created: str
    backend: str
    instance: str
    user_id: str
    mode: Annotated[str, Text(among=("job", "session", "batch"))]
    status: Annotated[str, Text(among=("completed", "canceled", "failed", "pending", "in_progress"))]
    ended: str | None = None
    accepting_jobs: Annotated[bool | None, Nullable(Truth())] = None
    status_reason: str | None = None
    tags: tuple[str, ...] | None = None
    usage_seconds: float | None = None
    usage: WorkloadUsage | None = None
    estimated_running_time_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor(Model):
    """Where another page is."""

    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadPage(Model):
    """One page of workloads; `total_count` counts those on all pages."""

    workloads: tuple[Workload, ...]
    total_count: float
    limit: float
    previous: Cursor | None = None
    next: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfig(Model):
    """A function that a plan may call."""

    provider: Annotated[str, _LONG]
    name: Annotated[str, _LONG]
    business_model: Annotated[str, Text(among=("trial", "subsidized", "consumption"))]
    permissions: Annotated[tuple[str, ...], Array(_LONG, 1, INT32)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Model):
    """A plan of an account; seconds throughout."""

    backends: Annotated[tuple[str, ...], _BACKENDS]
    plan_id: Annotated[str, _MIDDLE]
    subscription_id: Annotated[str, Text(pattern="^.+$", at_least=1, at_most=36)]
    subscription_name: Annotated[str, _MIDDLE]
    usage_allocation_seconds: Count | None = None
    usage_limit_seconds: Count | None = None
    max_ttl: Count | None = None
    active_ttl: Count | None = None
    interactive_ttl: Count | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None
    functions: Annotated[tuple[FunctionConfig, ...], Array(Record(FunctionConfig), 0, INT32)] | None = None
    unallocated_usage_seconds: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Model):
    """The plans of an account."""

    plans: Annotated[tuple[Plan, ...], Array(Record(Plan), 0, 20)]
