"""Worlds of their own on one server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from mock_runtime import Config, InvalidConfig, LiveServer, ManualClock, create_app, runtime_of
from mock_runtime.domain.results import Output
from mock_runtime.scopes import HEADER, InvalidScope, ScopeNotFound

if TYPE_CHECKING:
    from flask import Flask

    from mock_runtime.execution import Submission
    from mock_runtime.ids import Rng

ALICE = {"Authorization": "Bearer alice"}
SUBMISSION = {"programId": "runtime-simple"}


@pytest.fixture
def app() -> Flask:
    """A fake of 2021 under virtual time."""
    return create_app(Config(edition="2021", seed=7), clock=ManualClock())


def jobs(app: Flask, scope: str | None = None) -> int:
    """How many jobs Alice has there."""
    headers = ALICE if scope is None else {**ALICE, HEADER: scope}
    return int(app.test_client().get("/jobs", headers=headers).get_json()["count"])


def submit(app: Flask, scope: str | None = None) -> str:
    """A new job there."""
    headers = ALICE if scope is None else {**ALICE, HEADER: scope}
    return str(app.test_client().post("/jobs", json=SUBMISSION, headers=headers).get_json()["id"])


def test_a_scope_has_a_world_of_its_own(app: Flask) -> None:
    """Jobs, clock, scenario, faults and journal: what is done in one changes none of another."""
    own = runtime_of(app)
    one, other = own.scopes.create("one", {"polls": 0}), own.scopes.create("other")
    job = submit(app, "one")
    assert (jobs(app, "one"), jobs(app, "other"), jobs(app)) == (1, 0, 0)
    one.faults.add(act={"status": 503})
    one.clock.sleep(3600)
    assert (jobs(app, "other"), jobs(app)) == (0, 0)
    assert app.test_client().get("/jobs", headers={**ALICE, HEADER: "one"}).status_code == 503
    assert other.clock.now() == own.clock.now() == one.clock.now() - 3600
    assert [len(each.requests) for each in (own, one, other)] == [2, 3, 2]
    assert {entry.scope for entry in one.requests} == {"one"}
    assert one.requests.entries(job=job)[0].operation == "submit-job"


def test_the_same_world_is_made_again(app: Flask) -> None:
    """A scope has the seed of the server unless it has its own: tests do not depend on those that ran before."""
    scopes = runtime_of(app).scopes
    scopes.create("one")
    first = submit(app, "one")
    scopes.drop("one")
    scopes.create("one")
    assert submit(app, "one") == first
    scopes.create("seeded", {"seed": 8})
    assert submit(app, "seeded") != first


def test_a_scope_can_be_named_in_the_path(app: Flask) -> None:
    """As by a client that can be told an address but no header; the rest of the path and the query stay as they are."""
    one = runtime_of(app).scopes.create("one")
    client = app.test_client()
    made = client.post("/_scope/one/jobs", json=SUBMISSION, headers=ALICE).get_json()["id"]
    page = client.get("/_scope/one/jobs?limit=1&offset=0", headers=ALICE).get_json()
    assert [job["id"] for job in page["jobs"]] == [made]
    assert client.get("/_scope/one", headers=ALICE).status_code == 404
    assert client.get("/_scope/one/", headers=ALICE).status_code == 404
    assert [entry.target for entry in one.requests][:2] == ["/jobs", "/jobs?limit=1&offset=0"]


def test_links_in_answers_stay_in_the_scope() -> None:
    """The address of the next page has the scope in its path."""
    app = create_app(Config(seed=7), clock=ManualClock())
    scope = runtime_of(app).scopes.create("one", {"polls": 0})
    user = scope.directory.by_api_key("alice")
    crn = scope.directory.instances_of(user)[0].crn
    headers = {"Authorization": "apikey alice", "Service-CRN": crn}
    client = app.test_client()
    submission = {"program_id": "sampler", "backend": "ibm_fez", "params": {"pubs": [], "version": 2}}
    for _ in range(2):
        assert client.post("/_scope/one/api/v1/jobs", json=submission, headers=headers).status_code == 200
    page = client.get("/_scope/one/api/v1/workloads?limit=1", headers=headers).get_json()
    following = page["next"]["href"]
    assert following.startswith("http://localhost/_scope/one/api/v1/workloads?")
    assert client.get(following.removeprefix("http://localhost"), headers=headers).status_code == 200


@pytest.mark.parametrize("where", ["header", "path"])
def test_a_scope_that_is_not_there_is_no_other(app: Flask, where: str) -> None:
    """Nothing is done in the server's own world instead, and the answer says what to do, in the edition's words."""
    client = app.test_client()
    path, headers = ("/jobs", {**ALICE, HEADER: "gone"}) if where == "header" else ("/_scope/gone/jobs", ALICE)
    answer = client.post(path, json=SUBMISSION, headers=headers)
    assert answer.status_code == 404
    (error,) = answer.get_json()["errors"]
    assert (error["code"], error["message"]) == (
        "not_found",
        "no scope 'gone': make it first, with POST /_mock/scopes",
    )
    assert jobs(app) == 0
    runtime_of(app).check()


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65, "ü", "-x"])
def test_a_name_that_cannot_be_is_refused(app: Flask, name: str) -> None:
    """In a sentence that says what is expected."""
    with pytest.raises(InvalidScope, match="at most 64 letters, digits"):
        runtime_of(app).scopes.create(name)


def test_a_scope_is_there_once(app: Flask) -> None:
    """Another one of its name is refused, and dropping it twice, too."""
    scopes = runtime_of(app).scopes
    scopes.create("one")
    with pytest.raises(InvalidScope, match="there is a scope 'one' already: drop it first"):
        scopes.create("one")
    scopes.drop("one")
    with pytest.raises(ScopeNotFound, match="no scope 'one'"):
        scopes.drop("one")
    with pytest.raises(ScopeNotFound):
        scopes["one"]


def test_scopes_without_a_name_get_one(app: Flask) -> None:
    """One that is free."""
    scopes = runtime_of(app).scopes
    scopes.create("scope-1")
    assert [scopes.create().scope, scopes.create().scope] == ["scope-2", "scope-3"]
    assert [each.scope for each in scopes] == ["", "scope-1", "scope-2", "scope-3"]
    assert len(scopes) == 4


def test_settings_that_cannot_be_meant_make_no_scope(app: Flask) -> None:
    """They are refused as they are of a server."""
    scopes = runtime_of(app).scopes
    with pytest.raises(InvalidConfig, match="pols: unknown setting; did you mean polls"):
        scopes.create("one", {"pols": 3})
    assert len(scopes) == 1


def test_there_are_not_more_than_so_many(app: Flask) -> None:
    """The sentence says what to do."""
    own = runtime_of(app)
    own.scopes._most = 2
    own.scopes.create()
    own.scopes.create()
    with pytest.raises(InvalidScope, match="there are 2 scopes already: drop those"):
        own.scopes.create()


def test_a_scope_may_be_of_another_edition(app: Flask) -> None:
    """One server for tests of clients of all generations."""
    runtime_of(app).scopes.create("today", {"edition": "today"})
    client = app.test_client()
    assert client.get("/_scope/today/api/v1/versions").status_code == 200
    assert client.get("/api/v1/versions").status_code == 404


class Shared:
    """An execution that notes whether it was closed."""

    closed = 0

    def start(self, submission: Submission, rng: Rng) -> Output:  # noqa: ARG002 - nothing is run
        """Nothing."""
        return Output()

    def close(self) -> None:
        """Note it."""
        self.closed += 1


def test_the_execution_is_shared_and_closed_once() -> None:
    """Scopes of the same engine compute in the processes of the server; dropping one does not end those."""
    execution = Shared()
    app = create_app(Config(edition="2021"), clock=ManualClock(), execution=execution)
    own = runtime_of(app)
    assert own.scopes.create("one").execution is execution
    own.scopes.create("two")
    own.scopes.drop("one")
    assert execution.closed == 0
    own.close()
    assert execution.closed == 1
    assert len(own.scopes) == 1


def test_tests_in_parallel_do_not_see_each_other() -> None:
    """On one socket, each with its own scope, made, used and dropped over and over."""
    app = create_app(Config(edition="2021", scenario={"polls": 1}), clock=ManualClock())

    def a_test(number: int) -> list[Any]:
        scope = f"test-{number}"
        runtime_of(app).scopes.create(scope)
        with requests.Session() as session:
            session.headers.update({**ALICE, HEADER: scope})
            job = session.post(f"{server.origin}/jobs", json=SUBMISSION).json()["id"]
            seen = [session.get(f"{server.origin}/jobs/{job}/results").status_code for _ in range(2)]
            seen.append(session.get(f"{server.origin}/jobs").json()["count"])
        runtime_of(app).scopes.drop(scope)
        return seen

    with LiveServer(app) as server, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(a_test, range(60))) == [[204, 200, 1]] * 60
    assert len(runtime_of(app).scopes) == 1
    assert len(runtime_of(app).requests) == 0


def test_a_token_leads_to_its_scope() -> None:
    """Where a client can be given nothing but a token: that of a log-in, and what it gets for it, are followed."""
    app = create_app(Config(seed=7), clock=ManualClock())
    one = runtime_of(app).scopes.create("one", {"tokens": ["key-of-one"]})
    runtime_of(app).scopes.create("two", {"tokens": ["key-of-two"]})
    client = app.test_client()

    def jobs_of(key: str) -> str:
        form = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": key}
        token = client.post("/identity/token", data=form).get_json()["access_token"]
        crn = one.directory.instances_of(one.directory.by_api_key("key-of-one"))[0].crn
        headers = {"Authorization": f"Bearer {token}", "Service-CRN": crn}
        return str(client.get("/api/v1/jobs", headers=headers).status_code)

    assert [jobs_of("key-of-one"), jobs_of("key-of-two"), jobs_of("another")] == ["200", "404", "404"]
    assert [len(scope.requests) for scope in runtime_of(app).scopes] == [2, 2, 2]
    runtime_of(app).scopes.drop("one")
    assert jobs_of("key-of-two") == "404"


def test_a_log_in_of_2021_leads_to_its_scope(app: Flask) -> None:
    """By the API token in its body, and by the session token that it gave."""
    runtime_of(app).scopes.create("one", {"tokens": ["key-of-one"]})
    client = app.test_client()
    token = client.post("/api/users/loginWithToken", json={"apiToken": "key-of-one"}).get_json()["id"]
    assert client.get("/jobs", headers={"X-Access-Token": token}).status_code == 200
    assert client.get("/jobs", headers={"Authorization": "Bearer key-of-one"}).status_code == 200
    assert [len(scope.requests) for scope in runtime_of(app).scopes] == [0, 3]


def test_todays_edition_says_the_same_of_a_scope_that_is_gone() -> None:
    """Also where it was dropped while its client went on: 404 in its own words, and no bug of the mock."""
    app = create_app(Config(seed=7), clock=ManualClock())
    runtime_of(app).scopes.create("one")
    me = {"Authorization": "apikey any", "Service-CRN": "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"}
    client = app.test_client()
    assert client.get("/_scope/one/api/v1/jobs", headers=me).status_code == 200
    runtime_of(app).scopes.drop("one")
    for path, headers in (("/_scope/one/api/v1/jobs", me), ("/api/v1/jobs", {**me, HEADER: "one"})):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 404
        (error,) = answer.get_json()["errors"]
        assert (error["code"], error["message"][:15]) == (1296, "no scope 'one':")
    runtime_of(app).check()


@pytest.mark.parametrize("key", ["world", "control", "max_body_bytes"])
def test_what_is_the_servers_is_no_setting_of_a_scope_over_http(app: Flask, key: str) -> None:
    """No file of its machine is read for somebody else."""
    answer = app.test_client().post("/_mock/scopes", json={"name": "one", key: "/etc/hostname"})
    assert answer.status_code == 400
    assert answer.get_json()["error"]["message"].startswith(f"{key}: ")
    assert len(runtime_of(app).scopes) == 1
