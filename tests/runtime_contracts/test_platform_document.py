"""The document of today's edition and its overlay: complete, sound, and honest about their evidence."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import jsonschema_rs
import pytest

from runtime_contracts import documents
from runtime_contracts.contract import Contract
from runtime_contracts.operation import METHODS, resolved
from runtime_contracts.overlay import applied
from runtime_contracts.schema_conversion import converted

PUBLISHED = documents.load("platform", overlay=False)
CORRECTED = documents.load("platform")
OVERLAY: dict[str, Any] = documents.overlay_of("platform") or {}
CONTRACT = Contract(CORRECTED)

# What is left of IBM's document 0.45.3 when its prose is taken away, as JSON with sorted keys.
STRUCTURE = "96d78569d03257f5700a5e88ee41413d3bc5ad9cecadad4388b3bfb3e0903681"
PROSE = {"summary", "description", "x-evidence"}

OPERATION_IDS = {
    "get_versions", "list_backends", "get_backend_properties", "get_backend_configuration", "get_backend_status",
    "get_backend_defaults", "get_job", "delete_job", "list_jobs", "create_job", "get_job_results_jid",
    "get_jog_logs_jid", "cancel_job_jid", "get_job_metrics_jid", "replace_job_tags", "list_tags", "create_session",
    "get_session", "update_session", "delete_session_close", "get_instance", "get_instance_configuration",
    "replace_instance_configuration", "get_usage", "find_instance_workloads", "get_account", "analytics_usage",
    "get_usage_analytics_grouped", "get_usage_analytics_grouped_by_date", "analytics_filters",
}  # fmt: skip
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123456789abcdef0123456789abcdef:11111111-2222-3333::"
HEADERS = {"Authorization": "Bearer token", "Service-CRN": CRN, "IBM-API-Version": "2026-04-15"}
JSON = {"Content-Type": "application/json"}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def _nodes(node: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    yield where, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from _nodes(child, f"{where}/{key}")


def _bare(node: Any, *, named: bool = False) -> Any:
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if named or key not in PROSE}
        return {key: _bare(value, named=key in {"properties", "schemas"}) for key, value in kept.items()}
    return [_bare(item) for item in node] if isinstance(node, list) else node


def _facts(*roots: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for root in roots:
        for where, node in _nodes(root):
            if isinstance(node, dict):
                yield from ((where, fact) for fact in node.get("x-evidence", ()))


def _request(method: str, target: str, body: Any = None, *, headers: dict[str, str] = HEADERS) -> list[str]:
    """Where a request breaks the contract."""
    content = b"" if body is None else json.dumps(body).encode()
    return [found.where for found in CONTRACT.check_request(method, f"/api/v1{target}", headers=headers, body=content)]


def _answer(operation_id: str, value: Any, status: int = 200) -> list[str]:
    """Where a JSON answer breaks the contract."""
    found = CONTRACT.check_response(operation_id, status, headers=JSON, body=json.dumps(value).encode())
    return [violation.where for violation in found]


def test_structure_is_the_published_one() -> None:
    """Without prose, every path, parameter, schema, bound and status is that of IBM's document."""
    parts = {key: _bare(PUBLISHED[key], named=key == "paths") for key in ("openapi", "servers", "paths", "components")}
    assert hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest() == STRUCTURE


def test_it_has_every_operation_once() -> None:
    """Both have exactly the 30 operations, and the published one has its 133 schemas."""
    for document in (PUBLISHED, CORRECTED):
        ids = [operation["operationId"] for _, operation in _operations(document)]
        assert sorted(ids) == sorted(OPERATION_IDS)
    assert len(PUBLISHED["components"]["schemas"]) == 133


def test_every_operation_says_what_it_is_and_on_what_evidence() -> None:
    """A summary, a description and evidence are there, and what was lost in the stored copy is marked."""
    for label, operation in _operations(PUBLISHED):
        assert operation["summary"], label
        assert operation["description"], label
        marks = {fact["mark"] for fact in operation["x-evidence"]}
        assert "published" in marks, label
        assert ("reconstructed" in marks) == ("security" in operation), label


def test_every_answer_and_parameter_is_described() -> None:
    """No description is empty."""
    empty = [where for where, node in _nodes(CORRECTED) if isinstance(node, dict) and node.get("description") == ""]
    assert empty == []
    for label, operation in _operations(CORRECTED):
        for raw in operation.get("parameters", ()):
            assert resolved(CORRECTED, raw)["description"], label


