"""What the use cases are made of, and what they allow."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from mock_runtime.clock import Clock
from mock_runtime.domain.backends import Backend
from mock_runtime.domain.programs import Program
from mock_runtime.execution import Execution
from mock_runtime.ids import Ids
from mock_runtime.scenario import Script
from mock_runtime.service.conditions import Conditions
from mock_runtime.store import Store
from mock_runtime.worlds import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the service keeps and allows, in seconds but for `jobs_per_minute`, which is None for as many as you like.

    Evidence: 8 hours on a device and 3 on a simulator were the system's limits in IBM's documentation of late 2021;
    a program's own limit counts if it is less, as the 3 hours of today's do. How long logs were kept is a guess, taken
    from the two days of interim results; that old ones answered 410 is on record. Five jobs a minute and user is what
    IBM says of POST /v1/jobs.
    """

    device_run_s: float = 8 * 3600.0
    simulator_run_s: float = 3 * 3600.0
    logs_kept_s: float = 2 * 86400.0
    jobs_per_minute: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The collaborators that all use cases share. Who changes more than one of them holds `lock` meanwhile."""

    store: Store
    clock: Clock
    ids: Ids
    script: Script
    execution: Execution
    world: World
    limits: Limits
    conditions: Conditions = field(default_factory=Conditions)
    lock: AbstractContextManager[object] = field(default_factory=threading.RLock, repr=False)


def longest_run_s(limits: Limits, program: Program, backend: Backend, cost_s: float | None) -> float:
    """How long a job may run, in seconds: as its program and the system say, or shorter if that was asked for."""
    longest = min(program.cost_s, limits.simulator_run_s if backend.simulator else limits.device_run_s)
    return min(longest, cost_s or longest)
