"""Requests through a whole fake: what faults do to them, to the world, and what the journal says afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests
from urllib3.util.retry import Retry

from mock_runtime import Config, LiveServer, ManualClock, create_app, intercept, runtime_of
from mock_runtime.exchanges import TRACE
from mock_runtime.transport.exchanges import ConnectionCut
from mock_runtime.transport.in_process import HOST, WSGIAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_runtime import Runtime

ALICE = {"Authorization": "Bearer alice"}
SUBMISSION = {"programId": "runtime-simple"}


@pytest.fixture
def runtime() -> Runtime:
    """A fake of 2021 whose jobs take three polls."""
    return runtime_of(create_app(Config(edition="2021", seed=7, scenario={"polls": 3}), clock=ManualClock()))


@pytest.fixture(params=["socket", "adapter"])
def url_and_session(request: pytest.FixtureRequest, runtime: Runtime) -> Iterator[tuple[str, requests.Session]]:
    """A session of requests that reaches the fake, with and without a socket."""
    with requests.Session() as session:
        session.headers.update(ALICE)
        if request.param == "adapter":
            session.mount("http://", WSGIAdapter(runtime.app))
            yield f"http://{HOST}", session
        else:
            with LiveServer(runtime.app) as server:
                yield server.origin, session
    runtime.check()


def last_faults(runtime: Runtime) -> tuple[str, ...]:
    """The rules that the last request met, as the journal has it."""
    *_, last = runtime.requests
    return last.faults


Reached = tuple[str, requests.Session]


def submit(reached: Reached) -> str:
    """A new job."""
    url, session = reached
    return str(session.post(f"{url}/jobs", json=SUBMISSION).json()["id"])


def results(reached: Reached, job: str) -> requests.Response:
    """What a request for the results of a job is answered."""
    url, session = reached
    return session.get(f"{url}/jobs/{job}/results")


def test_a_storm_ends(runtime: Runtime, url_and_session: Reached) -> None:
    """Three answers of 503 in the edition's own words, with the time to come back, then results as ever."""
    runtime.faults.add(
        id="storm", match={"operation": "get-results"}, act={"status": 503, "retry_after": "7s"}, times=3
    )
    job = submit(url_and_session)
    answers = [results(url_and_session, job) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [503] * 3 + [204] * 3 + [200]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].json()["errors"][0]["code"] == "service_unavailable"
    runtime.faults.assert_all_met()
    assert [entry.faults for entry in runtime.requests.entries(job=job, operation="get-results")] == [
        *[("storm",)] * 3,
        *[()] * 4,
    ]
    runtime.check()


def test_a_job_was_made_though_nobody_heard_of_it(runtime: Runtime, url_and_session: Reached) -> None:
    """The answer to a submission is cut: whoever sends it again has two jobs, and the journal tells."""
    runtime.faults.add(match={"operation": "submit-job", "calls": 1}, act={"cut": "before"})
    with pytest.raises(requests.ConnectionError):
        submit(url_and_session)
    submit(url_and_session)
    with pytest.raises(AssertionError, match="expected 1 job to be made, found 2, by 2 requests"):
        runtime.requests.assert_submitted_once()


def test_a_request_that_is_cut_off_is_not_carried_out(runtime: Runtime, url_and_session: Reached) -> None:
    """Sending it again is right."""
    runtime.faults.add(match={"operation": "submit-job", "calls": 1}, act={"cut": "request"})
    with pytest.raises(requests.ConnectionError):
        submit(url_and_session)
    submit(url_and_session)
    runtime.requests.assert_submitted_once()
    first, second = runtime.requests.entries(operation="submit-job")
    assert (first.status, first.cut, first.job) == (0, "request", None)
    assert (second.status, second.cut, second.job_status) == (200, None, "queued")


def test_an_empty_answer_and_half_a_document(runtime: Runtime, url_and_session: Reached) -> None:
    """Each with the length that it has."""
    url, session = url_and_session
    runtime.faults.add(match={"path": "/jobs", "method": "GET", "calls": 1}, act={"body": "empty"})
    runtime.faults.add(match={"path": "/jobs", "method": "GET", "calls": 2}, act={"body": "truncated"})
    empty, half, whole = (session.get(f"{url}/jobs") for _ in range(3))
    assert (empty.status_code, empty.content, empty.headers["Content-Length"]) == (200, b"", "0")
    assert whole.content.startswith(half.content)
    assert 0 < len(half.content) < len(whole.content)
    assert half.headers["Content-Length"] == str(len(half.content))


