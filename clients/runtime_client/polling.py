"""Time and chance: the only module of the client that knows either, so that everything else can be given others.

`sleep`, `monotonic` and `jitter` are the defaults of the client's options of the same names. A test passes its own and
waits for minutes in no time at all.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from runtime_client.flows import Pause

Sleep = Callable[[float], None]
"""Waits for a number of seconds."""
AsyncSleep = Callable[[float], Awaitable[None]]
"""Waits for a number of seconds without blocking the event loop."""
Monotonic = Callable[[], float]
"""Reads a clock, in seconds, that never goes back."""
Jitter = Callable[[], float]
"""Draws a number from 0 (included) to 1 (excluded)."""

_DICE = random.SystemRandom()


def sleep(seconds: float) -> None:
    """Wait for `seconds` of real time."""
    time.sleep(seconds)


async def sleep_async(seconds: float) -> None:
    """Wait for `seconds` of real time, in the event loop that is running: that of asyncio, or trio's."""
    # Comes with httpx, and is nobody else's business.
    from anyio import sleep  # noqa: PLC0415

    await sleep(seconds)


def monotonic() -> float:
    """Return the seconds of the machine's monotonic clock."""
    return time.monotonic()


def jitter() -> float:
    """Return a random number from 0 (included) to 1 (excluded)."""
    return _DICE.random()


@dataclass(frozen=True, slots=True)
class Tick:
    """One moment to poll: its `number` from 1, the seconds `elapsed_s` since the first, whether it is the `last`."""

    number: int
    elapsed_s: float
    last: bool


def ticks(*, interval_s: float, timeout_s: float | None, monotonic: Monotonic) -> Iterator[Tick | Pause]:
    """Yield the moments to poll, and between them the pauses to make.

    The first moment is at once, then there is one after every `interval_s`, and the last one is exactly at `timeout_s`:
    the pause before it is shortened so that it falls on the deadline, never before it, and a job that ends in the final
    moment is still seen. Without a timeout there is no last tick. `timeout_s=0` gives one tick.
    """
    start = monotonic()
    number = 1
    last = timeout_s == 0
    while True:
        yield Tick(number=number, elapsed_s=monotonic() - start, last=last)
        if last:
            return
        pause = interval_s
        if timeout_s is not None:
            remaining = timeout_s - (monotonic() - start)
            if remaining <= interval_s:
                # Decided here and not by reading the clock again: rounding must not add a tick or drop one.
                pause, last = max(0.0, remaining), True
        yield Pause(pause)
        number += 1
