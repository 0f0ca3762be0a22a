"""Estimator, computed from shots.

Resilience is not carried out but for one thing: at level 1 and above the service corrects errors of the read-out, so
that the simulation makes none. Evidence: the client's documentation of `resilience_level` and `measure_mitigation`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit

from mock_runtime.execution.primitives.encoding import PubAnswer, estimator_result, floats
from mock_runtime.execution.primitives.inputs import EstimatorPub, Observable, options, plain, randomizations, section
from mock_runtime.execution.primitives.refusals import JobRefused, TooLarge
from mock_runtime.execution.primitives.simulated import circuits
from mock_runtime.execution.primitives.simulated.circuits import active_qubits, check_isa, load, reduced
from mock_runtime.execution.primitives.simulated.runs import Run, angles
from mock_runtime.execution.primitives.simulated.sampling import Bytes, Sampling

_AXIS: Final = {"X": "X", "+": "X", "-": "X", "Y": "Y", "r": "Y", "l": "Y", "Z": "Z", "0": "Z", "1": "Z"}
_MOST_BASES: Final = 10_000


def run(job: Run) -> str:
    """The JSON text of the result."""
    pubs = job.reader.estimator(job.params)
    mitigated = measures_mitigated(job.params)
    sampling = job.sampling(readout=not mitigated)
    answers = [_answer(job, sampling, pub) for pub in pubs]
    job.describe(sampling)
    return estimator_result(answers, metadata(job.params), plain=plain(job.params))


def resilience_level(params: Mapping[str, Any]) -> int:
    """The level of resilience, 1 if none is asked for. Evidence: the client documents this default."""
    for value in (params.get("resilience_level"), options(params).get("resilience_level")):
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 3:
            return value
    return 1


def measures_mitigated(params: Mapping[str, Any]) -> bool:
    """Whether errors of the read-out are corrected."""
    chosen = section(options(params), "resilience").get("measure_mitigation")
    return chosen if isinstance(chosen, bool) else resilience_level(params) >= 1


def metadata(params: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of the whole job: the options as they were understood."""
    level = resilience_level(params)
    resilience = section(options(params), "resilience")
    twirling = section(options(params), "twirling")
    return {
        "dynamical_decoupling": {"enable": section(options(params), "dynamical_decoupling").get("enable") is True},
        "twirling": {
            "enable_gates": twirling.get("enable_gates", level >= 2) is True,
            "enable_measure": twirling.get("enable_measure", measures_mitigated(params)) is True,
        },
        "resilience": {
            "measure_mitigation": measures_mitigated(params),
            "zne_mitigation": resilience.get("zne_mitigation", level >= 2) is True,
            "pec_mitigation": resilience.get("pec_mitigation") is True,
        },
        "version": 2,
    }


