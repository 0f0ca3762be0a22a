"""Backends on the wire: lists in both shapes, configurations, calibrations, states.

What a client cannot do without was found by leaving out key after key; it is all here, whatever the document says is
optional. Instants are in UTC with a Z and milliseconds, as the document wants them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.domain.backends import Availability
from mock_runtime.domain.gates import GATES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mock_runtime.domain.backends import Backend, Calibration, GateCalibration, Processor, QubitCalibration

WAIT_TIME: Final = "wait_time_seconds"
"""The one thing that `fields` may ask for."""

SECONDS_A_JOB: Final = 45
"""How long one waiting job makes the next one wait: a guess, for `wait_time_seconds`."""

_LAYERED: Final = 1.5
"""How much worse a gate is while its neighbours work, too: a guess."""


def present_names(backends: Iterable[Backend]) -> dict[str, Any]:
    """A list for API versions before 2025-01-01, and for callers who send none: names alone.

    Evidence: clients up to 0.40 do not understand anything else.
    """
    return {"devices": [backend.name for backend in backends]}


def present_devices(backends: Iterable[Backend], now: float, *, wait_times: bool = False) -> dict[str, Any]:
    """A list for API versions from 2025-01-01 on."""
    return {"devices": [present_device(backend, now, wait_time=wait_times) for backend in backends]}


def present_device(backend: Backend, now: float, *, wait_time: bool = False) -> dict[str, Any]:
    """A backend in a list; `class` is there for mocks, `wait_time_seconds` if asked for.

    Evidence: the client reads name, status.name, queue_length, qubits, physical_qubits and class. That an available
    backend gives "available" as its reason is a guess.
    """
    present: dict[str, Any] = {
        "name": backend.name,
        "status": {"name": str(backend.availability), "reason": backend.reason or "available"},
        "is_simulator": backend.simulator,
        "qubits": backend.n_qubits,
        "physical_qubits": backend.n_qubits,
        "clops": None if backend.clops is None else {"type": "hardware", "value": backend.clops},
        "processor_type": None if backend.processor is None else _processor(backend.processor),
        "queue_length": backend.queue_length,
    }
    if backend.mock:
        # Nothing runs on a mock, so that there is nothing to measure.
        present["class"] = "mock"
    elif calibration := backend.calibration_at(now):
        present["performance_metrics"] = _metrics(calibration)
    if wait_time:
        present[WAIT_TIME] = _wait_time(backend.queue_length)
    return present


def present_status(backend: Backend, *, waiting: int = 0) -> dict[str, Any]:
    """The state of a backend, with the jobs that wait there: its own, and `waiting` ones of ours.

    Evidence: the client takes a backend for usable if `state` is true and `status` is "active", and warns of one whose
    `state` alone is true. What the others are called is a guess.
    """
    online = backend.availability is Availability.ONLINE
    return {
        "state": backend.availability is not Availability.OFFLINE,
        "status": "active" if online else backend.reason or str(backend.availability),
        "message": "" if online else backend.message or backend.reason,
        "length_queue": backend.queue_length + waiting,
        "backend_version": backend.version,
    }


def present_configuration(backend: Backend) -> dict[str, Any]:
    """What a backend is: gates, couplings, limits. Lengths of time are in ns (dt) and µs (rep_delay).

    Evidence: keys and units are those of the configurations that IBM's client carries. `open_pulse` is false since
    pulses are gone. What of `u_channel_lo`, `parametric_pulses` and the like old clients need for pulses is left out.
    """
    present: dict[str, Any] = {
        "backend_name": backend.name,
        "backend_version": backend.version,
        "n_qubits": backend.n_qubits,
        "basis_gates": list(backend.basis_gates),
        "gates": [_gate(backend, name) for name in backend.basis_gates],
        "coupling_map": [list(pair) for pair in backend.coupling] or None,
        "supported_instructions": list(backend.instructions),
        "supported_features": list(backend.features),
        "local": False,
        "simulator": backend.simulator,
        "conditional": False,
        "open_pulse": False,
        "memory": True,
        "max_shots": backend.max_shots,
        "max_experiments": backend.max_experiments,
        "online_date": _online(backend),
        "description": f"{backend.n_qubits} qubit {'simulator' if backend.simulator else 'device'}",
        "n_registers": 1,
        "credits_required": not backend.simulator,
        "measure_esp_enabled": False,
        # Evidence: in IBM's stored configurations, and pytket-qiskit asks for it without looking whether it is there.
        "multi_meas_enabled": True,
        "parallel_compilation": True,
        "quantum_volume": backend.quantum_volume,
        "dynamic_reprate_enabled": backend.rep_delay_range_s is not None,
    }
    if backend.coordinates:
        present["coords"] = [list(place) for place in backend.coordinates]
    return present | _of_devices(backend)


def present_properties(backend: Backend, calibration: Calibration | None) -> dict[str, Any]:
    """What was measured of a backend; of a simulator, which has no calibrations, only that its qubits work.

    Evidence: keys and units are those that IBM's client carries as examples. That of 2024 (0.29) asks for the
    properties of simulators too, and looks every qubit up in them; what a simulator answers is a guess for that.
    """
    date = _online(backend) if calibration is None else instant(calibration.at)
    working = [_value("operational", "", 1, date)]
    return {
        "backend_name": backend.name,
        "backend_version": backend.version,
        "last_update_date": date,
        "qubits": [_qubit(qubit, date) for qubit in calibration.qubits]
        if calibration
        else [working] * backend.n_qubits,
        "gates": [_measured_gate(gate, date) for gate in calibration.gates] if calibration else [],
        "general": [],
    }


@lru_cache(maxsize=64)
def configuration_text(backend: Backend) -> str:
    """The configuration as JSON text, remembered: clients ask for that of every backend before anything else."""
    return json.dumps(present_configuration(backend))


@lru_cache(maxsize=32)
def properties_text(backend: Backend, calibration: Calibration | None) -> str:
    """The properties as JSON text, remembered: those of a large device are some hundred kilobytes."""
    return json.dumps(present_properties(backend, calibration))


def instant(seconds: float) -> str:
    """An instant as 24 characters: `2026-02-01T00:00:00.000Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _online(backend: Backend) -> str:
    return instant(datetime.fromisoformat(backend.online_date).timestamp())


def _of_devices(backend: Backend) -> dict[str, Any]:
    """The part of a configuration that only devices have."""
    present: dict[str, Any] = {}
    if backend.processor is not None:
        present["processor_type"] = _processor(backend.processor)
        present["sample_name"] = ", ".join(f"{key}: {value}" for key, value in _processor(backend.processor).items())
    if backend.dt_s is not None:
        present["dt"] = present["dtm"] = _scaled(backend.dt_s, 1e9, digits=16)
    if backend.timing is not None:
        timing = backend.timing
        present["timing_constraints"] = {
            "granularity": timing.granularity,
            "min_length": timing.min_length,
            "pulse_alignment": timing.pulse_alignment,
            "acquire_alignment": timing.acquire_alignment,
        }
    if backend.rep_delay_range_s is not None:
        present["rep_delay_range"] = [_scaled(delay, 1e6) for delay in backend.rep_delay_range_s]
    if backend.default_rep_delay_s is not None:
        present["default_rep_delay"] = _scaled(backend.default_rep_delay_s, 1e6)
    if backend.clops is not None:
        present["clops"] = {"type": "hardware", "value": backend.clops}
        present["clops_h"] = backend.clops
    if not backend.simulator:
        present["meas_map"] = [list(range(backend.n_qubits))]
    return present


def _processor(processor: Processor) -> dict[str, str]:
    present = {"family": processor.family, "revision": processor.revision}
    return present if processor.segment is None else {**present, "segment": processor.segment}


def _gate(backend: Backend, name: str) -> dict[str, Any]:
    """A gate of the configuration, with the qubits it is for. One that is not known has no definition."""
    known = GATES.get(name)
    present: dict[str, Any] = {
        "name": name,
        "parameters": list(known.parameters) if known else [],
        "qasm_def": known.qasm if known else None,
    }
    if known and not backend.simulator and (known.n_qubits == 1 or backend.coupling):
        singles = [[qubit] for qubit in range(backend.n_qubits)]
        present["coupling_map"] = singles if known.n_qubits == 1 else [list(pair) for pair in backend.coupling]
    return present


def _qubit(qubit: QubitCalibration, date: str) -> list[dict[str, Any]]:
    measured: list[tuple[str, str, float | None]] = [
        ("T1", "us", qubit.t1_s and _scaled(qubit.t1_s, 1e6)),
        ("T2", "us", qubit.t2_s and _scaled(qubit.t2_s, 1e6)),
        ("frequency", "GHz", qubit.frequency_hz and _scaled(qubit.frequency_hz, 1e-9)),
        ("anharmonicity", "GHz", qubit.anharmonicity_hz and _scaled(qubit.anharmonicity_hz, 1e-9)),
        ("readout_error", "", qubit.readout_error),
        ("prob_meas0_prep1", "", qubit.prob_meas0_prep1),
        ("prob_meas1_prep0", "", qubit.prob_meas1_prep0),
        ("readout_length", "ns", _scaled(qubit.readout_length_s, 1e9)),
        ("operational", "", None if qubit.operational else 0),
    ]
    return [_value(name, unit, value, date) for name, unit, value in measured if value is not None]


def _measured_gate(gate: GateCalibration, date: str) -> dict[str, Any]:
    parameters = [_value("gate_length", "ns", _scaled(gate.length_s, 1e9), date)]
    if gate.error is not None:
        parameters.insert(0, _value("gate_error", "", gate.error, date))
    name = gate.gate + "_".join(map(str, gate.qubits))
    return {"gate": gate.gate, "name": name, "qubits": list(gate.qubits), "parameters": parameters}


def _value(name: str, unit: str, value: float, date: str) -> dict[str, Any]:
    return {"date": date, "name": name, "unit": unit, "value": value}


def _scaled(value: float, factor: float, *, digits: int = 15) -> float:
    """A value in another unit, without the dust that this leaves in the last digits; whole numbers without a point."""
    scaled = float(f"{value * factor:.{digits}g}")
    return int(scaled) if scaled.is_integer() else scaled


def _wait_time(queue_length: int) -> dict[str, int]:
    average = queue_length * SECONDS_A_JOB
    return {"average": average, "p50": average * 3 // 4, "p95": average * 3}


@lru_cache(maxsize=64)
def _metrics(calibration: Calibration) -> dict[str, Any]:
    """How good a device is in a few numbers; the same object each time, so nobody may change it."""
    pairs = [(gate.error, gate) for gate in calibration.gates if len(gate.qubits) == 2 and gate.error is not None]
    metrics: dict[str, Any] = {
        "readout_error_median": {"value": median(qubit.readout_error for qubit in calibration.qubits), "unit": ""}
    }
    if pairs:
        error, best = min(pairs, key=lambda pair: pair[0])
        middle = median(error for error, _ in pairs)
        metrics["two_q_error_best"] = {"value": error, "unit": "", "gate": best.gate, "qubits": list(best.qubits)}
        metrics["two_q_error_median"] = {"value": middle, "unit": ""}
        metrics["two_q_error_layered"] = {"value": round(min(middle * _LAYERED, 1.0), 8), "unit": ""}
    return metrics
