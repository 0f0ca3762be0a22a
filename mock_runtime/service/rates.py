"""How many jobs a user may submit in a minute."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final, TypeAlias

from mock_runtime.domain.errors import TooManyRequests

_PERIOD_S: Final = 60.0
_MANY_USERS: Final = 1000

RateSnapshot: TypeAlias = tuple[tuple[str, tuple[float, ...]], ...]
"""Users, and when each of them submitted."""


class SubmissionRate:
    """What each user has submitted in the last minute: on whatever instance, and whether or not it is still there.

    `allowed` is None for as many as you like. Evidence: IBM's document says five a minute of a user, not of an
    instance.
    """

    def __init__(self, allowed: int | None) -> None:
        self._allowed: Final = allowed
        self._lock: Final = threading.Lock()
        self._recent: dict[str, deque[float]] = {}

    def restart(self) -> None:
        """Forget all submissions."""
        with self._lock:
            self._recent.clear()

    def snapshot(self) -> RateSnapshot:
        """What has been submitted so far."""
        with self._lock:
            return tuple((user, tuple(at)) for user, at in self._recent.items())

    def rollback(self, kept: RateSnapshot) -> None:
        """Know of those submissions, and of no others."""
        with self._lock:
            self._recent = {user: deque(at) for user, at in kept}

    def count(self, user: str, now: float) -> None:
        """Count one more submission of a user; TooManyRequests, which is not counted, if there is no room for it."""
        if self._allowed is None:
            return
        with self._lock:
            if len(self._recent) > _MANY_USERS:
                self._recent = {who: at for who, at in self._recent.items() if at and at[-1] > now - _PERIOD_S}
            recent = self._recent.setdefault(user, deque())
            while recent and recent[0] <= now - _PERIOD_S:
                recent.popleft()
            if len(recent) >= self._allowed:
                raise TooManyRequests(self._allowed, _PERIOD_S, recent[0] + _PERIOD_S - now)
            recent.append(now)
