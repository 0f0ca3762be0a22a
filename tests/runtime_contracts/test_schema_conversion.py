"""From the schema dialect of OpenAPI 3.0 to JSON Schema 2020-12."""

from __future__ import annotations

from typing import Any

import pytest

from runtime_contracts.operation import Judge
from runtime_contracts.schema_conversion import Direction, converted, definitions

Row = tuple[dict[str, Any], Direction, Any, bool]
ROWS: dict[str, Row] = {
    "null is refused": ({"type": "string"}, "response", None, False),
    "nullable takes null": ({"type": "string", "nullable": True}, "response", None, True),
    "nullable keeps the type": ({"type": "string", "nullable": True}, "response", 1, False),
    "nullable without a type": ({"minimum": 3, "nullable": True}, "response", None, True),
    "nullable beside a reference": ({"$ref": "#/components/schemas/Id", "nullable": True}, "response", None, True),
    "a reference": ({"$ref": "#/components/schemas/Id"}, "response", "x", False),
    "nullable enum in a response": ({"type": "string", "enum": ["a"], "nullable": True}, "response", None, True),
    "nullable enum in a request": ({"type": "string", "enum": ["a"], "nullable": True}, "request", None, False),
    "exclusive bound": ({"minimum": 3, "exclusiveMinimum": True}, "request", 3, False),
    "exclusive bound passed": ({"minimum": 3, "exclusiveMinimum": True}, "request", 4, True),
    "bound that is not exclusive": ({"maximum": 3, "exclusiveMaximum": False}, "request", 3, True),
    "a boolean is no integer": ({"type": "integer"}, "request", True, False),
    "a large integer is one": ({"type": "integer"}, "request", 10**40, True),
    "only sent by the server": (
        {"required": ["a"], "properties": {"a": {"type": "string", "readOnly": True}}}, "request", {}, True,
    ),
    "required from the server": (
        {"required": ["a"], "properties": {"a": {"type": "string", "readOnly": True}}}, "response", {}, False,
    ),
    "items": ({"type": "array", "items": {"type": "string", "nullable": True}}, "response", ["a", None], True),
    "closed objects": ({"type": "object", "additionalProperties": False}, "response", {"a": 1}, False),
    "patterns are ECMA's": ({"type": "string", "pattern": "^a$"}, "response", "a\n", False),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_converted_schema_means_the_same(name: str) -> None:
    """A value fits the converted schema exactly when it fits the original."""
    schema, direction, value, fits = ROWS[name]
    shared = definitions({"components": {"schemas": {"Id": {"type": "integer"}}}}, direction)
    assert Judge(schema, shared=shared, direction=direction).accepts(value) is fits


def test_discriminator_decides_the_branch() -> None:
    """A body with the wrong tag does not pass for another branch that has its shape."""
    document = {"components": {"schemas": {"Cat": {"type": "object"}, "Dog": {"type": "object", "required": ["bone"]}}}}
    schema = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
        },
    }
    judge = Judge(schema, shared=definitions(document, "response"), direction="response")
    assert judge.accepts({"kind": "cat"})
    assert judge.accepts({"kind": "dog", "bone": 1})
    assert not judge.accepts({"kind": "dog"})


def test_prose_is_dropped() -> None:
    """Titles, examples and extensions do not reach the validator."""
    schema = {"type": "string", "title": "t", "description": "d", "example": "e", "x-evidence": [], "default": "f"}
    assert converted(schema, "response") == {"type": "string"}
    assert converted(True, "response") is True
