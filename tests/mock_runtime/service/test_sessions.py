"""Sessions and batches, and what becomes of the jobs in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mock_runtime.domain.errors import BackendNotFound, JobAlreadyFinal, ModeNotAllowed, SessionClosed, SessionNotFound
from mock_runtime.domain.instances import OPEN_PLAN, Caller
from mock_runtime.domain.jobs import Status
from mock_runtime.domain.sessions import FIRST_JOB_TTL_S, Mode, Reason, SessionState
from mock_runtime.service import OpenSession
from mock_runtime.service.views import view_members, view_session
from tests.mock_runtime.service.parts_by_hand import ALICE, ANNA, BOB, DONE, T0, House, house, instance_of


@pytest.fixture
def home() -> House:
    """Use cases whose jobs are computed at once."""
    return house(output=DONE)


def state(home: House, session: str) -> tuple[str, str]:
    """Where a session stands, and why."""
    life = home.service.sessions.get(ALICE, session).life
    return str(life.state), str(life.reason)


def test_a_session_as_it_is_opened(home: House) -> None:
    """With the defaults, for the instance and its user."""
    view = home.service.sessions.open(OpenSession(caller=ALICE, mode=Mode.DEDICATED, backend="ibm_one"))
    session = view.session
    assert (session.owner, session.user, session.backend, session.created_at) == (
        *(ALICE.tenant, "alice", "ibm_one"),
        T0,
    )
    assert (session.max_ttl_s, session.interactive_ttl_s, session.active_ttl_s) == (28_800, 60, None)
    assert (view.life.state, view.life.accepting, view.now) == (SessionState.OPEN, True, T0)
    assert home.service.sessions.get(ANNA, session.id) == view


def test_a_session_of_another_does_not_exist(home: House) -> None:
    """Whatever is wanted of it."""
    session = home.open(Mode.BATCH)
    for attempt in (
        lambda: home.service.sessions.get(BOB, session),
        lambda: home.service.sessions.set_accepting(BOB, session, False),
        lambda: home.service.sessions.cancel(BOB, session),
        lambda: home.service.sessions.get(ALICE, "none"),
    ):
        with pytest.raises(SessionNotFound):
            attempt()
    assert state(home, session) == ("open", "session_created")


def test_the_plan_decides_what_can_be_opened(home: House) -> None:
    """The free one has batches only, and shorter ones."""
    poor = Caller("p", "p", instance=instance_of("poor", OPEN_PLAN))
    with pytest.raises(ModeNotAllowed, match="a dedicated session is not possible on the open plan"):
        home.open(Mode.DEDICATED, poor)
    batch = home.service.sessions.open(OpenSession(caller=poor, mode=Mode.BATCH, max_ttl_s=5000)).session
    assert batch.max_ttl_s == 600
    rich = home.service.sessions.open(OpenSession(caller=ALICE, mode=Mode.BATCH, max_ttl_s=5000)).session
    assert rich.max_ttl_s == 5000
    nobody = home.service.sessions.open(OpenSession(caller=Caller("x", "x"), mode=Mode.DEDICATED)).session
    assert nobody.max_ttl_s == 28_800


def test_a_session_is_for_a_backend_that_the_instance_may_use(home: House) -> None:
    """Or for none in particular."""
    limited = Caller("l", "l", instance=instance_of("limited", backends=("ibm_two",)))
    assert home.open(Mode.BATCH, limited, backend="ibm_two")
    for caller, backend in ((limited, "ibm_one"), (ALICE, "nowhere")):
        with pytest.raises(BackendNotFound):
            home.open(Mode.BATCH, caller, backend=backend)


def test_closing_a_session_cancels_what_waits(home: House) -> None:
    """What is at work runs to its end, and no job is taken any more."""
    session = home.open(Mode.DEDICATED)
    home.script.set(queue="0s", run="1h")
    at_work = home.submit(session_id=session)
    home.script.set(queue="10s", run="1s")
    waiting = home.submit(session_id=session)
    home.clock.advance(5)
    home.service.sessions.cancel(ALICE, session)
    assert state(home, session) == ("closed", "session_closed_by_user")
    assert (home.status(at_work), home.status(waiting)) == (Status.RUNNING, Status.CANCELLED)
    view = home.service.jobs.get(ALICE, waiting.id)
    assert (view.state.started_at, view.state.ended_at) == (None, T0 + 5)
    with pytest.raises(JobAlreadyFinal):
        home.service.jobs.cancel(ALICE, waiting.id)
    assert home.service.jobs.logs(ALICE, waiting.id) == "bye\n"
    with pytest.raises(SessionClosed):
        home.submit(session_id=session)
    assert home.listed(pending=True) == [at_work.id]
    home.service.jobs.cancel(ALICE, at_work.id)
    assert home.status(at_work) is Status.CANCELLED


def test_a_job_that_begins_as_its_session_is_closed_has_begun(home: House) -> None:
    """Session and job say the same of that instant."""
    session = home.open(Mode.DEDICATED)
    job = home.submit(session_id=session)
    home.clock.advance(1)
    home.service.sessions.cancel(ALICE, session)
    home.clock.advance(9)
    assert home.service.jobs.get(ALICE, job.id).usage_s == 2
    assert home.service.sessions.get(ALICE, session).life.usage_s == 2
    assert home.status(job) is Status.COMPLETED


def test_a_session_that_expires_cancels_what_waits(home: House) -> None:
    """From the end of its time on."""
    session = home.open(Mode.BATCH, max_ttl_s=100)
    first = home.submit(session_id=session)
    home.script.set(queue="1h")
    waiting = home.submit(session_id=session)
    home.clock.advance(100.9)
    assert home.status(waiting) is Status.QUEUED
    home.clock.advance(0.1)
    assert (home.status(first), home.status(waiting)) == (Status.COMPLETED, Status.CANCELLED)
    assert state(home, session) == ("closed", "session_closed_by_max_ttl")


def test_a_session_that_takes_no_more_jobs_lets_them_end(home: House) -> None:
    """And is closed with the last of them."""
    session = home.open(Mode.DEDICATED)
    job = home.submit(session_id=session)
    home.service.sessions.set_accepting(ALICE, session, False)
    with pytest.raises(SessionClosed):
        home.submit(session_id=session)
    assert state(home, session) == ("open", "session_created")
    home.clock.advance(3)
    assert home.status(job) is Status.COMPLETED
    assert state(home, session) == ("closed", "session_closed_after_last_job")


def test_a_session_can_be_told_to_take_jobs_again(home: House) -> None:
    """But not when it is closed."""
    session = home.open(Mode.DEDICATED)
    home.submit(session_id=session)
    home.service.sessions.set_accepting(ALICE, session, False)
    home.service.sessions.set_accepting(ALICE, session, True)
    home.submit(session_id=session)
    for at_once in (False, True):
        empty = home.open(Mode.DEDICATED)
        if at_once:
            home.service.sessions.cancel(ALICE, empty)
        else:
            home.service.sessions.set_accepting(ALICE, empty, False)
        before = state(home, empty)
        home.clock.advance(5)
        home.service.sessions.set_accepting(ALICE, empty, True)
        assert state(home, empty) == before
        assert before[0] == "closed"


def test_a_session_without_jobs_is_closed(home: House) -> None:
    """After its time, and for good: a job that comes too late is refused."""
    session = home.open(Mode.DEDICATED)
    home.clock.advance(FIRST_JOB_TTL_S)
    with pytest.raises(SessionClosed):
        home.submit(session_id=session)
    assert state(home, session) == ("closed", str(Reason.UNUSED))


def test_deleting_a_job_changes_no_session(home: House) -> None:
    """Neither its past nor its end: one that expired is not opened again."""
    session = home.open(Mode.BATCH, max_ttl_s=100)
    job = home.submit(session_id=session)
    home.clock.advance(50)
    before = home.service.sessions.get(ALICE, session).life
    home.service.jobs.delete(ALICE, job.id)
    assert home.service.sessions.get(ALICE, session).life == before
    home.clock.advance(60)
    assert state(home, session) == ("closed", "session_closed_by_max_ttl")
    with pytest.raises(SessionClosed):
        home.submit(session_id=session)


def test_deleting_a_job_at_work_ends_it_for_its_session() -> None:
    """A session that waits for it waits no longer; also if it is still computed."""
    home = house(queue="0s", run="1h")
    session = home.open(Mode.DEDICATED)
    job = home.submit(session_id=session)
    home.service.sessions.set_accepting(ALICE, session, False)
    home.clock.advance(5)
    home.service.jobs.delete(ALICE, job.id)
    assert state(home, session) == ("closed", "session_closed_after_last_job")
    assert home.service.sessions.get(ALICE, session).life.usage_s == 5


def test_a_session_at_work_for_a_computation() -> None:
    """As long as that takes."""
    home = house()
    session = home.open(Mode.DEDICATED)
    home.submit(session_id=session)
    home.clock.advance(500)
    assert state(home, session) == ("active", "session_activated_by_job")
    home.execution.futures[0].set_result(DONE)
    home.clock.advance(60)
    assert state(home, session) == ("inactive", "session_inactivated_by_interactive_ttl")


def test_a_job_whose_session_is_unknown_stands_by_itself(home: House) -> None:
    """As one does that was put into the store by hand."""
    job = replace(home.submit(), id="by-hand", session_id="none")
    home.store.add_job(job)
    home.clock.advance(3)
    assert home.status(job) is Status.COMPLETED


def test_the_jobs_of_a_session_in_one_look(home: House) -> None:
    """Oldest first, as their session leaves them, the same as each by itself."""
    session = home.open(Mode.DEDICATED)
    first = home.submit(session_id=session)
    home.script.set(queue="1h")
    second = home.submit(session_id=session)
    home.clock.advance(2)
    home.service.sessions.cancel(ALICE, session)
    home.clock.advance(2)
    view = view_session(home.store, home.store.session(session), home.clock.now())
    members = view_members(home.store, view)
    assert [(one.job.id, one.state.status) for one in members] == [
        (first.id, Status.COMPLETED),
        (second.id, Status.CANCELLED),
    ]
    assert members == [home.service.jobs.metrics(ALICE, job.id) for job in (first, second)]
