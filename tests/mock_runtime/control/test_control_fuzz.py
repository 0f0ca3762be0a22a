"""The control plane under fire: requests that its document allows, and such as it does not, never break it.

Whatever comes, the answer is one that the document has, and no bug of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import booleans
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mock_runtime import Config, create_app, runtime_of
from mock_runtime.clock import SteerableClock
from mock_runtime.control.document import document
from mock_runtime.transport.wsgi import IN_PROCESS

if TYPE_CHECKING:
    from flask import Flask
    from schemathesis.schemas import APIOperation

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12
NAMES = {"/snapshots/": "before", "/scopes/": "test-17", "/faults/profiles/": "storm", "/backends/": "*"}
"""What there is under some paths with a name."""


def cases() -> list[tuple[str, GenerationMode]]:
    """The operations that take anything, by method and path; those that take a body with such as are none, too."""
    found: list[tuple[str, GenerationMode]] = []
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if method not in {"get", "put", "post", "patch", "delete"}:
                continue
            where = f"{method.upper()} {path}"
            if "requestBody" in operation:
                found.append((where, GenerationMode.NEGATIVE))
            if "requestBody" in operation or "parameters" in operation or "parameters" in item:
                found.append((where, GenerationMode.POSITIVE))
    return found


def under_fire(where: str) -> tuple[Flask, APIOperation[Any, Any, Any, Any], dict[str, Any]]:
    """One operation of a new fake in which there is something to steer, and what there is to be named in its path."""
    app = create_app(Config(edition="2021", seed=0), clock=SteerableClock(1620443711.0, 0.0))
    client = app.test_client()
    job = client.post("/jobs", json={"programId": "runtime-simple"}, headers={"Authorization": "Bearer x"}).get_json()
    rule = {"id": "storm", "match": {"operation": "log-in"}, "act": {"status": 503}}
    for path, body in (("/faults", rule), ("/snapshots", {"name": "before"}), ("/scopes", {"name": "test-17"})):
        assert client.post(f"/_mock{path}", json=body).status_code == 201
    schema = schemathesis.openapi.from_wsgi(
        "/_mock/openapi.json", lambda environ, start: app({**environ, IN_PROCESS: True}, start)
    )
    method, path = where.split()
    name = next((name for prefix, name in NAMES.items() if prefix in path), "x")
    there = {"jid": job["id"], "id": "storm", "number": 1, "name": name}
    return app, schema[path][method], {key: value for key, value in there.items() if f"{{{key}}}" in path}


@pytest.mark.parametrize(("where", "mode"), cases(), ids=str)
def test_no_request_breaks_it(where: str, mode: GenerationMode) -> None:
    """Each answer is as documented, and none a bug of the mock."""
    app, operation, there = under_fire(where)

    @seed(20210507)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), is_there=booleans())
    def fire(case: schemathesis.Case[Any], is_there: bool) -> None:
        if is_there and there:
            case.path_parameters.update(there)
        case.call_and_validate(checks=CHECKS)

    fire()
    runtime_of(app).check()
