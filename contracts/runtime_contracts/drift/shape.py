"""What a schema says at one place, in the same terms for OpenAPI 3.0 and 3.1.

References are followed, `allOf` is folded into what contains it where that changes nothing, and the several ways to say
the same (nullable, a type of null, a choice with null; a const and an enum of one) become one. What is below keeps its
own place in the document, so that a change can be named by its pointer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.drift.tree import Both, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

ALL_TYPES: Final = frozenset({"array", "boolean", "number", "object", "string"})
"""Every type but null; an integer is a number."""

APPLIES: Final[Mapping[str, str]] = {
    "minimum": "number", "maximum": "number", "multipleOf": "number",
    "minLength": "string", "maxLength": "string", "pattern": "string",
    "minItems": "array", "maxItems": "array", "uniqueItems": "array", "items": "array",
    "minProperties": "object", "maxProperties": "object",
}  # fmt: skip
"""The type that a keyword speaks of; values of other types it lets pass."""

PROSE: Final = frozenset(
    {"title", "description", "example", "examples", "externalDocs", "xml", "summary", "$comment", "$schema"}
)
_ANNOTATIONS: Final = frozenset({"default", "deprecated", "readOnly", "writeOnly", "format"})
_CHOICES: Final = ("oneOf", "anyOf")
_READ: Final = frozenset({
    "type", "nullable", "enum", "const", "properties", "required", "additionalProperties", "items", "not", "allOf",
    "discriminator", "exclusiveMinimum", "exclusiveMaximum", "$ref", "$defs", "definitions", *APPLIES, *_CHOICES,
})  # fmt: skip
_LOWER: Final = frozenset({"minimum", "minLength", "minItems", "minProperties"})
_UPPER: Final = frozenset({"maximum", "maxLength", "maxItems", "maxProperties"})
_MAX_FOLDED: Final = 60


_TEXT: Final = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(slots=True)
class Shape:
    """What a schema says at one place.

    Attributes:
        place: where, after all references.
        types: the types that are allowed, without null; an integer that is no other number is "integer".
        null: null is allowed, as far as the type is concerned.
        values: the values that are allowed, by their JSON text, without null; None if they are not listed.
        limits: bounds, patterns and the like. A bound is a pair: the number, and whether it is excluded.
        properties: by name, the places of their schemas.
        required: names, each with the pointer of the list it is in.
        additional: the place of the schema of other properties; None if they are anything.
        items: the place of the schema of items; None if they are anything.
        choices: the branches of `oneOf` and `anyOf`, of `allOf` where it could not be folded, and `not`.
        annotations: default, deprecated, readOnly, writeOnly and format.
        other: keywords that are not understood here.
        tag: property name of the discriminator, or None.
        tags: by tag, the place of the schema.
        where: by keyword, the schema that says it, and by which keyword.
        empty: nothing is allowed.
    """

    place: Place
    types: frozenset[str] = ALL_TYPES
    null: bool = True
    values: frozenset[str] | None = None
    limits: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Place] = field(default_factory=dict)
    required: dict[str, str] = field(default_factory=dict)
    additional: Place | None = None
    items: Place | None = None
    choices: dict[str, list[Place]] = field(default_factory=dict)
    annotations: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)
    tag: str | None = None
    tags: dict[str, Place] = field(default_factory=dict)
    where: dict[str, tuple[Place, str]] = field(default_factory=dict)
    empty: bool = False

    @property
    def anything(self) -> bool:
        """Every value is allowed."""
        nothing_said = not (self.limits or self.properties or self.required or self.choices or self.other)
        open_below = self.additional is None and self.items is None and self.values is None
        return self.types == ALL_TYPES and self.null and nothing_said and open_below and not self.empty

    @property
    def closed(self) -> bool:
        """Only the properties that are listed are allowed."""
        return self.additional is not None and self.additional.value is False

    def at(self, keyword: str) -> str:
        """Return the pointer of a keyword, or of the place if it is not there."""
        found = self.where.get(keyword)
        return self.place.shown if found is None else found[0].at(found[1])


def text_of(value: Any) -> str:
    """Return the JSON text of a value, the same for equal values: 1 is 1.0, and true is not 1."""
    if isinstance(value, str):
        return _TEXT(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal as JSON: 1 is 1.0, and true is not 1."""
    if type(one) is type(other) and not isinstance(one, dict | list):
        return bool(one == other)
    return text_of(one) == text_of(other)


