"""Expressions that other packages wrote."""

from __future__ import annotations

import pytest

from mock_runtime.execution.primitives.refusals import JobRefused
from mock_runtime.execution.primitives.symbols import check_replay, check_sympy, symengine_text

HEAD = b"\x01\x00\x00\r\x00"
THETA = b"\r\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00t"


def new(number: int) -> bytes:
    """The mark of a new object."""
    return bytes([number, 0, 0, 0x80])


def integer(text: bytes) -> bytes:
    """An integer, as its digits."""
    return b"\x00\x00\x00\x00" + bytes([len(text)]) + bytes(7) + text


def test_a_sum_is_written_out() -> None:
    """A constant, and terms with factors."""
    half = b"\x06\x00\x00\x00" + b"\x00\x00\x00\x00\x00\x00\xe0\x3f"
    dump = (
        HEAD
        + new(1)
        + b"\x10\x00\x00\x00"
        + new(2)
        + integer(b"2")
        + b"\x01"
        + bytes(7)
        + new(3)
        + THETA
        + new(4)
        + half
    )
    assert symengine_text(dump) == "((2) + (t*(0.5)))"


def test_a_part_that_was_there_before_is_known_by_its_number() -> None:
    """A base and its exponent."""
    assert symengine_text(HEAD + new(1) + b"\x11\x00\x00\x00" + new(2) + THETA + b"\x02\x00\x00\x00") == "(t**t)"


@pytest.mark.parametrize(
    ("dump", "sentence"),
    [
        (b"", "no dump"),
        (b"\x00\x00\x00\r\x00", "no dump"),
        (HEAD, "malformed"),
        (HEAD + new(1) + b"\x0c\x00\x00\x00" + bytes(30), "kind 12"),
        (HEAD + new(1) + b"\r\x00\x00\x00\x01" + bytes(40), "kind 13"),
        (HEAD + b"\x09\x00\x00\x00", "not there"),
        (HEAD + new(1) + THETA + b"more", "goes on"),
        (HEAD + new(1) + integer(b"9" * 200), "too long"),
        (HEAD + new(1) + b"\r\x00\x00\x00\x00" + b"\xff" * 8, "malformed"),
        (HEAD + b"".join(new(number) + b"#\x00\x00\x00" for number in range(1, 100)), "too deeply"),
        (HEAD + new(1) + b"\x06\x00\x00\x00" + b"\x00\x00\x00\x00\x00\x00\xf0\x7f", "not finite"),
    ],
)
def test_what_is_not_understood_is_refused(dump: bytes, sentence: str) -> None:
    """Symbols with a pickle in them (kind 13 with a flag) above all."""
    with pytest.raises(JobRefused, match=sentence):
        symengine_text(dump)


@pytest.mark.parametrize("text", [b"(" * 100, b"Integer(" + b"9" * 30 + b")", b"\xff", b"-" * 200])
def test_texts_that_would_cost_too_much_are_refused(text: bytes) -> None:
    """Too deep, too long, or no text."""
    with pytest.raises(JobRefused):
        check_sympy(text)


def test_digits_after_a_point_may_be_many() -> None:
    """As those of floats are; digits before it may not."""
    check_sympy(b"Float('3.1415926535897931159979634685441851615905761718750', precision=53)")
    with pytest.raises(JobRefused):
        check_sympy(b"Float('31415926535897931159979634685441851615905761718750.0', precision=53)")


def test_a_list_of_operations_has_an_end() -> None:
    """A megabyte."""
    with pytest.raises(JobRefused, match="too long"):
        check_replay(bytes(2**20 + 1))
