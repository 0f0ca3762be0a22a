"""Circuits taken apart: qubits that have nothing to do with one another are simulated by themselves.

A circuit on all qubits of a device seldom entangles them all. Clients that randomize circuits turn and measure every
qubit there is, whatever is computed on two of them. Taken apart, the two are simulated exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Clbit, ControlFlowOp, Parameter, ParameterExpression, SwitchCaseOp
from qiskit.circuit.classical import expr
from qiskit.circuit.controlflow import condition_resources, node_resources

from mock_runtime.execution.primitives.simulated import frames, rewriting

Angles = npt.NDArray[np.float64]

_SMALL: Final = 6
"""How many qubits are put together because one simulation is quicker than several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some qubits of a circuit: the circuit on them alone, with all classical bits, its qubits' places, and values."""

    circuit: QuantumCircuit
    places: tuple[int, ...]
    values: Angles


def parts(circuit: QuantumCircuit, values: Angles) -> list[Part]:
    """The parts of a circuit that write classical bits. What is never measured is left out.

    Those of Clifford gates alone, for all values, are one part; the small ones of the others are put together.
    """
    if circuit.num_vars or any(item.operation.name == "store" for item in circuit.data):
        return [Part(circuit=circuit, places=tuple(range(circuit.num_qubits)), values=values)]
    place = {bit: number for number, bit in enumerate(circuit.qubits)}
    other = _not_clifford(circuit, values, place)
    branching = {
        place[bit] for item in circuit.data if isinstance(item.operation, ControlFlowOp) for bit in item.qubits
    }
    simple: list[int] = []
    small: list[list[int]] = [[]]
    groups: list[list[int]] = []
    for qubits in _connected(circuit, place):
        if not branching.isdisjoint(qubits) or (len(qubits) > _SMALL and not other.isdisjoint(qubits)):
            groups.append(qubits)
        elif other.isdisjoint(qubits):
            simple += qubits
        elif len(small[-1]) + len(qubits) <= _SMALL:
            small[-1] += qubits
        else:
            small.append(list(qubits))
    return [_part(circuit, sorted(group), values, place) for group in (simple, *small, *groups) if group]


def _connected(circuit: QuantumCircuit, place: dict[Any, int]) -> list[list[int]]:
    """The qubits by what connects them, gates and classical bits; only those of which something is measured."""
    root = list(range(circuit.num_qubits + circuit.num_clbits))
    first = circuit.num_qubits
    bits = {bit: first + number for number, bit in enumerate(circuit.clbits)}

    def top(number: int) -> int:
        while root[number] != number:
            root[number] = number = root[root[number]]
        return number

    written: set[int] = set()
    for item in circuit.data:
        if item.operation.name == "barrier":
            continue
        touched = [place[bit] for bit in item.qubits] + [bits[bit] for bit in (*item.clbits, *_asked(item.operation))]
        for number in touched[1:]:
            root[top(number)] = top(touched[0])
        written.update(number for number in touched if number >= first)
    found: dict[int, list[int]] = {}
    for qubit in range(first):
        found.setdefault(top(qubit), []).append(qubit)
    heard = {top(number) for number in written}
    return [qubits for number, qubits in found.items() if number in heard]


def _asked(operation: Any) -> Sequence[Clbit]:
    """The classical bits that decide what an operation does; they need not be among those it acts on."""
    if not isinstance(operation, ControlFlowOp):
        return ()
    asked = operation.target if isinstance(operation, SwitchCaseOp) else getattr(operation, "condition", None)
    if asked is None:
        return ()
    if isinstance(asked, Clbit | ClassicalRegister):
        asked = (asked, 0)
    found = node_resources(asked) if isinstance(asked, expr.Expr) else condition_resources(asked)
    return (*found.clbits, *(bit for register in found.cregs for bit in register))


def _not_clifford(circuit: QuantumCircuit, values: Angles, place: dict[Any, int]) -> set[int]:
    """The qubits with a gate that is no Clifford gate, or is none for some values."""
    column = {parameter: number for number, parameter in enumerate(circuit.parameters)}
    found: set[int] = set()
    for item in circuit.data:
        operation = item.operation
        if isinstance(operation, ControlFlowOp):
            fits = all(not block.parameters and rewriting.clifford(block) is not None for block in operation.blocks)
        elif operation.name in rewriting.QUARTERS:
            fits = _quarters(operation.params[0], values, column)
        else:
            fits = operation.name in frames.GATES or operation.name in rewriting.AROUND
        if not fits:
            found.update(place[bit] for bit in item.qubits)
    return found


def _quarters(angle: Any, values: Angles, column: dict[Parameter, int]) -> bool:
    """Whether an angle is a number of quarter turns, for all values."""
    if not isinstance(angle, ParameterExpression):
        return rewriting.quarters(float(angle)) is not None
    if isinstance(angle, Parameter):
        turns = values[:, column[angle]] / (math.pi / 2)
        return bool(np.all(np.abs(turns - np.round(turns)) <= rewriting.CLOSE))
    used = [(parameter, column[parameter]) for parameter in angle.parameters]
    return all(
        rewriting.quarters(float(angle.bind({parameter: float(row[number]) for parameter, number in used}))) is not None
        for row in values
    )


def _part(circuit: QuantumCircuit, qubits: list[int], values: Angles, place: dict[Any, int]) -> Part:
    chosen = set(qubits)
    made = QuantumCircuit([circuit.qubits[qubit] for qubit in qubits], circuit.clbits, *circuit.cregs)
    for item in circuit.data:
        if item.operation.name != "barrier" and item.qubits and place[item.qubits[0]] in chosen:
            made.append(item.operation, item.qubits, item.clbits, copy=False)
    column = {parameter: number for number, parameter in enumerate(circuit.parameters)}
    columns = [column[parameter] for parameter in made.parameters]
    return Part(circuit=made, places=tuple(qubits), values=np.ascontiguousarray(values[:, columns]))