def test_evidence_is_spelled_out() -> None:
    """Every fact has a known mark and known sources, and no source is listed for nothing."""
    used = set()
    for where, fact in _facts(PUBLISHED, OVERLAY):
        assert set(fact) == {"fact", "mark", "source"}, where
        assert fact["mark"] in PUBLISHED["x-evidence-marks"], where
        used |= {source.split()[0] for source in fact["source"].split(";")}
    assert used == set(PUBLISHED["x-sources"])


def test_guesses_are_decisions_of_ours() -> None:
    """What is marked as a guess is not credited to anybody else, and the other way round."""
    for where, fact in _facts(PUBLISHED, OVERLAY):
        assert (fact["mark"] == "guess") == (fact["source"] == "decision"), where


@pytest.mark.parametrize("document", [PUBLISHED, CORRECTED], ids=["published", "corrected"])
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No reference dangles."""
    for _, node in _nodes([document["paths"], document["components"]]):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            assert resolved(document, node) is not None


@pytest.mark.parametrize("document", [PUBLISHED, CORRECTED], ids=["published", "corrected"])
def test_every_schema_is_a_schema(document: dict[str, Any]) -> None:
    """Each schema, converted, is a valid JSON Schema, and every judge can be compiled."""
    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(converted(schema, "response")), name
    assert set(Contract(document).operations) == OPERATION_IDS


def test_no_value_of_the_overlay_is_missing() -> None:
    """A comma in an unquoted text would leave an empty value behind."""
    assert [where for where, node in _nodes(OVERLAY) if node is None] == []


def test_every_action_names_its_deviation_and_its_evidence() -> None:
    """The actions of one deviation stand together, each is described, and the last one has the evidence."""
    actions = OVERLAY["actions"]
    assert OVERLAY["extends"] == documents.path("platform").name
    for action, following in pairwise([*actions, {}]):
        name = action["x-deviation"]
        assert action["description"].endswith("."), name
        assert action.get("x-evidence") or following.get("x-deviation") == name, name
    runs = [
        action["x-deviation"]
        for action, after in pairwise([*actions, {}])
        if after.get("x-deviation") != action["x-deviation"]
    ]
    assert [name for name, count in Counter(runs).items() if count > 1] == []


def test_every_action_changes_every_place_that_it_names() -> None:
    """An action without effect corrects nothing: the document says so by itself."""
    document = PUBLISHED
    for action in OVERLAY["actions"]:
        after = applied(document, {**OVERLAY, "actions": [action]})
        assert after != document, action["x-deviation"]
        document = after
    assert document == CORRECTED


def test_no_declared_status_is_declared_again() -> None:
    """The overlay adds statuses where there are none; it does not reword the published ones."""
    published = {label: operation["responses"] for label, operation in _operations(PUBLISHED)}
    for label, operation in _operations(CORRECTED):
        for status, answer in published[label].items():
            assert operation["responses"][status]["description"] == answer["description"], label


def test_every_operation_of_an_instance_can_be_refused() -> None:
    """All but the versions take a CRN and a version, ask for credentials, and declare 400, 401 and 404."""
    for operation in CONTRACT.operations.values():
        if operation.id == "get_versions":
            assert (operation.security, operation.parameters, set(operation.responses)) == ((), (), {200})
            continue
        assert operation.security == ((("header", "Authorization"),), (("bearer", "Authorization"),)), operation.id
        assert {400, 401, 404} <= set(operation.responses), operation.id
        headers = {p.name: p.required for p in operation.parameters if p.location == "header"}
        headers.pop("Parent-Job-Id", None)
        assert headers == {"IBM-API-Version": False, "Service-CRN": True}, operation.id


def test_bodies_are_needed_whatever_their_type_is_called() -> None:
    """The five operations with a body need it, read it in any case, and may find it too large."""
    with_body = [operation for operation in CONTRACT.operations.values() if operation.bodies]
    assert len(with_body) == 5
    for operation in with_body:
        assert operation.body_required, operation.id
        assert operation.any_content_type, operation.id
        assert 413 in operation.responses, operation.id


def test_errors_of_each_family_have_their_container() -> None:
    """Workloads, analytics and usage have one container of errors, all other operations the other."""
    for label, operation in _operations(CORRECTED):
        generic = any(part in label for part in ("/workloads", "/analytics", "/instances/usage"))
        wanted = "#/components/schemas/GenericErrorDto" if generic else "#/components/schemas/ErrorContainer"
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert answer["content"]["application/json"]["schema"] == {"$ref": wanted}, f"{label} {status}"


@pytest.mark.parametrize(
    ("given", "accepted"),
    [
        ("2024-01-01", True), ("2025-06-01", True), ("2026-04-15", True), ("2023-12-31", False), ("2024-02-30", False),
        ("20240101", False), ("2026-4-15", False), ("latest", False), ("", False),
    ],
)  # fmt: skip
def test_version_is_a_date_from_the_first_one_on(given: str, accepted: bool) -> None:
    """Any date from 2024-01-01 on is a version, nothing else is."""
    found = _request("GET", "/instance", headers={**HEADERS, "IBM-API-Version": given})
    assert set(found) == (set() if accepted else {"/headers/IBM-API-Version"})


@pytest.mark.parametrize(
    ("given", "accepted"),
    [
        (CRN, True),
        ("crn:v1:staging:public:quantum-computing:eu-de:a/acc_1:instance::", True),
        ("crn:v1:bluemix:public:cloud-object-storage:us-east:a/x:y::", False),
        (CRN.removesuffix("::"), False),
        (f"{CRN}\nextra", False),
        ("", False),
    ],
)
def test_crn_is_that_of_an_instance(given: str, accepted: bool) -> None:
    """A CRN names a service of this kind and nothing below the instance."""
    found = _request("GET", "/instance", headers={**HEADERS, "Service-CRN": given})
    assert found == ([] if accepted else ["/headers/Service-CRN"])


def test_api_key_will_do() -> None:
    """A client that could get no token sends its key."""
    assert _request("GET", "/jobs", headers={**HEADERS, "Authorization": "apikey key"}) == []
    without = {name: value for name, value in HEADERS.items() if name != "Authorization"}
    assert _request("GET", "/jobs", headers=without) == ["/headers"]


CIRCUIT = {"__type__": "QuantumCircuit", "__value__": "eJwL9Az29gwRYmJj"}
ARRAY = {"__type__": "ndarray", "__value__": "eJyb7BfqGxDJyFDGUK2e"}
SAMPLER = {"pubs": [[CIRCUIT, ARRAY, None], [CIRCUIT, ARRAY, 50]], "version": 2, "support_qiskit": True}
ESTIMATOR = {"pubs": [[CIRCUIT, [[{"IIZ": 1.0, "IIX": 0.5}], [{"IZI": 1.0}]], ARRAY, None]], "version": 2}
TENSOR = {"data": "eJybNRMEdtoDABV6BJA=", "shape": [1], "dtype": "f64"}
ITEM = {"item_type": "circuit", "circuit_arguments": TENSOR, "shape": [], "chunk_size": "auto"}
SAMPLEX_ITEM = {
    "item_type": "samplex",
    "samplex": {"ssv": 4, "samplex_json": "{}"},
    "samplex_arguments": {"basis": {**TENSOR, "dtype": "u8"}, "flag": True},
    "shape": [1, 2],
}
EXECUTOR = {
    "schema_version": "v2.0",
    "quantum_program": {
        "shots": 32,
        "circuits": {"b64_data": "eJwL9Az29gwRYmJj", "qpy_version": 18, "num_programs": 2},
        "items": [ITEM, SAMPLEX_ITEM],
        "semantic_role": "sampler_v2",
        "meas_level": "classified",
        "passthrough_data": {"post_processor": {"options": {"deep": [None, 1.5, {"a": []}]}}},
    },
    "options": {"init_qubits": True, "rep_delay": None, "experimental": {}},
}
JOBS: dict[str, dict[str, Any]] = {
    "sampler": {"program_id": "sampler", "params": SAMPLER | {"options": {"default_shots": 200}}, "tags": ["t1"]},
    "sampler, in a session": {"program_id": "sampler", "params": SAMPLER, "session_id": "s-1", "cost": 300},
    "sampler, OpenQASM": {"program_id": "sampler", "params": {"pubs": [["OPENQASM 3.0;", None, 10]], "shots": 7}},
    "estimator": {"program_id": "estimator", "params": ESTIMATOR | {"resilience_level": 1}, "log_level": "WARNING"},
    "estimator, bare": {"program_id": "estimator", "params": ESTIMATOR},
    "noise learner": {"program_id": "noise-learner", "params": {"circuits": [CIRCUIT], "options": {}}},
    "newer noise learner": {
        "program_id": "noise-learner",
        "params": {
            "schema_version": "v0.3",
            "instructions": {"circuit_b64": "eJw=", "qpy_version": 17},
            "options": {"num_randomizations": 32, "layer_pair_depths": [0, 1]},
            "version": 3,
        },
    },
    "executor": {"program_id": "executor", "params": EXECUTOR, "calibration_id": "c", "private": True},
    "another program": {"program_id": "circuit-runner", "params": {"anything": 1}},
    "of an older client": {"program_id": "sampler", "params": SAMPLER, "hub": None, "start_session": False},
}


@pytest.mark.parametrize("name", JOBS)
def test_job_of_a_real_client_is_accepted(name: str) -> None:
    """What unmodified clients submit, in essence, fits."""
    assert _request("POST", "/jobs", {"backend": "ibm_fez", **JOBS[name]}) == []


@pytest.mark.parametrize(
    "job",
    [
        {"program_id": "sampler", "params": {"circuits": [CIRCUIT]}},
        {"program_id": "sampler", "params": SAMPLER | {"unknown": 1}},
        {"program_id": "sampler", "params": SAMPLER | {"version": 1}},
        {"program_id": "estimator", "params": {"pubs": [[CIRCUIT]]}},
        {"program_id": "executor", "params": EXECUTOR | {"schema_version": "v9.0"}},
        {"program_id": "sampler"},
        {"program_id": "sampler", "params": SAMPLER, "log_level": "LOUD"},
        {"program_id": "sampler", "params": SAMPLER, "cost": 10_801},
        {"program_id": "sampler", "params": SAMPLER, "tags": ["t"] * 9},
        {"params": SAMPLER},
    ],
)
def test_job_that_does_not_fit_is_refused(job: dict[str, Any]) -> None:
    """Params of another program, unknown keys, bounds and missing keys."""
    assert _request("POST", "/jobs", {"backend": "ibm_fez", **job}) == ["/body"]


def test_published_document_refuses_what_real_clients_submit() -> None:
    """The reason for the overlay: as published, a sampler's job fits two branches, so it fits none."""
    body = json.dumps({"backend": "ibm_fez", **JOBS["sampler"]}).encode()
    found = Contract(PUBLISHED).check_request("POST", "/api/v1/jobs", headers={**HEADERS, **JSON}, body=body)
    assert [violation.where for violation in found] == ["/body"]


