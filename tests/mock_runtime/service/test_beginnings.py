"""Jobs and sessions that are there at the start."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mock_runtime.domain.errors import ResultsGone
from mock_runtime.domain.instances import OPEN_PLAN, Caller
from mock_runtime.domain.jobs import State, Status
from mock_runtime.domain.results import Output, failure
from mock_runtime.domain.sessions import Mode, SessionState
from mock_runtime.durations import NEVER, Fixed, PollCount
from mock_runtime.service import InvalidBeginning, Limits
from mock_runtime.worlds.beginnings import Beginnings, JobBeginning, Moment, SessionBeginning
from tests.mock_runtime.service.parts_by_hand import ALICE, BOB, DONE, T0, House, house, instance_of

FREE = Caller("eve", "Eve", instance=instance_of("eves", OPEN_PLAN))
CALLERS = {None: ALICE, "bob": BOB, "eve": FREE}


def find_caller(owner: str | None, _instance: str | None) -> Caller:
    """Who that is; LookupError."""
    try:
        return CALLERS[owner]
    except KeyError:
        raise LookupError(f"nobody is called {owner!r}") from None


def begun(home: House, *jobs: JobBeginning, sessions: tuple[SessionBeginning, ...] = ()) -> House:
    """The house with these jobs and sessions."""
    home.service.begin(
        Beginnings(sessions=sessions, jobs=jobs),
        find_caller=find_caller,
        as_inputs=lambda inputs: ("inputs", inputs),
    )
    return home


def job(**said: Any) -> JobBeginning:
    """A job of the sampler."""
    return JobBeginning(**{"program": "sampler", "where": "world.yaml:7", **said})


def session(key: str = "s", **said: Any) -> SessionBeginning:
    """A batch."""
    return SessionBeginning(**{"key": key, "mode": Mode.BATCH, "where": "world.yaml:3", **said})


def ago(seconds: float) -> Moment:
    """So long before the start."""
    return Moment(-seconds)


def states(home: House, caller: Caller = ALICE) -> list[State]:
    """Where the caller's jobs stand, oldest first."""
    return [home.service.jobs.metrics(caller, job_id).state for job_id in reversed(home.listed(caller))]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"status": Status.QUEUED}, State(Status.QUEUED)),
        ({"status": Status.QUEUED, "submitted": ago(500)}, State(Status.QUEUED)),
        ({"status": Status.RUNNING}, State(Status.RUNNING, T0)),
        ({"status": Status.RUNNING, "started": ago(60)}, State(Status.RUNNING, T0 - 60)),
        ({"status": Status.RUNNING, "submitted": ago(60), "started": ago(9)}, State(Status.RUNNING, T0 - 9)),
        ({}, State(Status.COMPLETED, T0 - 2, T0)),
        ({"submitted": ago(60)}, State(Status.COMPLETED, T0 - 59, T0 - 57)),
        ({"submitted": ago(1)}, State(Status.COMPLETED, T0 - 1, T0)),
        ({"started": ago(60)}, State(Status.COMPLETED, T0 - 60, T0 - 58)),
        ({"ended": ago(60)}, State(Status.COMPLETED, T0 - 62, T0 - 60)),
        (
            {"submitted": ago(9), "started": ago(8), "ended": Moment(T0 - 4, is_instant=True)},
            State(Status.COMPLETED, T0 - 8, T0 - 4),
        ),
        ({"status": Status.FAILED, "started": ago(60)}, State(Status.FAILED, T0 - 60, T0 - 58)),
        ({"status": Status.RAN_TOO_LONG, "ended": ago(9)}, State(Status.RAN_TOO_LONG, T0 - 11, T0 - 9)),
        ({"status": Status.CANCELLED, "ended": ago(9)}, State(Status.CANCELLED, None, T0 - 9)),
        ({"status": Status.CANCELLED, "started": ago(9)}, State(Status.CANCELLED, T0 - 9, T0 - 7)),
        ({"status": Status.CANCELLED, "cancelled": ago(9), "ended": ago(9)}, State(Status.CANCELLED, None, T0 - 9)),
    ],
)
def test_a_job_is_there_in_its_state(said: dict[str, Any], state: State) -> None:
    """What is not said of its times fits to what is."""
    home = begun(house(output=DONE), job(**said))
    assert states(home) == [state]
    view = home.service.jobs.all().jobs[0].view
    assert view.job.submitted_at <= (state.started_at or state.ended_at or T0)
    home.clock.advance(10_000)
    assert states(home)[0].status.is_final


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ({"status": Status.QUEUED, "submitted": ago(60)}, State(Status.COMPLETED, T0 + 1, T0 + 3)),
        (
            {"status": Status.QUEUED, "queue": Fixed(5.0), "run": Fixed(7.0)},
            State(Status.COMPLETED, T0 + 5, T0 + 12),
        ),
        ({"status": Status.QUEUED, "queue": NEVER}, State(Status.QUEUED)),
        ({"status": Status.RUNNING, "started": ago(60)}, State(Status.COMPLETED, T0 - 60, T0 + 2)),
        ({"status": Status.RUNNING, "run": Fixed(9.0)}, State(Status.COMPLETED, T0, T0 + 9)),
        ({"status": Status.RUNNING, "ending": Status.FAILED}, State(Status.FAILED, T0, T0 + 2)),
        ({"status": Status.RUNNING, "ending": Status.CANCELLED}, State(Status.CANCELLED, T0, T0 + 2)),
        ({"status": Status.RUNNING, "run": NEVER, "cost_s": 20}, State(Status.RAN_TOO_LONG, T0, T0 + 20)),
        ({"status": Status.QUEUED, "cancelled": Moment(0.5)}, State(Status.CANCELLED, None, T0 + 0.5)),
    ],
)
def test_a_job_goes_on_from_there(said: dict[str, Any], after: State) -> None:
    """By the scenario, or as its description says; lengths count from the start."""
    home = begun(house(output=DONE), job(**said))
    home.clock.advance(50)
    assert states(home) == [after]


