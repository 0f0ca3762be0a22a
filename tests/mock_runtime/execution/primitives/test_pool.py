"""Jobs of the primitives."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from mock_runtime.domain.results import Output
from mock_runtime.execution import Submission
from mock_runtime.execution.primitives.pool import PrimitiveExecution, qiskit_is_there
from mock_runtime.execution.primitives.refusals import Limits
from mock_runtime.execution.primitives.synthetic import NOTICE
from mock_runtime.ids import Ids
from tests.mock_runtime.execution.primitives import samples
from tests.mock_runtime.execution.primitives.devices import line
from tests.mock_runtime.execution.primitives.samples import circuit

needs_qiskit = pytest.mark.skipif(not qiskit_is_there(), reason="the extra `qiskit` is not installed")
BELL = {"pubs": [[circuit(samples.BELL_17), None, 1000]], "support_qiskit": False}


def submission(params: Any, program: str = "sampler", seed: int = 3) -> Submission:
    """A job on five qubits."""
    return Submission(job_id="j", program_id=program, backend=line(5), inputs=params, submitted_at=1e9, seed=seed)


def start(execution: PrimitiveExecution, params: Any, **more: Any) -> Output | Future[Output]:
    """The job, started."""
    return execution.start(submission(params, **more), Ids(1).stream("execution"))


def output(started: Output | Future[Output]) -> Output:
    """What comes of it."""
    return started if isinstance(started, Output) else started.result(60)


class Held(Executor):
    """An executor that does nothing until it is told to."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ARG002 - done by nobody
        """A future that nobody fulfils yet."""
        self.futures.append(Future())
        return self.futures[-1]


def test_without_qiskit_a_light_job_is_answered_at_once() -> None:
    """With a result that is made up, and a log that says so."""
    found = start(PrimitiveExecution(engine="synthetic"), BELL)
    assert isinstance(found, Output)
    assert found.error is None
    assert NOTICE in found.logs


def test_without_qiskit_a_heavy_job_goes_to_a_process() -> None:
    """A million shots are not drawn on the event loop."""
    held = Held()
    execution = PrimitiveExecution(held, engine="synthetic")
    started = start(execution, {"pubs": [[circuit(samples.BELL_17), None, 1_000_000]]})
    assert isinstance(started, Future)
    assert len(held.futures) == 1


@needs_qiskit
def test_a_job_is_computed_in_a_process() -> None:
    """The same for the same seed, and in the form in which it is sent; closing leaves nothing behind."""
    before = set(threading.enumerate())
    execution = PrimitiveExecution()
    assert execution.computes
    try:
        first, again = (output(start(execution, BELL)) for _ in range(2))
        samples_found = json.loads(str(first.result))["results"][0]["data"]["meas"]["samples"]
        assert first == again
        assert len(samples_found) == 1000
        assert "simulated with the noise of line_5" in first.logs
    finally:
        execution.close()
    assert [t for t in set(threading.enumerate()) - before if t.name == "mock-runtime-worker"] == []


@needs_qiskit
def test_another_executor_may_do_the_work() -> None:
    """Threads, here; the result is the same as in a process."""
    with ThreadPoolExecutor(1) as threads:
        execution = PrimitiveExecution(threads, noise="ideal")
        found = output(start(execution, {**BELL, "pubs": [[circuit(samples.BELL_17), None, 8]]}))
        execution.close()
        assert threads.submit(int, "1").result() == 1
    assert found.error is None


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"pubs": [[circuit(samples.BELL_17), None, 10**9]]}, 6000),
        ([], 1002),
    ],
)
def test_what_cannot_run_is_refused_without_work(params: object, code: int) -> None:
    """At once, with the number for it."""
    held = Held()
    found = start(PrimitiveExecution(held), params)
    assert isinstance(found, Output)
    assert (found.error_code, held.futures) == (code, [])


def test_the_line_has_an_end() -> None:
    """The third job is refused while two wait; when one is done there is room again."""
    held = Held()
    execution = PrimitiveExecution(held, engine="synthetic", limits=Limits(waiting=2))
    heavy = {"pubs": [[circuit(samples.BELL_17), None, 1_000_000]]}
    waiting = [start(execution, heavy) for _ in range(2)]
    refused = start(execution, heavy)
    assert isinstance(refused, Output)
    assert refused.error_code == 1500
    held.futures[0].set_result(Output(result="done"))
    assert output(waiting[0]).result == "done"
    assert isinstance(start(execution, heavy), Future)


@pytest.mark.parametrize(
    ("error", "code"),
    [(RecursionError(), 1002), (MemoryError(), 5203), (RuntimeError("secret"), 1500), (KeyError("secret"), 1500)],
)
def test_whatever_becomes_of_the_work_the_future_has_an_output(error: Exception, code: int) -> None:
    """A failure with a number, and without the text of an error of ours."""
    held = Held()
    started = start(PrimitiveExecution(held, engine="synthetic"), {"pubs": [[circuit(samples.BELL_17), None, 10**6]]})
    held.futures[0].set_exception(error)
    found = output(started)
    assert found.error_code == code
    assert "secret" not in str(found)


def test_a_job_that_is_given_up_is_not_computed() -> None:
    """Cancelling the future cancels the work."""
    held = Held()
    started = start(PrimitiveExecution(held, engine="synthetic"), {"pubs": [[circuit(samples.BELL_17), None, 10**6]]})
    assert isinstance(started, Future)
    assert started.cancel()
    assert held.futures[0].cancelled()


def test_a_job_without_a_seed_takes_one_from_its_stream() -> None:
    """The same stream, the same result."""
    execution = PrimitiveExecution(engine="synthetic")
    first, again = (output(start(execution, BELL, seed=0)) for _ in range(2))
    assert first.result == again.result


@needs_qiskit
def test_a_job_that_runs_too_long_fails() -> None:
    """With the service's number for it, although the simulator never gives Python a turn."""
    execution = PrimitiveExecution(noise="ideal", limits=Limits(time_s=1.0))
    text = 'OPENQASM 3.0; include "stdgates.inc"; bit c; while (!c) { c = measure $0; }'
    try:
        assert output(start(execution, {"pubs": [[text]]})).error_code == 5201
    finally:
        execution.close()


def test_a_closed_execution_refuses_what_it_would_have_to_compute() -> None:
    """And closing twice is no error."""
    execution = PrimitiveExecution(Held(), engine="synthetic")
    execution.close()
    execution.close()
    found = start(execution, {"pubs": [[circuit(samples.BELL_17), None, 10**6]]})
    assert isinstance(found, Output)
    assert found.error_code == 1500


def test_importing_and_making_it_imports_no_qiskit() -> None:
    """Nor numpy: whoever submits no job does not pay for them."""
    code = (
        "import sys; from mock_runtime.execution.primitives.pool import PrimitiveExecution; PrimitiveExecution();"
        "print(sorted({'qiskit', 'qiskit_aer', 'numpy'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_nothing_is_started_for_results_that_are_made_up_or_after_the_end() -> None:
    """Nor where somebody else's executor does the work."""
    before = {thread.name for thread in threading.enumerate()}
    held = PrimitiveExecution(Held())
    closed = PrimitiveExecution()
    closed.close()
    for execution in (PrimitiveExecution(engine="synthetic"), held, closed):
        execution.warm_up()
    assert {thread.name for thread in threading.enumerate()} == before
