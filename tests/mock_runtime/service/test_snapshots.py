"""A world that is put back as it was."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from mock_runtime.domain.errors import TooManyRequests
from mock_runtime.domain.jobs import Status
from mock_runtime.domain.results import Output
from mock_runtime.domain.sessions import Mode
from mock_runtime.service import CreateProgram, Limits
from mock_runtime.store.memory import MemoryStore
from tests.mock_runtime.service.parts_by_hand import ALICE, BOB, DONE, MINE, T0, House, house


def picture(home: House) -> object:
    """All that callers can tell of a world."""
    service = home.service
    return (
        [service.jobs.all(limit=1000), service.sessions.all(), service.backends.all()],
        [service.usage.of(caller) for caller in (ALICE, BOB)],
        [program.id for program in service.programs.list(ALICE)],
        home.script.current,
        service.usage.limit(ALICE),
    )


def disturb(home: House) -> None:
    """Change everything that can be changed."""
    for view in home.service.jobs.all(limit=1000).jobs[::2]:
        home.service.happenings.fail(view.view.job.id)
    first = home.service.jobs.all(limit=1000).jobs[-1].view.job
    home.service.jobs.delete(ALICE, first.id)
    home.submit(session_id=home.open(Mode.BATCH))
    home.script.set(run="9h")
    home.service.happenings.backend_offline("*")
    home.service.usage.set_limit(ALICE, 5)
    home.service.programs.create(CreateProgram(caller=ALICE, name="mine", source=b""))
    home.clock.advance(50)


def test_everything_is_as_it_was() -> None:
    """Twice, whatever happened in between; and it goes on as it would have gone on."""
    home = house(output=DONE)
    home.script.next_job(run="1h")
    home.script.next_job(run="2h")
    batch = home.open(Mode.BATCH)
    for number in range(4):
        home.submit(session_id=batch if number % 2 else None, tags=(str(number),))
    home.clock.advance(1.5)
    home.service.happenings.backend_paused("ibm_two", "internal", 60.0)
    kept, before = home.service.snapshot(), picture(home)
    next_ids = [home.submit().id, home.open(Mode.BATCH)]
    for _ in range(2):
        home.service.rollback(kept)
        assert picture(home) == before
        assert [home.submit().id, home.open(Mode.BATCH)] == next_ids
        disturb(home)
        home.clock.set(T0 + 1.5)
    home.service.rollback(kept)
    assert picture(home) == before


def test_plans_for_next_jobs_are_there_again() -> None:
    """Those that were used up since."""
    home = house(output=DONE)
    home.script.next_job(queue="1h")
    kept = home.service.snapshot()
    home.submit()
    assert home.script.current.jobs == ()
    home.service.rollback(kept)
    job = home.submit()
    home.clock.advance(60)
    assert home.status(job) is Status.QUEUED


def test_submissions_of_before_count_again() -> None:
    """And those since do not."""
    home = house(output=DONE, limits=Limits(jobs_per_minute=2))
    home.submit()
    kept = home.service.snapshot()
    for _ in range(2):
        home.submit()
        with pytest.raises(TooManyRequests):
            home.submit()
        home.service.rollback(kept)


def test_what_was_computed_then_is_computed_again() -> None:
    """With the same seed; what is computed for others is given up."""
    home = house()
    job, other = home.submit(), home.submit()
    home.execution.futures[1].set_result(DONE)
    kept = home.service.snapshot()
    home.execution.futures[0].set_result(Output(result="first"))
    later = home.submit()
    home.clock.advance(10)
    for number in (3, 4):
        home.service.rollback(kept)
        assert home.execution.submissions[number] == home.execution.submissions[0]
        assert home.execution.futures[number - 1].cancelled()
        assert home.listed() == [other.id, job.id]
        assert home.status(job) is Status.RUNNING
    home.execution.futures[4].set_result(Output(result="again"))
    assert home.service.jobs.results(ALICE, job.id).job.produced.result == "again"
    assert home.service.jobs.results(ALICE, other.id).job.produced == DONE
    assert later.id not in home.listed()
    assert home.service.jobs.settle(0.0)


def test_what_was_given_up_stays_so() -> None:
    """A job that was cancelled is not computed after a rollback."""
    home = house()
    job = home.submit()
    home.service.jobs.cancel(ALICE, job.id)
    kept = home.service.snapshot()
    home.service.rollback(kept)
    assert (len(home.execution.submissions), home.status(job)) == (1, Status.CANCELLED)


def test_an_output_may_be_there_at_once_after_a_rollback() -> None:
    """It is computed at the instant of the rollback then."""
    home = house()
    job = home.submit()
    kept = home.service.snapshot()
    home.clock.advance(7)
    home.execution.output = DONE
    home.service.rollback(kept)
    view = home.service.jobs.get(ALICE, job.id)
    assert (view.state.status, view.state.ended_at) == (Status.COMPLETED, home.clock.now())


def test_a_job_whose_backend_is_gone_fails_after_a_rollback() -> None:
    """Into a world without it."""
    home, smaller = house(), house(backends={"ibm_two": {"name": "ibm_other"}})
    job = home.submit(backend="ibm_two")
    smaller.service.rollback(home.service.snapshot())
    smaller.clock.advance(10)
    view = smaller.service.jobs.get(ALICE, job.id)
    assert "no backend 'ibm_two' to run this job on" in (view.job.produced.error or "")


def test_a_snapshot_can_be_put_into_another_world() -> None:
    """Which goes on by itself, with a seed of its own."""
    home, other = house(output=DONE), house(output=DONE, seed=9)
    job = home.submit()
    other.service.rollback(home.service.snapshot())
    assert [other.status(job), other.listed()] == [Status.QUEUED, [job.id]]
    other.service.jobs.delete(ALICE, job.id)
    assert (home.listed(), other.listed()) == ([job.id], [])


def test_a_store_knows_its_own_snapshots() -> None:
    """Another's are refused, and nothing has changed."""
    home = house(output=DONE)
    home.submit()
    kept = home.service.snapshot()
    with pytest.raises(TypeError, match="expected a snapshot of a store in memory, found str"):
        home.service.rollback(replace(kept, store="a text"))
    assert len(home.listed()) == 1
    assert repr(kept.store) == "<MemorySnapshot of 1 jobs and 0 sessions>"


