"""The rules by themselves, on documents of one operation: what is told, and for whom it is bad."""

# ruff: noqa: E501 - tables are read by their rows

from __future__ import annotations

import copy
from typing import Any

import pytest

from runtime_contracts.drift import Breaks, compare
from runtime_contracts.sources import DocumentError

Schema = Any


def document(*, request: Schema = None, response: Schema = None, **extra: Any) -> dict[str, Any]:
    """An operation that takes and answers JSON."""
    operation: dict[str, Any] = {"operationId": "thing", "responses": {"200": {"description": "Fine."}}}
    if request is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": request}}}
    if response is not None:
        operation["responses"]["200"]["content"] = {"application/json": {"schema": response}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {"/thing": {"post": operation}},
    } | extra


def told(before: Schema, after: Schema, *, newer: bool = False, **extra: Any) -> list[tuple[str, str, str, str]]:
    """Rule, kind, and the severities in a request and in an answer, of all changes."""
    found = []
    for direction in ("request", "response"):
        documents = [document(**{direction: schema}, **copy.deepcopy(extra)) for schema in (before, after)]
        if newer:
            documents = [each | {"openapi": "3.1.0"} for each in documents]
        found.append(compare(*documents).changes)
    requests, answers = ({(c.rule, c.kind.value, c.what): c.severity.value for c in changes} for changes in found)
    keys = sorted(requests.keys() | answers.keys())
    return [(key[0], key[1], requests.get(key, "none"), answers.get(key, "none")) for key in keys]