def test_a_job_may_be_measured_in_polls() -> None:
    """From the start on."""
    home = begun(house(output=DONE), job(status=Status.QUEUED, queue=PollCount(1), run=PollCount(1)))
    seen = [home.service.jobs.get(ALICE, home.listed()[0]).state.status for _ in range(3)]
    assert seen == [Status.QUEUED, Status.RUNNING, Status.COMPLETED]


def test_a_job_has_what_its_description_says() -> None:
    """Its id, whose it is, where it runs, its inputs and tags."""
    home = house(output=DONE)
    said = {"id": "c2b04fot418h0qp0peh0", "owner": "bob", "backend": "ibm_two", "tags": ("a",), "inputs": {"x": 1}}
    begun(home, job(**said, private=True, cost_s=60, image="i", calibration_id="c", cancel_lag_s=4.0))
    found = home.service.jobs.all().jobs[0].view.job
    assert (found.id, found.owner, found.user, found.backend) == (
        *("c2b04fot418h0qp0peh0", BOB.tenant, "bob"),
        "ibm_two",
    )
    assert (found.inputs, found.tags, found.private, found.cost_s, found.image) == (
        *(("inputs", {"x": 1}), ("a",), True, 60),
        "i",
    )
    assert (found.calibration_id, found.timeline.cancel_lag_s, found.number) == ("c", 4.0, 1)
    assert (found.submission, home.submit().submission) == (0, 1)


@pytest.mark.parametrize(
    ("said", "output"),
    [
        ({"output": Output(result=[1])}, Output(result=[1])),
        ({}, DONE),
        ({"status": Status.FAILED, "output": failure("E")}, failure("E")),
        ({"status": Status.CANCELLED}, Output()),
        ({"status": Status.RAN_TOO_LONG}, Output()),
    ],
)
def test_a_job_leaves_what_is_described_or_computed(said: dict[str, Any], output: Output) -> None:
    """What was cancelled or ran too long leaves nothing, if nothing is described."""
    home = begun(house(output=DONE), job(**said))
    assert home.service.jobs.peek(ALICE, home.listed()[0]).job.produced == output


def test_a_job_that_failed_has_a_reason_all_the_same() -> None:
    """That of the scenario."""
    home = begun(house(reason="ValueError: no", outcome="completed"), job(status=Status.FAILED))
    error = home.service.jobs.results(ALICE, home.listed()[0]).job.produced.error
    assert error is not None
    assert error.endswith("ValueError: no\n")
    assert home.execution.submissions == []


