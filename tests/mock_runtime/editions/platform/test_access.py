"""Who comes in, for which instance, in which region, and with which version of the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock_runtime.editions.platform.conftest import MakePlatform
from tests.mock_runtime.platform_fakes import ALICE, BOB, JOB, PlatformFake, Tenant

ELSEWHERE = "crn:v1:bluemix:public:quantum-computing:eu-de:a/0123456789abcdef:11111111-2222-3333-4444-555555555555::"


def errors(answer: Any) -> dict[str, Any]:
    """The one error of a refusal."""
    error: dict[str, Any] = answer.get_json()["errors"][0]
    return error


@pytest.mark.parametrize(
    ("header", "code"),
    [("", 1200), ("Bearer", 1201), ("Bearer a.b.c", 1201), ("Basic eDp5", 1201), ("apikey ", 1201)],
)
def test_who_is_not_known_is_refused(platform: PlatformFake, alice: Tenant, header: str, code: int) -> None:
    """With 401, how to authenticate, and IBM's number."""
    answer = alice.get("/jobs", headers={"Authorization": header})
    assert alice.code(answer) == (401, code)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_api_key_is_as_good_as_a_token(alice: Tenant) -> None:
    """As the client sends it where it can have no token."""
    assert alice.get("/jobs", headers={"Authorization": f"apikey {ALICE}"}).status_code == 200


def test_a_token_expires(platform: PlatformFake, alice: Tenant) -> None:
    """After an hour to the second."""
    platform.clock.advance(3599)
    alive = alice.get("/jobs").status_code
    platform.clock.advance(1)
    assert (alive, alice.code(alice.get("/jobs"))) == (200, (401, 1201))


def test_a_token_of_another_server_is_refused(make_platform: MakePlatform) -> None:
    """Each signs with its own secret."""
    here, there = make_platform(seed=1), make_platform(seed=2)
    stranger = Tenant(here.client, there.log_in(), here.tenant().crn)
    assert stranger.code(stranger.get("/jobs")) == (401, 1201)


def test_only_configured_keys_are_let_in_if_there_are_any(make_platform: MakePlatform) -> None:
    """By IAM in its own words, and by the API."""
    fake = make_platform(tokens=[ALICE])
    alice = fake.tenant()
    refused = fake.client.post(
        "/identity/token", data={"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": BOB}
    )
    assert (refused.status_code, refused.get_json()["errorCode"]) == (400, "BXNIM0415E")
    assert BOB not in refused.text
    assert alice.code(alice.get("/jobs", headers={"Authorization": f"apikey {BOB}"})) == (401, 1201)
    assert alice.code(alice.get("/jobs", headers={"Authorization": f"Bearer {ALICE}"})) == (401, 1201)


@pytest.mark.parametrize("crn", ["", "nonsense", "crn:v1:bluemix:public:other:us-east:a/1:2::", "crn:" * 500])
def test_an_instance_has_to_be_named(alice: Tenant, crn: str) -> None:
    """By a CRN of this service."""
    assert alice.code(alice.get("/jobs", headers={"Service-CRN": crn})) == (400, 1241)


def test_an_instance_that_nobody_has_becomes_the_callers(platform: PlatformFake, alice: Tenant) -> None:
    """A script with the CRN of a real instance in it runs; from then on nobody else may use that one."""
    own = {"Service-CRN": ELSEWHERE}
    assert alice.get("/jobs", headers=own).status_code == 200
    assert ELSEWHERE in platform.instances(alice.token)
    bob = platform.tenant(BOB)
    assert bob.code(bob.get("/jobs", headers=own)) == (404, 1279)
    assert ELSEWHERE not in platform.instances(bob.token)


def test_configured_instances_are_all_there_are(make_platform: MakePlatform) -> None:
    """Each for the keys it is meant for."""
    instances = [
        {"name": "team", "crn": ELSEWHERE},
        {"name": "only-alice", "keys": ["alice"], "backends": ["ibm_fez"]},
    ]
    tokens = [{"token": ALICE, "name": "alice"}, {"token": BOB, "name": "bob"}]
    fake = make_platform(instances=instances, tokens=tokens)
    alice, bob = fake.tenant(), fake.tenant(BOB)
    assert (len(fake.instances(alice.token)), len(fake.instances(bob.token))) == (2, 1)
    small = Tenant(fake.client, alice.token, fake.instances(alice.token)[1])
    assert [device["name"] for device in small.json("/backends")["devices"]] == ["ibm_fez"]
    assert small.json("/instance")["backends"] == ["ibm_fez"]
    assert small.code(small.post("/jobs", json={**JOB, "backend": "ibm_torino"})) == (404, 1007)
    assert small.code(small.get("/backends/ibm_torino/status")) == (404, 1007)
    trespass = bob.get("/jobs", headers={"Service-CRN": small.crn})
    assert bob.code(trespass) == (404, 1279)


def test_an_instance_is_shared_by_its_users(make_platform: MakePlatform) -> None:
    """What one submits the other sees."""
    tokens = [{"token": ALICE, "name": "alice"}, {"token": BOB, "name": "bob"}]
    fake = make_platform(instances=[ELSEWHERE], tokens=tokens)
    job = fake.tenant().submit()
    assert fake.tenant(BOB).state(job) == "Queued"


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("quantum.cloud.ibm.com", "/api/v1/jobs", 200),
        ("us-east.quantum.cloud.ibm.com", "/api/v1/jobs", 200),
        ("private.us-east.quantum.cloud.ibm.com", "/api/v1/jobs", 200),
        ("eu-de.quantum.cloud.ibm.com", "/api/v1/jobs", 404),
        ("us-east.quantum-computing.cloud.ibm.com", "/jobs", 200),
        ("eu-de.quantum-computing.cloud.ibm.com", "/jobs", 404),
        ("quantum.cloud.ibm.com", "/v1/jobs", 404),
        ("127.0.0.1:8000", "/api/v1/jobs", 200),
        ("127.0.0.1:8000", "/experimental/api/v1/jobs", 200),
        ("127.0.0.1:8000", "/experimental/jobs", 200),
    ],
)
def test_a_region_serves_its_own_instances(alice: Tenant, host: str, path: str, status: int) -> None:
    """By the name of the host; a server of one's own serves them all."""
    headers = {"Authorization": f"Bearer {alice.token}", "Service-CRN": alice.crn}
    assert alice.client.get(path, base_url=f"https://{host}", headers=headers).status_code == status


