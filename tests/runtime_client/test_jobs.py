"""The job handle: waiting in virtual time, every way to end, and paging through jobs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable

import pytest

from runtime_client import (
    Conflict,
    ContractViolation,
    Job,
    JobCancelled,
    JobFailed,
    JobRanTooLong,
    JobStatus,
    NotFound,
    Outcome,
    Poll,
    RuntimeClient,
    WaitTimeout,
)
from runtime_client.polling import monotonic, sleep
from tests.runtime_client.scripted import (
    JOB_ID,
    NO_CONTENT,
    FakeTime,
    Scripted,
    Sent,
    Service,
    error_json,
    job_json,
    json_answer,
    text_answer,
)

RESULTS = f"GET /jobs/{JOB_ID}/results"
STATUS = f"GET /jobs/{JOB_ID}"


class FakeJob:
    """Answers for one job: results from a list (the last one for ever), and a status read from the time."""

    def __init__(self, service: Service, *, results: Iterable[str | None], statuses: Iterable[str]) -> None:
        self._results = list(results)
        self._statuses = list(statuses)
        service.route = self._answer

    def _answer(self, sent: Sent) -> Scripted:
        if sent.line == f"POST /jobs/{JOB_ID}/cancel":
            return NO_CONTENT
        if sent.line == STATUS:
            status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
            return json_answer(job_json(status=status))
        assert sent.line == RESULTS
        text = self._results.pop(0) if len(self._results) > 1 else self._results[0]
        return NO_CONTENT if text is None else text_answer(text)


@pytest.fixture
def job(client: RuntimeClient) -> Job:
    """Return a handle."""
    return client.job(JOB_ID)


def test_progress_has_an_older_name(job: Job) -> None:
    """Refuses both names at once."""
    with pytest.raises(TypeError, match="on_poll is the older name of progress"):
        job.wait(progress=print, on_poll=print)


def test_walkthrough_in_virtual_time(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Takes 46 virtual seconds for 23 polls without a result and one with it."""
    FakeJob(
        service,
        results=[None] * 23 + ["All done!"],
        statuses=["Queued", "Running", "Running", "Running", "Running", "Completed"],
    )
    assert job.result(timeout=300) == "All done!"
    assert sum(fake_time.naps) == 46.0
    assert fake_time.naps == [2.0] * 23
    assert service.lines.count(RESULTS) == 24
    # After polls 1, 6, 11, 16, 21, and once for the end.
    assert service.lines.count(STATUS) == 6
    assert service.lines[:3] == [RESULTS, STATUS, RESULTS]


def test_outcome_and_polls(job: Job, service: Service) -> None:
    """Reports every poll, with the status where it was looked up, and how it ended."""
    FakeJob(service, results=[None, None, "5"], statuses=["Queued", "Completed"])
    polls: list[Poll] = []
    outcome = job.wait(poll_interval=1.5, on_poll=polls.append)
    assert polls == [
        Poll(1, 0.0, JobStatus.QUEUED),
        Poll(2, 1.5, None),
        Poll(3, 3.0, JobStatus.COMPLETED),
    ]
    assert outcome == Outcome(info=outcome.info, text="5", polls=3, elapsed_s=3.0)
    assert outcome.info.status is JobStatus.COMPLETED


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("All done!", "All done!"),
        ("5", 5),
        ('"5"', "5"),
        ('{"counts": {"00": 512}}', {"counts": {"00": 512}}),
        ("null", None),
        ("", ""),
        ("[NaN]", "[NaN]"),
        ("[1, 2", "[1, 2"),
        ('{"__type__": "ndarray", "__value__": "x"}', {"__type__": "ndarray", "__value__": "x"}),
    ],
)
def test_result_is_json_or_text(job: Job, service: Service, text: str, value: object) -> None:
    """Decodes what is JSON, returns everything else as the text it is, and gives the bare text when asked."""
    FakeJob(service, results=[text], statuses=["Completed"])
    assert job.result() == value
    assert job.result(raw=True) == text
    assert job.result_text() == text


