"""Rules in a whole fake: every surface says what they ask for, and none of it is a bug of the mock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from mock_runtime import Config, ManualClock, create_app, runtime_of
from mock_runtime.transport.exchanges import ConnectionCut
from tests.mock_runtime.faults.examples import GOOD

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

PATHS: Final = {
    "platform": ("/api/v1/jobs", "/api/v1/usage", "/identity/token", "/v2/resource_instances", "/nothing"),
    "2021": ("/jobs", "/programs/vqe", "/api/users/me", "/nothing"),
}
HEADERS: Final = {"Authorization": "Bearer some-token"}


@pytest.mark.parametrize("edition", PATHS)
def test_no_rule_makes_the_mock_fail(edition: str) -> None:
    """Whatever it does, and whoever is called: an answer, or a connection that is cut on purpose."""
    app = create_app(Config(edition=edition, seed=1), clock=ManualClock())
    runtime, client = runtime_of(app), app.test_client()
    for rule in GOOD:
        # The ids of operations are those of one document.
        match = {key: value for key, value in (rule.get("match") or {}).items() if key != "operation"}
        runtime.faults.replace([{**rule, "match": match}])
        for path in PATHS[edition]:
            for method in ("GET", "POST", "HEAD"):
                try:
                    answer = client.open(path, method=method, headers=HEADERS)
                except ConnectionCut:
                    continue
                assert 200 <= answer.status_code <= 599
        runtime.check()


@pytest.mark.parametrize("edition", PATHS)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_every_surface_refuses_in_its_own_words(edition: str, status: int) -> None:
    """With the hint to come back later, before and after the request was carried out; it is no bug of the mock."""
    app = create_app(Config(edition=edition, seed=1), clock=ManualClock())
    runtime, client = runtime_of(app), app.test_client()
    for match in ({}, {"status": "any"}):
        runtime.faults.replace([{"match": match, "act": {"status": status, "message": "not now", "retry_after": "5s"}}])
        for path in PATHS[edition]:
            answer = client.get(path, headers=HEADERS)
            assert (answer.status_code, answer.headers["Retry-After"]) == (status, "5")
            assert answer.content_type == "application/json"
            assert b"not now" in answer.data
    runtime.check()


@pytest.fixture
def legacy() -> FlaskClient:
    """A client of a fake of 2021 whose jobs wait for five seconds and run for twenty."""
    config = Config(edition="2021", seed=1, scenario={"queue": "5s", "run": "20s"})
    return create_app(config, clock=ManualClock()).test_client()


def ask(client: FlaskClient, method: str, path: str, **said: Any) -> TestResponse:
    """A request of somebody's."""
    return client.open(path, method=method, headers=HEADERS, **said)


def test_jobs_do_what_rules_say(legacy: FlaskClient) -> None:
    """Back to the queue, done though cancelled, without its result; and another that ends without one."""
    runtime = runtime_of(legacy.application)
    clock = runtime.clock
    assert isinstance(clock, ManualClock)
    job = ask(legacy, "POST", "/jobs", json={"programId": "vqe"}).get_json()["id"]

    def status() -> str:
        return str(ask(legacy, "GET", f"/jobs/{job}").get_json()["status"])

    clock.advance(10)
    assert status() == "Running"
    requeued = runtime.faults.add(match={"operation": "get-job", "job": "#1"}, act={"job": "requeue"}, times=1)
    assert status() == "Queued"
    clock.advance(10)
    runtime.faults.add(match={"operation": "cancel-job"}, act={"job": "outrun-cancel"})
    assert ask(legacy, "POST", f"/jobs/{job}/cancel").status_code == 204
    assert status() == "Completed"
    runtime.faults.add(match={"operation": "get-job"}, act={"job": "lose-result"}, times=1)
    assert status() == "Completed"
    assert ask(legacy, "GET", f"/jobs/{job}/results").status_code == 404
    runtime.faults.add(match={"operation": "submit-job"}, act={"job": "withhold-result"})
    job = ask(legacy, "POST", "/jobs", json={"programId": "vqe"}).get_json()["id"]
    clock.advance(100)
    assert status() == "Completed"
    assert ask(legacy, "GET", f"/jobs/{job}/results").status_code == 204
    runtime.faults.assert_all_met()
    assert [entry.number for entry in runtime.requests if requeued.id in entry.faults] == list(requeued.requests)


def test_a_submission_whose_answer_is_lost_was_carried_out(legacy: FlaskClient) -> None:
    """Once the connection is cut before the answer, once another answer comes; whoever tries again has three jobs."""
    runtime = runtime_of(legacy.application)
    runtime.faults.add(match={"operation": "submit-job", "calls": 1}, act={"cut": "before"})
    runtime.faults.add(
        match={"operation": "submit-job", "status": "2xx", "calls": 2}, act={"status": 504, "body": "html"}
    )
    with pytest.raises(ConnectionCut):
        ask(legacy, "POST", "/jobs", json={"programId": "vqe"})
    assert ask(legacy, "POST", "/jobs", json={"programId": "vqe"}).status_code == 504
    assert ask(legacy, "POST", "/jobs", json={"programId": "vqe"}).status_code == 200
    assert len(ask(legacy, "GET", "/jobs").get_json()["jobs"]) == 3
    runtime.faults.assert_all_met()


def test_a_request_that_is_dropped_was_not_carried_out(legacy: FlaskClient) -> None:
    """Neither was one that was refused."""
    runtime = runtime_of(legacy.application)
    runtime.faults.add(match={"operation": "submit-job", "calls": 1}, act={"cut": "request", "reset": True})
    runtime.faults.add(match={"operation": "submit-job"}, act={"status": 503}, times=1)
    with pytest.raises(ConnectionCut):
        ask(legacy, "POST", "/jobs", json={"programId": "vqe"})
    assert ask(legacy, "POST", "/jobs", json={"programId": "vqe"}).status_code == 503
    assert ask(legacy, "GET", "/jobs").get_json()["jobs"] == []
