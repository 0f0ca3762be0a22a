"""Processes that compute."""

from __future__ import annotations

import os
import pickle
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest

from mock_runtime.execution.primitives.workers import TaskRaised, TaskTimedOut, WorkerDied, Workers
from tests.mock_runtime.execution.primitives import tasks


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Two processes, with a few hundred megabytes for a task."""
    made = Workers(processes=2, time_s=60.0, memory_bytes=300 * 2**20)
    yield made
    made.shutdown()


def result(workers: Workers, task: Any, argument: object = None) -> Any:
    """What a task gives."""
    return workers.submit(task, argument).result(30).result


def test_a_task_is_done_in_another_process(workers: Workers) -> None:
    """And its output comes back."""
    assert result(workers, tasks.output, "text") == "text"


def test_the_main_module_is_not_imported_again(workers: Workers) -> None:
    """A script without `if __name__ == "__main__"` would start itself."""
    assert result(workers, tasks.main_module) == "None"


def test_what_a_task_prints_disturbs_nothing(workers: Workers) -> None:
    """Answers have a channel of their own."""
    assert result(workers, tasks.prints) == "quiet"


class Watch(threading.Timer):
    """A timer that is up when a test says so."""

    started: queue.SimpleQueue[Watch] = queue.SimpleQueue()

    def start(self) -> None:
        """Be there for the test."""
        self.started.put(self)

    def up(self) -> None:
        """Do what is to be done when the time is up."""
        self.function()


def test_a_task_that_takes_too_long_is_ended() -> None:
    """And the next one is done, in a new process; a timer that is late changes nothing."""
    made = Workers(processes=1, time_s=60.0, memory_bytes=300 * 2**20, timer=Watch)
    endless, waiting = made.submit(tasks.for_ever, None), made.submit(tasks.output, "next")
    watch = Watch.started.get(timeout=60)
    watch.up()
    with pytest.raises(TaskTimedOut):
        endless.result(60)
    watch.up()
    assert waiting.result(60).result == "next"
    made.shutdown()


def test_a_process_that_dies_harms_no_other_task(workers: Workers) -> None:
    """Only the one that it was doing."""
    dying = workers.submit(tasks.dies, None)
    others = [workers.submit(tasks.output, str(number)) for number in range(10)]
    with pytest.raises(WorkerDied):
        dying.result(30)
    assert [other.result(30).result for other in others] == [str(number) for number in range(10)]


def test_a_task_that_takes_too_much_memory_fails_alone(workers: Workers) -> None:
    """In its process there is no more; less than that it may have."""
    with pytest.raises(TaskRaised, match="MemoryError"):
        result(workers, tasks.allocates, 2**30)
    assert result(workers, tasks.allocates, 2**20) == 2**20


def test_a_task_that_raises_tells_what(workers: Workers) -> None:
    """As a text: nothing of it is rebuilt here."""
    with pytest.raises(TaskRaised, match="RuntimeError: a bug"):
        result(workers, tasks.raises)


def test_an_answer_cannot_run_code_here(workers: Workers) -> None:
    """A worker has read a stranger's inputs."""
    with pytest.raises(pickle.UnpicklingError, match=r"has a \w+\.getpid in it"):
        result(workers, tasks.hostile)
    assert result(workers, tasks.output, "next") == "next"


def test_a_task_that_nobody_waits_for_is_ended(workers: Workers) -> None:
    """Also in the middle, and the process is free again."""
    running = [workers.submit(tasks.for_ever, None) for _ in range(2)]
    for task in running:
        workers.abandon(task)
    assert result(workers, tasks.output, "next") == "next"


def test_closing_ends_what_runs_and_cancels_what_waits() -> None:
    """At once, with no process and no thread left; later tasks are refused."""
    before = set(threading.enumerate())
    made = Workers(processes=1, time_s=60.0, memory_bytes=2**30)
    assert result(made, tasks.output, "warm") == "warm"
    first, second = (made.submit(tasks.for_ever, None) for _ in range(2))
    made.shutdown()
    with pytest.raises(CancelledError):
        first.result(5)
    assert second.cancelled()
    with pytest.raises(RuntimeError, match="closed"):
        made.submit(tasks.output, "late")
    assert [t for t in set(threading.enumerate()) - before if t.name == "mock-runtime-worker"] == []


def test_processes_can_be_there_before_the_first_task() -> None:
    """So many as are asked for, at most all; none once it is closed."""
    made = Workers(processes=2, time_s=60.0, memory_bytes=2**30)
    for asked, there in ((1, 1), (1, 1), (5, 2)):
        made.warm_up(asked)
        assert len(made._lanes) == there
    assert result(made, tasks.output, "warm") == "warm"
    made.shutdown()
    late = Workers(processes=2, time_s=60.0, memory_bytes=2**30)
    late.shutdown()
    late.warm_up(1)
    assert late._lanes == []


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="how one waits for the end of a stranger's process on Linux")
def test_a_process_does_not_outlive_its_parent() -> None:
    """However that ends, and whatever the process is doing."""
    code = (
        "import sys; from mock_runtime.execution.primitives.workers import Workers;"
        "from tests.mock_runtime.execution.primitives import tasks;"
        "made = Workers(processes=1, time_s=60.0, memory_bytes=2**30);"
        "print(made.submit(tasks.where, None).result(60).result, flush=True);"
        "made.submit(tasks.for_ever, None); sys.stdin.read()"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    ended, _, _ = select.select([worker], [], [], 60)
    os.close(worker)
    assert ended == [worker]
