"""Jobs of the primitives: what is refused at once, what is answered at once, and what a process computes.

The readers and writers of inputs and results are imported with the first job: they are a tenth of the time of a start.
"""

from __future__ import annotations

import importlib.util
import os
import threading
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mock_runtime.domain.results import Output
from mock_runtime.execution import Started, Submission
from mock_runtime.execution.primitives.refusals import (
    INTERNAL,
    RUN_FAILED,
    TIMED_OUT,
    TOO_MUCH,
    JobRefused,
    Limits,
    refused,
)
from mock_runtime.ids import Rng

if TYPE_CHECKING:
    from mock_runtime.execution.primitives.workers import Workers

Engine: TypeAlias = Literal["auto", "qiskit", "synthetic"]
Noise: TypeAlias = Literal["device", "ideal"]

PROGRAMS: Final = frozenset({"sampler", "estimator", "executor", "noise-learner"})
"""The ids of the programs that are run."""

_NEEDED: Final = ("qiskit", "qiskit_aer", "qiskit_qasm3_import")
_COMPUTING: Final = "mock_runtime.execution.primitives.simulated.engine"


def qiskit_is_there() -> bool:
    """Whether the packages of the extra `qiskit` are installed. None of them is imported."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


def compute(submission: Submission, limits: Limits, noise: Noise) -> Output:
    """The output of a job, computed with Qiskit: called in a worker."""
    from mock_runtime.execution.primitives.simulated import engine  # noqa: PLC0415 - takes a second, and Qiskit

    return engine.compute(submission, limits, noise)


def make_up(submission: Submission, limits: Limits) -> Output:
    """The output of a job, made up: called in a worker when that takes long."""
    from mock_runtime.execution.primitives import synthetic  # noqa: PLC0415 - as where it takes none

    return synthetic.run(submission, limits)


class PrimitiveExecution:
    """Runs the primitives: with Qiskit's simulators where they are installed, else with results that are made up.

    `engine` is "auto", "qiskit" or "synthetic"; `noise` is "device" for the errors of the device's calibration or
    "ideal" for none. Work is done on `executor`; without one, in processes of our own, which bound the time and memory
    of each job and are started with the first job. An executor of somebody else's has the bounds that it has.
    """

    def __init__(
        self,
        executor: Executor | None = None,
        *,
        engine: Engine = "auto",
        noise: Noise = "device",
        limits: Limits | None = None,
    ) -> None:
        if engine == "qiskit" and not qiskit_is_there():
            raise ValueError("the engine 'qiskit' needs the extra: pip install 'mock-runtime[qiskit]'")
        self.computes = engine == "qiskit" or (engine == "auto" and qiskit_is_there())
        self._limits = limits or Limits()
        # What is made up on the spot must be made up in milliseconds; the rest goes to a process.
        self._light = replace(
            self._limits,
            payload_bytes=2**18,
            payloads_bytes=2**18,
            result_bytes=2**18,
            executions=min(self._limits.executions, 200_000),
            parameter_sets=min(self._limits.parameter_sets, 2_000),
            observables=min(self._limits.observables, 2_000),
            instructions=min(self._limits.instructions, 20_000),
        )
        self._noise: Noise = noise
        self._given = executor
        self._own: Workers | None = None
        self._waiting = 0
        self._lock = threading.Lock()
        self._closed = False

    def __repr__(self) -> str:
        return f"PrimitiveExecution({'computed' if self.computes else 'synthetic'}, noise={self._noise!r})"

    def start(self, submission: Submission, rng: Rng) -> Started:
        """The output of a job, or a future of it. The future never raises: what goes wrong is in the output."""
        from mock_runtime.execution.primitives import precheck, synthetic  # noqa: PLC0415 - with the first job

        if submission.seed == 0:
            submission = _seeded(submission, rng)
        try:
            weight = precheck.check(submission, self._limits)
        except JobRefused as refusal:
            return refused(refusal)
        if not self.computes and weight <= precheck.LIGHT:
            output = synthetic.run(submission, self._light)
            if output.error_code != TOO_MUCH:
                return output
        if self._closed:
            return refused(JobRefused("the service is shutting down", INTERNAL))
        if self._waiting >= self._limits.waiting:
            return refused(JobRefused(f"there are {self._waiting} jobs waiting already", INTERNAL))
        return self._submitted(submission)

    def warm_up(self) -> None:
        """Import what reads jobs, and start a process, so that the first job does not wait for that.

        Where results are made up there is no process: most of them need none.
        """
        from mock_runtime.execution.primitives import precheck, synthetic  # noqa: F401, PLC0415 - as with the first job

        if not self.computes or self._given is not None:
            return
        with self._lock:
            if self._closed:
                return
            own = self._workers()
        own.warm_up(1)

    def close(self) -> None:
        """End the processes; jobs that are not done will never be. An executor that was given is left to its owner."""
        with self._lock:
            self._closed = True
            own, self._own = self._own, None
        if own is not None:
            own.shutdown()

    def _workers(self) -> Workers:
        """Our own processes; called with the lock."""
        if self._own is None:
            from mock_runtime.execution.primitives.workers import Workers  # noqa: PLC0415 - with the first job

            processes = max(2, min(4, (os.cpu_count() or 2) // 2))
            self._own = Workers(
                processes=processes,
                time_s=self._limits.time_s,
                memory_bytes=self._limits.memory_bytes,
                modules=(_COMPUTING,) if self.computes else (),
            )
        return self._own

    def _submitted(self, submission: Submission) -> Future[Output]:
        with self._lock:
            own = None if self._given is not None else self._workers()
        executor = self._given or own
        assert executor is not None  # noqa: S101 - narrows the type
        if self.computes:
            inner = executor.submit(compute, submission, self._limits, self._noise)
        else:
            inner = executor.submit(make_up, submission, self._limits)
        outer: Future[Output] = Future()
        with self._lock:
            self._waiting += 1

        def told(done: Future[Output]) -> None:
            with self._lock:
                self._waiting -= 1
            _answer(outer, _outcome(done))

        def given_up(asked: Future[Output]) -> None:
            if asked.cancelled():
                if own is not None:
                    own.abandon(inner)
                else:
                    inner.cancel()

        inner.add_done_callback(told)
        outer.add_done_callback(given_up)
        return outer


def _answer(outer: Future[Output], output: Output) -> None:
    if outer.set_running_or_notify_cancel():
        outer.set_result(output)


def _outcome(done: Future[Output]) -> Output:
    """The output, whatever became of its computation."""
    from mock_runtime.execution.primitives.workers import TaskTimedOut, WorkerDied  # noqa: PLC0415 - loaded by then

    try:
        return done.result()
    except CancelledError:
        return refused(JobRefused("the job was not run: the service is shutting down", INTERNAL))
    except TaskTimedOut:
        return refused(JobRefused("the job ran longer than a job may", TIMED_OUT))
    except RecursionError:
        return refused(JobRefused("the inputs are nested too deeply"))
    except (WorkerDied, MemoryError):
        return refused(JobRefused("the job needed more memory than a job may have, or ended its process", RUN_FAILED))
    except Exception:  # noqa: BLE001 - a failure of the machinery is the job's, and its text nobody's business
        return refused(JobRefused("Internal error", INTERNAL))


def _seeded(submission: Submission, rng: Rng) -> Submission:
    return replace(submission, seed=rng.getrandbits(63) or 1)
