"""Strict decoding of answers: the one place where bytes become values.

`requests` and `json` forgive much: invalid UTF-8, `NaN`, numbers too large for a float, a key given twice, half a
surrogate pair. And they leak a bare `ValueError` or `RecursionError` for an integer of 5000 digits or 100,000 open
brackets. Here all of that is a `ContractViolation` which says where and what was expected. Properties that the contract
does not name are allowed by it and are dropped, so that a model holds what it promises and nothing else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from runtime_client.errors import ContractViolation, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JsonValue = Any
"""A decoded JSON value: None, bool, int, float, str, list or dict with string keys."""

_MAX_INTEGER_DIGITS = 1000
_MAYBE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_T = TypeVar("_T")


class JsonError(ValueError):
    """The text is not JSON as RFC 8259 has it, or not such that every reader gets the same value from it."""


def _constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is not a JSON number")


def _integer(digits: str) -> int:
    # Python's own limit of 4300 digits raises a bare ValueError, and a program may have switched it off.
    if len(digits) > _MAX_INTEGER_DIGITS:
        raise JsonError(f"an integer of {len(digits)} digits")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in {float("inf"), float("-inf")}:
        raise JsonError("a number beyond the range of a double")
    return number


def _unique_keys(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise JsonError("an object gives the same key twice")
    return mapping


def parse_json(text: str) -> JsonValue:
    """Return the value of a JSON text, or raise `JsonError` with a reason that does not quote the text.

    Refused beyond the grammar: NaN and infinities, numbers beyond a double, integers of more than 1000 digits, a key
    twice in one object, lone surrogates, nesting deeper than the interpreter's stack.
    """
    try:
        value = json.loads(
            text,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
            object_pairs_hook=_unique_keys,
        )
        if _MAYBE_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except JsonError:
        raise
    except UnicodeEncodeError:
        raise JsonError("a string holds half of a surrogate pair") from None
    except json.JSONDecodeError as error:
        # The decoder's error keeps the whole text, which may hold a session token; only its reason goes on.
        raise JsonError(f"{error.msg} at character {error.pos}") from None
    except RecursionError:
        raise JsonError("nested too deeply") from None
    return value


def encode_json(value: object, what: str) -> str:
    """Return `value` as JSON text for a request, or raise `TypeError` or `ValueError` naming it as `what`.

    NaN and infinities, cycles and lone surrogates have no JSON and are refused.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except TypeError as error:
        raise TypeError(f"{what} cannot be written as JSON: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{what} cannot be written as JSON: {error}") from None
    return require_utf8(text, what)


def require_utf8(text: str, what: str) -> str:
    """Return `text` if it can be sent as UTF-8, else raise `ValueError` naming `what` (not its content)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{what} holds half of a surrogate pair and cannot be sent as UTF-8") from None
    return text


@dataclass(frozen=True, slots=True)
class Answer:
    """A success answer as it came: the operation id, status, `Content-Type` (None when absent) and the body's bytes."""

    operation: str
    status: int
    content_type: str | None
    body: bytes = field(repr=False)

    def violation(self, detail: str) -> ContractViolation:
        """Return (not raise) the error that this answer breaks the contract."""
        return ContractViolation(self.operation, self.status, detail)

    def text(self) -> str:
        """Return the body of a `text/plain` answer; a byte order mark there is part of the text."""
        self._require_media_type("text/plain")
        return self._decoded()

    def json(self) -> Node:
        """Return the root of an `application/json` answer."""
        self._require_media_type("application/json")
        text = self._decoded()
        if text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}"):
            raise self.violation("the body starts with a byte order mark")
        try:
            value = parse_json(text)
        except JsonError as error:
            raise self.violation(f"expected a JSON body: {error}") from None
        return Node(value=value, path="", answer=self)

    def _decoded(self) -> str:
        try:
            return self.body.decode()
        except UnicodeDecodeError as error:
            raise self.violation(f"the body is not UTF-8 (byte {error.start})") from None

    def _require_media_type(self, expected: str) -> None:
        found, _, parameters = (self.content_type or "").partition(";")
        if found.strip().lower() != expected:
            shown = repr(one_line(found.strip(), 60)) if found.strip() else "none"
            raise self.violation(f"expected content of type {expected}, found {shown}")
        for parameter in parameters.split(";"):
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset" and value.strip().strip("\"'").lower() not in {"utf-8", "us-ascii"}:
                raise self.violation(f"expected charset utf-8, found {one_line(value.strip(), 40)!r}")


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
}


@dataclass(frozen=True, slots=True, repr=False)
class Node:
    """A value inside a JSON answer that knows its JSON pointer; each reading method checks the type or raises.

    All methods raise `ContractViolation`. A null is a wrong type like any other; `shapes` know where it may be.
    """

    value: JsonValue
    path: str
    answer: Answer

    def fail(self, expected: str, found: str | None = None) -> NoReturn:
        """Raise the `ContractViolation` that something else was expected here; the value is named by its type only."""
        raise self.answer.violation(
            f"{self.path or 'the body'}: expected {expected}, found {found or _KINDS[type(self.value)]}"
        )

    def child(self, key: str | int, value: JsonValue) -> Node:
        """Return the node of a property or item, with the key escaped as JSON pointers have it."""
        step = str(key).replace("~", "~0").replace("/", "~1")
        return Node(value=value, path=f"{self.path}/{step}", answer=self.answer)

    def string(self) -> str:
        """Return the string."""
        return self.value if isinstance(self.value, str) else self.fail("a string")

    def matching(self, pattern: re.Pattern[str], expected: str) -> str:
        """Return the string if the whole of it matches `pattern`; `expected` says so in words."""
        text = self.string()
        return text if pattern.fullmatch(text) else self.fail(expected, "another string")

    def integer(self, at_least: int | None = None) -> int:
        """Return the integer; 5.0 is one too, as JSON Schema has it, but true and false are not."""
        value = self.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail("an integer")
        if at_least is not None and value < at_least:
            self.fail(f"an integer of at least {at_least}", "a smaller one")
        return value

    def boolean(self) -> bool:
        """Return the boolean; 0 and 1 are none."""
        return self.value if isinstance(self.value, bool) else self.fail("a boolean")

    def mapping(self) -> dict[str, JsonValue]:
        """Return the object as a dictionary, undecoded."""
        return self.value if isinstance(self.value, dict) else self.fail("an object")

    def items(self) -> Iterator[Node]:
        """Yield the nodes of an array's items."""
        values = self.value if isinstance(self.value, list) else self.fail("an array")
        return (self.child(index, value) for index, value in enumerate(values))

    def properties(self) -> Iterator[tuple[str, Node]]:
        """Yield the names and nodes of an object used as a map."""
        return ((key, self.child(key, value)) for key, value in self.mapping().items())

    def required(self, name: str) -> Node:
        """Return the node of a property that has to be there."""
        mapping = self.mapping()
        if name not in mapping:
            self.fail(f"an object with the property {name!r}", "none of that name")
        return self.child(name, mapping[name])

    def optional(self, name: str, read: Callable[[Node], _T]) -> _T | None:
        """Return `read` of a property, or None when it is absent (present and null is a violation)."""
        mapping = self.mapping()
        return read(self.child(name, mapping[name])) if name in mapping else None
