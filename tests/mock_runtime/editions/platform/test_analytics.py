"""GET /v1/analytics: sums of the jobs that were really run."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest

from mock_runtime.domain.instances import OPEN_PLAN, PAYGO_PLAN
from mock_runtime.domain.sessions import Mode
from mock_runtime.domain.subscriptions import Subscription
from tests.mock_runtime.editions.platform.reporting import DEVICE, OTHER, SIMULATOR, Tenant, tenants

ACCOUNT = "0123456789abcdef0123456789abcdef"
USAGE = "/v1/analytics/usage"
GROUPED = "/v1/analytics/usage_grouped"
BY_DATE = "/v1/analytics/usage_grouped_by_date"
FILTERS = "/v1/analytics/filters"
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Team:
    """Two users of one account; its two instances, of which they share the second, are of different plans."""

    alice: Tenant
    bob: Tenant
    first: str
    second: str


@pytest.fixture
def team() -> Team:
    """A team whose jobs are all done: each took two seconds after one in the queue."""
    tokens = [{"token": key, "name": key, "account": ACCOUNT} for key in ("alice", "bob")]
    instances = [{"name": "one", "keys": ["alice"]}, {"name": "two", "plan": "open"}]
    alice, bob = tenants("alice", "bob", tokens=tokens, instances=instances)
    session = alice.open(Mode.DEDICATED)
    alice.submit(session_id=session)
    alice.submit(session_id=session)
    alice.submit(OTHER)
    bob.submit(SIMULATOR)
    alice.clock.advance(DAY_S)
    batch = bob.open(Mode.BATCH, OTHER)
    bob.submit(OTHER, session_id=batch)
    alice.clock.advance(100)
    return Team(alice, bob, alice.crn, bob.crn)


def test_without_jobs_everything_is_zero() -> None:
    """Each of the 21 numbers is there."""
    (alice,) = tenants("alice")
    found = alice.read(USAGE)
    assert len(found) == 21
    assert set(found.values()) == {0}


def test_usage_is_that_of_all_instances_of_the_user(team: Team) -> None:
    """Jobs alone and in sessions, with their times in the queue."""
    assert team.alice.read(USAGE) == {
        "usage": 10.0,
        "jobs": 5,
        "sessions": 2,
        "sessions_usage": 6.0,
        "avg_sessions_usage": 3.0,
        "max_sessions_usage": 4.0,
        "batch_sessions": 1,
        "batch_sessions_usage": 2.0,
        "avg_batch_sessions_usage": 2.0,
        "max_batch_sessions_usage": 2.0,
        "dedicated_sessions": 1,
        "dedicated_sessions_usage": 4.0,
        "avg_dedicated_sessions_usage": 4.0,
        "max_dedicated_sessions_usage": 4.0,
        "individual_jobs": 2,
        "individual_jobs_usage": 4.0,
        "avg_individual_jobs_usage": 2.0,
        "max_individual_jobs_usage": 2.0,
        "queue_time": 5.0,
        "avg_queue_time": 1.0,
        "max_queue_time": 1.0,
    }


def test_a_user_sees_no_instances_of_others(team: Team) -> None:
    """Bob may use one of the two."""
    assert (team.bob.read(USAGE)["jobs"], team.bob.read(USAGE)["usage"]) == (2, 4.0)
    assert [row["key"] for row in team.bob.read(f"{GROUPED}?group_by=instance")["data"]] == [team.second]


def test_another_account_sees_nothing() -> None:
    """Also if it names the instance."""
    alice, bob = tenants("alice", "bob")
    alice.submit()
    assert bob.read(f"{USAGE}?instance={alice.crn}")["jobs"] == 0
    assert bob.read(FILTERS)["instances"] == []


def test_a_job_counts_at_once_and_its_time_when_it_is_over() -> None:
    """At the very instant of its submission it is there, and waits."""
    (alice,) = tenants("alice")
    alice.submit()
    numbers = [alice.read(USAGE)[name] for name in ("jobs", "usage", "queue_time")]
    alice.clock.advance(2)
    running = [alice.read(USAGE)[name] for name in ("jobs", "usage", "queue_time")]
    alice.clock.advance(1)
    done = [alice.read(USAGE)[name] for name in ("jobs", "usage", "queue_time")]
    assert (numbers, running, done) == ([1, 0, 0], [1, 0, 1], [1, 2, 1])


def test_a_job_that_was_cancelled_in_the_queue_has_waited() -> None:
    """And used nothing."""
    (alice,) = tenants("alice")
    job = alice.submit()
    alice.clock.advance(0.5)
    alice.runtime.service.jobs.cancel(alice.caller, job)
    found = alice.read(USAGE)
    assert (found["jobs"], found["usage"], found["max_queue_time"]) == (1, 0, 0.5)


def test_what_a_deleted_job_has_used_stays_used() -> None:
    """Alone and in a session; as a workload a job alone is gone."""
    (alice,) = tenants("alice")
    session = alice.open()
    jobs = [alice.submit(), alice.submit(session_id=session)]
    alice.clock.advance(10)
    before = alice.read(USAGE)
    for job in jobs:
        alice.runtime.service.jobs.delete(alice.caller, job)
    assert alice.read(USAGE) == before
    assert [found["id"] for found in alice.read("/v1/workloads")["workloads"]] == [session]


@pytest.mark.parametrize(
    ("query", "jobs"),
    [
        ("instance={first}", 3),
        ("instance={first}&instance={second}", 5),
        ("instance=crn:v1:other", 0),
        ("instance=", 0),
        ("backend=ibm_torino", 2),
        ("backend=ibm_torino&backend=ibm_fez", 4),
        ("user_id={bob}", 2),
        ("user_id=nobody", 0),
        ("simulators=false", 4),
        ("simulators=False", 4),
        ("simulators=true", 5),
        ("plan=open", 2),
        ("plan=open&plan=pay-as-you-go", 5),
        ("plan=premium", 0),
        ("subscription_id={paygo}", 3),
        ("subscription_id=00000000-0000-4000-8000-000000000000", 0),
        ("interval_start=2026-09-22T00:00:00Z", 1),
        ("interval_end=2026-09-22T00:00:00Z", 4),
        ("interval_end=2026-09-21T14:13:20Z", 4),
        ("interval_start=2026-09-22T00:00:00Z&interval_end=2026-09-21T00:00:00Z", 0),
        ("interval_start=0000-01-01T00:00:00Z&interval_end=9999-12-31T23:59:59Z", 5),
        ("backend=ibm_torino&user_id={bob}&plan=open&simulators=false", 1),
    ],
)
def test_filters_select(team: Team, query: str, jobs: int) -> None:
    """All of them have to hold, and of one that is repeated any value."""
    paygo = Subscription.to(PAYGO_PLAN, ACCOUNT).id
    filled = query.format(first=team.first, second=team.second, bob=team.bob.caller.id, paygo=paygo)
    assert team.alice.read(f"{USAGE}?{filled}")["jobs"] == jobs


@pytest.mark.parametrize("key", ["instance", "backend", "user_id", "plan", "subscription_id"])
def test_groups_add_up_to_the_whole(team: Team, key: str) -> None:
    """Whatever the key, no job is lost and none is counted twice."""
    rows = team.alice.read(f"{GROUPED}?group_by={key}")["data"]
    whole = team.alice.read(USAGE)
    for name in ("usage", "jobs", "sessions", "sessions_usage", "individual_jobs", "queue_time"):
        assert sum(row[name] for row in rows) == whole[name]


def test_groups_have_their_keys(team: Team) -> None:
    """Names of backends and plans, ids of users and subscriptions, CRNs of instances."""
    alice, bob = team.alice, team.bob

    def jobs(key: str) -> dict[str, int]:
        return {row["key"]: row["jobs"] for row in alice.read(f"{GROUPED}?group_by={key}")["data"]}

    assert jobs("backend") == {DEVICE: 2, OTHER: 2, SIMULATOR: 1}
    assert jobs("user_id") == {alice.caller.id: 3, bob.caller.id: 2}
    assert jobs("instance") == {team.first: 3, team.second: 2}
    assert jobs("plan") == {"open": 2, "pay-as-you-go": 3}
    assert jobs("subscription_id") == {
        Subscription.to(OPEN_PLAN, ACCOUNT).id: 2,
        Subscription.to(PAYGO_PLAN, ACCOUNT).id: 3,
    }


def test_a_session_that_never_had_a_backend_has_no_key() -> None:
    """The document has null for that."""
    (alice,) = tenants("alice")
    alice.open(backend=None)
    (row,) = alice.read(f"{GROUPED}?group_by=backend")["data"]
    assert (row["key"], row["sessions"], row["jobs"]) == (None, 1, 0)


def test_sums_by_date_have_a_part_for_each_day(team: Team) -> None:
    """The first and the last are cut by the interval."""
    found = team.alice.read(
        f"{BY_DATE}?group_by=instance&interval_start=2026-09-21T12:00:00Z&interval_end=2026-09-23T06:00:00%2B00:00"
    )
    assert (found["interval_start"], found["interval_end"]) == (
        "2026-09-21T12:00:00.000000Z",
        "2026-09-23T06:00:00.000000Z",
    )
    rows = [(row["key"], row["interval_start"][:16], row["interval_end"][:16], row["jobs"]) for row in found["data"]]
    days = ["2026-09-21T12:00", "2026-09-22T00:00", "2026-09-23T00:00", "2026-09-23T06:00"]
    spans = list(pairwise(days))
    expected = {team.first: [3, 0, 0], team.second: [1, 1, 0]}
    assert rows == [
        (key, *span, jobs) for key in sorted(expected) for span, jobs in zip(spans, expected[key], strict=True)
    ]


def test_the_interval_by_date_is_the_last_28_days(team: Team) -> None:
    """Until now, with today's jobs, if nobody says anything; before its end, if nobody says when it begins."""
    found = team.alice.read(f"{BY_DATE}?group_by=instance")
    assert (found["interval_start"], found["interval_end"]) == (
        "2026-08-25T14:15:00.000000Z",
        "2026-09-22T14:15:00.000000Z",
    )
    assert sum(row["jobs"] for row in found["data"]) == 5
    ended = team.alice.read(f"{BY_DATE}?group_by=instance&interval_end=2026-09-22T00:00:00Z")
    assert ended["interval_start"] == "2026-08-25T00:00:00.000000Z"
    assert sum(row["jobs"] for row in ended["data"]) == 4


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("interval_start=0000-01-01T00:00:00Z&interval_end=9999-12-31T23:59:59.9Z", 366),
        ("interval_end=9999-12-31T23:59:59Z&interval_start=2026-09-21T14:13:20Z", 366),
        ("interval_end=0001-01-01T00:00:00Z", 0),
        ("interval_start=9999-01-01T00:00:00Z", 0),
    ],
)
def test_no_interval_is_too_long_or_too_odd(query: str, parts: int) -> None:
    """A long one has long parts, one in which there is nothing has none."""
    (alice,) = tenants("alice")
    alice.submit()
    data = alice.read(f"{BY_DATE}?group_by=instance&{query}")["data"]
    assert len(data) <= parts
    assert sum(row["jobs"] for row in data) == min(parts, 1)


