"""Sampler, computed."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest

from tests.mock_runtime.execution.primitives import samples
from tests.mock_runtime.execution.primitives.devices import SIMULATOR, line
from tests.mock_runtime.execution.primitives.samples import circuit as sample

pytest.importorskip("qiskit_aer")

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qasm3
from qiskit.circuit import Parameter, ParameterVector
from qiskit.circuit.classical import expr

from tests.mock_runtime.execution.primitives.simulated.circuits_by_hand import (
    bell,
    ghz,
    isa,
    packed,
    plain,
    run,
    text_of,
)

DEVICE = line(5)


def counts(pub: Any, register: str = "meas") -> Counter[str]:
    """How often each value of a register came."""
    return Counter(pub["data"][register]["samples"])


def sampled(circuit: QuantumCircuit, shots: int = 1000, backend: Any = DEVICE, *, ideal: bool = True) -> Any:
    """The data of a circuit."""
    (pub,) = plain("sampler", {"pubs": [[packed(circuit), None, shots]]}, backend, ideal=ideal)
    return pub


@pytest.mark.parametrize("version", [13, 14, 15, 16, 17, 18])
def test_a_bell_pair_agrees(version: int) -> None:
    """In every version of QPY that this Qiskit writes; half of the shots are 00."""
    params = {"pubs": [[packed(isa(bell(), DEVICE, [2, 3]), version), None, 4000]]}
    found = counts(plain("sampler", params, DEVICE, ideal=True)[0])
    assert set(found) == {"0x0", "0x3"}
    assert abs(found["0x0"] - 2000) < 200


def test_noise_makes_some_pairs_disagree() -> None:
    """About as many as the errors of the gate and of the read-out say: between two and ten in a hundred."""
    found = counts(sampled(isa(bell(), DEVICE), 4000, ideal=False))
    assert 80 < found["0x1"] + found["0x2"] < 400


def test_the_same_seed_gives_the_same_shots() -> None:
    """And another gives others."""
    params = {"pubs": [[packed(isa(bell(), DEVICE)), None, 100]]}
    first, again, other = (text_of(run("sampler", params, DEVICE, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("packed_old", [samples.OLD_SYMENGINE, samples.OLD_SYMPY])
def test_circuits_of_old_clients_run(packed_old: str) -> None:
    """With expressions of symengine, which is not installed, and of sympy."""
    values = {"θ": [0.3, 0.4], "b": 0.2, "v[0]": 0.1, "v[1]": 0.5, "v[2]": 0.7}
    (pub,) = plain("sampler", {"pubs": [[sample(packed_old), values, 10]]}, SIMULATOR)
    assert counts(pub, "c") == {"0x0": 20}


def test_a_sweep_gives_its_shape() -> None:
    """Three angles of a rotation: never, half of the time, always."""
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("a"), 0)
    circuit.measure_all()
    values = [[0.0], [math.pi / 2], [math.pi]]
    (pub,) = plain("sampler", {"pubs": [[packed(isa(circuit, DEVICE)), values, 400]]}, DEVICE, ideal=True)
    shots = pub["data"]["meas"]["samples"]
    ones = [shots[at : at + 400].count("0x1") for at in (0, 400, 800)]
    assert (ones[0], ones[2]) == (0, 400)
    assert 130 < ones[1] < 270


def test_vectors_of_parameters_are_bound_in_order() -> None:
    """The second element of the vector is the one that flips."""
    vector = ParameterVector("v", 2)
    circuit = QuantumCircuit(2)
    for number in range(2):
        circuit.rx(vector[number], number)
    circuit.measure_all()
    (pub,) = plain("sampler", {"pubs": [[packed(circuit), [0.0, math.pi], 20]]}, SIMULATOR)
    assert counts(pub) == {"0x2": 20}


def test_registers_of_all_kinds_have_their_bits() -> None:
    """Several registers, wider than a byte, with bits that nothing writes, and bits of two registers at once."""
    wide, narrow = ClassicalRegister(9, "wide"), ClassicalRegister(1, "narrow")
    circuit = QuantumCircuit(QuantumRegister(2, "q"), wide, narrow)
    circuit.add_register(ClassicalRegister(name="shared", bits=[wide[8], narrow[0]]))
    circuit.x(0)
    circuit.measure(0, wide[8])
    circuit.measure(1, narrow[0])
    pub = sampled(circuit, 10, SIMULATOR)
    assert (counts(pub, "wide"), counts(pub, "narrow"), counts(pub, "shared")) == (
        {"0x100": 10},
        {"0x0": 10},
        {"0x1": 10},
    )
    assert pub["data"]["wide"]["num_bits"] == 9


def test_what_was_measured_decides_what_is_done() -> None:
    """if, else, switch, while and for, on a device that has them."""
    circuit = QuantumCircuit(QuantumRegister(3, "q"), ClassicalRegister(1, "first"), ClassicalRegister(2, "second"))
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.x(1)
    with otherwise:
        circuit.x(2)
    with circuit.for_loop(range(3)):
        circuit.x(2)
    with circuit.switch(circuit.cregs[0]) as case:
        with case(1):
            circuit.x(2)
        with case(case.DEFAULT):
            circuit.x(1)
    with circuit.while_loop(expr.logic_not(circuit.clbits[1])):
        circuit.measure(1, circuit.cregs[1][0])
    circuit.measure(2, circuit.cregs[1][1])
    pub = sampled(isa(circuit, DEVICE, [0, 1, 2]), 20)
    assert counts(pub, "second") == {"0x1": 20}


def test_a_loop_may_stand_at_the_end() -> None:
    """With nothing measured after it."""
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    with circuit.while_loop(expr.logic_not(circuit.clbits[0])):
        circuit.measure(0, 0)
    assert counts(sampled(circuit, 5, SIMULATOR), "c") == {"0x1": 5}


def test_a_qubit_can_be_measured_in_the_middle_and_reset() -> None:
    """First 1, then 0."""
    circuit = QuantumCircuit(1, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.reset(0)
    circuit.measure(0, 1)
    assert counts(sampled(circuit, 20, SIMULATOR), "c") == {"0x1": 20}


def test_hardware_qubits_of_openqasm_are_those_of_the_device() -> None:
    """Qubits 3 and 4 of five, of which the device couples no others as far apart."""
    params = {"pubs": [[qasm3.dumps(isa(bell(), DEVICE, [3, 4]))]], "shots": 50}
    found = counts(plain("sampler", params, DEVICE, ideal=True)[0])
    assert set(found) == {"0x0", "0x3"}


def test_openqasm_with_inputs_and_branches_runs() -> None:
    """A parameter by its name, and an if."""
    text = """OPENQASM 3.0; include "stdgates.inc"; input float[64] theta; bit[2] c;
    sx $0; rz(theta) $0; sx $0; c[0] = measure $0; if (c[0]) { x $1; } c[1] = measure $1;"""
    (pub,) = plain("sampler", {"pubs": [[text, {"theta": 0.0}, 20]]}, DEVICE, ideal=True)
    assert counts(pub, "c") == {"0x3": 20}


def test_many_qubits_of_clifford_gates_are_quick() -> None:
    """A hundred and twenty-seven that agree, and with noise mostly."""
    device = line(127, two_qubit_error=0.001, readout=(0.0, 0.0))
    circuit = isa(ghz(127), device, range(127))
    ideal = counts(sampled(circuit, 1000, device))
    noisy = counts(sampled(circuit, 1000, device, ideal=False))
    ones = hex(2**127 - 1)
    assert set(ideal) == {"0x0", ones}
    assert 700 < noisy["0x0"] + noisy[ones] < 990


def test_many_qubits_of_other_gates_run_too() -> None:
    """Forty in a chain, each turned by an angle that is no quarter turn; approximately with noise."""
    device = line(40)
    circuit = QuantumCircuit(40)
    for qubit in range(39):
        circuit.rx(0.1, qubit)
        circuit.cz(qubit, qubit + 1)
    circuit.measure_all()
    output = run("sampler", {"pubs": [[packed(isa(circuit, device, range(40))), None, 50]]}, device)
    assert output.error is None
    assert "approximate matrix_product_state" in output.logs


def test_points_of_a_measurement_lie_in_two_clouds() -> None:
    """Around 1 for a zero and around -1 for a one; a complex number for each shot and bit."""
    circuit = QuantumCircuit(2)
    circuit.x(1)
    circuit.measure_all()
    params = {"pubs": [[packed(circuit), None, 200]], "options": {"execution": {"meas_type": "kerneled"}}}
    points = plain("sampler", params, SIMULATOR)[0]["data"]["meas"]
    means = [sum(shot[bit][0] for shot in points) / 200 for bit in (0, 1)]
    assert means == pytest.approx([1.0, -1.0], abs=0.15)


def test_points_can_be_averaged() -> None:
    """One for each bit."""
    params = {"pubs": [[packed(bell()), None, 50]], "options": {"execution": {"meas_type": "avg_kerneled"}}}
    points = plain("sampler", params, SIMULATOR)[0]["data"]["meas"]
    assert [len(points), len(points[0])] == [2, 2]


def test_gates_that_the_simulator_does_not_know_are_decomposed() -> None:
    """Where the backend is a simulator: a gate of one's own, controlled."""
    own = QuantumCircuit(1, name="own")
    own.x(0)
    circuit = QuantumCircuit(2)
    circuit.x(0)
    circuit.append(own.to_gate().control(1), [0, 1])
    circuit.measure_all()
    assert counts(sampled(circuit, 20, SIMULATOR)) == {"0x3": 20}


