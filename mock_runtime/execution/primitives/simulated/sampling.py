"""Shots of circuits: which method simulates them, and what they give.

With noise, up to about ten qubits are simulated as a density matrix, which is exact. More are simulated shot by shot
as long as that takes seconds; circuits of Clifford gates on any number of qubits with errors of the same strength that
are Paulis. Qubits that have nothing to do with one another are looked at by themselves. What is left is simulated once
without errors: a shot survives as often as all gates of the circuit do and is random otherwise. The log says which it
was.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator

from mock_runtime.domain.backends import Backend, Calibration
from mock_runtime.execution.primitives.refusals import RUN_FAILED, JobRefused, Limits
from mock_runtime.execution.primitives.simulated import frames, rewriting
from mock_runtime.execution.primitives.simulated.circuits import is_dynamic, weight
from mock_runtime.execution.primitives.simulated.noise import DeviceNoise
from mock_runtime.execution.primitives.simulated.parts import Part, parts

Bytes = npt.NDArray[np.uint8]
Angles = npt.NDArray[np.float64]

_DENSE: Final = 10
_DENSITIES: Final = 3e8
_PER_SHOT: Final = 5e8
_BATCH: Final = 100
_TABLE: Final = 18
_BOND: Final = 128
_MOST_SHOTS: Final = 200_000


@dataclass(slots=True, kw_only=True)
class Sampling:
    """Draws shots from circuits on some qubits of one device, always the same for the same seed.

    `calibration` is None for no noise. `notes` collects what the log is to say.
    """

    backend: Backend
    calibration: Calibration | None
    limits: Limits
    rng: np.random.Generator
    readout: bool = True
    notes: Counter[str] = field(default_factory=Counter)
    _strengths: dict[tuple[int, ...], dict[Any, float]] = field(default_factory=dict)
    _models: dict[tuple[tuple[int, ...], frozenset[str], bool], Any] = field(default_factory=dict)

    def shots(self, circuit: QuantumCircuit, where: Sequence[int], values: Angles, shots: int) -> list[Bytes]:
        """For each row of values for the parameters, the classical bits of each shot, least significant byte first."""
        circuit = rewriting.native(circuit)
        if circuit.num_qubits <= _DENSE:
            found = [Part(circuit=circuit, places=tuple(range(circuit.num_qubits)), values=values)]
        else:
            found = parts(circuit, values)
        runs = [self._run(part, where, shots) for part in found]
        self.notes[", ".join(sorted({run.method for run in runs})) or "none: nothing is measured"] += len(values)
        if not runs:
            return [np.zeros((shots, -(-circuit.num_clbits // 8)), dtype=np.uint8)] * len(values)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._together(runs, len(values))

    def _run(self, part: Part, where: Sequence[int], shots: int) -> _Run:
        noise = None
        if self.calibration is not None:
            places = tuple(where[place] for place in part.places)
            noise = DeviceNoise(calibration=self.calibration, where=places, readout=self.readout)
        return _Run(sampling=self, circuit=part.circuit, noise=noise, values=part.values, shots=shots)

    @staticmethod
    def _together(runs: Sequence[_Run], rows: int) -> list[Bytes]:
        """What the parts of a circuit give: each writes classical bits of its own."""
        shots: list[Bytes] = []
        for at in range(0, rows, _BATCH):
            drawn = [run.batch(run.values[at : at + _BATCH]) for run in runs]
            shots += [row[0] if len(row) == 1 else np.bitwise_or.reduce(row) for row in zip(*drawn, strict=True)]
        return shots

    def model(self, noise: DeviceNoise, names: frozenset[str], *, readout: bool) -> Any:
        """The noise model of some qubits and gates, made once."""
        key = (noise.where, names, readout)
        if key not in self._models:
            self._models[key] = noise.model(names, paulis=len(noise.where) > _DENSE, readout=readout)
        return self._models[key]

    def strengths(self, noise: DeviceNoise | None) -> dict[Any, float]:
        """Where the strengths of errors on some qubits are kept."""
        return self._strengths.setdefault(noise.where if noise is not None else (), {})

    def seed(self) -> int:
        """A seed for one run of the simulator."""
        return int(self.rng.integers(2**31))


@dataclass(kw_only=True)
class _Run:
    """One circuit with its values, and the method that fits it."""

    sampling: Sampling
    circuit: QuantumCircuit
    noise: DeviceNoise | None
    values: Angles
    shots: int

    @cached_property
    def dynamic(self) -> bool:
        return is_dynamic(self.circuit)

    @cached_property
    def clifford(self) -> bool:
        """Whether all gates are Clifford gates, for all values."""
        return all(rewriting.clifford(circuit) is not None for circuit in self.bound(self.values))

    @cached_property
    def method(self) -> str:
        """How the circuit is simulated. The costs are in amplitudes touched; a second is 1e8 to 1e9 of them."""
        qubits = self.circuit.num_qubits
        limits = self.sampling.limits
        size = max(weight(self.circuit), 1)
        once = 2.0**qubits * size * len(self.values)
        noisy = self.noise is not None
        fits = 2.0**qubits <= limits.amplitudes
        if noisy and not self.dynamic and qubits <= _DENSE and once * 2.0**qubits <= _DENSITIES:
            return "density_matrix"
        if qubits > _DENSE and self.clifford:
            return "stabilizer"
        if fits and (noisy or self.dynamic) and once * self.shots <= _PER_SHOT:
            return "statevector"
        approximate = "approximate " if noisy else ""
        if fits and once * (self.shots if self.dynamic else 1) <= limits.operations:
            return f"{approximate}statevector"
        if self.dynamic and self.shots * size * len(self.values) > _PER_SHOT / 100:
            raise JobRefused("a dynamic circuit has too many qubits and shots to be simulated", RUN_FAILED)
        return f"{approximate}matrix_product_state"

    @property
    def approximate(self) -> bool:
        return self.method.startswith("approximate")

    def bound(self, values: Angles) -> list[QuantumCircuit]:
        if not self.circuit.num_parameters:
            return [self.circuit] * len(values)
        return [self.circuit.assign_parameters(row) for row in values]

    def batch(self, values: Angles) -> list[Bytes]:
        """The shots for some rows of values."""
        circuits = [self._prepared(circuit) for circuit in self.bound(values)]
        width = -(-self.circuit.num_clbits // 8)
        if not any(item.operation.name in _WRITES for item in self.circuit.data):
            return [np.zeros((self.shots, width), dtype=np.uint8)] * len(values)
        if self.at_once:
            return [self._drawn(probabilities) for probabilities in self._probabilities(circuits)]
        parts: list[list[Bytes]] = [[] for _ in circuits]
        left = self.shots
        while left:
            now = min(left, max(_MOST_SHOTS // len(circuits), 1000))
            for number, shots in enumerate(self._simulated(circuits, now)):
                parts[number].append(shots)
            left -= now
        found = [np.concatenate(part) if len(part) > 1 else part[0] for part in parts]
        return [self._blurred(shots) for shots in found] if self.approximate else found

    @cached_property
    def at_once(self) -> bool:
        """Whether all shots come from one distribution that is small enough to be had as a whole."""
        exact = self.method == "density_matrix" or self.approximate or self.noise is None
        tabled = self.method in {"density_matrix", "statevector", "approximate statevector"}
        return exact and tabled and not self.dynamic and self.circuit.num_qubits <= _TABLE

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the gates, those in blocks too."""
        return frozenset(rewriting.names(self.circuit))

    def _prepared(self, circuit: QuantumCircuit) -> QuantumCircuit:
        if self.method == "stabilizer":
            return rewriting.clifford(circuit) or circuit
        if self.noise is not None and not self.approximate and "delay" in self.names:
            return rewriting.with_waiting(circuit, self.noise, self.sampling.backend.dt_s)
        return circuit

    def _result(self, circuits: list[QuantumCircuit], *, shots: int, readout: bool) -> Any:
        method = self.method.removeprefix("approximate ")
        choices: dict[str, Any] = {
            "method": method,
            "seed_simulator": self.sampling.seed(),
            "max_parallel_threads": 1,
            "max_parallel_experiments": 1,
        }
        if method == "matrix_product_state":
            choices |= {"matrix_product_state_max_bond_dimension": _BOND}
        if self.noise is not None and not self.approximate:
            choices["noise_model"] = self.sampling.model(self.noise, self.names, readout=readout and self.noise.readout)
        result = AerSimulator(**choices).run(circuits, shots=shots, memory=readout).result()
        if not result.success:
            status = result.status or next((each.status for each in result.results if not each.success), "")
            raise JobRefused(f"the simulation failed: {' '.join(str(status).split())[:300]}", RUN_FAILED)
        return result

    def _probabilities(self, circuits: list[QuantumCircuit]) -> list[npt.NDArray[np.float64]]:
        """How likely each state of all qubits is, before anything is read."""
        unread = []
        for circuit in circuits:
            bare = circuit.copy_empty_like()
            for item in circuit.data:
                if item.operation.name != "measure":
                    bare.append(item.operation, item.qubits, item.clbits, copy=False)
            bare.save_probabilities()
            unread.append(bare)
        result = self._result(unread, shots=1, readout=False)
        return [np.asarray(result.data(number)["probabilities"], dtype=float) for number in range(len(unread))]

    def _drawn(self, probabilities: npt.NDArray[np.float64]) -> Bytes:
        """Shots from a distribution."""
        rng = self.sampling.rng
        shares = np.clip(probabilities, 0, None)
        if not np.isfinite(shares).all() or not shares.any():
            raise JobRefused("the circuit has gates that give no probabilities")
        counts = rng.multinomial(self.shots, shares / shares.sum())
        states = np.repeat(np.flatnonzero(counts), counts[counts > 0])
        rng.shuffle(states)
        bits = np.zeros((self.shots, 8 * -(-self.circuit.num_clbits // 8)), dtype=np.uint8)
        for bit, qubit in self.measured.items():
            bits[:, bit] = states >> qubit & 1
        return self._read(bits)

    @cached_property
    def measured(self) -> dict[int, int]:
        """The qubit that each classical bit is read from."""
        index = {bit: number for number, bit in enumerate(self.circuit.qubits)}
        place = {bit: number for number, bit in enumerate(self.circuit.clbits)}
        return {
            place[item.clbits[0]]: index[item.qubits[0]]
            for item in self.circuit.data
            if item.operation.name == "measure"
        }

    def _simulated(self, circuits: list[QuantumCircuit], shots: int) -> list[Bytes]:
        if self.method == "stabilizer" and not rewriting.branches(self.circuit):
            strengths = self.sampling.strengths(self.noise)
            return [frames.sample(each, shots, self.noise, strengths, self.sampling.rng) for each in circuits]
        result = self._result([rewriting.closed(each) for each in circuits], shots=shots, readout=True)
        width = -(-self.circuit.num_clbits // 8)
        return [_bytes(experiment.data.memory, width) for experiment in result.results]

    def _blurred(self, shots: Bytes) -> Bytes:
        return self._read(np.unpackbits(shots, axis=1, bitorder="little"))

    def _read(self, bits: Bytes) -> Bytes:
        """Shots, a column a bit, with the errors that the simulation left out."""
        rng = self.sampling.rng
        if self.noise is not None:
            lost = rng.random(len(bits)) >= (self.survival if self.approximate else 1.0)
            flips = self.noise.flips()
            for bit, qubit in self.measured.items():
                column = bits[:, bit]
                column[lost] = rng.integers(0, 2, int(lost.sum()), dtype=np.uint8)
                chances = np.where(column == 0, flips[qubit][0], flips[qubit][1])
                column ^= (rng.random(len(bits)) < chances).astype(np.uint8)
        return np.packbits(bits, axis=1, bitorder="little")

    @cached_property
    def survival(self) -> float:
        """How likely no gate of the circuit goes wrong."""
        if self.noise is None:
            return 1.0
        index = {bit: number for number, bit in enumerate(self.circuit.qubits)}
        gates = [
            (item.operation.name, tuple(index[bit] for bit in item.qubits))
            for item in self.circuit.data
            if item.operation.name not in rewriting.AROUND
        ]
        return self.noise.survival(gates)


_WRITES: Final = frozenset({"measure", "if_else", "for_loop", "while_loop", "switch_case"})


def _bytes(memory: Sequence[str], width: int) -> Bytes:
    """The simulator's hexadecimal numbers as rows of bytes, the least significant first."""
    text = "".join(number[2:].zfill(2 * width)[-2 * width :] for number in memory) if width else ""
    return np.frombuffer(bytes.fromhex(text), dtype=np.uint8).reshape(len(memory), width)[:, ::-1]
