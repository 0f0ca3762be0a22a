"""A job of today's API: waiting, how it may end, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runtime_client import (
    Conflict,
    ContractViolation,
    JobCancelled,
    JobFailed,
    JobRanTooLong,
    NotFound,
    Poll,
    ServerError,
    WaitTimeout,
)
from runtime_client.platform import Job, JobStatus, RuntimeClient
from tests.runtime_client.platform.answers import JOB_ID, job_json
from tests.runtime_client.scripted import NO_CONTENT, FakeTime, Scripted, Service, json_answer, text_answer

STATUS = f"GET /api/v1/jobs/{JOB_ID}?exclude_params=true"
RESULTS = f"GET /api/v1/jobs/{JOB_ID}/results"


def in_state(status: str, **state: object) -> Scripted:
    """Return the answer that the job is in a state, with what is said about it."""
    name = status.partition(" - ")[0]
    return json_answer(job_json(status, state={"status": name} | state))


@pytest.fixture
def job(platform: RuntimeClient) -> Job:
    """Return the handle of the job."""
    return platform.job(JOB_ID)


def test_result(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Asks for the status until the job is over, and for the results once."""
    service.answers(in_state("Queued"), in_state("Running"), in_state("Completed"), text_answer('{"a": 1}'))
    polls: list[Poll] = []
    assert job.result(poll_interval=3, on_poll=polls.append).json() == {"a": 1}
    assert service.lines == [STATUS, STATUS, STATUS, RESULTS]
    assert fake_time.naps == [3, 3]
    assert polls == [
        Poll(number=1, elapsed_s=0, status=JobStatus.QUEUED),
        Poll(number=2, elapsed_s=3, status=JobStatus.RUNNING),
        Poll(number=3, elapsed_s=6, status=JobStatus.COMPLETED),
    ]


def test_outcome(job: Job, service: Service) -> None:
    """Tells of a completed job its last status, its result and the waiting."""
    service.answers(in_state("Running"), in_state("Completed"), text_answer("text"))
    outcome = job.wait(poll_interval=0.5)
    assert (outcome.info.status, outcome.polls, outcome.elapsed_s) == (JobStatus.COMPLETED, 2, 0.5)
    assert outcome.result is not None
    assert outcome.result.text == "text"


def test_outcome_of_a_failure(job: Job, service: Service) -> None:
    """Ends the waiting without an error, and without asking for results where the reason is told."""
    service.answers(in_state("Failed", reason="no"))
    outcome = job.wait()
    assert (outcome.info.reason, outcome.result) == ("no", None)
    assert service.lines == [STATUS]


def test_failure(job: Job, service: Service) -> None:
    """Raises the reason with its number and the way out of it."""
    service.answers(in_state("Failed", reason="bad circuit", reason_code=1517, reason_solution="another one"))
    with pytest.raises(JobFailed) as caught:
        job.result()
    error = caught.value
    assert str(error) == f"job {JOB_ID} failed (1517): bad circuit"
    assert (error.code, error.solution, error.traceback) == (1517, "another one", "bad circuit")


def test_failure_without_a_reason(job: Job, service: Service) -> None:
    """Takes the text of the results where the service gives no reason, as IBM's client does."""
    service.answers(in_state("Failed"), text_answer("Traceback"))
    with pytest.raises(JobFailed, match="failed: Traceback"):
        job.result()


@pytest.mark.parametrize("answer", [NO_CONTENT, json_answer({}, 404)])
def test_failure_without_anything(job: Job, service: Service, answer: Scripted) -> None:
    """Says that no text was kept where there is neither a reason nor a result."""
    service.answers(in_state("Failed"), answer)
    with pytest.raises(JobFailed, match="the service kept no text"):
        job.result()


def test_cancelled(job: Job, service: Service) -> None:
    """Raises its own error for a job that was cancelled."""
    service.answers(in_state("Cancelled"))
    with pytest.raises(JobCancelled):
        job.result()
    assert service.lines == [STATUS]


