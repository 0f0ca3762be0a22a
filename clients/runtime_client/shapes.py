"""Shapes: what an answer must look like, as values that read it; whatever does not fit is a `ContractViolation`.

A shape says what a JSON Schema says, in the same words: types, bounds, lengths, patterns, choices. `Record` takes it
from the annotations of a dataclass, so that a model and the strictness of its decoding are one text:

.. code-block:: python

    class Session(Model):
        id: str
        max_ttl: Annotated[int, Integer(at_least=1, at_most=2147483647)] | None = None

A field without a default has to be there. One with the default None may be absent; it may be null only where its shape
is `Nullable`.

Nothing here knows how answers arrive, so any client can use it.
"""

from __future__ import annotations

import enum
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar, cast

from runtime_client.errors import ContractViolation
from runtime_client.moments import is_date, is_moment
from runtime_client.wire import Answer, JsonValue, Node

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)
_E = TypeVar("_E", bound=enum.Enum)
_FORMATS = {"date": is_date, "date-time": is_moment}
# What the regular expressions of JSON Schema, which are those of ECMAScript, take for white space.
_SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


class Shape(Protocol[_T_co]):
    """Something that reads a value of an answer, or raises `ContractViolation`."""

    def read(self, node: Node, /) -> _T_co:
        """Return the value of `node`, decoded."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The base of everything decoded; `raw` is the object as it came, with the properties that nobody spelled out."""

    closed: ClassVar[bool] = False
    """True where the document allows no property that it does not name."""
    raw: Mapping[str, JsonValue] = field(default_factory=dict, repr=False, compare=False)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return the Python form of a pattern: ASCII digits, the white space of ECMAScript, and an end that is the end.

    White space is known inside of brackets only, where the document has it.
    """
    body = pattern.replace(r"\s", _SPACE)
    # Python's $ also matches before a line feed at the end.
    return re.compile(body[:-1] + r"\Z" if body.endswith("$") else body, re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string; lengths are counted in characters, `pattern` is searched for and `among` lists all that it may be.

    `format` is "date" or "date-time", as RFC 3339 has them.
    """

    kind: ClassVar[tuple[type, ...]] = (str,)
    at_least: int = 0
    at_most: int | None = None
    pattern: str | None = None
    format: Literal["date", "date-time"] | None = None
    among: tuple[str, ...] | None = None

    def read(self, node: Node, /) -> str:
        """Return the string."""
        text = node.string()
        if len(text) < self.at_least:
            node.fail(f"a string of at least {self.at_least} characters", f"one of {len(text)}")
        if self.at_most is not None and len(text) > self.at_most:
            node.fail(f"a string of at most {self.at_most} characters", f"one of {len(text)}")
        if self.pattern is not None and not _compiled(self.pattern).search(text):
            node.fail(f"a string that matches {self.pattern}", "another string")
        if self.format is not None and not _FORMATS[self.format](text):
            node.fail(f"a {self.format} of RFC 3339", "another string")
        if self.among is not None and text not in self.among:
            node.fail("one of " + ", ".join(self.among), "another string")
        return text