def test_a_running_job_goes_back_to_the_queue(runtime: Runtime, url_and_session: Reached) -> None:
    """And gets to its end afterwards."""
    url, session = url_and_session
    runtime.script.set(queue="10s", run="30s")
    runtime.faults.add(match={"operation": "get-job", "calls": 2}, act={"job": {"event": "requeue", "queue": "30s"}})
    job = submit(url_and_session)
    seen = []
    for _ in range(7):
        runtime.clock.sleep(12)
        seen.append(session.get(f"{url}/jobs/{job}").json()["status"])
    assert seen == ["Running", "Queued", "Queued", "Queued", "Running", "Running", "Completed"]
    assert [entry.faults for entry in runtime.requests.entries(operation="get-job")][:3] == [(), ("fault-1",), ()]


def test_a_token_expires_in_the_middle_of_a_run() -> None:
    """401 until its owner has logged in again; what was given before opens no door any more."""
    runtime = runtime_of(create_app(Config(tokens=["key"], seed=7), clock=ManualClock()))
    client = runtime.app.test_client()

    def log_in() -> dict[str, str]:
        form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": "key"}
        token = client.post("/identity/token", data=form).get_json()["access_token"]
        crn = runtime.directory.instances_of(runtime.directory.by_api_key("key"))[0].crn
        return {"Authorization": f"Bearer {token}", "Service-CRN": crn}

    headers = log_in()
    assert client.get("/api/v1/jobs", headers=headers).status_code == 200
    runtime.faults.add(match={"operation": "list-jobs", "calls": 1}, act={"token": "expired"})
    assert [client.get("/api/v1/jobs", headers=headers).status_code for _ in range(2)] == [401, 401]
    assert client.get("/api/v1/jobs", headers=log_in()).status_code == 200
    assert client.get("/api/v1/jobs", headers=headers).status_code == 401
    runtime.faults.assert_all_met()


def test_a_revoked_key_gets_no_new_token() -> None:
    """Its owner is out, and nobody else."""
    runtime = runtime_of(create_app(Config(edition="2021", tokens=["alice", "bob"], seed=7), clock=ManualClock()))
    client = runtime.app.test_client()
    runtime.faults.add(match={"operation": "list-jobs", "calls": 2}, act={"token": "revoked"})

    def jobs(who: str) -> int:
        return client.get("/jobs", headers={"Authorization": f"Bearer {who}"}).status_code

    assert [jobs("alice"), jobs("alice"), jobs("alice"), jobs("bob")] == [200, 401, 401, 200]
    assert client.post("/api/users/loginWithToken", json={"apiToken": "alice"}).status_code == 401
    assert client.post("/api/users/loginWithToken", json={"apiToken": "bob"}).status_code == 200


