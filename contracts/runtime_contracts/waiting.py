"""Waiting that takes no time: what a client under test sleeps is added up, and its clocks go forward by that much."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time  # noqa: TID251 - the clocks of the client under test are what this is about
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.call_limits import NeverEndsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_WAITED_S: Final = 600.0
"""So much sleep in one call is taken for a client that never stops waiting."""
_CLOCKS: Final = ("monotonic", "time", "perf_counter")


@dataclass(slots=True)
class Waiting:
    """What was slept.

    Attributes:
        waited_s: in the present call.
        passed_s: in all of them, which is what the clocks are ahead of real ones.
    """

    waited_s: float = 0.0
    passed_s: float = 0.0

    def begin(self) -> None:
        """Begin another call."""
        self.waited_s = 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            NeverEndsError: the present call has waited for too long.
        """
        length = max(0.0, float(seconds))
        self.waited_s += length
        self.passed_s += min(length, MOST_WAITED_S)
        if self.waited_s > MOST_WAITED_S:
            raise NeverEndsError(f"it has slept for {self.waited_s:g} s and was not at its end")


@contextlib.contextmanager
def waiting() -> Iterator[Waiting]:
    """Let `time.sleep` and `asyncio.sleep` return at once in this thread, also where a module has them by name.

    The clocks of the module `time` go forward by what was slept, so that a deadline is met. Other threads are left
    alone.
    """
    state, owner = Waiting(), threading.get_ident()
    real_sleep, real_asleep = time.sleep, asyncio.sleep

    def sleep(seconds: float, /) -> None:
        if threading.get_ident() == owner:
            state.sleep(seconds)
        else:
            real_sleep(seconds)

    async def asleep(delay: float, result: Any = None) -> Any:
        if threading.get_ident() == owner:
            state.sleep(delay)
            delay = 0
        return await real_asleep(delay, result)

    with contextlib.ExitStack() as stack:
        for name in _CLOCKS:
            stack.enter_context(_put(time, name, _ahead(getattr(time, name), state, owner)))
        for real, put in ((real_sleep, sleep), (real_asleep, asleep)):
            for holder in _holders(real):
                stack.enter_context(_put(holder, real.__name__, put))
        yield state


def _ahead(clock: Callable[[], float], state: Waiting, owner: int) -> Callable[[], float]:
    def ahead() -> float:
        return clock() + (state.passed_s if threading.get_ident() == owner else 0.0)

    return ahead


def _holders(function: Any) -> list[Any]:
    """Return the modules that have `function` by its own name."""
    found = [module for module in list(sys.modules.values()) if vars(module).get(function.__name__) is function]
    return [module for module in found if getattr(module, "__name__", "") not in {__name__, "threading"}]


@contextlib.contextmanager
def _put(holder: Any, name: str, value: Any) -> Iterator[None]:
    former = vars(holder)[name]
    vars(holder)[name] = value
    try:
        yield
    finally:
        vars(holder)[name] = former
