"""What callers of both editions are told of what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_runtime.durations import Fixed
from tests.mock_runtime.fakes import new_fake
from tests.mock_runtime.platform_fakes import new_platform

if TYPE_CHECKING:
    from mock_runtime.clock import ManualClock
    from mock_runtime.service import Happenings
    from tests.mock_runtime.fakes import Account
    from tests.mock_runtime.platform_fakes import Tenant


def sides() -> list[tuple[Happenings, ManualClock, Account | Tenant]]:
    """A fake of each edition: what happens to it, its clock, and somebody who calls it."""
    legacy, today = new_fake(), new_platform()
    return [
        (legacy.runtime.service.happenings, legacy.clock, legacy.account()),
        (today.runtime.service.happenings, today.clock, today.tenant()),
    ]


def polled(caller: Account | Tenant, clock: ManualClock, job: str, times: int) -> list[int]:
    """The statuses of requests for the results, a second apart."""
    found = []
    for _ in range(times):
        found.append(caller.get(f"/jobs/{job}/results").status_code)
        clock.advance(1)
    return found


def test_a_job_goes_back_to_the_queue_and_is_done_later() -> None:
    """Its callers see no results for longer."""
    for happenings, clock, caller in sides():
        job = caller.submit()
        assert polled(caller, clock, job, 2) == [204, 204]
        happenings.requeue(job, Fixed(2.0))
        assert polled(caller, clock, job, 6) == [204, 204, 204, 204, 200, 200]


def test_a_result_that_is_withheld_is_never_there() -> None:
    """204 for ever, of a job that says it is completed."""
    for happenings, clock, caller in sides():
        job = caller.submit()
        happenings.withhold_result(job)
        assert polled(caller, clock, job, 6) == [204] * 6
        assert '"Completed"' in caller.get(f"/jobs/{job}").get_data(as_text=True)


def test_a_result_that_is_lost_is_not_found() -> None:
    """Of a job that had one."""
    for happenings, clock, caller in sides():
        job = caller.submit()
        assert polled(caller, clock, job, 5) == [204, 204, 204, 200, 200]
        happenings.lose_result(job)
        assert polled(caller, clock, job, 2) == [404, 404]


def test_a_job_outruns_its_cancellation() -> None:
    """The cancellation was acknowledged, and then there are results."""
    for happenings, clock, caller in sides():
        job = caller.submit()
        clock.advance(1.5)
        assert caller.post(f"/jobs/{job}/cancel").status_code == 204
        happenings.outrun_cancel(job)
        assert polled(caller, clock, job, 1) == [200]
        assert caller.post(f"/jobs/{job}/cancel").status_code == 409


def test_a_backend_that_is_away_says_so() -> None:
    """In its status and in the list; jobs are taken, and wait."""
    fake = new_platform()
    caller, happenings = fake.tenant(), fake.runtime.service.happenings
    happenings.backend_offline("ibm_fez", "internal", 60.0)
    job = caller.submit()
    status = caller.json("/backends/ibm_fez/status")
    assert (status["state"], status["status"]) == (False, "internal")
    listed = {device["name"]: device["status"]["name"] for device in caller.json("/backends")["devices"]}
    assert (listed["ibm_fez"], listed["ibm_marrakesh"]) == ("offline", "online")
    fake.clock.advance(59)
    assert caller.state(job) == "Queued"
    fake.clock.advance(1)
    assert caller.state(job) == "Running"
    assert caller.json("/backends/ibm_fez/status")["status"] == "active"


def test_what_a_job_has_used_is_told_with_its_attempts() -> None:
    """And its times are those of the last one."""
    fake = new_platform()
    caller = fake.tenant()
    job = caller.submit()
    fake.clock.advance(2)
    fake.runtime.service.happenings.requeue(job, Fixed(5.0))
    fake.clock.advance(60)
    metrics = caller.json(f"/jobs/{job}/metrics")
    assert metrics["usage"]["qpu_charge_time_seconds"] == 3
    assert metrics["timestamps"]["running"] > metrics["timestamps"]["created"]
