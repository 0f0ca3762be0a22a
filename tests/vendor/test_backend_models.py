"""IBM's own client reads our backends: configurations, properties, targets, and the definitions of gates."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("qiskit_ibm_runtime")

from qiskit import QuantumCircuit, qasm2, transpile
from qiskit.circuit.library.standard_gates import get_standard_gate_name_mapping
from qiskit.quantum_info import Operator
from qiskit_ibm_runtime.utils.backend_converter import convert_to_target
from qiskit_ibm_runtime.utils.backend_decoder import configuration_from_server_data, properties_from_server_data

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.gates import GATES, Gate
from mock_runtime.editions.platform.wire import backends as wire
from mock_runtime.worlds.fake_provider import backend_from_fake_provider
from mock_runtime.worlds.platform import WORLD

NOW = 1_770_000_000.0
_BACKENDS = [backend for backend in WORLD.backends if not backend.mock]


def _target(backend: Backend, *, fractional: bool | None = False):
    configuration = configuration_from_server_data(
        json.loads(wire.configuration_text(backend)), use_fractional_gates=fractional
    )
    assert configuration is not None
    if backend.simulator:
        return convert_to_target(configuration)
    text = wire.properties_text(backend, backend.calibration_at(NOW))
    properties = properties_from_server_data(json.loads(text), use_fractional_gates=fractional)
    return convert_to_target(configuration, properties, include_fractional_gates=bool(fractional))


@pytest.mark.parametrize("backend", _BACKENDS, ids=lambda backend: backend.name)
def test_the_client_makes_a_target_that_circuits_compile_for(backend: Backend) -> None:
    """With the device's qubits, clock and gates, but those of fractional angles unless they are asked for."""
    target = _target(backend)
    fractional = {"rx", "rzz"} & set(backend.basis_gates)
    assert target.num_qubits == backend.n_qubits
    assert target.dt == (None if backend.dt_s is None else pytest.approx(backend.dt_s))
    if not backend.simulator:
        assert set(target.operation_names) == set(backend.instructions) - fractional
    circuit = QuantumCircuit(4)
    circuit.h(0)
    for qubit in range(3):
        circuit.cx(0, qubit + 1)
    circuit.measure_all()
    compiled = transpile(circuit, target=target, optimization_level=1, seed_transpiler=1)
    assert compiled.count_ops()["measure"] == 4


def test_fractional_gates_are_there_if_they_are_asked_for() -> None:
    """On a Heron."""
    target = _target(WORLD.backends[0], fractional=True)
    assert {"rx", "rzz"} <= set(target.operation_names)


def test_what_does_not_work_is_not_in_the_target() -> None:
    """The client leaves out the qubit that is not operational, and all gates on it."""
    backend = WORLD.backend("ibm_torino")
    assert backend is not None
    target = _target(backend)
    assert len(target["sx"]) == 132
    assert not any(111 in qubits for qubits in target["cz"])


@pytest.mark.parametrize("name", ["fake_torino", "fake_manila", "fake_kingston", "fake_armonk"])
def test_an_example_comes_back_as_it_was(name: str) -> None:
    """From the client's files by way of our wire: what the client then says of it is what it says of its own."""
    provider = pytest.importorskip("qiskit_ibm_runtime.fake_provider")
    theirs = getattr(
        provider,
        {"fake_armonk": "FakeArmonkV2", "fake_manila": "FakeManilaV2"}.get(name, "") or f"Fake{name[5:].title()}",
    )().target
    ours = _target(backend_from_fake_provider(name), fractional=None)
    assert ours.num_qubits == theirs.num_qubits
    assert ours.dt == pytest.approx(theirs.dt)
    for gate in set(theirs.operation_names) - {"if_else", "for_loop", "switch_case", "measure_2", "delay"}:
        assert set(ours[gate]) == set(theirs[gate])
        for qubits, properties in theirs[gate].items():
            if properties is not None and properties.error is not None:
                assert ours[gate][qubits].error == pytest.approx(properties.error)
                assert ours[gate][qubits].duration == pytest.approx(properties.duration)


@pytest.mark.parametrize("gate", GATES.values(), ids=lambda gate: gate.name)
def test_a_gate_is_what_its_definition_says(gate: Gate) -> None:
    """Up to a phase of the whole."""
    angles = [0.3, 0.7, 1.1][: len(gate.parameters)]
    given = f"({','.join(map(str, angles))})" if angles else ""
    qubits = ",".join(f"q[{qubit}]" for qubit in range(gate.n_qubits))
    definition = gate.qasm.replace(f"gate {gate.name}", "gate ours", 1)
    circuit = qasm2.loads(f"OPENQASM 2.0;\n{definition}\nqreg q[{gate.n_qubits}];\nours{given} {qubits};")
    theirs = QuantumCircuit(gate.n_qubits)
    theirs.append(get_standard_gate_name_mapping()[gate.name].base_class(*angles), range(gate.n_qubits))
    assert Operator(circuit.decompose(reps=3)).equiv(Operator(theirs))
