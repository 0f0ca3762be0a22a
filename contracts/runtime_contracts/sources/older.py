"""From OpenAPI 3.1 to 3.0, as far as the one can be said in the other."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from runtime_contracts.documents import Document

_NAMED: Final = frozenset({"properties", "patternProperties", "schemas"})
_LISTED: Final = frozenset({"allOf", "anyOf", "oneOf"})
_ONE: Final = frozenset({"items", "additionalProperties", "not", "schema"})
_LITERAL: Final = frozenset({"example", "examples", "default", "enum", "const"})


def as_3_0(document: Document) -> Document:
    """Return a copy of the document in the words of OpenAPI 3.0; one that is in 3.0 already is only copied.

    A type of null becomes `nullable`, `const` an `enum` of one, exclusive bounds become flags, and a reference with
    something beside it a part of an `allOf`.
    """
    result = copy.deepcopy(document)
    if str(result.get("openapi", "")).startswith("3.1"):
        result["openapi"] = "3.0.3"
        _walk(result)
    return result


def _walk(node: Any) -> None:
    """Find the schemas in what is around them."""
    if isinstance(node, list):
        for item in node:
            _walk(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in _LITERAL:
                continue
            if key == "schema":
                node[key] = _schema(value)
            elif key == "schemas" and isinstance(value, dict):
                node[key] = {name: _schema(item) for name, item in value.items()}
            else:
                _walk(value)


def _schema(schema: Any) -> Any:
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if not isinstance(schema, dict):
        return schema
    result = {key: _keyword(key, value) for key, value in schema.items()}
    beside = {key: value for key, value in result.items() if key not in {"$ref", "summary", "description"}}
    if "$ref" in result and beside:
        parts = beside["allOf"] if isinstance(beside.get("allOf"), list) else []
        return _said({**beside, "allOf": [{"$ref": result["$ref"]}, *parts]})
    return _said(result)


def _keyword(key: str, value: Any) -> Any:
    if key in _NAMED and isinstance(value, dict):
        return {name: _schema(item) for name, item in value.items()}
    if key in _LISTED and isinstance(value, list):
        return [_schema(item) for item in value]
    if key == "additionalProperties" and isinstance(value, bool):
        return value
    return _schema(value) if key in _ONE else value


def _said(schema: dict[str, Any]) -> dict[str, Any]:
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    kinds = schema.get("type")
    if isinstance(kinds, list):
        _types(schema, kinds)
    for keyword in ("oneOf", "anyOf"):
        parts = schema.get(keyword)
        if isinstance(parts, list) and {"type": "null"} in parts:
            schema[keyword] = [part for part in parts if part != {"type": "null"}]
            schema["nullable"] = True
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        number = schema.get(exclusive)
        if isinstance(number, int | float) and not isinstance(number, bool):
            schema[bound], schema[exclusive] = number, True
    examples = schema.pop("examples", None)
    if isinstance(examples, list) and examples:
        schema.setdefault("example", examples[0])
    return schema


def _types(schema: dict[str, Any], kinds: list[Any]) -> None:
    real = [kind for kind in kinds if kind != "null"]
    if len(real) < len(kinds):
        schema["nullable"] = True
    if len(real) == 1:
        schema["type"] = real[0]
    else:
        del schema["type"]
        if real:
            schema["anyOf"] = [*schema.get("anyOf", []), *({"type": kind} for kind in real)]
        else:
            schema["enum"] = [None]