@dataclass(frozen=True, slots=True)
class Choice(Generic[_E]):
    """A string that is the value of a member of the enumeration `members`."""

    members: type[_E]

    def read(self, node: Node, /) -> _E:
        """Return the member."""
        text = node.string()
        for member in self.members:
            if member.value == text:
                return member
        return node.fail("one of " + ", ".join(str(member.value) for member in self.members), "another string")


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """An integer between bounds, which belong to it; 5.0 is one too, as JSON Schema has it."""

    kind: ClassVar[tuple[type, ...]] = (int,)
    at_least: int | None = None
    at_most: int | None = None

    def read(self, node: Node, /) -> int:
        """Return the integer."""
        value = node.integer(self.at_least)
        if self.at_most is not None and value > self.at_most:
            node.fail(f"an integer of at most {self.at_most}", "a larger one")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number between bounds, which belong to it."""

    kind: ClassVar[tuple[type, ...]] = (int, float)
    at_least: float | None = None
    at_most: float | None = None

    def read(self, node: Node, /) -> float:
        """Return the number, as an int where it was written as one."""
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            node.fail("a number")
        if self.at_least is not None and value < self.at_least:
            node.fail(f"a number of at least {self.at_least}", "a smaller one")
        if self.at_most is not None and value > self.at_most:
            node.fail(f"a number of at most {self.at_most}", "a larger one")
        return value


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean."""

    kind: ClassVar[tuple[type, ...]] = (bool,)

    def read(self, node: Node, /) -> bool:
        """Return the boolean."""
        return node.boolean()


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value at all, null too."""

    def read(self, node: Node, /) -> JsonValue:
        """Return the value as it came."""
        return node.value


@dataclass(frozen=True, slots=True)
class Object:
    """An object used as a map, with any keys; every value has the shape `values`."""

    values: Shape[Any] = Anything()

    def read(self, node: Node, /) -> dict[str, Any]:
        """Return the values by key."""
        return {name: self.values.read(value) for name, value in node.properties()}


@dataclass(frozen=True, slots=True)
class Array(Generic[_T_co]):
    """An array of items of one shape; `at_least` and `at_most` bound their number, `unique` forbids equal strings."""

    items: Shape[_T_co]
    at_least: int = 0
    at_most: int | None = None
    unique: bool = False

    def read(self, node: Node, /) -> tuple[_T_co, ...]:
        """Return the items."""
        nodes = list(node.items())
        if len(nodes) < self.at_least:
            node.fail(f"an array of at least {self.at_least} items", f"one of {len(nodes)}")
        if self.at_most is not None and len(nodes) > self.at_most:
            node.fail(f"an array of at most {self.at_most} items", f"one of {len(nodes)}")
        items = tuple(self.items.read(item) for item in nodes)
        if self.unique and len(set(items)) < len(items):
            node.fail("an array without repetition", "an item twice")
        return items


@dataclass(frozen=True, slots=True)
class Nullable(Generic[_T_co]):
    """A shape, or null."""

    shape: Shape[_T_co]

    def read(self, node: Node, /) -> _T_co | None:
        """Return the value, None for null."""
        return None if node.value is None else self.shape.read(node)


@dataclass(frozen=True, slots=True, init=False)
class OneOf:
    """Exactly one of several shapes: a value that fits two of them is refused like one that fits none."""

    shapes: tuple[Shape[Any], ...]
    exclusive: ClassVar[bool] = True

    def __init__(self, *shapes: Shape[Any]) -> None:
        object.__setattr__(self, "shapes", shapes)

    def read(self, node: Node, /) -> Any:
        """Return the value as the shape that it fits reads it."""
        found, refusals = [], []
        for shape in self.shapes:
            try:
                found.append(shape.read(node))
            except ContractViolation as refusal:
                refusals.append(refusal)
            if found and not self.exclusive:
                return found[0]
        if not found:
            # The shape that got furthest into the value is most likely the one that was meant.
            raise max(refusals, key=lambda refusal: refusal.detail.partition(":")[0].count("/"))
        if len(found) > 1:
            node.fail("a value of one form", "one that can be read in two ways")
        return found[0]


@dataclass(frozen=True, slots=True, init=False)
class AnyOf(OneOf):
    """One of several shapes; the first that fits reads the value."""

    exclusive: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Record(Generic[_T_co]):
    """An object with the properties of a dataclass; others are allowed and left to `raw`, unless it is `closed`."""

    model: type[_T_co]

    def read(self, node: Node, /) -> _T_co:
        """Return an instance of the model."""
        given = node.mapping()
        properties = properties_of(self.model)
        values: dict[str, Any] = {}
        for name, item in properties.items():
            if name in given:
                values[item.attribute] = item.shape.read(node.child(name, given[name]))
            elif item.required:
                node.required(name)
        if getattr(self.model, "closed", False):
            for name in given:
                if name not in properties:
                    node.fail("no properties but " + ", ".join(properties), "another one")
        if issubclass(self.model, Model):
            values["raw"] = given
        return self.model(**values)


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an object: the attribute of the model it goes to, its shape, whether it has to be there."""

    attribute: str
    shape: Shape[Any]
    required: bool


def properties_of(model: type[Any]) -> dict[str, Property]:
    """Return the properties that a dataclass spells out, by their names on the wire.

    That is the name of the field, or what its metadata has under "wire" where Python reserves the word.
    """
    return _properties(cast("type", model))


@cache
def _properties(model: type) -> dict[str, Property]:
    hints = typing.get_type_hints(model, include_extras=True)
    return {
        item.metadata.get("wire", item.name): Property(
            attribute=item.name,
            shape=_shape_of(hints[item.name]),
            required=item.default is MISSING and item.default_factory is MISSING,
        )
        for item in fields(model)
        if item.name != "raw"
    }


_PLAIN: dict[Any, Shape[Any]] = {str: Text(), int: Integer(), float: Number(), bool: Truth(), Any: Anything()}


def _shape_of(hint: Any) -> Shape[Any]:
    """Return the shape that an annotation stands for."""
    for note in getattr(hint, "__metadata__", ()):
        if hasattr(note, "read"):
            return cast("Shape[Any]", note)
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        # The None of an optional property says that it may be absent, not that it may be null.
        return _shape_of(next(argument for argument in arguments if argument is not type(None)))
    if origin is tuple:
        return Array(_shape_of(arguments[0]))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return Choice(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return Record(hint)
    raise TypeError(f"no shape is known for {hint!r}")


_ARGUMENT = Answer(operation="argument", status=0, content_type=None, body=b"")


def checked(shape: Shape[_T], value: object, what: str) -> _T:
    """Return an argument of a caller if it has the shape, else raise `TypeError` or `ValueError` naming it as `what`.

    The message says what was expected and does not quote the value.
    """
    kind: tuple[type, ...] = getattr(shape, "kind", (object,))
    if not isinstance(value, kind) or (isinstance(value, bool) and bool not in kind and object not in kind):
        raise TypeError(f"{what} must be {kind[-1].__name__}, not {type(value).__name__}")
    try:
        return shape.read(Node(value=value, path=what, answer=_ARGUMENT))
    except ContractViolation as error:
        raise ValueError(error.detail) from None


def decoder(shape: Shape[_T]) -> Callable[[Answer], _T]:
    """Return what decodes a JSON answer of this shape."""

    def decode(answer: Answer) -> _T:
        return shape.read(answer.json())

    return decode