_STRING, _INTEGER = {"type": "string"}, {"type": "integer"}
_OBJECT = {"type": "object", "properties": {"a": _STRING}}
_CLOSED = {**_OBJECT, "additionalProperties": False}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (_STRING, _INTEGER, ("type", "changed", "breaking", "breaking")),
        (_INTEGER, {"type": "number"}, ("type", "widened", "info", "breaking")),
        (_STRING, {}, ("schema", "widened", "info", "breaking")),
        ({}, _STRING, ("schema", "narrowed", "breaking", "info")),
        (_STRING, {**_STRING, "nullable": True}, ("nullable", "widened", "info", "breaking")),
        (_STRING, {**_STRING, "format": "date"}, ("format", "narrowed", "breaking", "info")),
        (_STRING, {**_STRING, "pattern": "a"}, ("pattern", "narrowed", "breaking", "info")),
        ({"pattern": "^a+$", **_STRING}, {"pattern": "^(a|b)$", **_STRING}, ("pattern", "changed", "breaking", "breaking")),
        ({"pattern": "^(?=a)a$", **_STRING}, {"pattern": "^(?=b)b$", **_STRING}, ("pattern", "unknown", "warning", "warning")),
        ({"multipleOf": 2, **_INTEGER}, {"multipleOf": 4, **_INTEGER}, ("multipleOf", "narrowed", "breaking", "info")),
        ({"multipleOf": 4, **_INTEGER}, {"multipleOf": 2, **_INTEGER}, ("multipleOf", "widened", "info", "breaking")),
        ({"multipleOf": 4, **_INTEGER}, {"multipleOf": 3, **_INTEGER}, ("multipleOf", "changed", "breaking", "breaking")),
        ({"multipleOf": 4, **_INTEGER}, {"multipleOf": 0, **_INTEGER}, ("multipleOf", "changed", "breaking", "breaking")),
        (_OBJECT, _CLOSED, ("additional-properties", "narrowed", "breaking", "info")),
        (_OBJECT, {**_OBJECT, "required": ["a"]}, ("required", "narrowed", "breaking", "info")),
        (_OBJECT, {**_OBJECT, "required": ["z"]}, ("required", "narrowed", "breaking", "info")),
        (_OBJECT, {"type": "object", "properties": {}}, ("property", "removed", "warning", "warning")),
        (_CLOSED, {**_CLOSED, "properties": {}}, ("property", "removed", "breaking", "warning")),
        (_CLOSED, {**_CLOSED, "properties": {"a": _STRING, "b": _STRING}}, ("property", "added", "info", "breaking")),
        ({**_OBJECT, "minProperties": 1}, {**_OBJECT, "minProperties": 2}, ("minProperties", "narrowed", "breaking", "info")),
        ({"oneOf": [_STRING, _INTEGER]}, {"anyOf": [_STRING, _INTEGER]}, None),
        ({"oneOf": [_STRING, _STRING]}, {"anyOf": [_STRING, _STRING]}, ("composition", "widened", "info", "breaking")),
        ({"anyOf": [_STRING, _INTEGER]}, {"anyOf": [_STRING]}, ("composition-part", "narrowed", "breaking", "info")),
        ({"anyOf": [_STRING, _INTEGER, _OBJECT]}, {"anyOf": [_STRING, _INTEGER]}, ("composition-part", "narrowed", "breaking", "info")),
        ({"oneOf": [_STRING, _OBJECT]}, {"type": "array"}, ("composition", "changed", "breaking", "breaking")),
        ({"anyOf": [_STRING, {**_STRING, "maxLength": 3}]}, {"anyOf": [_STRING]}, None),
        ({"not": _STRING}, {"not": {"type": "string", "maxLength": 3}}, ("maxLength", "narrowed", "info", "breaking")),
        ({"allOf": [_OBJECT, {"required": ["a"]}]}, {**_OBJECT, "required": ["a"]}, None),
        ({"allOf": [_OBJECT, {"properties": {"a": {"maxLength": 3}}}]}, {"type": "object", "properties": {"a": {**_STRING, "maxLength": 3}}}, None),
        ({"allOf": [{**_INTEGER, "minimum": 1}, {"minimum": 2, "maximum": 9}, {"maximum": 10}]}, {**_INTEGER, "minimum": 2, "maximum": 9}, None),
        ({"allOf": [_CLOSED, {"properties": {"b": _STRING}}]}, {"allOf": [_CLOSED, {"properties": {"b": _STRING, "c": _STRING}}]}, ("property", "added", "info", "info")),
        ({"enum": ["a", 1, None]}, {"enum": [None, 1.0, "a"]}, None),
        ({"enum": [1]}, {"enum": [True]}, ("enum", "changed", "breaking", "breaking")),
        ({**_STRING, "enum": ["a"]}, {**_STRING, "enum": ["a"], "maxLength": 5}, None),
        ({**_INTEGER, "maxLength": 5}, _INTEGER, None),
        ({**_STRING, "minLength": 0}, _STRING, None),
        ({**_INTEGER, "exclusiveMinimum": True, "maximum": 5}, {**_INTEGER, "maximum": 4}, ("maximum", "narrowed", "breaking", "info")),
        ({"allOf": [{"not": _STRING}, {"not": _INTEGER}]}, {"allOf": [{"not": _INTEGER}, {"not": _STRING}]}, None),
        ({"allOf": [{"not": _STRING}, {"not": _INTEGER}]}, {"not": _INTEGER}, ("composition", "widened", "info", "breaking")),
        ({"type": "object", "properties": {"a": {"enum": ["$ref"]}, "default": _STRING, "discriminator": _STRING}}, {"type": "object", "properties": {"a": {"enum": ["b"]}, "default": _STRING, "discriminator": _STRING}}, ("enum", "changed", "breaking", "breaking")),
        ({**_STRING, "readOnly": True}, _STRING, ("readOnly", "widened", "warning", "info")),
        ({**_STRING, "writeOnly": True}, _STRING, ("writeOnly", "widened", "info", "info")),
        ({**_STRING, "format": "int32"}, {**_STRING, "format": "int64"}, ("format", "widened", "info", "breaking")),
        ({"type": "array", "items": _STRING}, {"type": "array"}, ("schema", "widened", "info", "breaking")),
        ({**_OBJECT, "patternProperties": {"^x": _STRING}}, {**_OBJECT, "patternProperties": {"^x": _INTEGER}}, ("patternProperties", "unknown", "warning", "warning")),
        ({**_OBJECT, "x-note": 1, "xml": {"name": "a"}}, _OBJECT, None),
    ],
)  # fmt: skip
def test_change_of_a_schema(before: Schema, after: Schema, expected: tuple[str, str, str, str] | None) -> None:
    """A change of a schema gives one entry, or none where it changes nothing."""
    assert told(before, after) == ([] if expected is None else [expected])


