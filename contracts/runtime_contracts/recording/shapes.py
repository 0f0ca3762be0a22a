"""The shape of a value: which keys there are at each place, and of what kind and format the values are."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.operation import resolved
from runtime_contracts.violation import pointer

if TYPE_CHECKING:
    from collections.abc import Callable

_DEPTH: Final = 40
_FORMATS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "a date and time with its zone",
        re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)"),
    ),
    ("a date and time without a zone", re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?")),
    ("a date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("a UUID", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("a CRN", re.compile(r"crn:v\d:.*")),
    ("a URL", re.compile(r"https?://.*")),
    ("a JWT", re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")),
)
_KINDS: Final[Mapping[type, str]] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object",
}  # fmt: skip
_LAST: Final = re.compile(r"/[^/]*$")


@dataclass(slots=True)
class Place:
    """What was found at one place of a value, in all elements of the arrays above it.

    Attributes:
        seen: how often it was there.
        above: how often the object was there that it belongs to.
        objects: how often it was an object.
        kinds: JSON's types: "string", "integer", "number", "boolean", "null", "object", "array".
        formats: what the strings look like; "" for one that looks like nothing of its own.
    """

    seen: int = 0
    above: int = 0
    objects: int = 0
    kinds: set[str] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)

    @property
    def is_always(self) -> bool:
        """Whether it is there whenever it could be."""
        return self.seen >= self.above


Shape = Mapping[str, Place]
"""Places by JSON pointers, with `*` for the elements of an array and for keys that are data."""


def shape_of(value: Any, *, is_map: Callable[[str], bool]) -> Shape:
    """Return the shape of a value; `is_map` tells of a pointer whether the keys of the object there are data."""
    places: dict[str, Place] = {}
    _add(places, value, "", is_map, _DEPTH)
    for where, place in places.items():
        is_named = bool(where) and not where.endswith("/*")
        place.above = places[_LAST.sub("", where)].objects if is_named else place.seen
    return places


def _add(places: dict[str, Place], value: Any, where: str, is_map: Callable[[str], bool], depth: int) -> None:
    place = places.setdefault(where, Place())
    place.seen += 1
    place.kinds.add(kind_of(value))
    if isinstance(value, str):
        place.formats.add(format_of(value))
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value:
            _add(places, item, f"{where}/*", is_map, depth - 1)
    elif isinstance(value, dict):
        place.objects += 1
        data = is_map(where)
        for key, item in value.items():
            _add(places, item, f"{where}/*" if data else where + pointer(key), is_map, depth - 1)


def kind_of(value: Any) -> str:
    """Return the type of a JSON value, in JSON Schema's words."""
    return "null" if value is None else _KINDS.get(type(value), "object")


