"""The document of the control plane, held to what is served, and what is served to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mock_runtime import Config, Runtime, create_app
from mock_runtime.clock import SteerableClock
from mock_runtime.control.controlled import Controlled
from mock_runtime.control.document import document
from mock_runtime.surface import readable
from runtime_contracts.contract import Contract
from tests.mock_runtime.control.steering import Steering, contract
from tests.mock_runtime.fakes import EDITION_2021, Account
from tests.mock_runtime.platform_fakes import PlatformFake, new_platform

if TYPE_CHECKING:
    from tests.mock_runtime.fakes import Fake

_METHODS = {"get", "put", "post", "patch", "delete"}
RULE = {"id": "storm", "match": {"operation": "get-job"}, "act": {"status": 503}}


def operations() -> dict[str, dict[str, Any]]:
    """The operations of the document, by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    }


def test_every_operation_is_in_the_document_and_no_other(fake: Fake) -> None:
    """Neither is one served that nobody can read of, nor the other way round."""
    assert fake.runtime.parts.control is not None
    served = {
        f"{method} {readable(rule.rule)}"
        for rule in fake.runtime.parts.control.url_map.iter_rules()
        if rule.endpoint.startswith("control.")
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert served == operations().keys()
    assert set(Steering(fake.client).json("GET", "/")["operations"]) == served


def test_a_fake_is_what_the_control_plane_says_it_is() -> None:
    """Everything that is asked of one is there."""
    asked = {name for name in vars(Controlled) if not name.startswith("_")}
    assert {"clock", "faults", "snapshot"} <= asked
    assert asked <= {*dir(Runtime), *Runtime.__dataclass_fields__}


def test_the_document_is_served_with_this_server_in_it(fake: Fake) -> None:
    """Below the scope through which it is read."""
    steering = Steering(fake.client)
    served = steering.json("GET", "/openapi.json")
    assert served == {**document(), "servers": [{"url": "/"}]}
    steering.json("POST", "/scopes", {"name": "one"}, status=201)
    assert fake.client.get("/_scope/one/_mock/openapi.json").get_json()["servers"] == [{"url": "/_scope/one"}]


def test_every_operation_is_described() -> None:
    """By a sentence, a tag and an id of its own."""
    tags = {tag["name"] for tag in document()["tags"]}
    found = operations().values()
    assert all(operation["summary"].endswith(".") and set(operation["tags"]) <= tags for operation in found)
    assert len({operation["operationId"] for operation in found}) == len(found)


def test_nothing_in_the_document_is_null() -> None:
    """But in examples: a comma in a sentence without quotes would begin a key."""

    def empty(value: Any, where: str) -> list[str]:
        items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        found = [f"{where}/{key}" for key, one in items if one is None]
        for key, one in items:
            if isinstance(one, dict | list) and key != "example":
                found += empty(one, f"{where}/{key}")
        return found

    assert empty(document(), "") == []


def test_every_example_fits_its_schema() -> None:
    """In bodies, answers and parameters."""
    checked = 0
    for name, operation in Contract(document()).operations.items():
        assert name
        for kinds in operations_content(operation.id):
            for media, content in kinds.items():
                if "example" in content and "json" in media:
                    found = contract().check_content(
                        {media: judge_of(content["schema"])}, media, json.dumps(content["example"]).encode()
                    )
                    assert not found, (operation.id, found)
                    checked += 1
    assert checked > 60


def operations_content(id_: str) -> list[dict[str, Any]]:
    """The contents of the body and of the answers of an operation."""
    operation = next(one for one in operations().values() if one["operationId"] == id_)
    answers = [resolved(answer) for answer in operation["responses"].values()]
    holders = [operation.get("requestBody", {}), *answers]
    return [holder.get("content", {}) for holder in holders]


def resolved(value: dict[str, Any]) -> dict[str, Any]:
    """What a reference to a response stands for."""
    name = value.get("$ref", "").rpartition("/")[2]
    return document()["components"]["responses"][name] if name else value


def judge_of(schema: dict[str, Any]) -> Any:
    """A judge of values of a schema."""
    from runtime_contracts.operation import Judge  # noqa: PLC0415 - for this alone
    from runtime_contracts.schema_conversion import definitions  # noqa: PLC0415 - as above

    return Judge(schema, shared=definitions(document(), "response"), direction="response")


def tour(fake: PlatformFake) -> Steering:
    """Somebody who has called every operation."""
    steering, tenant = Steering(fake.client), fake.tenant()
    session, job = tenant.open(), tenant.submit()
    running, lost = tenant.submit(), tenant.submit()
    tenant.get(f"/jobs/{job}/results")
    for path in ("/", "/health", "/ready", "/openapi.json", "/metrics", "/state", "/clock", "/latency", "/scenario"):
        steering.call("GET", path)
    steering.call("GET", "/", headers={"Accept": "text/html"})
    for name in ("index.html", "page.css", "page.js"):
        steering.call("GET", f"/page/{name}")
    steering.json("PUT", "/latency", {"latency": 0, "of": {"list-jobs": "0s"}})
    steering.json("PUT", "/scenario", {"queue": "1s", "programs": {"sampler": {"run": 2}}, "jobs": [{"polls": 3}]})
    steering.json("PATCH", "/scenario", {"run": "5s~2s"})
    steering.json("PATCH", "/scenario/programs/sampler", {"outcome": "failed"})
    steering.json("POST", "/scenario/jobs", {"result": {"a": 1}})
    _journal(steering, job)
    _jobs(steering, job, running, lost)
    _faults(steering)
    assert steering.json("GET", "/sessions")["sessions"][0]["id"] == session
    steering.done("POST", "/tokens", {"event": "expire"})
    _worlds(steering)
    steering.done("POST", "/reset")
    return steering


def _journal(steering: Steering, job: str) -> None:
    steering.json("GET", f"/journal?job={job}&operation=get-results&status=2xx")
    steering.json("GET", "/journal/1")
    steering.json("GET", "/journal.har")
    steering.json("POST", "/journal/assert", {"assert": "polled", "job": job, "times": 1})
    steering.json("GET", "/scorecard")
    steering.call("GET", "/scorecard", headers={"Accept": "text/plain"})
    steering.done("DELETE", "/journal")


def _jobs(steering: Steering, job: str, running: str, lost: str) -> None:
    steering.json("GET", "/jobs?status=queued")
    steering.json("GET", f"/jobs/{job}")
    steering.json("PATCH", f"/jobs/{job}", {"queue": "1s", "run": "1s"})
    steering.json("POST", "/clock", {"until": {"job": running, "status": "running"}})
    steering.json("POST", f"/jobs/{running}/events", {"event": "requeue", "queue": "5s"})
    steering.json("POST", "/clock", {"until": {"job": lost, "status": "final"}, "at_most": "1h"})
    steering.json("POST", f"/jobs/{lost}/events", {"event": "lose-result"})
    steering.json("POST", "/clock", {"advance": 1})
    steering.json("PATCH", "/clock", {"speed": "manual"})
    steering.json("GET", "/backends")
    steering.json("PATCH", "/backends/ibm_fez", {"availability": "offline", "reason": "calibration", "for": "1h"})
    steering.json("POST", "/maintenance", {"in": "10m", "for": "2h", "message": "Calibration"})
    steering.done("DELETE", "/maintenance")


def _faults(steering: Steering) -> None:
    steering.json("POST", "/faults", RULE, status=201)
    steering.json("GET", "/faults")
    steering.json("GET", "/faults/storm")
    steering.json("PATCH", "/faults/storm", {"on": False})
    steering.call("POST", "/faults/assert")
    steering.done("DELETE", "/faults/storm")
    steering.json("PUT", "/faults", [RULE])
    steering.done("DELETE", "/faults")
    steering.json("POST", "/faults/assert", {})
    steering.json("GET", "/faults/profiles")
    steering.json("POST", "/faults/profiles/slow-friday", status=201)
    steering.done("DELETE", "/faults/profiles/slow-friday")


def _worlds(steering: Steering) -> None:
    steering.json("POST", "/scopes", {"name": "one", "polls": 3}, status=201)
    steering.json("GET", "/scopes")
    steering.json("GET", "/scopes/one")
    steering.done("DELETE", "/scopes/one")
    steering.json("POST", "/snapshots", {"name": "before"}, status=201)
    steering.json("GET", "/snapshots")
    steering.done("POST", "/snapshots/before/rollback")
    steering.done("DELETE", "/snapshots/before")
    steering.json("GET", "/world.schema.json")
    text = steering.call("GET", "/world").text
    steering.json("GET", "/world?format=json")
    steering.done("PUT", "/world", data=text, content_type="application/yaml")


def test_every_answer_is_as_documented() -> None:
    """On a tour through all operations, each of which is met and succeeds."""
    steering = tour(new_platform())
    succeeded = {id_ for id_, status in steering.met if status < 400}
    assert succeeded == {operation["operationId"] for operation in operations().values()}


def test_every_request_of_the_examples_is_carried_out() -> None:
    """The bodies that the document shows are none that would be refused."""
    app = create_app(Config(edition=EDITION_2021, scenario={"queue": "1d"}), clock=SteerableClock(1e9, 0.0))
    steering, alice = Steering(app.test_client()), Account(app.test_client(), {"Authorization": "Bearer x"})
    # All of them now: one of the examples cuts connections of the API.
    jobs = iter([alice.submit() for _ in operations()])
    for where, operation in operations().items():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        if "example" not in content:
            continue
        job = next(jobs)
        said = json.loads(json.dumps(content["example"]).replace("c2b04fot418h0qp0peh0", job))
        method, path = where.split()
        for name, value in (("{jid}", job), ("{id}", "storm"), ("ibm_fez", "*")):
            path = path.replace(name, value)
        path = path.replace("/backends/{name}", "/backends/*").replace("{name}", "flaky-network")
        answer = steering.call(method, path.removeprefix("/_mock"), said)
        # Whether what an assertion says is so is another matter.
        assert answer.status_code < 300 or (answer.status_code, operation["operationId"]) in {
            (409, "assert-exchanges"),
            (409, "assert-faults-met"),
        }, (where, answer.text)


def test_both_documents_are_shown_in_the_pages(fake: Fake) -> None:
    """That of the API first."""
    page = fake.client.get("/openapi/").text
    assert page.index('"/openapi/legacy-2021.yaml"') < page.index('"/_mock/openapi.json"')


def test_the_pages_of_a_scope_show_its_own_documents(fake: Fake) -> None:
    """Whichever edition the server's own world has; without a control plane there is but one."""
    Steering(fake.client).json(
        "POST", "/scopes", {"name": "one", "edition": "today", "engine": "synthetic"}, status=201
    )
    page = fake.client.get("/_scope/one/openapi/").text
    assert '"/_scope/one/openapi/platform.yaml"' in page
    assert '"/_scope/one/_mock/openapi.json"' in page
    assert fake.client.get("/_scope/one/openapi/swagger-ui.css", buffered=True).status_code == 200
    assert "url: /_scope/one/api" in fake.client.get("/_scope/one/openapi/platform.yaml").text
    alone = create_app(Config(edition=EDITION_2021, control=False)).test_client().get("/openapi/").text
    assert "/_mock/" not in alone
