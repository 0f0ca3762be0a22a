"""Where the values of a driver of today's edition stand in a request, and other values for the fuzz."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from runtime_contracts.drawing import ODD_TEXT
from runtime_contracts.profiles.platform.arguments import PlatformArguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Places = dict[str, "str | Callable[[Any], Any]"]

_ID: Final[Places] = {"path.id": "id"}
_BACKEND: Final[Places] = {"path.id": "backend"}
_ANALYTICS: Final[Places] = {
    "query.instance": "names", "query.interval_start": "since", "query.interval_end": "until",
    "query.backend": "names", "query.user_id": "names", "query.simulators": "simulators", "query.plan": "names",
}  # fmt: skip


def _sort(arguments: PlatformArguments) -> str:
    return "DESC" if arguments.descending else "ASC"


def _created_first(arguments: PlatformArguments) -> str:
    return "-createdAt" if arguments.descending else "createdAt"


PLACES: Final[Mapping[str, Mapping[str, str | Callable[[Any], Any]]]] = {
    "get_backend_configuration": {**_BACKEND, "query.calibration_id": "calibration_id"},
    "get_backend_properties": {
        **_BACKEND, "query.calibration_id": "calibration_id", "query.updated_before": "since",
    },
    "get_backend_status": _BACKEND,
    "get_backend_defaults": _BACKEND,
    "create_job": {
        "body./program_id": "program_id", "body./backend": "backend", "body./params": "params", "body./tags": "tags",
        "body./session_id": "session_id", "body./private": "private", "body./cost": "cost_s",
        "body./log_level": "log_level", "body./calibration_id": "calibration_id",
    },
    "list_jobs": {
        "query.limit": "limit", "query.offset": "offset", "query.pending": "pending", "query.program": "program_id",
        "query.backend": "backend", "query.created_after": "since", "query.created_before": "until",
        "query.sort": _sort, "query.tags": "tags", "query.session_id": "session_id",
        "query.exclude_params": "exclude_params",
    },
    "get_job": {**_ID, "query.exclude_params": "exclude_params"},
    "delete_job": _ID,
    "get_job_results_jid": _ID,
    "get_jog_logs_jid": _ID,
    "cancel_job_jid": _ID,
    "get_job_metrics_jid": _ID,
    "replace_job_tags": {**_ID, "body./tags": "tags"},
    "list_tags": {"query.search": "search"},
    "create_session": {"body./mode": "mode", "body./backend": "backend", "body./max_ttl": "max_ttl_s"},
    "get_session": _ID,
    "update_session": {**_ID, "body./accepting_jobs": "accepting_jobs"},
    "delete_session_close": _ID,
    "replace_instance_configuration": {"body./instance_limit": "instance_limit_s"},
    "find_instance_workloads": {
        "query.limit": "limit", "query.next": "cursor", "query.backend": "backend", "query.search": "search",
        "query.status": "statuses", "query.created_after": "since", "query.created_before": "until",
        "query.tags": "tags", "query.sort": _created_first,
    },
    "get_account": {**_ID, "query.plan_id": "plan_id"},
    "analytics_usage": _ANALYTICS,
    "get_usage_analytics_grouped": _ANALYTICS,
    "get_usage_analytics_grouped_by_date": _ANALYTICS,
    "analytics_filters": {"query.instance": "names"},
}  # fmt: skip

_STATUSES: Final = ("completed", "canceled", "failed", "pending", "in_progress")


def strategy() -> st.SearchStrategy[PlatformArguments]:
    """Return values that a client has to pass on as they are."""
    one_line = ODD_TEXT.filter(lambda text: "\n" not in text and "\r" not in text)
    # No comma: some spell a list with one.
    word = st.from_regex(r"[a-z0-9 ._:/-]{1,40}", fullmatch=True)
    moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    return st.builds(
        PlatformArguments,
        id=st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True) | one_line,
        backend=one_line,
        program_id=one_line,
        params=st.just(PlatformArguments().params),
        tags=st.lists(word, max_size=3, unique=True).map(tuple),
        session_id=st.none() | st.from_regex(r"[A-Za-z0-9_-]{1,36}", fullmatch=True),
        private=st.booleans(),
        cost_s=st.integers(1, 10_800),
        log_level=st.sampled_from(["critical", "error", "warning", "info", "debug"]),
        limit=st.integers(1, 50),
        offset=st.integers(0, 2**31 - 1),
        pending=st.none() | st.booleans(),
        exclude_params=st.booleans(),
        since=moments,
        until=moments,
        descending=st.booleans(),
        search=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=3, max_size=30),
        calibration_id=st.none() | word,
        mode=st.sampled_from(["batch", "dedicated"]),
        max_ttl_s=st.integers(1, 28_800),
        accepting_jobs=st.booleans(),
        instance_limit_s=st.integers(1, 2**31 - 1),
        cursor=st.none() | ODD_TEXT,
        statuses=st.lists(st.sampled_from(_STATUSES), max_size=3, unique=True).map(tuple),
        names=st.lists(word, max_size=3, unique=True).map(tuple),
        simulators=st.booleans(),
        plan_id=st.none() | st.from_regex(r"[a-z0-9-]{1,36}", fullmatch=True),
    )