def shape_of(place: Place) -> Shape:
    """Return what the schema at `place` says.

    Raises:
        DocumentError: it is malformed, or a reference leads nowhere.
    """
    return _shape(place, ())


def _shape(place: Place, above: tuple[str, ...]) -> Shape:
    place = place.schema()
    shape = Shape(place)
    value = place.value
    if isinstance(value, bool):
        shape.empty = not value
        return shape
    if not isinstance(value, dict):
        raise place.error(f"a schema is expected, found {type(value).__name__}")
    above = (*above, place.pointer)
    parts: list[Place] = []
    nullable = bool(value.get("nullable"))
    if isinstance(place, Both):
        parts += place.parts
    elif "$ref" in value:
        parts.append(place.tree.target(value["$ref"], place, schema=True))
    if not isinstance(place, Both) and ("$ref" not in value or place.tree.newer):
        _own(shape, place)
        parts += place.items("allOf")
        nullable = _choices(shape, place, parts) or nullable
    typed = "type" in value or "enum" in value or "const" in value
    if not typed and shape.choices.keys() & {*_CHOICES}:
        # Whether null is one of the branches is said by `nullable`.
        shape.null = False
    shape = _with_parts(shape, parts, above)
    shape.null = shape.null or (nullable and not typed)
    return shape


def _with_parts(shape: Shape, parts: list[Place], above: tuple[str, ...]) -> Shape:
    """Return the shape with all parts of its `allOf` folded into it; or, if that would change something, with none."""
    result = shape
    for part in parts:
        target = part.schema()
        folded = None if target.pointer in above or len(above) > _MAX_FOLDED else _fold(result, _shape(target, above))
        if folded is None:
            shape.choices["allOf"] = parts
            shape.where["allOf"] = (shape.place, "allOf")
            return shape
        result = folded
    return result


def _own(shape: Shape, place: Place) -> None:
    value = place.value
    shape.where = {key: (place, key) for key in value}
    _types(shape, place)
    _limits(shape, place)
    listed = [value["const"]] if "const" in value else place.typed("enum", list) if "enum" in value else None
    if listed is not None:
        if "const" in value:
            shape.where["enum"] = (place, "const")
        shape.values = frozenset(text_of(item) for item in listed if item is not None)
        # In 3.0 an enum that forgets null beside `nullable` is taken to mean it.
        shape.null = shape.null and (None in listed or bool(value.get("nullable")))
    shape.properties = dict(place.members("properties"))
    shape.required = {str(name): place.at("required") for name in place.typed("required", list)}
    if value.get("additionalProperties", True) not in (True, {}):
        shape.additional = place.child("additionalProperties")
    if value.get("items", True) not in (True, {}):
        shape.items = place.child("items")
    if "not" in value:
        shape.choices["not"] = [place.child("not")]
    shape.annotations = {key: value[key] for key in _ANNOTATIONS if key in value and value[key] is not False}
    if not isinstance(shape.annotations.get("format", ""), str):
        raise place.child("format").error("a format is a text")
    known = _READ | _ANNOTATIONS | PROSE
    shape.other = {key: item for key, item in value.items() if key not in known and not key.startswith("x-")}
    _discriminator(shape, place)


def _types(shape: Shape, place: Place) -> None:
    said = place.value.get("type")
    if said is None:
        return
    listed = said if isinstance(said, list) else [said]
    known = ALL_TYPES | {"integer", "null"}
    if not all(isinstance(name, str) and name in known for name in listed):
        raise place.child("type").error(f"a type is expected, found {json.dumps(said)[:60]}")
    types = frozenset(listed) - {"null"}
    shape.types = types - {"integer"} if "number" in types else types
    shape.null = "null" in listed or bool(place.value.get("nullable"))


def _limits(shape: Shape, place: Place) -> None:
    value = place.value
    for keyword in APPLIES:
        if keyword in value and keyword != "items" and value[keyword] is not False:
            shape.limits[keyword] = value[keyword] if keyword in {"pattern", "uniqueItems"} else _number(place, keyword)
    for bound, other in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if bound in shape.limits:
            shape.limits[bound] = (shape.limits[bound], value.get(other) is True)
        said = value.get(other)
        if isinstance(said, int | float) and not isinstance(said, bool):
            _exclusive(shape, place, bound, other)
    for keyword in ("minLength", "minItems", "minProperties"):
        # Nothing is shorter than 0, so it says nothing.
        if shape.limits.get(keyword) == 0:
            del shape.limits[keyword]
    if not isinstance(value.get("pattern", ""), str):
        raise place.child("pattern").error("a pattern is a text")


