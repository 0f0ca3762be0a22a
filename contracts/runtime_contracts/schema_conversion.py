"""From the schema dialect of OpenAPI 3.0 to JSON Schema 2020-12, which validators understand.

The two differ in a handful of keywords. Two questions the letter of OpenAPI 3.0.3 leaves to taste are answered here:
`nullable` beside `$ref` counts, and a nullable `enum` that does not list null accepts it in responses only.
"""

from __future__ import annotations

from typing import Any, Literal

Direction = Literal["request", "response"]

FILE_OR_FIELD = "x-file-or-field"
"""Our own keyword: a part of a form may be a file or a text field. It is kept for the check of requests."""

# Prose, and keywords whose meaning is spent on something else below.
_DROPPED = frozenset({
    "nullable", "example", "xml", "externalDocs", "deprecated", "discriminator", "readOnly", "writeOnly", "description",
    "title", "default",
})  # fmt: skip
_LISTS = ("allOf", "anyOf", "oneOf")
_COMPONENTS = "#/components/schemas/"
_DEFINITIONS = "#/$defs/"


def converted(schema: Any, direction: Direction) -> Any:
    """Return the OpenAPI 3.0 `schema` as JSON Schema 2020-12; references to components point into `$defs`."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        reference = {"$ref": schema["$ref"].replace(_COMPONENTS, _DEFINITIONS)}
        return {"anyOf": [reference, {"type": "null"}]} if schema.get("nullable") else reference
    result = {
        key: _keyword(key, value, direction)
        for key, value in schema.items()
        if key == FILE_OR_FIELD or (key not in _DROPPED and not key.startswith("x-"))
    }
    _exclusive_bounds(result)
    _one_way_properties(result, schema, direction)
    _discriminator(result, schema)
    return _nullable(result, direction) if schema.get("nullable") else result


def definitions(document: dict[str, Any], direction: Direction) -> dict[str, Any]:
    """Return every component schema of the document, converted, by name."""
    schemas = document.get("components", {}).get("schemas", {})
    return {name: converted(schema, direction) for name, schema in schemas.items()}


def reachable(schema: Any, shared: dict[str, Any]) -> dict[str, Any]:
    """Return those of the converted components in `shared` that the converted `schema` leads to, by name.

    A validator is compiled for each schema, with all its definitions: with the few that it needs that is much faster.
    """
    found: dict[str, Any] = {}
    ahead = [schema]
    while ahead:
        node = ahead.pop()
        if isinstance(node, list):
            ahead += node
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                name = reference.removeprefix(_DEFINITIONS)
                if name not in found:
                    found[name] = shared[name]
                    ahead.append(found[name])
            ahead += node.values()
    return found


def _keyword(key: str, value: Any, direction: Direction) -> Any:
    if key in _LISTS:
        return [converted(item, direction) for item in value]
    if key == "properties":
        return {name: converted(item, direction) for name, item in value.items()}
    if key in {"items", "additionalProperties", "not"}:
        return converted(value, direction)
    return value


def _exclusive_bounds(result: dict[str, Any]) -> None:
    # In 3.0 the exclusive keyword is a flag beside the bound; in 2020-12 it is the bound.
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = result.get(exclusive)
        if isinstance(flag, bool):
            del result[exclusive]
            # Without the bound the flag says nothing.
            if flag and bound in result:
                result[exclusive] = result.pop(bound)


def _one_way_properties(result: dict[str, Any], schema: dict[str, Any], direction: Direction) -> None:
    # A property that only travels the other way cannot be required on this one.
    other = "readOnly" if direction == "request" else "writeOnly"
    absent = {name for name, item in schema.get("properties", {}).items() if isinstance(item, dict) and item.get(other)}
    if absent and "required" in result:
        result["required"] = [name for name in result["required"] if name not in absent]


def _discriminator(result: dict[str, Any], schema: dict[str, Any]) -> None:
    # Plain oneOf would accept a body with the wrong tag but a fitting shape.
    mapping = schema.get("discriminator", {}).get("mapping", {})
    if not mapping:
        return
    tag = schema["discriminator"]["propertyName"]
    for key in ("oneOf", "anyOf"):
        for index, branch in enumerate(result.get(key, [])):
            tags = [
                name
                for name, target in mapping.items()
                if branch.get("$ref") == target.replace(_COMPONENTS, _DEFINITIONS)
            ]
            if tags:
                fixed = {"properties": {tag: {"enum": tags}}, "required": [tag]}
                result[key][index] = {"allOf": [branch, fixed]}


def _nullable(result: dict[str, Any], direction: Direction) -> dict[str, Any]:
    if isinstance(result.get("enum"), list):
        if direction == "response" and None not in result["enum"]:
            result["enum"] = [*result["enum"], None]
        if "type" in result:
            result["type"] = [result["type"], "null"]
        return result
    if isinstance(result.get("type"), str):
        return {**result, "type": [result["type"], "null"]}
    return {"anyOf": [result, {"type": "null"}]}
