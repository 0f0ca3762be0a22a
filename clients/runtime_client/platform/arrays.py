"""Arrays as results hold them, without numpy: an `.npy` file, compressed, in base64."""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_HEADER = re.compile(
    rb"\{'descr': '([<>|=])([biufc])(\d{1,2})', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\), \} *\n?"
)
_CODES: Final = {
    ("b", 1): "?", ("i", 1): "b", ("i", 2): "h", ("i", 4): "i", ("i", 8): "q",
    ("u", 1): "B", ("u", 2): "H", ("u", 4): "I", ("u", 8): "Q",
    ("f", 2): "e", ("f", 4): "f", ("f", 8): "d", ("c", 8): "f", ("c", 16): "d",
}  # fmt: skip
_MOST_BYTES: Final = 256 * 1024 * 1024
_MOST_DIMENSIONS: Final = 32
_MOST_DIGITS: Final = 10
_SCALARS: Final = 2
"""A complex number is two numbers."""


class NotAnArrayError(ValueError):
    """What was to be an array is none, or none that is understood here; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NdArray:
    """An array: its `shape`, and its `values` in order, the last index running fastest.

    Values are numbers of Python: bool, int, float or complex.
    """

    shape: tuple[int, ...]
    values: Sequence[Any]

    def tolist(self) -> Any:
        """Return the values as nested lists, or the only one of an array without dimensions, as numpy does it."""
        return nested(self.values, self.shape)


def nested(values: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Return values as lists in lists of this shape, or the only one where there is no shape."""
    if not shape:
        return values[0]
    if len(shape) == 1:
        return list(values)
    step = math.prod(shape[1:])
    return [nested(values[at * step : (at + 1) * step], shape[1:]) for at in range(shape[0])]


def unpacked(text: str) -> NdArray:
    """Return the array in the base64 of a compressed `.npy` file; raises `NotAnArrayError`."""
    try:
        packed = base64.b64decode(text, validate=True)
        reader = zlib.decompressobj()
        raw = reader.decompress(packed, _MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise NotAnArrayError(f"not base64 of something compressed ({type(error).__name__})") from None
    if reader.unconsumed_tail:
        raise NotAnArrayError(f"an array of more than {_MOST_BYTES} bytes")
    if not reader.eof:
        raise NotAnArrayError("cut off")
    return parsed(raw)


def parsed(raw: bytes) -> NdArray:
    """Return the array in an `.npy` file; raises `NotAnArrayError`."""
    if raw[:6] != b"\x93NUMPY" or len(raw) < 12:
        raise NotAnArrayError("no .npy file")
    wide = raw[6] > 1
    start = 12 if wide else 10
    length = int.from_bytes(raw[8:start], "little")
    header = _HEADER.fullmatch(raw[start : start + length])
    if header is None:
        raise NotAnArrayError("an .npy file of objects, or with a header that is not numpy's")
    order, kind, size, by_columns, dimensions = (part.decode() for part in header.groups())
    code = _CODES.get((kind, int(size)))
    if code is None:
        raise NotAnArrayError(f"an array of {kind}{size}")
    shape = _shape(dimensions)
    count = math.prod(shape)
    data = raw[start + length :]
    if len(data) != count * int(size):
        raise NotAnArrayError(f"{len(data)} bytes for {count} values of {size}")
    scalars = struct.unpack(f"{'>' if order == '>' else '<'}{len(data) // struct.calcsize(code)}{code}", data)
    values = _complex(scalars) if kind == "c" else scalars
    return NdArray(shape=shape, values=_by_rows(values, shape) if by_columns == "True" else values)


def _shape(text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if len(words) > _MOST_DIMENSIONS or any(not word.isdecimal() or len(word) > _MOST_DIGITS for word in words):
        raise NotAnArrayError("a shape that no array has")
    shape = tuple(map(int, words))
    # Lists in lists without a value in them take memory, too.
    if math.prod(max(size, 1) for size in shape) > _MOST_BYTES:
        raise NotAnArrayError("a shape that is too large")
    return shape


def _complex(scalars: Sequence[float]) -> list[complex]:
    return [complex(*scalars[at : at + _SCALARS]) for at in range(0, len(scalars), _SCALARS)]


def _by_rows(values: Sequence[Any], shape: tuple[int, ...]) -> list[Any]:
    """Return values whose first index runs fastest in the order in which the last one does."""
    places = [0]
    stride = 1
    strides = []
    for size in shape:
        strides.append(stride)
        stride *= size
    for size, step in zip(shape, strides, strict=True):
        places = [place + index * step for place in places for index in range(size)]
    return [values[place] for place in places]
