"""Calls without an end are ended."""

from __future__ import annotations

import gc
import itertools
import threading
from typing import Any

import pytest

from runtime_contracts.call_limits import NeverEndsError, within


def _for_ever() -> None:
    for number in itertools.count():
        if number < 0:
            return


def test_endless_call_is_ended() -> None:
    """What is still at work after its time is interrupted."""
    with pytest.raises(NeverEndsError, match=r"not at its end after 0\.05 s"), within(0.05):
        _for_ever()


def test_call_that_hides_the_interruption_is_ended() -> None:
    """A body that takes the first interruption for something else gets another."""

    def stubborn() -> None:
        try:
            _for_ever()
        except BaseException:  # noqa: BLE001 - this is the mistake
            _for_ever()

    with pytest.raises(NeverEndsError), within(0.05):
        stubborn()


def test_call_that_ends_is_left_alone() -> None:
    """Nothing happens to a body that is quick, nor to what comes after it."""
    with within(0.05):
        pass
    assert not threading.Event().wait(0.1)


def test_other_threads_are_left_alone() -> None:
    """Only the main thread can be interrupted; elsewhere the body goes its way."""
    done: list[bool] = []

    def run() -> None:
        with within(0.01):
            done.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == [True]


def test_what_measures_coverage_is_not_interrupted() -> None:
    """An exception there would end the measuring; the call is interrupted as soon as it goes on by itself."""
    names: dict[str, Any] = {"__name__": "coverage.pretended"}
    source = "def busy():\n    for _ in range(5_000_000):\n        pass\n"
    exec(compile(source, "pretended", "exec"), names)  # noqa: S102 - a module of that name
    passed = []

    def measured() -> None:
        names["busy"]()
        passed.append(True)
        _for_ever()

    with pytest.raises(NeverEndsError), within(0.01):
        measured()
    assert passed == [True]


def test_what_the_garbage_collector_calls_is_not_interrupted() -> None:
    """An exception there would be reported and forgotten; the call is interrupted as soon as it goes on by itself."""
    called: list[str] = []

    def busy(phase: str, _info: dict[str, int]) -> None:
        for _ in range(2_000_000):
            pass
        called.append(phase)

    def collected() -> None:
        gc.callbacks.append(busy)
        try:
            gc.collect()
        finally:
            gc.callbacks.remove(busy)
        _for_ever()

    with pytest.raises(NeverEndsError), within(0.01):
        collected()
    assert called[:1] == ["start"]


def test_finalizers_are_not_interrupted() -> None:
    """Nor is what an object does at its end."""
    ended: list[bool] = []

    class Slow:
        def __del__(self) -> None:
            for _ in range(3_000_000):
                pass
            ended.append(True)

    def dropped() -> None:
        Slow()
        _for_ever()

    with pytest.raises(NeverEndsError), within(0.01):
        dropped()
    assert ended == [True]
