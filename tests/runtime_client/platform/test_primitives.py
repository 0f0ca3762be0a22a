"""The results of Sampler and Estimator: both forms read without Qiskit, and everything else refused."""

from __future__ import annotations

import base64
import copy
import json
import struct
import zlib
from typing import Any

import pytest

from runtime_client import ContractViolation
from runtime_client.platform import JobResult, PrimitiveResult, Register, arrays
from runtime_client.platform.arrays import NotAnArrayError, parsed, unpacked


def npy(descr: str, shape: tuple[int, ...] | str, data: bytes, *, fortran: bool = False, version: int = 1) -> bytes:
    """Return an `.npy` file, as numpy writes it."""
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}".encode() + b"\n"
    size = len(header).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + header + data


def ndarray(*npy_args: Any, **options: Any) -> dict[str, str]:
    """Return the tagged form of an array."""
    packed = base64.b64encode(zlib.compress(npy(*npy_args, **options))).decode()
    return {"__type__": "ndarray", "__value__": packed}


def tagged(fields: dict[str, Any], shape: list[int]) -> dict[str, Any]:
    """Return the tagged form of a result of one pub."""
    data = {"__type__": "DataBin", "__value__": {"field_names": list(fields), "shape": shape, "fields": fields}}
    pub = {"__type__": "SamplerPubResult", "__value__": {"data": data, "metadata": {"shots": 2}}}
    return {"__type__": "PrimitiveResult", "__value__": {"pub_results": [pub], "metadata": {"version": 2}}}


def bits(shape: tuple[int, ...], raw: bytes, num_bits: int) -> dict[str, Any]:
    """Return the tagged form of a register."""
    array = ndarray("|u1", shape, raw)
    return {"__type__": "BitArray", "__value__": {"array": array, "num_bits": num_bits}}


def read(value: object) -> PrimitiveResult:
    """Return the result in a JSON value."""
    return JobResult(text=json.dumps(value)).primitive()


def test_plain_sampler() -> None:
    """Reads what jobs without `support_qiskit` get."""
    plain = {"c": {"samples": ["0x3", "0x0", "0x3"], "num_bits": 2}}
    result = read({"results": [{"data": plain, "metadata": {"a": 1}}], "metadata": {}})
    register = result[0].data.c
    assert (register.samples, register.num_bits, register.shape, register.num_shots) == (
        ("0x3", "0x0", "0x3"),
        2,
        (),
        3,
    )
    assert register.bitstrings() == ("11", "00", "11")
    assert register.counts() == {"11": 2, "00": 1}
    assert register.elements() is register
    assert result[0].metadata == {"a": 1}
    assert len(result) == 1
    assert result[:1] == result.pubs


def test_plain_estimator() -> None:
    """Leaves numbers and nested lists as they are."""
    result = read({"results": [{"data": {"evs": [0.5, -1.0], "stds": 0.1}}]})
    assert result[0].data.evs == [0.5, -1.0]
    assert dict(result[0].data) == {"evs": [0.5, -1.0], "stds": 0.1}
    assert result.metadata == {}


def test_tagged_sampler() -> None:
    """Reads registers of more than a byte, for each element of a pub, the most significant byte first."""
    raw = bytes([0b10, 0, 0, 1, 0b11, 255, 0, 0])
    result = read(tagged({"c": bits((2, 2, 2), raw, 10)}, [2]))
    register = result[0].data["c"]
    assert register.samples == ("0x200", "0x1", "0x3ff", "0x0")
    assert (register.shape, register.num_shots) == ((2,), 2)
    assert [element.counts() for element in register.elements()] == [
        {"1000000000": 1, "0000000001": 1},
        {"1111111111": 1, "0000000000": 1},
    ]
    assert result[0].data.shape == (2,)
    assert (result.metadata, result[0].metadata) == ({"version": 2}, {"shots": 2})


def test_a_register_without_bits() -> None:
    """Has samples all the same, as many as there were shots."""
    register = read(tagged({"c": bits((3, 0), b"", 0)}, []))[0].data.c
    assert (register.samples, register.counts(), register.num_shots) == (("0x0",) * 3, {"": 3}, 3)
    assert Register(samples=(), num_bits=1, shape=(0,)).num_shots == 0


