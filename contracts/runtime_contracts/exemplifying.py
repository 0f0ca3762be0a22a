"""Telling the engine what exists on a server: examples in its copy of the document, to build good requests on."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from runtime_contracts.operation import METHODS, resolved

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from runtime_contracts.documents import Document
    from runtime_contracts.profiles.profile import Known


def exemplified(document: Document, known: Collection[Known], headers: Mapping[str, str]) -> Document:
    """Return a copy of the document with examples: of `known` in the operations that take them, of `headers` in all.

    Boundary cases vary one thing in an otherwise good request, so that request has to be one that goes through.
    """
    result = copy.deepcopy(document)
    for item in result["paths"].values():
        shared = [copy.deepcopy(resolved(result, parameter)) for parameter in item.pop("parameters", ())]
        for method in METHODS:
            if method in item:
                _operation(result, item[method], shared, known, headers)
    return result


def _operation(
    document: Document,
    operation: dict[str, Any],
    shared: list[dict[str, Any]],
    known: Collection[Known],
    headers: Mapping[str, str],
) -> None:
    own = [copy.deepcopy(resolved(document, parameter)) for parameter in operation.get("parameters", ())]
    places = {(parameter["in"], parameter["name"]): parameter for parameter in (*copy.deepcopy(shared), *own)}
    operation["parameters"] = list(places.values())
    values = {("header", name): [value] for name, value in headers.items()}
    fixed = set(values)
    for found in known:
        location, _, name = found.parameter.partition(".")
        if operation["operationId"] not in found.operations or not found.values:
            continue
        if location == "body":
            _in_body(document, operation, name, found.values[0])
        elif location == "path" or found.only:
            values[location, name] = list(found.values)
            fixed |= {(location, name)} if found.only else set()
    for place in values.keys() & places.keys():
        if place in fixed:
            # An example is not enough: cases about something else would come with a value that fits no pattern.
            places[place]["schema"] = {"type": "string", "enum": values[place]}
        else:
            places[place]["example"] = values[place][0]


def _in_body(document: Document, operation: dict[str, Any], name: str, value: str) -> None:
    content = resolved(document, operation.get("requestBody", {})).get("content", {})
    for media in content.values():
        for properties in _properties(document, media.get("schema", {}), set()):
            if name in properties:
                properties[name] = {**resolved(document, properties[name]), "example": value}


def _properties(document: Document, schema: Any, met: set[int]) -> Iterator[dict[str, Any]]:
    """Yield the properties of an object, wherever in its alternatives and parts they are."""
    schema = resolved(document, schema)
    if not isinstance(schema, dict) or id(schema) in met:
        return
    met.add(id(schema))
    if "properties" in schema:
        yield schema["properties"]
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield from _properties(document, part, met)
