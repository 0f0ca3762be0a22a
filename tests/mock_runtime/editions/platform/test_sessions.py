"""Sessions and batches of today's API."""

from __future__ import annotations

import pytest

from tests.mock_runtime.editions.platform.conftest import MakePlatform
from tests.mock_runtime.platform_fakes import BOB, JOB, PlatformFake, Tenant


def test_a_session_opens_works_and_rests(platform: PlatformFake, alice: Tenant) -> None:
    """Open until its first job starts, active while it works and a minute longer, inactive, active again."""
    session = alice.open()
    seen = [alice.json(f"/sessions/{session}")["state"]]
    alice.submit(session_id=session)
    for seconds in (1, 2, 60):
        platform.clock.advance(seconds)
        seen.append(alice.json(f"/sessions/{session}")["state"])
    alice.submit(session_id=session)
    platform.clock.advance(1)
    shown = alice.json(f"/sessions/{session}")
    assert [*seen, shown["state"]] == ["open", "active", "active", "inactive", "active"]
    assert [turn["status"] for turn in shown["timestamps"]] == ["open", "active", "inactive", "active"]
    assert shown["accepting_jobs"] is True
    assert shown["last_job_started"] > shown["last_job_completed"]


def test_a_session_that_is_told_to_stop_ends_with_its_last_job(platform: PlatformFake, alice: Tenant) -> None:
    """Until then it lets its jobs run, and takes no more."""
    session = alice.open()
    job = alice.submit(session_id=session)
    assert alice.call("PATCH", f"/sessions/{session}", json={"accepting_jobs": False}).status_code == 204
    refused = alice.post("/jobs", json={**JOB, "session_id": session})
    before = alice.json(f"/sessions/{session}")["state"]
    platform.clock.advance(10)
    shown = alice.json(f"/sessions/{session}")
    assert alice.code(refused) == (400, 4001)
    assert (before, shown["state"]) == ("open", "closed")
    assert shown["closed_at"] == alice.json(f"/jobs/{job}/metrics")["timestamps"]["finished"]
    assert alice.state(job) == "Completed"


def test_an_empty_session_that_is_told_to_stop_is_closed_at_once(alice: Tenant) -> None:
    """With the reason that was seen."""
    session = alice.open(mode="batch")
    alice.call("PATCH", f"/sessions/{session}", json={"accepting_jobs": False})
    shown = alice.json(f"/sessions/{session}")
    assert (shown["state"], shown["state_reason"], shown["accepting_jobs"]) == ("closed", "session_closed_early", False)


def test_cancelling_a_session_cancels_what_waits(platform: PlatformFake, alice: Tenant) -> None:
    """Jobs at work run to their end."""
    session = alice.open()
    at_work = alice.submit(session_id=session)
    platform.clock.advance(1)
    waiting = alice.submit(session_id=session)
    assert alice.call("DELETE", f"/sessions/{session}/close").status_code == 204
    assert (alice.state(at_work), alice.state(waiting)) == ("Running", "Cancelled")
    assert alice.json(f"/sessions/{session}")["state"] == "closed"
    assert alice.code(alice.post(f"/jobs/{waiting}/cancel")) == (409, 1294)
    platform.clock.advance(10)
    assert (alice.state(at_work), alice.state(waiting)) == ("Completed", "Cancelled")
    assert [job["status"] for job in alice.json("/jobs")["jobs"]] == ["Cancelled", "Completed"]


def test_a_session_lasts_no_longer_than_it_may(platform: PlatformFake, alice: Tenant) -> None:
    """Its time counts from the start of its first job."""
    session = alice.open(max_ttl=10)
    platform.clock.advance(100)
    alice.submit(session_id=session)
    platform.clock.advance(10)
    alive = alice.json(f"/sessions/{session}")["state"]
    platform.clock.advance(1)
    shown = alice.json(f"/sessions/{session}")
    assert (alive, shown["state"], shown["elapsed_time"]) == ("active", "closed", 10)


def test_a_dedicated_session_without_jobs_is_closed_after_half_an_hour(platform: PlatformFake, alice: Tenant) -> None:
    """A batch waits for its jobs."""
    dedicated, batch = alice.open(), alice.open(mode="batch")
    platform.clock.advance(1800)
    assert [alice.json(f"/sessions/{one}")["state"] for one in (dedicated, batch)] == ["closed", "open"]


def test_a_dedicated_session_is_refused_on_the_open_plan(make_platform: MakePlatform) -> None:
    """With the number that was seen; a batch is fine, and is short."""
    alice = make_platform(instances=[{"name": "free", "plan": "open"}]).tenant()
    refused = alice.post("/sessions", json={"mode": "dedicated", "backend": "ibm_fez"})
    assert alice.code(refused) == (400, 1352)
    assert alice.json(f"/sessions/{alice.open(mode='batch')}")["max_ttl"] == 600


def test_the_times_that_were_asked_for_are_kept(alice: Tenant) -> None:
    """As far as the plan allows them."""
    answer = alice.post("/sessions", json={"mode": "batch", "max_ttl": 99_999, "interactive_ttl": 5})
    shown = answer.get_json()
    assert (shown["max_ttl"], shown["interactive_ttl"], shown["backend_name"]) == (28_800, 5, None)


def test_a_job_must_fit_its_session(alice: Tenant) -> None:
    """The same backend, a session that exists and is one's own."""
    session = alice.open()
    wrong = alice.post("/jobs", json={**JOB, "backend": "ibm_torino", "session_id": session})
    unknown = alice.post("/jobs", json={**JOB, "session_id": "nope"})
    assert alice.code(wrong) == (400, 1295)
    assert alice.code(unknown) == (404, 1292)


@pytest.mark.parametrize("body", [{}, {"mode": "fast"}, {"mode": "batch", "max_ttl": 0}, {"mode": 1}])
def test_a_session_that_cannot_be_is_refused(alice: Tenant, body: object) -> None:
    """By the document."""
    assert alice.code(alice.post("/sessions", json=body)) == (400, 1208)


def test_a_session_needs_a_backend_that_there_is(alice: Tenant) -> None:
    """Or none at all."""
    assert alice.code(alice.post("/sessions", json={"mode": "batch", "backend": "ibm_nope"})) == (404, 1007)


def test_another_tenant_knows_nothing_of_a_session(platform: PlatformFake, alice: Tenant) -> None:
    """Not to look at, not to use, not to close."""
    bob, session = platform.tenant(BOB), alice.open()
    assert bob.code(bob.get(f"/sessions/{session}")) == (404, 1292)
    assert bob.call("PATCH", f"/sessions/{session}", json={"accepting_jobs": False}).status_code == 404
    assert bob.call("DELETE", f"/sessions/{session}/close").status_code == 404
    assert bob.post("/jobs", json={**JOB, "session_id": session}).status_code == 404
    assert alice.json(f"/sessions/{session}")["accepting_jobs"] is True


def test_stopping_can_be_taken_back(platform: PlatformFake, alice: Tenant) -> None:
    """While jobs keep the session open."""
    session = alice.open()
    alice.submit(session_id=session)
    for accepting in (False, True):
        alice.call("PATCH", f"/sessions/{session}", json={"accepting_jobs": accepting})
    platform.clock.advance(5)
    assert alice.json(f"/sessions/{session}")["state"] == "active"
