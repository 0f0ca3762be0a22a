"""One thing changed in a good request: what each kind of change notices, and what values are tried."""

from __future__ import annotations

from typing import Any

import pytest

from runtime_contracts.profiles.platform.goods import usual
from runtime_contracts.report import Report
from runtime_contracts.server_fuzz import fuzz_server
from runtime_contracts.values import ABSENT, for_schema, of_schema
from tests.broken.serving import ALICE, Plant, faithful, served
from tests.broken.zoo import ZOO

PLANTS = {row.name: row for row in ZOO}
ROWS = (
    # Parameters of the query, in its text, its bounds and its type
    ("accepts: any order", "list_jobs", "broken_is_refused", "/query/sort"),
    ("accepts: pending in words", "list_jobs", "broken_is_refused", "/query/pending"),
    ("accepts: workloads by any limit", "find_instance_workloads", "broken_is_refused", "/query/limit"),
    ("accepts: tags of any type", "list_tags", "broken_is_refused", "/query/type"),
    ("refuses: limits above 50", "list_jobs", "good_is_accepted", ""),
    ("refuses: unknown parameters", "get_instance", "good_is_accepted", ""),
    ("breaks: on large offsets", "list_jobs", "not_a_server_error", ""),
    # Headers
    ("accepts: versions that are no date", "get_instance", "broken_is_refused", "/headers/IBM-API-Version"),
    ("refuses: requests without a version", "get_job_metrics_jid", "good_is_accepted", ""),
    ("refuses: bodies without a content type", "replace_job_tags", "good_is_accepted", ""),
    # Ids
    ("breaks: on ids that are not in ASCII", "get_job", "not_a_server_error", ""),
    # Bodies
    ("accepts: any mode of session", "create_session", "broken_is_refused", "/body"),
    ("accepts: sessions without a mode", "create_session", "broken_is_refused", "/body"),
    ("accepts: replaced tags that are no list", "replace_job_tags", "broken_is_refused", "/body/tags"),
    ("accepts: any limit of the instance", "replace_instance_configuration", "broken_is_refused", "/body"),
    ("refuses: tags that are not in ASCII", "replace_job_tags", "good_is_accepted", ""),
    ("refuses: long tags", "replace_job_tags", "good_is_accepted", ""),
    ("breaks: on arrays", "create_session", "not_a_server_error", ""),
    ("breaks: on nothing", "replace_job_tags", "not_a_server_error", ""),
)  # fmt: skip


def _run(plant: Plant, *operations: str) -> Report:
    with served(plant, edition="platform") as server:
        return fuzz_server(server.url, token=ALICE, operations=operations, phases=("requests",))


@pytest.mark.parametrize(("plant", "operation", "check", "place"), ROWS, ids=[row[0] for row in ROWS])
def test_one_wrong_thing_is_noticed(plant: str, operation: str, check: str, place: str) -> None:
    """The deviation is noticed, and what was changed and where the document speaks of it are named."""
    report = _run(PLANTS[f"platform {plant}"].planted(), operation)
    found = [failure for failure in report.failures if failure.check == check]
    assert found, report.to_text()
    assert all("a good request with " in failure.message for failure in found)
    if check == "broken_is_refused":
        assert all(failure.document_pointer.startswith("#/") for failure in found)
        assert any(place in failure.message for failure in found), report.to_text()


@pytest.mark.parametrize(
    ("edition", "operations"),
    [
        ("platform", ("list_jobs", "create_session", "get_backend_status", "delete_job")),
        ("legacy-2021", ("get-jobs", "post-program-id", "get-programs", "get-devices", "delete-program")),
    ],
)
def test_faithful_server_takes_and_refuses_all_rightly(edition: str, operations: tuple[str, ...]) -> None:
    """Nothing is found on the fake."""
    with served(faithful, edition=edition) as server:
        report = fuzz_server(server.url, edition=edition, token=ALICE, operations=operations, phases=("requests",))
    assert report.failures == (), report.to_text()
    assert report.total > 100


def test_broken_connection_does_not_end_the_phase() -> None:
    """A server that breaks some connections is reported, and what comes after is tried all the same."""

    def plant(request: Any, ask: Any) -> Any:
        if "x" * 300 in request.path:
            raise ConnectionAbortedError
        return ask(request)

    report = _run(plant, "get_job", "get_session")
    assert {(failure.check, failure.operation) for failure in report.failures} == {
        ("server_answers", "get_job"),
        ("server_answers", "get_session"),
    }


def test_values_are_at_the_bounds_and_beyond() -> None:
    """Numbers, lengths, words and types each get what fits, and what does not by one."""
    numbers = of_schema({"type": "integer", "minimum": 3, "maximum": 9, "default": 5})
    assert {2, 3, 5, 9, 10} <= {value for value in numbers if not isinstance(value, (list, dict))}
    assert {
        len(value) for value in of_schema({"type": "string", "minLength": 2, "maxLength": 4}) if isinstance(value, str)
    } >= {1, 2, 4, 5}
    assert {"red", "blue"} <= set(map(str, of_schema({"enum": ["red", "blue"]}, text=True)))
    assert "2021-05-07" in of_schema({"type": "string", "format": "date-time"}, text=True)
    assert ["item-0", "item-1"] in of_schema({"type": "array", "maxItems": 2, "items": {"type": "string"}})
    either = of_schema({"anyOf": [{"type": "integer", "maximum": 7}, {"$ref": "#/elsewhere"}]}, text=True)
    assert {"7", "8"} <= set(either)


def test_properties_are_changed_one_at_a_time() -> None:
    """Each property is left out, changed, and so are those inside it; and one is added."""
    document = {"components": {"schemas": {"Inner": {"properties": {"number": {"type": "integer", "maximum": 3}}}}}}
    schema = {"allOf": [{"properties": {"inner": {"$ref": "#/components/schemas/Inner"}, "more": {"enum": ["a"]}}}]}
    changes = list(for_schema(document, schema, {"inner": {"number": 1}}, depth=2))
    assert (("inner",), ABSENT) in changes
    assert (("inner", "number"), 4) in changes
    assert (("more",), "a") in changes
    assert (("more",), ABSENT) not in changes
    assert (("no-such-property",), 1) in changes


def test_usual_bodies_are_those_of_samplers_and_others() -> None:
    """A quick run varies the usual bodies of jobs; a document that has none of them stays as it is."""
    branches = [{"$ref": f"#/components/schemas/{name}"} for name in ("SamplerJob", "EstimatorJob", "OtherJob")]
    document: dict[str, Any] = {
        "components": {"schemas": {"JobRunParams": {"anyOf": branches}}},
        "paths": {
            "/v1/jobs": {"post": {"requestBody": {"content": {"application/json": {"schema": {"anyOf": [1, 2]}}}}}}
        },
    }
    usual(document)
    assert document["components"]["schemas"]["JobRunParams"]["anyOf"] == [branches[0], branches[2]]
    assert document["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"]["anyOf"] == [1]
    empty: dict[str, Any] = {}
    usual(empty)
    assert empty == {}
