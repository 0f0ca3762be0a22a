"""Circuits as Qiskit has them: read from what was checked, held to the device, and made small enough to simulate."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from qiskit import QuantumCircuit, qasm3
from qiskit import qpy as qiskit_qpy
from qiskit.circuit import ControlFlowOp, ControlledGate, ForLoopOp, Gate, Instruction, Measure, Qubit
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.qpy import common as qiskit_qpy_common

from mock_runtime.domain.backends import Backend
from mock_runtime.execution.primitives import qasm
from mock_runtime.execution.primitives.encoding import dumps
from mock_runtime.execution.primitives.inputs import Circuit
from mock_runtime.execution.primitives.instructions import FREE
from mock_runtime.execution.primitives.refusals import NON_ISA, JobRefused, Limits, TooLarge
from mock_runtime.execution.primitives.symbols import symengine_text

_SYMMETRIC: Final = frozenset({"cz", "rzz", "swap", "iswap", "rxx", "ryy", "cp"})
_STANDARD: Final = get_standard_gate_name_mapping()
_ISA_SINCE: Final = (
    "Circuits do not match the target definition (non-ISA circuits): the instruction {} on qubits {} is not supported "
    "by the target system"
)

# The loader that Qiskit would call for expressions in files up to version 12 runs pickles. It only wants an object
# whose text is the expression, and that is what ours gives it.
qiskit_qpy_common.load_symengine_payload = symengine_text


def load(circuit: Circuit, backend: Backend) -> QuantumCircuit:
    """The circuit; JobRefused if Qiskit cannot read it after all."""
    if isinstance(circuit.source, str):
        return _parsed(qasm.on_device(circuit.source, backend.n_qubits))
    return load_qpy(circuit.source)[0]


def load_qpy(data: bytes) -> list[QuantumCircuit]:
    """The circuits of a QPY file that `qpy.read` has checked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            loaded: list[QuantumCircuit] = qiskit_qpy.load(io.BytesIO(data), annotation_factories=_annotations())
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a panic of Qiskit's compiled reader is no Exception
            raise JobRefused(f"a circuit cannot be read: {type(error).__name__}") from None
    return loaded


def _annotations() -> dict[str, Any]:
    try:
        from ibm_quantum_schemas.common.annotation_serializer import AnnotationSerializer  # noqa: PLC0415 - optional
    except ImportError:
        return {}
    return {"samplomatic": AnnotationSerializer}


def _parsed(text: str) -> QuantumCircuit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return qasm3.loads(text)
        except RecursionError:
            raise JobRefused("an OpenQASM text is nested too deeply") from None
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a parser of strangers' texts, and Qiskit's, which may panic
            # Of a wrong syntax the parser says nothing but that.
            sentence = " ".join(str(error).split())[:300] or "its syntax is wrong"
            raise JobRefused(f"an OpenQASM text cannot be read: {sentence}") from None


def places(circuit: QuantumCircuit, backend: Backend) -> list[int]:
    """Where on the device each qubit of a circuit is, also if the circuit has only some of the device's qubits.

    Evidence: that of boxes for the noise learner has those of a register as wide as the device, in any order.
    """
    found = []
    for number, bit in enumerate(circuit.qubits):
        # Qiskit has no public way to the register of a bit that the circuit does not have.
        register, index = bit._register, bit._index  # noqa: SLF001
        found.append(index if register is not None and len(register) == backend.n_qubits else number)
    return found


def check_isa(circuit: QuantumCircuit, backend: Backend, limits: Limits, *, where: list[int] | None = None) -> None:
    """Refuse what the device cannot do. A simulator does everything. `where` are its qubits, else the first ones."""
    if circuit.num_qubits > backend.n_qubits:
        raise JobRefused(f"a circuit has {circuit.num_qubits} qubits, the backend has {backend.n_qubits}", NON_ISA)
    if not backend.simulator:
        qubits = list(range(circuit.num_qubits)) if where is None else where
        _check(circuit, qubits, backend, set(backend.instructions) | FREE, set(backend.coupling))
    _check_finite(circuit)
    if weight(circuit) > limits.instructions:
        raise TooLarge(f"the circuits have more than {limits.instructions} instructions")


def _check_finite(circuit: QuantumCircuit) -> None:
    """Refuse angles and matrices that no gate can have."""
    for item in circuit.data:
        if isinstance(item.operation, ControlFlowOp):
            for block in item.operation.blocks:
                _check_finite(block)
            continue
        numbers = [value for value in item.operation.params if isinstance(value, float | complex | np.ndarray)]
        if not all(np.isfinite(value).all() for value in numbers):
            raise JobRefused(f"the instruction {item.operation.name} has a number that is not finite")


def metadata(circuit: QuantumCircuit) -> Any:
    """The metadata that go back with a circuit's result; JobRefused if they are no JSON."""
    found: Any = circuit.metadata if isinstance(circuit.metadata, dict) else {}
    try:
        dumps(found)
    except (TypeError, ValueError, RecursionError):
        raise JobRefused("the metadata of a circuit cannot be sent back: they are no JSON") from None
    return found


