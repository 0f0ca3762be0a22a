"""A value with everything in it that a schema names: the good answer, where the document gives no example of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.operation import Judge, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEPTH: Final = 12
_TEXTS: Final = (
    "text", "2026-03-04T05:06:07Z", "2026-03-04", "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", "https://runtime.test/page",
    "AAAA", "aaaaaaaa", "1.2.3", "1", "0x1f", "q0", "crn:v1:bluemix:public:quantum-computing:us-east:a/0:0::",
)  # fmt: skip
_NUMBERS: Final = (7, 1, 0, -1, 0.5, 1500, 2.0)


class NoSampleError(LookupError):
    """No value was found that fits the schema; the message names the operation."""


def sampled(document: dict[str, Any], judge: Judge, judge_of: Callable[[dict[str, Any]], Judge]) -> Any:
    """Return a value that fits the schema of `judge`, with as many of its properties as can be had together.

    `judge_of` compiles a part of the schema.

    Raises:
        NoSampleError: the schema asks for something that is not thought of here.
    """
    sampling = _Sampling(document, judge_of)
    for value in (sampling.full(judge.schema, _DEPTH), sampling.least(judge.schema, _DEPTH)):
        if judge.accepts(value):
            return value
    raise NoSampleError(f"no value was found for {sorted(judge.schema)}")


class _Sampling:
    """Makes values for the schemas of one document."""

    def __init__(self, document: dict[str, Any], judge_of: Callable[[dict[str, Any]], Judge]) -> None:
        self._document = document
        self._judge_of = judge_of

    def full(self, schema: dict[str, Any], depth: int) -> Any:
        return self._value(schema, depth, everything=True)

    def least(self, schema: dict[str, Any], depth: int) -> Any:
        return self._value(schema, depth, everything=False)

    def _value(self, schema: Any, depth: int, *, everything: bool) -> Any:
        schema = resolved(self._document, schema) if isinstance(schema, dict) else {}
        for literal in ("example", "default"):
            if literal in schema and self._judge_of(schema).accepts(schema[literal]):
                return schema[literal]
        if schema.get("enum"):
            return schema["enum"][0]
        for several in ("oneOf", "anyOf"):
            if several in schema:
                return self._one_of(schema, several, depth, everything=everything)
        if "allOf" in schema:
            return self._all_of(schema, depth, everything=everything)
        return self._plain(schema, depth, everything=everything)

    def _one_of(self, schema: dict[str, Any], several: str, depth: int, *, everything: bool) -> Any:
        judge = self._judge_of(schema)
        rest = {key: value for key, value in schema.items() if key != several}
        candidates = (
            self._value({"allOf": [rest, branch]} if rest.get("properties") else branch, depth, everything=everything)
            for branch in schema[several]
        )
        found = [value for value in candidates if judge.accepts(value)]
        # The branch that says most leaves most to be broken.
        return max(found, key=lambda value: len(repr(value)), default=None)

    def _all_of(self, schema: dict[str, Any], depth: int, *, everything: bool) -> Any:
        parts = [resolved(self._document, part) for part in schema["allOf"]]
        parts.append({key: value for key, value in schema.items() if key != "allOf"})
        values = [self._value(part, depth, everything=everything) for part in parts if part]
        objects = [value for value in values if isinstance(value, dict)]
        merged: dict[str, Any] = {}
        for value in objects:
            merged |= value
        return merged if objects else next((value for value in values if value is not None), None)

    def _plain(self, schema: dict[str, Any], depth: int, *, everything: bool) -> Any:
        match _kind(schema):
            case "object":
                return self._object(schema, depth, everything=everything)
            case "array":
                return self._array(schema, depth, everything=everything)
            case "string":
                return self._fitting(schema, _texts(schema))
            case "integer" | "number":
                numbers = (*_NUMBERS, schema.get("minimum"), schema.get("maximum"))
                return self._fitting(schema, (number for number in numbers if number is not None))
            case "boolean":
                return True
            case _:
                return "anything"

    def _object(self, schema: dict[str, Any], depth: int, *, everything: bool) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = set(schema.get("required", ()))
        chosen = [name for name in properties if name in required or (everything and depth > 0)]
        value = {name: self._value(properties[name], depth - 1, everything=everything) for name in chosen}
        others = schema.get("additionalProperties")
        if not properties and isinstance(others, dict) and depth > 0:
            value["key"] = self._value(others, depth - 1, everything=everything)
        judge = self._judge_of(schema)
        # What cannot be had, such as the end of a chain of references that has none, is left out again.
        for name in [name for name in value if name not in required]:
            if not judge.accepts(value):
                without = {key: item for key, item in value.items() if key != name}
                value = without if len(judge.violations(without, "")) < len(judge.violations(value, "")) else value
        return value

    def _array(self, schema: dict[str, Any], depth: int, *, everything: bool) -> list[Any]:
        least = int(schema.get("minItems", 0))
        if depth <= 0 and not least:
            return []
        item = self._value(schema.get("items", {}), depth - 1, everything=everything)
        count = max(least, 1 if everything and schema.get("maxItems", 1) else 0)
        return [item] * count

    def _fitting(self, schema: dict[str, Any], candidates: Iterator[Any] | tuple[Any, ...]) -> Any:
        judge = self._judge_of(schema)
        return next((value for value in candidates if judge.accepts(value)), None)


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else ""


def _texts(schema: dict[str, Any]) -> Iterator[str]:
    yield from _TEXTS
    length = int(schema.get("minLength", 0))
    yield from (letter * length for letter in "a0A")
