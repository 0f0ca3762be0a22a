"""Circuits taken apart."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from tests.mock_runtime.execution.primitives.devices import SIMULATOR, line

pytest.importorskip("qiskit_aer")

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.circuit.classical import expr, types

from mock_runtime.execution.primitives.simulated.parts import parts
from tests.mock_runtime.execution.primitives.simulated.circuits_by_hand import isa, packed, plain

NOTHING = np.zeros((1, 0))


def places(
    circuit: QuantumCircuit, values: np.ndarray[tuple[int, int], np.dtype[np.float64]] = NOTHING
) -> list[list[int]]:
    """The qubits of each part."""
    return sorted(list(part.places) for part in parts(circuit, values))


def test_gates_connect_and_barriers_do_not() -> None:
    """Three rotated qubits in a row are one part, Clifford gates another; what is not measured is left out."""
    circuit = QuantumCircuit(12, 12)
    circuit.rx(0.3, 0)
    for qubit in range(7):
        circuit.cx(qubit, qubit + 1)
    circuit.h(9)
    circuit.rz(math.pi / 2, 10)
    circuit.rx(0.3, 11)
    circuit.barrier()
    circuit.measure(range(8), range(8))
    circuit.measure([9, 10], [9, 10])
    assert places(circuit) == [[0, 1, 2, 3, 4, 5, 6, 7], [9, 10]]


def test_small_parts_are_put_together() -> None:
    """Six qubits at a time."""
    circuit = QuantumCircuit(14)
    circuit.rx(0.3, range(14))
    circuit.measure_all()
    assert [len(group) for group in places(circuit)] == [6, 6, 2]


def test_classical_bits_connect() -> None:
    """One that two qubits write, and one that decides what becomes of another qubit."""
    circuit = QuantumCircuit(4, 3)
    circuit.h([0, 1, 2])
    circuit.measure([0, 1], [0, 0])
    circuit.measure(2, 1)
    with circuit.if_test((circuit.clbits[1], 1)):
        circuit.x(3)
    circuit.measure(3, 2)
    assert places(circuit) == [[0, 1], [2, 3]]


@pytest.mark.parametrize("kind", ["bit", "register", "expression", "switch"])
def test_what_decides_connects_however_it_is_asked(kind: str) -> None:
    """Also if the operation does not act on it."""
    bits = ClassicalRegister(1, "bits")
    circuit = QuantumCircuit(QuantumRegister(2), bits)
    circuit.h(0)
    circuit.measure(0, 0)
    body = QuantumCircuit(1)
    body.x(0)
    if kind == "switch":
        circuit.switch(bits, [(1, body)], [1], [])
    else:
        condition = {"bit": (bits[0], 1), "register": (bits, 1), "expression": expr.lift(bits[0])}[kind]
        circuit.if_else(condition, body, None, [1], [])
    assert places(circuit) == [[0, 1]]


def test_variables_keep_a_circuit_together() -> None:
    """What they connect is not followed."""
    circuit = QuantumCircuit(2, 2)
    circuit.add_var("v", expr.lift(0, types.Uint(8)))
    circuit.measure(0, 0)
    assert places(circuit) == [[0, 1]]


@pytest.mark.parametrize(("angles", "expected"), [([[0.0], [math.pi]], [[0, 1, 2]]), ([[0.0], [0.1]], [[0, 1], [2]])])
def test_values_decide_what_is_a_clifford_gate(angles: list[list[float]], expected: list[list[int]]) -> None:
    """All of them; expressions are computed."""
    angle = Parameter("a")
    circuit = QuantumCircuit(3)
    circuit.rx(angle, 0)
    circuit.rz(angle + math.pi / 2, 1)
    circuit.h(2)
    circuit.measure_all()
    assert places(circuit, np.array(angles)) == expected


def test_each_part_has_the_values_of_its_own_parameters() -> None:
    """In its own order."""
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(8)
    circuit.rx(b, range(7))
    circuit.cx(range(6), range(1, 7))
    circuit.rx(a, 7)
    circuit.measure_all()
    found = {part.places: part.values.tolist() for part in parts(circuit, np.array([[0.1, 0.2]]))}
    assert found == {tuple(range(7)): [[0.2]], (7,): [[0.1]]}


def test_a_pair_among_many_qubits_that_are_measured_too_is_right() -> None:
    """With the noise of the device: a rotation by one in ten shots, and thirty-eight qubits that are nearly always 0.

    Simulated as a whole, an error on any qubit would make all of them random.
    """
    device = line(40)
    circuit = QuantumCircuit(40)
    circuit.ry(2 * math.asin(math.sqrt(0.1)), 20)
    circuit.cx(20, 21)
    for qubit in range(40):
        circuit.sx(qubit) if qubit not in {20, 21} else None
        circuit.sxdg(qubit) if qubit not in {20, 21} else None
    circuit.measure_all()
    (pub,) = plain("sampler", {"pubs": [[packed(isa(circuit, device, range(40))), None, 4000]]}, device)
    found = Counter(int(sample, 16) >> 20 & 3 for sample in pub["data"]["meas"]["samples"])
    assert found[3] / 4000 == pytest.approx(0.1, abs=0.025)
    ones = sum(int(sample, 16).bit_count() for sample in pub["data"]["meas"]["samples"]) / 4000
    assert ones == pytest.approx(0.2 + 40 * 0.01, abs=0.15)


def test_nothing_that_is_measured_is_zeros() -> None:
    """On many qubits as on few."""
    circuit = QuantumCircuit(12, 2)
    circuit.h(range(12))
    (pub,) = plain("sampler", {"pubs": [[packed(circuit), None, 5]]}, SIMULATOR)
    assert pub["data"]["c"]["samples"] == ["0x0"] * 5
