"""Witnesses: values that one of two schemas allows and the other does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.drift import containment, languages
from runtime_contracts.drift.change import Kind
from runtime_contracts.drift.shape import Shape, text_of
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.drift.schemas import Schemas
    from runtime_contracts.drift.tree import Place

_DEPTH: Final = 6
_MANY: Final = 24
_LONGEST: Final = 400
"""Texts and lists up to this length are tried."""
_SHOWN: Final = 160
_FORMATS: Final = {
    "date": "2026-02-01", "date-time": "2026-02-01T12:00:00Z", "time": "12:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/", "email": "someone@example.com", "ipv4": "192.0.2.1", "hostname": "example.com",
}  # fmt: skip


def between(allowing: Place, refusing: Place, schemas: Schemas) -> Any:
    """Return a short value that one schema allows and the other refuses; `...` if none was found."""
    one, other = containment.validator_of(allowing), containment.validator_of(refusing)
    if one is None or other is None:
        return ...
    candidates = [*_samples(allowing, schemas, _DEPTH), *_samples(refusing, schemas, _DEPTH)]
    candidates += list(_edges(schemas.shape(allowing), schemas.shape(refusing)))
    found = [value for value in candidates if one.is_valid(value) and not other.is_valid(value)]
    return min(found, key=lambda value: (len(text_of(value)), text_of(value)), default=...)


def decided(base: Place, live: Place, schemas: Schemas) -> Kind:
    """Return what values have to say where nothing could be proven; UNKNOWN if they say nothing either."""
    lost, gained = (between(*pair, schemas) is not ... for pair in ((base, live), (live, base)))
    if lost and gained:
        return Kind.CHANGED
    return Kind.NARROWED if lost else Kind.WIDENED if gained else Kind.UNKNOWN


def text_of_witness(value: Any) -> str:
    """Return a value as it is shown; "" for one that is too long."""
    if isinstance(value, str) and len(value) > 20 and len(set(value)) == 1:
        return f"a text of {len(value)} characters"
    text = json.dumps(value, ensure_ascii=False)
    return shown(text) if len(text) <= _SHOWN else ""


def _samples(place: Place, schemas: Schemas, depth: int) -> list[Any]:
    """Return some values that a schema may allow, the plain ones first."""
    shape = schemas.shape(place)
    if shape.values is not None:
        return [json.loads(text) for text in sorted(shape.values)[:_MANY]] + ([None] if shape.null else [])
    found = _chosen(shape, schemas, depth) if depth else []
    for kind in sorted(shape.types):
        match kind:
            case "string":
                found += _texts(shape)
            case "boolean":
                found += [True, False]
            case "number" | "integer":
                found += _numbers(shape)
            case "array" if depth:
                found += _lists(shape, schemas, depth)
            case "object" if depth:
                found += _objects(shape, schemas, depth)
    return (found + ([None] if shape.null else []))[:_MANY]


def _chosen(shape: Shape, schemas: Schemas, depth: int) -> list[Any]:
    """Return values that the branches of a choice may allow."""
    branches = [branch for keyword, found in shape.choices.items() if keyword != "not" for branch in found]
    values = [value for branch in branches for value in _samples(branch, schemas, depth - 1)[:4]]
    return [_joined(value, shape, schemas, depth) for value in values]


def _joined(value: Any, shape: Shape, schemas: Schemas, depth: int) -> Any:
    if not isinstance(value, dict) or not shape.required:
        return value
    return {**next(iter(_objects(shape, schemas, depth)), {}), **value}


def _texts(shape: Shape) -> list[Any]:
    least, most = int(shape.limits.get("minLength", 0)), int(shape.limits.get("maxLength", 64))
    found = [_FORMATS[name]] if (name := shape.annotations.get("format")) in _FORMATS else []
    if "pattern" in shape.limits:
        try:
            text = languages.shortest(shape.limits["pattern"])
        except languages.UndecidedError:
            text = None
        if text is not None:
            found.append(text)
            found += [
                text + text[-1:] * (length - len(text)) for length in (least, most) if len(text) < length <= _LONGEST
            ]
    return [*found, *("a" * length for length in dict.fromkeys((least, 1, most, 0)) if length <= _LONGEST)]


def _numbers(shape: Shape) -> list[Any]:
    found: list[Any] = []
    for keyword, sign in (("minimum", 1), ("maximum", -1)):
        if keyword in shape.limits:
            number, excluded = shape.limits[keyword]
            found.append(number + sign if excluded else number)
    step = shape.limits.get("multipleOf")
    found += [step] if step else []
    return [*found, 1, 0, -1, *([] if shape.types == {"integer"} else [0.5])]


def _lists(shape: Shape, schemas: Schemas, depth: int) -> list[Any]:
    items = [1] if shape.items is None else _samples(shape.items, schemas, depth - 1)
    least, most = int(shape.limits.get("minItems", 0)), int(shape.limits.get("maxItems", 2))
    if not items:
        return [[]]
    lengths = [length for length in dict.fromkeys((least, max(least, 1), most)) if length <= _LONGEST]
    return [[items[number % len(items)] for number in range(length)] for length in lengths]


def _objects(shape: Shape, schemas: Schemas, depth: int) -> list[Any]:
    values = {name: _samples(item, schemas, depth - 1) for name, item in shape.properties.items()}
    needed = {name: (values.get(name) or [1])[0] for name in shape.required}
    found: list[Any] = [needed]
    for name, samples in values.items():
        found += [{**needed, name: sample} for sample in samples[:1]]
    found.append({**needed, **{name: samples[0] for name, samples in values.items() if samples}})
    found.append({**needed, "another": 1})
    return found


def _edges(one: Shape, other: Shape) -> Iterator[Any]:
    """Yield values at the bounds in which two schemas differ."""
    for shape in (one, other):
        for keyword, value in shape.limits.items():
            if keyword in {"minimum", "maximum"}:
                yield from (value[0] - 1, value[0], value[0] + 1)
            elif keyword in {"minLength", "maxLength"} and value < _LONGEST:
                yield from ("a" * max(0, int(value) + more) for more in (-1, 0, 1))
            elif keyword in {"minItems", "maxItems"} and value < _LONGEST:
                yield from ([1] * max(0, int(value) + more) for more in (-1, 0, 1))
    patterns = [shape.limits.get("pattern") for shape in (one, other)]
    if patterns[0] is not None and patterns[1] is not None:
        try:
            yield languages.difference(patterns[0], patterns[1]) or ""
        except languages.UndecidedError:
            return
    if one.types != other.types or one.null != other.null:
        yield from ("a", 1, 0.5, True, None, [], {})