def test_failed_job(job: Job, service: Service) -> None:
    """Raises the traceback of a failed job, whose results answer 200 as well."""
    FakeJob(service, results=[None, "Traceback ...\nKeyError: 'x'\n"], statuses=["Running", "Failed"])
    with pytest.raises(JobFailed, match=r"KeyError: 'x'$") as caught:
        job.result()
    assert caught.value.traceback == "Traceback ...\nKeyError: 'x'\n"
    assert caught.value.job_id == JOB_ID


def test_wait_returns_for_a_failed_job(job: Job, service: Service) -> None:
    """Leaves judging to `result`: waiting for a failed job succeeds."""
    FakeJob(service, results=["Traceback"], statuses=["Failed"])
    outcome = job.wait()
    assert (outcome.info.status, outcome.text) == (JobStatus.FAILED, "Traceback")


def test_failed_job_without_text(job: Job, service: Service) -> None:
    """Does not wait for ever for the words of a failed job."""
    FakeJob(service, results=[None], statuses=["Failed"])
    with pytest.raises(JobFailed) as caught:
        job.result()
    assert caught.value.traceback == ""
    assert service.lines == [RESULTS, STATUS, RESULTS]


def test_job_that_ran_too_long(job: Job, service: Service) -> None:
    """Has an error of its own, with what the job wrote."""
    FakeJob(service, results=["iteration 7"], statuses=["Cancelled - Ran too long"])
    with pytest.raises(JobRanTooLong) as caught:
        job.result()
    assert caught.value.text == "iteration 7"


