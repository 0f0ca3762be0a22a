"""Comparing two schemas: the differences of each pair of places, and the pairs of places below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runtime_contracts.drift import containment, keywords, witness
from runtime_contracts.drift.branches import aligned, same_content
from runtime_contracts.drift.change import Difference, Direction, Kind, breaking, servers, warning
from runtime_contracts.drift.naming import called, owner, quoted, subject
from runtime_contracts.drift.shape import ALL_TYPES, Shape, shape_of
from runtime_contracts.drift.tree import Place
from runtime_contracts.sources.parsing import DocumentError
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.drift.tree import Tree


@dataclass(frozen=True, slots=True)
class Below:
    """A pair of places below another pair.

    Attributes:
        step: how one gets there, such as ".status" or "[]".
        flipped: below a `not`, where less is more.
        never: the direction in which nothing gets there.
    """

    base: Place
    live: Place
    step: str = ""
    flipped: bool = False
    never: Direction | None = None


@dataclass(slots=True)
class Compared:
    """What a pair of places says by itself, and where to go on."""

    differences: list[Difference] = field(default_factory=list)
    below: list[Below] = field(default_factory=list)


class Schemas:
    """Compares pairs of schemas of two documents, each pair once."""

    def __init__(self, base: Tree, live: Tree) -> None:
        self._trees = (base, live)
        self._compared: dict[tuple[str, str], Compared] = {}
        self._shapes: dict[tuple[int, str], Shape] = {}
        self.contents: dict[tuple[int, str, int], str] = {}

    def shape(self, place: Place) -> Shape:
        """Return what the schema there says; it is read once.

        Raises:
            DocumentError: it is malformed, or a reference leads nowhere.
        """
        key = (id(place.tree), place.schema().pointer)
        if key not in self._shapes:
            self._shapes[key] = shape_of(place)
        return self._shapes[key]

    def compared(self, base: Place, live: Place) -> Compared:
        """Return what the two say differently at this place, and the pairs below.

        Raises:
            DocumentError: one is malformed, or a reference leads nowhere.
        """
        one, other = base.schema(), live.schema()
        key = (one.pointer, other.pointer)
        if key not in self._compared:
            found = Compared()
            # Recursive schemas come back here; they are compared by then.
            self._compared[key] = found
            self._compare(self.shape(base), self.shape(live), found)
        return self._compared[key]

    def _compare(self, base: Shape, live: Shape, found: Compared) -> None:
        whole = _whole(base, live)
        if whole is not None:
            found.differences.append(whole)
            return
        one_of_several = self._one_of_several(base, live)
        if one_of_several:
            found.differences += [*_real(base, live, one_of_several), *keywords.annotated(base, live)]
            return
        local = list(keywords.differences(base, live))
        if not (base.types & live.types or {"integer", "number"} <= base.types | live.types):
            # Nothing that was a text and is a number now has a length to compare.
            found.differences += [change for change in local if change.rule in {"type", "default", "deprecated"}]
            return
        choices = list(self._choices(base, live, found))
        local += choices
        local += self._properties(base, live, found)
        self._others(base, live, found)
        found.differences += _real(base, live, local)
        if any(change.rule == "composition" and "put together" in change.what for change in choices):
            found.below.clear()
            found.differences[:] = [change for change in found.differences if change.rule in _APART | {"composition"}]

    def _choices(self, base: Shape, live: Shape, found: Compared) -> Iterator[Difference]:
        before, after = base.choices, live.choices
        if ({*before} == {"oneOf"} and {*after} == {"anyOf"}) or ({*before} == {"anyOf"} and {*after} == {"oneOf"}):
            old, new = next(iter(before)), next(iter(after))
            kind = containment.kind_of(base.place, live.place)
            if kind is not None:
                kind = Kind.WIDENED if new == "anyOf" else Kind.NARROWED
                yield _difference("composition", kind, f"{subject(base)}: {old} -> {new}", base, live)
            after = {old: after[new]}
        if before.keys() != after.keys():
            yield from self._recomposed(base, live)
            return
        for keyword, branches in before.items():
            pairs, gone, come = aligned(branches, after[keyword], self)
            flipped = keyword == "not"
            found.below += [Below(one, other, flipped=flipped) for one, other in pairs]
            less, more = (Kind.NARROWED, Kind.WIDENED) if keyword != "allOf" else (Kind.WIDENED, Kind.NARROWED)
            for part in gone:
                what = f"{subject(base)} lost {_branch(part)} from {keyword}"
                yield _difference("composition-part", less, what, base, live, place=part.shown)
            for part in come:
                what = f"{subject(base)} gained {_branch(part)} in {keyword}"
                yield _difference("composition-part", more, what, base, live, place=part.shown)
            yield from self._tags(base, live, [*gone, *come])

    def _one_of_several(self, base: Shape, live: Shape) -> list[Difference]:
        """Return what differs where a schema became one of several, or one of several is all that is left."""
        for few, many, kind, verb in (
            (base, live, Kind.WIDENED, "gained"),
            (live, base, Kind.NARROWED, "lost"),
        ):
            keyword = _bare(many)
            if keyword not in {"oneOf", "anyOf"} or few.choices:
                continue
            same = next((part for part in many.choices[keyword] if same_content(few.place, part, self)), None)
            if same is not None:
                others = [part for part in many.choices[keyword] if part is not same]
                what = f"{subject(base)} {verb} {', '.join(map(_branch, others))} in {keyword}"
                return [_difference("composition-part", kind, what, base, live, place=many.at(keyword))]
        return []

    def _recomposed(self, base: Shape, live: Shape) -> Iterator[Difference]:
        kind = containment.kind_of(base.place, live.place)
        if kind is Kind.UNKNOWN:
            kind = witness.decided(base.place, live.place, self)
        if kind is not None:
            words = (" and ".join(shape.choices) or "one schema" for shape in (base, live))
            what = f"{subject(base)} is put together in another way, {' -> '.join(words)}"
            yield _difference("composition", kind, what, base, live)

    def _tags(self, base: Shape, live: Shape, told: list[Place]) -> Iterator[Difference]:
        if base.tag != live.tag:
            what = f"{subject(base)} is told apart by {live.tag or 'nothing'} instead of {base.tag or 'nothing'}"
            # Where nothing told them apart before, a value without the tag will not do any more.
            kind = Kind.NARROWED if base.tag is None else Kind.WIDENED if live.tag is None else Kind.CHANGED
            yield _difference("discriminator", kind, what, base, live, keyword="discriminator")
            return
        pointers = {branch.schema().pointer for branch in told}
        for tag in sorted(base.tags.keys() | live.tags.keys()):
            before, after = base.tags.get(tag), live.tags.get(tag)
            if {place.pointer for place in (before, after) if place is not None} & pointers:
                continue
            if before is None or after is None:
                kind, verb = (Kind.WIDENED, "gained") if before is None else (Kind.NARROWED, "lost")
                what = f"{subject(base)} {verb} the tag {quoted(tag)} of its discriminator"
                yield _difference("discriminator", kind, what, base, live, keyword="discriminator")

    def _properties(self, base: Shape, live: Shape, found: Compared) -> Iterator[Difference]:
        for name in _ordered(base.properties, live.properties):
            before, after = base.properties.get(name), live.properties.get(name)
            if before is not None and after is not None:
                yield from self._required(base, live, name)
                never = _one_way(self.shape(before), self.shape(after))
                found.below.append(Below(before, after, f".{name}", never=never))
            elif after is not None:
                yield self._added(base, live, name, after)
            elif before is not None:
                yield self._removed(base, live, name, before)
        for name in _ordered(base.required, live.required):
            if name not in base.properties and name not in live.properties:
                yield from self._required(base, live, name)

    def _required(self, base: Shape, live: Shape, name: str) -> Iterator[Difference]:
        if (name in base.required) == (name in live.required):
            return
        now = name in live.required
        holder = live.place if now else base.place
        where = (live if now else base).required[name]
        only: Direction | None = None
        if name in base.properties and name in live.properties:
            never = _one_way(self.shape(base.properties[name]), self.shape(live.properties[name]))
            only = {"request": _RESPONSE, "response": _REQUEST}.get(never or "")
        yield Difference(
            rule="required",
            kind=Kind.NARROWED if now else Kind.WIDENED,
            what=f"property {quoted(name)} of {owner(holder, where)} is {_REQUIRED[now]}",
            base=base.required.get(name) or _there(where, base),
            live=live.required.get(name) or _there(where, live),
            shown=where,
            request=breaking(f"clients that leave out {quoted(name)} are refused") if now else None,
            response=None if now else breaking(f"clients that rely on {quoted(name)} meet objects without it"),
            only=only,
        )

    def _added(self, base: Shape, live: Shape, name: str, place: Place) -> Difference:
        required, closed = name in live.required, base.closed
        refused = "clients that refuse properties that they do not know"
        unknown = servers(
            f"clients that ignore what they do not know go on; a fake that follows the base has no {quoted(name)}"
        )
        return Difference(
            rule="property",
            kind=Kind.ADDED,
            what=f"{owner(live.place, place.shown)} gained the {_HOW[required]} property {quoted(name)}",
            base=base.place.shown,
            live=place.shown,
            shown=place.shown,
            request=breaking(f"clients that do not send {quoted(name)} are refused") if required else None,
            response=breaking(f"{refused} meet {quoted(name)}") if closed else unknown,
            only=_only(self.shape(place)),
        )

    def _removed(self, base: Shape, live: Shape, name: str, place: Place) -> Difference:
        required, closed = name in base.required, live.closed
        ignored = f"clients that send {quoted(name)} are not refused, but it may be ignored"
        missed = f"clients that read {quoted(name)}"
        return Difference(
            rule="property",
            kind=Kind.REMOVED,
            what=f"{owner(base.place, place.shown)} lost the {_HOW[required]} property {quoted(name)}",
            base=place.shown,
            live=live.place.shown,
            shown=place.shown,
            request=breaking(f"clients that send {quoted(name)} are refused") if closed else warning(ignored),
            response=breaking(f"{missed}, which was always there, miss it")
            if required
            else warning(f"{missed} miss it"),
            only=_only(self.shape(place)),
        )

    def _others(self, base: Shape, live: Shape, found: Compared) -> None:
        """Go on below items and additional properties."""
        for name, step in (("items", "[]"), ("additional", ".*")):
            before, after = getattr(base, name), getattr(live, name)
            keyword = {"additional": "additionalProperties"}.get(name, name)
            if before is not None or after is not None:
                # What is not said is anything.
                before = before or base.place.beyond(keyword)
                after = after or live.place.beyond(keyword)
                found.below.append(Below(before, after, step))


def _bare(shape: Shape) -> str:
    """Return the keyword of the only choice of a schema that says nothing else; "" if there is more or none."""
    said = shape.properties or shape.required or shape.limits or shape.other or shape.values is not None
    if said or shape.items or shape.additional or shape.types != ALL_TYPES or len(shape.choices) != 1:
        return ""
    return next(iter(shape.choices))


_REQUIRED = {True: "now required", False: "no longer required"}
_HOW = {True: "required", False: "optional"}
_REQUEST: Direction = "request"
_RESPONSE: Direction = "response"
_APART = frozenset({
    "format", "default", "deprecated", "readOnly", "writeOnly", "required", "property", "discriminator",
})  # fmt: skip
"""Rules about what a validator says nothing of, or what it says without knowing the direction."""


def _whole(base: Shape, live: Shape) -> Difference | None:
    """Return the difference of two schemas of which one allows nothing, or anything; None if that is not so."""
    keyword = "additionalProperties" if base.place.pointer.endswith("/additionalProperties") else "schema"
    rule = "additional-properties" if keyword == "additionalProperties" else "schema"
    for one, other, kind in ((base, live, Kind.NARROWED), (live, base, Kind.WIDENED)):
        if one.anything and other.anything:
            return None
        if (one.anything and not other.anything) or (other.empty and not one.empty):
            words = [
                ("anything" if shape.anything else "nothing" if shape.empty else "a schema") for shape in (base, live)
            ]
            return _difference(rule, kind, f"{subject(base)}: {words[0]} -> {words[1]} is allowed", base, live)
    return None


def _real(base: Shape, live: Shape, local: list[Difference]) -> list[Difference]:
    """Leave out what changes nothing, such as a length that a pattern asked for already."""
    deciding = [change for change in local if change.rule not in _APART]
    if not deciding or containment.kind_of(base.place, live.place) is not None:
        return local
    return [change for change in local if change.rule in _APART]


def _there(pointer: str, shape: Shape) -> str:
    """Return the same pointer in the other document, or that of the list that stands in its place."""
    try:
        shape.place.tree.step(pointer, shape.place)
    except DocumentError:
        return shape.at("required")
    return pointer


def _one_way(base: Shape, live: Shape) -> Direction | None:
    """Return the direction in which neither of the two travels."""
    if base.annotations.get("readOnly") and live.annotations.get("readOnly"):
        return "request"
    if base.annotations.get("writeOnly") and live.annotations.get("writeOnly"):
        return "response"
    return None


def _only(shape: Shape) -> Direction | None:
    if shape.annotations.get("readOnly"):
        return "response"
    return "request" if shape.annotations.get("writeOnly") else None


def _branch(place: Place) -> str:
    target = place.schema()
    title = target.value.get("title") if isinstance(target.value, dict) else None
    called_so = called(target)
    return f"{called_so} ({shown(title, limit=60)})" if title and called_so.startswith("part") else called_so


def _ordered(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys((*one, *other)))


def _difference(
    rule: str, kind: Kind, what: str, base: Shape, live: Shape, *, keyword: str = "", place: str = ""
) -> Difference:
    return Difference(
        rule=rule,
        kind=kind,
        what=what,
        base=base.at(keyword),
        live=live.at(keyword),
        shown=place or live.at(keyword),
    )
