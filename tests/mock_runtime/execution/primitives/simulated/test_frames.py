"""Shots of Clifford circuits, all at once."""

from __future__ import annotations

import pytest

from tests.mock_runtime.execution.primitives.devices import line

pytest.importorskip("qiskit_aer")

import numpy as np
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator

from mock_runtime.execution.primitives.simulated import frames
from mock_runtime.execution.primitives.simulated.noise import DeviceNoise


@pytest.mark.parametrize("seed", range(6))
def test_the_distribution_is_that_of_a_stabilizer_simulation(seed: int) -> None:
    """For random circuits with measurements and resets in the middle."""
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(3, 3)
    for _ in range(30):
        name = str(rng.choice([*sorted(frames.GATES), "measure", "reset"]))
        qubits = [int(qubit) for qubit in rng.choice(3, 2, replace=False)]
        if name == "measure":
            circuit.measure(qubits[0], qubits[0])
        else:
            two = name in {"cx", "cy", "cz", "ecr", "swap"}
            getattr(circuit, name)(*qubits[: 2 if two else 1])
    circuit.measure(range(3), range(3))
    exact = AerSimulator(method="stabilizer", seed_simulator=1).run(circuit, shots=8000).result().get_counts()
    found = np.bincount(frames.sample(circuit, 8000, None, {}, rng)[:, 0], minlength=8)
    expected = [exact.get(f"{value:03b}", 0) for value in range(8)]
    assert found == pytest.approx(expected, abs=300)


def test_errors_have_the_strength_of_the_calibration() -> None:
    """One gate with an error of 10 %: in d+1/d of that a Pauli happens, and two thirds of those are seen by a qubit."""
    device = line(2, two_qubit_error=0.1, readout=(0.0, 0.0))
    calibration = device.calibration_at(0.0)
    assert calibration is not None
    circuit = QuantumCircuit(2, 2)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    noise = DeviceNoise(calibration=calibration, where=(0, 1))
    shots = frames.sample(circuit, 40_000, noise, {}, np.random.default_rng(1))[:, 0]
    assert float((shots != 0).mean()) == pytest.approx(0.125 * 12 / 15, abs=0.01)


def test_zeros_and_ones_are_misread_differently() -> None:
    """As the calibration says."""
    device = line(2, readout=(0.1, 0.3))
    calibration = device.calibration_at(0.0)
    assert calibration is not None
    circuit = QuantumCircuit(2, 2)
    circuit.x(1)
    circuit.measure([0, 1], [0, 1])
    noise = DeviceNoise(calibration=calibration, where=(0, 1))
    shots = frames.sample(circuit, 20_000, noise, {}, np.random.default_rng(1))[:, 0]
    assert float((shots & 1).mean()) == pytest.approx(0.1, abs=0.02)
    assert float((shots >> 1 & 1).mean()) == pytest.approx(0.7, abs=0.02)
