"""Jobs of today's API: submitting, watching, reading, listing, tagging, ending them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_runtime.domain.results import Output, failure
from tests.mock_runtime.editions.platform.conftest import MakePlatform
from tests.mock_runtime.platform_fakes import BOB, JOB, RESULT, PlatformFake, Tenant, Told


def test_a_job_is_queued_then_runs_then_is_completed(platform: PlatformFake, alice: Tenant) -> None:
    """The state follows the timeline of the plan."""
    job = alice.submit()
    seen = [alice.state(job)]
    for seconds in (1, 2):
        platform.clock.advance(seconds)
        seen.append(alice.state(job))
    assert seen == ["Queued", "Running", "Completed"]


def test_results_are_204_until_the_end_and_the_same_ever_after(platform: PlatformFake, alice: Tenant) -> None:
    """A client that polls sees empty answers, then the result, then the same result."""
    job = alice.submit()
    before = alice.get(f"/jobs/{job}/results")
    platform.clock.advance(3)
    first, second = (alice.get(f"/jobs/{job}/results") for _ in range(2))
    assert (before.status_code, before.data) == (204, b"")
    assert first.mimetype == "text/plain"
    assert first.text == second.text == RESULT


def test_a_job_waits_for_its_computation(make_platform: MakePlatform) -> None:
    """A job is over when both its timeline and its computation are."""
    fake = make_platform(Told(later=True))
    alice = fake.tenant()
    job = alice.submit()
    fake.clock.advance(60)
    still = alice.state(job)
    fake.execution.begun[0].set_result(Output(result="[1]", logs="done"))
    assert (still, alice.state(job)) == ("Running", "Completed")
    assert alice.get(f"/jobs/{job}/results").text == "[1]"
    assert alice.json(f"/jobs/{job}/metrics")["usage"]["qpu_charge_time_seconds"] == 59


def test_a_computation_that_fails_fails_the_job(make_platform: MakePlatform) -> None:
    """The reason is the last line of what it said, and the code is its own."""
    fake = make_platform(Told(output=Output(error="Traceback\nValueError: too deep\n", error_code=1517, logs="oh\n")))
    alice = fake.tenant()
    job = alice.submit()
    fake.clock.advance(3)
    state = alice.json(f"/jobs/{job}")["state"]
    assert state["status"] == "Failed"
    assert (state["reason"], state["reason_code"]) == ("ValueError: too deep", 1517)
    assert "ValueError: too deep" in alice.get(f"/jobs/{job}/results").text
    assert alice.get(f"/jobs/{job}/logs").text == "oh\n"


def test_a_computation_that_raises_fails_the_job(make_platform: MakePlatform) -> None:
    """Whatever an execution dies of, the job says so and the server goes on."""
    fake = make_platform(Told(later=True))
    alice = fake.tenant()
    job = alice.submit()
    fake.execution.begun[0].set_exception(MemoryError())
    fake.clock.advance(3)
    assert "MemoryError" in alice.json(f"/jobs/{job}")["state"]["reason"]


def test_a_job_that_is_deleted_is_computed_no_longer(make_platform: MakePlatform) -> None:
    """Nobody is left who could want its results."""
    fake = make_platform(Told(later=True))
    alice = fake.tenant()
    job = alice.submit()
    alice.call("DELETE", f"/jobs/{job}")
    assert fake.execution.begun[0].cancelled()
    assert alice.get(f"/jobs/{job}").status_code == 404


def test_a_job_that_runs_too_long_says_so_in_two_ways(make_platform: MakePlatform) -> None:
    """The status is long, the state is Cancelled with the number that clients look for."""
    fake = make_platform(scenario={"run": "1h"})
    alice = fake.tenant()
    job = alice.submit(cost=30)
    fake.clock.advance(32)
    shown = alice.json(f"/jobs/{job}")
    assert shown["status"] == "Cancelled - Ran too long"
    assert (shown["state"]["status"], shown["state"]["reason_code"]) == ("Cancelled", 1305)


def test_what_was_sent_comes_back(alice: Tenant) -> None:
    """Tags, cost, calibration and inputs are kept."""
    job = alice.submit(tags=["a", "b"], cost=99, calibration_id="x", runtime="img:1", log_level="debug")
    shown = alice.json(f"/jobs/{job}")
    assert {key: shown[key] for key in ("tags", "cost", "calibration_id", "runtime")} == {
        "tags": ["a", "b"],
        "cost": 99,
        "calibration_id": "x",
        "runtime": "img:1",
    }
    assert shown["params"] == JOB["params"]
    assert shown["program"] == {"id": "sampler"}


@pytest.mark.parametrize(
    ("asked", "shown"), [("", True), ("?exclude_params=true", False), ("?exclude_params=False", True)]
)
def test_inputs_are_left_out_of_a_job_on_demand(alice: Tenant, asked: str, shown: bool) -> None:
    """Old clients write the truth in Python's way."""
    assert ("params" in alice.json(f"/jobs/{alice.submit()}{asked}")) is shown


