"""Expressions of parameters inside QPY files, which other packages wrote and ours must not let them load.

Up to version 12, Qiskit wrote an expression as text of sympy or as a dump of symengine. The loader of such dumps runs
pickles, so the dumps are read here instead and turned into text, which Qiskit's parser of expressions takes. Evidence
for the form: dumps that Qiskit 1.3 with symengine 0.13 made.
"""

from __future__ import annotations

import math
import re
import struct
from typing import Final

from mock_runtime.execution.primitives.refusals import JobRefused

_MOST_BYTES: Final = 2**20
_DEPTH: Final = 64
_NEW: Final = 0x8000_0000
_DIGITS: Final = re.compile(r"\d{25}")

_INTEGER, _RATIONAL, _REAL, _COMPLEX, _SYMBOL = 0x00, 0x01, 0x06, 0x07, 0x0D
_MUL, _ADD, _POW, _CONSTANT = 0x0F, 0x10, 0x11, 0x1F
_FUNCTIONS: Final = {
    0x1D: "log",
    0x23: "sin",
    0x24: "cos",
    0x25: "tan",
    0x29: "asin",
    0x2A: "acos",
    0x2D: "atan",
    0x4D: "abs",
}
_CONSTANTS: Final = {"pi": math.pi, "E": math.e}


def check_replay(payload: bytes) -> None:
    """Refuse a list of operations (version 13 on) that is too long; Qiskit's reader of them is strict itself."""
    if len(payload) > _MOST_BYTES:
        raise JobRefused("an expression of a circuit is too long")


def check_sympy(payload: bytes) -> None:
    """Refuse a text of sympy that is too long or too deep. Qiskit walks its syntax tree and evaluates none of it."""
    check_replay(payload)
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        raise JobRefused("an expression of a circuit is not UTF-8") from None
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > _DEPTH or text.count("-" * 100) or _DIGITS.search(re.sub(r"\.\d+", "", text)):
        raise JobRefused("an expression of a circuit is too deep, or has numbers that are too long")


def symengine_text(payload: bytes) -> str:
    """The text of an expression that symengine dumped; JobRefused if it has parts that are not known."""
    check_replay(payload)
    if payload[:3] != b"\x01\x00\x00" or len(payload) < 5:
        raise JobRefused("an expression of a circuit is no dump of symengine")
    dump = _Dump(payload)
    try:
        text = dump.expression(0)
    except (struct.error, IndexError, UnicodeDecodeError):
        raise JobRefused("an expression of a circuit is malformed") from None
    if dump.at != len(payload):
        raise JobRefused("an expression of a circuit goes on after its end")
    return text


class _Dump:
    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.at = 5
        self.known: dict[int, str] = {}
        self.written = 0

    def number(self, form: str) -> int:
        value: int = struct.unpack_from(form, self.payload, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def real(self) -> str:
        value: float = struct.unpack_from("<d", self.payload, self.at)[0]
        self.at += 8
        if not math.isfinite(value):
            raise JobRefused("an expression of a circuit has a number that is not finite")
        return f"({value!r})"

    def text(self) -> str:
        size = self.number("<Q")
        if size > len(self.payload) - self.at:
            raise IndexError
        self.at += size
        return self.payload[self.at - size : self.at].decode()

    def expression(self, depth: int) -> str:
        """The object at this place, or the one known by its number."""
        if depth > _DEPTH:
            raise JobRefused("an expression of a circuit is nested too deeply")
        number = self.number("<I")
        if not number & _NEW:
            if number not in self.known:
                raise JobRefused("an expression of a circuit refers to a part that is not there")
            text = self.known[number]
        else:
            text = self.known[number & ~_NEW] = self.new(self.number("<I"), depth + 1)
        self.written += len(text)
        if self.written > 4 * _MOST_BYTES:
            raise JobRefused("an expression of a circuit is too long")
        return text

    def new(self, kind: int, depth: int) -> str:  # noqa: PLR0911 - one for each kind
        if kind in _FUNCTIONS:
            return f"{_FUNCTIONS[kind]}({self.expression(depth)})"
        if kind in {_ADD, _MUL}:
            return self.terms(kind, depth)
        if kind == _POW:
            return f"({self.expression(depth)}**{self.expression(depth)})"
        if kind == _RATIONAL:
            return f"({self.expression(depth)}/{self.expression(depth)})"
        if kind == _REAL:
            return self.real()
        if kind == _COMPLEX:
            return f"({self.real()} + {self.real()}*I)"
        if kind == _INTEGER:
            return self.integer()
        if kind == _SYMBOL and self.number("<B") == 0:
            return self.text()
        if kind == _CONSTANT and (name := self.text()) in _CONSTANTS:
            return f"({_CONSTANTS[name]!r})"
        raise JobRefused(f"an expression of a circuit has a part of the kind {kind}, which is not known")

    def integer(self) -> str:
        digits = self.text()
        if not re.fullmatch(r"-?\d{1,18}", digits, re.ASCII):
            raise JobRefused("an expression of a circuit has an integer that is too long")
        return f"({digits})"

    def terms(self, kind: int, depth: int) -> str:
        """A sum of terms with factors, or a product of factors with exponents."""
        parts = [self.expression(depth)]
        inner = "*" if kind == _ADD else "**"
        for _ in range(self.number("<Q")):
            parts.append(f"({self.expression(depth)}{inner}{self.expression(depth)})")  # noqa: PERF401 - may raise
        return f"({(' + ' if kind == _ADD else '*').join(parts)})"
