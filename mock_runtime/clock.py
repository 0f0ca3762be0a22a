"""Where time comes from: the only module of the fake that may read it.

Everything else is told `now`, in seconds since 1970-01-01 UTC. A clock also carries waiting, so that an injected
latency costs real time under the system clock and none under a manual one.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

_LATEST: Final = 253_402_300_799.0  # 9999-12-31T23:59:59Z: what comes after is no date to anybody

WALKTHROUGH_INSTANT: Final = 1620443711.0
"""2021-05-08T03:15:11Z, when the job of the walkthrough was submitted (its id `c2b04fot418h0qp0peh0` says so)."""


class Clock(Protocol):
    """What the fake needs of time."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass, blocking this thread if the clock is real."""
        ...

    async def sleep_async(self, seconds: float) -> None:
        """Let `seconds` pass without blocking the event loop."""
        ...


class SystemClock:
    """Real time, which never steps back: the wall clock is read once, then the monotonic one is followed."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return self._offset + time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block this thread for `seconds`."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Suspend this coroutine for `seconds`: no thread waits."""
        import asyncio  # noqa: PLC0415 - whoever has no event loop does not pay for one

        await asyncio.sleep(seconds)


class ManualClock:
    """Virtual time, which moves only when told to.

    Sleeping on it moves it: it returns at once, and afterwards the clock stands at least where the sleeper wanted to
    be. Two sleepers that start together therefore end together, as they would in reality.
    """

    def __init__(self, start: float = WALKTHROUGH_INSTANT) -> None:
        self._now = _seconds(start)
        self._lock = threading.Lock()
        self._first: Callable[[], object] = _nothing

    def __repr__(self) -> str:
        return f"ManualClock({self._now!r})"

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return self._now

    def after(self, first: Callable[[], object]) -> None:
        """Do something before every `advance` and `sleep`: let what takes real time keep up. `sleep_async` does not."""
        self._first = first

    def advance(self, seconds: float) -> float:
        """Move forward by `seconds` (never back: ValueError) and return the new now."""
        step = _seconds(seconds)
        if step < 0:
            raise ValueError(f"time does not run backwards: cannot advance by {seconds!r} seconds")
        self._first()
        with self._lock:
            if self._now + step > _LATEST:
                raise ValueError(f"cannot advance by {seconds!r} seconds: the years end with 9999")
            self._now += step
            return self._now

    def sleep(self, seconds: float) -> None:
        """Move to at least `seconds` after the present now, without blocking."""
        wanted = self._now + max(0.0, _seconds(seconds))
        self._first()
        self._reach(wanted)

    async def sleep_async(self, seconds: float) -> None:
        """Move to at least `seconds` after the present now; other coroutines get their turn first."""
        import asyncio  # noqa: PLC0415 - whoever has no event loop does not pay for one

        wanted = self._now + max(0.0, _seconds(seconds))
        await asyncio.sleep(0)
        self._reach(wanted)

    def _reach(self, instant: float) -> None:
        with self._lock:
            self._now = max(self._now, min(instant, _LATEST))


def _nothing() -> None:
    """Nothing is waited for."""


def _seconds(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number of seconds such as 46, found {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number of seconds")
    return float(value)
