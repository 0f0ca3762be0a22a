"""All jobs, and what is to come of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeGuard

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_runtime.domain.errors import DomainError, JobNotFound
from mock_runtime.domain.foresight import Foresight, Unforeseen
from mock_runtime.domain.jobs import Status
from mock_runtime.domain.sessions import Mode
from mock_runtime.durations import Fixed
from mock_runtime.service.views import view_job
from mock_runtime.store.memory import MemoryStore
from tests.mock_runtime.service.parts_by_hand import ALICE, BOB, DONE, T0, House, house

if TYPE_CHECKING:
    from mock_runtime.domain.jobs import Job


@pytest.fixture
def home() -> House:
    """Jobs that queue for a second and run for two."""
    return house(output=DONE)


def ahead(home: House, job: Job) -> tuple[Foresight, Foresight, Status]:
    """When a job begins and ends, and how, as the list of all jobs tells."""
    found = next(one.ahead for one in home.service.jobs.all().jobs if one.view.job.id == job.id)
    return found.begins, found.ends, found.ending


def test_all_jobs_come_newest_first(home: House) -> None:
    """Whoever owns them, in pages."""
    jobs = [home.submit(caller).id for caller in (ALICE, BOB, ALICE)]
    page = home.service.jobs.all(offset=1, limit=1)
    assert ([one.view.job.id for one in page.jobs], page.count) == ([jobs[1]], 3)
    assert [one.view.job.id for one in home.service.jobs.all().jobs] == jobs[::-1]


def test_a_job_is_found_by_its_submission(home: House) -> None:
    """Sessions do not count, and jobs that were there at the start have no such number."""
    home.open(Mode.BATCH)
    jobs = [home.submit(caller).id for caller in (ALICE, BOB)]
    assert [home.service.jobs.id_of(number) for number in (-1, 0, 1, 2, 3)] == [None, None, *jobs, None]


def test_all_sessions_come_newest_first(home: House) -> None:
    """Whoever owns them, in pages."""
    sessions = [home.open(Mode.BATCH, caller) for caller in (ALICE, BOB, ALICE)]
    page = home.service.sessions.all(limit=2)
    assert ([view.session.id for view in page.sessions], page.count) == (sessions[:0:-1], 3)


def test_what_is_to_come_is_told(home: House) -> None:
    """And what has come."""
    job = home.submit()
    for seconds in (0, 2, 50):
        home.clock.advance(seconds)
        assert ahead(home, job) == (T0 + 1, T0 + 3, Status.COMPLETED)


@pytest.mark.parametrize(
    ("planned", "running", "completed"),
    [
        ({}, T0 + 1, T0 + 3),
        ({"polls": 2}, Unforeseen.POLLS, Unforeseen.POLLS),
        ({"outcome": "stuck"}, None, None),
        ({"outcome": "failed"}, T0 + 1, None),
    ],
)
def test_when_a_job_is_where(planned: dict[str, Any], running: Foresight, completed: Foresight) -> None:
    """Whoever owns it."""
    home = house(output=DONE, **planned)
    job = home.submit(BOB)
    when = home.service.jobs.when
    assert [when(job.id, status) for status in (Status.QUEUED, Status.RUNNING, Status.COMPLETED)] == [
        *(T0, running, completed)
    ]
    with pytest.raises(JobNotFound):
        when("nothing", Status.QUEUED)


def test_a_computation_cannot_be_foreseen() -> None:
    """Until it is done."""
    home = house()
    job = home.submit()
    assert home.service.jobs.when(job.id, Status.COMPLETED) is Unforeseen.COMPUTATION
    home.execution.futures[0].set_result(DONE)
    assert home.service.jobs.when(job.id, Status.COMPLETED) == T0 + 3


@pytest.mark.parametrize("later_s", [0.0, 1.5, 9.0, 11.5])
def test_the_end_of_a_session_is_foreseen(home: House, later_s: float) -> None:
    """It takes away what waits then: ten seconds after its first job began, be that to come or long ago."""
    batch = home.open(Mode.BATCH, max_ttl_s=10)
    first = home.submit(session_id=batch)
    home.script.next_job(queue="1h")
    waiting = home.submit(session_id=batch)
    home.clock.advance(later_s)
    now = home.clock.now()
    assert home.service.jobs.when(waiting.id, Status.CANCELLED) == max(now, T0 + 11)
    assert home.service.jobs.when(waiting.id, Status.RUNNING) is None
    assert ahead(home, waiting) == (None, T0 + 11, Status.CANCELLED)
    assert ahead(home, first) == (T0 + 1, T0 + 3, Status.COMPLETED)
    home.clock.advance(max(0.0, T0 + 11 - now))
    assert home.status(waiting) is Status.CANCELLED


def test_the_end_of_a_session_is_counted_from_a_job_that_went_back(home: House) -> None:
    """And one that was closed takes away at once."""
    batch = home.open(Mode.BATCH, max_ttl_s=10)
    job = home.submit(session_id=batch)
    home.clock.advance(2)
    home.script.set(queue="1h")
    home.service.happenings.requeue(job.id)
    assert home.service.jobs.when(job.id, Status.CANCELLED) == T0 + 11
    home.service.sessions.cancel(ALICE, batch)
    assert home.service.jobs.when(job.id, Status.CANCELLED) == T0 + 2
    assert ahead(home, job) == (None, T0 + 2, Status.CANCELLED)


def test_a_job_that_is_cancelled_before_it_begins_starts_no_session(home: House) -> None:
    """Its session lasts until another has begun."""
    batch = home.open(Mode.BATCH, max_ttl_s=10)
    gone = home.submit(session_id=batch)
    home.service.jobs.cancel(ALICE, gone.id)
    home.script.set(queue="1h")
    job = home.submit(session_id=batch)
    assert home.service.jobs.when(job.id, Status.RUNNING) == T0 + 3600


def test_a_session_that_is_not_there_ends_nothing(home: House) -> None:
    """Jobs may name one that the service of theirs has never seen."""
    job = home.submit()
    home.store.delete_job(job.id, lambda _job: None)
    home.store.add_job(type(job)(**{**{name: getattr(job, name) for name in job.__slots__}, "session_id": "none"}))
    assert home.service.jobs.when(job.id, Status.COMPLETED) == T0 + 3


def test_each_session_is_looked_at_once_for_a_page(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of its jobs are on it."""
    batch = home.open(Mode.BATCH)
    for _ in range(30):
        home.submit(session_id=batch)
    looks, real = [], MemoryStore.jobs_in

    def jobs_in(store: MemoryStore, session_id: str) -> object:
        looks.append(session_id)
        return real(store, session_id)

    monkeypatch.setattr(MemoryStore, "jobs_in", jobs_in)
    assert len(home.service.jobs.all().jobs) == 30
    assert len(looks) == 2