def test_a_snapshot_is_whole_while_jobs_are_submitted() -> None:
    """After each rollback the next number is that of no job which is there."""
    home = house(output=DONE)
    stop = threading.Event()

    def submit() -> None:
        while not stop.is_set():
            home.submit()

    thread = threading.Thread(target=submit)
    thread.start()
    kept = [home.service.snapshot() for _ in range(50)]
    stop.set()
    thread.join()
    for each in kept:
        home.service.rollback(each)
        jobs, _ = home.store.all_jobs()
        job = home.submit()
        assert job.number == len(jobs) + 1
        assert job.id not in {known.id for known in jobs}


def test_a_restart_is_a_beginning() -> None:
    """Without jobs, outages, limits, plans and submissions."""
    home = house(output=DONE, limits=Limits(jobs_per_minute=1))
    before = picture(home)
    job = home.submit()
    disturbed = home.service.happenings.backend_offline("*")
    home.service.usage.set_limit(ALICE, 5)
    home.script.set(run="9h")
    home.service.restart()
    assert picture(home) == before
    assert home.submit().id == job.id
    assert disturbed[0] not in home.service.backends.all()


def test_limits_and_logins_and_books_are_kept_in_a_snapshot() -> None:
    """Of each tenant."""
    store = MemoryStore()
    store.set_limit(MINE.crn, 5)
    kept = store.snapshot()
    store.restart(())
    assert store.limit(MINE.crn, None) is None
    store.rollback(kept)
    assert store.limit(MINE.crn, None) == 5
