"""The channel `ibm_quantum`, by which releases up to 0.40 came to the same API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock_runtime.platform_fakes import JOB, PlatformFake

TOKEN = "a-token-of-ibm-quantum"


def log_in(platform: PlatformFake, token: str = TOKEN) -> dict[str, str]:
    """The headers of somebody who has logged in."""
    answer = platform.client.post("/api/users/loginWithToken", json={"apiToken": token})
    return {"X-Access-Token": answer.get_json()["id"]}


def test_the_account_service_leads_to_the_api(platform: PlatformFake) -> None:
    """Version, login, address, network: what the client asks before anything else."""
    headers = log_in(platform)
    assert "api-auth" in platform.client.get("/api/version").get_json()
    urls = platform.client.get("/api/users/me", headers=headers).get_json()["urls"]
    assert urls["services"]["runtime"] == "http://localhost/api/v1"
    hubs = platform.client.get("/api/Network", headers=headers).get_json()
    assert hubs[0]["groups"]["open"]["projects"]["main"]["isDefault"] is True


def test_a_login_submits_and_sees_its_jobs(platform: PlatformFake) -> None:
    """Without a CRN; another login sees nothing of them."""
    headers, others = log_in(platform), log_in(platform, "somebody-else")

    def ask(path: str, of: dict[str, str] = headers, **request: Any) -> Any:
        return platform.client.get(f"/api/v1{path}", headers=of, **request)

    job = platform.client.post("/api/v1/jobs", json=JOB, headers=headers).get_json()["id"]
    assert "ibm_fez" in ask("/backends?provider=ibm-q%2Fopen%2Fmain").get_json()["devices"]
    assert ask("/usage").get_json()["byInstance"][0]["pendingJobs"] == 1
    assert ask(f"/jobs/{job}").get_json()["status"] == "Queued"
    assert ask(f"/jobs/{job}", others).status_code == 404


def test_errors_are_those_of_whose_operation_it_is(platform: PlatformFake) -> None:
    """Two services share a prefix; each has its own envelope."""
    assert "error" in platform.client.get("/api/Network").get_json()
    assert "errors" in platform.client.get("/api/v1/jobs").get_json()
    assert "errors" in platform.client.get("/api/nope").get_json()


@pytest.mark.parametrize("host", ["auth.quantum-computing.ibm.com", "auth.quantum.ibm.com"])
def test_the_old_hosts_lead_here(platform: PlatformFake, host: str) -> None:
    """And tell of themselves."""
    headers = log_in(platform)
    me = platform.client.get("/api/users/me", base_url=f"https://{host}", headers=headers).get_json()
    assert me["urls"]["services"]["runtime"] == f"https://{host}/api/v1"
    jobs = platform.client.get("/jobs", base_url="https://runtime-us-east.quantum-computing.ibm.com", headers=headers)
    assert jobs.get_json()["count"] == 0


def test_a_login_that_nobody_made_is_refused(platform: PlatformFake) -> None:
    """By the API, in its envelope."""
    headers = {**log_in(platform)}
    platform.client.post("/api/users/logout", headers=headers)
    answer = platform.client.get("/api/v1/jobs", headers=headers)
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (401, 1201)
