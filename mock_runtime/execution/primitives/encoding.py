"""How results are written: the tagged JSON that clients of the primitives decode. Needs the standard library alone.

Each value is `{"__type__": name, "__value__": ...}`; an array is a zlib-compressed `.npy` file in base64. Evidence:
the client decodes such results since its release 0.24; the samples were made with its own encoder.
"""

from __future__ import annotations

import base64
import json
import math
import struct
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

JSON: TypeAlias = Any
Shape: TypeAlias = tuple[int, ...]

_MAGIC: Final = b"\x93NUMPY\x01\x00"


@dataclass(frozen=True, slots=True)
class Tensor:
    """Numbers in a shape: `descr` as in a `.npy` file ("<f8", "|u1", "<c16"), `raw` in C order."""

    descr: str
    shape: Shape
    raw: bytes


def floats(values: Iterable[float], shape: Shape) -> Tensor:
    """A tensor of doubles."""
    return Tensor("<f8", shape, _little(array("d", values)))


def _little(values: array[float]) -> bytes:
    if struct.pack("=d", 1.0) != struct.pack("<d", 1.0):
        values.byteswap()
    return values.tobytes()


def npy(tensor: Tensor) -> bytes:
    """The `.npy` file of a tensor."""
    shape = f"({tensor.shape[0]},)" if len(tensor.shape) == 1 else f"({', '.join(map(str, tensor.shape))})"
    header = f"{{'descr': '{tensor.descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    padding = -(len(_MAGIC) + 2 + len(header) + 1) % 64
    header += b" " * padding + b"\n"
    return _MAGIC + struct.pack("<H", len(header)) + header + tensor.raw


def packed(data: bytes) -> str:
    """Bytes as text: zlib, then base64."""
    return base64.standard_b64encode(zlib.compress(data)).decode("ascii")


def tagged(name: str, value: JSON) -> JSON:
    """A value with the name of its type."""
    return {"__type__": name, "__value__": value}


def ndarray(tensor: Tensor) -> JSON:
    """An array."""
    return tagged("ndarray", packed(npy(tensor)))


def instant(seconds: float) -> JSON:
    """A point in time, from seconds since 1970."""
    return tagged("datetime", datetime.fromtimestamp(seconds, UTC).isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class Bits:
    """What a classical register held: for each element of `shape` and each shot, ceil(num_bits / 8) bytes.

    The most significant byte comes first, and the bits of the register end at the least significant bit.
    """

    shape: Shape
    shots: int
    num_bits: int
    raw: bytes

    @property
    def stride(self) -> int:
        """How many bytes a shot takes."""
        return -(-self.num_bits // 8)

    def samples(self) -> list[str]:
        """All shots as hexadecimal numbers, element by element."""
        stride = self.stride
        if not stride:
            return ["0x0"] * (math.prod(self.shape) * self.shots)
        return [hex(int.from_bytes(self.raw[at : at + stride])) for at in range(0, len(self.raw), stride)]


Field: TypeAlias = "Bits | Tensor"


def _field(value: Field) -> JSON:
    if isinstance(value, Bits):
        raw = Tensor("|u1", (*value.shape, value.shots, value.stride), value.raw)
        return tagged("BitArray", {"array": ndarray(raw), "num_bits": value.num_bits})
    return ndarray(value)


def data_bin(shape: Shape, fields: Mapping[str, Field]) -> JSON:
    """The data of a pub. Clients up to 0.23 and the published schemas want the types of the fields beside them."""
    return tagged(
        "DataBin",
        {
            "field_names": list(fields),
            "field_types": ["BitArray" if isinstance(value, Bits) else "ndarray" for value in fields.values()],
            "shape": list(shape),
            "fields": {name: _field(value) for name, value in fields.items()},
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PubAnswer:
    """What one pub gave."""

    shape: Shape
    fields: Mapping[str, Field]
    metadata: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """That these pubs, with so many elements and shots each, were executed between two instants."""

    start: float
    stop: float
    pubs: Sequence[tuple[Shape, int]]


def spans(recorded: Sequence[Span]) -> JSON:
    """When what was executed. Clients before 0.41 leave it a dictionary."""
    first, encoded = 0, []
    for span in recorded:
        slices = {
            str(first + index): [[*shape, shots], 0, max(math.prod(shape), 1), 0, shots]
            for index, (shape, shots) in enumerate(span.pubs)
        }
        first += len(span.pubs)
        value = {"start": instant(span.start), "stop": instant(span.stop), "data_slices": slices}
        encoded.append(tagged("DoubleSliceSpan", value))
    return tagged("ExecutionSpans", {"spans": encoded})


def sampler_result(answers: Sequence[PubAnswer], span: Span, *, plain: bool = False) -> str:
    """The JSON text of a Sampler's result; `plain` for clients that know no types of Python's."""
    if plain:
        return dumps({"results": [_plain(answer) for answer in answers], "metadata": {}})
    pubs = [_pub("SamplerPubResult", answer) for answer in answers]
    metadata = {"execution": {"execution_spans": spans([span])}, "version": 2}
    return dumps(tagged("PrimitiveResult", {"pub_results": pubs, "metadata": metadata}))


def estimator_result(answers: Sequence[PubAnswer], metadata: JSON, *, plain: bool = False) -> str:
    """The JSON text of an Estimator's result."""
    if plain:
        return dumps({"results": [_plain(answer) for answer in answers], "metadata": metadata})
    pubs = [_pub("PubResult", answer) for answer in answers]
    return dumps(tagged("PrimitiveResult", {"pub_results": pubs, "metadata": metadata}))


def _pub(name: str, answer: PubAnswer) -> JSON:
    return tagged(name, {"data": data_bin(answer.shape, answer.fields), "metadata": answer.metadata})


def _plain(answer: PubAnswer) -> JSON:
    """Without Python's types. Evidence: the published client in C reads `samples` and `num_bits` of each register.

    What it looks like for anything but a register is a guess: nested lists.
    """
    data = {
        name: {"samples": value.samples(), "num_bits": value.num_bits} if isinstance(value, Bits) else nested(value)
        for name, value in answer.fields.items()
    }
    return {"data": data, "metadata": answer.metadata}


def nested(tensor: Tensor) -> JSON:
    """The numbers of a tensor as lists in lists; a complex number is a pair."""
    numbers = array("d")
    numbers.frombytes(tensor.raw)
    flat: list[JSON] = list(numbers)
    if tensor.descr == "<c16":
        flat = [[flat[at], flat[at + 1]] for at in range(0, len(flat), 2)]
    for size in reversed(tensor.shape):
        flat = [flat[at : at + size] for at in range(0, len(flat), size)] if size else []
    return flat[0] if flat else []


def dumps(value: JSON) -> str:
    """JSON text. Numbers that JSON does not know are not written: ValueError."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
