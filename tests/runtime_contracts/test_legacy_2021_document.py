"""The document of the edition of 2021: complete, sound, and honest about its evidence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from mock_runtime import Config, ManualClock, create_app
from runtime_contracts import documents
from runtime_contracts.contract import Contract
from runtime_contracts.operation import METHODS, resolved
from runtime_contracts.schema_conversion import converted

DOCUMENT = documents.load("legacy-2021")
OPERATION_IDS = {
    "get-programs", "post-program", "get-program", "delete-program", "put-program-data", "put-program-public",
    "put-program-private", "post-program-id", "get-jobs", "get-programs-id-jobs-jid", "delete-job",
    "get-programs-id-jobs-jid-results", "get-job-logs", "post-job-cancel", "logout", "login-with-token", "get-user",
    "logout-user", "get-version", "get-network", "get-devices",
}  # fmt: skip
PATH_KEYS = {*METHODS, "parameters", "servers", "summary", "description"}
OPERATION_KEYS = {
    "tags", "operationId", "summary", "description", "security", "parameters", "requestBody", "responses",
    "x-evidence", "x-body-without-content-type",
}  # fmt: skip
SCHEMA_KEYS = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "pattern", "format", "minimum",
    "minLength", "maxLength", "minItems", "default", "description", "x-evidence", "x-file-or-field", "$ref",
    "example", "x-known-codes",
}  # fmt: skip
ANSWER_KEYS = {"description", "headers", "content", "links", "x-evidence"}
HEADER_KEYS = {"description", "schema", "example", "x-evidence"}
BEARER = {"Authorization": "Bearer an-api-token"}


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def _nodes(node: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    yield where, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from _nodes(child, f"{where}/{key}")


def _schemas(node: Any) -> Iterator[dict[str, Any]]:
    yield node
    for child in (*node.get("properties", {}).values(), node.get("items"), node.get("additionalProperties")):
        if isinstance(child, dict):
            yield from _schemas(child)


def test_it_has_every_operation_once() -> None:
    """The document has exactly the operations of the edition, each id once."""
    ids = [operation["operationId"] for _, operation in _operations()]
    assert sorted(ids) == sorted(OPERATION_IDS)


def test_every_reference_leads_somewhere() -> None:
    """No reference dangles, and every link names an operation and parameters that exist."""
    for _, node in _nodes(DOCUMENT):
        if isinstance(node, dict) and "$ref" in node:
            assert resolved(DOCUMENT, node)
    contract = Contract(DOCUMENT)
    for label, operation in _operations():
        for answer in operation["responses"].values():
            for name, link in resolved(DOCUMENT, answer).get("links", {}).items():
                target = contract.operations[link["operationId"]]
                needed = {parameter.name for parameter in target.parameters if parameter.required}
                assert set(link.get("parameters", {})) == needed, f"{label}: {name}"
                assert target.bodies or "requestBody" not in link, f"{label}: {name}"


def test_only_known_keywords_are_used() -> None:
    """A misspelt keyword would be ignored by every tool, so only the known ones may appear."""
    for path, item in DOCUMENT["paths"].items():
        assert set(item) <= PATH_KEYS, path
        assert all(f"{{{p['name']}}}" in path for p in (resolved(DOCUMENT, raw) for raw in item.get("parameters", [])))
    for label, operation in _operations():
        assert set(operation) <= OPERATION_KEYS, label
        for answer in operation["responses"].values():
            found = resolved(DOCUMENT, answer)
            assert set(found) <= ANSWER_KEYS, label
            assert all(set(header) <= HEADER_KEYS for header in found.get("headers", {}).values()), label
    for name, root in DOCUMENT["components"]["schemas"].items():
        for schema in _schemas(root):
            assert set(schema) <= SCHEMA_KEYS, name
            assert set(schema.get("required", ())) <= set(schema.get("properties", {})), name


def test_no_value_is_missing() -> None:
    """A comma in an unquoted text would leave an empty value behind."""
    assert [where for where, node in _nodes(DOCUMENT) if node is None] == []


def test_every_schema_is_a_schema() -> None:
    """Each schema, converted, is a valid JSON Schema."""
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(converted(schema, "response")), name


def test_evidence_is_given_and_spelled_out() -> None:
    """Every operation and schema says on what evidence it stands, with known marks and sources."""
    for label, operation in _operations():
        assert operation["x-evidence"], label
        assert operation["summary"], label
        assert operation["description"], label
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert "x-evidence" in schema, name
    used = set()
    for where, node in _nodes(DOCUMENT):
        for fact in node.get("x-evidence", ()) if isinstance(node, dict) else ():
            assert set(fact) == {"fact", "mark", "source"}, where
            assert fact["mark"] in DOCUMENT["x-evidence-marks"], where
            used |= {source.split()[0] for source in fact["source"].split(";")}
    assert used == set(DOCUMENT["x-sources"])


@pytest.mark.parametrize("operation_id", sorted(OPERATION_IDS))
def test_examples_fit_their_schemas(operation_id: str) -> None:
    """Every JSON answer has an example, and every example fits its schema."""
    operation = Contract(DOCUMENT).operations[operation_id]
    raw = DOCUMENT["paths"][operation.path][operation.method.lower()]
    for status, answer in raw["responses"].items():
        for media, entry in resolved(DOCUMENT, answer).get("content", {}).items():
            assert "example" in entry or media != "application/json", status
            if "example" in entry:
                assert operation.responses[int(status)][media].violations(entry["example"], "") == []
    for media, entry in raw.get("requestBody", {}).get("content", {}).items():
        if "example" in entry:
            assert operation.bodies[media].violations(entry["example"], "") == []


def test_examples_of_properties_fit_too() -> None:
    """The example of a single property fits the schema of that property."""
    for name, root in DOCUMENT["components"]["schemas"].items():
        for schema in _schemas(root):
            if "example" in schema:
                judge = jsonschema_rs.Draft202012Validator(converted(schema, "request"))
                assert judge.is_valid(schema["example"]), name


def _answers() -> dict[str, str]:
    """What the fake answers to the walkthrough and the calls around it, as text, by operation id."""
    clock = ManualClock()
    client = create_app(Config(edition="legacy-2021", seed=0), clock=clock).test_client()

    def get(path: str, headers: dict[str, str] = BEARER) -> str:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, path
        return answer.text

    form = {
        name: schema["example"]
        for name, schema in DOCUMENT["components"]["schemas"]["ProgramUpload"]["properties"].items()
    }
    upload = client.post("/programs", data=form, headers=BEARER, content_type="multipart/form-data")
    login = client.post("/api/users/loginWithToken", json={"apiToken": "an-api-token"})
    session = {"X-Access-Token": login.get_json()["id"]}
    # The uploaded program would be in the list, which is of IBM's own.
    assert client.delete("/programs/my-program", headers=BEARER).status_code == 204
    submission = DOCUMENT["paths"]["/jobs"]["post"]["requestBody"]["content"]["application/json"]["example"]
    submitted = client.post("/jobs", json=submission, headers=BEARER)
    job = submitted.get_json()["id"]
    clock.advance(1.5)
    running = get(f"/jobs/{job}")
    clock.advance(10.0)
    answers = {
        "post-program": upload.text,
        "get-programs": get("/programs"),
        "get-program": get("/programs/runtime-simple"),
        "post-program-id": submitted.text,
        "get-jobs": get("/jobs"),
        "get-programs-id-jobs-jid": running,
        "get-programs-id-jobs-jid-results": get(f"/jobs/{job}/results"),
        "get-job-logs": get(f"/jobs/{job}/logs"),
        "login-with-token": login.text,
        "get-user": get("/api/users/me", session),
        "get-version": get("/api/version", session),
        "get-network": get("/api/Network", session),
        "get-devices": get("/api/Network/ibm-q/Groups/open/Projects/main/devices/v/1", session),
    }
    # Ids of jobs are made up; the document has that of the transcript.
    return {name: text.replace(job, "c2b04fot418h0qp0peh0") for name, text in answers.items()}


def _example(operation_id: str) -> Any:
    """The example of the first 2xx answer of an operation that has a body."""
    raw = next(raw for _, raw in _operations() if raw["operationId"] == operation_id)
    bodies = next(answer["content"] for status, answer in raw["responses"].items() if status in {"200", "201"})
    return next(iter(bodies.values()))["example"]


def _keys(value: Any) -> Any:
    """The keys of a JSON value in their order, without what they hold."""
    match value:
        case dict():
            return [(key, _keys(item)) for key, item in value.items()]
        case list():
            return [_keys(item) for item in value]
        case _:
            return type(value).__name__


def test_every_answer_with_a_body_has_an_example_that_is_compared() -> None:
    """Only the empty text of a logout has nothing to show."""
    with_body = {
        operation.id
        for operation in Contract(DOCUMENT).operations.values()
        if any(operation.responses.get(status) for status in (200, 201))
    }
    assert set(_answers()) == with_body - {"logout-user"}


@pytest.mark.parametrize("operation_id", ["get-programs-id-jobs-jid-results", "get-job-logs"])
def test_examples_of_text_are_what_the_fake_sends(operation_id: str) -> None:
    """To the letter."""
    assert _example(operation_id) == _answers()[operation_id]


@pytest.mark.parametrize(
    "operation_id",
    [
        *("post-program", "get-programs", "get-program", "post-program-id", "get-jobs", "get-programs-id-jobs-jid"),
        *("get-version", "get-network"),
    ],
)
def test_examples_of_json_are_what_the_fake_sends(operation_id: str) -> None:
    """Values, keys and the order of the keys."""
    assert json.dumps(_example(operation_id)) == json.dumps(json.loads(_answers()[operation_id]))


@pytest.mark.parametrize("operation_id", ["login-with-token", "get-user"])
def test_examples_of_accounts_have_the_keys_that_the_fake_sends(operation_id: str) -> None:
    """Tokens, ids and addresses are different for each server, the keys and their order are not."""
    assert _keys(_example(operation_id)) == _keys(json.loads(_answers()[operation_id]))


def test_the_example_of_a_device_is_one_of_the_fake() -> None:
    """One of many, whole."""
    (device,) = _example("get-devices")
    assert json.dumps(device) in {json.dumps(each) for each in json.loads(_answers()["get-devices"])}


def test_prefilled_queries_are_harmless() -> None:
    """A page that fills in the examples asks for the first jobs, whatever their state."""
    parameters = {parameter["name"]: parameter for parameter in DOCUMENT["paths"]["/jobs"]["get"]["parameters"]}
    assert {name: parameter.get("example") for name, parameter in parameters.items()} == {
        "limit": 20,
        "offset": 0,
        "pending": None,
    }
    assert "default" not in parameters["pending"]["schema"]


def test_refusals_say_how_to_authenticate() -> None:
    """The header of a 401 of the runtime service is documented as a guess, and is the one that the fake sends."""
    header = DOCUMENT["components"]["responses"]["Unauthorized"]["headers"]["WWW-Authenticate"]
    assert [fact["mark"] for fact in header["x-evidence"]] == ["guess"]
    client = create_app(Config(edition="legacy-2021", seed=0), clock=ManualClock()).test_client()
    for operation in Contract(DOCUMENT).operations.values():
        path = re.sub(r"\{\w+\}", "x", operation.path)
        answer = client.open(path, method=operation.method)
        if not operation.path.startswith("/api/"):
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, header["example"]), operation.id


def test_missing_credentials_are_marked_as_a_guess() -> None:
    """Nothing from 2021 shows a 401 of an operation that asks for credentials, so each says that it is a guess."""
    for label, operation in _operations():
        if operation.get("security") != []:
            marks = {fact["mark"] for fact in operation["x-evidence"] if fact["fact"].startswith("Without ")}
            assert marks == {"guess"}, label


def test_issues_are_named_by_number() -> None:
    """A source that is an issue says which one."""
    for where, node in _nodes(DOCUMENT):
        for fact in node.get("x-evidence", ()) if isinstance(node, dict) else ():
            for source in fact["source"].split(";"):
                assert "-issue" not in source or re.search(r"#\d+", source), where


def test_walkthrough_is_the_example() -> None:
    """The request and the answer of the walkthrough are the examples of POST /jobs."""
    operation = DOCUMENT["paths"]["/jobs"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["example"] == {
        "programId": "runtime-simple",
        "hub": "ibm-q-internal",
        "group": "near-time",
        "project": "qiskit-runtime",
        "backend": "ibmq_montreal",
        "params": ['{"iterations": 2}'],
    }
    assert operation["responses"]["200"]["content"]["application/json"]["example"] == {"id": "c2b04fot418h0qp0peh0"}


def test_credentials_are_asked_for_where_they_belong() -> None:
    """Runtime operations take either credential, account operations the session token, two need none."""
    for operation in Contract(DOCUMENT).operations.values():
        if operation.id in {"login-with-token", "get-version"}:
            wanted: tuple[tuple[tuple[str, str], ...], ...] = ()
        elif operation.path.startswith("/api/"):
            wanted = ((("header", "X-Access-Token"),),)
        else:
            wanted = ((("bearer", "Authorization"),), (("header", "X-Access-Token"),))
        assert operation.security == wanted, operation.id
