"""Devices from the examples of IBM's client, and from ones written here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from mock_runtime.domain.backends import Processor, Series, Timing
from mock_runtime.worlds import fake_provider
from mock_runtime.worlds.daily import Daily
from mock_runtime.worlds.fake_provider import NoSuchFakeDevice, backend_from_fake_provider, fake_device_names

_AT = "2025-02-26T15:00:00-05:00"


def _value(name: str, unit: str, value: float) -> dict[str, Any]:
    return {"date": _AT, "name": name, "unit": unit, "value": value}


_CONFIGURATION: dict[str, Any] = {
    "backend_name": "ibm_two",
    "backend_version": "1.2.3",
    "n_qubits": 2,
    "basis_gates": ["cz", "rz", "sx"],
    "coupling_map": [[0, 1], [1, 0]],
    "simulator": False,
    "online_date": "2024-05-14T04:00:00+00:00",
    "max_shots": 1000,
    "max_experiments": 7,
    "supported_instructions": ["cz", "rz", "sx", "measure", "if_else"],
    "supported_features": ["qasm3"],
    "rep_delay_range": [0.0, 500.0],
    "default_rep_delay": 250.0,
    "dt": 4.0,
    "processor_type": {"family": "Heron", "revision": 2},
    "timing_constraints": {"acquire_alignment": 1, "granularity": 1, "min_length": 2, "pulse_alignment": 1},
    "clops": None,
    "clops_h": 250000,
    "clops_v": "None",
    "coords": [[1, 1], [2, 1]],
    "quantum_volume": None,
}
_PROPERTIES: dict[str, Any] = {
    "last_update_date": _AT,
    "qubits": [
        [
            _value("T1", "us", 100.0),
            _value("T2", "us", 50.0),
            _value("frequency", "GHz", 5.0),
            _value("readout_error", "", 0.01),
            _value("prob_meas0_prep1", "", 0.0),
            _value("readout_length", "ns", 1560),
        ],
        [_value("operational", "", 0)],
    ],
    "gates": [
        {"gate": "cz", "qubits": [0, 1], "parameters": [_value("gate_error", "", 1), _value("gate_length", "ns", 68)]},
        {"gate": "rzz", "qubits": [0, 1], "parameters": [_value("gate_error", "", 1)]},
        {"gate": "rx", "qubits": [0], "parameters": [_value("gate_error", "", 0.001)]},
        {"gate": "reset", "qubits": [0], "parameters": [_value("gate_length", "us", 1.6)]},
    ],
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the examples of a client that has none yet."""
    spec = ModuleSpec("qiskit_ibm_runtime", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: spec)
    fake_provider._folders.cache_clear()
    fake_provider._backend.cache_clear()
    yield tmp_path / "fake_provider" / "backends"
    fake_provider._folders.cache_clear()
    fake_provider._backend.cache_clear()


def _write(package: Path, short: str, configuration: dict[str, Any], properties: dict[str, Any] | None) -> None:
    (package / short).mkdir(parents=True)
    (package / short / f"conf_{short}.json").write_text(json.dumps(configuration), encoding="utf-8")
    if properties is not None:
        (package / short / f"props_{short}.json").write_text(json.dumps(properties), encoding="utf-8")


@pytest.mark.parametrize("name", ["fake_two", "ibm_two", "ibmq_two", "FakeTwo", "FakeTwoV2", "fake_two_v2", " two "])
def test_an_example_has_many_names(package: Path, name: str) -> None:
    """That of the device, that of the example, and that of the class."""
    _write(package, "two", _CONFIGURATION, _PROPERTIES)
    assert backend_from_fake_provider(name).name == "ibm_two"
    assert fake_device_names() == ("fake_two",)


def test_all_that_is_known_is_taken_over(package: Path) -> None:
    """In the units of this house. Gates of fractional angles are there if they work."""
    _write(package, "two", _CONFIGURATION, _PROPERTIES)
    backend = backend_from_fake_provider("fake_two")
    assert backend.basis_gates == ("cz", "rz", "sx", "rx")
    assert backend.processor == Processor(family="Heron", revision="2")
    assert backend.timing == Timing(granularity=1, min_length=2, pulse_alignment=1, acquire_alignment=1)
    assert backend.dt_s == pytest.approx(4e-9)
    assert (backend.clops, backend.max_experiments) == (250000, 7)
    assert list(backend.rep_delay_range_s or ()) == pytest.approx([0.0, 5e-4])
    assert (backend.control_flow, backend.features) == (("if_else",), ("qasm3",))
    calibration = backend.calibration_at(0.0)
    assert calibration is not None
    assert calibration.at == 1740600000.0
    assert backend.calibration(calibration.id) == calibration
    first, second = calibration.qubits
    assert [first.t1_s, first.t2_s, first.frequency_hz] == pytest.approx([1e-4, 5e-5, 5e9])
    assert (first.anharmonicity_hz, first.operational) == (None, True)
    assert (first.prob_meas0_prep1, first.prob_meas1_prep0) == (0.0, 0.01)
    assert (second.t1_s, second.readout_error, second.operational) == (None, 0.0, False)
    assert [(gate.gate, gate.error, gate.length_s) for gate in calibration.gates] == [
        ("cz", 1.0, pytest.approx(6.8e-8)),
        ("rzz", 1.0, 0.0),
        ("rx", 0.001, 0.0),
        ("reset", None, pytest.approx(1.6e-6)),
    ]


def test_what_is_not_known_is_left_out(package: Path) -> None:
    """An example without properties gets invented ones; old ones lack much of a configuration."""
    left = ("rep_delay_range", "default_rep_delay", "dt", "processor_type", "timing_constraints", "clops_h", "coords")
    configuration = {key: value for key, value in _CONFIGURATION.items() if key not in left} | {"coupling_map": None}
    _write(package, "old", configuration, None)
    backend = backend_from_fake_provider("fake_old")
    assert isinstance(backend.calibrations, Daily)
    assert (backend.dt_s, backend.timing, backend.processor, backend.clops) == (None, None, None, None)
    assert (backend.coupling, backend.coordinates, backend.rep_delay_range_s) == ((), (), None)


def test_an_unknown_name_is_told_its_neighbours(package: Path) -> None:
    """Or all there are, if none is near."""
    _write(package, "torino", _CONFIGURATION, _PROPERTIES)
    with pytest.raises(NoSuchFakeDevice, match=r"no example of the name 'fake_turin'; near to it are fake_torino$"):
        backend_from_fake_provider("fake_turin")
    with pytest.raises(NoSuchFakeDevice, match=r"no example of the name 'x'; there are fake_torino$"):
        backend_from_fake_provider("x")


def test_without_the_client_the_extra_is_named(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newcomer is told what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(NoSuchFakeDevice, match=r"is not installed: pip install 'mock-runtime\[qiskit\]'"):
        backend_from_fake_provider("fake_fez")


def test_the_installed_examples(request: pytest.FixtureRequest) -> None:
    """Where the client is installed, a real device is read from it."""
    try:
        names = fake_device_names()
    except NoSuchFakeDevice as error:
        pytest.skip(str(error))
    backend = backend_from_fake_provider("FakeTorino")
    assert "fake_torino" in names
    assert (backend.name, backend.n_qubits, len(backend.coupling)) == ("ibm_torino", 133, 300)
    assert isinstance(backend.calibrations, Series)