@pytest.mark.parametrize(
    ("asked", "shown"), [("", False), ("?exclude_params=false", True), ("?exclude_params=True", False)]
)
def test_inputs_are_in_a_list_on_demand(alice: Tenant, asked: str, shown: bool) -> None:
    """In a list the default is the other one."""
    alice.submit()
    assert ("params" in alice.json(f"/jobs{asked}")["jobs"][0]) is shown


def test_a_private_job_shows_no_inputs_and_its_results_once(platform: PlatformFake, alice: Tenant) -> None:
    """The second reader finds nothing."""
    job = alice.submit(private=True)
    unread = alice.get(f"/jobs/{job}/results").status_code
    platform.clock.advance(3)
    assert "params" not in alice.json(f"/jobs/{job}")
    first, second = (alice.get(f"/jobs/{job}/results") for _ in range(2))
    assert (unread, first.status_code, second.status_code) == (204, 200, 404)


def test_logs_are_there_at_the_end(platform: PlatformFake, alice: Tenant) -> None:
    """Before, the answer is short."""
    job = alice.submit()
    before = alice.get(f"/jobs/{job}/logs")
    platform.clock.advance(3)
    after = alice.get(f"/jobs/{job}/logs")
    assert before.status_code == 404
    assert before.get_json()["errors"][0]["message"] == "logs not found"
    assert "solution" not in before.get_json()["errors"][0]
    assert (after.mimetype, after.text) == ("text/plain", "it ran\n")


def test_metrics_tell_times_and_charge(platform: PlatformFake, alice: Tenant) -> None:
    """Pending and without times first, complete with all of them in the end."""
    job = alice.submit()
    before = alice.json(f"/jobs/{job}/metrics")
    platform.clock.advance(3)
    after = alice.json(f"/jobs/{job}/metrics")
    assert before["usage"] == {"status": "pending", "qpu_charge_time_seconds": 0}
    assert set(before["timestamps"]) == {"created"}
    assert after["usage"] == {"status": "complete", "qpu_charge_time_seconds": 2}
    assert after["timestamps"]["running"].endswith("11:06:41.000000Z")
    assert after["circuits_execution_time_ns"] == 2_000_000_000


def test_cancelling_ends_a_job_once(platform: PlatformFake, alice: Tenant) -> None:
    """A second time there is nothing to cancel."""
    job = alice.submit()
    answers = [alice.post(f"/jobs/{job}/cancel") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 409]
    assert alice.state(job) == "Cancelled"
    platform.clock.advance(60)
    assert alice.get(f"/jobs/{job}/results").status_code == 204


def test_a_deleted_job_is_gone_everywhere(alice: Tenant) -> None:
    """From every operation and from the list."""
    job = alice.submit()
    assert alice.call("DELETE", f"/jobs/{job}").status_code == 204
    paths = ["", "/results", "/logs", "/metrics"]
    assert {alice.get(f"/jobs/{job}{path}").status_code for path in paths} == {404}
    assert alice.post(f"/jobs/{job}/cancel").status_code == 404
    assert alice.call("PUT", f"/jobs/{job}/tags", json={"tags": []}).status_code == 404
    assert alice.json("/jobs")["jobs"] == []


def test_tags_are_replaced_and_found(alice: Tenant) -> None:
    """By a part of three characters or more, whatever their case."""
    job = alice.submit(tags=["old"])
    assert alice.call("PUT", f"/jobs/{job}/tags", json={"tags": ["Experiment-7", "calm"]}).status_code == 204
    assert alice.json(f"/jobs/{job}")["tags"] == ["Experiment-7", "calm"]
    assert alice.json("/tags?type=job&search=perim")["tags"] == ["Experiment-7"]
    assert alice.json("/tags?type=job&search=old")["tags"] == []


