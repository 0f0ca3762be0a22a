"""Time that is real, and time that moves only when told to."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from mock_runtime.clock import (
    WALKTHROUGH_INSTANT,
    Clock,
    ManualClock,
    Steerable,
    SteerableClock,
    SystemClock,
    parse_speed,
    stopwatch,
)

PATIENCE_S = 30


class RealTime:
    """What a clock takes for the real time: it goes on when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Read it."""
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        """Let it go on."""
        self.seconds += seconds


class Paused(SteerableClock):
    """A clock whose threads do not wait in reality: the real time that they would have waited for has gone by.

    That is so unless `meanwhile`, which is told for how long a thread is to wait, says what happens instead.
    """

    def __init__(self, start: float, speed: float, meanwhile: Callable[[float], object] | None = None) -> None:
        self.real = RealTime()
        self.pauses: list[float] = []
        self.meanwhile = meanwhile or self.real.pass_by
        super().__init__(start, speed, monotonic=self.real)

    def _pause(self, woken: threading.Event, seconds: float) -> None:  # noqa: ARG002 - nobody is waited for
        self.pauses.append(seconds)
        self.meanwhile(seconds)


class Watched(SteerableClock):
    """A clock on which real time stands still, and which tells when a thread has fallen asleep on it."""

    def __init__(self, start: float, speed: float) -> None:
        self.fallen_asleep = threading.Semaphore(0)
        self.pauses: list[float] = []
        super().__init__(start, speed, monotonic=RealTime())

    def _pause(self, woken: threading.Event, seconds: float) -> None:
        self.pauses.append(seconds)
        self.fallen_asleep.release()
        super()._pause(woken, seconds)


@pytest.fixture(params=[ManualClock, lambda start: SteerableClock(start, 0), SteerableClock], ids=["manual", "0", "1"])
def movable(request: pytest.FixtureRequest) -> SteerableClock:
    """Each kind of clock that can be moved, at 100; real time stands still for the one that runs."""
    if request.param is SteerableClock:
        return SteerableClock(100, monotonic=RealTime())
    make: Callable[[float], SteerableClock] = request.param
    return make(100)


def test_a_manual_clock_stands_still_until_moved() -> None:
    """Reading it twice gives the same instant; moving it gives the new one."""
    clock = ManualClock()
    assert clock.now() == clock.now() == WALKTHROUGH_INSTANT
    assert clock.advance(2.5) == clock.now() == WALKTHROUGH_INSTANT + 2.5
    assert clock.advance(0) == WALKTHROUGH_INSTANT + 2.5
    assert repr(ManualClock(5)) == "ManualClock(5.0)"


def test_time_does_not_run_backwards(movable: SteerableClock) -> None:
    """A negative step and an instant that is past are refused, and the clock stays where it was."""
    with pytest.raises(ValueError, match="time does not run backwards: cannot advance by -1 seconds"):
        movable.advance(-1)
    with pytest.raises(ValueError, match=r"time does not run backwards: cannot advance to 99, it is 100\.0 already"):
        movable.advance_to(99)
    assert movable.now() == 100


def test_the_years_end_with_9999() -> None:
    """Beyond them there are no dates: advancing there is refused, sleeping stops at the last second."""
    clock = ManualClock()
    with pytest.raises(ValueError, match=r"cannot advance by 1000000000000\.0 seconds: the years end with 9999"):
        clock.advance(1e12)
    with pytest.raises(ValueError, match=r"cannot advance to 1000000000000\.0: the years end with 9999"):
        clock.advance_to(1e12)
    clock.sleep(1e12)
    assert datetime.fromtimestamp(clock.now(), UTC) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 10**400])
def test_an_instant_is_finite(movable: SteerableClock, value: float) -> None:
    """Neither the beginning nor a step nor a sleep may be endless."""
    ways: list[Callable[[float], object]] = [ManualClock, SteerableClock, movable.set]
    ways += [movable.advance, movable.advance_to, movable.sleep, lambda s: asyncio.run(movable.sleep_async(s))]
    for way in ways:
        with pytest.raises(ValueError, match="is not a finite number of seconds"):
            way(value)
    assert movable.now() == 100


@pytest.mark.parametrize("value", ["46", None, True])
def test_an_instant_is_a_number(movable: SteerableClock, value: float) -> None:
    """What is none is refused with an example of one; a speed, too."""
    lengths: list[Callable[[float], object]] = [ManualClock, movable.set, movable.sleep]
    for way in (*lengths, movable.advance, movable.advance_to):
        with pytest.raises(TypeError, match="expected a number of seconds such as 46, found "):
            way(value)
    speeds: list[Callable[[float], object]] = [movable.set_speed, lambda speed: SteerableClock(100, speed)]
    for way in speeds:
        with pytest.raises(TypeError, match="expected a speed of time such as 100, found "):
            way(value)
    assert movable.now() == 100


@pytest.mark.parametrize("value", [-62_135_596_801, 253_402_300_800])
def test_the_years_begin_with_1(movable: SteerableClock, value: float) -> None:
    """A clock neither begins nor is put where there are no dates."""
    for way in (ManualClock, SteerableClock, movable.set):
        with pytest.raises(ValueError, match="are no date: the years begin with 1 and end with 9999"):
            way(value)
    assert movable.now() == 100


def test_a_clock_is_moved_by_a_length_or_to_an_instant(movable: SteerableClock) -> None:
    """Both tell the new time; to where it is already, it does not move."""
    assert movable.advance(46) == movable.now() == 146
    assert movable.advance_to(200.5) == movable.now() == 200.5
    assert movable.advance_to(200.5) == movable.advance(0) == 200.5


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


def test_a_stopwatch_never_runs_backwards() -> None:
    """It is no instant, and is not moved by any clock."""
    readings = [stopwatch() for _ in range(1000)]
    assert readings == sorted(readings)


def test_something_can_be_done_before_time_moves() -> None:
    """While it still stands; not for one who awaits, which would hold up everybody."""
    clock, seen = ManualClock(0), list[float]()
    clock.after(lambda: seen.append(clock.now()))
    clock.advance(5)
    clock.sleep(2)
    asyncio.run(clock.sleep_async(1))
    assert seen == [0, 5]
    assert clock.now() == 8


def test_a_clock_runs_at_its_speed() -> None:
    """A hundred of its seconds in a real one, half of one, and none."""
    for speed, passed in ((100.0, 200.0), (0.5, 1.0), (0.0, 0.0)):
        real = RealTime()
        clock = SteerableClock(5000, speed, monotonic=real)
        real.seconds += 2
        assert clock.now() == 5000 + passed
        assert (clock.speed, clock.is_manual) == (speed, not speed)


def test_a_clock_begins_now_at_the_speed_of_real_time() -> None:
    """As that of the system does, unless it is told otherwise; it can be read off its repr."""
    before = SystemClock().now()
    clock = SteerableClock()
    assert clock.now() >= before - 1
    assert (clock.speed, clock.is_manual) == (1, False)
    assert repr(SteerableClock(7, 100, monotonic=RealTime())) == "SteerableClock(7.0, speed=100)"


def test_now_goes_on_from_where_it_is_when_the_speed_changes() -> None:
    """It does not jump; it stands still at 0, and then goes on."""
    real = RealTime()
    clock = SteerableClock(0, monotonic=real)
    seen = []
    for speed in (100, 0, 1e6, 0.25):
        real.seconds += 4
        before = clock.now()
        clock.set_speed(speed)
        assert clock.now() == before
        seen.append(before)
    assert seen == [4, 404, 404, 4_000_404]


@pytest.mark.parametrize("speed", [-1, -1e-9, 1_000_001, math.inf, math.nan, 10**400])
def test_a_speed_is_from_0_to_a_million(speed: float) -> None:
    """Any other is refused, and the clock goes on as it did."""
    clock = SteerableClock(0, 100, monotonic=RealTime())
    with pytest.raises(ValueError, match="its speed is from 0, which stands still, to 1000000"):
        clock.set_speed(speed)
    with pytest.raises(ValueError, match="time cannot run at "):
        SteerableClock(0, speed)
    assert clock.speed == 100


def test_a_manual_clock_does_not_run() -> None:
    """It stands still by its name; another speed than that is refused with what to use instead."""
    clock = ManualClock(100)
    clock.set_speed(0)
    with pytest.raises(ValueError, match="a ManualClock stands still and cannot run at 2: make a SteerableClock"):
        clock.set_speed(2)
    assert (clock.speed, clock.is_manual, clock.now()) == (0, True, 100)


def test_a_running_clock_ends_with_the_year_9999() -> None:
    """It stays at the last second, and who would sleep beyond it sleeps until then."""
    clock = Paused(253_402_300_000, 1e6)
    clock.sleep(1e300)
    assert clock.pauses == [pytest.approx(799e-6)]
    clock.real.seconds += 3600
    assert clock.now() == 253_402_300_799
    clock.sleep(5)
    asyncio.run(clock.sleep_async(5))


def test_a_clock_can_be_put_back(movable: SteerableClock) -> None:
    """By `set` and by nothing else; it goes on from there, and what it is put to is exact."""
    movable.advance(7200.3)
    movable.set(100.1)
    assert movable.now() == 100.1
    assert movable.advance(1) == 101.1
    movable.set(5000)
    assert movable.now() == 5000


def test_a_sleep_on_a_clock_that_was_put_back_is_as_exact_as_before() -> None:
    """Nothing of the time that was put back is left in the numbers."""
    clock = ManualClock()
    clock.advance(7200.3)
    clock.set(WALKTHROUGH_INSTANT)
    clock.sleep(0.1)
    asyncio.run(clock.sleep_async(0.2))
    assert clock.now() == WALKTHROUGH_INSTANT + 0.1 + 0.2


def test_what_can_be_moved_is_told_by_its_type() -> None:
    """That of the system cannot."""
    assert isinstance(SteerableClock(), Steerable)
    assert isinstance(ManualClock(), Steerable)
    assert not isinstance(SystemClock(), Steerable)


@pytest.mark.parametrize(
    ("value", "speed"),
    [
        ("100x", 100),
        ("100", 100),
        (" 100 X ", 100),
        ("0.5x", 0.5),
        (".5", 0.5),
        ("2.", 2),
        ("0", 0),
        ("manual", 0),
        ("Real", 1),
        ("1000000x", 1e6),
        (100, 100),
        (0.25, 0.25),
        (1e-7, 1e-7),
    ],
)
def test_a_speed_is_read_from_text(value: object, speed: float) -> None:
    """A number with or without its x, or one of two words; a number is one already."""
    assert parse_speed(value) == speed


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("fast", "'fast'"),
        ("", "''"),
        ("-1x", "'-1x'"),
        ("1000001", "'1000001'"),
        ("inf", "'inf'"),
        ("nan", "'nan'"),
        ("1e3", "'1e3'"),
        ("100xx", "'100xx'"),
        ("\u0661x", "'\u0661x'"),
        ("9" * 1_000_000, "'" + "9" * 59),
        (-1, "-1"),
        (math.nan, "nan"),
        (True, "True"),
        (None, "None"),
    ],
)
def test_what_is_no_speed_is_refused(value: object, shown: str) -> None:
    """With what would be one, and not with all of a long text."""
    with pytest.raises(ValueError, match="is no speed of time") as caught:
        parse_speed(value)
    expected = "is no speed of time: write 100x or 100 (0 to 1000000), real (1) or manual (0)"
    assert str(caught.value) == f"{shown} {expected}"


def test_what_comes_first_is_done_once_for_each_move(movable: SteerableClock) -> None:
    """While time has not moved yet; not for what is refused, nor when the speed is set or a snapshot is restored."""
    seen = list[float]()
    movable.after(lambda: seen.append(movable.now()))
    movable.advance(5)
    movable.advance_to(200)
    for refused in (-1.0, 1e12):
        with pytest.raises(ValueError, match="cannot advance"):
            movable.advance(refused)
        with pytest.raises(ValueError, match="cannot advance"):
            movable.advance_to(refused)
    movable.set_speed(movable.speed)
    movable.set(50)
    assert seen == [100, 105]


def test_what_comes_first_may_move_time(movable: SteerableClock) -> None:
    """By as much as it likes; it is not done again for that, and is done for the next move."""
    calls = list[float]()

    def first() -> None:
        calls.append(movable.now())
        movable.advance(10)

    movable.after(first)
    assert movable.advance(5) == 115
    assert movable.advance_to(116) == 125
    assert calls == [100, 115]


def test_time_stays_where_it_is_if_what_comes_first_fails(movable: SteerableClock) -> None:
    """The error comes out, and the next move does it again."""

    def first() -> None:
        raise LookupError("the job is gone")

    movable.after(first)
    for _ in range(2):
        with pytest.raises(LookupError):
            movable.advance(5)
    assert movable.now() == 100


def test_a_move_that_what_comes_first_made_impossible_is_refused(movable: SteerableClock) -> None:
    """The end of the years holds when time moves, not only when it was asked for."""
    movable.after(lambda: movable.advance_to(253_402_300_799))
    with pytest.raises(ValueError, match="the years end with 9999"):
        movable.advance(5)
    assert movable.now() == 253_402_300_799


@pytest.mark.parametrize(("speed", "waited"), [(100, 1), (1, 100), (0.5, 200)])
def test_a_thread_sleeps_for_seconds_of_its_clock(speed: float, waited: float) -> None:
    """At a hundred times the speed, for a hundredth of them; a negative sleep is none."""
    clock = Paused(0, speed)
    clock.sleep(100)
    clock.sleep(-100)
    assert clock.pauses == [waited]
    assert clock.now() == 100


def test_a_sleep_on_a_fast_clock_takes_its_part_of_the_time() -> None:
    """Twenty seconds each way at ten thousand times the speed, to see that it waits at all."""
    clock, real = SteerableClock(0, 10_000), SystemClock()
    begun = real.now()
    clock.sleep(20)
    asyncio.run(clock.sleep_async(20))
    assert clock.now() >= 40
    assert real.now() - begun >= 0.003


def test_a_thread_waits_for_no_longer_than_a_system_can() -> None:
    """A day, and then again; seconds of a clock that hardly moves are not too many."""
    clock = Paused(0, 1)
    clock.sleep(200_000)
    assert clock.pauses == [86_400, 86_400, 27_200]
    slow = Paused(0, 1e-300, lambda _: len(slow.pauses) == 2 and slow.advance(10))
    slow.sleep(10)
    assert slow.pauses == [86_400, 86_400]
    assert slow.now() == 10


def test_what_moves_time_while_a_thread_sleeps_shortens_its_wait() -> None:
    """An advance, and a higher speed: what is left is reckoned again each time."""

    def meanwhile(seconds: float) -> None:
        clock.real.pass_by(min(10, seconds))
        if len(clock.pauses) == 1:
            clock.advance(50)
        elif len(clock.pauses) == 2:
            clock.set_speed(10)

    clock = Paused(0, 1, meanwhile)
    clock.sleep(100)
    assert clock.pauses == [100, 40, 3]
    assert clock.now() == 100


@pytest.mark.parametrize(
    "release",
    [lambda clock: clock.advance(7200), lambda clock: clock.advance_to(7200), lambda clock: clock.set(7200)],
    ids=["advance", "advance_to", "set"],
)
def test_threads_are_released_from_another_by_a_move_of_time(release: Callable[[SteerableClock], object]) -> None:
    """Whoever sleeps for two hours wakes when it is two hours later, and leaves nothing behind."""
    clock = Watched(0, 1)
    threads = [threading.Thread(target=clock.sleep, args=(7200,), daemon=True) for _ in range(20)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert clock.fallen_asleep.acquire(timeout=PATIENCE_S)
    release(clock)
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert clock._threads == {}


def test_a_thread_that_is_asleep_reckons_again_when_the_speed_changes() -> None:
    """Not when its two hours of real time are over: it is woken for it, and waits for what is left."""
    clock = Watched(0, 1)
    thread = threading.Thread(target=clock.sleep, args=(7200,), daemon=True)
    thread.start()
    assert clock.fallen_asleep.acquire(timeout=PATIENCE_S)
    clock.set_speed(100)
    assert clock.fallen_asleep.acquire(timeout=PATIENCE_S)
    assert clock.pauses == [7200, 72]
    clock.advance(7200)
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_a_thread_that_was_asleep_when_time_came_to_stand_still_does_not_move_it() -> None:
    """It waits, until time is moved so far: here by the sleep of another."""
    clock = Watched(0, 1)
    thread = threading.Thread(target=clock.sleep, args=(60,), daemon=True)
    thread.start()
    assert clock.fallen_asleep.acquire(timeout=PATIENCE_S)
    clock.set_speed(0)
    clock.sleep(59)
    assert (clock.now(), thread.is_alive()) == (59, True)
    clock.sleep(1)
    thread.join(PATIENCE_S)
    assert (clock.now(), thread.is_alive()) == (60, False)


def test_a_sleep_during_which_time_begins_to_run_waits_for_it() -> None:
    """It was to move the clock, but what came first set it going: now the rest has to go by."""
    clock = Paused(0, 0)
    clock.after(lambda: clock.set_speed(10))
    clock.sleep(50)
    assert clock.pauses == [5]
    assert clock.now() == 50


def test_no_reading_is_earlier_than_one_before_it() -> None:
    """Not even by one thread after another's, while a third changes the speed."""
    clock = SteerableClock(0)
    latest, lock, backwards, done = [0.0], threading.Lock(), list[float](), threading.Event()

    def read() -> None:
        while not done.is_set():
            with lock:
                before = latest[0]
            now = clock.now()
            if now < before:
                backwards.append(before - now)
            with lock:
                latest[0] = max(latest[0], now)

    readers = [threading.Thread(target=read, daemon=True) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(2000):
        clock.set_speed((0, 1e6, 3, 0, 1)[turn % 5])
    done.set()
    for reader in readers:
        reader.join(PATIENCE_S)
    assert backwards == []
