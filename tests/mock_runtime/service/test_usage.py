"""What an instance has used, and what it may use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_runtime.domain.errors import InstanceNotFound, LimitAboveAllocation, UsageLimitReached
from mock_runtime.domain.instances import OPEN_PLAN, Caller
from mock_runtime.service.usage import refuse_beyond_limit
from tests.mock_runtime.service.parts_by_hand import ALICE, ANNA, BOB, DONE, T0, House, house, instance_of

DAY_S = 86_400.0
LIMITED = Caller("alice", "Alice", instance=instance_of("limited", limit_s=5))
POOR = Caller("poor", "Poor", instance=instance_of("poor", OPEN_PLAN))
NOBODY = Caller("x", "x")


@pytest.fixture
def home() -> House:
    """Use cases whose jobs run for two seconds."""
    return house(output=DONE, queue="1s", run="2s")


def test_usage_is_the_work_of_all_its_jobs_that_are_over(home: House) -> None:
    """Whoever submitted them; those of other instances are not its own."""
    home.submit()
    home.submit(ANNA)
    home.submit(BOB)
    home.clock.advance(2.9)
    assert home.service.usage.of(ALICE).consumed_s == 0
    home.clock.advance(0.1)
    usage = home.service.usage.of(ALICE)
    assert (usage.instance, usage.consumed_s, usage.limit_s, usage.limit_reached) == (ALICE.instance, 4, None, False)
    assert home.service.usage.of(BOB).consumed_s == 2


def test_how_many_jobs_are_not_over(home: House) -> None:
    """Of the whole instance, and of no other."""
    home.submit()
    home.submit(ANNA)
    home.submit(BOB)
    assert home.service.usage.pending(ALICE) == 2
    home.clock.advance(2)
    home.submit()
    home.clock.advance(1)
    assert home.service.usage.pending(ALICE) == 1


def test_usage_is_that_of_a_period(home: House) -> None:
    """What was used before it does not count."""
    home.submit()
    home.clock.advance(3)
    begin, end = home.service.usage.of(ALICE).period
    assert (end - begin, begin <= T0 + 3 < end) == (28 * DAY_S, True)
    home.clock.advance(end - home.clock.now())
    usage = home.service.usage.of(ALICE)
    assert (usage.consumed_s, usage.period) == (0, (end, end + 28 * DAY_S))


def test_a_cancelled_job_uses_what_it_worked(home: House) -> None:
    """And nothing if it never began."""
    home.script.set(run="1h")
    first, second = home.submit(), home.submit()
    home.service.jobs.cancel(ALICE, first.id)
    home.clock.advance(11)
    home.service.jobs.cancel(ALICE, second.id)
    assert home.service.usage.of(ALICE).consumed_s == 10


def test_beyond_its_limit_an_instance_submits_nothing(home: House) -> None:
    """From the end of the job on that uses it up; others go on."""
    for _ in range(3):
        home.submit(LIMITED)
        home.clock.advance(3)
    usage = home.service.usage.of(LIMITED)
    assert (usage.consumed_s, usage.limit_s, usage.limit_reached) == (6, 5, True)
    with pytest.raises(UsageLimitReached, match="the usage limit of instance 'crn:v1:") as refused:
        home.submit(LIMITED)
    assert refused.value.instance == LIMITED.tenant
    home.submit(ALICE)
    home.clock.advance(28 * DAY_S)
    home.submit(LIMITED)


def test_a_limit_can_be_set_and_taken_away(home: House) -> None:
    """By whoever works on the instance; what was configured was only the beginning."""
    assert home.service.usage.limit(LIMITED) == 5
    home.service.usage.set_limit(LIMITED, 2)
    home.submit(LIMITED)
    home.clock.advance(3)
    with pytest.raises(UsageLimitReached):
        home.submit(LIMITED)
    home.service.usage.set_limit(LIMITED, None)
    assert home.service.usage.limit(LIMITED) is None
    home.submit(LIMITED)
    assert home.service.usage.limit(ALICE) is None


def test_a_limit_of_nothing_allows_nothing(home: House) -> None:
    """From the first job on."""
    home.service.usage.set_limit(ALICE, 0)
    with pytest.raises(UsageLimitReached):
        home.submit()


def test_the_plan_limits_as_well(home: House) -> None:
    """The lower of both counts; none above what the plan allocates can be set."""
    assert home.service.usage.of(POOR).limit_s == 600
    home.service.usage.set_limit(POOR, 60)
    assert home.service.usage.of(POOR).limit_s == 60
    home.service.usage.set_limit(POOR, 600)
    with pytest.raises(LimitAboveAllocation, match="601 seconds is more than the 600") as refused:
        home.service.usage.set_limit(POOR, 601)
    assert (refused.value.limit_s, refused.value.allowed_s) == (601, 600)
    assert home.service.usage.limit(POOR) == 600


@pytest.mark.parametrize(
    "ask",
    [
        lambda home: home.service.usage.of(NOBODY),
        lambda home: home.service.usage.limit(NOBODY),
        lambda home: home.service.usage.set_limit(NOBODY, 5),
    ],
)
def test_without_an_instance_there_is_no_usage(home: House, ask: Callable[[House], object]) -> None:
    """As in 2021: nothing is limited, and nobody can ask."""
    with pytest.raises(InstanceNotFound):
        ask(home)
    refuse_beyond_limit(home.store, NOBODY, T0)
    assert home.submit(NOBODY).owner == "x"
