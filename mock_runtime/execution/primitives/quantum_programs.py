"""Inputs and results of Executor: quantum programs, in the published versions 0.1 to 2.0 of their schema.

Evidence: the package ibm-quantum-schemas, which both sides of the real service use. Circuits stand in each item up to
version 0.2 and beside the items from 1.0 on; from 2.0 on everything is compressed.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from mock_runtime.domain.errors import bounded
from mock_runtime.execution.primitives import qasm, qpy
from mock_runtime.execution.primitives.decoding import broadcast, maybe_packed, unbase64, unpacked
from mock_runtime.execution.primitives.encoding import JSON, Shape, Span, dumps
from mock_runtime.execution.primitives.inputs import Circuit, Reader, whole
from mock_runtime.execution.primitives.refusals import JobRefused, TooLarge

VERSIONS: Final = ("v0.1", "v0.2", "v1.0", "v1.1", "v2.0")
LEVELS: Final = ("classified", "kerneled", "avg_kerneled", "both")

_SIZES: Final = {
    "f16": 2,
    "f32": 4,
    "f64": 8,
    "i8": 1,
    "i16": 2,
    "i32": 4,
    "i64": 8,
    "u8": 1,
    "u16": 2,
    "u32": 4,
    "u64": 8,
    "c64": 8,
    "c128": 16,
}
_SAMPLEX_DEPTH: Final = 12


@dataclass(frozen=True, slots=True)
class SchemaTensor:
    """An array of the schema: `dtype` as there ("f64", "bool"), `raw` little-endian in C order, booleans as bits."""

    dtype: str
    shape: Shape
    raw: bytes

    def written(self, *, compressed: bool) -> JSON:
        """The JSON of it."""
        data = zlib.compress(self.raw) if compressed else self.raw
        return {"data": base64.standard_b64encode(data).decode("ascii"), "shape": list(self.shape), "dtype": self.dtype}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A circuit of a program, run for every element of `shape`.

    `arguments` are values for its parameters with the parameters as the last axis; with a `samplex`, a JSON text that
    tells how circuits are randomized, they are the samplex's instead, by name.
    """

    circuit: Circuit
    index: int
    shape: Shape
    arguments: SchemaTensor | None = None
    samplex: str | None = None
    samplex_arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantumProgram:
    """What Executor is to run. `passthrough` and `role` come back with the result: clients find their way by them."""

    version: str
    shots: int
    items: tuple[Item, ...]
    level: str
    passthrough: JSON
    role: JSON

    @property
    def compressed(self) -> bool:
        """Whether arrays are compressed."""
        return self.version == "v2.0"


def read(params: Mapping[str, Any], reader: Reader) -> QuantumProgram:
    """The quantum program of a job's inputs."""
    version = params.get("schema_version")
    if version not in VERSIONS:
        raise JobRefused(f"the schema version {bounded(str(version))} is not known, only {', '.join(VERSIONS)}")
    body = params.get("quantum_program")
    if not isinstance(body, Mapping):
        raise JobRefused("the inputs have no quantum_program")
    items = body.get("items")
    if not isinstance(items, list) or not items:
        raise JobRefused("the quantum program has no items")
    if len(items) > reader.limits.pubs:
        raise TooLarge(f"a job may have {reader.limits.pubs} items, this has {len(items)}")
    level = body.get("meas_level", "classified")
    if level not in LEVELS:
        raise JobRefused(f"the measurement level {bounded(str(level))} is not known")
    shots = whole(body.get("shots"), "shots", reader.limits)
    circuits = _circuits(body, items, reader)
    if len(circuits) != len(items):
        raise JobRefused(f"the quantum program has {len(items)} items and {len(circuits)} circuits")
    found, executions = [], 0
    for (circuit, index), item in zip(circuits, items, strict=True):
        made = _item(circuit, index, item, reader, compressed=version == "v2.0")
        executions += math.prod(made.shape) * shots
        reader.check_executions(executions)
        found.append(made)
    bits = sum(math.prod(item.shape) * sum(r.size for r in item.circuit.facts.registers) for item in found) * shots
    if bits * (1 if level == "classified" else 16) > reader.limits.result_bytes:
        raise TooLarge("the result would be too large")
    return QuantumProgram(
        version=version,
        shots=shots,
        items=tuple(found),
        level=level,
        passthrough=body.get("passthrough_data"),
        role=body.get("semantic_role"),
    )


def _circuits(body: Mapping[str, Any], items: list[Any], reader: Reader) -> list[tuple[Circuit, int]]:
    """The circuits of the items, and the place of each in its file."""
    together = body.get("circuits")
    if together is None:
        return [found for item in items for found in _file(_part(item, "circuit"), "circuit_b64", reader)]
    if isinstance(together, Mapping) and isinstance(together.get("data"), list):
        texts = together["data"]
        if not all(isinstance(text, str) for text in texts):
            raise JobRefused("a circuit must be QPY or OpenQASM 3")
        width = reader.backend.n_qubits
        return [(Circuit(source=t, facts=qasm.read(t, reader.limits, max_qubits=width)), 0) for t in texts]
    return _file(together, "b64_data", reader)


def _file(value: object, name: str, reader: Reader) -> list[tuple[Circuit, int]]:
    if not isinstance(value, Mapping):
        raise JobRefused("the circuits of the quantum program are not understood")
    data = maybe_packed(value.get(name), "a circuit", reader.budget)
    facts = qpy.read(data, reader.limits, max_qubits=reader.backend.n_qubits)
    return [(Circuit(source=data, facts=each), index) for index, each in enumerate(facts)]


def _part(item: object, name: str) -> Any:
    if not isinstance(item, Mapping):
        raise JobRefused("an item of the quantum program must be an object")
    return item.get(name)


