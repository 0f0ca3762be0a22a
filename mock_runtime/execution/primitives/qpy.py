"""What a QPY file says, read without Qiskit, and whether Qiskit's reader may be trusted with it.

The whole file is walked: every count, every size and every name. So the registers and parameters of a circuit are
known where no Qiskit is installed, and what Qiskit's reader would do with a hostile file is known before it starts:
that reader looks instructions up by name among all attributes of its modules, takes counts at their word, and loads
arrays and expressions of other packages. Evidence for the format: the documentation of the package `qiskit.qpy`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from mock_runtime.domain.errors import bounded
from mock_runtime.execution.primitives.instructions import CONTROL_FLOW, CUSTOM, KNOWN, canonical
from mock_runtime.execution.primitives.qpy_values import (
    COUNT_16,
    COUNT_32,
    COUNT_64,
    Cursor,
    Parameters,
    Values,
    variable_type,
)
from mock_runtime.execution.primitives.refusals import NON_ISA, JobRefused, Limits, TooLarge

OLDEST: Final = 10
NEWEST: Final = 18
"""Versions that can be walked. Evidence: clients from 2023 on send 11 and later, Qiskit 2.6 writes 18."""

_NESTING: Final = 16
_NO_BIT: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A classical register of a circuit, whose bits are the circuit's bits at `bits` (-1: of no bit of it)."""

    name: str
    bits: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many bits it has."""
        return len(self.bits)


@dataclass(slots=True, kw_only=True)
class Facts:
    """What there is to know of a circuit without building it.

    `parameters` counts the free ones. `instructions` counts all, those in blocks too; `names` are their names in the
    target's spelling ("cx", "if_else"); `measured` are the bits that are written by a measurement.
    """

    name: str = ""
    num_qubits: int = 0
    num_clbits: int = 0
    registers: tuple[Register, ...] = ()
    parameters: int = 0
    instructions: int = 0
    names: set[str] = field(default_factory=set)
    measured: set[int] = field(default_factory=set)


_FILE = struct.Struct("!6sBBBBQc")
_HEADER = struct.Struct("!H1cHIIQIQ")
_HEADER_12 = struct.Struct("!H1cHIIQIQI")
_REGISTER = struct.Struct("!1c?IH?")
_REGISTER_18 = struct.Struct("!1c?IH?B")
_VARIABLE = struct.Struct("!16scH")
_STATE = struct.Struct("!IQ")
_VECTOR = struct.Struct("!HQ16s")
_CUSTOM = struct.Struct("!H1cII?QIIQ")
_INSTRUCTION = struct.Struct("!HHHIIBHqII")
_ARGUMENT = struct.Struct("!1cI")
_PARAMETER = struct.Struct("!1cQ")
_LAYOUT = struct.Struct("!?iiiIi")
_LAYOUT_BIT = struct.Struct("!ii")
_RANGE = struct.Struct("!qqq")


def read(data: bytes, limits: Limits, *, max_qubits: int) -> tuple[Facts, ...]:
    """The facts of every circuit in a QPY file; JobRefused if it is malformed, hostile or too large."""
    cursor = Cursor(data)
    magic, version, _, _, _, programs, encoding = cursor.fields(_FILE)
    if magic != b"QISKIT":
        raise JobRefused("a circuit is no QPY file")
    if not OLDEST <= version <= NEWEST:
        raise JobRefused(f"QPY version {version} is not read here, only {OLDEST} to {NEWEST}")
    if not 1 <= programs <= limits.pubs:
        raise JobRefused(f"the QPY file holds {programs} circuits, not between 1 and {limits.pubs}")
    if cursor.take(1) != b"q":
        raise JobRefused("the QPY file holds no circuits")
    walk = _Walk(
        values=Values(version=version, symengine=encoding == b"e", limits=limits), limits=limits, max_qubits=max_qubits
    )
    if version >= 16:
        offsets = [cursor.fields(COUNT_64)[0] for _ in range(programs)]
    starts, found = [], []
    for _ in range(programs):
        starts.append(cursor.at)
        found.append(walk.circuit(cursor))
    if version >= 16 and starts != offsets:
        raise JobRefused("the table of circuits in the QPY file is wrong")
    if cursor.left:
        raise JobRefused("the QPY file goes on after its end")
    return tuple(found)


@dataclass(slots=True, kw_only=True)
class _Scope:
    """A circuit that is being walked: its facts, its parameters, and the names that it defines."""

    facts: Facts
    known: Parameters = field(default_factory=Parameters)
    custom: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class _Walk:
    values: Values
    limits: Limits
    max_qubits: int
    instructions: int = 0
    depth: int = 0

    def circuit(self, cursor: Cursor) -> Facts:
        """Walk a circuit that stands by itself."""
        scope = self._circuit(cursor)
        scope.facts.parameters = len(scope.known.symbols - scope.known.bound)
        return scope.facts

    def _circuit(self, cursor: Cursor) -> _Scope:
        self.depth += 1
        if self.depth > _NESTING:
            raise JobRefused(f"a circuit nests blocks more than {_NESTING} deep")
        facts = Facts()
        scope = _Scope(facts=facts)
        header = cursor.fields(_HEADER_12 if self.values.version >= 12 else _HEADER)
        name_size, phase_kind, phase_size, facts.num_qubits, facts.num_clbits, extra, registers, count = header[:8]
        if facts.num_qubits > self.max_qubits:
            raise JobRefused(f"a circuit has {facts.num_qubits} qubits, the backend has {self.max_qubits}")
        if facts.num_clbits > self.limits.instructions:
            raise TooLarge(f"a circuit has {facts.num_clbits} classical bits")
        facts.name = cursor.text(name_size)
        phase = cursor.part(phase_size)
        cursor.take(extra)
        facts.registers = self._registers(cursor, registers, facts)
        for _ in range(header[8] if self.values.version >= 12 else 0):
            self._variable(cursor)
        if self.values.version >= 15:
            self._annotation_states(cursor)
        if self.values.version >= 18:
            self._vectors(cursor, scope)
        self.values.value(phase_kind, phase, scope.known)
        self._custom(cursor, scope)
        self.instructions += count
        if self.instructions > self.limits.instructions:
            raise TooLarge(f"the circuits have more than {self.limits.instructions} instructions")
        facts.instructions += count
        for _ in range(count):
            self._instruction(cursor, scope)
        if self.values.version < 18 and cursor.fields(COUNT_16)[0]:
            raise JobRefused("circuits with pulse calibrations are not run any more")
        self._layout(cursor)
        self.depth -= 1
        return scope

    def _registers(self, cursor: Cursor, count: int, facts: Facts) -> tuple[Register, ...]:
        form = _REGISTER_18 if self.values.version >= 18 else _REGISTER
        found = []
        for _ in range(count):
            kind, _, size, name_size, inside, *attached = cursor.fields(form)
            name = cursor.text(name_size)
            width = 4 if self.values.version >= 18 else 8
            if attached and attached[0]:
                start = cursor.fields(COUNT_32)[0]
                if size > self.limits.instructions:
                    raise TooLarge(f"a register has {size} bits")
                bits = tuple(range(start, start + size))
            else:
                raw = cursor.take(size * width)
                unsigned = struct.unpack(f"!{size}{'I' if width == 4 else 'q'}", raw)
                bits = tuple(-1 if bit == _NO_BIT and width == 4 else bit for bit in unsigned)
            most = facts.num_clbits if kind == b"c" else facts.num_qubits
            if any(not -1 <= bit < most for bit in bits):
                raise JobRefused("a register of a circuit has bits that the circuit has not")
            if kind == b"c" and inside:
                found.append(Register(name=name, bits=bits))
        return tuple(found)

    def _variable(self, cursor: Cursor) -> None:
        _, usage, name_size = cursor.fields(_VARIABLE)
        if usage not in {b"I", b"C", b"L", b"A", b"O"}:
            raise JobRefused("a circuit declares a variable of a kind that is not known")
        variable_type(cursor)
        cursor.text(name_size)

    def _annotation_states(self, cursor: Cursor) -> None:
        for _ in range(cursor.fields(COUNT_32)[0]):
            name_size, size = cursor.fields(_STATE)
            if cursor.text(name_size).split(".")[0] != "samplomatic":
                raise JobRefused("a circuit has annotations that are not known")
            cursor.take(size)

    def _vectors(self, cursor: Cursor, scope: _Scope) -> None:
        for _ in range(cursor.fields(COUNT_16)[0]):
            name_size, size, root = cursor.fields(_VECTOR)
            cursor.text(name_size)
            self.values.check_vector(size)
            scope.known.vectors.append((size, root))

    def _custom(self, cursor: Cursor, scope: _Scope) -> None:
        bases = []  # walked last: the instruction that is controlled may be defined further down
        for _ in range(cursor.fields(COUNT_64)[0]):
            form = cursor.fields(_CUSTOM)
            name_size, kind, qubits, clbits, defined, size, _, _, base_size = form
            name = cursor.text(name_size)
            if name.startswith("###") or kind not in {b"i", b"g", b"c"}:
                raise JobRefused("a circuit has an abstract operation: decompose it before it is sent")
            if qubits > self.max_qubits or clbits > self.limits.instructions:
                raise JobRefused("a circuit defines an instruction that is too wide")
            scope.custom.add(name)
            body = cursor.part(size) if defined else cursor.part(0)
            base = cursor.part(base_size)
            if defined and body.left:
                inner = self._circuit(body)
                scope.known.symbols |= inner.known.symbols
                scope.facts.instructions += inner.facts.instructions
            bases.append(base)
        for base in bases:
            if base.left:
                self._instruction(base, scope, alone=True)

    def _instruction(self, cursor: Cursor, scope: _Scope, *, alone: bool = False) -> None:
        fields = cursor.fields(_INSTRUCTION)
        name_size, label_size, parameters, qubits, clbits, extras, condition_size, _, _, _ = fields
        name = cursor.text(name_size)
        cursor.text(label_size)
        cursor.take(condition_size)
        if name not in KNOWN and name not in scope.custom and name not in CUSTOM:
            raise JobRefused(f"the instruction {bounded(name)} is not supported by the target system", NON_ISA)
        if extras & 0b11 == 2:
            self.values.typed(cursor, scope.known)
        if not alone:
            written = self._arguments(cursor, scope.facts, qubits, clbits)
            if name == "Measure":
                scope.facts.measured.update(written)
        scope.facts.names.add(canonical(name, custom=name in scope.custom, version=self.values.version))
        for _ in range(parameters):
            self._parameter(cursor, scope, block=name in CONTROL_FLOW)
        if extras & 0x80:
            for _ in range(cursor.fields(COUNT_32)[0]):
                cursor.take(cursor.fields(_STATE)[1])

    @staticmethod
    def _arguments(cursor: Cursor, facts: Facts, qubits: int, clbits: int) -> list[int]:
        if (qubits + clbits) * _ARGUMENT.size > cursor.left:
            raise JobRefused("the QPY file is cut off")
        written = []
        for number in range(qubits + clbits):
            kind, index = cursor.fields(_ARGUMENT)
            quantum = number < qubits
            if kind != (b"q" if quantum else b"c") or index >= (facts.num_qubits if quantum else facts.num_clbits):
                raise JobRefused("an instruction of a circuit acts on bits that the circuit has not")
            if not quantum:
                written.append(index)
        return written

    def _parameter(self, cursor: Cursor, scope: _Scope, *, block: bool) -> None:
        kind, size = cursor.fields(_PARAMETER)
        self._inner(kind, cursor.part(size), scope, block=block)

    def _inner(self, kind: bytes, part: Cursor, scope: _Scope, *, block: bool) -> None:
        if kind == b"q":
            if not block:
                raise JobRefused("a circuit has a circuit for a parameter where none can be")
            inner = self._circuit(part)
            scope.known.symbols |= inner.known.symbols
            scope.known.bound |= inner.known.bound
            scope.facts.names |= inner.facts.names
            scope.facts.instructions += inner.facts.instructions
            part.finished()
        elif kind == b"t":
            self.depth += 1
            if self.depth > _NESTING:
                raise JobRefused("a parameter of a circuit is nested too deeply")
            for _ in range(part.fields(COUNT_64)[0]):
                self._parameter(part, scope, block=block)
            self.depth -= 1
            part.finished()
        elif kind == b"r":
            start, stop, step = part.fields(_RANGE)
            if not step or len(range(start, stop, step)) > self.limits.parameter_sets:
                raise TooLarge("a loop in a circuit is too long")
        elif kind == b"R":
            part.take(part.left)
        elif block and kind in {b"p", b"v"}:
            own = Parameters(vectors=scope.known.vectors)
            self.values.value(kind, part, own)
            scope.known.bound |= own.symbols
        else:
            self.values.value(kind, part, scope.known)

    def _layout(self, cursor: Cursor) -> None:
        exists, initial, mapping, final, extra, _ = cursor.fields(_LAYOUT)
        if not exists:
            return
        bits = Facts(num_qubits=2**31, num_clbits=2**31)
        if any(size > 10 * self.max_qubits for size in (initial, mapping, final)):
            raise JobRefused("the layout of a circuit is larger than the backend")
        self._registers(cursor, extra, bits)
        for _ in range(max(initial, 0)):
            _, size = cursor.fields(_LAYOUT_BIT)
            cursor.take(max(size, 0))
        cursor.take(4 * (max(mapping, 0) + max(final, 0)))


def width(head: bytes) -> int | None:
    """The number of qubits of the first circuit, from the beginning of a file; None if that does not tell."""
    if len(head) < _FILE.size + 1 or head[:6] != b"QISKIT" or not OLDEST <= head[6] <= NEWEST:
        return None
    table = 8 * int.from_bytes(head[10:18]) if head[6] >= 16 else 0
    at = _FILE.size + 1 + table
    if at + _HEADER.size > len(head):
        return None
    qubits: int = _HEADER.unpack_from(head, at)[3]
    return qubits
