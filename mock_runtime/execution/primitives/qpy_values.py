"""Values inside QPY files: numbers, arrays, parameters and expressions of them, and conditions over classical bits."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from mock_runtime.execution.primitives import symbols
from mock_runtime.execution.primitives.decoding import read_npy
from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge

_NESTING: Final = 16
_CONDITION_DEPTH: Final = 64

COUNT_16 = struct.Struct("!H")
COUNT_32 = struct.Struct("!I")
COUNT_64 = struct.Struct("!Q")
_SYMBOL = struct.Struct("!H16s")
_ELEMENT = struct.Struct("!HQ16sQ")
_ELEMENT_18 = struct.Struct("!HQ")
_EXPRESSION = struct.Struct("!QQ")
_MAPPING = struct.Struct("!ccQ")
_TYPED = struct.Struct("!1cQ")
_BYTE = struct.Struct("!B")


class Cursor:
    """A place in bytes that never reads beyond the end: JobRefused instead."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data, self.at, self.end = data, at, len(data) if end is None else end

    def take(self, size: int) -> bytes:
        """The next bytes."""
        if size > self.end - self.at:
            raise JobRefused("the QPY file is cut off")
        self.at += size
        return self.data[self.at - size : self.at]

    def part(self, size: int) -> Cursor:
        """A cursor over the next bytes alone."""
        if size > self.end - self.at:
            raise JobRefused("the QPY file is cut off")
        self.at += size
        return Cursor(self.data, self.at - size, self.at)

    def fields(self, form: struct.Struct) -> tuple[Any, ...]:
        """The fields of the structure that comes next."""
        if form.size > self.end - self.at:
            raise JobRefused("the QPY file is cut off")
        self.at += form.size
        return form.unpack_from(self.data, self.at - form.size)

    def text(self, size: int) -> str:
        """The next bytes as text."""
        try:
            return self.take(size).decode()
        except UnicodeDecodeError:
            raise JobRefused("the QPY file has a name that is not UTF-8") from None

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return self.end - self.at

    def finished(self) -> None:
        """Refuse bytes after the end of what was read."""
        if self.left:
            raise JobRefused("a part of the QPY file goes on after its end")


@dataclass(slots=True, kw_only=True)
class Parameters:
    """The parameters that a circuit has, by their identity: all, those that loops bind, and vectors they belong to."""

    symbols: set[bytes] = field(default_factory=set)
    bound: set[bytes] = field(default_factory=set)
    vectors: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Values:
    """Walks values of one version of QPY, and notes the parameters in them."""

    version: int
    symengine: bool
    limits: Limits
    depth: int = 0

    def typed(self, cursor: Cursor, known: Parameters) -> None:
        """Walk a value that comes with its kind and size."""
        kind, size = cursor.fields(_TYPED)
        self.value(kind, cursor.part(size), known)

    def value(self, kind: bytes, part: Cursor, known: Parameters) -> None:
        """Walk a value of a kind, which takes all of a part."""
        reader = _READERS.get(kind)
        if reader is None:
            raise JobRefused(f"a circuit has a value of the kind {kind!r}, which is not known")
        reader(self, part, known)
        part.finished()

    def number(self, part: Cursor, _known: Parameters) -> None:
        """Walk an integer or a double."""
        part.take(8)

    def complex_number(self, part: Cursor, _known: Parameters) -> None:
        """Walk a complex number."""
        part.take(16)

    def nothing(self, part: Cursor, _known: Parameters) -> None:
        """Walk what has no content that matters."""
        part.take(part.left)

    def array(self, part: Cursor, _known: Parameters) -> None:
        """Walk an array, which must be one of numbers: others are pickles."""
        read_npy(part.take(part.left), "an array in a circuit")

    def words(self, part: Cursor, _known: Parameters) -> None:
        """Walk a text."""
        part.text(part.left)

    def symbol(self, part: Cursor, known: Parameters) -> None:
        """Walk a parameter."""
        name_size, identity = part.fields(_SYMBOL)
        part.text(name_size)
        known.symbols.add(identity)

    def element(self, part: Cursor, known: Parameters) -> None:
        """Walk an element of a vector of parameters."""
        if self.version >= 18:
            vector, index = part.fields(_ELEMENT_18)
            if vector >= len(known.vectors) or index >= known.vectors[vector][0]:
                raise JobRefused("a circuit has an element of a vector of parameters that is not there")
            root = int.from_bytes(known.vectors[vector][1]) + index
            known.symbols.add((root % 2**128).to_bytes(16))
            return
        name_size, size, identity, index = part.fields(_ELEMENT)
        part.text(name_size)
        self.check_vector(size)
        if index >= size:
            raise JobRefused("a circuit has an element of a vector of parameters that is not there")
        known.symbols.add(identity)

    def expression(self, part: Cursor, known: Parameters) -> None:
        """Walk an expression over parameters."""
        count, size = part.fields(_EXPRESSION)
        payload = part.take(size)
        self.depth += 1
        if self.depth > _NESTING:
            raise JobRefused("an expression of a circuit is nested too deeply")
        for _ in range(count):
            symbol, kind, size = part.fields(_MAPPING)
            # Evidence: Qiskit 2.0 lists after the free symbols, which have no value of their own, all that were ever
            # put in the place of others.
            noted = known if size == 0 else Parameters(vectors=known.vectors)
            if symbol == b"e" and self.version >= 13:
                self.expression(part, noted)
            elif symbol == b"p":
                self.symbol(part, noted)
            elif symbol == b"v":
                self.element(part, noted)
            else:
                raise JobRefused("an expression of a circuit has a symbol that is none")
            if kind in {b"p", b"v"}:
                part.take(size)
            else:
                self.value(kind, part.part(size), noted)
        self.depth -= 1
        if self.version >= 13:
            symbols.check_replay(payload)
        elif self.symengine:
            symbols.symengine_text(payload)
        else:
            symbols.check_sympy(payload)

    def condition(self, part: Cursor, _known: Parameters) -> None:
        """Walk an expression over classical bits."""
        _classical(part, 0)

    def check_vector(self, size: int) -> None:
        """Refuse a vector of parameters that is too long."""
        if size > self.limits.parameter_sets:
            raise TooLarge(f"a vector of parameters has {size} elements")