@pytest.mark.parametrize("query", ["", "?type=job", "?search=abc", "?type=job&search=ab", "?type=session&search=abc"])
def test_a_search_for_tags_needs_both_its_parts(alice: Tenant, query: str) -> None:
    """Three characters at least, and the one type there is."""
    assert alice.code(alice.get(f"/tags{query}")) == (400, 1208)


def test_a_list_is_newest_first_and_paged(platform: PlatformFake, alice: Tenant) -> None:
    """The count is that of all, where clients stop."""
    jobs = []
    for _ in range(5):
        jobs.append(alice.submit())
        platform.clock.advance(1)
    page = alice.json("/jobs?limit=2&offset=1")
    assert [job["id"] for job in page["jobs"]] == [jobs[3], jobs[2]]
    assert (page["count"], page["limit"], page["offset"]) == (5, 2, 1)
    assert [job["id"] for job in alice.json("/jobs?sort=ASC")["jobs"]] == jobs


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=", "offset=-1", "offset=99999999999"])
def test_an_impossible_page_is_the_usual_one(alice: Tenant, query: str) -> None:
    """IBM's document says of these two that the default is used."""
    page = alice.json(f"/jobs?{query}")
    assert (page["limit"], page["offset"]) == (200, 0)


def test_lists_are_filtered(platform: PlatformFake, alice: Tenant) -> None:
    """All conditions have to hold; a filter changes the count."""
    first = alice.submit(tags=["x", "y"])
    platform.clock.advance(10)
    second = alice.submit(program_id="estimator", backend="ibm_torino", tags=["x"], params={"pubs": [["a", "Z"]]})
    session = alice.open(mode="batch")
    third = alice.submit(session_id=session)

    def found(query: str) -> list[str]:
        page = alice.json(f"/jobs?{query}")
        assert page["count"] == len(page["jobs"])
        return [job["id"] for job in page["jobs"]]

    assert found("program=estimator") == [second]
    assert found("backend=ibm_torino") == [second]
    assert found("tags=x&tags=y") == [first]
    assert found("tags=x") == [second, first]
    assert found(f"session_id={session}") == [third]
    assert found("pending=true") == [third, second]
    assert found("pending=False") == [first]
    assert found("created_after=2026-11-18T11:06:45Z") == [third, second]
    assert found("created_before=2026-11-18T11:06:45%2B00:00") == [first]
    assert found("pending=true&sort=ASC&backend=ibm_fez") == [third]
    assert found("unknown=1") == [third, second, first]


@pytest.mark.parametrize("query", ["sort=asc", "pending=maybe", "created_after=yesterday", "exclude_params=2"])
def test_a_filter_that_means_nothing_is_refused(alice: Tenant, query: str) -> None:
    """In the envelope, with the number of a request that is not valid."""
    assert alice.code(alice.get(f"/jobs?{query}")) == (400, 1208)


def test_a_program_that_is_not_there_is_not_found(alice: Tenant) -> None:
    """Clients take that 404 for what it is."""
    assert alice.code(alice.post("/jobs", json={**JOB, "program_id": "nope"})) == (404, 1290)


def test_a_backend_that_is_not_there_is_not_found(alice: Tenant) -> None:
    """In the short words that were seen."""
    answer = alice.post("/jobs", json={**JOB, "backend": "ibm_nope"})
    assert answer.get_json()["errors"][0]["message"] == "device not found"
    assert alice.code(answer) == (404, 1007)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "JSON"),
        (b"[]", "object"),
        (b'{"program_id": "sampler"}', '"backend" is a required property'),
        (json.dumps({**JOB, "tags": ["x"] * 9}).encode(), "/tags"),
        (json.dumps({**JOB, "params": {"pubs": "all"}}).encode(), "/params/pubs"),
        (json.dumps({**JOB, "cost": 10801}).encode(), "/cost"),
        (b'{"program_id": "sampler", "backend": "ibm_fez", "params": {"pubs": [' + b"[" * 100_000, ""),
    ],
)
def test_a_body_that_is_not_valid_is_refused_with_what_is_wrong(alice: Tenant, body: bytes, said: str) -> None:
    """The number is the one that was seen, and the message says where."""
    answer = alice.post("/jobs", data=body)
    assert alice.code(answer) == (400, 1208)
    assert said in answer.get_json()["errors"][0]["message"]