@pytest.mark.parametrize(
    ("body", "accepted"),
    [
        ({"mode": "dedicated", "backend": "ibm_fez", "instance": CRN, "max_ttl": 3600}, True),
        ({"mode": "batch"}, True),
        ({"mode": "batch", "interactive_ttl": 60}, True),
        ({"mode": "batch", "interactive_ttl": 0}, False),
        ({"mode": "batch", "max_ttl": 0}, False),
        ({"mode": "interactive"}, False),
        ({"backend": "ibm_fez"}, False),
    ],
)
def test_session_to_open(body: dict[str, Any], accepted: bool) -> None:
    """What clients send fits, with or without times of their own."""
    assert _request("POST", "/sessions", body) == ([] if accepted else ["/body"])


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/versions", None),
        ("GET", "/backends?include_mocks=True", None),
        ("GET", "/backends?fields=wait_time_seconds", None),
        ("GET", "/backends/ibm_fez/properties?updated_before=2026-04-01T10%3A00%3A00%2B00%3A00", None),
        ("GET", "/jobs?limit=10&offset=0&pending=true&tags=a&tags=b&sort=ASC&include_mocks=True", None),
        ("GET", "/jobs?limit=-1&offset=many", None),
        ("GET", "/jobs?created_after=2026-04-01T10:00:00.123456Z", None),
        ("PUT", "/jobs/d1/tags", {"tags": ["new"]}),
        ("PATCH", "/sessions/s-1", {"accepting_jobs": False}),
        ("GET", "/workloads?status=completed&status=failed&limit=50", None),
        ("GET", "/analytics/usage_grouped?group_by=plan&interval_start=2026-01-01T00:00:00Z", None),
        ("GET", "/accounts/0123456789abcdef0123456789abcdef", None),
    ],
)
def test_request_of_a_real_client_is_accepted(method: str, target: str, body: Any) -> None:
    """Requests as they are seen on the wire; a body needs no content type."""
    assert _request(method, target, body) == []


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("/jobs?created_after=yesterday", "/query/created_after"),
        ("/jobs?sort=asc", "/query/sort"),
        ("/backends?fields=everything", "/query/fields"),
        ("/workloads?limit=2.5", "/query/limit"),
        ("/tags?type=job&search=ab", "/query/search"),
        ("/tags?search=abc", "/query/type"),
        ("/analytics/usage?subscription_id=no-uuid", "/query/subscription_id/0"),
    ],
)
def test_query_that_makes_no_sense_is_refused(target: str, where: str) -> None:
    """The place is told; a value may break several rules."""
    assert set(_request("GET", target)) == {where}


