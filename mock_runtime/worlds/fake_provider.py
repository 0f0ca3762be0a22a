"""Devices from the examples that IBM's client carries: configurations and calibrations of real ones, once recorded.

They are read from the files of an installed qiskit-ibm-runtime (the extra `qiskit` brings it), without importing it:
that would take seconds, and nothing of it is needed.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from mock_runtime.domain.backends import (
    CONTROL_FLOW,
    Backend,
    Calibration,
    Calibrations,
    GateCalibration,
    Processor,
    QubitCalibration,
    Series,
    Timing,
)
from mock_runtime.worlds.makes import UNKNOWN_MAKE

_PACKAGE: Final = "qiskit_ibm_runtime"
_SECONDS: Final = {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_HERTZ: Final = {"": 1.0, "Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}


class NoSuchFakeDevice(LookupError):
    """There is no such example, or none at all because the client is not installed. `str()` says which."""


def backend_from_fake_provider(name: str) -> Backend:
    """The example of this name, as a backend; NoSuchFakeDevice.

    `name` may be what IBM calls the device (ibm_fez), what the client calls the example (fake_fez) or the class that
    makes it (FakeFez, FakeManilaV2), in any case. The backend has the name of the device.
    """
    short = _short(name)
    folders = _folders()
    if short not in folders:
        near = [f"fake_{other}" for other in get_close_matches(short, folders, n=5)]
        hint = f"near to it are {', '.join(near)}" if near else f"there are {', '.join(map('fake_{}'.format, folders))}"
        raise NoSuchFakeDevice(f"{_PACKAGE} has no example of the name {name!r}; {hint}")
    return _backend(folders[short])


def fake_device_names() -> tuple[str, ...]:
    """The names of all examples that are installed, such as fake_fez; NoSuchFakeDevice if there are none."""
    return tuple(f"fake_{short}" for short in _folders())


def _short(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"_?v[0-9]+$", "", re.sub(r"^(fake|ibmq?)_", "", words.lower()))


@lru_cache(maxsize=1)
def _folders() -> Mapping[str, Path]:
    """The folder of each example, by its short name."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise NoSuchFakeDevice(f"{_PACKAGE} is not installed: pip install 'mock-runtime[qiskit]'")
    backends = Path(found.origin).parent / "fake_provider" / "backends"
    return {path.parent.name: path.parent for path in sorted(backends.glob("*/conf_*.json"))}


@lru_cache(maxsize=64)
def _backend(folder: Path) -> Backend:
    configuration = _json(folder, "conf")
    properties = _json(folder, "props")
    return _configured(configuration, _series(properties) if properties else UNKNOWN_MAKE)


def _json(folder: Path, kind: str) -> dict[str, Any]:
    path = folder / f"{kind}_{folder.name}.json"
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return value


def _configured(data: Mapping[str, Any], calibrations: Calibrations) -> Backend:
    """A backend from a configuration as the service gives it."""
    timing = data.get("timing_constraints")
    delays = data.get("rep_delay_range")
    dt_ns = data.get("dt")
    default_delay_us = data.get("default_rep_delay")
    basis_gates = tuple(data["basis_gates"])
    return Backend(
        name=data["backend_name"],
        n_qubits=data["n_qubits"],
        coupling=tuple((a, b) for a, b in data.get("coupling_map") or ()),
        basis_gates=basis_gates + _fractional(basis_gates, calibrations),
        simulator=data["simulator"],
        online_date=data["online_date"],
        max_shots=data["max_shots"],
        version=data["backend_version"],
        processor=_processor(data.get("processor_type")),
        dt_s=None if dt_ns is None else dt_ns * 1e-9,
        timing=Timing(**timing) if timing else None,
        control_flow=tuple(name for name in CONTROL_FLOW if name in data.get("supported_instructions", ())),
        features=tuple(data.get("supported_features", ())),
        coordinates=tuple((column, row) for column, row in data.get("coords") or ()),
        clops=_clops(data),
        quantum_volume=data.get("quantum_volume"),
        max_experiments=data.get("max_experiments", 300),
        rep_delay_range_s=(delays[0] * 1e-6, delays[1] * 1e-6) if delays else None,
        default_rep_delay_s=None if default_delay_us is None else default_delay_us * 1e-6,
        calibrations=calibrations,
    )


def _fractional(basis_gates: tuple[str, ...], calibrations: Calibrations) -> tuple[str, ...]:
    """The gates with fractional angles: the examples were recorded without them, but where they work it is known."""
    if not isinstance(calibrations, Series):
        return ()
    measured = {gate.gate for gate in calibrations.calibrations[0].gates if gate.error is not None and gate.error < 1}
    return tuple(name for name in ("rx", "rzz") if name in measured and name not in basis_gates)


def _processor(data: Any) -> Processor | None:
    if not isinstance(data, dict) or "family" not in data:
        return None
    return Processor(family=data["family"], revision=str(data.get("revision", "1")), segment=data.get("segment"))


def _clops(data: Mapping[str, Any]) -> int | None:
    found = (data.get(key) for key in ("clops_h", "clops", "clops_v"))
    return next((value for value in found if isinstance(value, int)), None)


def _series(data: Mapping[str, Any]) -> Series:
    """The one calibration that is recorded."""
    at = datetime.fromisoformat(data["last_update_date"]).timestamp()
    digest = sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    return Series(
        (
            Calibration(
                id=f"{data['last_update_date'][:10]}-{digest[:12]}",
                at=at,
                qubits=tuple(_qubit(values) for values in data["qubits"]),
                gates=tuple(_gate(gate) for gate in data["gates"]),
            ),
        )
    )


def _qubit(values: Iterable[Mapping[str, Any]]) -> QubitCalibration:
    by_name = {value["name"]: value for value in values}
    readout_error = _in(by_name, "readout_error", {"": 1.0}) or 0.0

    def probability(name: str) -> float:
        found = _in(by_name, name, {"": 1.0})
        return readout_error if found is None else found

    return QubitCalibration(
        t1_s=_in(by_name, "T1", _SECONDS),
        t2_s=_in(by_name, "T2", _SECONDS),
        frequency_hz=_in(by_name, "frequency", _HERTZ),
        anharmonicity_hz=_in(by_name, "anharmonicity", _HERTZ),
        readout_error=readout_error,
        prob_meas0_prep1=probability("prob_meas0_prep1"),
        prob_meas1_prep0=probability("prob_meas1_prep0"),
        readout_length_s=_in(by_name, "readout_length", _SECONDS) or 0.0,
        operational=_in(by_name, "operational", {"": 1.0}) != 0,
    )


def _gate(data: Mapping[str, Any]) -> GateCalibration:
    by_name = {value["name"]: value for value in data["parameters"]}
    return GateCalibration(
        gate=data["gate"],
        qubits=tuple(data["qubits"]),
        error=_in(by_name, "gate_error", {"": 1.0}),
        length_s=_in(by_name, "gate_length", _SECONDS) or 0.0,
    )


def _in(by_name: Mapping[str, Mapping[str, Any]], name: str, units: Mapping[str, float]) -> float | None:
    value = by_name.get(name)
    return None if value is None else float(value["value"] * units[value["unit"]])
