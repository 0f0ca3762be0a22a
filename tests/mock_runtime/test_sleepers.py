"""Who is asleep on an event loop: woken in time, at any speed, from anywhere, and gone without a trace."""

from __future__ import annotations

import asyncio
import gc
import selectors
import threading
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from mock_runtime.clock import SteerableClock

PATIENCE_S = 30


class Scripted(asyncio.SelectorEventLoop):
    """An event loop that never waits: when nothing is left to do, it is later by as much as it would have waited."""

    def __init__(self) -> None:
        self.real = 1000.0
        super().__init__(_Skipping(self))

    def time(self) -> float:
        """The real time, as the loop and its clock take it to be."""
        return self.real


class _Skipping(selectors.SelectSelector):
    def __init__(self, loop: Scripted) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "the loop would wait for ever"
            self._loop.real += timeout
        return ready


def scripted(speed: float, script: Callable[[SteerableClock], Coroutine[Any, Any, None]]) -> float:
    """Run a script with a clock that begins at 0, on a loop that never waits: how many real seconds it stands for."""
    loop = Scripted()
    clock = SteerableClock(0, speed, monotonic=loop.time)
    try:
        loop.run_until_complete(script(clock))
    finally:
        loop.close()
    assert clock._loops == {}, "a sleeper is still known to the clock"
    return loop.real - 1000


async def asleep(*sleeps: Coroutine[Any, Any, None]) -> list[asyncio.Task[None]]:
    """Begin these, and let them fall asleep."""
    tasks = [asyncio.create_task(sleep) for sleep in sleeps]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


@pytest.mark.parametrize(("speed", "real_s"), [(100, 1), (1, 100), (0.5, 200), (1e6, 1e-4)])
def test_a_coroutine_sleeps_for_seconds_of_its_clock(speed: float, real_s: float) -> None:
    """At a hundred times the speed for a hundredth of them; a negative sleep is none."""

    async def script(clock: SteerableClock) -> None:
        await clock.sleep_async(100)
        assert clock.now() == pytest.approx(100, abs=0.02)
        await clock.sleep_async(-5)
        await clock.sleep_async(0)

    assert scripted(speed, script) == pytest.approx(real_s, rel=0.001)


def test_a_sleep_of_no_length_lets_others_have_their_turn() -> None:
    """At any speed, as that of asyncio does."""

    async def script(clock: SteerableClock) -> None:
        turns = list[str]()
        other = asyncio.ensure_future(asyncio.sleep(0))
        other.add_done_callback(lambda _: turns.append("other"))
        for _ in range(3):
            await clock.sleep_async(0)
        turns.append("this")
        assert turns == ["other", "this"]

    for speed in (0, 1):
        assert scripted(speed, script) == 0


def test_sleepers_wake_in_the_order_in_which_they_are_due() -> None:
    """Whoever fell asleep first among those who are due together is first; all of them are on time."""

    async def script(clock: SteerableClock) -> None:
        woken = list[tuple[int, float]]()

        async def sleeper(number: int, seconds: float) -> None:
            await clock.sleep_async(seconds)
            woken.append((number, clock.now()))

        lengths = [30, 10, 20, 10, 5]
        await asyncio.gather(*(sleeper(number, seconds) for number, seconds in enumerate(lengths)))
        assert woken == [(4, 5), (1, 10), (3, 10), (2, 20), (0, 30)]

    assert scripted(1, script) == 30


