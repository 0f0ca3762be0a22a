"""The world of today, as data."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mock_runtime.domain.backends import Availability, Backend
from mock_runtime.domain.gates import GATES
from mock_runtime.worlds.daily import Daily
from mock_runtime.worlds.platform import PROGRAMS, WORLD, with_mocks

_DEVICES = [backend for backend in WORLD.backends if not backend.simulator and not backend.mock]


def test_the_programs_that_clients_ask_for() -> None:
    """All public, and of three hours at most."""
    assert [program.id for program in WORLD.programs] == ["sampler", "estimator", "executor", "noise-learner"]
    assert {(program.is_public, program.author, program.cost_s) for program in PROGRAMS} == {(True, None, 10800)}


def test_a_world_of_several_generations() -> None:
    """From 5 to 156 qubits, with a simulator, one device offline and one paused."""
    families = {backend.processor.family for backend in _DEVICES if backend.processor}
    assert families == {"Falcon", "Eagle", "Heron", "Nighthawk"}
    assert (min(device.n_qubits for device in _DEVICES), max(device.n_qubits for device in _DEVICES)) == (5, 156)
    assert [backend.name for backend in WORLD.backends if backend.simulator] == ["ibmq_qasm_simulator"]
    away = {device.name: device.availability for device in _DEVICES if device.availability is not Availability.ONLINE}
    assert away == {"ibm_osaka": Availability.PAUSED, "ibm_kyoto": Availability.OFFLINE}


def test_the_first_backend_is_the_least_busy() -> None:
    """Alone with its short queue, so that order does not matter to a client that looks for it."""
    online = [found for found in WORLD.backends if found.availability is Availability.ONLINE and not found.mock]
    others = [found.queue_length for found in online if found is not WORLD.backends[0]]
    assert WORLD.backends[0].name == "ibm_fez"
    assert WORLD.backends[0].queue_length < min(others)


def test_names_are_there_once() -> None:
    """And have the form that the document gives them."""
    names = [backend.name for backend in WORLD.backends]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-zA-Z0-9_]{1,64}", name) for name in names)


@pytest.mark.parametrize("device", _DEVICES, ids=lambda device: device.name)
def test_a_device_is_whole(device: Backend) -> None:
    """Its couplings are between its qubits, it is drawn, its gates are known, and what is dead could have lived."""
    assert {qubit for pair in device.coupling for qubit in pair} == set(range(device.n_qubits))
    assert len(device.coordinates) == device.n_qubits
    assert set(device.basis_gates) <= GATES.keys()
    assert sum(GATES[name].n_qubits == 2 for name in device.basis_gates) >= 1
    assert isinstance(device.calibrations, Daily)
    assert all(device.couples(*pair) for pair in device.calibrations.dead)
    assert all(qubit < device.n_qubits for qubit in device.calibrations.faulty)


@pytest.mark.parametrize("device", _DEVICES, ids=lambda device: device.name)
def test_a_device_has_a_twin_for_dry_runs(device: Backend) -> None:
    """With the name that the client makes of it, always online, and of the class mock."""
    twin = WORLD.backend(re.sub(r"^[^_]+", "mock", device.name))
    assert twin is not None
    assert (twin.mock, twin.availability, twin.queue_length) == (True, Availability.ONLINE, 0)
    assert (twin.n_qubits, twin.coupling, twin.basis_gates) == (device.n_qubits, device.coupling, device.basis_gates)


def test_only_devices_get_twins_and_each_name_one() -> None:
    """Not simulators, not mocks, not names without a `_`, and the second of two with the same twin goes without."""
    device = _DEVICES[0]
    names = ["ibm_a", "ibmq_a", "plain", "mock_b", "ibm_b"]
    backends = (*(replace(device, name=name) for name in names), replace(WORLD.backends[15], name="ibm_sim"))
    assert [found.name for found in with_mocks(backends)[len(backends) :]] == ["mock_a"]
