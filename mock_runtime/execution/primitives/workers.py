"""Processes that compute, as an executor: each task has a limit of time and memory, and harms no other by its end.

The standard library's pool cannot end a single task, loses all of them when one process dies, and imports the user's
main module in each of its processes. Here a thread in the parent looks after each process and replaces it when it is
killed or dies.
"""

from __future__ import annotations

import contextlib
import io
import json
import pickle  # nosec - answers are read by a reader that knows the types it may make
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from mock_runtime.execution.primitives.worker import LENGTH

P = ParamSpec("P")
T = TypeVar("T")

_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from mock_runtime.execution.primitives.worker import main; main()"
)
_PATIENCE_S: Final = 120.0
"""How long a process may take to import what it needs."""
_ALLOWED: Final = frozenset({("mock_runtime.domain.results", "Output")})


class TaskTimedOut(Exception):
    """A task that took longer than a task may."""


class WorkerDied(Exception):
    """A process that ended in the middle of a task: out of memory, or a crash in a library."""


class TaskRaised(Exception):
    """A task that raised; `str()` is what."""


class _Answers(pickle.Unpickler):
    """Reads what a worker answers. It has read a stranger's inputs, so that an Output may come of it and no more."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"an answer has a {module}.{name} in it")
        return super().find_class(module, name)


@dataclass(slots=True)
class _Task:
    future: Future[Any]
    call: tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(eq=False, slots=True)
class _Lane:
    """A process, the thread that looks after it, and what it is doing."""

    process: subprocess.Popen[bytes] | None = None
    task: _Task | None = None
    timed_out: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def kill(self) -> None:
        process = self.process
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()


class Workers(Executor):
    """A few processes, started when they are needed.

    `time_s` is how long a task may take in its process, `memory_bytes` how much it may allocate there, `modules` what
    each process imports before its first task. Tasks must be functions of modules that give an Output. `timer` makes
    what watches the time of a task.
    """

    def __init__(
        self,
        *,
        processes: int,
        time_s: float,
        memory_bytes: int,
        modules: Sequence[str] = (),
        timer: Callable[[float, Callable[[], None]], threading.Timer] = threading.Timer,
    ) -> None:
        self._most = processes
        self._time_s = time_s
        self._timer = timer
        self._hello = pickle.dumps((memory_bytes, time_s, tuple(modules)))
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._lanes: list[_Lane] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._pending = 0
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a function called; a future of what it gives. TaskTimedOut, WorkerDied or TaskRaised may come of it."""
        if kwargs:
            raise TypeError("tasks take no keyword arguments")
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the workers are closed")
            self._pending += 1
            if len(self._lanes) < min(self._most, self._pending):
                self._open_lane()
        future.add_done_callback(self._finished)
        self._tasks.put(_Task(future, (fn, args)))
        return future

    def warm_up(self, processes: int) -> None:
        """Have so many processes, at most all, started now; they import what they need while others go on."""
        with self._lock:
            while len(self._lanes) < min(processes, self._most) and not self._closed:
                self._open_lane()

    def abandon(self, future: Future[Any]) -> None:
        """End a task that nobody waits for any more, whether it has begun or not."""
        if future.cancel():
            return
        for lane in list(self._lanes):
            with lane.lock:
                if lane.task is not None and lane.task.future is future:
                    lane.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """End at once: what has begun is killed, what has not is cancelled."""
        del cancel_futures
        with self._lock:
            if self._closed:
                return
            self._closed = True
            lanes, threads = list(self._lanes), list(self._threads)
        with contextlib.suppress(queue.Empty):
            while True:
                task = self._tasks.get_nowait()
                if task is not None:
                    task.future.cancel()
        for _ in lanes:
            self._tasks.put(None)
        for lane in lanes:
            with lane.lock:
                lane.kill()
        if wait:
            for thread in threads:
                if thread is not threading.current_thread():
                    thread.join()

    def _open_lane(self) -> None:
        lane = _Lane()
        thread = threading.Thread(target=self._look_after, args=(lane,), name="mock-runtime-worker", daemon=True)
        self._lanes.append(lane)
        self._threads.append(thread)
        thread.start()

    def _finished(self, _future: Future[Any]) -> None:
        with self._lock:
            self._pending -= 1

    def _look_after(self, lane: _Lane) -> None:
        while True:
            with contextlib.suppress(OSError, EOFError):
                self._ensure(lane)  # while nobody waits for it
            task = self._tasks.get()
            if task is None:
                break
            if task.future.set_running_or_notify_cancel():
                self._attend(lane, task)
        self._end(lane)

    def _attend(self, lane: _Lane, task: _Task) -> None:
        """Have one task done, and tell its future how it went."""
        with lane.lock:
            lane.task, lane.timed_out = task, False
        timer = self._timer(self._time_s, partial(self._out_of_time, lane, task))
        timer.daemon = True
        try:
            process = self._ensure(lane)
            data = pickle.dumps(task.call)
            timer.start()
            kind, value = self._exchange(process, data)
        except Exception as error:  # noqa: BLE001 - the future is told
            failure: Exception = error
            if isinstance(error, OSError | EOFError):
                self._end(lane)
                failure = TaskTimedOut("out of time") if lane.timed_out else WorkerDied("the process ended")
                failure = CancelledError() if self._closed else failure
            self._settle(lane, task, failure=failure)
        else:
            self._settle(lane, task, value=value, failure=TaskRaised(value) if kind == "raised" else None)
        finally:
            timer.cancel()

    @staticmethod
    def _settle(lane: _Lane, task: _Task, *, value: Any = None, failure: Exception | None = None) -> None:
        with lane.lock:
            lane.task = None
        if failure is not None:
            task.future.set_exception(failure)
        else:
            task.future.set_result(value)

    @staticmethod
    def _out_of_time(lane: _Lane, task: _Task) -> None:
        with lane.lock:
            if lane.task is task:
                lane.timed_out = True
                lane.kill()

    def _ensure(self, lane: _Lane) -> subprocess.Popen[bytes]:
        """The process of a lane, started if there is none."""
        if lane.process is not None and lane.process.poll() is None:
            return lane.process
        self._end(lane)
        with lane.lock:
            if self._closed:
                raise EOFError
            lane.process = subprocess.Popen(  # noqa: S603 - this interpreter, with our own text
                [sys.executable, "-P", "-c", _START, json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        process = lane.process
        patience = threading.Timer(_PATIENCE_S, lane.kill)
        patience.daemon = True
        patience.start()
        try:
            self._exchange(process, self._hello)
        finally:
            patience.cancel()
        return process

    @staticmethod
    def _exchange(process: subprocess.Popen[bytes], data: bytes) -> tuple[str, Any]:
        """Send something and wait for the answer; OSError or EOFError if the process ends meanwhile."""
        if process.stdin is None:
            raise EOFError
        process.stdin.write(LENGTH.pack(len(data)) + data)
        process.stdin.flush()
        source = process.stdout
        if source is None:
            raise EOFError
        head = source.read(LENGTH.size)
        if len(head) < LENGTH.size:
            raise EOFError
        size = LENGTH.unpack(head)[0]
        body = source.read(size)
        if len(body) < size:
            raise EOFError
        kind, value = _Answers(io.BytesIO(body)).load()
        return kind, value

    @staticmethod
    def _end(lane: _Lane) -> None:
        process, lane.process = lane.process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.wait()
