"""What an instance has used, and may use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from mock_runtime.domain.errors import InstanceNotFound, LimitAboveAllocation, UsageLimitReached
from mock_runtime.domain.instances import Caller, Instance
from mock_runtime.service.parts import Parts
from mock_runtime.service.views import view_jobs
from mock_runtime.store import Store

_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an instance used in the present period. Lengths are in seconds, instants in seconds since 1970.

    `limit_s` is the limit in force (None: none): the smaller of what the plan allocates and what its owner set.
    """

    instance: Instance
    consumed_s: float
    limit_s: int | None
    period: tuple[float, float]

    @property
    def limit_reached(self) -> bool:
        """Whether nothing is left."""
        return self.limit_s is not None and self.consumed_s >= self.limit_s


class UsageService:
    """Usage and limits of instances."""

    def __init__(self, parts: Parts) -> None:
        self._store: Final = parts.store
        self._clock: Final = parts.clock

    def of(self, caller: Caller) -> Usage:
        """What the caller's instance has used; InstanceNotFound for a caller without one."""
        return usage_of(self._store, _instance(caller), self._clock.now())

    def instance(self, caller: Caller) -> Instance:
        """The caller's instance; InstanceNotFound for a caller without one."""
        return _instance(caller)

    def pending(self, caller: Caller) -> int:
        """How many of the instance's jobs are not final; InstanceNotFound."""
        now = self._clock.now()
        jobs = self._store.jobs_of(_instance(caller).crn)
        return sum(not view.state.status.is_final for view in view_jobs(self._store, jobs, now))

    def limit(self, caller: Caller) -> int | None:
        """The limit that the instance's owner has set, in seconds; None for none. InstanceNotFound."""
        return _own_limit(self._store, _instance(caller))

    def set_limit(self, caller: Caller, limit_s: int | None) -> None:
        """Set the limit, or take it away; InstanceNotFound, LimitAboveAllocation."""
        instance = _instance(caller)
        allowed = instance.plan.allocation_s
        if limit_s is not None and allowed is not None and limit_s > allowed:
            raise LimitAboveAllocation(limit_s, allowed)
        self._store.set_limit(instance.crn, limit_s)


def refuse_beyond_limit(store: Store, caller: Caller, now: float) -> None:
    """UsageLimitReached if the caller's instance has nothing left."""
    instance = caller.instance
    if instance is None or _limit(store, instance) is None:
        return
    if usage_of(store, instance, now).limit_reached:
        raise UsageLimitReached(instance.crn)


def usage_of(store: Store, instance: Instance, now: float) -> Usage:
    """What an instance has used in the period that `now` is in. Periods are counted from 1970: a guess."""
    length = instance.plan.period_days * _DAY_S
    begin = math.floor(now / length) * length
    jobs = (*store.jobs_of(instance.crn), *store.deleted_of(instance.crn))
    views = view_jobs(store, jobs, now)
    consumed = sum(view.usage_s for view in views if view.state.ended_at is not None and view.state.ended_at >= begin)
    return Usage(
        instance=instance, consumed_s=consumed, limit_s=_limit(store, instance), period=(begin, begin + length)
    )


def _limit(store: Store, instance: Instance) -> int | None:
    both = [limit for limit in (instance.plan.allocation_s, _own_limit(store, instance)) if limit is not None]
    return min(both, default=None)


def _own_limit(store: Store, instance: Instance) -> int | None:
    return store.limit(instance.crn, instance.limit_s)


def _instance(caller: Caller) -> Instance:
    if caller.instance is None:
        raise InstanceNotFound("")
    return caller.instance