def test_filters_are_what_has_any_usage(team: Team) -> None:
    """Backends, instances, users, plans and subscriptions."""
    open_, paygo = (Subscription.to(plan, ACCOUNT) for plan in (OPEN_PLAN, PAYGO_PLAN))
    assert team.alice.read(FILTERS) == {
        "backends": [{"name": DEVICE}, {"name": OTHER}, {"name": SIMULATOR}],
        "instances": [{"id": crn, "deleted": False} for crn in sorted([team.first, team.second])],
        "users": [{"id": user} for user in sorted([team.alice.caller.id, team.bob.caller.id])],
        "plans": [{"name": "open"}, {"name": "pay-as-you-go"}],
        "subscriptions": [{"id": one.id, "name": one.name} for one in sorted([open_, paygo], key=lambda one: one.id)],
    }


def test_filters_can_be_those_of_one_instance(team: Team) -> None:
    """Of the others there is nothing in them."""
    found = team.alice.read(f"{FILTERS}?instance={team.second}")
    assert (found["backends"], found["plans"]) == ([{"name": OTHER}, {"name": SIMULATOR}], [{"name": "open"}])


@pytest.mark.parametrize(
    "target",
    [
        f"{USAGE}?simulators=maybe",
        f"{USAGE}?simulators=true&simulators=true",
        f"{USAGE}?interval_start=2026-01-01",
        f"{USAGE}?interval_end=2026-01-01T00:00:00",
        f"{USAGE}?subscription_id=x",
        f"{USAGE}?subscription_id=00000000-0000-1000-8000-000000000000",
        f"{USAGE}?" + "&".join(["subscription_id=00000000-0000-4000-8000-000000000000"] * 201),
        GROUPED,
        f"{GROUPED}?group_by=",
        f"{GROUPED}?group_by=users",
        f"{GROUPED}?group_by=plan&group_by=plan",
        BY_DATE,
        f"{BY_DATE}?group_by=backend",
        f"{BY_DATE}?group_by=instance&interval_start=x",
    ],
)
def test_what_makes_no_sense_is_refused(target: str) -> None:
    """Before anything is counted."""
    (alice,) = tenants("alice")
    assert alice.refused(target, 400)["code"] == 1208


@pytest.mark.parametrize("target", [USAGE, f"{GROUPED}?group_by=plan", f"{BY_DATE}?group_by=instance", FILTERS])
def test_analytics_are_for_those_with_credentials(target: str) -> None:
    """And with an instance that is theirs."""
    alice, bob = tenants("alice", "bob")
    assert alice.ask(target, Authorization="").status_code == 401
    assert alice.ask(target, **{"Service-CRN": ""}).status_code == 400
    assert alice.ask(target, **{"Service-CRN": bob.crn}).status_code == 404