def _exclusive(shape: Shape, place: Place, bound: str, keyword: str) -> None:
    """Read an exclusive bound of 3.1, which stands beside the other one; the closer one counts."""
    sign = 1 if bound == "minimum" else -1
    number, inclusive = _number(place, keyword), shape.limits.get(bound)
    if inclusive is None or (number * sign, 1) > (inclusive[0] * sign, 0):
        shape.limits[bound] = (number, True)
        shape.where[bound] = (place, keyword)


def _number(place: Place, keyword: str) -> Any:
    number = place.value[keyword]
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise place.child(keyword).error("a number is expected")
    return number


def _discriminator(shape: Shape, place: Place) -> None:
    said = place.typed("discriminator", dict)
    if "propertyName" in said:
        shape.tag = str(said["propertyName"])
        mapping = said.get("mapping")
        for tag, target in mapping.items() if isinstance(mapping, dict) else ():
            shape.tags[tag] = place.tree.tagged(target, place)


def _choices(shape: Shape, place: Place, parts: list[Place]) -> bool:
    """Read `oneOf` and `anyOf`, and tell whether null is one of the branches; a choice of one is that one."""
    nullable = False
    for keyword in _CHOICES:
        branches = list(place.items(keyword))
        real = [branch for branch in branches if not _is_null(branch)]
        if len(real) < len(branches):
            nullable = True
            shape.where["null"] = (place, keyword)
        if len(real) == 1 and not shape.tags:
            parts.append(real[0])
        elif real:
            shape.choices[keyword] = real
    return nullable


def _is_null(place: Place) -> bool:
    value = place.schema().value
    return isinstance(value, dict) and (value.get("type") in ("null", ["null"]) or value.get("enum") == [None])


def _fold(one: Shape, other: Shape) -> Shape | None:
    """Return what both say together; None if only both of them can say it."""
    # Which properties are the other ones is said by each part for itself.
    closing = (one.additional and other.properties) or (other.additional and one.properties)
    same = any(
        mine[key] != theirs[key]
        for mine, theirs in ((one.other, other.other), (one.tags, other.tags))
        for key in mine.keys() & theirs.keys()
    )
    limits = _limits_of_both(one.limits, other.limits)
    if closing or same or limits is None or (one.tag and other.tag) or one.choices.keys() & other.choices.keys():
        return None
    values = [shape.values for shape in (one, other) if shape.values is not None]
    return Shape(
        place=one.place,
        types=_common(one.types, other.types),
        null=one.null and other.null,
        values=frozenset.intersection(*values) if values else None,
        limits=limits,
        properties={
            name: _both(one.properties.get(name), other.properties.get(name))
            for name in {**one.properties, **other.properties}
        },
        required={**other.required, **one.required},
        additional=_both(one.additional, other.additional) if one.additional or other.additional else None,
        items=_both(one.items, other.items) if one.items or other.items else None,
        choices={**one.choices, **other.choices},
        annotations={**other.annotations, **one.annotations},
        other={**other.other, **one.other},
        tag=one.tag or other.tag,
        tags={**one.tags, **other.tags},
        where={**other.where, **one.where},
        empty=one.empty or other.empty,
    )


def _both(one: Place | None, other: Place | None) -> Place:
    if one is None or other is None or one.pointer == other.pointer:
        found = one or other
        assert found is not None  # noqa: S101 - narrows the type
        return found
    return Both([one, other])


def _limits_of_both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any] | None:
    result = {**one, **other}
    for keyword in one.keys() & other.keys():
        mine, theirs = one[keyword], other[keyword]
        if keyword in _LOWER:
            result[keyword] = max(mine, theirs)
        elif keyword in _UPPER:
            # Of two equal bounds the one that is excluded counts.
            result[keyword] = min(
                mine, theirs, key=lambda bound: (bound[0], not bound[1]) if isinstance(bound, tuple) else bound
            )
        elif mine != theirs:
            return None
    return result


def _common(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    found = one & other
    if ("integer" in one and "number" in other) or ("number" in one and "integer" in other):
        found |= {"integer"}
    return found
