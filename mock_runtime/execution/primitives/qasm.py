"""What an OpenQASM 3 text says, found without a parser, and the text made fit for one.

The parser that Qiskit uses takes hardware qubits (`$7`) as new qubits in the order in which they appear, so that the
circuit is smaller than the device and observables as wide as the device do not fit. So they become elements of one
register as wide as the device. Evidence: FACTS gathered with QRMI, whose texts have hardware qubits.
"""

from __future__ import annotations

import re
from typing import Final

from mock_runtime.domain.errors import bounded
from mock_runtime.execution.primitives.qpy import Facts, Register
from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge

_MOST_CHARACTERS: Final = 4 * 2**20
_NESTING: Final = 64
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/|\"[^\"\n]*\"", re.DOTALL)
_VERSION: Final = re.compile(r"\s*OPENQASM\s+(\d+)(?:\.\d+)?\s*;")
_INCLUDE: Final = re.compile(r"\binclude\s*(\"[^\"\n]*\"|'[^'\n]*')")
_BITS: Final = re.compile(r"\bbit\s*(?:\[([^\]]*)\])?\s*([^\W\d]\w*)")
_CREG: Final = re.compile(r"\bcreg\s+([^\W\d]\w*)\s*(?:\[([^\]]*)\])?")
_QUBITS: Final = re.compile(r"\bqubit\s*(?:\[([^\]]*)\])?\s*[^\W\d]\w*|\bqreg\s+[^\W\d]\w*\s*(?:\[([^\]]*)\])?")
_SIZE: Final = re.compile(r"\s*(?:0[xX]([0-9a-fA-F_]+)|0[bB]([01_]+)|0[oO]([0-7_]+)|(\d[\d_]*))\s*", re.ASCII)
_LARGEST: Final = 2**31
_GATE: Final = re.compile(r"\bgate\s+([^\W\d]\w*)[^{};]*\{([^{}]*)\}")
_WORD: Final = re.compile(r"[^\W\d]\w*")
_LONG_LOOP: Final = re.compile(r"\bin\s*\[[^\]]*\w{17}")
_INPUT: Final = re.compile(r"\binput\s+(?:float|angle|int|uint)\b")
_PHYSICAL: Final = re.compile(r"\$(\d+)")
_REGISTER: Final = "device_qubits"


def read(text: str, limits: Limits, *, max_qubits: int) -> Facts:
    """The facts of a text; JobRefused if it is none, includes a file, or is too large."""
    if len(text) > _MOST_CHARACTERS:
        raise TooLarge(f"an OpenQASM text is longer than {_MOST_CHARACTERS} characters")
    version = _VERSION.match(_without_comments(text))
    if version is None or version[1] != "3":
        raise JobRefused("a circuit is neither QPY nor OpenQASM 3")
    for included in _INCLUDE.findall(text):
        if included[1:-1] != "stdgates.inc":
            raise JobRefused(f"an OpenQASM text includes {bounded(included[1:-1])}; only stdgates.inc is there")
    bare = _without_comments(text)
    _check_nesting(bare)
    if bare.count(";") > limits.instructions:
        raise TooLarge(f"the circuits have more than {limits.instructions} instructions")
    _check_definitions(bare, limits)
    if _LONG_LOOP.search(bare):
        raise TooLarge("a loop in a circuit is too long")
    registers: list[Register] = []
    first = 0
    for name, size in _declared(bare):
        if first + size > limits.instructions:
            raise TooLarge(f"a circuit has {first + size} classical bits or more")
        registers.append(Register(name=name, bits=tuple(range(first, first + size))))
        first += size
    qubits = _width(bare)
    if qubits > max_qubits:
        raise JobRefused(f"a circuit has {qubits} qubits, the backend has {max_qubits}")
    return Facts(
        num_qubits=qubits,
        num_clbits=first,
        registers=tuple(registers),
        parameters=len(_INPUT.findall(bare)),
        instructions=bare.count(";"),
        measured=set(range(first)) if "measure" in bare else set(),
    )


def on_device(text: str, width: int) -> str:
    """The text with its hardware qubits as elements of a register that is as wide as the device."""
    bare = _COMMENT.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)
    if _PHYSICAL.search(bare) is None:
        return bare
    if _QUBITS.search(bare):
        raise JobRefused("an OpenQASM text has hardware qubits and declares others")
    moved = _PHYSICAL.sub(rf"{_REGISTER}[\1]", bare)
    version = _VERSION.match(moved)
    start = version.end() if version else 0
    return f"{moved[:start]}\nqubit[{width}] {_REGISTER};{moved[start:]}"


def _without_comments(text: str) -> str:
    return _COMMENT.sub(" ", text)


def _check_nesting(text: str) -> None:
    depth = 0
    for character in text:
        if character in "([{":
            depth += 1
            if depth > _NESTING:
                raise JobRefused(f"an OpenQASM text is nested more than {_NESTING} deep")
        elif character in ")]}":
            depth -= 1


def _check_definitions(text: str, limits: Limits) -> None:
    """Refuse gates that are defined by one another until they are too long: the parser puts each in its place."""
    known: dict[str, int] = {}
    for name, body in _GATE.findall(text):
        length = body.count(";") + sum(known.get(word, 0) for word in _WORD.findall(body))
        if length > limits.instructions:
            raise TooLarge(f"the circuits have more than {limits.instructions} instructions")
        known[name] = length


def _declared(text: str) -> list[tuple[str, int]]:
    found = [(match.start(), match[2], _size(match[1])) for match in _BITS.finditer(text)]
    found += [(match.start(), match[1], _size(match[2])) for match in _CREG.finditer(text)]
    return [(name, size) for _, name, size in sorted(found)]


def _size(text: str | None) -> int:
    """The size of a register, 1 if none is named. One that had to be computed first cannot be bounded here."""
    if text is None:
        return 1
    found = _SIZE.fullmatch(text)
    if found is None:
        raise JobRefused(f"a register has the size {bounded(text.strip())}, which is no whole number")
    for digits, base in zip(found.groups(), (16, 2, 8, 10), strict=True):
        if digits is not None:
            significant = digits.replace("_", "").lstrip("0")
            # Python does not like to read very long numbers, and these are too large anyhow.
            return _LARGEST if len(significant) > 31 else min(int(significant or "0", base), _LARGEST)
    return 1


def _width(text: str) -> int:
    physical = [int(number[:9]) + 1 for number in _PHYSICAL.findall(text)]
    declared = sum(_size(match[1] if match[1] is not None else match[2]) for match in _QUBITS.finditer(text))
    return max([declared, *physical])
