"""The contract judges single requests and responses."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from runtime_contracts.contract import Contract
from runtime_contracts.violation import Violation, masked, pointer, shown

CONTRACT = Contract.of("legacy-2021")
TOKEN = "a-very-secret-token"
AUTH = {"Authorization": f"Bearer {TOKEN}"}
JSON = {"Content-Type": "application/json"}
JOB = "/jobs/c2b04fot418h0qp0peh0"
GOOD = [
    ("GET", "/programs", AUTH, b""),
    ("GET", "/programs", {"X-Access-Token": "x"}, b""),
    ("GET", "/jobs?limit=5&offset=0&pending=true", AUTH, b""),
    ("GET", "/jobs?limit=99999999999999999999", AUTH, b""),
    ("GET", f"{JOB}/results", AUTH, b"a useless body"),
    ("GET", "/programs/a%2Fb", AUTH, b""),
    ("POST", "/jobs", AUTH, b'{"programId": "vqe"}'),
    ("POST", "/jobs", {**AUTH, "Content-Type": "text/plain"}, b'{"programId": "vqe", "unknown": 1}'),
    ("PUT", "/programs/vqe/data", {**AUTH, "Content-Type": "text/plain; charset=utf-8"}, b"pass"),
    ("PUT", "/programs/vqe/data", {**AUTH, "Content-Type": "application/octet-stream"}, b"\xff"),
    ("POST", f"{JOB}/cancel", AUTH, b""),
    ("POST", "/api/users/loginWithToken", JSON, b'{"apiToken": "x"}'),
    ("GET", "/api/version", {}, b""),
    ("GET", "/api/Network/h/Groups/g/Projects/p/devices/v/1", {"x-access-token": "x"}, b""),
]
BAD = [
    ("PATCH", "/jobs", AUTH, b"", "", "one of the methods GET, POST"),
    ("GET", "/nowhere", AUTH, b"", "", "a documented path"),
    ("GET", "/programs", {}, b"", "/headers", "credentials in Authorization: Bearer or X-Access-Token"),
    ("GET", "/programs", {"Authorization": TOKEN}, b"", "/headers", "credentials in"),
    ("GET", "/programs", {"Authorization": "Bearer "}, b"", "/headers", "credentials in"),
    ("GET", "/api/Network", AUTH, b"", "/headers", "credentials in X-Access-Token"),
    ("GET", "/jobs?limit=-1", AUTH, b"", "/query/limit", "minimum"),
    ("GET", "/jobs?limit=1.5", AUTH, b"", "/query/limit", "integer"),
    ("GET", "/jobs?limit=", AUTH, b"", "/query/limit", "integer"),
    ("GET", "/jobs?limit=1&limit=2", AUTH, b"", "/query/limit", "one value"),
    ("GET", "/jobs?pending=True", AUTH, b"", "/query/pending", "boolean"),
    ("GET", "/jobs?verbose=1", AUTH, b"", "/query/verbose", "a documented parameter"),
    ("GET", "/jobs/NOT-AN-ID", AUTH, b"", "/path/jid", "text that matches"),
    ("POST", "/jobs", AUTH, b"", "/body", "application/json"),
    ("POST", "/jobs", AUTH, b"{", "/body", "application/json"),
    ("POST", "/jobs", AUTH, b"{}", "/body", "the property 'programId'"),
    ("POST", "/jobs", AUTH, b'{"programId": 1}', "/body/programId", "a value of type string"),
    ("POST", "/jobs", AUTH, b'{"programId": "a", "params": [{}]}', "/body/params/0", "a value of type string"),
    ("PUT", "/programs/vqe/data", {**AUTH, **JSON}, b"{}", "/headers/Content-Type", "text/plain"),
    ("PUT", "/programs/vqe/data", AUTH, b"", "/body", "a body"),
    ("PUT", "/programs/vqe/data", {**AUTH, "Content-Type": "text/plain"}, b"\xff", "/body", "text/plain"),
    ("PUT", "/programs/vqe/public", AUTH, b"{}", "/body", "no body"),
    ("POST", "/programs", {**AUTH, **JSON}, b"{}", "/headers/Content-Type", "multipart/form-data"),
    ("POST", "/programs", {**AUTH, "Content-Type": "multipart/form-data"}, b"x", "/body", "a multipart form"),
]


@pytest.mark.parametrize(("method", "target", "headers", "body"), GOOD)
def test_good_request_passes(method: str, target: str, headers: dict[str, str], body: bytes) -> None:
    """Nothing is found in a request that keeps the contract."""
    assert CONTRACT.check_request(method, target, headers=headers, body=body) == []


@pytest.mark.parametrize(("method", "target", "headers", "body", "where", "expected"), BAD)
def test_bad_request_is_found(
    method: str, target: str, headers: dict[str, str], body: bytes, where: str, expected: str
) -> None:
    """Each breach is found in its place, and no token is told."""
    violations = CONTRACT.check_request(method, target, headers=headers, body=body)
    assert any(item.where == where and expected in item.expected for item in violations), violations
    assert TOKEN not in str(violations)


def _form(fields: dict[str, str], files: dict[str, Any]) -> list[Violation]:
    prepared = requests.Request("POST", "http://x/programs", headers=AUTH, data=fields, files=files).prepare()
    assert isinstance(prepared.body, bytes)
    return CONTRACT.check_request("POST", "/programs", headers=dict(prepared.headers), body=prepared.body)


def test_good_form_passes() -> None:
    """A form with text fields and the program as a file, or as one more field, passes."""
    assert _form({"name": "mine", "cost": "5", "isPublic": "True"}, {"program": ("mine", b"\xff\x00")}) == []
    assert _form({"name": "mine"}, {"program": (None, b"pass")}) == []


FORMS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "/body/name": ({"name": ""}, {"program": ("x", b"")}),
    "/body/cost": ({"name": "a", "cost": "ten"}, {"program": ("x", b"")}),
    "/body/isPublic": ({"name": "a", "isPublic": "yes"}, {"program": ("x", b"")}),
    "/body/colour": ({"name": "a", "colour": "red"}, {"program": ("x", b"")}),
    "/body": ({"name": "a"}, {"other": ("x", b"")}),
    "/body/description": ({"name": "a"}, {"description": ("x", b"d"), "program": ("x", b"")}),
}


@pytest.mark.parametrize("where", FORMS)
def test_bad_form_is_found(where: str) -> None:
    """Each breach in a form is found in its place."""
    assert where in {item.where for item in _form(*FORMS[where])}


def test_extras_may_be_welcome() -> None:
    """A server has to ignore an unknown parameter, so it does not count when extras are welcome."""
    target = "/jobs?verbose=1"
    assert CONTRACT.check_request("GET", target, headers=AUTH, extras=True) == []
    assert len(CONTRACT.check_request("GET", target, headers=AUTH)) == 1


def test_parts_of_a_form_come_once() -> None:
    """A documented field that is sent twice is found, an unknown one that is sent twice is only unknown."""
    parts = [
        ("name", (None, "a")),
        ("name", (None, "b")),
        ("x", (None, "1")),
        ("x", (None, "2")),
        ("program", ("p", b"")),
    ]
    prepared = requests.Request("POST", "http://x/programs", headers=AUTH, files=parts).prepare()
    assert isinstance(prepared.body, bytes)
    headers = dict(prepared.headers)
    found = CONTRACT.check_request("POST", "/programs", headers=headers, body=prepared.body, extras=True)
    assert [(item.where, item.expected) for item in found] == [("/body/name", "one part")]


def test_token_in_a_body_is_masked() -> None:
    """A token that is found where it does not belong is not repeated."""
    body = json.dumps({"apiToken": {"value": TOKEN}}).encode()
    found = CONTRACT.check_request("POST", "/api/users/loginWithToken", headers=JSON, body=body)
    assert [item.where for item in found] == ["/body/apiToken"]
    assert TOKEN not in str(found)


ANSWERS: dict[str, tuple[str, int, dict[str, str], bytes, str]] = {
    "undocumented status": ("get-jobs", 202, JSON, b"{}", "/status"),
    "no content type": ("get-jobs", 200, {}, b'{"jobs": [], "count": 0}', "/headers/Content-Type"),
    "another content type": ("get-jobs", 200, {"Content-Type": "text/html"}, b"", "/headers/Content-Type"),
    "another charset": (
        "get-jobs",
        200,
        {"Content-Type": "application/json; charset=latin-1"},
        b"",
        "/headers/Content-Type",
    ),
    "another charset beside something else": (
        "get-jobs",
        200,
        {"Content-Type": 'application/json; profile=x; charset="utf-16"'},
        b'{"jobs": [], "count": 0}',
        "/headers/Content-Type",
    ),
    "a body without need": ("delete-job", 204, {}, b"{}", "/body"),
    "no JSON": ("get-jobs", 200, JSON, b"<html>", "/body"),
    "no UTF-8": ("get-job-logs", 200, {"Content-Type": "text/plain"}, b"\xff", "/body"),
    "a missing key": ("get-jobs", 200, JSON, b'{"jobs": []}', "/body"),
    "an unknown state": ("get-programs-id-jobs-jid", 200, JSON, b'{"status": "Lost"}', "/body/status"),
    "an empty list of errors": ("get-jobs", 401, JSON, b'{"errors": []}', "/body/errors"),
    "a text where none belongs": ("logout-user", 200, {"Content-Type": "text/plain"}, b"bye", "/body"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_bad_response_is_found(name: str) -> None:
    """Each breach in a response is found in its place."""
    operation, status, headers, body, where = ANSWERS[name]
    found = CONTRACT.check_response(operation, status, headers=headers, body=body)
    assert where in {item.where for item in found}


def test_good_responses_pass() -> None:
    """Nothing is found in responses that keep the contract."""
    text = {"content-type": "text/plain; charset=utf-8"}
    assert CONTRACT.check_response("get-jobs", 200, headers=JSON, body=b'{"jobs": [], "count": 0}') == []
    assert CONTRACT.check_response("get-programs-id-jobs-jid-results", 204, headers={}, body=b"") == []
    assert CONTRACT.check_response("get-programs-id-jobs-jid-results", 200, headers=text, body=b"All done!") == []
    assert CONTRACT.check_response(CONTRACT.operations["logout-user"], 200, headers=text, body=b"") == []


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; profile=x",
        'application/json; profile="a; b"; charset="UTF-8"',
        "Application/JSON;charset=utf-8",
        "application/json;",
    ],
)
def test_other_parameters_of_a_content_type_pass(content_type: str) -> None:
    """Only the charset among the parameters of a content type counts."""
    body = b'{"jobs": [], "count": 0}'
    assert CONTRACT.check_response("get-jobs", 200, headers={"Content-Type": content_type}, body=body) == []


def test_component_can_be_checked_by_itself() -> None:
    """An error body of no operation is held to the schema of errors."""
    good = {"errors": [{"code": "method_not_allowed", "message": "no"}]}
    assert CONTRACT.check_component("Error", good) == []
    assert (
        CONTRACT.check_component("Error", {"errors": [{"code": 405, "message": "no"}]})[0].where
        == "/body/errors/0/code"
    )
    with pytest.raises(KeyError):
        CONTRACT.check_component("Nothing", good)


def test_operation_is_found_by_its_path() -> None:
    """Paths lead to operations, with their values decoded; a trailing slash leads nowhere."""
    found = CONTRACT.operation_for("put", "/programs/a%2Fb/public")
    assert found is not None
    assert found.id == "put-program-public"
    assert found.path_values("/programs/a%2Fb/public") == {"id": "a/b"}
    assert CONTRACT.operation_for("GET", "/jobs/") is None
    assert CONTRACT.methods_at("/jobs") == {"GET", "POST"}


def test_violation_reads_well_and_stays_short() -> None:
    """A violation is one line of bounded length, with pointers escaped and secrets masked."""
    assert pointer("a/b", 0, "c~d") == "/a~1b/0/c~0d"
    assert shown("a\nb\x00") == "a\\nb\\x00"
    assert len(shown("x" * 10_000)) < 200
    assert masked("abcd abc", {"abc", "abcd", ""}) == "[masked] [masked]"
    assert str(Violation("", "this", "that")) == "/: expected this, found that"