def weight(circuit: QuantumCircuit, known: dict[tuple[str, int, int], int] | None = None) -> int:
    """How many instructions a circuit has when its loops are unrolled and its own definitions put in their places.

    The simulator does both. Each pass of a loop counts, and each branch.
    """
    known = {} if known is None else known
    total = 0
    for item in circuit.data:
        operation = item.operation
        total += 1
        if isinstance(operation, ControlFlowOp):
            passes = _length(operation.params[0]) if isinstance(operation, ForLoopOp) else 1
            total += passes * sum(weight(block, known) for block in operation.blocks)
        elif operation.name not in _STANDARD and type(operation) in {ControlledGate, Gate, Instruction}:
            key = (operation.name, operation.num_qubits, operation.num_clbits)
            if key not in known:
                known[key] = weight(operation.definition, known) if operation.definition is not None else 0
            total += known[key]
    return total


def _length(values: Any) -> int:
    """How many values a loop goes through; a range may have more than `len` can say."""
    if isinstance(values, range) and values:
        return (values[-1] - values.start) // values.step + 1
    return len(values)


def _check(
    circuit: QuantumCircuit, where: list[int], backend: Backend, names: set[str], coupling: set[tuple[int, int]]
) -> None:
    index = {bit: where[number] for number, bit in enumerate(circuit.qubits)}
    for item in circuit.data:
        qubits = tuple(index[bit] for bit in item.qubits)
        name = item.operation.name
        known = name in names or (name.startswith("measure_") and "measure" in names)
        if not known or (len(qubits) == 2 and name not in FREE and not _coupled(name, qubits, item, coupling)):
            raise JobRefused(_ISA_SINCE.format(name, qubits), NON_ISA)
        if isinstance(item.operation, ControlFlowOp):
            for block in item.operation.blocks:
                _check(block, list(qubits), backend, names, coupling)


def _coupled(name: str, qubits: tuple[int, ...], item: Any, coupling: set[tuple[int, int]]) -> bool:
    if not coupling or not isinstance(item.operation, Gate):
        return True
    return qubits in coupling or (name in _SYMMETRIC and qubits[::-1] in coupling)


def active_qubits(circuit: QuantumCircuit) -> set[int]:
    """The indices of the qubits on which something happens."""
    index = {bit: number for number, bit in enumerate(circuit.qubits)}
    return {
        index[bit] for item in circuit.data if item.operation.name not in {"barrier", "delay"} for bit in item.qubits
    }


def reduced(circuit: QuantumCircuit, active: Iterable[int]) -> tuple[QuantumCircuit, list[int]]:
    """The circuit on these qubits alone, and where on the device each is.

    Boxes are opened, and instructions that are only known by the device's name for them become Qiskit's own.
    """
    chosen = sorted(active)
    kept = [circuit.qubits[index] for index in chosen]
    small = QuantumCircuit(
        kept, circuit.clbits, *circuit.cregs, inputs=circuit.iter_input_vars(), metadata={}, name=circuit.name
    )
    for variable in circuit.iter_declared_vars():
        small.add_uninitialized_var(variable)
    _copy(circuit, small, set(kept))
    return small, chosen


def _copy(source: QuantumCircuit, target: QuantumCircuit, kept: set[Qubit]) -> None:
    for item in source.data:
        operation = item.operation
        qubits = [bit for bit in item.qubits if bit in kept]
        if operation.name == "barrier":
            if qubits:
                target.barrier(qubits)
        elif operation.name == "box":
            body = operation.blocks[0]
            inner = body.copy_empty_like()
            _copy(body, inner, set(body.qubits))
            target.compose(inner, item.qubits, item.clbits, inplace=True)
        elif len(qubits) == len(item.qubits):
            target.append(_own(operation), item.qubits, item.clbits, copy=False)


def _own(operation: Instruction) -> Instruction:
    """The operation as the simulator knows it."""
    if isinstance(operation, ControlFlowOp):
        return operation.replace_blocks([_rewritten(block) for block in operation.blocks])
    if operation.name.startswith("measure_"):
        return Measure()
    known = _STANDARD.get(operation.name) if type(operation) is Gate else None
    if known is None or (known.num_qubits, len(known.params)) != (operation.num_qubits, len(operation.params)):
        return operation
    return known.base_class(*operation.params)


def _rewritten(block: QuantumCircuit) -> QuantumCircuit:
    inner = block.copy_empty_like()
    _copy(block, inner, set(block.qubits))
    return inner


def is_dynamic(circuit: QuantumCircuit) -> bool:
    """Whether what is done depends on what was measured, or a qubit goes on after its measurement."""
    measured: set[Qubit] = set()
    for item in circuit.data:
        name = item.operation.name
        if isinstance(item.operation, ControlFlowOp) or name in {"store", "initialize", "reset"}:
            return True
        if name not in {"barrier", "delay"} and not measured.isdisjoint(item.qubits):
            return True
        if name == "measure":
            measured.add(item.qubits[0])
    return False