def test_thousands_of_sleepers_share_one_timer() -> None:
    """However many there are, the loop has one thing to watch; all wake when it is time."""

    async def script(clock: SteerableClock) -> None:
        tasks = await asleep(*(clock.sleep_async(100) for _ in range(5000)))
        timers = [timer for timer in asyncio.get_running_loop()._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        assert len(timers) == 1
        await asyncio.gather(*tasks)

    assert scripted(100, script) == 1


@pytest.mark.parametrize(
    "release",
    [lambda clock: clock.advance(7200), lambda clock: clock.advance_to(7200), lambda clock: clock.set(7200)],
    ids=["advance", "advance_to", "set"],
)
def test_a_move_of_time_releases_who_is_due_by_then(release: Callable[[SteerableClock], object]) -> None:
    """At once, and nobody else."""

    async def script(clock: SteerableClock) -> None:
        due, later = await asleep(clock.sleep_async(7200), clock.sleep_async(7210))
        release(clock)
        await due
        assert (clock.now(), later.done()) == (7200, False)
        await later
        assert clock.now() == 7210

    assert scripted(1, script) == 10


def test_a_sleep_is_reckoned_again_when_the_speed_changes() -> None:
    """Faster, slower, and from a standstill: what is left of it takes so much longer or shorter."""

    async def script(clock: SteerableClock) -> None:
        (sleeper,) = await asleep(clock.sleep_async(100))
        await asyncio.sleep(10)  # real seconds: 90 are left
        clock.set_speed(10)
        await asyncio.sleep(4)  # 50 are left
        clock.set_speed(0)
        await asyncio.sleep(200_000)
        assert (clock.now(), sleeper.done()) == (50, False)
        clock.set_speed(100)
        await sleeper
        assert clock.now() == 100

    assert scripted(1, script) == pytest.approx(10 + 4 + 200_000 + 0.5)


def test_a_sleeper_of_a_clock_that_came_to_stand_still_does_not_move_it() -> None:
    """He wakes when another's sleep has moved it so far, and not before."""

    async def script(clock: SteerableClock) -> None:
        (sleeper,) = await asleep(clock.sleep_async(60))
        clock.set_speed(0)
        await clock.sleep_async(59)
        await asyncio.sleep(5)
        assert (clock.now(), sleeper.done()) == (59, False)
        await clock.sleep_async(1)
        await sleeper
        assert clock.now() == 60

    assert scripted(1, script) == 5


def test_a_sleep_during_which_time_begins_to_run_waits_for_it() -> None:
    """It was to move the clock after the others' turn, but one of them set it going."""

    async def script(clock: SteerableClock) -> None:
        sleeper = asyncio.ensure_future(clock.sleep_async(50))
        await asyncio.sleep(0)
        clock.set_speed(10)
        await sleeper
        assert clock.now() == 50

    assert scripted(0, script) == 5


def test_who_sleeps_while_the_clock_is_put_back_sleeps_for_no_longer() -> None:
    """What was left of the sleep is left of it still; else a rollback would hold up whoever waits for an answer."""

    async def script(clock: SteerableClock) -> None:
        clock.advance(7200)
        (sleeper,) = await asleep(clock.sleep_async(10))
        await asyncio.sleep(4)
        clock.set(0)
        await sleeper
        assert clock.now() == 6

    assert scripted(1, script) == 10


def test_a_clock_that_stands_still_is_not_moved_back_to_where_it_was() -> None:
    """A sleep that began before the rollback moves what is there afterwards by as much as it would have."""

    async def script(clock: SteerableClock) -> None:
        clock.advance(7200)
        sleeper = asyncio.ensure_future(clock.sleep_async(10))
        await asyncio.sleep(0)
        clock.set(100)
        await sleeper
        assert clock.now() == 110

    assert scripted(0, script) == 0


def test_who_is_cancelled_leaves_nothing_behind() -> None:
    """The others are woken as before, be it the first or the last or all who gave up."""

    async def script(clock: SteerableClock) -> None:
        tasks = await asleep(*(clock.sleep_async(seconds) for seconds in (10, 20, 20, 30)))
        (known,) = clock._loops.values()
        for place in (0, 2):
            tasks[place].cancel()
        await asyncio.gather(*tasks[::2], return_exceptions=True)
        assert len(known) == 2
        await tasks[1]
        assert clock.now() == 20
        tasks[3].cancel()
        await asyncio.wait([tasks[3]])
        assert clock._loops == {}
        assert [timer for timer in asyncio.get_running_loop()._scheduled if not timer.cancelled()] == []  # type: ignore[attr-defined]

    assert scripted(1, script) == 20


def test_who_is_cancelled_when_he_is_due_is_cancelled() -> None:
    """Before he could wake: the cancellation counts, and the others wake."""

    async def script(clock: SteerableClock) -> None:
        gone, there = await asleep(clock.sleep_async(10), clock.sleep_async(10))
        clock.advance(10)
        gone.cancel()
        await there
        assert gone.cancelled()

    assert scripted(1, script) == 0


def test_many_moves_call_a_loop_once() -> None:
    """A loop that has no time to look is not flooded; it sees where they led to."""

    async def script(clock: SteerableClock) -> None:
        loop = asyncio.get_running_loop()
        (sleeper,) = await asleep(clock.sleep_async(1000))
        before = len(loop._ready)  # type: ignore[attr-defined]
        for _ in range(1000):
            clock.advance(1)
        assert len(loop._ready) == before + 1  # type: ignore[attr-defined]
        await sleeper

    assert scripted(1, script) == 0


def test_sleepers_on_several_loops_are_released_from_another_thread() -> None:
    """Each of a hundred on each of four loops; the thread that moves time has none."""
    clock = SteerableClock(0, monotonic=lambda: 0.0)
    ready, woken = threading.Semaphore(0), list[float]()

    async def loop() -> None:
        tasks = await asleep(*(clock.sleep_async(7200) for _ in range(100)))
        ready.release()
        await asyncio.gather(*tasks)
        woken.append(clock.now())

    threads = [threading.Thread(target=lambda: asyncio.run(loop()), daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert ready.acquire(timeout=PATIENCE_S)
    clock.advance(7200)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert woken == [7200] * 4
    assert clock._loops == {}


def test_no_wake_up_is_lost() -> None:
    """Threads and loops fall asleep again and again while time is moved under them: everybody gets to the end."""
    clock = SteerableClock(0, monotonic=lambda: 0.0)  # it moves by the advances only
    turns = 200

    def thread() -> None:
        for _ in range(turns):
            clock.sleep(1)

    async def coroutine() -> None:
        for _ in range(turns):
            await clock.sleep_async(1)

    async def loop() -> None:
        await asyncio.gather(*(coroutine() for _ in range(20)))

    sleepers = [threading.Thread(target=thread, daemon=True) for _ in range(4)]
    sleepers += [threading.Thread(target=lambda: asyncio.run(loop()), daemon=True) for _ in range(2)]
    for sleeper in sleepers:
        sleeper.start()
    for moves in range(1_000_000):
        # Never more than one is needed for whoever is asleep: each lost wake-up would be a sleeper for ever.
        clock.advance(1)
        if moves % 50 == 0:
            sleepers[moves // 50 % len(sleepers)].join(0.001)
            if not any(sleeper.is_alive() for sleeper in sleepers):
                break
    assert not any(sleeper.is_alive() for sleeper in sleepers)
    assert (clock._loops, clock._threads) == ({}, {})


def test_a_loop_that_was_closed_in_the_middle_of_a_sleep_is_forgotten() -> None:
    """The next move of time does not stumble over it, and the loop is free to go."""
    clock = SteerableClock(0, monotonic=lambda: 0.0)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # asyncio complains of the task that was left, to it
    sleeper: asyncio.Task[None] | None = loop.create_task(clock.sleep_async(60))
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(asyncio.sleep(0))
    assert len(clock._loops) == 1
    loop.close()
    clock.advance(60)
    assert clock._loops == {}
    gone = weakref.ref(loop)
    del loop, sleeper
    gc.collect()
    assert gone() is None


def test_a_loop_that_was_closed_is_forgotten_when_another_comes() -> None:
    """So that programs that make one after another do not collect them."""
    clock = SteerableClock(0, monotonic=lambda: 0.0)
    for _ in range(3):
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)
        task = loop.create_task(clock.sleep_async(60))
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(asyncio.sleep(0))
        assert list(clock._loops) == [loop]
        loop.close()
        del task


def test_a_loop_that_closes_while_it_is_called_wakes_nobody() -> None:
    """Between the look at it and the call another thread closed it: that is no error of whoever moves time."""
    clock = SteerableClock(0, monotonic=lambda: 0.0)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)
    task = loop.create_task(clock.sleep_async(60))
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(asyncio.sleep(0))
    (sleepers,) = clock._loops.values()
    loop.close()
    sleepers.wake()
    assert not task.done()
    clock.advance(1)