def _item(circuit: Circuit, index: int, item: object, reader: Reader, *, compressed: bool) -> Item:
    kind = _part(item, "item_type")
    shape = _shape(_part(item, "shape") or [], reader)
    if kind == "circuit":
        arguments = tensor(_part(item, "circuit_arguments"), reader, compressed=compressed)
        given = arguments.shape or (0,)
        if given[-1] != circuit.facts.parameters or arguments.dtype != "f64":
            raise JobRefused(f"a circuit has {circuit.facts.parameters} parameters, its arguments the shape {given}")
        whole_shape = _shape(list(broadcast(shape, given[:-1], "the arguments of an item")), reader)
        return Item(circuit=circuit, index=index, shape=whole_shape, arguments=arguments)
    if kind == "samplex":
        samplex = _part(_part(item, "samplex"), "samplex_json")
        arguments_by_name = _part(item, "samplex_arguments") or {}
        if not isinstance(samplex, str) or not isinstance(arguments_by_name, Mapping):
            raise JobRefused("an item of the quantum program has no samplex")
        _check_samplex(samplex, reader)
        read_arguments = {
            name: tensor(value, reader, compressed=compressed)
            if isinstance(value, Mapping) and "dtype" in value
            else value
            for name, value in arguments_by_name.items()
        }
        return Item(circuit=circuit, index=index, shape=shape, samplex=samplex, samplex_arguments=read_arguments)
    raise JobRefused("an item of the quantum program is neither a circuit nor a samplex")


def _shape(value: object, reader: Reader) -> Shape:
    if not isinstance(value, list) or len(value) > 16:
        raise JobRefused("the shape of an item is not understood")
    if not all(isinstance(size, int) and not isinstance(size, bool) and size >= 0 for size in value):
        raise JobRefused("the shape of an item is not understood")
    if math.prod(value) > reader.limits.parameter_sets:
        raise TooLarge(f"an item may have {reader.limits.parameter_sets} elements, this has more")
    return tuple(value)


def tensor(value: object, reader: Reader, *, compressed: bool) -> SchemaTensor:
    """An array of the schema, whose size is that of its shape."""
    shape = _part(value, "shape")
    dtype = _part(value, "dtype")
    if not isinstance(shape, list) or not all(type(n) is int and 0 <= n < 2**32 for n in shape) or len(shape) > 16:
        raise JobRefused("an array of the quantum program has no shape")
    text = _part(value, "data")
    raw = unpacked(text, "an array", reader.budget) if compressed else unbase64(text, "an array")
    size = -(-math.prod(shape) // 8) if dtype == "bool" else math.prod(shape) * _SIZES.get(str(dtype), -1)
    if size != len(raw):
        raise JobRefused("an array of the quantum program has a shape that does not fit its data")
    return SchemaTensor(str(dtype), tuple(shape), raw)


def _check_samplex(text: str, reader: Reader) -> None:
    """Look through a samplex, JSON in JSON in JSON, for circuits, which its reader would hand to Qiskit's."""
    if len(text) > reader.limits.payload_bytes:
        raise TooLarge("a samplex is too large")
    for value in _within(text, 0):
        code = value.get("circuit_base64")
        if code is not None:
            qpy.read(unbase64(code, "a circuit in a samplex"), reader.limits, max_qubits=reader.backend.n_qubits)


def _within(text: str, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > _SAMPLEX_DEPTH:
        raise JobRefused("a samplex is nested too deeply")
    try:
        waiting = [json.loads(text)]
    except (ValueError, RecursionError):
        if depth == 0:
            raise JobRefused("a samplex is not JSON") from None
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str) and value[:1] in {"{", "["}:
            yield from _within(value, depth + 1)


def output_shapes(samplex: str) -> Iterator[tuple[str, str, Shape]]:
    """What a samplex gives besides values of parameters: names, types, and the shape of one randomization."""
    attributes = json.loads(samplex).get("attrs")
    found = json.loads((attributes if isinstance(attributes, dict) else {}).get("output_specification", "{}"))
    for name, entry in found.items():
        form = json.loads(entry) if isinstance(entry, str) else entry
        shape = form.get("shape")
        if name != "parameter_values" and isinstance(shape, list):
            yield name, str(form.get("dtype")), tuple(size for size in shape if isinstance(size, int))


def result(program: QuantumProgram, answers: Sequence[Mapping[str, SchemaTensor]], span: Span) -> str:
    """The JSON text of a result, in the version of the inputs."""
    body: dict[str, JSON] = {
        "schema_version": program.version,
        "data": [
            {
                "results": {name: value.written(compressed=program.compressed) for name, value in answer.items()},
                "metadata": None if program.version == "v0.1" else {"scheduler_timing": None, "stretch_values": None},
            }
            for answer in answers
        ],
        "metadata": {"chunk_timing": [_chunk(program, span)]},
    }
    if program.version != "v0.1":
        body["passthrough_data"] = program.passthrough
    if program.version not in {"v0.1", "v0.2"}:
        body["semantic_role"] = program.role
    try:
        return dumps(body)
    except RecursionError:
        raise JobRefused("the passthrough data are nested too deeply") from None


def _chunk(program: QuantumProgram, span: Span) -> JSON:
    parts = []
    for index, item in enumerate(program.items):
        size = math.prod(item.shape)
        part: dict[str, JSON] = {"idx_item": index, "size": size}
        if program.version not in {"v0.1", "v0.2"}:
            part |= {"permutation": list(range(len(item.shape))), "element_range": [0, size, 1]}
        parts.append(part)
    start, stop = (datetime.fromtimestamp(seconds, UTC).isoformat() for seconds in (span.start, span.stop))
    return {"start": start, "stop": stop, "parts": parts}
