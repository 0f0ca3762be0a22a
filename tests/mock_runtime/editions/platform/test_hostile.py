"""What strangers send: each gets the edition's own refusal, and takes nothing away from anybody."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_runtime import Config, ManualClock, create_app, runtime_of
from mock_runtime.domain.results import Output
from tests.mock_runtime.editions.platform.conftest import MakePlatform
from tests.mock_runtime.platform_fakes import JOB, RESULT, PlatformFake, Tenant, Told

YEAR_1 = -62_135_596_800.0
YEAR_9999 = 253_402_300_799.0


def nested(levels: int) -> bytes:
    """A job with so many arrays in one another in its options."""
    body = json.dumps({**JOB, "params": {"pubs": [], "options": None}}).encode()
    return body.replace(b"null", b"[" * levels + b"]" * levels)


@pytest.mark.parametrize("levels", [100, 240, 256, 300, 900, 5_000, 200_000])
def test_deep_bodies_are_refused(alice: Tenant, levels: int) -> None:
    """Also those that Python reads, and the validator of schemas does not."""
    answer = alice.post("/jobs", data=nested(levels))
    assert alice.code(answer) == (400, 1208)


@pytest.mark.parametrize("name", ["backend", "program_id", "session_id", "runtime", "calibration_id", "\ud800"])
def test_half_a_surrogate_pair_is_refused(alice: Tenant, name: str) -> None:
    """JSON can write it, and no text can hold it."""
    answer = alice.post("/jobs", data=json.dumps({**JOB, name: "\ud800"}))
    assert alice.code(answer) == (400, 1208)
    assert "surrogate" in answer.get_json()["errors"][0]["message"]


def test_tags_are_characters(alice: Tenant) -> None:
    """Those of a job that is there stay what they were."""
    job = alice.submit(tags=["été", "🦄"])
    answer = alice.call("PUT", f"/jobs/{job}/tags", data=json.dumps({"tags": ["\ud800"]}))
    assert alice.code(answer) == (400, 1208)
    assert alice.json(f"/jobs/{job}")["tags"] == ["été", "🦄"]


@pytest.mark.parametrize("now", [YEAR_1, YEAR_9999])
def test_usage_has_a_period_at_both_ends_of_time(now: float) -> None:
    """The period would begin before the year 1, or end after 9999."""
    clock, told = ManualClock(now), Told()
    app = create_app(Config(edition="platform", seed=0), clock=clock, execution=told)
    fake = PlatformFake(runtime_of(app), clock, told, app.test_client())
    period = fake.tenant().json("/instances/usage")["usage_period"]
    assert period["start_time"] >= "0001-01-01T00:00:00"
    assert period["end_time"] <= "9999-12-31T23:59:59.999999Z"


def test_many_tags_in_a_filter_are_a_condition_like_any_other(alice: Tenant) -> None:
    """A job that has not all of them is not listed."""
    alice.submit(tags=["a"])
    query = "&".join(f"tags=t{number}" for number in range(8))
    assert alice.json(f"/jobs?{query}")["count"] == 0
    assert alice.code(alice.get("/jobs?" + "&".join(f"tags=t{number}" for number in range(5_000)))) == (400, 1208)
    assert alice.json("/jobs?tags=a&tags=a")["count"] == 1


def private_job(fake: PlatformFake, alice: Tenant) -> str:
    """One that has ended."""
    job = alice.submit(private=True)
    fake.clock.advance(3)
    return job


def test_head_reads_no_private_results(platform: PlatformFake, alice: Tenant) -> None:
    """They are there once, and whoever asks for the head has not had them."""
    job = private_job(platform, alice)
    assert alice.call("HEAD", f"/jobs/{job}/results").status_code == 200
    assert alice.get(f"/jobs/{job}/results").text == RESULT
    assert alice.code(alice.get(f"/jobs/{job}/results")) == (404, 1291)


def test_private_results_that_come_while_somebody_looks_are_still_to_be_read(
    make_platform: MakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the look was empty, so it was no reading."""
    fake = make_platform(Told(later=True))
    alice = fake.tenant()
    job = private_job(fake, alice)
    look = fake.runtime.service.jobs._look

    def look_and_compute(*args: Any) -> Any:
        view = look(*args)
        if not fake.execution.begun[0].done():
            fake.execution.begun[0].set_result(Output(result=RESULT))
        return view

    # The one moment that counts is the one between the look and the reading.
    monkeypatch.setattr(fake.runtime.service.jobs, "_look", look_and_compute)
    first, second = alice.get(f"/jobs/{job}/results"), alice.get(f"/jobs/{job}/results")
    assert (first.status_code, second.status_code, second.text) == (204, 200, RESULT)


def test_a_private_job_that_was_cancelled_has_no_results_to_read(alice: Tenant) -> None:
    """However often somebody looks."""
    job = alice.submit(private=True)
    alice.post(f"/jobs/{job}/cancel")
    assert [alice.get(f"/jobs/{job}/results").status_code for _ in range(2)] == [204, 204]


def test_a_deleted_job_leaves_no_tags_behind(platform: PlatformFake, alice: Tenant) -> None:
    """Its session has the tags of the jobs that are there."""
    session = alice.open()
    gone = alice.submit(session_id=session, tags=["secret"])
    alice.submit(session_id=session, tags=["kept"])
    platform.clock.advance(3)
    alice.call("DELETE", f"/jobs/{gone}")
    (workload,) = alice.json("/workloads")["workloads"]
    assert workload["tags"] == ["kept"]


@pytest.mark.parametrize(
    "host",
    ["eu-de.quantum.cloud.ibm.com", "eu-de.quantum.cloud.ibm.com.:443", "EU-DE.quantum.cloud.ibm.test"],
)
def test_an_instance_of_another_region_is_not_there(platform: PlatformFake, alice: Tenant, host: str) -> None:
    """However the host is written, and in each of the domains."""
    headers = {"Authorization": f"Bearer {alice.token}", "Service-CRN": alice.crn, "Host": host}
    answer = platform.client.get("/api/v1/jobs", headers=headers)
    assert alice.code(answer) == (404, 1279)


@pytest.mark.parametrize(
    ("host", "path"),
    [("quantum.cloud.ibm.com", "/api/v1"), ("us-east.quantum-computing.cloud.ibm.com", ""), ("localhost", "/api/v1")],
)
def test_links_lead_to_where_the_caller_is(platform: PlatformFake, alice: Tenant, host: str, path: str) -> None:
    """The older hosts have another path."""
    alice.submit()
    alice.submit()
    headers = {"Authorization": f"Bearer {alice.token}", "Service-CRN": alice.crn, "Host": host}
    answer = platform.client.get(f"{path}/workloads?limit=1", headers=headers)
    link = answer.get_json()["next"]["href"]
    assert link.startswith(f"http://{host}{path}/workloads?limit=1&next=")
    assert platform.client.get(link.removeprefix(f"http://{host}"), headers=headers).get_json()["total_count"] == 2