def format_of(text: str) -> str:
    """Return what a text looks like, or "" if it looks like nothing of its own."""
    return next((name for name, pattern in _FORMATS if len(text) < 5000 and pattern.fullmatch(text)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One way in which two answers to the same request are unlike.

    Attributes:
        kind: "missing", "extra", "sometimes_missing", "type", "null", "format", "status", "header", "content_type",
            "body", "document".
        where: a JSON pointer into the answer, with `*` for the elements of an array.
        text: a sentence that says what the first has and the second has not.
    """

    kind: str
    where: str
    text: str


def differences(one: Shape, other: Shape, *, names: tuple[str, str]) -> Iterator[Difference]:
    """Yield how `other` is unlike `one`; `names` are what the two are called.

    Of what is below a place that is missing or of another type, nothing is said.
    """
    first, second = names
    unlike: list[str] = []
    for where in sorted({*one, *other}, key=lambda place: (place.count("/"), place)):
        if any(where.startswith(f"{above}/") for above in unlike):
            continue
        here, there = one.get(where), other.get(where)
        if where.endswith("/*") and (here is None or there is None):
            # An array or a map without elements says nothing of what they would be.
            unlike.append(where)
            continue
        shown = where or "/"
        if there is None and here is not None:
            unlike.append(where)
            yield Difference(kind="missing", where=where, text=f"{first} has `{shown}` {_said(here)}, {second} has not")
        elif here is None and there is not None:
            unlike.append(where)
            yield Difference(kind="extra", where=where, text=f"{second} has `{shown}` {_said(there)}, {first} has not")
        elif here is not None and there is not None:
            found = list(_unlike(here, there, where, names))
            if any(each.kind == "type" for each in found):
                unlike.append(where)
            yield from found


def is_under(where: str, pattern: str) -> bool:
    """Tell whether a pointer is one that a pattern names, or below it; `*` stands for any part."""
    parts, wanted = where.split("/"), pattern.rstrip("/").split("/")
    return len(parts) >= len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def _unlike(here: Place, there: Place, where: str, names: tuple[str, str]) -> Iterator[Difference]:
    first, second = names
    shown = where or "/"
    if here.is_always and not there.is_always:
        yield Difference(
            kind="sometimes_missing", where=where, text=f"{first} always has `{shown}`, {second} has it only at times"
        )
    mine, theirs = here.kinds - {"null"}, there.kinds - {"null"}
    if mine and theirs and not _same_kinds(mine, theirs):
        yield Difference(
            kind="type", where=where, text=f"{first} has `{shown}` {_listed(mine)}, {second} {_listed(theirs)}"
        )
        return
    if ("null" in here.kinds) != ("null" in there.kinds):
        nullish, solid = (first, second) if "null" in here.kinds else (second, first)
        kinds = _listed((mine | theirs) or {"null"})
        yield Difference(kind="null", where=where, text=f"{nullish} has null at `{shown}`, {solid} has {kinds}")
    if here.formats and there.formats and here.formats != there.formats:
        yield Difference(
            kind="format",
            where=where,
            text=f"{first} has `{shown}` {_formats(here)}, {second} {_formats(there)}",
        )


def _same_kinds(one: set[str], other: set[str]) -> bool:
    if one == other:
        return True
    # A number may happen to be whole; an integer must not happen to have a fraction.
    return "number" in one and one | {"integer"} == other | {"integer", "number"}


def _said(place: Place) -> str:
    return _listed(place.kinds)


def _listed(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))


def _formats(place: Place) -> str:
    return " or ".join(sorted(name or "another text" for name in place.formats))


def maps_of(document: dict[str, Any], schema: dict[str, Any] | None) -> Callable[[str], bool]:
    """Return a call that tells where in a value the schema has an object whose keys are data."""

    def is_map(where: str) -> bool:
        schemas = [schema] if schema is not None else []
        for part in where.split("/")[1:]:
            schemas = [below for each in _all(document, schemas) for below in _below(each, part)]
        found = list(_all(document, schemas))
        named = any(each.get("properties") for each in found)
        return not named and any(isinstance(each.get("additionalProperties"), dict) for each in found)

    cache: dict[str, bool] = {}

    def remembered(where: str) -> bool:
        if where not in cache:
            cache[where] = is_map(where)
        return cache[where]

    return remembered


def _all(document: dict[str, Any], schemas: list[dict[str, Any]], depth: int = _DEPTH) -> Iterator[dict[str, Any]]:
    for schema in schemas:
        found = resolved(document, schema)
        if isinstance(found, dict) and depth:
            yield found
            for key in ("allOf", "anyOf", "oneOf"):
                yield from _all(document, found.get(key, []), depth - 1)


def _below(schema: dict[str, Any], part: str) -> Iterator[dict[str, Any]]:
    name = part.replace("~1", "/").replace("~0", "~")
    if name in schema.get("properties", {}):
        yield schema["properties"][name]
    if part == "*":
        yield from (schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict))


def parsed(body: bytes) -> tuple[bool, Any]:
    """Return whether a body is JSON, and the value. It need not be strict: both sides are read the same way."""
    try:
        return True, json.loads(body)
    except (ValueError, RecursionError):
        return False, None
