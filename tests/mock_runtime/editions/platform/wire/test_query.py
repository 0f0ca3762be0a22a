"""Parameters of a query, strictly read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from mock_runtime.editions.platform.wire import query
from mock_runtime.parsing import MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Callable


def asked(text: str) -> Request:
    """A request with that query, as it stands in the request line."""
    return Request(EnvironBuilder(query_string=text).get_environ())


SINGLE: list[Callable[[Request, str], Any]] = [
    query.text,
    query.flag,
    query.instant,
    lambda request, name: query.choice(request, name, ("1", "true")),
    lambda request, name: query.required_choice(request, name, ("1", "true")),
    lambda request, name: query.number(request, name, default=1, lowest=1, highest=5),
]


@pytest.mark.parametrize("read", SINGLE)
def test_what_has_one_value_is_refused_when_it_is_there_twice(read: Callable[[Request, str], Any]) -> None:
    """Even if both are the same."""
    with pytest.raises(MalformedRequest, match="'x' is there more than once"):
        read(asked("x=1&x=1"), "x")


def test_what_is_not_there_is_none_or_its_default() -> None:
    """Keys with brackets are other keys."""
    request = asked("x[]=1&X=1")
    assert (query.text(request, "x"), query.flag(request, "x"), query.instant(request, "x")) == (None, None, None)
    assert query.texts(request, "x") == ()
    assert (query.choice(request, "x", ("a",)), query.choice(request, "x", ("a", "b"), "b")) == (None, "b")
    assert query.number(request, "x", default=7, lowest=1, highest=9) == 7


def test_a_text_is_decoded() -> None:
    """Percent signs, plus signs and UTF-8."""
    assert query.text(asked("x=a+b%2B%C3%A9"), "x") == "a b+é"


@pytest.mark.parametrize("sent", ["abc", "abcde"])
def test_a_text_can_have_bounds(sent: str) -> None:
    """Both are within it."""
    assert query.text(asked(f"x={sent}"), "x", at_least=3, at_most=5) == sent


@pytest.mark.parametrize("sent", ["", "ab", "abcdef"])
def test_a_text_out_of_its_bounds_is_refused(sent: str) -> None:
    """The sentence tells how long it was."""
    with pytest.raises(MalformedRequest, match=f"must have 3 to 5 characters, not {len(sent)}"):
        query.text(asked(f"x={sent}"), "x", at_least=3, at_most=5)


def test_a_text_can_have_a_lower_bound_alone() -> None:
    """The sentence then names no upper one."""
    with pytest.raises(MalformedRequest, match="at least 1 characters, not 0"):
        query.text(asked("x="), "x", at_least=1)


def test_a_line_is_a_text_without_a_break() -> None:
    """Spaces and other signs do not matter; its bounds count as well."""
    assert query.line(asked("x=a%0Db%20c"), "x", at_least=1, at_most=5) == "a\rb c"
    assert query.line(asked(""), "x") is None


@pytest.mark.parametrize("sent", ["%0A", "a%0A", "%0Aa", "a%0Ab"])
def test_a_text_of_several_lines_is_no_line(sent: str) -> None:
    """Wherever the break is."""
    with pytest.raises(MalformedRequest, match="'x' must be one line, not"):
        query.line(asked(f"x={sent}"), "x")


def test_arrays_are_repeated_keys() -> None:
    """Commas do not separate, and an empty text is one."""
    assert query.texts(asked("x=a&y=z&x=b,c&x="), "x") == ("a", "b,c", "")


def test_items_can_be_restricted() -> None:
    """To some texts, and in their number."""
    assert query.texts(asked("x=a&x=b"), "x", allowed=("a", "b"), at_most=2) == ("a", "b")
    with pytest.raises(MalformedRequest, match="one of a, b, not 'c'"):
        query.texts(asked("x=a&x=c"), "x", allowed=("a", "b"))
    with pytest.raises(MalformedRequest, match="2 times, not 3"):
        query.texts(asked("x=a&x=a&x=a"), "x", at_most=2)


@pytest.mark.parametrize(("sent", "expected"), [("true", True), ("True", True), ("FALSE", False), ("false", False)])
def test_a_flag_is_true_or_false_in_any_case(sent: str, expected: bool) -> None:
    """Python's spelling is what IBM's client sends."""
    assert query.flag(asked(f"x={sent}"), "x") is expected


@pytest.mark.parametrize("sent", ["", "1", "0", "yes", "null", "true%20", "truth"])
def test_nothing_else_is_a_flag(sent: str) -> None:
    """Nobody has to guess what was meant."""
    with pytest.raises(MalformedRequest, match="'x' must be true or false"):
        query.flag(asked(f"x={sent}"), "x")


def test_a_choice_is_one_of_the_allowed() -> None:
    """In exactly their spelling."""
    assert query.choice(asked("x=ASC"), "x", ("ASC", "DESC"), "DESC") == "ASC"
    with pytest.raises(MalformedRequest, match="one of ASC, DESC, not 'asc'"):
        query.choice(asked("x=asc"), "x", ("ASC", "DESC"), "DESC")


def test_a_choice_can_be_required() -> None:
    """Then none is refused."""
    assert query.required_choice(asked("x=a"), "x", ("a",)) == "a"
    with pytest.raises(MalformedRequest, match="'x' is missing: it must be one of a, b"):
        query.required_choice(asked(""), "x", ("a", "b"))


@pytest.mark.parametrize(("sent", "expected"), [("1", 1), ("5", 5), ("0004", 4)])
def test_a_number_is_read(sent: str, expected: int) -> None:
    """Both bounds are within it."""
    assert query.number(asked(f"x={sent}"), "x", default=3, lowest=1, highest=5) == expected


@pytest.mark.parametrize(
    "sent",
    ["", "0", "6", "-1", "1.0", "2.5", "1e0", "+1", "%201", "1%0A", "one", "%D9%A3", "%C2%B2", "1_0", "9" * 5000],
)
def test_what_is_no_number_between_the_bounds_is_refused(sent: str) -> None:
    """Digits of other scripts, and thousands of them, too."""
    with pytest.raises(MalformedRequest, match="'x' must be a whole number from 1 to 5, not"):
        query.number(asked(f"x={sent}"), "x", default=3, lowest=1, highest=5)


def test_numbers_can_be_negative_where_the_bounds_say_so() -> None:
    """A minus sign is read."""
    assert query.number(asked("x=-3"), "x", default=0, lowest=-5, highest=5) == -3


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("2026-01-02T03:04:05Z", 1_767_323_045.0),
        ("2026-01-02t03:04:05z", 1_767_323_045.0),
        ("2026-01-02T03:04:05.25Z", 1_767_323_045.25),
        ("2026-01-02T05:04:05%2B02:00", 1_767_323_045.0),
        ("2026-01-01T21:34:05-05:30", 1_767_323_045.0),
        ("2026-01-02T03:04:05-00:00", 1_767_323_045.0),
        ("2024-02-29T00:00:00Z", 1_709_164_800.0),
        ("1969-12-31T23:59:59Z", -1.0),
        ("2016-12-31T23:59:60Z", 1_483_228_800.0),
        ("2017-01-01T05:29:60%2B05:30", 1_483_228_800.0),
        ("2016-12-31T23:59:59.%s9Z" % ("9" * 500), 1_483_228_800.0),
        ("0001-01-01T00:00:00Z", query.EARLIEST),
        ("0001-01-01T00:00:00%2B23:59", query.EARLIEST),
        ("0000-02-29T00:00:00Z", query.EARLIEST),
        ("9999-12-31T23:59:59Z", query.LATEST),
        ("9999-12-31T23:59:59.5-23:59", query.LATEST),
    ],
)
def test_an_instant_is_read(sent: str, expected: float) -> None:
    """With any offset and fraction; what Python has no date for is moved to the nearest one that it has."""
    assert query.instant(asked(f"x={sent}"), "x") == expected


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "now",
        "1767323045",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "2026-01-02T03:04Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05%2B0200",
        "2026-01-02T03:04:05%2B24:00",
        "2026-01-02T03:04:05%2B02:60",
        "2026-13-02T03:04:05Z",
        "2026-02-29T03:04:05Z",
        "0000-13-01T00:00:00Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:05Z",
        "2026-01-02T03:04:61Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02T03:04:05Z%0A",
        "%D9%A2026-01-02T03:04:05Z",
        "12026-01-02T03:04:05Z",
    ],
)
def test_what_is_no_instant_is_refused(sent: str) -> None:
    """A date alone, one that does not exist, and one without an offset."""
    with pytest.raises(MalformedRequest, match="'x' must be an instant like 2026-01-02T03:04:05Z, not"):
        query.instant(asked(f"x={sent}"), "x")


def test_a_plus_sign_that_became_a_space_is_explained() -> None:
    """People who type a query do not expect that."""
    with pytest.raises(MalformedRequest, match="a plus sign is sent as %2B"):
        query.instant(asked("x=2026-01-02T03:04:05+02:00"), "x")