def test_the_real_token_bucket_of_429(runtime: Runtime, url_and_session: Reached) -> None:
    """So many at once, then one for each period; Retry-After says exactly when."""
    url, session = url_and_session
    runtime.faults.add(act={"rate": {"requests": 1, "per": "10s", "burst": 3}})
    answers = [session.get(f"{url}/jobs") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    wait_s = int(answers[3].headers["Retry-After"])
    assert wait_s == 10
    runtime.clock.sleep(wait_s)
    assert [session.get(f"{url}/jobs").status_code for _ in range(2)] == [200, 429]


def test_a_retrying_client_in_an_interception_gets_through() -> None:
    """The library's own retries, waiting on the clock of the fake for as long as they were told."""
    clock = ManualClock()
    with intercept(edition="2021", clock=clock) as runtime, requests.Session() as session:
        runtime.faults.add(match={"operation": "list-jobs"}, act={"status": 503, "retry_after": "30s"}, times=2)
        retries = Retry(total=5, status_forcelist=[503], backoff_factor=0)
        session.mount("https://", requests.adapters.HTTPAdapter(max_retries=retries))
        url = "https://runtime-us-east.quantum-computing.ibm.com/jobs"
        assert session.get(url, headers=ALICE).status_code == 200
        first, *_, last = runtime.requests.entries(operation="list-jobs")
        assert last.at - first.at == 60.0
        runtime.faults.assert_all_met()


def test_httpx_in_an_interception_meets_the_same_faults() -> None:
    """A body that trickles takes its time, one that is cut off ends too early."""
    clock = ManualClock()
    with intercept(edition="2021", clock=clock) as runtime, httpx.Client(headers=ALICE) as client:
        url = "https://runtime-us-east.quantum-computing.ibm.com/programs"
        runtime.faults.add(match={"calls": 1}, act={"trickle": {"bytes": 100, "every": "1s"}})
        runtime.faults.add(match={"calls": 2}, act={"cut": "within"})
        begun = clock.now()
        body = client.get(url).content
        assert clock.now() - begun == -(-len(body) // 100)
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(url)


def test_every_answer_is_named_as_it_is_in_the_journal(runtime: Runtime, url_and_session: Reached) -> None:
    """An error by the trace in its body."""
    url, session = url_and_session
    found, lost = session.get(f"{url}/jobs"), session.get(f"{url}/jobs/none")
    assert lost.json()["trace"] == lost.headers[TRACE]
    assert [entry.trace for entry in runtime.requests] == [found.headers[TRACE], lost.headers[TRACE]]
    assert found.headers[TRACE] != lost.headers[TRACE]


def test_who_looks_at_the_journal_is_not_in_it(runtime: Runtime) -> None:
    """Nor is the control plane held back, or met by faults."""
    client = runtime.app.test_client()
    runtime.faults.add(act={"status": 500})
    assert client.get("/_mock/health").status_code == 200
    assert client.get("/openapi/").status_code == 200
    assert client.get("/jobs", headers=ALICE).status_code == 500
    assert [entry.path for entry in runtime.requests] == ["/jobs"]
    runtime.check()


def test_a_latency_of_one_operation_is_not_that_of_others() -> None:
    """By its name in all editions."""
    latencies: dict[str, Any] = {"submit-job": "3s", "list-jobs": "5s"}
    config = Config(edition="2021", latency="1s", latencies=latencies)
    runtime = runtime_of(create_app(config, clock=ManualClock()))
    client = runtime.app.test_client()
    client.post("/jobs", json=SUBMISSION, headers=ALICE)
    client.get("/jobs", headers=ALICE)
    client.get("/programs", headers=ALICE)
    assert [entry.seconds for entry in runtime.requests] == [3.0, 5.0, 1.0]


def test_what_could_not_happen_has_met_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A result that is not there yet is not lost: the rule waits for the call with which it can be."""
    config = Config(edition="2021", seed=7, scenario={"queue": "5s", "run": "20s"})
    runtime = runtime_of(create_app(config, clock=ManualClock()))
    client = runtime.app.test_client()
    job = client.post("/jobs", json=SUBMISSION, headers=ALICE).get_json()["id"]
    lose = runtime.faults.add(match={"operation": "get-job"}, act={"job": "lose-result"}, times=1)
    client.get(f"/jobs/{job}", headers=ALICE)
    assert "lose-result did not happen" in caplog.text
    assert (lose.met, lose.requests, lose.passed) == (0, (), {"nothing-there": 1})
    assert last_faults(runtime) == ()
    with pytest.raises(AssertionError, match="1 left alone: nothing there that it could be done to"):
        runtime.faults.assert_all_met()
    runtime.clock.sleep(60)
    client.get(f"/jobs/{job}", headers=ALICE)
    assert (lose.met, last_faults(runtime)) == (1, (lose.id,))
    assert client.get(f"/jobs/{job}/results", headers=ALICE).status_code == 404


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ({"job": {"event": "lose-result", "id": "#9"}}, "no job '#9'"),
        ({"job": {"event": "fail", "id": "none"}}, "no job 'none'"),
        ({"backend": {"offline": "ibm_nowhere"}}, "no backend 'ibm_nowhere'"),
    ],
    ids=str,
)
def test_what_is_done_to_nobody_is_done_to_nobody_else(
    runtime: Runtime, caplog: pytest.LogCaptureFixture, act: dict[str, Any], said: str
) -> None:
    """The job of the request is not the one that was named; a request that is cut off has not met it either."""
    client = runtime.app.test_client()
    job = client.post("/jobs", json=SUBMISSION, headers=ALICE).get_json()["id"]
    runtime.clock.sleep(100)
    for _ in range(5):
        client.get(f"/jobs/{job}", headers=ALICE)
    rule = runtime.faults.add(match={"operation": "get-job"}, act=act)
    assert client.get(f"/jobs/{job}", headers=ALICE).get_json()["status"] == "Completed"
    cut = runtime.faults.add(match={"operation": "get-job"}, act={"cut": "request"})
    with pytest.raises(ConnectionCut):
        client.get(f"/jobs/{job}", headers=ALICE)
    runtime.faults.remove(cut.id)
    assert said in caplog.text
    assert (rule.met, last_faults(runtime)) == (0, (cut.id,))
    assert client.get(f"/jobs/{job}/results", headers=ALICE).status_code == 200


def test_what_is_done_to_a_job_of_a_number_is_done_to_that(runtime: Runtime) -> None:
    """Whatever job the request is about."""
    client = runtime.app.test_client()
    first, second = (client.post("/jobs", json=SUBMISSION, headers=ALICE).get_json()["id"] for _ in range(2))
    rule = runtime.faults.add(match={"job": "#1"}, act={"job": {"event": "fail", "id": "#2"}}, times=1)
    statuses = [client.get(f"/jobs/{job}", headers=ALICE).get_json()["status"] for job in (first, second)]
    assert (rule.met, statuses) == (1, ["Queued", "Failed"])


def test_a_submission_that_is_refused_makes_no_job_to_fail(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    """The next one does."""
    client = runtime.app.test_client()
    rule = runtime.faults.add(match={"operation": "submit-job"}, act={"job": "fail"}, times=1)
    assert client.post("/jobs", json={"programId": "none"}, headers=ALICE).status_code == 404
    assert "fail did not happen: the request made no job" in caplog.text
    assert rule.met == 0
    job = client.post("/jobs", json=SUBMISSION, headers=ALICE).get_json()["id"]
    assert rule.met == 1
    assert client.get(f"/jobs/{job}", headers=ALICE).get_json()["status"] == "Failed"


@pytest.mark.parametrize("edition", ["2021", "platform"])
def test_a_key_that_is_sent_as_it_is_does_not_expire(edition: str) -> None:
    """A rule that wants it to waits for somebody who has logged in."""
    runtime = runtime_of(create_app(Config(edition=edition, seed=7), clock=ManualClock()))
    client = runtime.app.test_client()
    rule = runtime.faults.add(match={"operation": "list-jobs"}, act={"token": "expired"}, times=1)
    if edition == "2021":
        path, key = "/jobs", {"Authorization": "Bearer key"}
        token = client.post("/api/users/loginWithToken", json={"apiToken": "key"}).get_json()["id"]
        log_in = {"X-Access-Token": token}
    else:
        crn = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"
        path, key = "/api/v1/jobs", {"Authorization": "apikey key", "Service-CRN": crn}
        form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": "key"}
        token = client.post("/identity/token", data=form).get_json()["access_token"]
        log_in = {"Authorization": f"Bearer {token}", "Service-CRN": crn}
    assert client.get(path, headers=key).status_code == 200
    assert (rule.met, rule.passed) == (0, {"nothing-there": 1})
    assert [client.get(path, headers=log_in).status_code for _ in range(2)] == [401, 401]
    assert (rule.met, client.get(path, headers=key).status_code) == (1, 200)


def test_a_maintenance_is_met_by_who_is_refused(runtime: Runtime) -> None:
    """Not by the one with whom it was announced; the backends are paused all the same."""
    client = runtime.app.test_client()
    rule = runtime.faults.add(act={"maintenance": {"in": "10s", "for": "1h"}})
    assert client.get("/jobs", headers=ALICE).status_code == 200
    assert (rule.met, rule.passed, last_faults(runtime)) == (0, {"not-the-time": 1}, ())
    runtime.clock.sleep(10)
    assert client.get("/jobs", headers=ALICE).status_code == 503
    assert (rule.met, last_faults(runtime)) == (1, (rule.id,))


@pytest.mark.parametrize("path", ["/v1/jobs", "/api/v1/jobs", "/**/jobs"])
def test_a_path_is_found_as_the_document_and_as_the_log_write_it(path: str) -> None:
    """Below the prefix, and with it."""
    runtime = runtime_of(create_app(Config(seed=7), clock=ManualClock()))
    runtime.faults.add(match={"path": path}, act={"status": 503})
    client = runtime.app.test_client()
    assert client.get("/api/v1/jobs").status_code == 503
    assert client.get("/api/v1/backends").status_code == 401
