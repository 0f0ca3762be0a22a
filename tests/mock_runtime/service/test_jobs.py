"""Jobs: who may submit what, where, and how often; what lists show; what is read once."""

from __future__ import annotations

from typing import Any

import pytest

from mock_runtime.domain.errors import (
    BackendNotFound,
    JobAlreadyFinal,
    JobNotFound,
    ProgramNotFound,
    ResultsGone,
    SessionNotFound,
    TooManyRequests,
    WrongBackend,
)
from mock_runtime.domain.instances import Caller
from mock_runtime.domain.jobs import Status
from mock_runtime.domain.sessions import Mode
from mock_runtime.scenario import plan
from mock_runtime.service import Limits, ListJobs, SubmitJob
from tests.mock_runtime.service.parts_by_hand import ALICE, ANNA, BOB, DONE, T0, House, house, instance_of


@pytest.fixture
def home() -> House:
    """Use cases whose jobs are computed at once."""
    return house(output=DONE)


def test_a_job_is_of_its_instance_and_its_user(home: House) -> None:
    """Whoever works on the same instance sees it, and nobody else."""
    job = home.submit()
    assert (job.owner, job.user) == (ALICE.tenant, "alice")
    assert home.status(job, ANNA) is Status.QUEUED
    home.service.jobs.tag(ANNA, job.id, ("a",))
    for attempt in (
        lambda: home.service.jobs.get(BOB, job.id),
        lambda: home.service.jobs.results(BOB, job.id),
        lambda: home.service.jobs.logs(BOB, job.id),
        lambda: home.service.jobs.metrics(BOB, job.id),
        lambda: home.service.jobs.tag(BOB, job.id, ()),
        lambda: home.service.jobs.cancel(BOB, job.id),
        lambda: home.service.jobs.delete(BOB, job.id),
    ):
        with pytest.raises(JobNotFound):
            attempt()
    assert (home.listed(), home.listed(BOB), home.listed(ANNA)) == ([job.id], [], [job.id])
    assert home.service.jobs.get(ALICE, job.id).job.tags == ("a",)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"program_id": "nothing"}, ProgramNotFound),
        ({"program_id": "secret"}, ProgramNotFound),
        ({"program_id": "sampler", "backend": "nowhere"}, BackendNotFound),
        ({"program_id": "sampler", "session_id": "none"}, SessionNotFound),
    ],
)
def test_what_cannot_be_submitted(home: House, fields: dict[str, Any], error: type[Exception]) -> None:
    """Nothing is kept of it, and nothing begun."""
    with pytest.raises(error):
        home.service.jobs.submit(SubmitJob(caller=ALICE, **fields))
    assert home.listed() == []
    assert home.execution.submissions == []


def test_an_instance_runs_where_it_may() -> None:
    """Also if the backend is that of the world that nobody named."""
    home = house(output=DONE)
    limited = Caller("alice", "Alice", instance=instance_of("limited", backends=("ibm_two",)))
    assert home.submit(limited, backend="ibm_two").backend == "ibm_two"
    for backend in ("ibm_one", None):
        with pytest.raises(BackendNotFound):
            home.submit(limited, backend=backend)


def test_a_job_of_a_session_is_of_its_instance_and_backend(home: House) -> None:
    """The session of another does not exist, whoever knows its id."""
    session = home.open(Mode.BATCH, backend="ibm_two")
    assert home.submit(session_id=session, backend="ibm_two").session_id == session
    assert home.submit(ANNA, session_id=session, backend="ibm_two").user == "anna"
    with pytest.raises(SessionNotFound):
        home.submit(BOB, session_id=session, backend="ibm_two")
    with pytest.raises(WrongBackend):
        home.submit(session_id=session, backend="ibm_one")


def test_the_longest_time_is_the_least_of_all(home: House) -> None:
    """Of the program, the kind of backend, and what the job asks for; asking for more gives no more."""

    def limit(**fields: Any) -> float:
        return home.submit(**fields).timeline.limit_s

    assert limit() == 10_800
    assert limit(cost_s=60) == 60
    assert limit(cost_s=10**9) == 10_800
    short = house(output=DONE, limits=Limits(simulator_run_s=100, device_run_s=200))
    assert short.submit(backend="simulator").timeline.limit_s == 100
    assert short.submit(backend="ibm_two").timeline.limit_s == 200


def test_so_many_jobs_a_minute() -> None:
    """Of each user; the refusal says when there is room again."""
    home = house(output=DONE, limits=Limits(jobs_per_minute=2))
    home.submit()
    home.clock.advance(20)
    home.submit()
    home.clock.advance(15)
    with pytest.raises(TooManyRequests, match="more than 2 jobs in 60 seconds") as refused:
        home.submit()
    assert (refused.value.limit, refused.value.retry_after_s) == (2, 25)
    home.submit(ANNA)
    home.submit(BOB)
    home.clock.advance(24.9)
    with pytest.raises(TooManyRequests) as again:
        home.submit()
    assert again.value.retry_after_s == pytest.approx(0.1)
    home.clock.advance(0.1)
    home.submit()
    with pytest.raises(TooManyRequests) as once_more:
        home.submit()
    assert once_more.value.retry_after_s == 20