def test_property_that_is_only_read_is_not_asked_for_in_requests() -> None:
    """A required property that only travels in answers breaks no request."""
    schema = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True}}}
    assert told(schema, {**schema, "required": ["id"]}) == [("required", "narrowed", "none", "info")]
    assert told({"type": "object"}, schema) == [("property", "added", "none", "info")]
    longer = {"type": "object", "properties": {"id": {"type": "string", "readOnly": True, "maxLength": 3}}}
    assert told(schema, longer) == [("maxLength", "narrowed", "none", "info")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"type": ["string", "null"]}, {"anyOf": [_STRING, {"type": "null"}]}, None),
        ({"const": "a"}, {"enum": ["a"]}, None),
        ({"const": "a"}, {"const": "b"}, ("enum", "changed", "breaking", "breaking")),
        ({**_INTEGER, "exclusiveMinimum": 1}, {**_INTEGER, "minimum": 1}, ("minimum", "widened", "info", "breaking")),
        ({**_INTEGER, "exclusiveMaximum": 5, "maximum": 9}, {**_INTEGER, "exclusiveMaximum": 5}, None),
        (True, False, ("schema", "narrowed", "breaking", "info")),
        ({"type": ["string", "integer"]}, _STRING, ("type", "narrowed", "breaking", "info")),
        ({"$ref": "#/components/schemas/A", "maxLength": 3}, {"$ref": "#/components/schemas/A", "maxLength": 2}, ("maxLength", "narrowed", "breaking", "info")),
    ],
)  # fmt: skip
def test_change_of_a_schema_of_openapi_3_1(before: Schema, after: Schema, expected: tuple[str, ...] | None) -> None:
    """What only 3.1 can say is understood as well."""
    extra = {"components": {"schemas": {"A": _STRING}}}
    assert told(before, after, newer=True, **extra) == ([] if expected is None else [expected])


def _tagged(mapping: dict[str, str], tag: str = "kind") -> dict[str, Any]:
    parts = [{"$ref": f"#/components/schemas/{name}"} for name in ("A", "B")]
    return {"oneOf": parts, "discriminator": {"propertyName": tag, "mapping": mapping}}


def test_tags_of_a_discriminator() -> None:
    """A tag that comes or goes, and another property for tags, are told; the other way to write a target is not."""
    schemas = {name: {"type": "object", "properties": {"kind": _STRING, name: _STRING}} for name in ("A", "B")}
    extra: dict[str, Any] = {"components": {"schemas": schemas}}
    both = {"a": "#/components/schemas/A", "b": "B"}
    assert told(_tagged(both), _tagged({"a": "A", "b": "#/components/schemas/B"}), **extra) == []
    assert told(_tagged(both), _tagged({"a": "A"}), **extra) == [("discriminator", "narrowed", "breaking", "info")]
    assert told(_tagged({"a": "A"}), _tagged(both), **extra) == [("discriminator", "widened", "info", "breaking")]
    assert told(_tagged(both), _tagged(both, "type"), **extra) == [("discriminator", "changed", "breaking", "breaking")]
    # Without a mapping the tags are the names of the schemas, which no schema says.
    plain = {"oneOf": _tagged({})["oneOf"]}
    assert told(plain, _tagged({}), **extra) == [("discriminator", "narrowed", "breaking", "info")]
    assert told(_tagged({}), plain, **extra) == [("discriminator", "widened", "info", "breaking")]
    assert told(_tagged({}), _tagged({}, "type"), **extra) == [("discriminator", "changed", "breaking", "breaking")]


