"""The process in which jobs are computed: reads tasks from its standard input, answers on its standard output.

It is started with `python -c`, not by multiprocessing: that would import the user's main module again, and scripts
without `if __name__ == "__main__"` would start themselves. It ends when its input ends, also in the middle of a task,
so that nothing stays behind when the parent dies. Simulators do not let Python's threads run: the kernel is asked, too.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import pickle  # nosec - what arrives on this pipe was written by the parent
import queue
import signal
import struct
import sys
import threading
from typing import BinaryIO, Final

LENGTH: Final = struct.Struct("!Q")
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def main() -> None:
    """Serve tasks until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    for name in _THREADS:
        os.environ[name] = "1"  # for libraries of this process
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nowhere.fileno(), 1)
    _die_with_parent()
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(sys.stdin.buffer, tasks), daemon=True).start()
    memory_bytes, time_s, modules = pickle.loads(tasks.get())  # noqa: S301 - from the parent
    for module in modules:
        importlib.import_module(module)
    _limit(memory_bytes)
    _send(answers, pickle.dumps(("ready", None)))
    while True:
        task = tasks.get()
        _alarm(2 * time_s + 1)
        answer = _done(task)
        _alarm(0)
        _send(answers, answer)


def _receive(source: BinaryIO, tasks: queue.SimpleQueue[bytes]) -> None:
    while True:
        head = source.read(LENGTH.size)
        if len(head) < LENGTH.size:
            os._exit(0)
        body = source.read(LENGTH.unpack(head)[0])
        tasks.put(body)


def _die_with_parent() -> None:
    """Have the kernel end this process with its parent, where it can (Linux)."""
    try:
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))
    except (OSError, AttributeError, TypeError):
        return


def _alarm(seconds: float) -> None:
    """End this process after so long, whatever it is doing; 0 for never. The parent is quicker, if it is there."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _done(task: bytes) -> bytes:
    try:
        function, arguments = pickle.loads(task)  # noqa: S301 - from the parent
        answer = ("done", function(*arguments))
    except BaseException as error:  # noqa: BLE001 - told to the parent
        answer = ("raised", f"{type(error).__name__}: {error}"[:2000])
    return pickle.dumps(answer)


def _send(answers: BinaryIO, data: bytes) -> None:
    try:
        answers.write(LENGTH.pack(len(data)) + data)
        answers.flush()
    except BrokenPipeError:
        os._exit(0)


def _limit(memory_bytes: int) -> None:
    """No core dumps, and no more memory than is in use now and `memory_bytes`; nothing where there are no limits."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - one line of a kernel's
            pages = int(file.read().split()[0])
    except OSError:
        return
    most = pages * resource.getpagesize() + memory_bytes
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