SETTINGS = st.fixed_dictionaries(
    {
        "queue": st.sampled_from(["0s", "1s", "4s", "7s", "never", "2 polls"]),
        "run": st.sampled_from(["0s", "1s", "3s", "1h", "2 polls"]),
        "outcome": st.sampled_from(["completed", "failed", "cancelled"]),
    }
)
EVENTS = st.sampled_from(["none", "offline", "maintenance", "close", "requeue", "cancel", "stop", "advance"])


@settings(deadline=None)
@given(st.lists(st.tuples(SETTINGS, st.booleans(), EVENTS), min_size=1, max_size=6), st.sampled_from([5, 8, 1000]))
def test_what_is_foreseen_is_what_is_seen(steps: list[tuple[dict[str, Any], bool, str]], max_ttl_s: int) -> None:
    """Of jobs in and without a session, after whatever happened: not before, then, and never means never."""
    home = house(output=DONE, cancel_lag="2s")
    batch = home.open(Mode.BATCH, max_ttl_s=max_ttl_s)
    jobs: list[Job] = []
    for planned, inside, event in steps:
        home.script.set(**planned)
        with suppress(DomainError):
            jobs.append(home.submit(session_id=batch if inside else None))
        with suppress(DomainError):
            happen(home, event, batch, jobs)
    now, when = home.clock.now(), home.service.jobs.when
    foreseen = {(job.id, status): when(job.id, status) for job in jobs for status in Status}
    instants = sorted({now + half / 2 for half in range(40)} | {at for at in foreseen.values() if is_instant(at)})
    seen: dict[tuple[str, Status], float] = {}
    for instant in instants:
        for job in jobs:
            status = view_job(home.store, home.store.job(job.id), instant).state.status
            seen.setdefault((job.id, status), instant)
    for key, at in foreseen.items():
        if is_instant(at) or at is None:
            assert seen.get(key) == at


def is_instant(at: Foresight) -> TypeGuard[float]:
    """Whether it is known when."""
    return isinstance(at, float)


def happen(home: House, event: str, batch: str, jobs: list[Job]) -> None:
    """Let something happen to the last job, to its session, or to backends."""
    match event:
        case "offline":
            home.service.happenings.backend_offline("ibm_one", for_s=3.0)
        case "maintenance":
            home.service.happenings.maintenance(begins_s=2.0, for_s=4.0)
        case "close":
            home.service.sessions.cancel(ALICE, batch)
        case "stop":
            home.service.sessions.set_accepting(ALICE, batch, accepting=False)
        case "requeue" if jobs:
            home.service.happenings.requeue(jobs[-1].id, Fixed(2.0))
        case "cancel" if jobs:
            home.service.jobs.cancel(ALICE, jobs[-1].id)
        case "advance":
            home.clock.advance(1.5)
