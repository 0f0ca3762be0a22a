"""Jobs whose results take time to compute."""

from __future__ import annotations

import logging
import threading

import pytest

from mock_runtime.domain.errors import JobNotFound, LogsNotReady
from mock_runtime.domain.jobs import Status
from mock_runtime.domain.results import Output
from mock_runtime.scenario import plan
from tests.mock_runtime.service.parts_by_hand import ALICE, DONE, T0, House, house


def after(seconds: float, home: House) -> House:
    """The house, so much later."""
    home.clock.advance(seconds)
    return home


def test_a_job_runs_until_it_is_computed() -> None:
    """However long ago it should have ended; then it ends at that instant."""
    home = house()
    job = home.submit()
    assert job.output is None
    assert home.status(job) is Status.QUEUED
    after(500, home)
    assert home.status(job) is Status.RUNNING
    with pytest.raises(LogsNotReady):
        home.service.jobs.logs(ALICE, job.id)
    home.execution.futures[0].set_result(DONE)
    view = home.service.jobs.results(ALICE, job.id)
    assert (view.state.status, view.job.produced) == (Status.COMPLETED, DONE)
    assert (view.state.started_at, view.state.ended_at, view.usage_s) == (T0 + 1, T0 + 500, 499)
    assert home.service.jobs.logs(ALICE, job.id) == "bye\n"


def test_what_is_computed_at_once_waits_for_the_timeline() -> None:
    """The plan says how long a job takes at least."""
    home = house()
    job = home.submit()
    home.execution.futures[0].set_result(DONE)
    assert home.status(job) is Status.QUEUED
    assert home.status(job) is Status.QUEUED
    after(3, home)
    assert home.status(job) is Status.COMPLETED


def test_a_future_that_is_done_already_is_an_output() -> None:
    """It need not be waited for."""
    home = house()
    home.submit()
    home.execution.output = Output(error="E")
    job = home.submit()
    after(3, home)
    assert home.status(job) is Status.FAILED


def test_what_was_computed_as_a_failure_fails_the_job() -> None:
    """With its traceback."""
    home = house()
    job = home.submit()
    home.execution.futures[0].set_result(Output(error="E", error_code=1519))
    view = after(3, home).service.jobs.get(ALICE, job.id)
    assert (view.state.status, view.job.produced.error_code) == (Status.FAILED, 1519)


def test_an_execution_that_breaks_fails_its_job_and_tells_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The user learns of which kind; what broke is for the log."""
    home = house()
    job = home.submit()
    with caplog.at_level(logging.ERROR, "mock_runtime"):
        home.execution.futures[0].set_exception(ZeroDivisionError("a secret of the implementation"))
    view = after(3, home).service.jobs.get(ALICE, job.id)
    assert view.state.status is Status.FAILED
    assert view.job.produced.error is not None
    assert "ZeroDivisionError: the execution failed; this is a bug of the mock" in view.job.produced.error
    assert "secret" not in view.job.produced.error
    assert [record.getMessage() for record in caplog.records] == [f"the execution of job {job.id} raised"]
    assert caplog.records[0].exc_info


def test_a_computation_takes_no_longer_than_its_job_may() -> None:
    """What comes later is not shown."""
    home = house()
    job = home.submit(cost_s=60)
    after(61, home)
    assert home.status(job) is Status.RAN_TOO_LONG
    home.execution.futures[0].set_result(DONE)
    assert home.status(job) is Status.RAN_TOO_LONG


def test_a_deleted_job_is_computed_no_further() -> None:
    """And what comes all the same is nobody's."""
    home = house()
    first, second = home.submit(), home.submit()
    assert home.execution.futures[1].set_running_or_notify_cancel()
    home.service.jobs.delete(ALICE, first.id)
    home.service.jobs.delete(ALICE, second.id)
    assert home.execution.futures[0].cancelled()
    home.execution.futures[1].set_result(DONE)
    assert home.listed() == []
    with pytest.raises(JobNotFound):
        home.service.jobs.get(ALICE, second.id)
    assert home.store.deleted_of(ALICE.tenant)[1].output == Output()


def test_a_cancelled_job_is_computed_no_further() -> None:
    """One whose cancellation takes its time goes on until then, and may be done before."""
    home = house(run="1h")
    job = home.submit()
    home.service.jobs.cancel(ALICE, job.id)
    assert home.execution.futures[0].cancelled()
    home.script.set(cancel_lag="10s", queue="0s", run="2s")
    slow = home.submit()
    home.service.jobs.cancel(ALICE, slow.id)
    home.execution.futures[1].set_result(DONE)
    after(20, home)
    assert (home.status(job), home.status(slow)) == (Status.CANCELLED, Status.COMPLETED)


