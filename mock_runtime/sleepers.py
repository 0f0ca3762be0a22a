"""How the time of a clock goes on, and those who are asleep on it; what reads the real time is in `clock.py`."""

from __future__ import annotations

import contextlib
import itertools
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future, TimerHandle

LATEST: Final = 253_402_300_799.0
"""9999-12-31T23:59:59Z: what comes after is no date to anybody."""

_SHORTEST_WAIT_S: Final = 1e-8  # timers go off a nanosecond early: who is not due then is not to wait for less
_LONGEST_WAIT_S: Final = 86_400.0  # no system waits for much longer at once; who is not due then waits again


@dataclass(frozen=True, slots=True)
class Course:
    """How time goes on: `instant` was at `since` of a monotonic clock, and `speed` is what it has had from there on.

    `put_back` is by how many seconds it was ever put back. What has **passed** is the present and this together: it
    never becomes less, and is what sleepers go by.
    """

    instant: float
    since: float
    speed: float
    put_back: float

    def at(self, monotonic: float) -> float:
        """What time it is then; the years end with 9999."""
        return min(self.instant + (monotonic - self.since) * self.speed, LATEST)

    def due_in(self, seconds: float, monotonic: float) -> Due:
        """When somebody is due who falls asleep then for `seconds`: at the last second of 9999 at the latest."""
        return Due(min(self.at(monotonic) + seconds, LATEST), self.put_back)

    def reaching(self, due: Due) -> Course:
        """The same time that stands still, moved forward to where a sleeper wants to be if it is not there yet."""
        wanted = due.instant - (self.put_back - due.put_back)
        return Course(max(self.instant, wanted), self.since, self.speed, self.put_back)


@dataclass(frozen=True, slots=True)
class Due:
    """When a sleeper wants to be woken: at `instant` of a clock that had been put back by so many seconds by then."""

    instant: float
    put_back: float

    @property
    def passed(self) -> float:
        """What has to have passed, in seconds."""
        return self.instant + self.put_back


Reading: TypeAlias = tuple[float, float]
"""What has passed on a clock, and its speed, at one moment."""


def wait_s(due: float, reading: Reading) -> float:
    """For how many real seconds to wait until so much has passed, 0 if it has; after the longest, one looks again."""
    passed, speed = reading
    if due <= passed:
        return 0.0
    if not speed:
        return _LONGEST_WAIT_S
    return min(max((due - passed) / speed, _SHORTEST_WAIT_S), _LONGEST_WAIT_S)


class _Sleeper(NamedTuple):
    """One who is asleep until so much has passed. Numbered: of two who are due together, the first wakes first."""

    due: float
    number: int
    woken: Future[None]


class Sleepers:
    """Those who are asleep on one event loop, in the order of their waking, with one timer for the first.

    All of it belongs to the loop's thread, but for `wake`. Nothing is missed: whoever moves time does so first and
    wakes then; whoever falls asleep is known to the clock first, and looks at the time then.
    """

    def __init__(self, loop: AbstractEventLoop, read: Callable[[], Reading]) -> None:
        self._loop = loop
        self._read = read
        self._asleep: list[_Sleeper] = []
        self._numbers = itertools.count()
        self._timer: TimerHandle | None = None
        self._is_called = False

    def __len__(self) -> int:
        return len(self._asleep)

    async def wait(self, due: float) -> None:
        """Sleep until so much has passed."""
        sleeper = _Sleeper(due, next(self._numbers), self._loop.create_future())
        insort(self._asleep, sleeper)
        if self._asleep[0] is sleeper:
            self._reckon()
        try:
            await sleeper.woken
        finally:
            self._forget(sleeper)

    def wake(self) -> None:
        """Let the loop reckon again, from any thread; once, however often time was moved before it comes to that."""
        if self._is_called:
            return
        self._is_called = True
        # A loop that was closed just now wakes nobody any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._reckon)

    def _reckon(self) -> None:
        """Wake who is due, and set the timer for the next."""
        self._is_called = False  # before the time is read: who moves it after that calls again
        reading = self._read()
        due = bisect_right(self._asleep, reading[0], key=lambda sleeper: sleeper.due)
        for sleeper in self._asleep[:due]:
            if not sleeper.woken.done():
                sleeper.woken.set_result(None)
        del self._asleep[:due]
        self._stop_timer()
        if self._asleep:
            self._timer = self._loop.call_later(wait_s(self._asleep[0].due, reading), self._reckon)

    def _forget(self, sleeper: _Sleeper) -> None:
        place = bisect_left(self._asleep, sleeper)
        if self._asleep[place : place + 1] == [sleeper]:
            del self._asleep[place]
        if not self._asleep:
            self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