def test_a_result_of_the_scenario_is_that_of_a_job_that_was_there() -> None:
    """Nothing is computed then."""
    home = begun(house(result={"x": 1}), job())
    assert home.service.jobs.results(ALICE, home.listed()[0]).job.produced.result == {"x": 1}


def test_a_completed_job_is_at_work_until_it_is_computed() -> None:
    """Then it has ended where it was said to have ended; also after a rollback meanwhile."""
    home = begun(house(), job(ended=ago(60)), job(status=Status.QUEUED))
    assert [state.status for state in states(home)] == [Status.RUNNING, Status.QUEUED]
    home.service.rollback(home.service.snapshot())
    home.clock.advance(5)
    for future in home.execution.futures[2:]:
        future.set_result(DONE)
    assert home.service.jobs.settle(0.0)
    assert states(home) == [State(Status.COMPLETED, T0 - 62, T0 - 60), State(Status.COMPLETED, T0 + 1, T0 + 5)]


def test_what_a_completed_job_computes_may_be_a_failure() -> None:
    """Then it has failed."""
    home = begun(house(), job(ended=ago(60)))
    home.execution.futures[0].set_result(failure("E"))
    assert states(home) == [State(Status.FAILED, T0 - 62, T0 - 60)]


def test_the_results_of_a_private_job_may_have_been_read() -> None:
    """They are gone."""
    home = begun(house(output=DONE), job(private=True, read=ago(1), ended=ago(2)))
    with pytest.raises(ResultsGone):
        home.service.jobs.results(ALICE, home.listed()[0])


def test_a_job_that_was_cancelled_may_have_outrun_that() -> None:
    """Then it is computed after all."""
    home = begun(house(), job(status=Status.CANCELLED, ended=ago(9)))
    job_id = home.listed()[0]
    assert home.execution.submissions == []
    assert home.service.jobs.logs(ALICE, job_id) == ""
    home.service.happenings.outrun_cancel(job_id)
    home.execution.futures[0].set_result(DONE)
    assert home.service.jobs.results(ALICE, job_id).job.produced == DONE


def test_a_result_may_be_lost_or_withheld() -> None:
    """Of a job that was there; of one which is not over it will be withheld."""
    home = begun(house(output=DONE), job(id="a", lost=True), job(id="b", withheld=True))
    begun(home, job(id="c", status=Status.RUNNING, withheld=True))
    home.clock.advance(50)
    with pytest.raises(ResultsGone):
        home.service.jobs.results(ALICE, "a")
    for job_id in ("b", "c"):
        assert home.service.jobs.results(ALICE, job_id).state.status is Status.RUNNING
        assert home.service.jobs.get(ALICE, job_id).state.status is Status.COMPLETED


def test_a_session_is_there_with_its_jobs() -> None:
    """On its backend; it lives on by its jobs."""
    home = begun(
        house(output=DONE),
        job(session="s", status=Status.RUNNING, started=ago(5)),
        sessions=(
            session(id="x", backend="ibm_two", opened=ago(60), max_ttl_s=10, interactive_ttl_s=3, active_ttl_s=4),
        ),
    )
    view = home.service.sessions.get(ALICE, "x")
    assert (view.session.created_at, view.session.max_ttl_s, view.session.interactive_ttl_s) == (T0 - 60, 10, 3)
    assert (view.session.active_ttl_s, view.life.state) == (4, SessionState.ACTIVE)
    assert home.service.jobs.all().jobs[0].view.job.backend == "ibm_two"
    home.clock.advance(5)
    assert home.service.sessions.get(ALICE, "x").life.first(SessionState.CLOSED) == T0 + 5