def test_a_body_needs_no_content_type(alice: Tenant) -> None:
    """Releases of the client up to 0.34 send none."""
    assert alice.post("/jobs", data=json.dumps(JOB)).status_code == 200


def test_channel_partners_alone_keep_inputs_elsewhere(alice: Tenant) -> None:
    """The document has a body for them; everybody else is refused."""
    place = {
        "type": "ibmcloud_cos",
        "region": "us-east",
        "region_type": "regional",
        "bucket_crn": "crn:v1:x",
        "object_name": "inputs",
    }
    body: dict[str, Any] = {**JOB, "remote_storage": {**place, "job_params": place, "results": place}}
    body.pop("params")
    assert alice.code(alice.post("/jobs", json=body)) == (403, 1203)


def test_two_tenants_do_not_see_each_other(platform: PlatformFake, alice: Tenant) -> None:
    """Neither by id, nor in lists, nor with the other one's CRN."""
    bob = platform.tenant(BOB)
    job = alice.submit(tags=["secret-tag"])
    for path in ("", "/results", "/logs", "/metrics"):
        assert bob.code(bob.get(f"/jobs/{job}{path}")) == (404, 1291)
    assert bob.post(f"/jobs/{job}/cancel").status_code == 404
    assert bob.call("DELETE", f"/jobs/{job}").status_code == 404
    assert bob.json("/jobs")["count"] == 0
    assert bob.json("/tags?type=job&search=secret")["tags"] == []
    trespass = bob.get("/jobs", headers={"Service-CRN": alice.crn})
    assert bob.code(trespass) == (404, 1279)
    assert alice.state(job) == "Queued"


def test_five_jobs_a_minute_if_that_is_asked_for(make_platform: MakePlatform) -> None:
    """The sixth has to wait for as long as the answer says."""
    fake = make_platform(limits={"jobs_per_minute": 5})
    alice = fake.tenant()
    for _ in range(5):
        alice.submit()
        fake.clock.advance(2)
    refused = alice.post("/jobs", json=JOB)
    assert alice.code(refused) == (429, 1202)
    assert refused.headers["Retry-After"] == "50"
    fake.clock.advance(50)
    alice.submit()


def test_usage_limits_are_kept(make_platform: MakePlatform) -> None:
    """What is used up is refused with 409, and the usage says so."""
    fake = make_platform(instances=[{"name": "small", "limit_s": 3}])
    alice = fake.tenant()
    for _ in range(2):
        alice.submit()
        fake.clock.advance(3)
    assert alice.json("/instances/usage")["usage_limit_reached"] is True
    assert alice.code(alice.post("/jobs", json=JOB)) == (409, 1299)
    assert alice.call("PUT", "/instances/configuration", json={"instance_limit": 100}).status_code == 204
    alice.submit()


def test_a_planned_failure_is_told(make_platform: MakePlatform) -> None:
    """Scenarios work on this edition, too."""
    fake = make_platform(scenario={"outcome": "failed", "reason": "Qubits are tired"})
    alice = fake.tenant()
    job = alice.submit()
    fake.clock.advance(3)
    assert alice.json(f"/jobs/{job}")["state"]["reason"] == "Qubits are tired"
    assert alice.get(f"/jobs/{job}/logs").text == failure("Qubits are tired").logs


def test_a_failed_job_can_be_computed_after_all(make_platform: MakePlatform) -> None:
    """A plan that lets it complete starts the computation that was left out."""
    fake = make_platform(Told(later=True), scenario={"outcome": "failed"})
    alice = fake.tenant()
    job = alice.submit()
    assert fake.execution.begun == []
    fake.client.patch(f"/_mock/jobs/{job}", json={"outcome": "completed"})
    fake.clock.advance(3)
    waiting = alice.state(job)
    fake.execution.begun[0].set_result(Output(result="1"))
    assert (waiting, alice.state(job)) == ("Running", "Completed")