def test_recursive_schemas_are_compared() -> None:
    """A schema that contains itself ends somewhere, and a change in it is told once."""
    tree = {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/T"}, "value": _STRING}}
    changed = copy.deepcopy(tree)
    changed["properties"]["value"] = _INTEGER  # type: ignore[index]
    documents = [
        document(response={"$ref": "#/components/schemas/T"}, components={"schemas": {"T": schema}})
        for schema in (tree, changed)
    ]
    (change,) = compare(*documents).changes
    assert change.pointer == "#/components/schemas/T/properties/value/type"
    assert compare(documents[1], copy.deepcopy(documents[1]), thorough=True).changes == ()


@pytest.mark.parametrize(
    ("before", "after", "witness", "by"),
    [
        ({**_STRING, "maxLength": 64}, {**_STRING, "maxLength": 32}, "a text of 33 characters", "base"),
        ({**_INTEGER, "maximum": 9}, {**_INTEGER, "maximum": 8}, "9", "base"),
        ({**_STRING, "pattern": "^[a-c]$"}, {**_STRING, "pattern": "^[ab]$"}, '"c"', "base"),
        (_OBJECT, {**_OBJECT, "required": ["a"]}, "{}", "base"),
        (_STRING, _INTEGER, '""', "base"),
        ({"type": "array", "items": _STRING}, {"type": "array", "items": _STRING, "maxItems": 1}, '["", "a"]', "base"),
        (_OBJECT, _CLOSED, '{"another": 0}', "base"),
        ({"type": "boolean"}, {"type": "boolean", "enum": [True]}, "false", "base"),
        ({**_STRING, "format": "uuid"}, {**_STRING, "format": "date"}, '"00000000-0000-4000-8000-000000000000"', "base"),
        ({"oneOf": [_OBJECT, _INTEGER]}, {"oneOf": [_OBJECT, {**_INTEGER, "minimum": 0}]}, "-1", "base"),
    ],
)  # fmt: skip
def test_witness_of_a_breaking_change(before: Schema, after: Schema, witness: str, by: str) -> None:
    """With a change that breaks comes a short value that only one side allows."""
    (change,) = compare(document(request=before), document(request=after)).changes
    assert (change.witness, change.allowed_by) == (witness, by)


def _operation(**parts: Any) -> dict[str, Any]:
    found = document()
    found["paths"]["/thing"]["post"].update(parts)
    return found


def _parameter(**parts: Any) -> dict[str, Any]:
    return _operation(parameters=[{"name": "a", "in": "query", "schema": {"type": "array", "items": _STRING}} | parts])


_ANSWER = {"description": "Fine."}
_OAUTH = {
    "type": "oauth2",
    "flows": {"clientCredentials": {"tokenUrl": "https://a.example/", "scopes": {"r": "x", "w": "y"}}},
}


def _secured(*alternatives: dict[str, list[str]], **schemes: Any) -> dict[str, Any]:
    found = _operation(security=list(alternatives))
    return found | {"components": {"securitySchemes": {"o": _OAUTH, **schemes}}}


@pytest.mark.parametrize(
    ("base", "live", "expected"),
    [
        (_parameter(), _parameter(explode=True, style="form"), []),
        (_parameter(), _parameter(explode=False), [("explode", "changed", "breaking")]),
        (_parameter(schema=_STRING), _parameter(schema=_STRING, explode=False), []),
        (_parameter(), _parameter(allowReserved=True), [("allowReserved", "widened", "info")]),
        (_parameter(allowEmptyValue=True), _parameter(), [("allowEmptyValue", "narrowed", "breaking")]),
        (_parameter(**{"in": "header"}), _parameter(**{"in": "header", "name": "A"}), [("parameter-name", "changed", "info")]),
        (_parameter(**{"in": "header", "name": "Accept"}), _operation(), []),
        (_operation(parameters=[{"name": "a", "in": "query", "content": {"text/plain": {}}}]), _parameter(), [("content", "unknown", "warning")]),
        (_operation(parameters=[{"name": "a", "in": "query", "content": {"text/plain": {"schema": _STRING}}}]), _operation(parameters=[{"name": "a", "in": "query", "content": {"text/plain": {"schema": _INTEGER}}}]), [("type", "changed", "breaking")]),
        (_operation(callbacks={"a": {}}), _operation(), [("callbacks", "unknown", "warning")]),
        (_operation(requestBody={"content": {"multipart/form-data": {"encoding": {"a": {"style": "form"}}}}}), _operation(requestBody={"content": {"multipart/form-data": {}}}), [("encoding", "unknown", "warning")]),
        (_operation(requestBody={"content": {"application/json; charset=UTF-8": {}}}), _operation(requestBody={"content": {"Application/JSON": {}}}), []),
        (_operation(responses={"4XX": _ANSWER, "200": _ANSWER}), _operation(responses={"4xx": _ANSWER, "200": _ANSWER, "404": _ANSWER}), []),
        (_operation(responses={"200": _ANSWER, "404": _ANSWER}), _operation(responses={"200": _ANSWER, "4XX": _ANSWER}), [("status", "added", "warning")]),
        (_operation(responses={"200": _ANSWER, "default": _ANSWER}), _operation(responses={"200": _ANSWER}), [("status", "removed", "info")]),
        (_operation(responses={"200": {**_ANSWER, "headers": {"A": {"required": True}}}}), _operation(responses={"200": _ANSWER}), [("header", "removed", "breaking")]),
        (_operation(responses={"200": {**_ANSWER, "headers": {"A": {"schema": _STRING, "required": True}}}}), _operation(responses={"200": {**_ANSWER, "headers": {"a": {"schema": _INTEGER}}}}), [("required", "widened", "breaking"), ("type", "changed", "breaking")]),
        (_operation(responses={"200": {**_ANSWER, "headers": {"Content-Type": {}}}}), _operation(responses={"200": _ANSWER}), []),
        (_operation(responses={"200": _ANSWER}), _operation(responses={"200": {**_ANSWER, "content": {"text/plain": {}}}}), [("media-type", "added", "warning")]),
        (_secured({"o": ["r"]}), _secured({"o": ["r", "w"]}), [("security-scope", "narrowed", "breaking")]),
        (_secured({"o": ["r", "w"]}), _secured({"o": ["r"]}), [("security-scope", "widened", "info")]),
        (_secured({"o": []}), _secured({"o": []}, o={**_OAUTH, "flows": {"clientCredentials": {"tokenUrl": "https://b.example/", "scopes": {"w": "z", "r": ""}}}}), [("security-scheme", "changed", "warning")]),
        (_secured({"o": []}), _secured({"o": []}, o={"type": "http", "scheme": "Bearer"}), [("security-scheme", "changed", "breaking")]),
        (_secured({"a": []}, a={"type": "http", "scheme": "bearer"}), _secured({"b": []}, b={"type": "http", "scheme": "Bearer", "description": "The same."}), []),
        (_secured({"o": []}), _secured({"o": []}, {"o": [], "a": []}, a={"type": "http", "scheme": "basic"}), [("security", "widened", "info")]),
        (_operation(servers=[{"url": "https://{a}/", "variables": {"a": {"default": "x", "enum": ["x", "y"]}}}]), _operation(servers=[{"url": "https://{a}", "variables": {"a": {"enum": ["y", "x"], "default": "x", "description": "Z"}}}]), []),
        (document(), document(servers=[{"url": "/api"}]), [("server", "changed", "breaking")]),
        (document() | {"openapi": "3.1.0", "paths": {}}, document(), [("operation", "added", "info")]),
    ],
)  # fmt: skip
def test_change_of_an_operation(base: dict[str, Any], live: dict[str, Any], expected: list[tuple[str, ...]]) -> None:
    """What is around the schemas is compared in the terms of HTTP."""
    found = [(change.rule, change.kind.value, change.severity.value) for change in compare(base, live).changes]
    assert found == expected


def test_who_has_to_do_something() -> None:
    """A widened request breaks no client, but dates servers and fakes; a deprecation nobody."""
    (wider,) = compare(document(request=_STRING), document(request={})).changes
    (old,) = compare(document(), _operation(deprecated=True)).changes
    assert (wider.verdict.breaks, old.verdict.breaks) == (Breaks.SERVERS, Breaks.NOBODY)


_NOWHERE = {"$ref": "#/components/schemas/Z"}
_CIRCLE = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}