def test_a_session_may_be_over() -> None:
    """Stopped, or closed; it has an id and the lengths of a new one if nothing is said."""
    home = begun(
        house(output=DONE),
        sessions=(
            session("a", opened=ago(60), stopped=ago(30)),
            session("b", opened=ago(60), closed=ago(30)),
            session("c", owner="bob", mode=Mode.DEDICATED),
        ),
    )
    found = home.service.sessions.all().sessions
    assert [view.life.first(SessionState.CLOSED) for view in found] == [None, T0 - 30, T0 - 30]
    assert [view.session.owner for view in found] == [BOB.tenant, ALICE.tenant, ALICE.tenant]
    assert len({view.session.id for view in found}) == 3
    assert found[0].session.max_ttl_s == 28_800


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"program": "none"}, "no program 'none'"),
        ({"program": "secret"}, "no program 'secret'"),
        ({"backend": "ibm_none"}, "no backend 'ibm_none'"),
        ({"owner": "dave"}, "nobody is called 'dave'"),
        ({"session": "none"}, "no session 'none' is described"),
        ({"session": "s", "owner": "bob"}, "no session 'the-session'"),
        ({"session": "s", "backend": "ibm_one"}, "session 'the-session' does not run on backend 'ibm_one'"),
        ({"session": "s", "submitted": ago(99)}, "it was submitted before its session was opened"),
        ({"session": "closed", "status": Status.QUEUED}, "it is to be queued, and all in all it would be cancelled"),
        ({"id": "there"}, "there is a job 'there' already"),
        ({"submitted": Moment(5)}, "submitted: expected an instant that is not after the start, found one 5 s later"),
        ({"started": Moment(math.nan)}, "started: expected an instant that is not after the start"),
        ({"status": Status.QUEUED, "started": ago(5)}, "what is queued has neither started nor ended"),
        ({"status": Status.RUNNING, "ended": ago(5)}, "what is running has not ended"),
        ({"submitted": ago(5), "started": ago(6)}, "it started before it was submitted"),
        ({"started": ago(5), "ended": ago(6)}, "it ended before that"),
        ({"status": Status.QUEUED, "cancelled": ago(5)}, "its cancellation has taken effect already"),
        ({"status": Status.RUNNING, "started": ago(11_000)}, "it is to be running, and all in all it would be ran-too"),
        ({"status": Status.FAILED, "withheld": True}, "what ended badly withholds no result"),
        ({"status": Status.QUEUED, "lost": True}, "only a completed job has lost its result"),
        ({"output": failure("E")}, "it is to be completed, and all in all it would be failed"),
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, Any], sentence: str) -> None:
    """With its place and the reason, and nothing is there then."""
    home = house(output=DONE)
    opened = (
        session(id="the-session", backend="ibm_two", opened=ago(60)),
        session("closed", opened=ago(60), closed=ago(30)),
    )
    with pytest.raises(InvalidBeginning) as refused:
        begun(home, job(id="there"), job(**said), sessions=opened)
    assert str(refused.value).startswith(f"world.yaml:7: {sentence}")
    assert (home.listed(), home.service.sessions.all().count) == ([], 0)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"opened": Moment(1)}, "opened: expected an instant that is not after the start, found one 1 s later"),
        ({"stopped": Moment(1)}, "stopped: expected"),
        ({"closed": Moment(1)}, "closed: expected"),
        ({"opened": ago(1), "closed": ago(2)}, "it was stopped or closed before it was opened"),
        ({"backend": "ibm_none"}, "no backend 'ibm_none'"),
        ({"owner": "dave"}, "nobody is called 'dave'"),
        ({"owner": "eve", "mode": Mode.DEDICATED}, "a dedicated session is not possible on the open plan"),
        ({"id": "there"}, "there is a session 'there' already"),
    ],
)
def test_a_session_that_cannot_be_is_refused(said: dict[str, Any], sentence: str) -> None:
    """With its place and the reason, and nothing is there then."""
    home = house(output=DONE)
    with pytest.raises(InvalidBeginning) as refused:
        begun(home, sessions=(session("a", id="there"), session("b", **said)))
    assert str(refused.value).startswith(f"world.yaml:3: {sentence}")
    assert home.service.sessions.all().count == 0


def test_what_is_there_counts_as_used() -> None:
    """By its instance, in this period."""
    home = begun(house(output=DONE, limits=Limits()), job(started=ago(60), ended=ago(20)))
    assert home.service.usage.of(ALICE).consumed_s == 40.0


def test_jobs_that_are_there_wait_for_a_backend_that_is_away() -> None:
    """If it went away before they were put there."""
    home = house(output=DONE)
    home.service.happenings.backend_offline("ibm_one", for_s=60.0)
    begun(home, job(status=Status.QUEUED))
    home.clock.advance(59)
    assert states(home) == [State(Status.QUEUED)]
