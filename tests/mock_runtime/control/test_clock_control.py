"""Operations on time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mock_runtime import Config, create_app, runtime_of
from mock_runtime.clock import SteerableClock, SystemClock
from tests.mock_runtime.control.steering import Steering
from tests.mock_runtime.fakes import EDITION_2021, Account, Fake
from tests.mock_runtime.platform_fakes import Told, new_platform

if TYPE_CHECKING:
    from tests.mock_runtime.conftest import MakeFake


def until(steering: Steering, job: str, status: str, **more: Any) -> Any:
    """Where time stands after it was moved to where a job is in a status."""
    return steering.json("POST", "/clock", {"until": {"job": job, "status": status}, **more})


def test_time_is_moved_to_the_very_instant_at_which_a_job_runs(fake: Fake, alice: Account, steering: Steering) -> None:
    """Neither earlier nor later; what waits for it is there then."""
    begun, job = fake.clock.now(), alice.submit()
    moved = until(steering, job, "running")
    assert (moved["now"], moved["job"]["status"], moved["job"]["started_at"]) == (begun + 1, "running", begun + 1)
    assert until(steering, job, "final")["now"] == begun + 3
    assert alice.status(job) == "Completed"


def test_a_job_that_is_there_already_moves_nothing(fake: Fake, alice: Account, steering: Steering) -> None:
    """Whichever status it is in."""
    begun, job = fake.clock.now(), alice.submit()
    assert until(steering, job, "queued")["now"] == begun
    fake.clock.advance(3)
    assert until(steering, job, "completed")["now"] == begun + 3
    assert until(steering, job, "final")["now"] == begun + 3


def test_an_end_is_found_whichever_it_is(fake: Fake, alice: Account, steering: Steering) -> None:
    """Also one that a cancellation will bring later."""
    begun = fake.clock.now()
    fake.runtime.script.set(run="1h", cancel_lag="5s")
    job = alice.submit()
    fake.clock.advance(2)
    assert alice.post(f"/jobs/{job}/cancel").status_code == 204
    moved = until(steering, job, "final")
    assert (moved["job"]["status"], moved["now"]) == ("cancelled", begun + 7)


@pytest.mark.parametrize(
    ("plan", "status", "expected"),
    [
        ({"polls": 4}, "running", "depends on polls, not on time"),
        ({"polls": 4}, "final", "depends on polls, not on time"),
        ({"outcome": "failed"}, "completed", "it is queued, and will be failed"),
        ({"outcome": "stuck"}, "running", "will never be 'running' if nobody interferes: it is queued"),
        ({"queue": 0, "run": 0}, "running", "it is completed"),
        ({}, "cancelled", "it is queued, and will be completed"),
    ],
)
def test_what_never_happens_is_refused_with_the_reason(
    fake: Fake, alice: Account, steering: Steering, plan: dict[str, Any], status: str, expected: str
) -> None:
    """409, and time stays."""
    fake.runtime.script.next_job(**plan)
    begun, job = fake.clock.now(), alice.submit()
    sentence = steering.refused(409, "POST", "/clock", {"until": {"job": job, "status": status}})
    assert expected.replace("'running'", status) in sentence
    assert fake.clock.now() == begun


def test_time_moves_by_at_most_so_much(fake: Fake, alice: Account, steering: Steering) -> None:
    """The bound itself is allowed."""
    begun, job = fake.clock.now(), alice.submit()
    body = {"until": {"job": job, "status": "completed"}, "at_most": "2s"}
    sentence = steering.refused(409, "POST", "/clock", body)
    assert sentence == f"job '{job}' is completed in 3 s, and time was to move by at most 2 s"
    assert fake.clock.now() == begun
    assert until(steering, job, "completed", at_most=3)["now"] == begun + 3


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"until": {"job": "x", "status": "running"}}, 404, "no job 'x'"),
        ({"until": {"job": "x", "status": "runing"}}, 400, "until.status: expected one of queued, running, completed"),
        ({"until": {"job": 5, "status": "running"}}, 400, "until.job: expected a text of at most"),
        ({"until": {"job": "x"}}, 400, 'until: send {"job": ID, "status": "running"}'),
        ({"until": "x"}, 400, "until: send"),
        (
            {"until": {"job": "x", "status": "final"}, "atmost": 1},
            400,
            "'atmost' is no key here; did you mean 'at_most'",
        ),
        ({"until": {"job": "x", "status": "final"}, "at_most": "1s..2s"}, 400, "at_most: expected one length of time"),
    ],
)
def test_an_odd_until_is_refused(steering: Steering, body: Any, status: int, expected: str) -> None:
    """With what was expected."""
    assert steering.refused(status, "POST", "/clock", body).startswith(expected)


def test_a_computation_is_waited_for_before_time_moves() -> None:
    """What takes real time is done first, and only if it takes too long the answer is to ask again."""
    execution = Told(later=True)
    fake = new_platform(execution=execution)
    job = fake.tenant().submit()
    steering = Steering(fake.client)
    settled: list[float] = []

    def settle(timeout_s: float) -> bool:
        settled.append(timeout_s)
        if len(settled) == 2:
            execution.begun[0].set_result(Told().output)
        return False

    object.__setattr__(fake.runtime.service.jobs, "settle", settle)
    sentence = steering.refused(409, "POST", "/clock", {"until": {"job": job, "status": "final"}})
    assert "is still being computed, which takes real time: ask again" in sentence
    assert until(steering, job, "final")["job"]["status"] == "completed"
    assert settled == [10.0, 10.0]


def test_time_runs_at_any_speed_and_stands_still() -> None:
    """And goes on from where it stands."""
    real = [0.0]
    app = create_app(Config(edition=EDITION_2021), clock=SteerableClock(1000.0, monotonic=lambda: real[0]))
    steering = Steering(app.test_client())
    assert steering.json("GET", "/clock")["speed"] == 1.0
    assert steering.json("PATCH", "/clock", {"speed": "100x"})["speed"] == 100.0
    real[0] = 1.0
    assert steering.json("GET", "/clock")["now"] == 1100.0
    assert steering.json("PATCH", "/clock", {"speed": "manual"})["manual"] is True
    real[0] = 2.0
    assert steering.json("POST", "/clock", {"advance": "5s"}) == {
        "now": 1105.0,
        "time": "1970-01-01T00:18:25.000Z",
        "speed": 0.0,
        "manual": True,
    }
    odd: tuple[Any, ...] = ("fast", -1, None, 1e9, True, [])
    for speed in odd:
        assert steering.refused(400, "PATCH", "/clock", {"speed": speed}).startswith("speed: ")
    assert steering.refused(400, "PATCH", "/clock", {}).startswith("speed: it is missing")


def test_a_job_is_met_under_a_clock_that_runs() -> None:
    """Which may come there by itself while it is asked."""
    real = [0.0]
    app = create_app(Config(edition=EDITION_2021), clock=SteerableClock(1000.0, monotonic=lambda: real[0]))
    fake = Fake(runtime_of(app), runtime_of(app).clock, app.test_client())  # type: ignore[arg-type]
    job = fake.account().submit()
    real[0] = 0.5
    assert until(Steering(fake.client), job, "running")["now"] == 1001.0
    real[0] = 10.0
    assert until(Steering(fake.client), job, "final")["job"]["status"] == "completed"


def test_a_manual_clock_of_a_test_does_not_run(steering: Steering) -> None:
    """409: its speed is 0 for ever."""
    assert "make a SteerableClock" in steering.refused(409, "PATCH", "/clock", {"speed": "real"})
    assert steering.json("PATCH", "/clock", {"speed": 0})["manual"] is True


def test_a_clock_that_cannot_be_moved_is_none_to_wait_on() -> None:
    """Whatever is asked of it."""
    client = create_app(Config(edition=EDITION_2021), clock=SystemClock()).test_client()
    steering = Steering(client)
    for method, body in (("POST", {"advance": 1}), ("PATCH", {"speed": 2})):
        assert "give it a SteerableClock" in steering.refused(409, method, "/clock", body)


def test_time_ends_before_a_job_does(fake: Fake, alice: Account, steering: Steering) -> None:
    """409: beyond the year 9999 there is none."""
    fake.runtime.script.next_job(queue=1e9)
    fake.clock.advance(251_780_000_000)
    body = {"until": {"job": alice.submit(), "status": "final"}}
    assert "the years end with 9999" in steering.refused(409, "POST", "/clock", body)


def test_latencies_of_single_operations(fake: Fake, alice: Account, steering: Steering) -> None:
    """Are set beside that of all, and taken back by one that says nothing of them."""
    both = {"latency": "0.5s", "of": {"submit-job": "2s"}}
    assert steering.json("PUT", "/latency", both) == both
    before = fake.clock.now()
    alice.submit()
    assert fake.clock.now() == before + 2
    assert steering.json("PUT", "/latency", {"latency": 0}) == {"latency": "0s", "of": {}}
    wrong = {"latency": 1, "of": {"submit-jobs": "2s"}}
    assert "did you mean 'submit-job'" in steering.refused(400, "PUT", "/latency", wrong)
    odd: tuple[Any, ...] = ([], {"submit-job": "never"}, {"submit-job": None})
    for of in odd:
        assert steering.refused(400, "PUT", "/latency", {"latency": 1, "of": of}).startswith("of")


def test_time_can_be_moved_in_a_fake_of_its_own(make_fake: MakeFake) -> None:
    """Whatever others do."""
    one, other = make_fake(), make_fake()
    Steering(one.client).json("POST", "/clock", {"advance": "1h"})
    assert other.clock.now() + 3600 == one.clock.now()
