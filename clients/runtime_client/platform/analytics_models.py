"""Analytics as today's API tells them: usage as a whole, by group, by group and date, and what can be filtered by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from runtime_client.shapes import Model, Nullable, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsUsage(Model):
    """What was run and used: numbers of jobs and sessions, and seconds of use and of waiting."""

    usage: float
    jobs: float
    sessions: float
    sessions_usage: float
    avg_sessions_usage: float
    max_sessions_usage: float
    batch_sessions: float
    batch_sessions_usage: float
    avg_batch_sessions_usage: float
    max_batch_sessions_usage: float
    dedicated_sessions: float
    dedicated_sessions_usage: float
    avg_dedicated_sessions_usage: float
    max_dedicated_sessions_usage: float
    individual_jobs: float
    individual_jobs_usage: float
    avg_individual_jobs_usage: float
    max_individual_jobs_usage: float
    queue_time: float
    avg_queue_time: float
    max_queue_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUsage(AnalyticsUsage):
    """The usage of one group; `key` names it, None for what belongs to no group."""

    key: Annotated[str | None, Nullable(Text())]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedUsage(Model):
    """Usage by group."""

    data: tuple[GroupUsage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedUsage(AnalyticsUsage):
    """The usage of one group in one interval."""

    key: str
    interval_start: str
    interval_end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageByDate(Model):
    """Usage by group and interval."""

    interval_start: str
    interval_end: str
    data: tuple[DatedUsage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFilter(Model):
    """A backend or a plan to filter by."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFilter(Model):
    """An instance to filter by."""

    id: str
    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter(Model):
    """A user to filter by."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFilter(Model):
    """A subscription to filter by."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsFilters(Model):
    """What analytics can be filtered by."""

    backends: tuple[NamedFilter, ...]
    instances: tuple[InstanceFilter, ...]
    users: tuple[UserFilter, ...]
    plans: tuple[NamedFilter, ...]
    subscriptions: tuple[SubscriptionFilter, ...]
