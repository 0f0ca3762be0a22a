"""Backends on the wire of today, held to the document."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from mock_runtime.domain.backends import Availability, Backend, Calibration
from mock_runtime.editions.platform.wire import backends as wire
from mock_runtime.worlds.makes import FALCON_R5_11L, HERON_R1
from mock_runtime.worlds.platform import WORLD
from runtime_contracts.contract import Contract

NOW = 1_770_000_000.0

_BY_NAME = {backend.name: backend for backend in WORLD.backends}
_FEZ, _MANILA, _SIMULATOR = (_BY_NAME[name] for name in ("ibm_fez", "ibmq_manila", "ibmq_qasm_simulator"))


@cache
def _contract() -> Contract:
    return Contract.of("platform")


def _holds(operation: str, body: Any) -> None:
    """Assert that a body is what the document and its overlay say."""
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {"Content-Type": "application/json"}
    assert _contract().check_response(operation, 200, headers=headers, body=text.encode()) == []


def _calibration(backend: Backend) -> Calibration:
    found = backend.calibration_at(NOW)
    assert found is not None
    return found


@pytest.mark.parametrize("backend", WORLD.backends, ids=lambda backend: backend.name)
def test_a_backend_is_as_documented(backend: Backend) -> None:
    """Its configuration, its properties and its state."""
    _holds("get_backend_configuration", wire.configuration_text(backend))
    _holds("get_backend_properties", wire.properties_text(backend, backend.calibration_at(NOW)))
    _holds("get_backend_status", wire.present_status(backend))


@pytest.mark.parametrize("backend", WORLD.backends, ids=lambda backend: backend.name)
def test_a_configuration_has_what_clients_read_unasked(backend: Backend) -> None:
    """pytket-qiskit takes these keys for granted."""
    present = wire.present_configuration(backend)
    assert (present["multi_meas_enabled"], present["conditional"]) == (True, False)


def test_lists_are_as_documented() -> None:
    """In both shapes, with and without waiting times."""
    _holds("list_backends", wire.present_names(WORLD.backends))
    _holds("list_backends", wire.present_devices(WORLD.backends, NOW))
    _holds("list_backends", wire.present_devices(WORLD.backends, NOW, wait_times=True))


def test_old_versions_list_names() -> None:
    """And nothing else."""
    assert wire.present_names([_FEZ, _SIMULATOR]) == {"devices": ["ibm_fez", "ibmq_qasm_simulator"]}


def test_a_device_in_a_list() -> None:
    """With what the client reads, and how good it is in a few numbers."""
    present = wire.present_device(_FEZ, NOW)
    metrics = present.pop("performance_metrics")
    assert present == {
        "name": "ibm_fez",
        "status": {"name": "online", "reason": "available"},
        "is_simulator": False,
        "qubits": 156,
        "physical_qubits": 156,
        "clops": {"type": "hardware", "value": 250_000},
        "processor_type": {"family": "Heron", "revision": "2"},
        "queue_length": 1,
    }
    best = metrics["two_q_error_best"]
    errors = [gate.error for gate in _calibration(_FEZ).gates if len(gate.qubits) == 2 and gate.error is not None]
    assert best["value"] == min(errors)
    assert _FEZ.couples(*best["qubits"])
    assert best["value"] < metrics["two_q_error_median"]["value"] < metrics["two_q_error_layered"]["value"]
    assert 0.005 < metrics["readout_error_median"]["value"] < 0.012


def test_what_has_no_quality_has_no_metrics() -> None:
    """A simulator is never calibrated, a mock runs nothing and says what it is; one qubit has no pairs."""
    simulator, mock = wire.present_device(_SIMULATOR, NOW), wire.present_device(_BY_NAME["mock_fez"], NOW)
    assert not {"performance_metrics", "class"} & simulator.keys()
    assert (simulator["clops"], simulator["processor_type"], simulator["is_simulator"]) == (None, None, True)
    assert "performance_metrics" not in mock
    assert mock["class"] == "mock"
    single = replace(_MANILA, name="ibmq_single", n_qubits=1, coupling=())
    assert wire.present_device(single, NOW)["performance_metrics"].keys() == {"readout_error_median"}
    assert [gate.get("coupling_map") for gate in wire.present_configuration(single)["gates"]][:2] == [None, [[0]]]


def test_waiting_times_are_there_if_asked_for() -> None:
    """They grow with the queue."""
    assert "wait_time_seconds" not in wire.present_device(_FEZ, NOW)
    assert wire.present_device(replace(_FEZ, queue_length=4), NOW, wait_time=True)["wait_time_seconds"] == {
        "average": 180,
        "p50": 135,
        "p95": 540,
    }


@pytest.mark.parametrize(
    ("availability", "reason", "state", "status", "message"),
    [
        (Availability.ONLINE, "", True, "active", ""),
        (Availability.ONLINE, "all is well", True, "active", ""),
        (Availability.PAUSED, "maintenance", True, "maintenance", "maintenance"),
        (Availability.PAUSED, "", True, "paused", ""),
        (Availability.OFFLINE, "internal", False, "internal", "internal"),
    ],
)
def test_states(availability: Availability, reason: str, state: bool, status: str, message: str) -> None:
    """Only what is online is active, and only what is offline has the state false."""
    backend = replace(_FEZ, availability=availability, reason=reason)
    present = wire.present_status(backend, waiting=3)
    assert present == {
        "state": state,
        "status": status,
        "message": message,
        "length_queue": 4,
        "backend_version": "1.3.37",
    }
    assert wire.present_device(backend, NOW)["status"] == {"name": str(availability), "reason": reason or "available"}


def test_the_configuration_has_what_clients_cannot_do_without() -> None:
    """Without any of these the client finds that no backend matches; lengths are in ns and µs."""
    present = wire.present_configuration(_MANILA)
    needed = "backend_name backend_version n_qubits basis_gates gates local simulator conditional open_pulse memory"
    assert set(needed.split()) | {"coupling_map", "online_date", "max_shots"} <= present.keys()
    assert present["dt"] == 0.2222222222222222
    assert (present["rep_delay_range"], present["default_rep_delay"]) == ([0, 500], 250)
    assert present["online_date"] == "2021-04-01T05:00:00.000Z"
    assert present["sample_name"] == "family: Falcon, revision: 5.11, segment: L"
    assert {"if_else", "for_loop", "measure", "reset", "delay"} <= set(present["supported_instructions"])
    assert present["gates"][0] == {
        "name": "cx",
        "parameters": [],
        "qasm_def": "gate cx q0, q1 { CX q0, q1; }",
        "coupling_map": present["coupling_map"],
    }
    assert present["gates"][2]["parameters"] == ["theta"]
    assert present["gates"][2]["coupling_map"] == [[0], [1], [2], [3], [4]]


def test_the_qubits_of_a_simulator_work() -> None:
    """Which is all that there is to say of them."""
    qubits = wire.present_properties(_SIMULATOR, None)["qubits"]
    assert [[(fact["name"], fact["value"]) for fact in qubit] for qubit in qubits] == [[("operational", 1)]] * 32


def test_a_simulator_has_no_couplings_nor_clock() -> None:
    """Its gates are for all qubits."""
    present = wire.present_configuration(_SIMULATOR)
    assert present["coupling_map"] is None
    assert not {"dt", "timing_constraints", "meas_map", "processor_type", "clops"} & present.keys()
    assert not any("coupling_map" in gate for gate in present["gates"])


def test_a_gate_that_nobody_knows_has_no_definition() -> None:
    """Nor is it said where it is possible."""
    present = wire.present_configuration(replace(_MANILA, basis_gates=("warp",), coordinates=()))
    assert "coords" not in present
    assert present["gates"] == [{"name": "warp", "parameters": [], "qasm_def": None}]


def test_properties() -> None:
    """Qubit by qubit and gate by gate, each value with its date and unit."""
    calibration = _calibration(_MANILA)
    present = wire.present_properties(_MANILA, calibration)
    date = present["last_update_date"]
    assert date == wire.instant(calibration.at)
    assert [value["name"] for value in present["qubits"][0]] == [
        *("T1", "T2", "frequency", "anharmonicity"),
        *("readout_error", "prob_meas0_prep1", "prob_meas1_prep0", "readout_length"),
    ]
    t1_s = calibration.qubits[0].t1_s or 0
    assert present["qubits"][0][0] == {"date": date, "name": "T1", "unit": "us", "value": pytest.approx(t1_s * 1e6)}
    gates = {gate["name"]: gate for gate in present["gates"]}
    assert len(gates) == len(calibration.gates)
    assert [value["name"] for value in gates["cx0_1"]["parameters"]] == ["gate_error", "gate_length"]
    assert [value["name"] for value in gates["reset4"]["parameters"]] == ["gate_length"]
    assert gates["cx0_1"]["qubits"] == [0, 1]


def test_what_is_missing_is_left_out_and_what_is_broken_said() -> None:
    """Herons publish no frequencies; a faulty qubit is not operational."""
    heron = HERON_R1.backend("ibm_new", faulty=(7,))
    present = wire.present_properties(heron, _calibration(heron))
    assert {value["name"]: value["value"] for value in present["qubits"][7]}["operational"] == 0
    names = {value["name"] for value in present["qubits"][6]}
    assert not {"frequency", "anharmonicity", "operational"} & names
    falcon = FALCON_R5_11L.backend("ibm_old")
    calibration = _calibration(falcon)
    lost = replace(calibration, qubits=(replace(calibration.qubits[0], t1_s=None, t2_s=None),), id="lost")
    assert wire.present_properties(falcon, lost)["qubits"][0][0]["name"] == "frequency"


def test_texts_are_remembered() -> None:
    """The same text is not written twice for the same calibration, and written anew for another."""
    today, tomorrow = _calibration(_MANILA), _MANILA.calibration_at(NOW + 86400)
    assert wire.properties_text(_MANILA, today) is wire.properties_text(_MANILA, today)
    assert wire.properties_text(_MANILA, today) != wire.properties_text(_MANILA, tomorrow)
    assert wire.configuration_text(_MANILA) is wire.configuration_text(replace(_MANILA))
