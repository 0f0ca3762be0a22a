"""Results that are made up."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from mock_runtime.domain.results import Output
from mock_runtime.execution import Submission
from mock_runtime.execution.primitives import synthetic
from mock_runtime.execution.primitives.encoding import floats, ndarray
from mock_runtime.execution.primitives.refusals import Limits
from tests.mock_runtime.execution.primitives import samples
from tests.mock_runtime.execution.primitives.devices import line
from tests.mock_runtime.execution.primitives.samples import circuit


def run(program: str, params: Any, seed: int = 1, limits: Limits | None = None) -> Output:
    """The output of a job on five qubits."""
    submission = Submission(job_id="j", program_id=program, backend=line(5), inputs=params, submitted_at=1e9, seed=seed)
    return synthetic.run(submission, limits or Limits())


def result(program: str, params: Any, seed: int = 1) -> Any:
    """The result of a job that succeeds."""
    output = run(program, params, seed)
    assert output.error is None
    assert isinstance(output.result, str)
    return json.loads(output.result)


def test_counts_are_drawn_from_a_few_outcomes() -> None:
    """As many as the shots, in the plain form of a result."""
    (pub,) = result("sampler", {"pubs": [[circuit(samples.BELL_18), None, 1000]], "support_qiskit": False})["results"]
    counts = Counter(pub["data"]["meas"]["samples"])
    assert counts.total() == 1000
    assert set(counts) <= {"0x0", "0x1", "0x2", "0x3"}


def test_who_does_not_say_that_it_knows_python_gets_plain_results() -> None:
    """As IBM's guide for REST users reads them."""
    (pub,) = result("sampler", {"pubs": [[circuit(samples.BELL_18), None, 10]], "version": 2})["results"]
    assert len(pub["data"]["meas"]["samples"]) == 10


def test_who_knows_python_gets_its_types() -> None:
    """Every client in Python says so."""
    found = result("sampler", {"pubs": [[circuit(samples.BELL_18), None, 10]], "version": 2, "support_qiskit": True})
    assert found["__type__"] == "PrimitiveResult"


def test_bits_that_are_not_measured_stay_zero() -> None:
    """Of the nine of `wide` only the last may be one."""
    params = {"pubs": [[circuit(samples.REGISTERS_18), None, 200]], "support_qiskit": False}
    data = result("sampler", params)["results"][0]["data"]
    assert set(data["wide"]["samples"]) <= {"0x0", "0x100"}
    assert set(data["narrow"]["samples"]) <= {"0x0", "0x1"}


def test_the_same_seed_gives_the_same_result() -> None:
    """And another gives another."""
    params = {"pubs": [[circuit(samples.BELL_18)]]}
    assert run("sampler", params) == run("sampler", params)
    assert run("sampler", params).result != run("sampler", params, seed=2).result


def test_the_log_says_that_the_result_is_made_up() -> None:
    """And how to get one that is not."""
    assert synthetic.NOTICE in run("sampler", {"pubs": [[circuit(samples.BELL_18)]]}).logs


def test_expectation_values_have_the_shape_of_the_pub() -> None:
    """And are possible ones: the identity is 1."""
    values = ndarray(floats([0.0] * 6, (3, 2)))
    params = {"pubs": [[circuit(samples.PARAMETERS_18), [["I"], [{"Z": 2.0}]], values]], "support_qiskit": False}
    evs = result("estimator", params)["results"][0]["data"]["evs"]
    assert evs[0] == [1.0, 1.0, 1.0]
    assert all(-2 <= value <= 2 for value in evs[1])


def test_kerneled_measurements_are_points() -> None:
    """One for each shot and bit."""
    params = {
        "pubs": [[circuit(samples.BELL_18), None, 3]],
        "options": {"execution": {"meas_type": "kerneled"}},
        "support_qiskit": False,
    }
    points = result("sampler", params)["results"][0]["data"]["meas"]
    assert [len(points), len(points[0]), len(points[0][0])] == [3, 2, 2]


def executor_params(**more: Any) -> dict[str, Any]:
    """A quantum program with the circuit of two qubits."""
    item = {
        "item_type": "circuit",
        "circuit_arguments": {"data": "eJwDAAAAAAE=", "shape": [0], "dtype": "f64"},
        "shape": [2],
    }
    program = {"shots": 4, "circuits": {"b64_data": samples.BELL_18}, "items": [item], **more}
    return {"schema_version": "v2.0", "quantum_program": program}


def test_an_executor_gives_bits_for_each_register() -> None:
    """Elements, shots and bits; what was to be passed through comes back."""
    found = result("executor", executor_params(passthrough_data={"a": [1, None]}, semantic_role="mine"))
    tensor = found["data"][0]["results"]["meas"]
    assert (tensor["shape"], tensor["dtype"]) == ([2, 4, 2], "bool")
    assert (found["passthrough_data"], found["semantic_role"]) == ({"a": [1, None]}, "mine")


def test_no_layers_are_learned() -> None:
    """A result without any, in the form that clients decode."""
    found = result("noise-learner", {"circuits": [circuit(samples.BELL_18)], "options": {"support_qiskit": True}})
    assert (found["data"], "__type__" in found) == ([], False)


@pytest.mark.parametrize("program", ["sampler", "estimator", "executor", "noise-learner", "nothing"])
@pytest.mark.parametrize(
    "params", [None, [], {}, "text", {"pubs": [[{"__type__": "settings", "__value__": 1}]]}, {"circuits": [1]}]
)
def test_inputs_that_make_no_sense_fail_the_job(program: str, params: object) -> None:
    """With a reason and a number, and no other error."""
    output = run(program, params)
    assert output.result is None
    assert output.error_code == 1002
    assert output.error is not None
    assert output.error.endswith("https://ibm.biz/error_codes#1002")
