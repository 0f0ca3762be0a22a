"""Shots of circuits of Clifford gates, all at once: one exact shot, and how the errors of every other shot change it.

A shot differs from the exact one by a Pauli on each qubit, its frame, which Clifford gates move about and errors add
to. The frames of all shots are rows of bits, so that a gate costs the same on 5 qubits and on 156. Every fresh or
measured qubit gets a random Z, which is what makes outcomes random that are. Method: Gidney, "Stim: a fast stabilizer
circuit simulator", section 2.3.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Final

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.quantum_info import Clifford
from qiskit_aer import AerSimulator

from mock_runtime.execution.primitives.simulated.noise import DeviceNoise

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

GATES: Final = frozenset({"cx", "cy", "cz", "ecr", "h", "id", "s", "sdg", "swap", "sx", "sxdg", "x", "y", "z"})
"""The gates that are known."""


@cache
def _moves(name: str) -> tuple[tuple[int, ...], ...]:
    """For each X and then each Z before a gate, which of them there are after it."""
    gate = get_standard_gate_name_mapping()[name]
    rows = Clifford(gate).symplectic_matrix
    return tuple(tuple(np.flatnonzero(row).tolist()) for row in rows)


def sample(
    circuit: QuantumCircuit,
    shots: int,
    noise: DeviceNoise | None,
    strengths: dict[Any, float],
    rng: np.random.Generator,
) -> Bytes:
    """The classical bits of each shot, least significant byte first.

    `circuit` has the gates in GATES, measurements, resets and barriers. `strengths` is filled with the probabilities
    of errors, for the next circuit on the same qubits.
    """
    exact = AerSimulator(method="stabilizer", seed_simulator=int(rng.integers(2**31)), max_parallel_threads=1)
    memory = exact.run(circuit, shots=1, memory=True).result().data(0)["memory"][0]
    reference = int(memory, 16)
    index = {bit: number for number, bit in enumerate(circuit.qubits)}
    place = {bit: number for number, bit in enumerate(circuit.clbits)}
    if noise is not None and not strengths:
        strengths.update(_strengths(noise))
    flips = noise.flips() if noise is not None else ()
    width = circuit.num_qubits
    frame: Flags = np.zeros((2 * width, shots), dtype=np.bool_)
    frame[width:] = rng.integers(0, 2, (width, shots), dtype=np.uint8).astype(np.bool_)
    bits: Flags = np.zeros((8 * -(-circuit.num_clbits // 8), shots), dtype=np.bool_)
    for item in circuit.data:
        name = item.operation.name
        qubits = [index[bit] for bit in item.qubits]
        if name == "measure":
            qubit, bit = qubits[0], place[item.clbits[0]]
            outcome = _read(frame[qubit], flips[qubit] if flips else (0.0, 0.0), reference >> bit & 1, rng)
            bits[bit] = outcome
            _forget(frame, qubit + width, shots, rng)
        elif name == "reset":
            frame[qubits[0]] = False
            _forget(frame, qubits[0] + width, shots, rng)
        elif name != "barrier":
            _move(frame, name, qubits, width)
            strength = strengths.get((name, *qubits), 0.0) if strengths else 0.0
            if strength:
                _disturb(frame, qubits, width, strength, rng)
    return np.packbits(bits, axis=0, bitorder="little").T


def _strengths(noise: DeviceNoise) -> dict[Any, float]:
    """How likely each gate is followed by a random Pauli that is not the identity."""
    found: dict[Any, float] = {}
    for (name, places), gate in noise.gates().items():
        dimension = 2 ** len(places)
        error = min(gate.error or 0.0, 0.5)
        # From the average infidelity to the probability that a Pauli other than the identity happens.
        found[name, *places] = min(error * (dimension + 1) / dimension, 1.0)
        found.setdefault((name, *places[::-1]), found[name, *places])
    return found


def _forget(frame: Flags, row: int, shots: int, rng: np.random.Generator) -> None:
    frame[row] = rng.integers(0, 2, shots, dtype=np.uint8).astype(np.bool_)


def _move(frame: Flags, name: str, qubits: list[int], width: int) -> None:
    rows = [*qubits, *(qubit + width for qubit in qubits)]
    moves = _moves(name)
    if all(move == (number,) for number, move in enumerate(moves)):
        return
    before = frame[rows]
    after = np.zeros_like(before)
    for number, move in enumerate(moves):
        for target in move:
            after[target] ^= before[number]
    frame[rows] = after


def _disturb(frame: Flags, qubits: list[int], width: int, strength: float, rng: np.random.Generator) -> None:
    """Add a random Pauli, not the identity, to the shots in which the gate goes wrong."""
    shots = frame.shape[1]
    number = rng.binomial(shots, strength)
    if not number:
        return
    hit = rng.choice(shots, number, replace=False)
    chosen = rng.integers(1, 4 ** len(qubits), number)
    for place, qubit in enumerate(qubits):
        frame[qubit, hit] ^= (chosen >> (2 * place) & 1).astype(np.bool_)
        frame[qubit + width, hit] ^= (chosen >> (2 * place + 1) & 1).astype(np.bool_)


def _read(flipped: Flags, chances: tuple[float, float], exact: int, rng: np.random.Generator) -> Flags:
    outcome: Flags = flipped ^ bool(exact)
    if math.fsum(chances):
        outcome = outcome ^ (rng.random(len(outcome)) < np.where(outcome, chances[1], chances[0]))
    return outcome
