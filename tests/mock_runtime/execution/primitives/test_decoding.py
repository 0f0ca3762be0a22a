"""Inputs that strangers packed."""

from __future__ import annotations

import base64
import pickle
import struct
import zlib
from typing import Any

import pytest

from mock_runtime.execution.primitives.decoding import (
    Budget,
    Numbers,
    broadcast,
    numbers,
    read_npy,
    read_numbers,
    tag_of,
    unpacked,
)
from mock_runtime.execution.primitives.encoding import Tensor, floats, ndarray, npy, packed
from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge


def budget(payload_bytes: int = 10_000) -> Budget:
    """Room for so many bytes."""
    return Budget(Limits(payload_bytes=payload_bytes, payloads_bytes=2 * payload_bytes))


def header(text: str, body: bytes = b"") -> bytes:
    """An .npy file with a header of one's own."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    """A gigabyte of zeros in a megabyte of base64."""
    bomb = base64.b64encode(zlib.compress(bytes(50_000_000))).decode()
    with pytest.raises(TooLarge, match="unpacks to more than 10000 bytes"):
        unpacked(bomb, "a circuit", budget())


def test_all_payloads_together_are_bounded() -> None:
    """The third that would fit alone does not fit any more."""
    room = budget()
    text = packed(bytes(9_000))
    unpacked(text, "an array", room)
    unpacked(text, "an array", room)
    with pytest.raises(TooLarge, match="more than 2000 bytes"):
        unpacked(text, "an array", room)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("%%%", "not base64"),
        (base64.b64encode(b"no zlib").decode(), "not zlib-compressed"),
        (base64.b64encode(zlib.compress(b"some bytes")[:-4]).decode(), "cut off"),
        (7, "must be a base64 text"),
        ("ü", "not base64"),
    ],
)
def test_what_is_not_packed_is_refused(text: object, sentence: str) -> None:
    """With a sentence about what it is not."""
    with pytest.raises(JobRefused, match=sentence):
        unpacked(text, "a circuit", budget())


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "no .npy file"),
        (header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", pickle.dumps([1])), "not understood"),
        (header("{'descr': '|O8', 'fortran_order': False, 'shape': (1,), }", bytes(8)), "'\\|O8'|not understood"),
        (header("__import__('os').system('true')"), "not understood"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }", bytes(8)), "does not fit its data"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "9" * 18 + ",), }"), "does not fit its data"),
        (header("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "1, " * 40 + "), }"), "not understood"),
        (header("{'descr': '<U8', 'fortran_order': False, 'shape': (1,), }", bytes(32)), "not understood"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\x7f", "not understood"),
    ],
)
def test_an_array_is_numbers_or_nothing(raw: bytes, sentence: str) -> None:
    """Pickles, expressions, texts and sizes that lie are refused."""
    with pytest.raises(JobRefused, match=sentence):
        read_npy(raw)


def test_a_long_row_of_digits_is_refused_at_once() -> None:
    """The header is matched without trying all ways to cut it."""
    with pytest.raises(JobRefused, match="not understood"):
        read_npy(header("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "1" * 4000 + "x), }"))


def test_arrays_in_the_order_of_fortran_are_turned() -> None:
    """First index fastest in the file, last index fastest afterwards."""
    raw = header("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", bytes([0, 3, 1, 4, 2, 5]))
    assert read_npy(raw) == Tensor("|u1", (2, 3), bytes(range(6)))


def test_numbers_that_are_not_finite_are_refused() -> None:
    """As angles they mean nothing."""
    with pytest.raises(JobRefused, match="not finite"):
        numbers(floats([float("inf")], (1,)))


def test_complex_numbers_are_no_angles() -> None:
    """Parameters are real."""
    with pytest.raises(JobRefused, match="real numbers"):
        numbers(Tensor("<c16", (1,), bytes(16)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, Numbers((), (0.5,))),
        ([1, 2.5], Numbers((2,), (1.0, 2.5))),
        ([[1], [2]], Numbers((2, 1), (1.0, 2.0))),
        ([], Numbers((0,), ())),
        (ndarray(floats([3.0], (1,))), Numbers((1,), (3.0,))),
        ({"__type__": "ndarray", "__value__": [1, 2]}, Numbers((2,), (1.0, 2.0))),
    ],
)
def test_numbers_come_in_many_forms(value: object, expected: Numbers) -> None:
    """Packed, as lists, alone."""
    assert read_numbers(value, "values", budget()) == expected


@pytest.mark.parametrize("value", [[[1], 2], [[1], [2, 3]], ["a"], [True], [None], [10**400], {"a": 1}])
def test_what_is_no_array_of_numbers_is_refused(value: object) -> None:
    """Ragged, no numbers, or too large."""
    with pytest.raises(JobRefused):
        read_numbers(value, "values", budget())


def test_lists_deep_in_lists_are_refused() -> None:
    """Before anything recurses."""
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    with pytest.raises(JobRefused, match="more than 16 dimensions"):
        read_numbers(deep, "values", budget())


@pytest.mark.parametrize("name", ["settings", "_json", "to_json", "Result", "spmatrix", "os", 7])
def test_types_that_would_import_something_are_refused(name: object) -> None:
    """The client's own decoder imports the module that such a value names."""
    with pytest.raises(JobRefused, match="not accepted as inputs"):
        tag_of({"__type__": name, "__module__": "os", "__class__": "system", "__value__": {"command": "true"}})


def test_a_known_type_with_more_members_is_refused() -> None:
    """Nothing may hide beside a value."""
    with pytest.raises(JobRefused, match="members that are not understood"):
        tag_of({"__type__": "ndarray", "__value__": "", "__module__": "os"})


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [((), (), ()), ((3, 1), (2,), (3, 2)), ((1,), (4, 5), (4, 5)), ((0,), (1,), (0,))],
)
def test_shapes_are_combined_as_numpy_combines_them(
    first: tuple[int, ...], second: tuple[int, ...], together: tuple[int, ...]
) -> None:
    """Ones are stretched."""
    assert broadcast(first, second, "they") == together


def test_shapes_that_do_not_fit_are_refused() -> None:
    """Two and three are not the same."""
    with pytest.raises(JobRefused, match="do not fit"):
        broadcast((2,), (3,), "they")


def test_our_own_arrays_of_every_type_are_read() -> None:
    """Bytes, booleans, integers and doubles."""
    for descr, raw in (
        ("|u1", b"\x01"),
        ("|b1", b"\x01"),
        ("<i8", struct.pack("<q", 1)),
        ("<f4", struct.pack("<f", 1)),
    ):
        assert numbers(read_npy(npy(Tensor(descr, (1,), raw)))).values == (1.0,)
