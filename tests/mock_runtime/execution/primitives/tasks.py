"""What workers are given to do in tests."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from mock_runtime.domain.results import Output


def output(text: str) -> Output:
    """An output with a result."""
    return Output(result=text)


def where(_ignored: object) -> Output:
    """The process that this runs in."""
    return Output(result=os.getpid())


def for_ever(_ignored: object) -> Output:
    """Never ends."""
    while True:
        pass


def dies(_ignored: object) -> Output:
    """Ends its process as a crash in a library would."""
    os.kill(os.getpid(), signal.SIGKILL)
    return Output()


def allocates(size: int) -> Output:
    """Takes so many bytes."""
    return Output(result=len(bytearray(size)))


def raises(_ignored: object) -> Output:
    """Has a bug."""
    raise RuntimeError("a bug")


def prints(_ignored: object) -> Output:
    """Writes where answers are written."""
    sys.stdout.write("noise" * 100_000)
    sys.stdout.flush()
    os.write(1, b"more noise")
    return Output(result="quiet")


def main_module(_ignored: object) -> Output:
    """What the main module of the process is."""
    return Output(result=str(getattr(sys.modules["__main__"], "__file__", None)))


class Hostile:
    """What a hostile worker would answer: a function to be called by the reader of its answer."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.getpid, ())


def hostile(_ignored: object) -> Any:
    """An answer that runs code where it is read."""
    return Hostile()
