"""Where time comes from: the only module of the fake that may read it.

Everything else is told `now`, in seconds since 1970-01-01 UTC. A clock also carries waiting, so that an injected
latency costs real time under the system clock, a hundredth of it under one that runs a hundred times as fast, and none
under a manual one.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from mock_runtime.sleepers import LATEST, Course, Due, Reading, Sleepers, wait_s

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_EARLIEST: Final = -62_135_596_800.0  # 0001-01-01T00:00:00Z

WALKTHROUGH_INSTANT: Final = 1620443711.0
"""2021-05-08T03:15:11Z, when the job of the walkthrough was submitted (its id `c2b04fot418h0qp0peh0` says so)."""

FASTEST: Final = 1e6
"""The highest speed of a clock: a year in half a minute."""

_SPEED_WORDS: Final = {"real": 1.0, "manual": 0.0}
_SPEED: Final = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*x?")
_LONGEST_SPEED: Final = 30


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


@runtime_checkable
class Steerable(Clock, Protocol):
    """A clock that can be moved: `isinstance` tells whether one is."""

    @property
    def speed(self) -> float:
        """Seconds of this clock that go by in a real one; 0 while it stands still."""
        ...

    @property
    def is_manual(self) -> bool:
        """Whether it stands still until it is moved."""
        ...

    def after(self, first: Callable[[], object]) -> None:
        """Do something before time is moved."""
        ...

    def advance(self, seconds: float) -> float:
        """Move forward by `seconds` and return the new now; ValueError if that is back, or beyond the year 9999."""
        ...

    def advance_to(self, instant: float) -> float:
        """Move forward to `instant` and return the new now; ValueError if it is past, or beyond the year 9999."""
        ...

    def set_speed(self, speed: float) -> None:
        """Go on at another speed from here; ValueError if this clock cannot run at it."""
        ...

    def set(self, instant: float) -> None:
        """Put the clock to `instant`, back too: for the rollback of a snapshot only."""
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


class SteerableClock:
    """Time that runs at any speed, or stands still, and can be moved forward; its `now` never steps back, but by `set`.

    It begins at `start`, in seconds since 1970-01-01 UTC (None: now), and `speed` seconds of it go by in a real one: 1
    is real time, 0 stands still. `monotonic` is what real time is read from, in seconds.

    Who sleeps on it waits for seconds of this clock, and is woken when it is moved: a request held back for two hours
    is released by an advance of two hours. **While it stands still, a sleep moves it** and returns at once; afterwards
    the clock stands at least where the sleeper wanted to be. Two sleepers that start together therefore end together,
    as they would in reality. Who was asleep already when it came to stand still does not move it: he wakes when it is
    moved so far, by an advance or by another's sleep, or runs again.
    """

    def __init__(
        self, start: float | None = None, speed: float = 1.0, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        begun = time.time() if start is None else _instant(start)
        self._monotonic = monotonic
        self._course = Course(begun, monotonic(), _speed(speed), 0.0)
        # Reentrant: the handler of a signal, or a destructor, may ask for the time in the middle of anything.
        self._lock = threading.RLock()
        self._first: Callable[[], object] = _nothing
        self._in_first = set[int]()
        self._threads = dict[threading.Event, float]()
        self._loops = dict["AbstractEventLoop", Sleepers]()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.now()!r}, speed={self.speed:g})"

    @property
    def speed(self) -> float:
        """Seconds of this clock that go by in a real one; 0 while it stands still."""
        return self._course.speed

    @property
    def is_manual(self) -> bool:
        """Whether it stands still until it is moved."""
        return not self._course.speed

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        course = self._course
        if not course.speed:
            return course.instant
        # Locked, so that no thread reads by the old speed a later time than another has read by the new one.
        with self._lock:
            return self._course.at(self._monotonic())

    def after(self, first: Callable[[], object]) -> None:
        """Do something before time is moved, by `advance`, `advance_to` or a `sleep`: let what takes real time keep up.

        Once each time, and not again if it moves time itself. `sleep_async` does not do it: it would hold up everybody.
        """
        self._first = first

    def advance(self, seconds: float) -> float:
        """Move forward by `seconds` and return the new now; ValueError if that is back, or beyond the year 9999."""
        step = _seconds(seconds)
        if step < 0:
            raise ValueError(f"time does not run backwards: cannot advance by {seconds!r} seconds")
        return self._forward(lambda now: now + step, f"by {seconds!r} seconds")

    def advance_to(self, instant: float) -> float:
        """Move forward to `instant` and return the new now; ValueError if it is past, or beyond the year 9999.

        A clock that runs may have passed it while what takes real time kept up: then it is left where it is.
        """
        wanted = _seconds(instant)
        if wanted < (now := self.now()):
            raise ValueError(f"time does not run backwards: cannot advance to {instant!r}, it is {now!r} already")
        return self._forward(lambda now: max(now, wanted), f"to {instant!r}")

    def set_speed(self, speed: float) -> None:
        """Go on at another speed from here, 0 to stand still; ValueError if it is none from 0 to a million."""
        wanted = _speed(speed)
        with self._lock:
            monotonic = self._monotonic()
            self._course = Course(self._course.at(monotonic), monotonic, wanted, self._course.put_back)
        self._wake()

    def set(self, instant: float) -> None:
        """Put the clock to `instant`, back too: for the rollback of a snapshot only; ValueError if it is no date.

        Nothing is done first. Put forward, it wakes who is due by then; put back, it leaves to each sleeper what was
        left of the sleep.
        """
        wanted = _instant(instant)
        with self._lock:
            monotonic = self._monotonic()
            back = max(0.0, self._course.at(monotonic) - wanted)
            self._course = Course(wanted, monotonic, self._course.speed, self._course.put_back + back)
        self._wake()

    def sleep(self, seconds: float) -> None:
        """Block this thread until `seconds` have gone by on this clock; move it so far if it stands still."""
        due = self._due_in(seconds)
        if self.is_manual:
            self._do_first()
        if self._reach(due):
            return
        woken = threading.Event()
        with self._lock:
            self._threads[woken] = due.passed
        try:
            while (left := wait_s(due.passed, self._reading())) > 0:
                self._pause(woken, left)
                woken.clear()
        finally:
            with self._lock:
                del self._threads[woken]

    async def sleep_async(self, seconds: float) -> None:
        """Suspend this coroutine until `seconds` have gone by on this clock; move it so far if it stands still.

        Other coroutines get their turn first. No thread waits, and all who sleep on one event loop share one timer.
        """
        import asyncio  # noqa: PLC0415 - whoever has no event loop does not pay for one

        due = self._due_in(seconds)
        await asyncio.sleep(0)
        if self._reach(due):
            return
        loop = asyncio.get_running_loop()
        sleepers = self._on(loop)
        try:
            await sleepers.wait(due.passed)
        finally:
            # No lock for a loop that was dropped: what ends this may be the garbage collector, while anybody holds it.
            if not len(sleepers) and self._loops.get(loop) is sleepers:
                with self._lock:
                    del self._loops[loop]

    def _pause(self, woken: threading.Event, seconds: float) -> None:
        """Block this thread for as many real seconds, or until it is woken."""
        woken.wait(seconds)

    def _forward(self, target: Callable[[float], float], way: str) -> float:
        _refuse_beyond(target(self.now()), way)
        self._do_first()
        with self._lock:
            monotonic = self._monotonic()
            there = target(self._course.at(monotonic))
            _refuse_beyond(there, way)
            self._course = replace(self._course, instant=there, since=monotonic)
        self._wake()
        return there

    def _do_first(self) -> None:
        thread = threading.get_ident()
        if thread in self._in_first:
            return
        self._in_first.add(thread)
        try:
            self._first()
        finally:
            self._in_first.discard(thread)

    def _due_in(self, seconds: float) -> Due:
        length = max(0.0, _seconds(seconds))
        with self._lock:
            return self._course.due_in(length, self._monotonic())

    def _reach(self, due: Due) -> bool:
        """Move a clock that stands still to where a sleeper wants to be; False if it runs, and he has to wait."""
        with self._lock:
            if self._course.speed:
                return False
            self._course = self._course.reaching(due)
        self._wake()
        return True

    def _reading(self) -> Reading:
        with self._lock:
            course = self._course
            return course.at(self._monotonic()) + course.put_back, course.speed

    def _wake(self) -> None:
        """Let all who are asleep reckon again for how long; threads only if that changes something for them."""
        if not self._loops and not self._threads:
            return
        passed, speed = self._reading()
        with self._lock:
            self._drop_closed()
            loops = tuple(self._loops.values())
            threads = tuple(woken for woken, due in self._threads.items() if speed or due <= passed)
        for sleepers in loops:
            sleepers.wake()
        for woken in threads:
            woken.set()

    def _on(self, loop: AbstractEventLoop) -> Sleepers:
        """Those who are asleep on this event loop."""
        with self._lock:
            if loop not in self._loops:
                self._drop_closed()
                self._loops[loop] = Sleepers(loop, self._reading)
            return self._loops[loop]

    def _drop_closed(self) -> None:
        for loop in [loop for loop in self._loops if loop.is_closed()]:
            del self._loops[loop]


class ManualClock(SteerableClock):
    """Virtual time, which moves only when told to: a `SteerableClock` that never runs.

    Sleeping on it moves it: it returns at once, and afterwards the clock stands at least where the sleeper wanted to
    be. Two sleepers that start together therefore end together, as they would in reality.
    """

    def __init__(self, start: float = WALKTHROUGH_INSTANT) -> None:
        super().__init__(_instant(start), 0.0)

    def __repr__(self) -> str:
        return f"ManualClock({self.now()!r})"

    def set_speed(self, speed: float) -> None:
        """Stand still, as ever; ValueError for any speed but 0."""
        if _speed(speed):
            raise ValueError(f"a ManualClock stands still and cannot run at {speed!r}: make a SteerableClock for that")


def parse_speed(value: object) -> float:
    """The speed that a text or a number names: `100x`, `100`, `0.5x`, `real` (1), `manual` (0); ValueError if none."""
    if isinstance(value, str):
        text = value.strip().lower()
        if text in _SPEED_WORDS:
            return _SPEED_WORDS[text]
        found = _SPEED.fullmatch(text) if len(text) <= _LONGEST_SPEED else None
        if found is not None and float(found[1]) <= FASTEST:
            return float(found[1])
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= FASTEST:
        return _speed(value)
    shown = f"{value!r:.{2 * _LONGEST_SPEED}}"
    raise ValueError(f"{shown} is no speed of time: write 100x or 100 (0 to {FASTEST:.0f}), real (1) or manual (0)")


def _nothing() -> None:
    """Nothing is waited for."""


def _seconds(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number of seconds such as 46, found {value!r}")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise ValueError(f"{value!r} is not a finite number of seconds")
    return seconds


def _instant(value: float) -> float:
    instant = _seconds(value)
    if not _EARLIEST <= instant <= LATEST:
        raise ValueError(f"{value!r} seconds since 1970 are no date: the years begin with 1 and end with 9999")
    return instant


def _refuse_beyond(instant: float, way: str) -> None:
    if instant > LATEST:
        raise ValueError(f"cannot advance {way}: the years end with 9999")


def _speed(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a speed of time such as 100, found {value!r}")
    if not 0 <= value <= FASTEST:
        raise ValueError(f"time cannot run at {value!r}: its speed is from 0, which stands still, to {FASTEST:.0f}")
    return float(value) + 0.0  # and not -0.0


def stopwatch() -> float:
    """Real seconds since some moment, whatever the fake's clock does: for how long our own work takes."""
    return time.monotonic()
