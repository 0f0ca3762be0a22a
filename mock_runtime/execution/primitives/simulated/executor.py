"""Executor, computed: circuits as they are, or randomized by a samplex."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from qiskit import QuantumCircuit

from mock_runtime.execution.primitives import quantum_programs
from mock_runtime.execution.primitives.quantum_programs import Item, QuantumProgram, SchemaTensor
from mock_runtime.execution.primitives.refusals import JobRefused
from mock_runtime.execution.primitives.simulated.circuits import (
    active_qubits,
    check_isa,
    load,
    load_qpy,
    reduced,
)
from mock_runtime.execution.primitives.simulated.runs import Run, register_bits, registers
from mock_runtime.execution.primitives.simulated.sampler import kerneled
from mock_runtime.execution.primitives.simulated.sampling import Angles, Sampling

Array = np.ndarray[Any, np.dtype[Any]]

_TYPES = {"f16": "<f2", "f32": "<f4", "f64": "<f8", "c64": "<c8", "c128": "<c16"}
_NAMES = {"f": "f64", "c": "c128", "u": "u8", "i": "i64"}


def run(job: Run) -> str:
    """The JSON text of the result."""
    program = quantum_programs.read(job.params, job.reader)
    sampling = job.sampling()
    loaded: dict[int, list[QuantumCircuit]] = {}
    answers = []
    for item in program.items:
        source = item.circuit.source
        if isinstance(source, bytes):
            circuit = loaded.setdefault(id(source), load_qpy(source) if id(source) not in loaded else [])[item.index]
        else:
            circuit = load(item.circuit, job.submission.backend)
        check_isa(circuit, job.submission.backend, job.limits)
        answers.append(_answer(job, sampling, program, item, circuit))
    job.describe(sampling)
    span = job.span([(item.shape, program.shots) for item in program.items])
    return quantum_programs.result(program, answers, span)


def _answer(
    job: Run, sampling: Sampling, program: QuantumProgram, item: Item, circuit: QuantumCircuit
) -> Mapping[str, SchemaTensor]:
    extra: dict[str, Array] = {}
    if item.samplex is None:
        given = array(item.arguments) if item.arguments is not None else np.zeros((0,))
        values = np.broadcast_to(given.reshape(given.shape or (0,)), (*item.shape, circuit.num_parameters))
    else:
        extra = _randomized(item, job.rng)
        values = extra.pop("parameter_values", np.zeros((*item.shape, 0)))
    rows: Angles = np.ascontiguousarray(values, dtype=float).reshape(math.prod(item.shape), circuit.num_parameters)
    rows = _rounded(rows)
    small, where = reduced(circuit, active_qubits(circuit))
    shots = sampling.shots(small, where, rows, program.shots)
    job.executions += len(rows) * program.shots
    whole = (*item.shape, program.shots)
    answer = {name: written(value) for name, value in extra.items()}
    for name, columns in registers(circuit).items():
        bits = register_bits(shots, columns)
        if program.level in {"classified", "both"}:
            answer[name] = written(bits.reshape(*whole, len(columns)).astype(np.bool_))
        if program.level != "classified":
            points = kerneled(bits, whole, sampling.rng, average=program.level == "avg_kerneled")
            # How the two are told apart where both are asked for is a guess.
            answer[f"{name}_kerneled" if program.level == "both" else name] = written(points)
    return answer


def _rounded(values: Angles) -> Angles:
    """Angles that are nearly quarter turns as quarter turns: samplexes give them in single precision."""
    turns = np.round(values / (np.pi / 2))
    return np.where(np.abs(values - turns * np.pi / 2) < 1e-5, turns * np.pi / 2, values)


def _randomized(item: Item, rng: np.random.Generator) -> dict[str, Array]:
    """What a samplex gives for each element of the item: values of parameters, and flips to be undone."""
    try:
        from samplomatic.serialization import samplex_from_json  # noqa: PLC0415 - only where Executor is used
    except ImportError:
        raise JobRefused("randomized circuits need the package samplomatic") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            samplex = samplex_from_json(item.samplex).finalize()
            arguments = samplex.inputs().make_broadcastable()
            for name, value in item.samplex_arguments.items():
                arguments[name] = _argument(value)
            return _sampled(samplex, arguments, item.shape, rng)
        except JobRefused:
            raise
        except Exception as error:  # noqa: BLE001 - strangers' inputs in a library
            sentence = " ".join(str(error).split())[:200]
            raise JobRefused(f"a samplex cannot be used: {type(error).__name__}: {sentence}") from None


def _argument(value: Any) -> Any:
    if isinstance(value, SchemaTensor):
        return array(value)
    if isinstance(value, Mapping) and "sparse_terms" in value:
        from qiskit.quantum_info import PauliLindbladMap  # noqa: PLC0415 - seldom used

        terms = [
            (str(pauli), [int(qubit) for qubit in qubits], float(rate)) for pauli, qubits, rate in value["sparse_terms"]
        ]
        return PauliLindbladMap.from_sparse_list(terms, int(value["num_qubits"]))
    if isinstance(value, bool | int):
        return value
    raise JobRefused("an argument of a samplex is not understood")


def _sampled(samplex: Any, arguments: Any, shape: tuple[int, ...], rng: np.random.Generator) -> dict[str, Array]:
    """One call for each combination of arguments; the other axes of the shape are randomizations."""
    given = (1,) * (len(shape) - arguments.ndim) + tuple(arguments.shape)
    swept = [axis for axis in range(len(shape)) if given[axis] > 1]
    free = [axis for axis in range(len(shape)) if given[axis] <= 1]
    free_shape = tuple(shape[axis] for axis in free)
    found: dict[str, Array] = {}
    for place in np.ndindex(*(shape[axis] for axis in swept)):
        chosen = dict(zip(swept, place, strict=True))
        offset = len(shape) - arguments.ndim
        key = tuple(chosen.get(axis + offset, 0) for axis in range(arguments.ndim))
        drawn = samplex.sample(arguments[key], num_randomizations=math.prod(free_shape), rng=rng, max_workers=1)
        target = tuple(chosen.get(axis, slice(None)) for axis in range(len(shape)))
        for name, value in dict(drawn).items():
            whole = found.setdefault(name, np.empty((*shape, *value.shape[1:]), dtype=value.dtype))
            whole[target] = value.reshape(*free_shape, *value.shape[1:])
    return found


def array(value: SchemaTensor) -> Array:
    """The array of the schema as numpy's."""
    if value.dtype == "bool":
        bits = np.unpackbits(np.frombuffer(value.raw, dtype=np.uint8), bitorder="little")[: math.prod(value.shape)]
        return bits.astype(np.bool_).reshape(value.shape)
    kind = _TYPES.get(value.dtype) or f"<{value.dtype[0]}{int(value.dtype[1:]) // 8}"
    return np.frombuffer(value.raw, dtype=kind).reshape(value.shape)


def written(value: Array) -> SchemaTensor:
    """Numpy's array as one of the schema."""
    if value.dtype.kind == "b":
        return SchemaTensor("bool", value.shape, np.packbits(value.reshape(-1), bitorder="little").tobytes())
    name = _NAMES[value.dtype.kind]
    kind = _TYPES.get(name) or ("<u1" if name == "u8" else "<i8")
    return SchemaTensor(name, value.shape, np.ascontiguousarray(value).astype(kind).tobytes())
