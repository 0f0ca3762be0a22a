"""The document of the edition of 2021: complete, sound, and honest about its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

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
}  # fmt: skip


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
            assert set(resolved(DOCUMENT, answer)) <= {"description", "content", "links", "x-evidence"}, label
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
