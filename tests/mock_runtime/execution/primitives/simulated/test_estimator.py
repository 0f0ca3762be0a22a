"""Estimator, computed."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tests.mock_runtime.execution.primitives.devices import SIMULATOR, line

pytest.importorskip("qiskit_aer")

from qiskit import QuantumCircuit, qasm3
from qiskit.circuit import Parameter

from tests.mock_runtime.execution.primitives.simulated.circuits_by_hand import isa, packed, plain, run, text_of

DEVICE = line(5, readout=(0.05, 0.05))


def pair() -> QuantumCircuit:
    """Two qubits that agree, not measured."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    return circuit


def values(pub: list[Any], backend: Any = SIMULATOR, *, ideal: bool = True, **params: Any) -> Any:
    """The expectation values of a pub."""
    (found,) = plain("estimator", {"pubs": [pub], **params}, backend, ideal=ideal)
    return found["data"]["evs"]


def test_a_pair_agrees_along_all_axes() -> None:
    """ZZ and XX are 1, YY is -1, ZI is near 0, II is 1."""
    found = values([packed(pair()), ["ZZ", "XX", "YY", "ZI", "II"]])
    assert found == pytest.approx([1, 1, -1, 0, 1], abs=0.06)


def test_terms_add_up() -> None:
    """With their factors, and their errors as well."""
    assert values([packed(pair()), {"ZZ": 2.0, "XX": -0.5, "II": 0.25}]) == pytest.approx(1.75)


def test_projectors_are_observables() -> None:
    """Half of the time both are 0; along X both are + half of the time."""
    assert values([packed(pair()), ["00", "01", "++", "rl"]]) == pytest.approx([0.5, 0, 0.5, 0.5], abs=0.04)


def test_sweeps_and_observables_are_combined() -> None:
    """Two observables with three angles."""
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("a"), 0)
    angles = [[0.0], [math.pi / 2], [math.pi]]
    found = values([packed(circuit), [["Z"], ["X"]], angles])
    assert found[0] == pytest.approx([1, 0, -1], abs=0.06)
    assert found[1] == pytest.approx([0, 1, 0], abs=0.06)


def test_errors_of_the_read_out_are_mitigated_by_default() -> None:
    """At level 0 they are not: five in a hundred for each of the two qubits."""
    circuit = packed(isa(pair(), DEVICE, [1, 2]))
    mitigated = values([circuit, "IIZZI"], DEVICE, ideal=False)
    bare = values([circuit, "IIZZI"], DEVICE, ideal=False, resilience_level=0)
    assert mitigated > 0.95
    assert bare == pytest.approx(0.81, abs=0.05)


def test_hardware_qubits_have_the_numbers_of_the_observable() -> None:
    """As wide as the device."""
    text = qasm3.dumps(isa(pair(), DEVICE, [3, 4]))
    assert values([text, "ZZIII"], DEVICE) == pytest.approx(1.0)


def test_the_standard_error_follows_the_precision() -> None:
    """One over the root of the shots for a value near 0."""
    (found,) = plain("estimator", {"pubs": [[packed(pair()), "ZI", None, 0.1]]}, SIMULATOR)
    assert found["data"]["stds"] == pytest.approx(0.1, abs=0.01)
    assert (found["metadata"]["shots"], found["metadata"]["target_precision"]) == (100, 0.1)


def test_the_options_are_told_as_they_were_understood() -> None:
    """In the metadata of the result."""
    params = {
        "pubs": [[packed(pair()), "ZZ"]],
        "support_qiskit": True,
        "resilience_level": 2,
        "options": {"dynamical_decoupling": {"enable": True}, "resilience": {"pec_mitigation": True}},
    }
    found = json.loads(text_of(run("estimator", params, SIMULATOR)))["__value__"]["metadata"]
    assert found["dynamical_decoupling"] == {"enable": True}
    assert found["resilience"] == {"measure_mitigation": True, "zne_mitigation": True, "pec_mitigation": True}


def test_measurements_at_the_end_do_not_matter() -> None:
    """They are taken away."""
    circuit = pair()
    circuit.measure_all()
    assert values([packed(circuit), "XX"]) == pytest.approx(1.0)


def test_observables_on_many_idle_qubits_are_cheap() -> None:
    """All of 127, of which two do something."""
    device = line(127)
    assert values([packed(isa(pair(), device, [60, 61])), "Z" * 127], device) == pytest.approx(1.0)


def test_a_circuit_that_measures_in_its_middle_is_refused() -> None:
    """What its expectation value would be is not said."""
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    circuit.x(0)
    output = run("estimator", {"pubs": [[packed(circuit), "Z"]]}, SIMULATOR)
    assert output.error_code == 1002
