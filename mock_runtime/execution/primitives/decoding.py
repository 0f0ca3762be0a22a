"""How inputs are read: nothing that a stranger sends can import a module, read a file or run code.

What a client packs (base64, zlib, `.npy`) is unpacked here with the standard library alone, within limits, and before
any of Qiskit's own readers sees it. Of the tagged JSON, only the types named in `TAGS` are known. Others, among them
those that make the client's own decoder import the module they name ("settings", "_json", "to_json"), are refused.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from mock_runtime.domain.errors import bounded
from mock_runtime.execution.primitives.encoding import Shape, Tensor
from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge

TAGS: Final = frozenset({"ndarray", "QuantumCircuit", "complex", "datetime"})
"""The types that inputs of the primitives are made of."""

_DIMENSIONS: Final = 16
_HEADER: Final = re.compile(
    rb"\{\s*'descr':\s*'([<|=>][a-z]\d{1,2})',\s*'fortran_order':\s*(True|False),"
    rb"\s*'shape':\s*\(((?:\d{1,18}\s*,\s*){0,16}(?:\d{1,18}\s*)?)\),?\s*\}\s*"
)
_FORMATS: Final = {
    "<f8": "d",
    "<f4": "f",
    "<i8": "q",
    "<i4": "i",
    "<i2": "h",
    "|i1": "b",
    "<u8": "Q",
    "<u4": "I",
    "<u2": "H",
    "|u1": "B",
    "|b1": "?",
}


@dataclass(slots=True)
class Budget:
    """What may still be unpacked for one job: every payload takes from it."""

    limits: Limits
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.limits.payloads_bytes

    def take(self, size: int) -> None:
        """Use so many bytes; TooLarge if there are not as many left."""
        self.left -= size
        if self.left < 0:
            raise TooLarge(f"the inputs unpack to more than {self.limits.payloads_bytes} bytes")


def unbase64(text: object, what: str) -> bytes:
    """The bytes of a base64 text."""
    if not isinstance(text, str):
        raise JobRefused(f"{what} must be a base64 text")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise JobRefused(f"{what} is not base64") from None


def unpacked(text: object, what: str, budget: Budget) -> bytes:
    """The bytes of a text in base64 of zlib, never more than the budget allows, whatever they would unfold to."""
    data = unbase64(text, what)
    most = min(budget.limits.payload_bytes, budget.left)
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(data, most + 1)
    except zlib.error:
        raise JobRefused(f"{what} is not zlib-compressed") from None
    if len(raw) > most:
        raise TooLarge(f"{what} unpacks to more than {most} bytes")
    if not stream.eof:
        raise JobRefused(f"{what} is cut off")
    budget.take(len(raw))
    return raw


def maybe_packed(text: object, what: str, budget: Budget) -> bytes:
    """The bytes of a text in base64 that may be compressed: clients compress circuits only since 2021."""
    data = unbase64(text, what)
    return unpacked(text, what, budget) if data[:1] == b"\x78" else data


@dataclass(frozen=True, slots=True)
class Numbers:
    """Real numbers in a shape, in C order."""

    shape: Shape
    values: tuple[float, ...]


def read_npy(raw: bytes, what: str = "an array") -> Tensor:
    """The tensor in an `.npy` file: numbers only. Objects, which are pickles, and texts are refused.

    The header is matched, not evaluated, and the sizes it names must be those of the data that follow.
    """
    if raw[:6] != b"\x93NUMPY" or len(raw) < 12:
        raise JobRefused(f"{what} is no .npy file")
    wide = raw[6] >= 2
    length = struct.unpack_from("<I" if wide else "<H", raw, 8)[0]
    start = 12 if wide else 10
    found = _HEADER.fullmatch(raw[start : start + length]) if length <= 4096 else None
    if found is None:
        raise JobRefused(f"{what} has a header that is not understood")
    descr = found[1].decode("ascii")
    shape = tuple(int(size) for size in found[3].split(b",") if size.strip())
    body = raw[start + length :]
    if descr not in _FORMATS and descr not in {"<c16", "<c8"}:
        raise JobRefused(f"{what} has elements of the type {descr!r}, not numbers")
    if len(shape) > _DIMENSIONS:
        raise JobRefused(f"{what} has {len(shape)} dimensions")
    if math.prod(shape) * int(descr[2:]) != len(body):
        raise JobRefused(f"{what} has a shape that does not fit its data")
    if found[2] == b"True" and len(shape) > 1:
        body = _c_order(body, shape, int(descr[2:]))
    return Tensor(descr, shape, body)


def _c_order(body: bytes, shape: Shape, size: int) -> bytes:
    """Data in Fortran's order, the first index fastest, in C's, the last index fastest."""
    places = [0]
    step = 1
    for extent in shape:
        places = [place + step * index for place in places for index in range(extent)]
        step *= extent
    return b"".join(body[place * size : (place + 1) * size] for place in places)


def numbers(tensor: Tensor, what: str = "an array") -> Numbers:
    """The values of a tensor of real, finite numbers."""
    code = _FORMATS.get(tensor.descr)
    if code is None:
        raise JobRefused(f"{what} must hold real numbers")
    values = struct.unpack(f"<{math.prod(tensor.shape)}{code}", tensor.raw)
    if code in "df" and not all(map(math.isfinite, values)):
        raise JobRefused(f"{what} holds numbers that are not finite")
    return Numbers(tensor.shape, values)


def tag_of(value: Mapping[str, Any]) -> str | None:
    """The name of the type of a tagged value; None if it has no tag. Unknown types are refused."""
    if "__type__" not in value:
        return None
    name = value["__type__"]
    if not isinstance(name, str) or name not in TAGS:
        raise JobRefused(f"values of the type {bounded(str(name))} are not accepted as inputs")
    if set(value) != {"__type__", "__value__"}:
        raise JobRefused(f"a value of the type {name} has members that are not understood")
    return name


def read_numbers(value: object, what: str, budget: Budget) -> Numbers:
    """Real numbers, sent as an array, as nested lists, or as one number."""
    if isinstance(value, Mapping):
        if tag_of(value) != "ndarray":
            raise JobRefused(f"{what} must be an array")
        if not isinstance(value["__value__"], str):
            return read_numbers(value["__value__"], what, budget)
        return numbers(read_npy(unpacked(value["__value__"], what, budget), what), what)
    shape: list[int] = []
    level: list[Any] = [value]
    while any(isinstance(item, Sequence) and not isinstance(item, str) for item in level):
        if len(shape) >= _DIMENSIONS:
            raise JobRefused(f"{what} has more than {_DIMENSIONS} dimensions")
        lengths = {len(item) if isinstance(item, Sequence) and not isinstance(item, str) else -1 for item in level}
        if len(lengths) != 1:
            raise JobRefused(f"{what} is ragged")
        shape.append(lengths.pop())
        level = [element for item in level for element in item]
    for item in level:
        if isinstance(item, bool) or not isinstance(item, int | float):
            _no_number(item, what)
        if abs(item) > 1e300 or item != item:  # noqa: PLR0124 - a number that is none
            raise JobRefused(f"{what} holds numbers that are too large")
    return Numbers(tuple(shape), tuple(map(float, level)))


def _no_number(item: object, what: str) -> NoReturn:
    raise JobRefused(f"{what} must hold real numbers, not {bounded(repr(item))}")


def broadcast(first: Shape, second: Shape, what: str) -> Shape:
    """The shape of two that are combined, element with element, as numpy has it."""
    longest = max(len(first), len(second))
    one, other = ((1,) * (longest - len(shape)) + shape for shape in (first, second))
    if any(a != b and 1 not in {a, b} for a, b in zip(one, other, strict=True)):
        raise JobRefused(f"{what} have the shapes {first} and {second}, which do not fit")
    return tuple(b if a == 1 else a for a, b in zip(one, other, strict=True))