def test_versions_are_told_to_anybody(platform: PlatformFake) -> None:
    """Without credentials, and until their last day."""
    before = platform.client.get("/api/v1/versions").get_json()["versions"]
    platform.clock.advance(60 * 86_400)
    after = platform.client.get("/api/v1/versions").get_json()["versions"]
    assert [one["version"] for one in before][:2] == ["2024-01-01", "2025-01-01"]
    assert before[-1] == {"version": "2026-04-15", "status": "live"}
    assert after[0]["version"] == "2026-02-01"


@pytest.mark.parametrize("version", [None, "2024-01-01", "2024-12-31"])
def test_backends_are_names_in_the_beginning(platform: PlatformFake, version: str | None) -> None:
    """Also for who names no version."""
    alice = platform.tenant(version=version)
    assert "ibm_fez" in alice.json("/backends")["devices"]


@pytest.mark.parametrize("version", ["2025-01-01", "2025-06-01", "2026-04-15", "2031-01-01"])
def test_backends_are_objects_since(platform: PlatformFake, version: str) -> None:
    """A date that is on no list means the version before it."""
    alice = platform.tenant(version=version)
    assert alice.json("/backends")["devices"][0]["name"] == "ibm_fez"


@pytest.mark.parametrize("version", ["", "today", "20260415", "2026-02-30", "2023-12-31", "2026-4-15", "9" * 5000])
def test_a_version_that_cannot_be_is_refused(platform: PlatformFake, version: str) -> None:
    """On every operation that asks who calls."""
    alice = platform.tenant(version=version)
    assert alice.code(alice.get("/jobs")) == (400, 1208)


@pytest.mark.parametrize(
    ("version", "usage", "root"),
    [
        ("2026-02-15", {"seconds", "quantum_seconds", "circuits_execution_time_ns"}, {"bss"}),
        ("2026-03-15", {"circuits_execution_time_ns"}, set()),
        ("2026-04-15", set(), {"circuits_execution_time_ns"}),
    ],
)
def test_metrics_lost_fields_over_time(platform: PlatformFake, version: str, usage: set[str], root: set[str]) -> None:
    """As the change log says."""
    alice = platform.tenant(version=version)
    metrics = alice.json(f"/jobs/{alice.submit()}/metrics")
    assert set(metrics["usage"]) - {"status", "qpu_charge_time_seconds"} == usage
    assert set(metrics) - {"usage", "timestamps", "caller"} == root


def test_transpiled_circuits_are_gone(platform: PlatformFake) -> None:
    """They were there until 2026-02-01."""
    before, after = platform.tenant(version="2025-05-01"), platform.tenant()
    job = before.submit()
    assert before.get(f"/jobs/{job}/transpiled_circuits").status_code == 204
    assert after.get(f"/jobs/{job}/transpiled_circuits").status_code == 404


def test_an_unknown_path_says_what_there_is(alice: Tenant) -> None:
    """In the envelope of the API."""
    answer = alice.get("/nope")
    assert answer.status_code == 404
    assert "/api/v1/jobs/{id}/results" in errors(answer)["message"]


def test_another_method_is_refused_with_those_that_there_are(alice: Tenant) -> None:
    """405 with Allow."""
    answer = alice.call("PATCH", "/jobs")
    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"GET", "HEAD", "POST"})


def test_errors_of_usage_come_in_the_other_container(alice: Tenant) -> None:
    """Everything in it, and a UUID as the trace: the document is checked with each answer."""
    answer = alice.get("/instances/usage", headers={"Authorization": "Bearer no"})
    assert set(errors(answer)) == {"code", "message", "solution", "more_info"}


def test_nothing_secret_is_in_a_refusal(alice: Tenant) -> None:
    """Neither key nor token."""
    answer = alice.get("/jobs", headers={"Authorization": "apikey ", "Service-CRN": "x"})
    assert alice.token not in answer.text


def test_instances_are_described(alice: Tenant) -> None:
    """Plan, backends, limits; a limit that is set is shown, and can be taken away."""
    first = alice.json("/instance")
    assert first["backends"][0] == "ibm_fez"
    assert alice.call("PUT", "/instances/configuration", json={"instance_limit": 60}).status_code == 204
    assert alice.json("/instances/configuration") == {"instance_limit": 60}
    assert alice.json("/instance")["instance_limit_seconds"] == "60"
    assert alice.json("/instances/usage")["usage_limit_seconds"] == 60
    assert alice.call("PUT", "/instances/configuration", json={}).status_code == 204
    assert alice.json("/instances/configuration") == {}


def test_a_limit_beyond_the_plan_is_refused(make_platform: MakePlatform) -> None:
    """The open plan has ten minutes."""
    alice = make_platform(instances=[{"name": "free", "plan": "open"}]).tenant()
    refused = alice.call("PUT", "/instances/configuration", json={"instance_limit": 601})
    assert alice.code(refused) == (409, 1298)
    assert alice.json("/instance")["usage_allocation_seconds"] == "600"
