"""Operations on jobs, sessions, backends and tokens, whoever owns them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock_runtime.control.steering import Steering
from tests.mock_runtime.fakes import BOB, Account, Fake
from tests.mock_runtime.platform_fakes import new_platform


def test_all_jobs_are_seen_whoever_owns_them(fake: Fake, alice: Account, steering: Steering) -> None:
    """The newest first, a page at a time, or only those in a status."""
    first = alice.submit()
    fake.clock.advance(1)
    second = fake.account(BOB).submit()
    everything = steering.json("GET", "/jobs")
    assert [job["id"] for job in everything["jobs"]] == [second, first]
    assert everything["count"] == 2
    assert [job["id"] for job in steering.json("GET", "/jobs?limit=1&offset=1")["jobs"]] == [first]
    assert steering.json("GET", "/jobs?status=running")["count"] == 1
    assert steering.json("GET", "/jobs?status=failed") == {"jobs": [], "count": 0}
    assert steering.json("GET", "/jobs?limit=0") == {"jobs": [], "count": 2}


def test_a_job_says_where_it_stands_and_what_is_to_come(fake: Fake, alice: Account, steering: Steering) -> None:
    """As far as anybody can tell; looking at it is no poll."""
    begun, job = fake.clock.now(), alice.submit()
    queued = steering.json("GET", f"/jobs/{job}")
    assert (queued["status"], queued["starts_at"], queued["ends_at"]) == ("queued", begun + 1, begun + 3)
    assert (queued["started_at"], queued["ended_at"], queued["ends_as"]) == (None, None, "completed")
    fake.clock.advance(3)
    over = steering.json("GET", f"/jobs/{job}")
    assert (over["started_at"], over["ended_at"], over["starts_at"], over["ends_at"]) == (
        begun + 1,
        begun + 3,
        None,
        None,
    )
    assert (over["submission"], over["program"], over["ends_as"]) == (1, "runtime-simple", None)
    fake.runtime.script.next_job(polls=2)
    polled = alice.submit()
    alice.status(polled)
    for _ in range(5):
        seen = steering.json("GET", f"/jobs/{polled}")
    assert (seen["polls"], seen["starts_at"], seen["ends_at"]) == ({"status": 1, "results": 0}, None, None)


@pytest.mark.parametrize(
    ("event", "details", "status"),
    [
        ("finish", {}, "completed"),
        ("fail", {"reason": "KeyError: 'x'"}, "failed"),
        ("fail", {}, "failed"),
        ("cancel", {}, "cancelled"),
        ("requeue", {"queue": "5s"}, "queued"),
        ("requeue", {}, "queued"),
        ("withhold-result", {}, "running"),
    ],
)
def test_something_happens_to_a_job(
    fake: Fake, alice: Account, steering: Steering, event: str, details: dict[str, Any], status: str
) -> None:
    """Now, whoever owns it."""
    job = alice.submit()
    fake.clock.advance(1)
    after = steering.json("POST", f"/jobs/{job}/events", {"event": event, **details})
    assert (after["id"], after["status"]) == (job, status)


def test_a_reason_is_told_and_a_wait_is_as_long_as_was_said(fake: Fake, alice: Account, steering: Steering) -> None:
    """A length of time, or a number of polls."""
    failing, waiting = alice.submit(), alice.submit()
    fake.clock.advance(1)
    steering.json("POST", f"/jobs/{failing}/events", {"event": "fail", "reason": "KeyError: 'x'"})
    assert alice.get(f"/jobs/{failing}/results").text.endswith("KeyError: 'x'\n")
    steering.json("POST", f"/jobs/{waiting}/events", {"event": "requeue", "queue": "2 polls"})
    assert [alice.status(waiting) for _ in range(3)] == ["Queued", "Queued", "Running"]


def test_a_result_is_lost_and_a_cancellation_outrun(fake: Fake, alice: Account, steering: Steering) -> None:
    """Once there is one."""
    job, cancelled = alice.submit(), alice.submit()
    assert "for this it has to be completed" in steering.refused(
        409, "POST", f"/jobs/{job}/events", {"event": "lose-result"}
    )
    fake.clock.advance(1)
    alice.post(f"/jobs/{cancelled}/cancel")
    after = steering.json("POST", f"/jobs/{cancelled}/events", {"event": "outrun-cancel"})
    assert after["status"] == "completed"
    fake.clock.advance(2)
    steering.json("POST", f"/jobs/{job}/events", {"event": "lose-result"})
    assert alice.get(f"/jobs/{job}/results").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 400, "event: it is missing; expected keys are event, reason, queue"),
        ({"event": "explode"}, 400, "event: expected one of finish, fail, cancel, requeue"),
        ({"event": ["fail"]}, 400, "event: expected one of"),
        ({"event": "cancel", "reason": "x"}, 400, "reason: it belongs to the event fail"),
        ({"event": "fail", "queue": "5s"}, 400, "queue: it belongs to the event requeue"),
        ({"event": "fail", "raeson": "x"}, 400, "'raeson' is no key here; did you mean 'reason'?"),
        ({"event": "requeue", "queue": "soon"}, 400, "queue: 'soon' is not a length of time"),
        ({"event": "requeue"}, 409, "job 'ID' is queued, and for this it has to be running"),
        ([], 400, "the body must be a JSON object, not an array"),
    ],
)
def test_what_cannot_happen_is_refused(
    alice: Account, steering: Steering, body: Any, status: int, expected: str
) -> None:
    """With the reason, and the job stays as it is."""
    job = alice.submit()
    sentence = steering.refused(status, "POST", f"/jobs/{job}/events", body)
    assert sentence.startswith(expected.replace("ID", job))
    assert alice.status(job) == "Queued"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/jobs?statsu=running", "'statsu' is no query parameter here; did you mean 'status'?"),
        ("/jobs?status=Running", "query parameter status: expected one of queued"),
        ("/jobs?limit=1001", "query parameter limit: expected a whole number from 0 to 1000, found '1001'"),
        ("/jobs?limit=x", "query parameter limit: expected a whole number from 0 to 1000, found 'x'"),
        ("/jobs?offset=-1", "query parameter offset: expected a whole number from 0 to"),
        ("/sessions?limit=9999", "query parameter limit"),
        ("/backends?name=x", "'name' is no query parameter here; there is none"),
        ("/state?x", "'x' is no query parameter here; there is none"),
    ],
)
def test_an_odd_query_is_refused(steering: Steering, path: str, expected: str) -> None:
    """A misspelt filter would show everything as if it fitted."""
    assert steering.refused(400, "GET", path).startswith(expected)


def test_a_job_that_is_not_there_is_not_found(steering: Steering) -> None:
    """Whatever is asked of it."""
    assert steering.refused(404, "GET", "/jobs/x") == "no job 'x'"
    assert steering.refused(404, "POST", "/jobs/x/events", {"event": "fail"}) == "no job 'x'"
    assert steering.refused(404, "PATCH", "/jobs/x", {"run": 1}) == "no job 'x'"


def test_backends_are_taken_away_and_brought_back(fake: Fake, alice: Account, steering: Steering) -> None:
    """Jobs that wait there begin when it is back."""
    begun, job = fake.clock.now(), alice.submit()
    backend = steering.json("GET", f"/jobs/{job}")["backend"]
    body = {"availability": "offline", "reason": "calibration", "for": "1h"}
    after = steering.json("PATCH", f"/backends/{backend}", body)["backends"]
    found = next(one for one in after if one["name"] == backend)
    assert (found["availability"], found["reason"], found["pending"]) == ("offline", "calibration", 1)
    assert steering.json("GET", f"/jobs/{job}")["starts_at"] == begun + 3600
    steering.json("PATCH", f"/backends/{backend}", {"availability": "online"})
    assert steering.json("GET", f"/jobs/{job}")["starts_at"] == begun + 1
    for one in steering.json("PATCH", "/backends/*", {"availability": "paused"})["backends"]:
        assert one["availability"] == "paused"


@pytest.mark.parametrize(
    ("name", "body", "status", "expected"),
    [
        ("nothing", {"availability": "offline"}, 404, "no backend 'nothing'"),
        ("*", {}, 400, "availability: it is missing"),
        ("*", {"availability": "gone"}, 400, "availability: expected one of online, paused, offline, found 'gone'"),
        ("*", {"availability": "online", "for": "1h"}, 400, "availability: a backend is online without a reason"),
        ("*", {"availability": "offline", "for": "1s..2s"}, 400, "for: expected one length of time"),
        ("*", {"availability": "offline", "reason": 5}, 400, "reason: expected a text"),
    ],
)
def test_an_odd_change_of_a_backend_is_refused(
    steering: Steering, name: str, body: Any, status: int, expected: str
) -> None:
    """And all of them stay."""
    before = steering.json("GET", "/backends")
    assert steering.refused(status, "PATCH", f"/backends/{name}", body).startswith(expected)
    assert steering.json("GET", "/backends") == before


def test_a_maintenance_is_announced_begins_and_is_called_off(fake: Fake, alice: Account, steering: Steering) -> None:
    """All backends are paused meanwhile, and say why."""
    announced = steering.json("POST", "/maintenance", {"in": "10m", "for": "2h", "message": "Calibration"})
    assert {one["availability"] for one in announced["backends"]} == {"online"}
    fake.clock.advance(600)
    paused = steering.json("GET", "/backends")["backends"]
    assert {(one["availability"], one["message"]) for one in paused} == {("paused", "Calibration")}
    job = alice.submit()
    fake.clock.advance(60)
    assert alice.status(job) == "Queued"
    steering.done("DELETE", "/maintenance")
    assert alice.status(job) == "Running"
    assert {one["availability"] for one in steering.json("POST", "/maintenance")["backends"]} == {"paused"}


def test_sessions_are_seen_whoever_owns_them() -> None:
    """With where they stand."""
    fake = new_platform()
    session = fake.tenant().open()
    found = Steering(fake.client).json("GET", "/sessions")
    assert found["count"] == 1
    assert (found["sessions"][0]["id"], found["sessions"][0]["mode"]) == (session, "dedicated")


def test_tokens_expire_are_revoked_and_good_again() -> None:
    """Of one caller, or of all."""
    fake = new_platform()
    tenant, steering = fake.tenant(), Steering(fake.client)
    assert tenant.get("/jobs").status_code == 200
    steering.done("POST", "/tokens", {"event": "expire"})
    assert tenant.get("/jobs").status_code == 401
    tenant = fake.tenant()
    caller = steering.json("GET", "/journal?operation=list-jobs&status=200")["exchanges"][0]["caller"]
    steering.done("POST", "/tokens", {"event": "revoke", "caller": caller})
    assert tenant.get("/jobs").status_code == 401
    steering.done("POST", "/tokens", {"event": "restore", "caller": None})
    assert tenant.get("/jobs").status_code == 200
    assert steering.refused(400, "POST", "/tokens", {"event": "burn"}).startswith("event: expected one of expire")