def _answer(job: Run, sampling: Sampling, pub: EstimatorPub) -> PubAnswer:
    circuit = load(pub.circuit, job.submission.backend)
    check_isa(circuit, job.submission.backend, job.limits)
    if any(len(pauli) != circuit.num_qubits for observable in pub.observables for pauli, _ in observable):
        raise JobRefused(f"an observable does not have the {circuit.num_qubits} qubits of its circuit")
    values = angles(pub.bindings, circuit)
    touched = {
        index
        for observable in pub.observables
        for pauli, _ in observable
        for index, letter in enumerate(reversed(pauli))
        if letter != "I"
    }
    without_results = circuit.remove_final_measurements(inplace=False) if circuit.num_clbits else circuit
    small, where = reduced(without_results, active_qubits(without_results) | touched)
    place = {qubit: number for number, qubit in enumerate(where)}
    shots = pub.shots
    evs, stds = _estimated(job, sampling, pub, _Prepared(circuit=small, where=where, place=place, values=values))
    return PubAnswer(
        shape=pub.shape,
        fields={
            "evs": floats(evs, pub.shape),
            "stds": floats(stds, pub.shape),
            "ensemble_standard_error": floats(stds, pub.shape),
        },
        metadata={
            "shots": shots,
            "target_precision": pub.precision,
            "circuit_metadata": circuits.metadata(circuit),
            "resilience": {},
            "num_randomizations": randomizations(job.params),
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    circuit: QuantumCircuit
    where: list[int]
    place: dict[int, int]
    values: np.ndarray[Any, Any]


def _estimated(job: Run, sampling: Sampling, pub: EstimatorPub, made: _Prepared) -> tuple[list[float], list[float]]:
    """Values and their standard errors, in C order of the result."""
    count = math.prod(pub.shape)
    rows = np.broadcast_to(np.arange(len(made.values)).reshape(pub.bindings.shape), pub.shape).reshape(count)
    numbers = np.broadcast_to(np.arange(len(pub.observables)).reshape(pub.observed), pub.shape).reshape(count)
    needed: dict[int, set[int]] = {}
    for row, number in zip(rows.tolist(), numbers.tolist(), strict=True):
        needed.setdefault(number, set()).add(row)
    bases = _bases([pauli for number in needed for pauli, _ in pub.observables[number]])
    users = {
        basis: {
            row
            for number in needed
            for pauli, _ in pub.observables[number]
            if pauli in paulis
            for row in needed[number]
        }
        for basis, paulis in bases.items()
    }
    job.executions += sum(len(used) for used in users.values()) * pub.shots
    if sum(len(used) for used in users.values()) * pub.shots > 10 * job.limits.executions:
        raise TooLarge("the circuits of an Estimator's pub have too many shots")
    means: dict[tuple[int, str], tuple[float, float]] = {}
    for basis, paulis in bases.items():
        order = sorted(users[basis])
        measured = _measured(made, basis)
        for row, shots in zip(order, sampling.shots(measured, made.where, made.values[order], pub.shots), strict=True):
            for pauli in paulis:
                means[row, pauli] = _mean(shots, pauli, _columns(basis))
    pairs = [
        _sum(pub.observables[number], int(row), means, pub.shots) for row, number in zip(rows, numbers, strict=True)
    ]
    return [value for value, _ in pairs], [error for _, error in pairs]


def _sum(
    observable: Observable, row: int, means: Mapping[tuple[int, str], tuple[float, float]], shots: int
) -> tuple[float, float]:
    value = variance = 0.0
    for pauli, factor in observable:
        mean, square = means[row, pauli]
        value += factor * mean
        variance += factor**2 * max(square - mean**2, 0.0) / shots
    return value, math.sqrt(variance)


def _bases(paulis: Sequence[str]) -> dict[str, list[str]]:
    """Paulis by a basis in which all of a group are measured at once: an axis or "I" for each qubit."""
    found: dict[str, list[str]] = {}
    for pauli in dict.fromkeys(paulis):
        axes = "".join(_AXIS.get(letter, "I") for letter in pauli)
        for basis in found:
            if all("I" in {one, other} or one == other for one, other in zip(basis, axes, strict=True)):
                merged = "".join(one if one != "I" else other for one, other in zip(basis, axes, strict=True))
                group = found.pop(basis)
                found[merged] = [*found.get(merged, []), *group, pauli]
                break
        else:
            found[axes] = [pauli]
            if len(found) > _MOST_BASES:
                raise TooLarge(f"the observables need more than {_MOST_BASES} bases")
    return found


def _columns(basis: str) -> dict[int, int]:
    """The classical bit for each measured qubit of the device."""
    measured = [index for index, axis in enumerate(reversed(basis)) if axis != "I"]
    return {qubit: bit for bit, qubit in enumerate(measured)}


def _measured(made: _Prepared, basis: str) -> QuantumCircuit:
    """The circuit with its qubits turned to the axes of a basis, and measured."""
    columns = _columns(basis)
    circuit = made.circuit.copy()
    register = ClassicalRegister(len(columns), "observed")
    first = circuit.num_clbits
    circuit.add_register(register)
    if first:
        raise JobRefused("an Estimator's circuit measures qubits in its middle")
    axes = basis[::-1]
    for qubit, bit in columns.items():
        place = made.place[qubit]
        if axes[qubit] == "Y":
            circuit.rz(-math.pi / 2, place)
        if axes[qubit] in "XY":
            circuit.rz(math.pi / 2, place)
            circuit.sx(place)
            circuit.rz(math.pi / 2, place)
        circuit.measure(place, register[bit])
    return circuit


def _mean(shots: Bytes, pauli: str, columns: Mapping[int, int]) -> tuple[float, float]:
    """The mean of a Pauli string over shots, and that of its square."""
    value = np.ones(len(shots))
    for qubit, letter in enumerate(reversed(pauli)):
        if letter == "I":
            continue
        bit = columns[qubit]
        one = (shots[:, bit // 8] >> (bit % 8)) & 1
        if letter in "XYZ":
            value *= 1.0 - 2.0 * one
        else:
            value *= one if letter in "1-l" else 1 - one
    return float(value.mean()), float((value**2).mean())
