"""The fixtures, loaded by nothing but the installation of the wheel."""

import pytest
import requests

import mock_runtime


@pytest.mark.mock_runtime(edition="2021")
def test_virtual_time(runtime_server, runtime_client, runtime_clock, runtime_scenario):
    """A job of 46 seconds is waited for in no time, over the fixtures of the package."""
    runtime_scenario.set(queue="1s", run="45s")
    job = runtime_client.submit_job("runtime-simple", {"iterations": 2})
    before = runtime_clock.now()
    assert job.result() == "All done!"
    assert runtime_clock.now() - before == 46
    assert runtime_server.url.startswith("http://127.0.0.1:")


def test_todays_api(runtime_client, runtime_clock, runtime_scenario):
    """The same with today's API, whose result is made up here, where no Qiskit is."""
    runtime_scenario.set(queue="1s", run="45s")
    before = runtime_clock.now()
    pubs = [["OPENQASM 3.0; bit[1] c; c[0] = measure $0;"]]
    job = runtime_client.submit_job("sampler", "ibm_fez", params={"pubs": pubs, "version": 2, "support_qiskit": True})
    assert job.result().json()["__type__"] == "PrimitiveResult"
    assert runtime_clock.now() - before >= 46


def test_no_port_at_all():
    """IBM's own host is answered in this process."""
    with mock_runtime.intercept():
        answer = requests.get("https://quantum.cloud.ibm.com/api/v1/versions", timeout=10)
    assert "2026-03-15" in {version["version"] for version in answer.json()["versions"]}
