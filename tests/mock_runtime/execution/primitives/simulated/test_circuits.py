"""Circuits as Qiskit reads them after they were checked."""

from __future__ import annotations

import math
import zlib
from base64 import b64decode
from typing import Any

import pytest

from mock_runtime.execution.primitives.inputs import Circuit
from mock_runtime.execution.primitives.qpy import Facts
from tests.mock_runtime.execution.primitives import samples
from tests.mock_runtime.execution.primitives.devices import SIMULATOR

pytest.importorskip("qiskit_aer")

from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import RXGate, XGate

from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge
from mock_runtime.execution.primitives.simulated.circuits import (
    active_qubits,
    check_isa,
    is_dynamic,
    load,
    load_qpy,
    metadata,
    reduced,
    weight,
)

T, B, V = 0.3, 0.7, (0.11, 0.13, 0.17)
EXPECTED = [
    T + math.pi,
    T / 3,
    -T,
    (T + B) * V[0],
    math.sin(T),
    math.exp(T),
    math.log(T),
    math.tan(T),
    math.asin(T),
    math.acos(T),
    math.atan(T),
    abs(T),
    V[1] + V[2] / 2,
    math.cos(T * 0.5) ** 2,
    T**-0.5,
    T**B,
]
"""What the expressions of the old samples come to."""


@pytest.mark.parametrize("packed", [samples.OLD_SYMENGINE, samples.OLD_SYMPY])
def test_expressions_of_old_files_have_their_values(packed: str) -> None:
    """Those of symengine are read by us, those of sympy by Qiskit: the same numbers come out."""
    (circuit,) = load_qpy(zlib.decompress(b64decode(packed)))
    given = {"θ": T, "b": B, "v[0]": V[0], "v[1]": V[1], "v[2]": V[2]}
    bound = circuit.assign_parameters({parameter: given[parameter.name] for parameter in circuit.parameters})
    assert [float(item.operation.params[0]) for item in bound.data] == pytest.approx(EXPECTED)


def test_what_qiskit_cannot_read_is_refused() -> None:
    """With a sentence, and none of its own errors."""
    with pytest.raises(JobRefused, match="a circuit cannot be read"):
        load_qpy(b"QISKIT\x0d" + bytes(40))


def test_a_circuit_is_reduced_to_the_qubits_on_which_something_happens() -> None:
    """Barriers and delays are nothing; boxes are opened."""
    circuit = QuantumCircuit(5, 1)
    circuit.delay(10, 0)
    circuit.barrier()
    with circuit.box():
        circuit.x(3)
    circuit.cz(3, 1)
    circuit.measure(1, 0)
    small, where = reduced(circuit, active_qubits(circuit))
    assert (where, small.num_qubits) == ([1, 3], 2)
    assert small.count_ops() == {"barrier": 1, "x": 1, "cz": 1, "measure": 1}


@pytest.mark.parametrize(("again", "dynamic"), [(False, False), (True, True)])
def test_a_qubit_that_goes_on_after_its_measurement_makes_a_circuit_dynamic(again: bool, dynamic: bool) -> None:
    """One that does not, does not."""
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    if again:
        circuit.x(0)
    assert is_dynamic(circuit) is dynamic


def looped(values: Any) -> QuantumCircuit:
    """Two gates in a loop in a loop."""
    circuit, middle, inner = (QuantumCircuit(1, 1) for _ in range(3))
    inner.x(0)
    inner.y(0)
    middle.for_loop(values, None, inner, [0], [0])
    circuit.for_loop(range(3), None, middle, [0], [0])
    return circuit


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (range(5), 1 + 3 * (1 + 5 * 2)),
        ((1, 7), 1 + 3 * (1 + 2 * 2)),
        (range(10, 0, -3), 1 + 3 * (1 + 4 * 2)),
        (range(3, 3), 1 + 3),
    ],
)
def test_each_pass_of_a_loop_counts(values: Any, expected: int) -> None:
    """The simulator unrolls loops, so that ten lines may be more instructions than there is memory for."""
    assert weight(looped(values)) == expected


def test_definitions_count_where_they_are_used() -> None:
    """Each is twice the one before: the count is quick although what is counted is not."""
    gate: Gate = XGate()
    for number in range(60):
        definition = QuantumCircuit(1)
        definition.append(gate, [0])
        definition.append(gate, [0])
        gate = Gate(f"twice_{number}", 1, [])
        gate.definition = definition
    circuit = QuantumCircuit(1)
    circuit.append(gate, [0])
    assert weight(circuit) == 2**61 - 1
    with pytest.raises(TooLarge, match="more than 1000000 instructions"):
        check_isa(circuit, SIMULATOR, Limits())


def test_a_text_with_a_wrong_syntax_is_refused_with_a_sentence() -> None:
    """The parser has none."""
    text = "OPENQASM 3.0; qubit[2 q;"
    with pytest.raises(JobRefused, match="cannot be read: its syntax is wrong"):
        load(Circuit(source=text, facts=Facts()), SIMULATOR)


def test_metadata_that_are_no_json_are_refused() -> None:
    """The file may have numbers that JSON does not know."""
    circuit = QuantumCircuit(1)
    circuit.metadata = {"energy": -1.5}
    assert metadata(circuit) == {"energy": -1.5}
    circuit.metadata = {"energy": math.nan}
    with pytest.raises(JobRefused, match="they are no JSON"):
        metadata(circuit)


@pytest.mark.parametrize("angle", [math.nan, math.inf])
def test_angles_that_are_none_are_refused(angle: float) -> None:
    """Also in blocks."""
    circuit, body = QuantumCircuit(1, 1), QuantumCircuit(1)
    body.append(RXGate(angle), [0])
    circuit.if_else((circuit.clbits[0], 0), body, None, [0], [])
    with pytest.raises(JobRefused, match="the instruction rx has a number that is not finite"):
        check_isa(circuit, SIMULATOR, Limits())
