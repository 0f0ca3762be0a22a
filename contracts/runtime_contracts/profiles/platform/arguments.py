"""The values that a driver of today's edition passes on to the client's methods."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_QASM = "OPENQASM 3.0; bit[1] c; x $0; c[0] = measure $0;"


def _pubs() -> Mapping[str, Any]:
    return {"pubs": [[_QASM, None, 128]], "version": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformArguments:
    """Values that a driver passes on to the client's methods, as far as they have a place there.

    The fuzz replaces the defaults by others. None stands for what the caller leaves out.

    Attributes:
        id: of a job, a session or an account, whatever the operation is about.
        backend: name of a backend, in a path, a query or a body.
        params: inputs of a job.
        cost_s: the longest that a job may run, in seconds; `cost` of a job.
        since: a moment, for `created_after`, `updated_before` and `interval_start`.
        until: a later moment, for `created_before` and `interval_end`.
        descending: newest first.
        cursor: where a page of workloads begins.
        statuses: the states of workloads to list.
        search: a part of a tag, or of a workload's name.
        names: of backends, instances, users or plans, where analytics can be limited to some.
    """

    id: str = "d1bchgmo6sec73evkqo0"
    backend: str = "ibm_brisbane"
    program_id: str = "sampler"
    params: Mapping[str, Any] = field(default_factory=_pubs)
    tags: tuple[str, ...] = ("tour",)
    session_id: str | None = None
    private: bool = False
    cost_s: int = 600
    log_level: str = "warning"
    limit: int = 20
    offset: int = 0
    pending: bool | None = None
    exclude_params: bool = True
    since: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    until: datetime = datetime(2026, 9, 8, 7, 6, 5, tzinfo=UTC)
    descending: bool = True
    search: str = "tour"
    calibration_id: str | None = None
    mode: str = "dedicated"
    max_ttl_s: int = 600
    accepting_jobs: bool = False
    instance_limit_s: int = 600
    cursor: str | None = None
    statuses: tuple[str, ...] = ("completed",)
    names: tuple[str, ...] = ()
    simulators: bool = True
    plan_id: str | None = None