def test_backends_are_objects_or_names() -> None:
    """By the version that was asked for, but not both at once."""
    device = {"name": "ibm_fez", "status": {"name": "online"}, "queue_length": 3, "class": "mock", "qubits": None}
    assert _answer("list_backends", {"devices": [device]}) == []
    assert _answer("list_backends", {"devices": ["ibm_fez"]}) == []
    assert _answer("list_backends", {"devices": ["ibm_fez", device]}) == ["/body"]


def test_defaults_are_null() -> None:
    """As observed; an object is what was published."""
    assert _answer("get_backend_defaults", None) == []
    assert _answer("get_backend_defaults", {}) == []
    assert _answer("get_backend_defaults", []) == ["/body"]


def test_codes_of_errors_are_numbers_or_texts() -> None:
    """Both were seen; the other container has numbers alone."""
    for code in (1352, "not_found"):
        error = {"code": code, "message": "m", "solution": "s", "more_info": "https://example.test/"}
        assert _answer("create_session", {"trace": "t", "errors": [error]}, 400) == []
    error = {"code": "1200", "message": "m", "solution": "s", "more_info": "i"}
    trace = "0b4e3c1e-1f2d-4c3b-8a9f-000000000001"
    assert _answer("get_usage", {"trace": trace, "errors": [error]}, 401) == ["/body/errors/0/code"]
    assert _answer("get_usage", {"trace": trace, "errors": [error | {"code": 1200}]}, 401) == []