def test_a_refused_submission_counts_for_nothing() -> None:
    """Neither as one of the minute nor as a number, nor does it use up a plan."""
    home = house(output=DONE, limits=Limits(jobs_per_minute=1))
    home.script.next_job(outcome="failed")
    with pytest.raises(BackendNotFound):
        home.submit(backend="nowhere")
    first = home.submit()
    assert (first.number, first.timeline.ending) == (1, Status.FAILED)


def test_as_many_as_one_likes() -> None:
    """Unless somebody says so."""
    home = house(output=DONE)
    for _ in range(50):
        home.submit()
    assert len(home.listed()) == 50


def test_results_of_a_private_job_are_read_once(home: House) -> None:
    """Looking at its state, or too early, is no reading."""
    job = home.submit(private=True)
    assert home.service.jobs.results(ALICE, job.id).state.status is Status.QUEUED
    home.clock.advance(5)
    assert home.status(job) is Status.COMPLETED
    assert home.service.jobs.metrics(ALICE, job.id).usage_s == 2
    assert home.service.jobs.results(ALICE, job.id).job.produced == DONE
    with pytest.raises(ResultsGone, match=job.id):
        home.service.jobs.results(ALICE, job.id)
    assert home.status(job) is Status.COMPLETED


def test_lists_are_filtered(home: House) -> None:
    """All conditions have to hold; the count is that of all that meet them."""
    session = home.open(Mode.BATCH)
    first = home.submit(tags=("a", "b"), backend="ibm_one").id
    home.clock.advance(10)
    second = home.submit(tags=("a",), backend="ibm_two", session_id=session).id
    home.clock.advance(1)
    third = home.submit(backend="ibm_two").id
    assert home.listed() == [third, second, first]
    assert home.listed(ascending=True) == [first, second, third]
    assert home.listed(limit=1, offset=1) == [second]
    assert home.listed(backend="ibm_two", limit=1) == [third]
    assert home.listed(backend="ibm_two", tags=frozenset({"a"})) == [second]
    assert home.listed(tags=frozenset({"a", "b"})) == [first]
    assert home.listed(session_id=session) == [second]
    assert home.listed(program_id="sampler", limit=2) == [third, second]
    assert home.listed(program_id="estimator") == []
    assert home.listed(created_after=T0 + 10) == [third, second]
    assert home.listed(created_before=T0 + 10) == [second, first]
    assert home.listed(pending=True) == [third, second]
    assert home.listed(pending=False) == [first]
    assert home.listed(pending=True, limit=1, offset=1, ascending=True) == [third]
    page = home.service.jobs.list(ListJobs(caller=ALICE, limit=1, offset=0, backend="ibm_two", pending=True))
    assert (len(page.jobs), page.count) == (1, 2)
    assert home.service.jobs.list(ListJobs(caller=ALICE, limit=1, offset=9)).count == 3


def test_looking_at_a_list_moves_no_job() -> None:
    """Not even one whose phases are measured in polls."""
    home = house(output=DONE, polls=2)
    job = home.submit()
    every: tuple[dict[str, Any], ...] = ({}, {"pending": True}, {"tags": frozenset()}, {"backend": "ibm_one"})
    for filters in every:
        assert home.listed(**filters) == [job.id]
    home.service.jobs.metrics(ALICE, job.id)
    states = [home.status(job) for _ in range(3)]
    assert states == [Status.QUEUED, Status.RUNNING, Status.COMPLETED]


def test_tags_are_searched(home: House) -> None:
    """Whatever their case; sorted, eight of them, and only those of the instance."""
    for number in range(9):
        home.submit(tags=(f"Bell-{8 - number}", "other"))
    home.submit(BOB, tags=("bell-bob",))
    assert home.service.jobs.tags(ALICE, "bELL") == [f"Bell-{number}" for number in range(8)]
    assert home.service.jobs.tags(ALICE, "nothing") == []


def test_a_final_job_cannot_be_cancelled(home: House) -> None:
    """Nor one that was cancelled."""
    job = home.submit()
    home.service.jobs.cancel(ALICE, job.id)
    with pytest.raises(JobAlreadyFinal, match="cancelled"):
        home.service.jobs.cancel(ALICE, job.id)
    done = home.submit()
    home.clock.advance(3)
    with pytest.raises(JobAlreadyFinal, match="completed"):
        home.service.jobs.cancel(ALICE, done.id)


def test_a_deleted_job_is_in_no_list(home: House) -> None:
    """And frees no usage."""
    job = home.submit()
    home.clock.advance(10)
    home.service.jobs.delete(ALICE, job.id)
    assert home.listed() == home.listed(pending=False) == []
    assert home.service.usage.of(ALICE).consumed_s == 2
    with pytest.raises(JobNotFound):
        home.service.jobs.delete(ALICE, job.id)


def test_what_its_session_has_ended_is_not_planned_anew(home: House) -> None:
    """It is final for everybody."""
    batch = home.open(Mode.BATCH)
    job = home.submit(session_id=batch)
    home.service.sessions.cancel(ALICE, batch)
    with pytest.raises(JobAlreadyFinal):
        home.service.jobs.replan(job.id, plan({"run": "1h"}))
    assert home.service.jobs.metrics(ALICE, job.id).state.status is Status.CANCELLED
