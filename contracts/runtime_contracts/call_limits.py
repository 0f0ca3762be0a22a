"""An end to calls that have none: of a client that hangs, or asks again and again."""

from __future__ import annotations

import gc
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

MOST_REQUESTS: Final = 1000
"""So many requests of one call are taken for a client that never stops asking."""
_AGAIN_S: Final = 0.5
_SOON_S: Final = 0.001
_FRAMES_LOOKED_AT: Final = 8


class NeverEndsError(BaseException):
    """A call does not come to an end; the message says what it did instead.

    No `Exception`: a client that takes it for a failure of the connection would try again, and again.
    """


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise NeverEndsError in the body if it takes longer than `seconds`, again and again until it ends.

    Only the main thread of a POSIX system can be interrupted; elsewhere the body takes as long as it takes.

    Raises:
        NeverEndsError: where the body is at that moment.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    over = False

    def stop(_signal: int, frame: FrameType | None) -> None:
        if _would_be_lost(frame):
            signal.setitimer(signal.ITIMER_REAL, _SOON_S, _AGAIN_S)
        elif not over:
            raise NeverEndsError(f"it was not at its end after {seconds:g} s")

    former = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_S)
    try:
        try:
            yield
        finally:
            over = True
    finally:
        # Also after an interruption between the end of the body and the line above.
        over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def _would_be_lost(frame: FrameType | None) -> bool:
    """Whether an exception here would end something else than the call.

    In a finalizer, and in what the garbage collector calls, it would be reported as unraisable and forgotten; in the
    measuring of coverage it would end that.
    """
    collecting = [getattr(callback, "__code__", None) for callback in gc.callbacks]
    for _ in range(_FRAMES_LOOKED_AT):
        if frame is None:
            return False
        if frame.f_code.co_name == "__del__" or frame.f_code in collecting:
            return True
        if str(frame.f_globals.get("__name__")).partition(".")[0] == "coverage":
            return True
        frame = frame.f_back
    return False
