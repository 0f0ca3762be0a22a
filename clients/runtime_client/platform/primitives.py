"""The results of Sampler and Estimator as values, without Qiskit: what each pub measured or estimated.

.. code-block:: python

    result = client.job(job_id).result().primitive()
    result[0].data.c.counts()          # a Sampler's register: {"00": 2043, "11": 2053}
    result[0].data.c.samples[:2]       # ("0x0", "0x3")
    result[0].data.evs                 # an Estimator's expectation values, lists of the pub's shape, or a number

Both forms are read: the plain one, which jobs without `support_qiskit` get, and the tagged one of Qiskit's clients.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from runtime_client.platform.arrays import NotAnArrayError, nested, unpacked
from runtime_client.platform.bounds import INT32
from runtime_client.wire import JsonValue, Node

if TYPE_CHECKING:
    from runtime_client.platform.arrays import NdArray

_TYPE, _VALUE = "__type__", "__value__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What a classical register held at each shot.

    `samples` are hexadecimal numbers such as "0x3", the shots of one element of the pub after those of another;
    `num_bits` is the width of the register. `shape` is that of the pub, empty for one without parameters and where the
    result does not say.
    """

    samples: tuple[str, ...] = field(repr=False)
    num_bits: int
    shape: tuple[int, ...] = ()

    @property
    def num_shots(self) -> int:
        """How many shots each element of the pub had."""
        elements = math.prod(self.shape)
        return len(self.samples) // elements if elements else 0

    def bitstrings(self) -> tuple[str, ...]:
        """Return the samples as text of `num_bits` zeros and ones, the last bit of the register first."""
        return tuple(self._bits(sample) for sample in self.samples)

    def counts(self) -> dict[str, int]:
        """Return how often each text of zeros and ones came, the most frequent first."""
        return {self._bits(sample): count for sample, count in Counter(self.samples).most_common()}

    def elements(self) -> Any:
        """Return a register for each element of the pub, in lists of its shape; itself for a pub without one."""
        shots = self.num_shots
        cut = [
            Register(samples=self.samples[at : at + shots], num_bits=self.num_bits)
            for at in range(0, len(self.samples), max(shots, 1))
        ]
        return nested(cut, self.shape) if self.shape else self

    def _bits(self, sample: str) -> str:
        return f"{int(sample, 16):0{self.num_bits}b}" if self.num_bits else ""


class DataBin(Mapping[str, Any]):
    """What one pub gave, by name: `data.c` and `data["c"]` are the same.

    A register of bits is a `Register`; an array is nested lists of numbers, or a number; what is neither is the JSON
    that it was.
    """

    __slots__ = ("_fields", "shape")

    def __init__(self, fields: Mapping[str, Any], shape: tuple[int, ...] = ()) -> None:
        self._fields = dict(fields)
        self.shape = shape

    def __repr__(self) -> str:
        return f"DataBin({', '.join(self._fields)}, shape={self.shape})"

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __getattr__(self, name: str) -> Any:
        if name in DataBin.__slots__:
            # Copies are made without __init__, and ask for names before there are any.
            raise AttributeError(name)
        if name in self._fields:
            return self._fields[name]
        raise AttributeError(f"this result has no {name!r}; it has {', '.join(self._fields) or 'nothing'}", name=name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class PubResult:
    """What one pub gave: its `data`, and `metadata` as JSON."""

    data: DataBin
    metadata: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimitiveResult(Sequence[PubResult]):
    """What a Sampler or an Estimator gave: a `PubResult` for each pub, in order, and `metadata` as JSON."""

    pubs: tuple[PubResult, ...]
    metadata: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)

    @overload
    def __getitem__(self, index: int) -> PubResult: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PubResult]: ...
    def __getitem__(self, index: int | slice) -> PubResult | Sequence[PubResult]:
        return self.pubs[index]

    def __len__(self) -> int:
        return len(self.pubs)


def primitive_result(root: Node) -> PrimitiveResult:
    """Return the result of a primitive; raises `ContractViolation` for what is none."""
    if _tag(root) == "PrimitiveResult":
        value = root.required(_VALUE)
        pubs, read = value.required("pub_results"), _tagged_pub
    else:
        value = root
        pubs, read = value.required("results"), _plain_pub
    return PrimitiveResult(pubs=tuple(read(node) for node in pubs.items()), metadata=_metadata(value))


def _tag(node: Node) -> str | None:
    name = node.value.get(_TYPE) if isinstance(node.value, dict) else None
    return name if isinstance(name, str) else None


def _metadata(node: Node) -> dict[str, JsonValue]:
    return node.optional("metadata", Node.mapping) or {}


def _plain_pub(node: Node) -> PubResult:
    data = node.required("data")
    return PubResult(data=_fields(data, _plain_field), metadata=_metadata(node))


def _tagged_pub(node: Node) -> PubResult:
    if _tag(node) not in {"SamplerPubResult", "PubResult"}:
        node.fail("the result of a pub", "something else")
    value = node.required(_VALUE)
    data = value.required("data")
    if _tag(data) != "DataBin":
        data.fail("a DataBin", "something else")
    inside = data.required(_VALUE)
    shape = tuple(inside.optional("shape", lambda sizes: [size.integer(at_least=0) for size in sizes.items()]) or ())
    return PubResult(data=_fields(inside.required("fields"), _tagged_field, shape), metadata=_metadata(value))


def _fields(node: Node, read: Callable[[Node], Any], shape: tuple[int, ...] = ()) -> DataBin:
    return DataBin({name: read(value) for name, value in node.properties()}, shape)


def _plain_field(node: Node) -> Any:
    if not (isinstance(node.value, dict) and {"samples", "num_bits"} <= set(node.value)):
        return node.value
    samples = tuple(_sample(sample) for sample in node.required("samples").items())
    return Register(samples=samples, num_bits=_num_bits(node))


def _sample(node: Node) -> str:
    text = node.string()
    try:
        int(text, 16)
    except ValueError:
        node.fail("a hexadecimal number", "another string")
    return text


def _num_bits(node: Node) -> int:
    found = node.required("num_bits")
    bits = found.integer(at_least=0)
    return bits if bits <= INT32 else found.fail("a number of bits", "a larger one")


def _tagged_field(node: Node) -> Any:
    kind = _tag(node)
    if kind == "ndarray":
        return _array(node).tolist()
    if kind != "BitArray":
        return node.value
    inside = node.required(_VALUE)
    array, bits = _array(inside.required("array")), _num_bits(inside)
    stride = -(-bits // 8)
    if len(array.shape) < 2 or array.shape[-1] != stride:
        inside.fail(f"an array whose last dimension is {stride}", f"the shape {array.shape}")
    try:
        raw = bytes(array.values)
    except (TypeError, ValueError):
        inside.fail("an array of bytes", "other numbers")
    if not stride:
        samples = ("0x0",) * math.prod(array.shape[:-1])
    else:
        samples = tuple(hex(int.from_bytes(raw[at : at + stride])) for at in range(0, len(raw), stride))
    return Register(samples=samples, num_bits=bits, shape=array.shape[:-2])


def _array(node: Node) -> NdArray:
    if _tag(node) != "ndarray":
        node.fail("an ndarray", "something else")
    inside = node.required(_VALUE)
    try:
        return unpacked(inside.string())
    except NotAnArrayError as error:
        inside.fail("an array", str(error))
