"""What faults and people do to the world, through the use cases."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

import pytest

from mock_runtime.domain.backends import Availability
from mock_runtime.domain.errors import (
    BackendNotFound,
    JobAlreadyFinal,
    JobNotFound,
    JobNotRunning,
    ResultsGone,
)
from mock_runtime.domain.jobs import Status
from mock_runtime.domain.results import Output
from mock_runtime.domain.sessions import Mode
from mock_runtime.durations import Fixed, PollCount
from mock_runtime.scenario import InvalidScenario
from mock_runtime.service.happenings import MOST_OUTAGES, UNEXPLAINED
from tests.mock_runtime.service.parts_by_hand import ALICE, BOB, DONE, T0, House, house

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_runtime.domain.jobs import Job


@pytest.fixture
def home() -> House:
    """Jobs that queue for a second and run for two, and are computed at once."""
    return house(output=DONE)


def seen(home: House, job: Job, *after_s: float) -> list[Status]:
    """Where a job stands after each of some lengths of time."""
    found = []
    for seconds in after_s:
        home.clock.advance(seconds)
        found.append(home.status(job))
    return found


QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED = (
    Status.QUEUED,
    Status.RUNNING,
    Status.COMPLETED,
    Status.FAILED,
    Status.CANCELLED,
)


def test_a_job_goes_back_to_the_queue(home: House) -> None:
    """For the length that was ordered, then on; what it used before counts as used."""
    job = home.submit()
    home.clock.advance(2)
    view = home.service.happenings.requeue(job.id, Fixed(5.0))
    assert view.state.status is QUEUED
    assert seen(home, job, 4.9, 0.1, 1.9, 0.1) == [QUEUED, RUNNING, RUNNING, COMPLETED]
    assert home.service.usage.of(ALICE).consumed_s == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("queue", "looks"),
    [
        ("3s", [QUEUED, QUEUED, QUEUED, RUNNING]),
        ("now", [QUEUED, RUNNING, RUNNING, RUNNING]),
        ("2 polls", [QUEUED, QUEUED, RUNNING, RUNNING]),
        ("0 polls", [QUEUED, RUNNING, RUNNING, RUNNING]),
        ("never", [QUEUED, QUEUED, QUEUED, QUEUED]),
    ],
)
def test_without_a_length_it_waits_as_the_scenario_says(queue: str, looks: list[Status]) -> None:
    """But so long that it is seen; plans for next jobs are left alone."""
    home = house(output=DONE, run="9s")
    job = home.submit()
    home.script.set(queue=queue)
    home.script.next_job(queue="77s")
    home.clock.advance(1)
    home.service.happenings.requeue(job.id)
    assert seen(home, job, 0, 1, 1, 1) == looks
    assert len(home.script.current.jobs) == 1


def test_a_job_measured_in_polls_goes_back_for_polls() -> None:
    """Exactly so many answers."""
    home = house(output=DONE, polls=2)
    job = home.submit()
    assert seen(home, job, 0, 0) == [QUEUED, RUNNING]
    with pytest.raises(JobAlreadyFinal):
        home.service.happenings.requeue(job.id)
    other = home.submit()
    home.status(other)
    home.service.happenings.requeue(other.id, PollCount(2))
    assert seen(home, other, 0, 0, 0, 0) == [QUEUED, QUEUED, RUNNING, COMPLETED]


def test_what_cannot_be_requeued_says_why(home: House) -> None:
    """It waits, or it is not there."""
    with pytest.raises(JobNotRunning):
        home.service.happenings.requeue(home.submit().id)
    for happen in (home.service.happenings.requeue, home.service.happenings.finish, home.service.happenings.fail):
        with pytest.raises(JobNotFound):
            happen("nothing")


def test_a_job_ends_at_once(home: House) -> None:
    """As completed, failed for a reason, or cancelled, whoever owns it."""
    done, failed, unexplained, gone = (home.submit(BOB) for _ in range(4))
    happenings = home.service.happenings
    assert happenings.finish(done.id).state.status is COMPLETED
    assert happenings.fail(failed.id, "ValueError: no").state.status is FAILED
    assert happenings.fail(unexplained.id).state.status is FAILED
    assert happenings.cancel(gone.id).state.status is CANCELLED
    jobs = home.service.jobs
    assert jobs.results(BOB, done.id).job.produced == DONE
    assert (jobs.results(BOB, failed.id).job.produced.error or "").endswith("\nValueError: no\n")
    assert UNEXPLAINED in (jobs.results(BOB, unexplained.id).job.produced.error or "")
    for job in (done, failed, unexplained, gone):
        with pytest.raises(JobAlreadyFinal):
            happenings.finish(job.id)


def test_a_job_that_was_to_fail_is_computed_if_it_is_to_end_well() -> None:
    """And ends as soon as that is done."""
    home = house(outcome="failed")
    job = home.submit()
    assert home.service.happenings.finish(job.id).state.status is RUNNING
    home.clock.advance(5)
    home.execution.futures[0].set_result(DONE)
    view = home.service.jobs.results(ALICE, job.id)
    assert (view.state.status, view.state.started_at, view.state.ended_at) == (COMPLETED, T0, T0 + 5)


def test_a_job_that_is_computed_ends_when_that_is_done() -> None:
    """Its computation goes on; that of one which fails or is cancelled is given up."""
    home = house(run="1h", cancel_lag="1h")
    done, failed, gone = (home.submit() for _ in range(3))
    assert home.service.happenings.finish(done.id).state.status is RUNNING
    home.service.happenings.fail(failed.id)
    home.service.happenings.cancel(gone.id)
    assert [future.cancelled() for future in home.execution.futures] == [False, True, True]
    home.execution.futures[0].set_result(DONE)
    assert [home.status(job) for job in (done, failed, gone)] == [COMPLETED, FAILED, CANCELLED]
    assert home.service.jobs.settle(0.0)


def test_a_job_outruns_its_cancellation(home: House) -> None:
    """Which was acknowledged: it ended where it was cancelled."""
    job = home.submit()
    home.clock.advance(2)
    home.service.jobs.cancel(ALICE, job.id)
    state = home.service.happenings.outrun_cancel(job.id).state
    assert (state.status, state.started_at, state.ended_at) == (COMPLETED, T0 + 1, T0 + 2)
    assert home.service.jobs.results(ALICE, job.id).job.produced == DONE


def test_what_outruns_its_cancellation_is_computed_again() -> None:
    """With the same seed, since its computation was given up; one that goes on is left alone."""
    home = house(run="1h")
    job = home.submit()
    home.clock.advance(2)
    home.service.jobs.cancel(ALICE, job.id)
    assert home.service.happenings.outrun_cancel(job.id).state.status is RUNNING
    first, second = home.execution.submissions
    assert first == second
    home.execution.futures[1].set_result(DONE)
    assert home.status(job) is COMPLETED
    home.script.set(cancel_lag="1m")
    slow = home.submit()
    home.service.jobs.cancel(ALICE, slow.id)
    home.service.happenings.outrun_cancel(slow.id)
    home.execution.futures[2].set_result(DONE)
    assert (home.status(slow), len(home.execution.submissions)) == (COMPLETED, 3)


def test_a_lost_result_is_gone_for_everybody(home: House) -> None:
    """Though the job is completed, and has its times and logs; a look without reading finds that out, too."""
    job = home.submit()
    home.clock.advance(3)
    assert home.service.happenings.lose_result(job.id).state.status is COMPLETED
    for ask in (home.service.jobs.results, home.service.jobs.results, home.service.jobs.peek):
        with pytest.raises(ResultsGone):
            ask(ALICE, job.id)
    assert home.status(job) is COMPLETED
    assert home.service.jobs.logs(ALICE, job.id) == "bye\n"


def test_a_result_that_is_withheld_never_comes(home: House) -> None:
    """To who asks for it the job looks as if it were at work, and to who asks for its status it is completed."""
    job = home.submit(private=True)
    home.service.happenings.withhold_result(job.id)
    home.clock.advance(500)
    for ask in (home.service.jobs.results, home.service.jobs.results, home.service.jobs.peek):
        assert ask(ALICE, job.id).state.status is RUNNING
    assert home.status(job) is COMPLETED
    assert home.store.job(job.id).read_at == math.inf


def test_a_look_is_no_reading(home: House) -> None:
    """A private job can be looked at until it was read."""
    job = home.submit(private=True)
    home.clock.advance(3)
    for _ in range(2):
        assert home.service.jobs.peek(ALICE, job.id).state.status is COMPLETED
    home.service.jobs.results(ALICE, job.id)
    with pytest.raises(ResultsGone):
        home.service.jobs.peek(ALICE, job.id)


def test_nothing_happens_to_what_its_session_has_ended(home: House) -> None:
    """It is final, as everybody sees; and a job that goes back into a closed session is cancelled then."""
    batch = home.open(Mode.BATCH)
    early = home.submit(session_id=batch)
    home.clock.advance(1.5)
    late = home.submit(session_id=batch)
    home.service.sessions.cancel(ALICE, batch)
    for happen in (home.service.happenings.finish, home.service.happenings.fail, home.service.happenings.requeue):
        with pytest.raises(JobAlreadyFinal):
            happen(late.id)
    home.clock.advance(1)
    state = home.service.happenings.requeue(early.id, Fixed(9.0)).state
    assert (state.status, state.started_at, state.ended_at) == (CANCELLED, None, T0 + 2.5)
    life = home.service.sessions.get(ALICE, batch).life
    assert (life.usage_s, life.last_ended_at) == (1.5, None)


def test_a_session_remembers_that_a_job_was_at_work(home: House) -> None:
    """Though it is not any more: the longest time of the session counts from then."""
    batch = home.open(Mode.BATCH, max_ttl_s=10)
    job = home.submit(session_id=batch)
    home.clock.advance(2)
    home.service.happenings.requeue(job.id, Fixed(60.0))
    life = home.service.sessions.get(ALICE, batch).life
    assert (life.last_started_at, life.usage_s) == (T0 + 1, 1.0)
    assert seen(home, job, 8.9, 0.1) == [QUEUED, CANCELLED]


def availability(home: House, name: str = "ibm_one") -> tuple[str, str, str]:
    """What somebody is told of a backend, alone and in the list."""
    backend = home.service.backends.get(ALICE, name)
    assert backend in home.service.backends.list(ALICE, mocks=True)
    assert backend in home.service.backends.all()
    return backend.availability.value, backend.reason, backend.message


@pytest.mark.parametrize("order", ["backend_offline", "backend_paused"])
def test_jobs_wait_for_a_backend_that_is_away(home: House, order: str) -> None:
    """Those that are there and those that come; who is at work runs to the end, and other backends go on."""
    at_work = home.submit()
    home.clock.advance(1)
    waiting = home.submit()
    getattr(home.service.happenings, order)("ibm_one", "internal", 10.0)
    assert availability(home) == (order.removeprefix("backend_"), "internal", "")
    come, elsewhere = home.submit(), home.submit(backend="ibm_two")
    home.clock.advance(2)
    assert [home.status(job) for job in (at_work, waiting, come, elsewhere)] == [COMPLETED, QUEUED, QUEUED, RUNNING]
    home.clock.advance(7.9)
    assert [home.status(job) for job in (waiting, come)] == [QUEUED, QUEUED]
    home.clock.advance(0.1)
    assert [home.status(job) for job in (waiting, come)] == [RUNNING, RUNNING]
    assert availability(home) == ("online", "", "")


def test_a_backend_is_away_until_it_is_told_to_come_back(home: House) -> None:
    """Then its jobs begin at once, and it can go away again."""
    home.service.happenings.backend_offline("ibm_one")
    job, patient = home.submit(), home.submit()
    assert home.service.jobs.when(job.id, RUNNING) is None
    home.clock.advance(10_000)
    home.service.happenings.finish(patient.id)
    assert [home.status(job), home.status(patient)] == [QUEUED, COMPLETED]
    assert home.service.happenings.backend_online("*")[0].availability is Availability.ONLINE
    assert home.status(job) is RUNNING
    home.service.happenings.backend_paused("*")
    assert home.status(home.submit(backend="ibm_two")) is QUEUED
    with pytest.raises(BackendNotFound):
        home.service.happenings.backend_online("ibm_none")


def test_a_maintenance_is_announced(home: House) -> None:
    """All backends are paused in it, with its message, and no job begins; what is off line stays so."""
    home.service.happenings.backend_offline("ibm_two")
    job = home.submit()
    home.service.happenings.maintenance(begins_s=0.5, for_s=60.0, message="Back at noon.")
    assert home.service.jobs.when(job.id, RUNNING) == T0 + 60.5
    assert availability(home) == ("online", "", "")
    home.clock.advance(0.5)
    assert availability(home) == ("paused", "maintenance", "Back at noon.")
    assert availability(home, "ibm_two") == ("offline", "", "")
    late = home.submit()
    home.clock.advance(59.9)
    assert [home.status(job), home.status(late)] == [QUEUED, QUEUED]
    home.clock.advance(0.1)
    assert [home.status(job), home.status(late)] == [RUNNING, RUNNING]


def test_a_maintenance_without_an_end_is_ended_by_hand(home: House) -> None:
    """Also one that has not begun."""
    job = home.submit()
    home.service.happenings.maintenance(begins_s=0.5)
    home.service.happenings.backend_online("*")
    assert seen(home, job, 1, 2) == [RUNNING, COMPLETED]


def test_a_requeued_job_waits_for_its_backend(home: House) -> None:
    """Which went away while it was at work."""
    job = home.submit()
    home.clock.advance(1)
    home.service.happenings.backend_offline("ibm_one", for_s=30.0)
    home.service.happenings.requeue(job.id, Fixed(1.0))
    assert seen(home, job, 29.9, 0.1) == [QUEUED, RUNNING]


def test_a_backend_that_its_world_has_off_line_can_be_brought_back() -> None:
    """And is as before after a restart."""
    home = house(output=DONE, backends={"ibm_two": {"availability": Availability.OFFLINE, "reason": "retired"}})
    assert availability(home, "ibm_two") == ("offline", "retired", "")
    home.service.happenings.backend_online("ibm_two")
    assert availability(home, "ibm_two") == ("online", "", "")
    home.reset()
    assert availability(home, "ibm_two") == ("offline", "retired", "")


@pytest.mark.parametrize("length", [-1.0, math.nan])
def test_a_length_that_is_none_is_refused(home: House, length: float) -> None:
    """Nothing has changed then; no time at all, and for ever, are lengths."""
    happenings = home.service.happenings
    orders: list[Callable[[], object]] = [
        lambda: happenings.backend_offline("ibm_one", for_s=length),
        lambda: happenings.maintenance(for_s=length),
        lambda: happenings.maintenance(begins_s=length),
    ]
    for order in orders:
        with pytest.raises(InvalidScenario, match="expected a number of seconds, 0 or more"):
            order()
    assert availability(home) == ("online", "", "")
    assert happenings.backend_offline("ibm_one", for_s=0.0)[0].availability is Availability.ONLINE
    assert happenings.backend_offline("ibm_one", for_s=math.inf)[0].availability is Availability.OFFLINE


def test_outages_that_are_over_are_forgotten(home: House) -> None:
    """However many there were."""
    conditions = home.service.parts.conditions
    for _ in range(500):
        home.service.happenings.backend_paused("*", for_s=1.0)
        home.clock.advance(2)
    assert {len(outages) for outages in conditions.snapshot().values()} == {1}
    home.service.happenings.backend_online("*")
    assert conditions.snapshot() == {}


def test_only_so_many_outages_are_announced(home: House) -> None:
    """What is one too many is refused, for all backends."""
    for number in range(MOST_OUTAGES):
        home.service.happenings.maintenance(begins_s=10.0 * number, for_s=1.0)
    kept = home.service.parts.conditions.snapshot()
    with pytest.raises(InvalidScenario, match="more than 100 outages of a backend"):
        home.service.happenings.maintenance(begins_s=1e6, for_s=1.0)
    assert home.service.parts.conditions.snapshot() == kept
    home.clock.advance(5)
    assert len(home.service.happenings.maintenance(begins_s=1e6, for_s=1.0)) == 4


def test_no_job_slips_through_while_a_backend_goes_away(home: House) -> None:
    """Of many that are submitted at that instant, each waits or was at work before."""
    together, jobs = threading.Barrier(2), list[str]()
    home.script.set(queue="1s")

    def submit() -> None:
        together.wait()
        jobs.extend([home.submit().id for _ in range(200)])

    thread = threading.Thread(target=submit)
    thread.start()
    together.wait()
    home.service.happenings.backend_offline("ibm_one")
    thread.join()
    home.clock.advance(10)
    assert {home.service.jobs.get(ALICE, job).state.status for job in jobs} == {QUEUED}


def test_an_output_that_comes_too_late_changes_nothing() -> None:
    """The job has failed meanwhile."""
    home = house()
    job = home.submit()
    assert home.execution.futures[0].set_running_or_notify_cancel()
    home.service.happenings.fail(job.id, "E")
    home.execution.futures[0].set_result(Output(result="late"))
    assert home.service.jobs.results(ALICE, job.id).job.produced.result is None
