"""Comparing what two schemas say by themselves: types, values, bounds, patterns, formats and annotations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.drift import containment, languages
from runtime_contracts.drift.change import (
    Breaks,
    Difference,
    Kind,
    Severity,
    Verdict,
    breaking,
    harmless,
    servers,
    warning,
)
from runtime_contracts.drift.naming import quoted, subject
from runtime_contracts.drift.shape import ALL_TYPES, APPLIES, same, text_of
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.drift.shape import Shape, same

_LOWER: Final = frozenset({"minimum", "minLength", "minItems", "minProperties"})
_CONTAINS: Final = {("int64", "int32"), ("double", "float")}
"""Pairs of formats of which the first allows all of the second."""
_NUMBERS: Final = frozenset({"int32", "int64", "float", "double"})
_MANY: Final = 6


def differences(base: Shape, live: Shape) -> Iterator[Difference]:
    """Yield what the two say differently about a value as such, without properties, items and choices."""
    yield from _types(base, live)
    yield from _values(base, live)
    for keyword in APPLIES:
        yield from _limit(base, live, keyword)
    yield from _format(base, live)
    yield from annotated(base, live)
    for keyword in sorted(base.other.keys() | live.other.keys()):
        before, after = base.other.get(keyword, ...), live.other.get(keyword, ...)
        if before is ... or after is ... or not same(before, after):
            kind = containment.kind_of(base.place, live.place)
            if kind is not None:
                what = f"{subject(base)} says something else under {quoted(keyword)}"
                yield _one(keyword, kind, what, base, live)


def _types(base: Shape, live: Shape) -> Iterator[Difference]:
    before, after = _closure(base.types), _closure(live.types)
    if base.values is not None and live.values is not None and before & after:
        # The values that are listed say more than their types.
        before = after
    if before != after:
        kind = _compared(before, after)
        null = "" if base.null == live.null else _null_words(base, live)
        what = f"{subject(base)} has the type {_type(live.types)} instead of {_type(base.types)}{null}"
        yield _one("type", kind, what, base, live)
        return
    if base.null != live.null:
        wider = live.null
        nullable = "null" if "null" in live.where or "null" in base.where else "nullable"
        yield _one(
            "nullable",
            Kind.WIDENED if wider else Kind.NARROWED,
            f"{subject(base)} {'may be null now' if wider else 'may not be null any more'}",
            base,
            live,
            keyword=nullable if nullable in live.where or nullable in base.where else "type",
            request=None if wider else breaking("clients that send null are refused"),
            response=breaking("clients that do not expect null meet it") if wider else None,
        )


def _null_words(base: Shape, live: Shape) -> str:
    if ALL_TYPES in {base.types, live.types}:
        return ""
    return ", and may be null now" if live.null else ", and may not be null any more"


def _closure(types: frozenset[str]) -> frozenset[str]:
    return types | {"integer"} if "number" in types else types


def _compared(before: frozenset[str], after: frozenset[str]) -> Kind:
    if before < after:
        return Kind.WIDENED
    return Kind.NARROWED if after < before else Kind.CHANGED


def _type(types: frozenset[str]) -> str:
    return "any" if types == ALL_TYPES else " or ".join(sorted(types)) or "null"


def _values(base: Shape, live: Shape) -> Iterator[Difference]:
    before, after = base.values, live.values
    if before == after:
        return
    if before is None or after is None:
        listed = before if after is None else after
        values = _listed(listed or frozenset())
        verb = f"only allows {values} now" if before is None else f"is not limited to {values} any more"
        kind = Kind.NARROWED if before is None else Kind.WIDENED
        yield _one("enum", kind, f"{subject(base)} {verb}", base, live, keyword="enum")
        return
    gone, new = before - after, after - before
    parts = [f"lost {_counted(gone)} {_listed(gone)}"] if gone else []
    parts += [f"gained {_counted(new)} {_listed(new)}"] if new else []
    meet = f"clients that know only the values listed so far meet {_listed(new)}"
    yield _one(
        "enum",
        Kind.CHANGED if gone and new else Kind.NARROWED if gone else Kind.WIDENED,
        f"{subject(base)} {' and '.join(parts)}",
        base,
        live,
        keyword="enum",
        request=breaking(f"clients that send {_listed(gone)} are refused") if gone else None,
        response=breaking(meet) if new else None,
    )


def _counted(values: frozenset[str]) -> str:
    return "the value" if len(values) == 1 else "the values"


def _listed(values: frozenset[str]) -> str:
    texts = sorted(values)
    names = [quoted(_word(text)) for text in texts[:_MANY]]
    return ", ".join(names) + (f" and {len(texts) - _MANY} more" if len(texts) > _MANY else "")


def _word(text: str) -> str:
    value = json.loads(text)
    return value if isinstance(value, str) and value and value not in {"true", "false", "null"} else text


def _limit(base: Shape, live: Shape, keyword: str) -> Iterator[Difference]:
    before, after = base.limits.get(keyword), live.limits.get(keyword)
    if before == after:
        return
    about = APPLIES[keyword]
    if not any(
        about in _closure(shape.types) or (about == "number" and "integer" in shape.types) for shape in (base, live)
    ):
        return
    if base.values is not None and live.values is not None:
        # What is listed is all there is, whatever else is said of it.
        return
    kind = _limit_kind(base, live, keyword)
    if kind is not None:
        what = f"{subject(base)}: {keyword} {_bound(before)} -> {_bound(after)}"
        yield _one(keyword, kind, what, base, live, keyword=keyword)


def _limit_kind(base: Shape, live: Shape, keyword: str) -> Kind | None:
    before, after = base.limits.get(keyword), live.limits.get(keyword)
    if before is None or after is None:
        return Kind.NARROWED if before is None else Kind.WIDENED
    if keyword == "multipleOf":
        return _divided(before, after)
    if keyword == "pattern":
        return _pattern_kind(before, after)
    one, other = (value if isinstance(value, tuple) else (value, False) for value in (before, after))
    if one == other:
        return None
    sign = 1 if keyword in _LOWER else -1
    return Kind.NARROWED if (other[0] * sign, other[1]) > (one[0] * sign, one[1]) else Kind.WIDENED


def _pattern_kind(before: str, after: str) -> Kind | None:
    try:
        lost, gained = (languages.difference(*pair) is not None for pair in ((before, after), (after, before)))
    except languages.UndecidedError:
        schemas = ({"type": "string", "pattern": pattern} for pattern in (before, after))
        return containment.kind_of_schemas(*schemas)
    if lost and gained:
        return Kind.CHANGED
    return Kind.NARROWED if lost else Kind.WIDENED if gained else None


def _divided(before: Any, after: Any) -> Kind:
    if not before or not after:
        return Kind.CHANGED
    if after % before == 0:
        return Kind.NARROWED
    return Kind.WIDENED if before % after == 0 else Kind.CHANGED


def _bound(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        number, excluded = value
        return f"{number} (excluded)" if excluded else str(number)
    return shown(str(value), limit=80) if isinstance(value, str) else str(value).lower()


def _format(base: Shape, live: Shape) -> Iterator[Difference]:
    before, after = base.annotations.get("format"), live.annotations.get("format")
    if before == after or (_closure(base.types) != _closure(live.types) and {before, after} <= {None, *_NUMBERS}):
        # Another type of number brings its own format along.
        return
    if after is None or (after, before) in _CONTAINS:
        kind = Kind.WIDENED
    else:
        kind = Kind.NARROWED if before is None or (before, after) in _CONTAINS else Kind.CHANGED
    words = (quoted(value) if value is not None else "none" for value in (before, after))
    yield _one("format", kind, f"{subject(base)}: format {' -> '.join(words)}", base, live, keyword="format")


def annotated(base: Shape, live: Shape) -> Iterator[Difference]:
    """Yield what the two say differently beside what is allowed: defaults, ends of life, and one-way properties."""
    before, after = base.annotations, live.annotations
    if not same(before.get("default"), after.get("default")) or ("default" in before) != ("default" in after):
        values = (
            shown(text_of(each["default"]), limit=60) if "default" in each else "none" for each in (before, after)
        )
        yield _one(
            "default",
            Kind.CHANGED,
            f"{subject(base)}: default {' -> '.join(values)}",
            base,
            live,
            keyword="default",
            request=warning("clients that leave it out get something else"),
            response=servers("a fake that follows the base fills in something else"),
        )
    if bool(before.get("deprecated")) != bool(after.get("deprecated")):
        now = bool(after.get("deprecated"))
        why = harmless("it still works; clients should get ready for its end" if now else "it is here to stay")
        what = f"{subject(base)} is {'deprecated now' if now else 'no longer deprecated'}"
        yield _one("deprecated", Kind.CHANGED, what, base, live, keyword="deprecated", request=why, response=why)
    for keyword, other in (("readOnly", "request"), ("writeOnly", "response")):
        if bool(before.get(keyword)) != bool(after.get(keyword)):
            now = bool(after.get(keyword))
            what = f"{subject(base)} is {'now' if now else 'no longer'} {keyword}"
            verdicts = _one_way(keyword, now=now)
            kind = Kind.NARROWED if now else Kind.WIDENED
            yield _one(
                keyword, kind, what, base, live, keyword=keyword, **{other: verdicts[0], _OTHER[other]: verdicts[1]}
            )


_OTHER: Final = {"request": "response", "response": "request"}


def _one_way(keyword: str, *, now: bool) -> tuple[Verdict, Verdict]:
    """Return what it means in the direction in which it must not travel, and in the other one."""
    if keyword == "readOnly":
        first = (
            warning("clients that send it may be refused or ignored") if now else warning("clients may have to send it")
        )
    else:
        first = (
            breaking("clients that read it miss it")
            if now
            else servers("a fake that follows the base does not send it")
        )
    return first, Verdict(Severity.INFO, Breaks.NOBODY, "nothing changes in this direction")


def _one(
    rule: str,
    kind: Kind,
    what: str,
    base: Shape,
    live: Shape,
    *,
    keyword: str = "",
    request: Verdict | None = None,
    response: Verdict | None = None,
) -> Difference:
    name = keyword or rule
    gone = name in base.where and name not in live.where
    return Difference(
        rule=rule,
        kind=kind,
        what=what,
        base=base.at(name),
        live=live.at(name),
        shown=base.at(name) if gone else live.at(name),
        request=request,
        response=response,
    )