@pytest.mark.parametrize(
    "answer",
    [in_state("Cancelled - Ran too long", reason="time is up"), in_state("Cancelled", reason="up", reason_code=1305)],
)
def test_ran_too_long(job: Job, service: Service, answer: Scripted) -> None:
    """Tells a job whose time was up from one that was cancelled, by its status or by the number of the reason."""
    service.answers(answer)
    with pytest.raises(JobRanTooLong, match="up"):
        job.result()


def test_completed_without_results(job: Job, service: Service) -> None:
    """Refuses a completed job whose results are not there."""
    service.answers(in_state("Completed"), NO_CONTENT)
    with pytest.raises(ContractViolation, match="is Completed, but its results are not there"):
        job.result()


def test_timeout(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Looks for the last time on the deadline itself, and says how often it looked."""
    service.route = lambda _: in_state("Running")
    with pytest.raises(WaitTimeout) as caught:
        job.wait(timeout=5, poll_interval=2)
    assert (caught.value.polls, caught.value.elapsed_s) == (4, 5)
    assert fake_time.naps == [2, 2, 1]


@pytest.mark.parametrize(
    "arguments", [{"timeout": -1}, {"timeout": float("nan")}, {"poll_interval": -1}, {"poll_interval": float("inf")}]
)
def test_waiting_that_makes_no_sense(job: Job, service: Service, arguments: dict[str, float]) -> None:
    """Refuses such numbers before anything is sent."""
    with pytest.raises(ValueError, match="must be a number of seconds"):
        job.wait(**arguments)  # type: ignore[arg-type]
    assert service.lines == []


def test_handle(job: Job, service: Service) -> None:
    """Passes every question on to the operation behind it."""
    service.answers(in_state("Queued"), text_answer("log"), json_answer({}), NO_CONTENT, NO_CONTENT, NO_CONTENT)
    service.answers(NO_CONTENT, json_answer(job_json(params={"a": 1})))
    assert job.status() is JobStatus.QUEUED
    assert job.logs() == "log"
    assert job.metrics().usage is None
    job.replace_tags(["a"])
    job.cancel()
    job.delete()
    assert job.poll() is None
    assert job.info(exclude_params=False).params == {"a": 1}
    assert [line.partition(JOB_ID)[2] for line in service.lines] == [
        "?exclude_params=true", "/logs", "/metrics", "/tags", "/cancel", "", "/results", "?exclude_params=false",
    ]  # fmt: skip


def test_errors_of_the_operations(job: Job, service: Service) -> None:
    """Lets the errors of the operations through."""
    service.answers(json_answer({}, 409), json_answer({}, 404))
    with pytest.raises(Conflict):
        job.cancel()
    with pytest.raises(NotFound):
        job.wait()


NEVER_REPEATED: dict[str, Callable[[RuntimeClient], object]] = {
    "submit_job": lambda c: c.submit_job("sampler", "ibm_fez"),
    "cancel_job": lambda c: c.cancel_job(JOB_ID),
    "create_session": lambda c: c.create_session("ibm_fez"),
}


@pytest.mark.parametrize("call", NEVER_REPEATED)
def test_what_is_never_repeated(platform: RuntimeClient, service: Service, call: str) -> None:
    """Sends once what would do its work twice: a job, a session, a cancel."""
    service.answers(Scripted(status=503))
    with pytest.raises(ServerError):
        NEVER_REPEATED[call](platform)
    assert len(service.sent) == 1


def test_what_is_repeated(platform: RuntimeClient, service: Service) -> None:
    """Sends again what says the same twice: whether a session takes jobs."""
    service.answers(Scripted(status=503), NO_CONTENT)
    platform.update_session("s", accepting_jobs=False)
    assert service.lines == ["PATCH /api/v1/sessions/s"] * 2
