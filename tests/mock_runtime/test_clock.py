"""Time that is real, and time that moves only when told to."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime

import pytest

from mock_runtime.clock import WALKTHROUGH_INSTANT, Clock, ManualClock, SystemClock


def test_a_manual_clock_stands_still_until_moved() -> None:
    """Reading it twice gives the same instant; moving it gives the new one."""
    clock = ManualClock()
    assert clock.now() == clock.now() == WALKTHROUGH_INSTANT
    assert clock.advance(2.5) == clock.now() == WALKTHROUGH_INSTANT + 2.5
    assert clock.advance(0) == WALKTHROUGH_INSTANT + 2.5
    assert repr(ManualClock(5)) == "ManualClock(5.0)"


def test_time_does_not_run_backwards() -> None:
    """A negative step is refused, and the clock stays where it was."""
    clock = ManualClock(100)
    with pytest.raises(ValueError, match="time does not run backwards: cannot advance by -1 seconds"):
        clock.advance(-1)
    assert clock.now() == 100


def test_the_years_end_with_9999() -> None:
    """Beyond them there are no dates: advancing there is refused, sleeping stops at the last second."""
    clock = ManualClock()
    with pytest.raises(ValueError, match="the years end with 9999"):
        clock.advance(1e12)
    clock.sleep(1e12)
    assert datetime.fromtimestamp(clock.now(), UTC) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_an_instant_is_finite(value: float) -> None:
    """Neither the beginning nor a step nor a sleep may be endless."""
    clock = ManualClock(100)
    for attempt in (ManualClock, clock.advance, clock.sleep, lambda s: asyncio.run(clock.sleep_async(s))):
        with pytest.raises(ValueError, match="is not a finite number of seconds"):
            attempt(value)
    assert clock.now() == 100


def test_sleeping_moves_a_manual_clock() -> None:
    """By as much as was slept; a negative sleep is none."""
    clock = ManualClock(100)
    clock.sleep(3)
    asyncio.run(clock.sleep_async(4))
    clock.sleep(-5)
    asyncio.run(clock.sleep_async(-5))
    assert clock.now() == 107


def test_sleepers_that_start_together_end_together() -> None:
    """A thousand requests that are each held back for a second take one second."""
    clock = ManualClock(100)

    async def together() -> None:
        await asyncio.gather(*(clock.sleep_async(1) for _ in range(1000)), clock.sleep_async(0.5))

    asyncio.run(together())
    assert clock.now() == 101


def test_the_system_clock_is_real_time_and_never_steps_back() -> None:
    """It is later than the writing of this test, and each reading is no earlier than the one before."""
    clock: Clock = SystemClock()
    readings = [clock.now() for _ in range(1000)]
    assert readings == sorted(readings)
    assert readings[0] > 1.7e9


def test_sleeping_on_the_system_clock_takes_as_long_as_it_says() -> None:
    """Two milliseconds each way, to see that it waits at all."""
    clock = SystemClock()
    begun = clock.now()
    clock.sleep(0.002)
    asyncio.run(clock.sleep_async(0.002))
    assert clock.now() - begun >= 0.004


def test_something_can_be_done_before_time_moves() -> None:
    """While it still stands; not for one who awaits, which would hold up everybody."""
    clock, seen = ManualClock(0), list[float]()
    clock.after(lambda: seen.append(clock.now()))
    clock.advance(5)
    clock.sleep(2)
    asyncio.run(clock.sleep_async(1))
    assert seen == [0, 5]
    assert clock.now() == 8