@pytest.mark.parametrize("gate", ["h", "cx"])
def test_a_device_refuses_what_it_cannot_do(gate: str) -> None:
    """With the number that the service gives to such circuits."""
    circuit = QuantumCircuit(2)
    getattr(circuit, gate)(*range(2 if gate == "cx" else 1))
    circuit.measure_all()
    output = run("sampler", {"pubs": [[packed(circuit)]]}, DEVICE)
    assert output.error_code == 1517
    assert output.error is not None
    assert f"the instruction {gate} on qubits" in output.error


def test_a_device_refuses_pairs_that_it_does_not_couple() -> None:
    """Qubits 0 and 2 of a line."""
    circuit = QuantumCircuit(3)
    circuit.cz(0, 2)
    circuit.measure_all()
    assert run("sampler", {"pubs": [[packed(circuit)]]}, DEVICE).error_code == 1517


def test_gates_inside_of_branches_are_held_to_the_device_too() -> None:
    """An h in an if."""
    circuit = QuantumCircuit(2, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.h(1)
    assert run("sampler", {"pubs": [[packed(circuit)]]}, DEVICE).error_code == 1517


def test_a_circuit_without_measurements_gives_zeros() -> None:
    """And one without registers gives no data."""
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    assert counts(sampled(circuit, 5, SIMULATOR), "c") == {"0x0": 5}
    assert sampled(QuantumCircuit(1), 5, SIMULATOR)["data"] == {}


def test_a_delay_costs_coherence() -> None:
    """A qubit that waits as long as its lifetime is seldom still 1."""
    device = line(2, readout=(0.0, 0.0))
    circuit = QuantumCircuit(1)
    circuit.x(0)
    circuit.delay(100_000, 0)  # 400 microseconds at 4 ns a step
    circuit.measure_all()
    ones = counts(sampled(circuit, 1000, device, ideal=False))["0x1"]
    assert 80 < ones < 200
