"""Circuits as Qiskit reads them after they were checked."""

from __future__ import annotations

import math
import zlib
from base64 import b64decode

import pytest

from tests.mock_runtime.execution.primitives import samples

pytest.importorskip("qiskit_aer")

from qiskit import QuantumCircuit

from mock_runtime.execution.primitives.refusals import JobRefused
from mock_runtime.execution.primitives.simulated.circuits import active_qubits, is_dynamic, load_qpy, reduced

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
