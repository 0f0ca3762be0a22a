"""Values to try where a schema stands: at its bounds, beyond them, and of every other type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.operation import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS: Final = "\u00e4 \u6f22 \U0001f300"
_LONGEST: Final = 20_000
_PARTS: Final = ("allOf", "anyOf", "oneOf")
_OF_OTHER_TYPES: Final[tuple[Any, ...]] = ("text", 7, 1.5, True, None, [], {}, ["text"], [None])
_FEW_OTHERS: Final[tuple[Any, ...]] = ("text", 7, None, {})
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "string": ("", "a", _WORDS, "x" * 300),
    "integer": ("", "x", "1.5", "-1", "0", "1", "true"),
    "boolean": ("", "x", "1", "true", "false"),
    "array": ("", "a", _WORDS),
}
_ODD_TEXTS: Final = ("", "x", "-1", "null")
_MOMENTS: Final = (
    "2021-05-07T00:00:00Z", "2021-05-07T00:00:00.123456Z", "2021-05-07T02:00:00+02:00", "2021-05-07", "yesterday",
    "2021-13-07T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z",
)  # fmt: skip
ABSENT: Final = object()
"""Stands for a property that is left out."""


def of_schema(schema: Mapping[str, Any], *, text: bool = False) -> list[Any]:
    """Return values for a schema; as `text`, those that a query or a header can carry."""
    found: list[Any] = [*schema.get("enum", ()), *([schema["default"]] if "default" in schema else ())]
    found += _bounded(schema)
    if schema.get("format") == "date-time":
        found += _MOMENTS
    if schema.get("type") == "string" and not text:
        found += ["", "a", _WORDS]
    if schema.get("type") == "array":
        found += _lists(schema)
    for key in _PARTS:
        for part in schema.get(key, ()):
            if isinstance(part, dict) and "$ref" not in part:
                found += of_schema(part, text=text)
    if text:
        free = not {"enum", "format", "pattern"} & set(schema)
        found += _TEXTS.get(str(schema.get("type")), ()) if free else _ODD_TEXTS
    return _once([_as_text(value) for value in found] if text else found)


def _bounded(schema: Mapping[str, Any]) -> Iterator[Any]:
    for key, step in (("minimum", -1), ("maximum", 1)):
        if isinstance(schema.get(key), (int, float)):
            yield from (schema[key], schema[key] + step)
    if schema.get("type") == "integer":
        yield from (0, 1, -1, 2**31, 2**63, 10**30)
    for key, step in (("minLength", -1), ("maxLength", 1)):
        length = schema.get(key)
        if isinstance(length, int) and schema.get("type") == "string":
            yield from ("x" * size for size in (length, length + step) if 0 <= size <= _LONGEST)


def _lists(schema: Mapping[str, Any]) -> Iterator[Any]:
    items = schema.get("items", {})
    values = [*of_schema(items), None, 7] if isinstance(items, dict) and "$ref" not in items else []
    yield from ([value] for value in values)
    for key, step in (("minItems", -1), ("maxItems", 1)):
        length = schema.get(key)
        if isinstance(length, int):
            yield from ([f"item-{n}" for n in range(size)] for size in (length, length + step) if 0 <= size <= 100)


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return value if isinstance(value, str) else json.dumps(value)


def _once(values: list[Any]) -> list[Any]:
    return list({json.dumps(value, sort_keys=True): value for value in values}.values())


class _ForSchema:
    """Yields changes of an object: the way to a property, and what to put there."""

    absent: Final = ABSENT

    def __call__(
        self, document: dict[str, Any], schema: Any, good: Mapping[str, Any], *, depth: int
    ) -> Iterator[tuple[tuple[str, ...], Any]]:
        """Yield ways and values for every property of `schema` and of `good`, `depth` levels deep."""
        properties = _properties(document, schema)
        for name in dict.fromkeys((*good, *properties)):
            schemas = [resolved(document, one) for one in properties.get(name, [])]
            if name in good:
                yield (name,), ABSENT
            values = [value for one in schemas for value in _alternatives(document, one)]
            for value in _once([*values, *(_OF_OTHER_TYPES if depth > 1 else _FEW_OTHERS)]):
                yield (name,), value
            inner = good.get(name)
            if depth > 1 and isinstance(inner, dict):
                for one in schemas:
                    found = self(document, one, inner, depth=depth - 1)
                    yield from (((name, *way), value) for way, value in found)
        yield ("no-such-property",), 1


for_schema: Final = _ForSchema()


def _alternatives(document: dict[str, Any], schema: Any) -> list[Any]:
    found = []
    for one in _simple(document, schema, set()):
        items = one.get("items")
        found += of_schema({**one, "items": resolved(document, items)} if isinstance(items, dict) else one)
    return found


def _simple(document: dict[str, Any], schema: Any, met: set[int]) -> Iterator[dict[str, Any]]:
    schema = resolved(document, schema)
    if not isinstance(schema, dict) or id(schema) in met:
        return
    met.add(id(schema))
    yield schema
    for key in _PARTS:
        for part in schema.get(key, ()):
            yield from _simple(document, part, met)


def _properties(document: dict[str, Any], schema: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in _simple(document, schema, set()):
        for name, inner in one.get("properties", {}).items():
            if inner not in found.setdefault(name, []):
                found[name].append(inner)
    return found
