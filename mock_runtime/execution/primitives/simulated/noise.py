"""The noise of a device, from its calibration, as the simulator takes it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from qiskit.quantum_info import average_gate_fidelity
from qiskit_aer.noise import (
    NoiseModel,
    ReadoutError,
    depolarizing_error,
    thermal_relaxation_error,
)

from mock_runtime.domain.backends import Calibration, GateCalibration, QubitCalibration

_WORST: Final = 0.5
"""The error of a gate that is reported not to work."""
_ENDS: Final = frozenset({"measure", "reset", "delay"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNoise:
    """The errors of some qubits of a device: `where` has the device's number of each."""

    calibration: Calibration
    where: tuple[int, ...]
    readout: bool = True

    def gates(self) -> Mapping[tuple[str, tuple[int, ...]], GateCalibration]:
        """The gates on these qubits, by name and the qubits' places among them."""
        place = {qubit: number for number, qubit in enumerate(self.where)}
        return {
            (gate.gate, tuple(place[qubit] for qubit in gate.qubits)): gate
            for gate in self.calibration.gates
            if gate.gate not in _ENDS and all(qubit in place for qubit in gate.qubits)
        }

    def model(self, names: Collection[str], *, paulis: bool, readout: bool) -> NoiseModel:
        """The errors of the gates of these names; `paulis` for the same fidelity without relaxation."""
        model = NoiseModel()
        found = self.gates()
        for (name, places), gate in found.items():
            error = self._error(gate, paulis=paulis) if name in names else None
            if error is None:
                continue
            model.add_quantum_error(error, name, list(places), warnings=False)
            if len(places) == 2 and (name, places[::-1]) not in found:
                model.add_quantum_error(error, name, list(places[::-1]), warnings=False)
        if readout:
            for number, (zero, one) in enumerate(self.flips()):
                if zero or one:
                    model.add_readout_error(ReadoutError([[1 - zero, zero], [one, 1 - one]]), [number])
        return model

    def flips(self) -> Sequence[tuple[float, float]]:
        """For each qubit, how likely a 0 is read as 1, and a 1 as 0."""
        if not self.readout:
            return [(0.0, 0.0)] * len(self.where)
        return [(_share(qubit.prob_meas1_prep0), _share(qubit.prob_meas0_prep1)) for qubit in self._qubits()]

    def survival(self, names: Sequence[tuple[str, tuple[int, ...]]]) -> float:
        """The probability that none of these gates goes wrong."""
        found = self.gates()
        logarithm = 0.0
        for name, places in names:
            gate = found.get((name, places)) or found.get((name, places[::-1]))
            if gate is not None and gate.error:
                logarithm += math.log1p(-min(gate.error, _WORST))
        return math.exp(logarithm)

    def relaxation(self, place: int, seconds: float) -> Any | None:
        """What waiting does to a qubit, None if nothing is known of it."""
        qubit = self.calibration.qubits[self.where[place]]
        return None if not qubit.t1_s or seconds <= 0 else _relaxed(qubit.t1_s, _t2(qubit), seconds)

    def _qubits(self) -> list[QubitCalibration]:
        return [self.calibration.qubits[qubit] for qubit in self.where]

    def _error(self, gate: GateCalibration, *, paulis: bool) -> Any | None:
        error = min(gate.error or 0.0, _WORST)
        if error <= 0 or len(gate.qubits) > 2:
            return None
        qubits = [self.calibration.qubits[qubit] for qubit in gate.qubits]
        times = tuple((qubit.t1_s, _t2(qubit)) for qubit in qubits if qubit.t1_s)
        if paulis or gate.length_s <= 0 or len(times) < len(qubits):
            times = ()
        return _gate_error(error, gate.length_s, len(qubits), times)


@lru_cache(maxsize=4096)
def _relaxed(t1_s: float, t2_s: float, seconds: float) -> Any:
    return thermal_relaxation_error(t1_s, t2_s, seconds)


@lru_cache(maxsize=4096)
def _gate_error(error: float, length_s: float, qubits: int, times: tuple[tuple[float, float], ...]) -> Any:
    """Relaxation for the length of a gate, and as much depolarization as makes up the measured error."""
    dimension = 2**qubits
    relaxation = None
    infidelity = 0.0
    if times:
        parts = [_relaxed(t1_s, t2_s, length_s) for t1_s, t2_s in times]
        # The first qubit of a gate is the least significant one of its error.
        relaxation = parts[0] if qubits == 1 else parts[1].tensor(parts[0])
        infidelity = 1 - float(average_gate_fidelity(relaxation))
    if relaxation is not None and error <= infidelity:
        return relaxation
    share = dimension * (error - infidelity) / (dimension * (1 - infidelity) - 1)
    depolarizing = depolarizing_error(min(share, 4**qubits / (4**qubits - 1)), qubits)
    return depolarizing if relaxation is None else depolarizing.compose(relaxation)


def _t2(qubit: QubitCalibration) -> float:
    t1 = qubit.t1_s or 1.0
    return min(qubit.t2_s or t1, 2 * t1)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
