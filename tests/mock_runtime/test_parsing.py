"""Strict reading of bodies, query parameters and form fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.parsing import (
    MalformedRequest,
    count_parameter,
    digits,
    flag_parameter,
    optional_text,
    optional_texts,
    parse_json,
    parse_object,
    required_text,
)

NOT_JSON = [
    (b"", "the body is not JSON: it is empty"),
    (b" \n", "the body is not JSON: it is empty"),
    (b"{", "the body is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
    (b"{} x", "the body is not JSON: Extra data at line 1, column 4"),
    (b"a=b", "the body is not JSON: Expecting value at line 1, column 1"),
    (b"\xff\xfe{", "the body is not UTF-8: byte 0 is 0xff"),
    (b'{"a": "\xc3"}', "the body is not UTF-8: byte 7 is 0xc3"),
    (b'{"a": NaN}', "the body is not readable JSON: NaN is not JSON"),
    (b"[-Infinity]", "the body is not readable JSON: -Infinity is not JSON"),
    (b"[" * 10_000 + b"]" * 10_000, "the body is not readable JSON: it is nested too deeply"),
    (b"1" * 5_000, "the body is not readable JSON: Exceeds the limit"),
    (
        "\ufeff{}".encode(),
        "the body is not JSON: Unexpected UTF-8 BOM (decode using utf-8-sig) at line 1, column 1",
    ),
]


@pytest.mark.parametrize(("body", "sentence"), NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_no_json_is_named(body: bytes, sentence: str) -> None:
    """With the place, where there is one."""
    with pytest.raises(MalformedRequest) as refused:
        parse_json(body)
    assert str(refused.value).startswith(sentence)


@given(st.binary(max_size=60))
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    """What is refused here the standard library cannot read as strict JSON either."""
    try:
        expected = json.dumps(json.loads(body.decode()), allow_nan=False)
    except (ValueError, RecursionError):
        with pytest.raises(MalformedRequest):
            parse_json(body)
    else:
        assert json.dumps(parse_json(body)) == expected


@pytest.mark.parametrize(
    ("body", "noun"),
    [(b"[]", "an array"), (b'"x"', "a string"), (b"true", "a boolean"), (b"null", "null"), (b"5", "a number")],
)
def test_an_object_is_asked_for(body: bytes, noun: str) -> None:
    """Anything else is called what it is."""
    with pytest.raises(MalformedRequest, match=f"^the body must be a JSON object, not {noun}$"):
        parse_object(body)


def test_a_text_may_be_asked_for() -> None:
    """Required or not, but never null."""
    fields = {"a": "x", "n": None, "i": 5}
    assert (required_text(fields, "a"), optional_text(fields, "a"), optional_text(fields, "b")) == ("x", "x", None)
    with pytest.raises(MalformedRequest, match=r"^'b' is missing$"):
        required_text(fields, "b")
    for read in (required_text, optional_text):
        with pytest.raises(MalformedRequest, match=r"^'n' must be a string, not null$"):
            read(fields, "n")
        with pytest.raises(MalformedRequest, match=r"^'i' must be a string, not a number$"):
            read(fields, "i")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("x", "'p' must be an array of strings, not a string"),
        (None, "'p' must be an array of strings, not null"),
        ({}, "'p' must be an array of strings, not an object"),
        ([1], r"'p\[0\]' must be a string, not a number"),
        (["x", False], r"'p\[1\]' must be a string, not a boolean"),
    ],
)
def test_an_array_of_texts_holds_texts(value: object, sentence: str) -> None:
    """The one that is not is named by its index."""
    with pytest.raises(MalformedRequest, match=f"^{sentence}$"):
        optional_texts({"p": value}, "p")


def test_an_array_of_texts_may_be_absent_or_empty() -> None:
    """Both mean none."""
    assert optional_texts({}, "p") == optional_texts({"p": []}, "p") == ()
    assert optional_texts({"p": ["a", "b"]}, "p") == ("a", "b")


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], 7), (["0"], 0), (["007"], 7), (["1", "2"], 2), (["9" * 900], 2**63)],
)
def test_a_count_is_a_whole_number(values: list[str], expected: int) -> None:
    """The last one counts, and a huge one is as good as infinite."""
    assert count_parameter(values, "limit", 7) == expected


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", "x", " 1", "٣", "²", "0x1", "1" * 1001])
def test_anything_else_is_no_count(text: str) -> None:
    """Not even digits of other alphabets."""
    with pytest.raises(MalformedRequest, match=r"^query parameter 'limit' must be a whole number, 0 or more, not '"):
        count_parameter([text], "limit", 7)


@pytest.mark.parametrize(
    ("values", "expected"), [([], None), (["true"], True), (["False"], False), (["true", "FALSE"], False)]
)
def test_a_flag_is_true_or_false(values: list[str], expected: bool | None) -> None:
    """In any case; the last one counts."""
    assert flag_parameter(values, "pending") is expected


@pytest.mark.parametrize("text", ["", "1", "yes", "tru"])
def test_anything_else_is_no_flag(text: str) -> None:
    """And is quoted."""
    with pytest.raises(MalformedRequest, match=f"^query parameter 'pending' must be true or false, not '{text}'$"):
        flag_parameter([text], "pending")


@pytest.mark.parametrize("text", ["", "-1", "1.5", "six", "٣", "1" * 4001])
def test_a_form_carries_seconds_in_digits(text: str) -> None:
    """Nothing else is a whole number of seconds."""
    assert digits("600", "cost") == 600
    with pytest.raises(MalformedRequest, match=r"^'cost' must be a whole number of seconds in decimal digits, not '"):
        digits(text, "cost")


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_what_is_json_comes_out_as_it_went_in(value: Any) -> None:
    """Lone surrogates and all, as long as they are escaped."""
    assert parse_json(json.dumps(value).encode()) == value