def test_after_a_reset_an_old_computation_is_nobodys() -> None:
    """Though the same job id is given out again, at the same instant of a clock that stands still."""
    home = house()
    old = home.submit(inputs={"run": 1})
    running = home.execution.futures[0]
    assert running.set_running_or_notify_cancel()
    home.reset()
    new = home.submit(inputs={"run": 2})
    assert new.id == old.id
    running.set_result(Output(result="old"))
    after(3, home)
    assert home.status(new) is Status.RUNNING
    home.execution.futures[1].set_result(Output(result="new"))
    assert home.service.jobs.results(ALICE, new.id).job.produced.result == "new"


def test_a_reset_gives_up_what_waits_to_be_computed() -> None:
    """Nobody wants it any more."""
    home = house()
    home.submit()
    home.reset()
    assert home.execution.futures[0].cancelled()
    assert home.listed() == []


def test_a_job_can_be_given_another_result_while_it_is_computed() -> None:
    """That of the plan stays, whatever was computed."""
    home = house()
    job = home.submit()
    home.service.jobs.replan(job.id, plan({"result": [1]}))
    home.execution.futures[0].set_result(DONE)
    view = after(3, home).service.jobs.get(ALICE, job.id)
    assert (view.state.status, view.job.produced.result) == (Status.COMPLETED, [1])


def test_a_job_that_was_to_fail_is_computed_after_all() -> None:
    """When it is planned anew; it runs until then."""
    home = house(outcome="failed")
    job = home.submit()
    assert home.execution.futures == []
    view = home.service.jobs.replan(job.id, plan({"outcome": "completed"}))
    assert view.job.output is None
    assert home.execution.submissions[0].job_id == job.id
    after(10, home)
    assert home.status(job) is Status.RUNNING
    home.execution.futures[0].set_result(DONE)
    assert home.status(job) is Status.COMPLETED


def test_only_the_last_computation_of_a_job_counts() -> None:
    """An earlier one is given up."""
    home = house()
    job = home.submit()
    assert home.execution.futures[0].set_running_or_notify_cancel()
    home.service.jobs.replan(job.id, plan({"outcome": "failed", "reason": "E"}))
    home.service.jobs.replan(job.id, plan({"outcome": "completed"}))
    home.execution.futures[0].set_result(Output(result="first"))
    after(10, home)
    assert home.status(job) is Status.RUNNING
    home.execution.futures[1].set_result(Output(result="second"))
    assert home.service.jobs.results(ALICE, job.id).job.produced.result == "second"


def test_a_plan_with_a_result_or_a_failure_computes_nothing() -> None:
    """The execution is not asked."""
    home = house(result={"x": 1})
    job = home.submit()
    home.script.next_job(outcome="failed", reason="E")
    failed = home.submit()
    after(3, home)
    assert home.execution.submissions == []
    assert home.service.jobs.results(ALICE, job.id).job.produced.result == {"x": 1}
    assert (home.service.jobs.get(ALICE, failed.id).job.produced.error or "").endswith("\nE\n")


def test_what_is_submitted_to_an_execution() -> None:
    """Everything that a computation needs, with a seed of its own that the run's seed gives."""
    home, again = house(), house()
    for each in (home, again):
        each.submit(inputs={"pubs": []}, backend="ibm_two")
        each.submit()
    first, second = home.execution.submissions
    assert (first.program_id, first.backend.name, first.inputs, first.submitted_at) == (
        *("sampler", "ibm_two", {"pubs": []}),
        T0,
    )
    assert second.backend.name == "ibm_one"
    assert first.seed != second.seed
    assert again.execution.submissions == home.execution.submissions


def test_computations_may_end_in_any_thread() -> None:
    """In any order, all at once."""
    home = house(queue="0s", run="0s")
    submitted = [home.submit() for _ in range(40)]
    together = threading.Barrier(4)

    def finish(first: int) -> None:
        together.wait()
        for number in range(first, 40, 4):
            home.execution.futures[number].set_result(Output(result=number))

    threads = [threading.Thread(target=finish, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [home.service.jobs.get(ALICE, job.id).job.produced.result for job in submitted] == list(range(40))
    assert len(home.service.computations) == 0


def test_one_can_wait_until_nothing_is_computed() -> None:
    """In real time, for a while; what is given up is not waited for."""
    home = house()
    assert home.service.jobs.settle(0.0)
    jobs = [home.submit() for _ in range(4)]
    futures = home.execution.futures
    assert not home.service.jobs.settle(0.0)
    home.service.jobs.delete(ALICE, jobs[0].id)
    futures[1].cancel()
    futures[2].set_exception(ValueError("a bug"))
    assert not home.service.jobs.settle(0.0)
    waiting = threading.Thread(target=home.service.jobs.settle, args=(60.0,))
    waiting.start()
    futures[3].set_result(DONE)
    waiting.join(60.0)
    assert not waiting.is_alive()
    assert home.service.jobs.settle(0.0)
    home.submit()
    home.reset()
    assert home.service.jobs.settle(0.0)