def test_tagged_estimator() -> None:
    """Reads arrays as nested lists, and one without dimensions as its number."""
    values = struct.pack("<6d", *range(6))
    fields = {"evs": ndarray("<f8", (2, 3), values), "stds": ndarray("<f8", (), values[8:16]), "other": {"a": 1}}
    data = read(tagged(fields, [2, 3]))[0].data
    assert data.evs == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert data.stds == 1.0
    assert data.other == {"a": 1}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (npy(">i2", (2,), struct.pack(">2h", -1, 5)), [-1, 5]),
        (npy("<c16", (1,), struct.pack("<2d", 1, -2)), [1 - 2j]),
        (npy("|b1", (2,), b"\x00\x01"), [False, True]),
        (npy("|u1", (2, 3), bytes(range(6)), fortran=True), [[0, 2, 4], [1, 3, 5]]),
        (npy("|u1", (2, 2), bytes(range(4)), version=2), [[0, 1], [2, 3]]),
        (npy("<f8", (0,), b""), []),
        (npy("<f8", (2, 0), b""), [[], []]),
        (npy("<f8", (0, 2), b""), []),
        (npy("<f8", (2, 0, 3), b""), [[], []]),
        (npy("|u1", (2, 1, 2), bytes(range(4))), [[[0, 1]], [[2, 3]]]),
    ],
)
def test_arrays(raw: bytes, expected: object) -> None:
    """Reads what numpy writes, as numpy's own tolist gives it."""
    assert parsed(raw).tolist() == expected


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "no .npy file"),
        (b"\x93NUMPY\x01\x00\xff\xff" + b"x" * 9, "not numpy's"),
        (npy("|O", (1,), b"x"), "of objects"),
        (npy("<f16", (1,), b"x" * 16), "an array of f16"),
        (npy("<f8", (2,), b"x" * 8), "8 bytes for 2 values"),
        (npy("<f8", (0, 10**9), b""), "too large"),
        (npy("<f8", (10**11, 0), b""), "a shape that no array has"),
        (npy("<f8", (1,) * 33, b"x" * 8), "a shape that no array has"),
        (npy("<f8", "(1 1,)", b"x" * 8), "a shape that no array has"),
    ],
)
def test_arrays_that_are_none(raw: bytes, message: str) -> None:
    """Refuses what is none, and what would take memory without end, and runs nothing that is in it."""
    with pytest.raises(NotAnArrayError, match=message):
        parsed(raw)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("é", "not base64"),
        ("AAAA", "not base64 of something compressed"),
        (base64.b64encode(zlib.compress(b"x" * 99)[:-5]).decode(), "cut off"),
        (base64.b64encode(zlib.compress(b"\0" * 5001)).decode(), "more than 5000 bytes"),
    ],
)
def test_texts_that_are_no_arrays(monkeypatch: pytest.MonkeyPatch, text: str, message: str) -> None:
    """Refuses them, and a small text that becomes a huge one."""
    monkeypatch.setattr(arrays, "_MOST_BYTES", 5000)
    with pytest.raises(NotAnArrayError, match=message):
        unpacked(text)


REGISTER = bits((1, 1), b"\x01", 1)
BROKEN: dict[str, tuple[object, str]] = {
    "not an object": ([], "the body: expected an object"),
    "no results": ({}, "the body: expected an object with the property 'results'"),
    "no data": ({"results": [{}]}, "/results/0: expected an object with the property 'data'"),
    "samples of numbers": (
        {"results": [{"data": {"c": {"samples": [1], "num_bits": 1}}}]},
        "samples/0: expected a str",
    ),
    "no hexadecimal": ({"results": [{"data": {"c": {"samples": ["z"], "num_bits": 1}}}]}, "expected a hexadecimal"),
    "too many bits": ({"results": [{"data": {"c": {"samples": [], "num_bits": 2**40}}}]}, "expected a number of bits"),
    "another pub": (
        {"__type__": "PrimitiveResult", "__value__": {"pub_results": [{}]}},
        "expected the result of a pub",
    ),
    "another bin": (
        {
            "__type__": "PrimitiveResult",
            "__value__": {"pub_results": [{"__type__": "PubResult", "__value__": {"data": 1}}]},
        },
        "expected a DataBin",
    ),
    "too narrow": (tagged({"c": bits((1, 1), b"\x01", 9)}, []), "an array whose last dimension is 2"),
    "without shots": (tagged({"c": bits((1,), b"\x01", 1)}, []), "an array whose last dimension is 1"),
    "no array": (tagged({"c": {"__type__": "BitArray", "__value__": {"array": [], "num_bits": 1}}}, []), "an ndarray"),
    "a broken array": (tagged({"evs": {"__type__": "ndarray", "__value__": "x"}}, []), "expected an array, found not"),
    "not bytes": (
        tagged(
            {"c": {"__type__": "BitArray", "__value__": {"array": ndarray("<i8", (1, 1), b"\xff" * 8), "num_bits": 1}}},
            [],
        ),
        "expected an array of bytes",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_result_of_a_primitive(name: str) -> None:
    """Says where it is not."""
    value, message = BROKEN[name]
    with pytest.raises(ContractViolation, match=message) as caught:
        read(value)
    assert caught.value.operation == "get_job_results_jid"


def test_names_that_are_not_there() -> None:
    """Names what is there instead; data can be copied like any value."""
    data = read(tagged({"c": REGISTER}, []))[0].data
    with pytest.raises(AttributeError, match="this result has no 'meas'; it has c"):
        _ = data.meas
    assert copy.deepcopy(data).c == data.c
    assert repr(data) == "DataBin(c, shape=())"
    assert len(data) == 1
    with pytest.raises(AttributeError, match="it has nothing"):
        _ = read({"results": [{"data": {}}]})[0].data.c


def test_text_that_is_no_json() -> None:
    """Refuses the traceback of a job that failed."""
    with pytest.raises(ContractViolation, match="expected JSON"):
        JobResult(text="Traceback ...").primitive()