def test_job_that_is_cancelled_already(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Notices at once, although its results answer 204 for ever."""
    FakeJob(service, results=[None], statuses=["Cancelled"])
    with pytest.raises(JobCancelled):
        job.result()
    assert service.lines == [RESULTS, STATUS]
    assert fake_time.naps == []


def test_job_cancelled_by_another_hand(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Notices within five polls, without any timeout."""
    FakeJob(service, results=[None], statuses=["Running", "Cancelled"])
    outcome = job.wait()
    assert (outcome.info.status, outcome.text, outcome.polls) == (JobStatus.CANCELLED, None, 6)
    assert fake_time.naps == [2.0] * 5


def test_job_cancelled_by_this_hand(job: Job, service: Service) -> None:
    """Looks at the status after every poll once the handle cancelled the job, as the state may lag behind."""
    FakeJob(service, results=[None], statuses=["Running", "Running", "Running", "Cancelled"])
    job.cancel()
    assert job.wait().polls == 4
    assert service.lines == [f"POST /jobs/{JOB_ID}/cancel"] + [RESULTS, STATUS] * 4


def test_cancelled_job_with_results(job: Job, service: Service) -> None:
    """Is cancelled whatever its results answer."""
    FakeJob(service, results=["partial"], statuses=["Cancelled"])
    with pytest.raises(JobCancelled):
        job.result()


def test_status_every(job: Job, service: Service) -> None:
    """Looks the status up as often as it is told."""
    FakeJob(service, results=[None] * 4 + ["x"], statuses=["Running", "Running", "Completed"])
    job.wait(status_every=3)
    assert service.lines == [RESULTS, STATUS, RESULTS, RESULTS, RESULTS, STATUS, RESULTS, STATUS]


def test_job_that_ends_between_poll_and_look_up(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Asks for the results again at once, without a pause."""
    FakeJob(service, results=[None, "done"], statuses=["Completed"])
    assert job.result() == "done"
    assert service.lines == [RESULTS, STATUS, RESULTS]
    assert fake_time.naps == []


@pytest.mark.parametrize(
    ("results", "status", "message"),
    [
        ("x", "Running", f"the results of job {JOB_ID} are there, but its status is Running"),
        ("x", "Queued", f"the results of job {JOB_ID} are there, but its status is Queued"),
        (None, "Completed", f"job {JOB_ID} is Completed, but its results are not there"),
    ],
)
def test_results_and_status_that_contradict(
    job: Job, service: Service, results: str | None, status: str, message: str
) -> None:
    """Raises `ContractViolation` and does not guess."""
    FakeJob(service, results=[results], statuses=[status])
    with pytest.raises(ContractViolation) as caught:
        job.result()
    assert caught.value.detail == message


def test_timeout_polls_on_the_deadline(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Shortens the last pause so that the last poll, with a look at the status, falls on the deadline."""
    FakeJob(service, results=[None], statuses=["Running"])
    polls: list[Poll] = []
    with pytest.raises(WaitTimeout) as caught:
        job.wait(timeout=5, poll_interval=2, on_poll=polls.append)
    assert fake_time.naps == [2.0, 2.0, 1.0]
    assert [poll.elapsed_s for poll in polls] == [0.0, 2.0, 4.0, 5.0]
    assert [poll.status for poll in polls] == [JobStatus.RUNNING, None, None, JobStatus.RUNNING]
    assert (caught.value.job_id, caught.value.elapsed_s, caught.value.polls) == (JOB_ID, 5.0, 4)
    assert str(caught.value) == f"job {JOB_ID} was not over after 5.0 s (4 polls)"


def test_result_on_the_deadline_counts(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Takes a result that the last poll finds."""
    FakeJob(service, results=[None, None, "x"], statuses=["Running", "Completed"])
    assert job.result(timeout=4, poll_interval=2) == "x"
    assert fake_time.naps == [2.0, 2.0]


def test_no_time_at_all(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Polls exactly once with a timeout of 0."""
    FakeJob(service, results=[None], statuses=["Queued"])
    with pytest.raises(WaitTimeout, match=r"\(1 poll\)"):
        job.wait(timeout=0)
    assert service.lines == [RESULTS, STATUS]
    assert fake_time.naps == []


def test_slow_answers_use_up_the_time(job: Job, service: Service, fake_time: FakeTime) -> None:
    """Polls a last time at once when an answer took longer than there was time."""
    FakeJob(service, results=[None], statuses=["Running"])

    def slow(_: Poll) -> None:
        fake_time.now_s += 100

    with pytest.raises(WaitTimeout) as caught:
        job.wait(timeout=10, on_poll=slow)
    assert caught.value.polls == 2
    assert fake_time.naps == [0.0]


def test_waiting_can_be_interrupted(client: RuntimeClient, service: Service, job: Job) -> None:
    """Lets KeyboardInterrupt and what `on_poll` raises pass, and the same handle wait again."""
    FakeJob(service, results=[None, "x"], statuses=["Running", "Completed"])

    def interrupt(_: Poll) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.wait(on_poll=interrupt)
    assert job.result() == "x"


def test_job_deleted_while_waiting(job: Job, service: Service) -> None:
    """Raises `NotFound` when the job is gone."""
    service.answers(NO_CONTENT, json_answer(error_json("not_found", "no job"), 404))
    with pytest.raises(NotFound):
        job.wait()


@pytest.mark.parametrize(
    ("wait", "name"),
    [
        (lambda job: job.wait(timeout=-1), "timeout"),
        (lambda job: job.wait(timeout=math.nan), "timeout"),
        (lambda job: job.result(timeout=math.inf), "timeout"),
        (lambda job: job.result(poll_interval=-0.1), "poll_interval"),
        (lambda job: job.wait(status_every=0), "status_every"),
    ],
)
def test_waiting_that_makes_no_sense(job: Job, service: Service, wait: Callable[[Job], object], name: str) -> None:
    """Refuses it with the name of the argument, before anything is sent."""
    with pytest.raises(ValueError, match=name):
        wait(job)
    assert service.sent == []


def test_small_methods(job: Job, service: Service) -> None:
    """Forwards each question to its operation and keeps no state."""
    service.answers(
        json_answer(job_json(status="Queued")),
        json_answer(job_json()),
        NO_CONTENT,
        text_answer("log"),
        json_answer(error_json("conflict", "it is over"), 409),
        NO_CONTENT,
    )
    assert job.status() is JobStatus.QUEUED
    assert job.info().status is JobStatus.RUNNING
    assert job.poll() is None
    assert job.logs() == "log"
    with pytest.raises(Conflict):
        job.cancel()
    job.delete()
    assert service.lines == [
        STATUS,
        STATUS,
        RESULTS,
        f"{STATUS}/logs",
        f"POST /jobs/{JOB_ID}/cancel",
        f"DELETE /jobs/{JOB_ID}",
    ]


@pytest.mark.parametrize("status", JobStatus)
def test_final_states(status: JobStatus) -> None:
    """Knows which states a job stays in."""
    assert status.is_final == (status not in {JobStatus.QUEUED, JobStatus.RUNNING})


def job_number(number: int) -> dict[str, object]:
    """Return a job with a number in its id."""
    return job_json(id=f"{number:020d}")


class FakeList:
    """A list of jobs that can grow or shrink between pages."""

    def __init__(self, service: Service, count: int) -> None:
        self.jobs = [job_number(number) for number in range(count, 0, -1)]
        service.route = self.answer

    def answer(self, sent: Sent) -> Scripted:
        """Answer one page."""
        query = dict(pair.split("=") for pair in sent.url.partition("?")[2].split("&"))
        start = int(query["offset"])
        page = self.jobs[start : start + int(query["limit"])]
        return json_answer({"jobs": page, "count": len(self.jobs)})


def test_iter_jobs_until_an_empty_page(client: RuntimeClient, service: Service) -> None:
    """Asks for page after page, and stops at an empty one and not at a short one."""
    FakeList(service, 5)
    assert [int(job.id) for job in client.iter_jobs(page_size=2, pending=True)] == [5, 4, 3, 2, 1]
    assert service.lines == [f"GET /jobs?limit=2&offset={offset}&pending=true" for offset in (0, 2, 4, 5)]


def test_iter_jobs_default_page(client: RuntimeClient, service: Service) -> None:
    """Asks for pages of twenty, and for nothing before the first is wanted."""
    FakeList(service, 0)
    jobs = client.iter_jobs()
    assert service.lines == []
    assert list(jobs) == []
    assert service.lines == ["GET /jobs?limit=20&offset=0"]


def test_iter_jobs_while_the_list_grows(client: RuntimeClient, service: Service) -> None:
    """Yields each job once although new ones push the others onto the next page."""
    jobs = FakeList(service, 4)
    seen = []
    for job in client.iter_jobs(page_size=2):
        seen.append(int(job.id))
        if len(seen) == 1:
            jobs.jobs[:0] = [job_number(6), job_number(5)]
    assert seen == [4, 3, 2, 1]


def test_iter_jobs_with_a_job_twice_on_a_page(client: RuntimeClient, service: Service) -> None:
    """Yields a job once even if one page names it twice."""
    page = {"jobs": [job_number(1), job_number(1)], "count": 1}
    service.answers(json_answer(page), json_answer({"jobs": [], "count": 1}))
    assert [int(job.id) for job in client.iter_jobs()] == [1]


def test_iter_jobs_of_a_service_that_ignores_offset(client: RuntimeClient, service: Service) -> None:
    """Ends with `ContractViolation` where the pages would never end."""
    page = json.dumps({"jobs": [job_number(1), job_number(2)], "count": 2}).encode()
    service.route = lambda _: Scripted(body=page, headers={"Content-Type": "application/json"})
    jobs = client.iter_jobs()
    assert [int(next(jobs).id), int(next(jobs).id)] == [1, 2]
    with pytest.raises(ContractViolation, match="expected no jobs at offset 2 of 2"):
        next(jobs)


def test_default_time_is_real() -> None:
    """Sleeps by the machine's own clock."""
    before = monotonic()
    sleep(0.0)
    assert monotonic() >= before
