"""Quantum programs, as Executor gets them."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from mock_runtime.execution.primitives import quantum_programs
from mock_runtime.execution.primitives.encoding import Span
from mock_runtime.execution.primitives.inputs import Reader
from mock_runtime.execution.primitives.quantum_programs import QuantumProgram, SchemaTensor
from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge
from tests.mock_runtime.execution.primitives import samples
from tests.mock_runtime.execution.primitives.devices import line


def tensor(values: list[float], shape: list[int], *, compressed: bool = True) -> dict[str, Any]:
    """An array of the schema."""
    raw = struct.pack(f"<{len(values)}d", *values)
    data = zlib.compress(raw) if compressed else raw
    return {"data": base64.b64encode(data).decode(), "shape": shape, "dtype": "f64"}


def plain_qpy(packed: str) -> str:
    """The file of a sample, not compressed."""
    return base64.b64encode(zlib.decompress(base64.b64decode(packed))).decode()


def params(version: str = "v2.0", item: dict[str, Any] | None = None, **program: Any) -> dict[str, Any]:
    """A program of one item: the circuit with two parameters, run for three sets of them."""
    compressed = version == "v2.0"
    arguments = tensor([0.0] * 6, [3, 2], compressed=compressed)
    one: dict[str, Any] = {"item_type": "circuit", "circuit_arguments": arguments, "shape": []} | (item or {})
    body: dict[str, Any] = {"shots": 5, "items": [one]}
    if version in {"v0.1", "v0.2"}:
        one["circuit"] = {"circuit_b64": plain_qpy(samples.PARAMETERS_13), "qpy_version": 13}
    else:
        data = samples.PARAMETERS_17 if compressed else plain_qpy(samples.PARAMETERS_17)
        body["circuits"] = {"b64_data": data, "qpy_version": 17, "num_programs": 1}
    return {"schema_version": version, "quantum_program": body | program}


def read(inputs: Any, limits: Limits | None = None) -> QuantumProgram:
    """The program, on a device of five qubits."""
    return quantum_programs.read(inputs, Reader.of(line(5), limits or Limits()))


@pytest.mark.parametrize("version", quantum_programs.VERSIONS)
def test_every_version_is_read(version: str) -> None:
    """Circuits within items or beside them, compressed or not."""
    program = read(params(version))
    assert (program.version, program.shots) == (version, 5)
    assert [(item.shape, item.circuit.facts.parameters) for item in program.items] == [((3,), 2)]


def test_replications_extend_the_shape() -> None:
    """Two rows of the three sets."""
    assert read(params(item={"shape": [2, 1]})).items[0].shape == (2, 3)


@pytest.mark.parametrize("version", quantum_programs.VERSIONS)
def test_a_result_has_the_form_of_its_version(version: str) -> None:
    """What is passed through comes with 0.2, the role with 1.0, compression with 2.0."""
    program = read(params(version, passthrough_data=[1], semantic_role="x"))
    answer = {"meas": SchemaTensor("bool", (3, 5, 1), b"\xff\x7f")}
    found = json.loads(quantum_programs.result(program, [answer], Span(start=0.0, stop=1.0, pubs=[])))
    assert found["schema_version"] == version
    assert found.get("passthrough_data") == (None if version == "v0.1" else [1])
    assert found.get("semantic_role") == (None if version in {"v0.1", "v0.2"} else "x")
    raw = base64.b64decode(found["data"][0]["results"]["meas"]["data"])
    assert (zlib.decompress(raw) if version == "v2.0" else raw) == b"\xff\x7f"


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"schema_version": "v9"},
        {"schema_version": "v2.0"},
        {"schema_version": "v2.0", "quantum_program": {"shots": 1, "items": []}},
        params(shots=0),
        params(meas_level="loud"),
        params(circuits=None),
        params(circuits={"b64_data": "x"}),
        params(circuits={"data": [7]}),
        params(circuits={"b64_data": samples.BELL_18}),
        params(item={"item_type": "other"}),
        params(item={"shape": [-1]}),
        params(item={"shape": [4]}),
        params(item={"circuit_arguments": tensor([0.0], [2])}),
        params(item={"circuit_arguments": tensor([0.0] * 2, [True, 2])}),
        params(item={"circuit_arguments": None}),
        params(item={"item_type": "samplex", "samplex": {}}),
        params(item={"item_type": "samplex", "samplex": {"samplex_json": "{"}}),
        params(items=[7]),
    ],
)
def test_programs_that_make_no_sense_are_refused(inputs: dict[str, Any]) -> None:
    """With a sentence, never another error."""
    with pytest.raises(JobRefused):
        read(inputs)


@pytest.mark.parametrize(
    "inputs",
    [params(shots=10**9), params(shots=5_000_000), params(item={"shape": [1000, 1000, 1000]})],
)
def test_programs_that_are_too_large_are_refused(inputs: dict[str, Any]) -> None:
    """Shots, sets and results have bounds."""
    with pytest.raises(TooLarge):
        read(inputs)


def test_circuits_inside_of_samplexes_are_walked() -> None:
    """However deep they stand in JSON within JSON: its reader would hand them to Qiskit's."""
    hostile = base64.b64encode(b"QISKIT\x0d" + b"\xff" * 40).decode()
    text = json.dumps({"attrs": {"param_table": json.dumps({"qpy": "15", "circuit_base64": hostile})}})
    with pytest.raises(JobRefused, match="the QPY file"):
        read(params(item={"item_type": "samplex", "samplex": {"samplex_json": text}, "shape": [1]}))


def test_json_within_json_has_an_end() -> None:
    """Twelve times."""
    text = "{}"
    for _ in range(14):
        text = json.dumps([text])
        if len(text) > 2**20:
            break
    with pytest.raises(JobRefused):
        read(params(item={"item_type": "samplex", "samplex": {"samplex_json": text}, "shape": [1]}))


def test_a_samplex_tells_what_it_gives() -> None:
    """Besides values for the circuit's parameters."""
    spec = {
        "parameter_values": json.dumps({"dtype": "float32", "shape": ["num_randomizations", 4]}),
        "measurement_flips.meas": json.dumps({"dtype": "bool", "shape": ["num_randomizations", 1, 2]}),
    }
    text = json.dumps({"attrs": {"output_specification": json.dumps(spec)}})
    assert list(quantum_programs.output_shapes(text)) == [("measurement_flips.meas", "bool", (1, 2))]
