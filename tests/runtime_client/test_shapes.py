"""Shapes: each reads what fits, says where something else stands, and takes nothing that a schema would refuse."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import pytest

from runtime_client import ContractViolation
from runtime_client.shapes import (
    AnyOf,
    Anything,
    Array,
    Choice,
    Integer,
    Model,
    Nullable,
    Number,
    Object,
    OneOf,
    Record,
    Shape,
    Text,
    Truth,
    checked,
    properties_of,
)
from runtime_client.wire import Answer, Node


class Colour(enum.Enum):
    """A choice."""

    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner(Model):
    """A model inside another."""

    closed: ClassVar[bool] = True
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer(Model):
    """A model with one field of each kind."""

    id: str
    inner: Inner
    maybe: Annotated[str | None, Nullable(Text())] = None
    rest: tuple[Inner, ...] | None = None
    colour: Colour | None = None
    kind: str | None = field(default=None, metadata={"wire": "class"})


def read(shape: Shape[Any], value: object) -> Any:
    """Return what a shape makes of a value."""
    answer = Answer(operation="op", status=200, content_type=None, body=b"")
    return shape.read(Node(value=value, path="", answer=answer))


FITS: list[tuple[Shape[Any], object, object]] = [
    (Text(), "", ""),
    (Text(at_least=2, at_most=2), "\U0001f300\u00e4", "\U0001f300\u00e4"),
    (Text(pattern="b"), "abc", "abc"),
    (Text(pattern=r"^[a\s]$"), "\ufeff", "\ufeff"),
    (Text(pattern="^.*$"), "a\rb\u2028", "a\rb\u2028"),
    (Text(format="date"), "2024-02-29", "2024-02-29"),
    (Choice(Colour), "red", Colour.RED),
    (Integer(at_least=5, at_most=5), 5, 5),
    (Integer(), 5.0, 5),
    (Number(at_least=0.5, at_most=1), 0.5, 0.5),
    (Number(), 10**400, 10**400),
    (Truth(), False, False),
    (Anything(), None, None),
    (Object(Integer()), {"a": 1}, {"a": 1}),
    (Array(Integer(), 1, 2), [1, 2], (1, 2)),
    (Array(Text(), unique=True), ["a", "b"], ("a", "b")),
    (Nullable(Text()), None, None),
    (OneOf(Integer(), Text()), "a", "a"),
    (AnyOf(Integer(), Number()), 1, 1),
    (Record(Inner), {"n": 1}, Inner(n=1)),
    (Record(Outer), {"id": "i", "inner": {"n": 1}, "maybe": None}, Outer(id="i", inner=Inner(n=1))),
    (
        Record(Outer),
        {"id": "i", "inner": {"n": 1}, "rest": [{"n": 2}], "colour": "red", "class": "c", "other": 5},
        Outer(id="i", inner=Inner(n=1), rest=(Inner(n=2),), colour=Colour.RED, kind="c"),
    ),
]


@pytest.mark.parametrize(("shape", "value", "wanted"), FITS)
def test_what_fits(shape: Shape[Any], value: object, wanted: object) -> None:
    """Reads a value that fits."""
    assert read(shape, value) == wanted


FAILS: list[tuple[Shape[Any], object, str]] = [
    (Text(), 5, "the body: expected a string, found a number"),
    (Text(), None, "the body: expected a string, found null"),
    (Text(at_least=2), "a", "the body: expected a string of at least 2 characters, found one of 1"),
    (Text(at_most=1), "ab", "the body: expected a string of at most 1 characters, found one of 2"),
    (Text(pattern="^a$"), "a\n", "the body: expected a string that matches ^a$, found another string"),
    (Text(pattern="^.*$"), "a\nb", "the body: expected a string that matches ^.*$, found another string"),
    (Text(pattern=r"^\d$"), "\u0663", r"the body: expected a string that matches ^\d$, found another string"),
    (Text(pattern=r"^[a\s]$"), "\x1c", r"the body: expected a string that matches ^[a\s]$, found another string"),
    (Text(format="date"), "2026-02-29", "the body: expected a date of RFC 3339, found another string"),
    (Text(among=("a", "b")), "c", "the body: expected one of a, b, found another string"),
    (Choice(Colour), "blue", "the body: expected one of red, found another string"),
    (Integer(), True, "the body: expected an integer, found a boolean"),
    (Integer(), 5.5, "the body: expected an integer, found a number"),
    (Integer(at_least=1), 0, "the body: expected an integer of at least 1, found a smaller one"),
    (Integer(at_most=1), 10**30, "the body: expected an integer of at most 1, found a larger one"),
    (Number(), False, "the body: expected a number, found a boolean"),
    (Number(), "5", "the body: expected a number, found a string"),
    (Number(at_least=0), -(10**400), "the body: expected a number of at least 0, found a smaller one"),
    (Number(at_most=1), 1.5, "the body: expected a number of at most 1, found a larger one"),
    (Truth(), 0, "the body: expected a boolean, found a number"),
    (Object(Integer()), {"a/b~": "x"}, "/a~1b~0: expected an integer, found a string"),
    (Object(), [], "the body: expected an object, found an array"),
    (Array(Integer()), {}, "the body: expected an array, found an object"),
    (Array(Integer()), [1, None], "/1: expected an integer, found null"),
    (Array(Integer(), 1), [], "the body: expected an array of at least 1 items, found one of 0"),
    (Array(Integer(), 0, 1), [1, 2], "the body: expected an array of at most 1 items, found one of 2"),
    (Array(Text(), unique=True), ["a", "a"], "the body: expected an array without repetition, found an item twice"),
    (Nullable(Text()), 5, "the body: expected a string, found a number"),
    (OneOf(Integer(), Number()), 1, "the body: expected a value of one form, found one that can be read in two ways"),
    (OneOf(Record(Inner), Text()), {"n": "x"}, "/n: expected an integer, found a string"),
    (AnyOf(Integer(), Text()), None, "the body: expected an integer, found null"),
    (Record(Inner), {}, "the body: expected an object with the property 'n', found none of that name"),
    (Record(Inner), {"n": 1, "m": 1}, "the body: expected no properties but n, found another one"),
    (Record(Outer), {"id": "i", "inner": {"n": None}}, "/inner/n: expected an integer, found null"),
    (Record(Outer), {"id": "i", "inner": {"n": 1}, "colour": None}, "/colour: expected a string, found null"),
    (Record(Outer), {"id": "i", "inner": {"n": 1}, "class": 1}, "/class: expected a string, found a number"),
    (Record(Outer), [], "the body: expected an object, found an array"),
]


@pytest.mark.parametrize(("shape", "value", "detail"), FAILS)
def test_what_does_not_fit(shape: Shape[Any], value: object, detail: str) -> None:
    """Says where, what was expected and which type was found."""
    with pytest.raises(ContractViolation) as caught:
        read(shape, value)
    assert caught.value.detail == detail


def test_raw() -> None:
    """Keeps the object as it came at every level."""
    value = {"id": "i", "inner": {"n": 1}, "other": 5}
    found = read(Record(Outer), value)
    assert found.raw == value
    assert found.inner.raw == {"n": 1}


def test_annotations_that_say_nothing() -> None:
    """Refuses a model with a field that no shape is known for, when it is first used."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Odd(Model):
        """A model that cannot be read."""

        when: complex

    with pytest.raises(TypeError, match="no shape is known for"):
        properties_of(Odd)


def test_checked_arguments() -> None:
    """Tells a wrong type from a wrong value, and gives back what fits."""
    assert checked(Integer(at_most=5), 5, "n") == 5
    assert checked(Truth(), True, "flag") is True
    with pytest.raises(TypeError, match="n must be int, not bool"):
        checked(Integer(), True, "n")
    with pytest.raises(TypeError, match="n must be float, not str"):
        checked(Number(), "5", "n")
    with pytest.raises(ValueError, match="n: expected an integer of at most 5, found a larger one"):
        checked(Integer(at_most=5), 6, "n")
