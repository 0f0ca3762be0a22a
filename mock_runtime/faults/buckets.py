"""Token buckets: so many requests in so many seconds, and exactly when there is room again."""

from __future__ import annotations

from typing import Final

from mock_runtime.faults.rule import Rate

_MOST: Final = 10_000
"""So many callers are remembered; of more, those that asked last."""
_NOTHING: Final = 1e-6
"""Seconds. What instants since 1970 are exact to, and a little more."""


class Buckets:
    """A bucket for each caller, or one for all. Each is an instant: when it will be full again."""

    def __init__(self, rate: Rate) -> None:
        self._rate: Final = rate
        self._each_s: Final = rate.per_s / rate.requests
        self._full_at: dict[str | None, float] = {}

    def take(self, caller: str | None, now: float) -> float:
        """Take a token: 0, or how many seconds it takes until there is one, and none is taken."""
        key = caller if self._rate.by_caller else None
        capacity_s = self._each_s * self._rate.burst
        # A clock that was put back must not make a bucket emptier than empty.
        full_at = min(max(self._full_at.pop(key, now), now), now + capacity_s)
        missing_s = full_at + self._each_s - (now + capacity_s)
        if missing_s <= _NOTHING:
            full_at += self._each_s
        self._full_at[key] = full_at
        if len(self._full_at) > _MOST:
            self._forget(now)
        return missing_s if missing_s > _NOTHING else 0.0

    def copy(self) -> Buckets:
        """The same, to be kept."""
        copied = Buckets(self._rate)
        copied._full_at = dict(self._full_at)
        return copied

    def _forget(self, now: float) -> None:
        """Forget those that are full, which are as good as new; and the one that asked longest ago."""
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        if len(self._full_at) > _MOST:
            del self._full_at[next(iter(self._full_at))]