_READERS: Final[dict[bytes, Callable[[Values, Cursor, Parameters], None]]] = {
    b"i": Values.number,
    b"f": Values.number,
    b"c": Values.complex_number,
    b"n": Values.array,
    b"s": Values.words,
    b"z": Values.nothing,
    b"d": Values.nothing,
    b"p": Values.symbol,
    b"v": Values.element,
    b"e": Values.expression,
    b"x": Values.condition,
}

_DURATIONS: Final = frozenset({b"t", b"p", b"n", b"u", b"m", b"s"})


def variable_type(cursor: Cursor) -> None:
    """Walk the type of a classical variable."""
    kind = cursor.take(1)
    if kind == b"u":
        width = cursor.fields(COUNT_32)[0]
        if width > 4096:
            raise JobRefused(f"a circuit has a variable of {width} bits")
    elif kind not in {b"b", b"f", b"d"}:
        raise JobRefused("a circuit has a variable of a type that is not known")


def _classical(cursor: Cursor, depth: int) -> None:
    """Walk an expression over classical bits."""
    if depth > _CONDITION_DEPTH:
        raise JobRefused("a condition in a circuit is nested too deeply")
    kind = cursor.take(1)
    variable_type(cursor)
    if kind == b"x":
        where = cursor.take(1)
        size = cursor.fields(COUNT_32 if where == b"C" else COUNT_16)[0]
        if where == b"R":
            cursor.text(size)
        elif where not in {b"C", b"U"}:
            raise JobRefused("a condition in a circuit has a variable that is none")
    elif kind == b"s":
        cursor.take(2)
    elif kind == b"v":
        _literal(cursor)
    elif kind in {b"c", b"u"}:
        cursor.take(1)
        _classical(cursor, depth + 1)
    elif kind in {b"b", b"i"}:
        cursor.take(1 if kind == b"b" else 0)
        _classical(cursor, depth + 1)
        _classical(cursor, depth + 1)
    else:
        raise JobRefused("a condition in a circuit has a part that is not known")


def _literal(cursor: Cursor) -> None:
    kind = cursor.take(1)
    if kind == b"b":
        cursor.take(1)
    elif kind == b"i":
        cursor.take(cursor.fields(_BYTE)[0])
    elif kind == b"f" or (kind == b"t" and cursor.take(1) in _DURATIONS):
        cursor.take(8)
    else:
        raise JobRefused("a condition in a circuit has a value that is not known")