def test_results_are_text() -> None:
    """A result is served as text/plain, and nothing until there is one."""
    result, plain = b'{"results": []}', {"Content-Type": "text/plain; charset=utf-8"}
    assert CONTRACT.check_response("get_job_results_jid", 200, headers=plain, body=result) == []
    assert CONTRACT.check_response("get_job_results_jid", 200, headers=JSON, body=result) != []
    assert CONTRACT.check_response("get_job_results_jid", 204, headers={}, body=b"") == []


def test_configuration_of_a_real_backend_fits() -> None:
    """What stored backends have in common, which the published schema refuses in a dozen places."""
    configuration: dict[str, Any] = {
        "backend_name": "ibm_fez", "backend_version": "1.3.37", "n_qubits": 2, "basis_gates": ["cz", "rz"],
        "gates": [{"name": "measure_2", "parameters": None, "qasm_def": None}],
        "coupling_map": [[0, 1]], "local": False, "simulator": False, "conditional": False, "memory": True,
        "online_date": "2024-05-14T04:00:00+00:00", "open_pulse": False, "dt": 0.2222, "dtm": 0.2222,
        "default_rep_delay": 250.5, "acquisition_latency": [], "clops": None, "quantum_volume": None,
        "discriminators": ["linear_discriminator"], "meas_levels": [1, 2], "parametric_pulses": ["drag"],
        "hamiltonian": {"h_latex": ""}, "processor_type": {"family": "Heron", "revision": "2"},
        "u_channel_lo": [[{"q": 0, "scale": [1.0, 0.0]}]], "sample_name": "family: Falcon, revision: 5.11",
    }  # fmt: skip
    assert _answer("get_backend_configuration", configuration) == []
    assert _answer("get_backend_configuration", configuration | {"clops": 2207, "meas_levels": None}) == []
    assert _answer("get_backend_configuration", configuration | {"n_qubits": 0}) == ["/body/n_qubits"]


def test_calibration_of_a_real_backend_fits() -> None:
    """Dates with an offset, qubits as numbers, and general properties as objects."""
    date = "2026-04-16T17:43:25+02:00"
    number = {"date": date, "name": "T1", "unit": "us", "value": 120.5}
    calibration = {
        "backend_name": "ibm_fez",
        "backend_version": "1.3.37",
        "last_update_date": date,
        "qubits": [[number], [number]],
        "gates": [{"gate": "cz", "name": "cz0_1", "qubits": [0, 1], "parameters": [number]}],
        "general": [number],
    }
    assert _answer("get_backend_properties", calibration) == []
    assert _answer("get_backend_properties", calibration | {"last_update_date": "2026-04-16 17:43:25.0"}) == [
        "/body/last_update_date"
    ]


def test_metrics_of_every_version_fit() -> None:
    """Keys that went away may be there, and are numbers then."""
    usage = {"qpu_charge_time_seconds": 1.5, "status": "complete"}
    assert (
        _answer("get_job_metrics_jid", {"usage": usage, "circuits_execution_time_ns": 5, "qiskit_version": "2.6.2"})
        == []
    )
    old = {"usage": usage | {"seconds": 2, "quantum_seconds": 2}, "bss": {"seconds": 2}}
    assert _answer("get_job_metrics_jid", old) == []
    assert _answer("get_job_metrics_jid", {"bss": {"seconds": "2"}}) == ["/body/bss/seconds"]
