"""How often sessions are looked at on the way to what their jobs are: each look is one at all of their jobs."""

from __future__ import annotations

from typing import Any

import pytest

from mock_runtime.domain.jobs import Job, Status
from mock_runtime.domain.sessions import Mode
from mock_runtime.store.memory import MemoryStore
from tests.mock_runtime.service.parts_by_hand import ALICE, DONE, House, house


class Looks:
    """Counts how often all jobs of a session are asked for."""

    def __init__(self, home: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        real = MemoryStore.jobs_in

        def jobs_in(store: MemoryStore, session_id: str) -> object:
            self.count += 1
            return real(store, session_id)

        monkeypatch.setattr(MemoryStore, "jobs_in", jobs_in)
        self.home = home


@pytest.fixture
def home() -> House:
    """Jobs that queue for a second and run for two."""
    return house(output=DONE)


def filled(home: House, number: int = 20, **session: Any) -> tuple[str, list[Job]]:
    """A batch with that many jobs, its id first."""
    batch = home.open(Mode.BATCH, **session)
    return batch, [home.submit(session_id=batch) for _ in range(number)]


def test_a_session_that_cannot_have_ended_is_not_looked_at(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by a submission, nor by a poll, nor by a list, nor for the usage."""
    batch, jobs = filled(home)
    looks = Looks(home, monkeypatch)
    home.submit(session_id=batch)
    home.clock.advance(3)
    assert home.status(jobs[0]) is Status.COMPLETED
    assert len(home.listed(pending=False)) == 21
    assert home.service.usage.of(ALICE).consumed_s == 42
    assert looks.count == 0


def test_a_session_that_was_closed_is_looked_at_once_a_list(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many jobs it leaves cancelled."""
    batch, _ = filled(home)
    home.service.sessions.cancel(ALICE, batch)
    home.clock.advance(5)
    looks = Looks(home, monkeypatch)
    page = home.listed(pending=False)
    assert (len(page), looks.count) == (20, 1)


def test_jobs_that_wait_when_their_session_is_closed_are_cancelled_in_lists_too(home: House) -> None:
    """A job at work runs to its end."""
    batch, jobs = filled(home, 1)
    home.clock.advance(1.5)
    late = home.submit(session_id=batch)
    home.service.sessions.cancel(ALICE, batch)
    home.clock.advance(5)
    assert [home.status(job) for job in (*jobs, late)] == [Status.COMPLETED, Status.CANCELLED]
    assert home.service.usage.of(ALICE).consumed_s == 2


def test_jobs_that_wait_when_their_session_expires_are_cancelled(home: House) -> None:
    """Its longest time counts from the start of its first job."""
    batch, jobs = filled(home, 1, max_ttl_s=2)
    home.clock.advance(2.5)
    late = home.submit(session_id=batch)
    home.clock.advance(5)
    assert [home.status(job) for job in (*jobs, late)] == [Status.COMPLETED, Status.CANCELLED]