@pytest.mark.parametrize(
    ("live", "message"),
    [
        (document(request=_NOWHERE), r"/schema: refers to #/components/schemas/Z, which is not there"),
        (document(request={"$ref": "other.yaml#/A"}), "another document, other.yaml#/A, which is not fetched"),
        (document(request={"$ref": "#/components/schemas/A"}, components={"schemas": _CIRCLE}), "only leads in a circle"),
        (document(request=[]), "a schema is expected, found list"),
        (document(request={"type": "text"}), 'a type is expected, found "text"'),
        (document(request={"minLength": "1"}), "a number is expected"),
        (document(request={"pattern": 1}), "a pattern is a text"),
        (document(request={"format": {}}), "a format is a text"),
        (document(request={"properties": []}), "an object is expected"),
        (_operation(parameters={}), "a list is expected"),
        (_operation(parameters=[{"name": "a"}]), "a parameter has a name, and is in the path"),
        (_operation(parameters=[None]), "an object is expected"),
        (_operation(responses={"okay": _ANSWER}), "a status is a number, a range such as 4XX, or default"),
        (_operation(security=[{"nobody": []}]), "asks for the security scheme `nobody`, which is not there"),
    ],
)  # fmt: skip
def test_malformed_document_is_refused_with_the_place(live: dict[str, Any], message: str) -> None:
    """What cannot be compared is an error that names the document and the place in it."""
    with pytest.raises(DocumentError, match=rf"^theirs at #.*{message}"):
        compare(document(request={}), live, names=("ours", "theirs"))
