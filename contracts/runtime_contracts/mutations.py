"""Mutations: values that differ from a valid one in one place, each with a name that says where and how."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime_contracts.operation import resolved
from runtime_contracts.violation import pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRANGERS: tuple[Any, ...] = (None, True, 7, 1.5, "text", [], {})
_TEXTS = ("", "x", "\u00e4\u6f22\U0001f300", "\x00\x07", "null", "a" * 5000)
_INTEGERS = (0, -1, 2**31, 2**53 + 1, 2**63, 10**30)
_MOMENTS = (
    "2026-03-04T05:06:07Z", "2026-03-04T05:06:07.8Z", "2026-03-04T05:06:07.891Z", "2026-03-04T05:06:07.891234Z",
    "2026-03-04T05:06:07.891234567Z", "2026-03-04T05:06:07+00:00", "2026-03-04T05:06:07.891+05:30",
    "2026-03-03T23:06:07-06:00", "2026-03-04T05:06:07", "2026-03-04",
)  # fmt: skip
"""The spellings of a moment that RFC 3339 has, and two that it does not."""
_MAX_ITEMS = 2
_LONG = 60
_UNKNOWN = "aPropertyNobodyKnows"


@dataclass(frozen=True, slots=True)
class Mutation:
    """A value that differs from a valid one in one place; `name` says where and how, `place` only where."""

    name: str
    value: Any
    place: str = ""


def mutations(document: dict[str, Any], schema: dict[str, Any], value: Any) -> Iterator[Mutation]:
    """Yield `value` itself, and every value that differs from it in one place.

    Whether a mutation still fits the schema is for a validator to say: a missing property that is optional does.
    """
    yield Mutation("as documented", copy.deepcopy(value))
    for path, name, replacement in _places(document, schema, value, ()):
        yield Mutation(name, _replaced(value, path, replacement), pointer(*path))


_REMOVED = object()
_Place = tuple[tuple[str | int, ...], str, Any]


def _places(document: dict[str, Any], schema: Any, value: Any, path: tuple[str | int, ...]) -> Iterator[_Place]:
    schema = resolved(document, schema) if isinstance(schema, dict) else {}
    where = pointer(*path) or "/"
    for stranger in _STRANGERS:
        if type(stranger) is not type(value):
            yield path, f"{where} is {_kind(stranger)}", stranger
    match value:
        case bool():
            yield path, f"{where} is the other truth value", not value
        case dict():
            yield from _in_object(document, schema, value, path)
        case list():
            yield path, f"{where} is empty", []
            yield path, f"{where} holds something else", [*value, None]
            if value:
                yield path, f"{where} is long", [*value * _LONG]
            for index, item in enumerate(value[:_MAX_ITEMS]):
                yield from _places(document, schema.get("items", {}), item, (*path, index))
        case str():
            moments = _MOMENTS if schema.get("format") == "date-time" else ()
            texts = [text for text in (*_TEXTS, *schema.get("enum", ()), *moments) if text != value]
            yield from ((path, f"{where} is the text {text[:40]!r}", text) for text in texts)
        case int() | float():
            bounds = (schema.get("minimum"), schema.get("maximum"))
            numbers = dict.fromkeys((*_INTEGERS, *(bound for bound in bounds if isinstance(bound, (int, float)))))
            yield from ((path, f"{where} is the number {number}", number) for number in numbers if number != value)


def _in_object(
    document: dict[str, Any], schema: dict[str, Any], value: dict[str, Any], path: tuple[str | int, ...]
) -> Iterator[_Place]:
    where = pointer(*path)
    yield (*path, _UNKNOWN), f"{where or '/'} has an unknown property", {"nested": [1, None]}
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", {})
    for key, item in value.items():
        yield (*path, key), f"{where}{pointer(key)} is missing", _REMOVED
        yield from _places(document, known.get(key, others), item, (*path, key))


def _replaced(value: Any, path: tuple[str | int, ...], replacement: Any) -> Any:
    if not path:
        return copy.deepcopy(replacement)
    result = copy.deepcopy(value)
    holder = result
    for step in path[:-1]:
        holder = holder[step]
    if replacement is _REMOVED:
        del holder[path[-1]]
    else:
        holder[path[-1]] = copy.deepcopy(replacement)
    return result


def _kind(value: Any) -> str:
    names = {type(None): "null", bool: "a boolean", int: "an integer", float: "a fraction", str: "a text"}
    return names.get(type(value), "an empty array" if isinstance(value, list) else "an empty object")
