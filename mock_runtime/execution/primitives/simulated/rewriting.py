"""Circuits rewritten for a method of simulation."""

from __future__ import annotations

import math
from typing import Final

from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Clbit, ControlFlowOp, Delay

from mock_runtime.execution.primitives.refusals import JobRefused
from mock_runtime.execution.primitives.simulated import frames
from mock_runtime.execution.primitives.simulated.noise import DeviceNoise

AROUND: Final = frozenset({"measure", "reset", "barrier", "delay"})
"""What is no gate."""

_KNOWN: Final = (
    "barrier box break_loop ccx ccz continue_loop cp cswap csx cu cu1 cu3 cx cy cz delay diagonal ecr for_loop h id "
    "if_else initialize mcx mcphase measure p pauli r reset rx rxx ry ryy rz rzx rzz s sdg store swap switch_case sx "
    "sxdg t tdg u u1 u2 u3 unitary while_loop x y z"
)
_NATIVE: Final = frozenset(_KNOWN.split())
_SIMPLE: Final = (
    "ccx cp cswap cx cy cz delay for_loop h id if_else measure p reset rx ry rz s sdg swap switch_case sx u "
    "while_loop x y z"
)
_BASIS: Final = frozenset(_SIMPLE.split())
"""What circuits are decomposed to: only names that the transpiler knows by themselves."""

CLOSE: Final = 1e-6
"""How far from a quarter turn, in quarter turns, an angle still is one."""
QUARTERS: Final = {
    "rz": ("id", "s", "z", "sdg"),
    "p": ("id", "s", "z", "sdg"),
    "u1": ("id", "s", "z", "sdg"),
    "rx": ("id", "sx", "x", "sxdg"),
}
"""The gates that rotations by nothing, one, two and three quarter turns are."""


def native(circuit: QuantumCircuit) -> QuantumCircuit:
    """The circuit in instructions that the simulator knows."""
    if names(circuit) <= _NATIVE:
        return circuit
    try:
        return transpile(circuit, basis_gates=sorted(_BASIS), optimization_level=0)
    except Exception as error:  # noqa: BLE001 - whatever an operation of a stranger's does not allow
        raise JobRefused(f"a circuit cannot be decomposed: {' '.join(str(error).split())[:200]}") from None


def names(circuit: QuantumCircuit) -> set[str]:
    """The names of all instructions, those in blocks too."""
    found = set()
    for item in circuit.data:
        found.add(item.operation.name)
        if isinstance(item.operation, ControlFlowOp):
            for block in item.operation.blocks:
                found |= names(block)
    return found


def clifford(circuit: QuantumCircuit) -> QuantumCircuit | None:
    """The circuit in gates that a stabilizer simulation knows, None if there is another in it."""
    made = circuit.copy_empty_like()
    for item in circuit.data:
        operation = item.operation
        if isinstance(operation, ControlFlowOp):
            blocks = [clifford(block) for block in operation.blocks]
            if any(block is None for block in blocks):
                return None
            made.append(operation.replace_blocks(blocks), item.qubits, item.clbits)
        elif operation.name in QUARTERS:
            turns = quarters(float(operation.params[0]))
            if turns is None:
                return None
            getattr(made, QUARTERS[operation.name][turns])(item.qubits[0])
        elif operation.name == "delay":
            continue
        elif operation.name in frames.GATES or operation.name in AROUND:
            made.append(operation, item.qubits, item.clbits, copy=False)
        else:
            return None
    return made


def quarters(angle: float) -> int | None:
    """How many quarter turns an angle is, 0 to 3; None if it is between two of them."""
    turns = angle / (math.pi / 2)
    return round(turns) % 4 if math.isfinite(turns) and abs(turns - round(turns)) <= CLOSE else None


def closed(circuit: QuantumCircuit) -> QuantumCircuit:
    """The circuit with a measurement at its end, if it branches.

    The simulator cuts off what comes after the last measurement, and the end of a loop with it.
    """
    if not branches(circuit) or not circuit.num_qubits:
        return circuit
    made = circuit.copy()
    made.add_bits([Clbit()])
    made.measure(0, made.clbits[-1])
    return made


def branches(circuit: QuantumCircuit) -> bool:
    """Whether what is done depends on what was measured."""
    return any(isinstance(item.operation, ControlFlowOp) for item in circuit.data)


def with_waiting(circuit: QuantumCircuit, noise: DeviceNoise, dt_s: float | None) -> QuantumCircuit:
    """The circuit with relaxation for its delays."""
    made = circuit.copy_empty_like()
    for item in circuit.data:
        if isinstance(item.operation, Delay):
            error = noise.relaxation(circuit.find_bit(item.qubits[0]).index, _seconds(item.operation, dt_s))
            if error is not None:
                made.append(error.to_instruction(), item.qubits)
        else:
            made.append(item.operation, item.qubits, item.clbits, copy=False)
    return made


def _seconds(delay: Delay, dt_s: float | None) -> float:
    scale = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12, "dt": dt_s or 0.0}.get(delay.unit, 0.0)
    try:
        return float(delay.duration) * scale
    except (TypeError, ValueError):
        return 0.0  # a length that is still to be found, as that of a stretch
