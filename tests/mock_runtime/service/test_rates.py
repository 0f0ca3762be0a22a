"""How many jobs a user may submit in a minute, seen apart from what submits them."""

from __future__ import annotations

import pytest

from mock_runtime.domain.errors import TooManyRequests
from mock_runtime.domain.jobs import Job
from mock_runtime.service import Limits
from mock_runtime.service.rates import SubmissionRate
from tests.mock_runtime.service.parts_by_hand import ALICE, BOB, DONE, House, house


def two_a_minute() -> House:
    """The use cases, with room for two jobs a minute."""
    return house(output=DONE, limits=Limits(jobs_per_minute=2))


def test_a_job_that_is_deleted_was_submitted_all_the_same() -> None:
    """Nobody makes room by deleting."""
    home = two_a_minute()
    jobs: list[Job] = [home.submit(), home.submit()]
    for job in jobs:
        home.service.jobs.delete(ALICE, job.id)
    with pytest.raises(TooManyRequests):
        home.submit()


def test_the_limit_is_that_of_a_user_on_all_instances() -> None:
    """Another instance is no second allowance."""
    home = two_a_minute()
    elsewhere = type(ALICE)(ALICE.id, ALICE.name, instance=BOB.instance)
    home.submit()
    home.submit(elsewhere)
    with pytest.raises(TooManyRequests):
        home.submit(elsewhere)


def test_a_reset_forgets_what_was_submitted() -> None:
    """As it forgets the jobs."""
    home = two_a_minute()
    home.submit()
    home.submit()
    home.reset()
    assert home.submit().submitted_at == home.clock.now()


def test_users_who_have_gone_are_forgotten() -> None:
    """A thousand users of yesterday cost nothing today."""
    rate = SubmissionRate(1)
    for number in range(3000):
        rate.count(f"user-{number}", now=float(number))
    assert len(rate._recent) < 1100


def test_a_rollback_forgets_what_came_later() -> None:
    """And knows again what was before, as often as one likes."""
    rate = SubmissionRate(2)
    rate.count("alice", 0.0)
    kept = rate.snapshot()
    for _ in range(2):
        rate.count("alice", 1.0)
        with pytest.raises(TooManyRequests):
            rate.count("alice", 2.0)
        rate.rollback(kept)
    rate.restart()
    assert rate.snapshot() == ()
