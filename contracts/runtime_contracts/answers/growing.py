"""Growing a value out of a schema of the document, by a taste; and every place in it where it could be otherwise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.answers.scalars import numbers, spellings, texts
from runtime_contracts.answers.tastes import LONG, MANY_BELOW, Settled
from runtime_contracts.operation import resolved
from runtime_contracts.violation import pointer, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from runtime_contracts.answers.tastes import Taste

LEAST: Final = Settled(optional=False, items="none", texts="shortest")
EVERYTHING: Final = Settled()
UNKNOWN: Final = "aPropertyNobodyKnows"
_ODD_KEYS: Final = ("", "a.b/c~d", "\u00e4\u6f22\U0001f300", "__proto__", "constructor", "0")
_DEPTH: Final = 9
_AGAIN: Final = 2
_LISTS: Final = ("oneOf", "anyOf")
_ANYTHING: Final[tuple[Any, ...]] = (
    None, True, 0, -1.5, "text", "", [], {}, [[], [None]], {"nested": {"deeper": [1, "2", None]}},
)  # fmt: skip
_PLACE_TEXTS: Final = frozenset({"shortest", "longest", "astral"})

Path = tuple[str | int, ...]
REMOVED: Final = object()
"""Stands for a property that is taken out."""


@dataclass(frozen=True, slots=True)
class Variant:
    """How a value could be otherwise in one place.

    Attributes:
        name: where and how.
        edits: what to put where, one after the other.
        rank: 0 for a word or shape that is listed in the document, 1 for everything else.
    """

    name: str
    edits: tuple[tuple[Path, Any], ...]
    rank: int = 1


class Growing:
    """Grows values for the schemas of one document; `seed` goes into the usual texts."""

    def __init__(self, document: dict[str, Any], seed: int) -> None:
        self._document = document
        self.seed = seed
        self._plain: dict[str, dict[str, Any]] = {}
        self._scalars: dict[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {}

    def value(self, schema: Any, taste: Taste, depth: int = 0, stack: tuple[str, ...] = ()) -> Any:
        """Return a value for a schema in the dialect of the document. A validator has to look at it still."""
        stack = _deeper(schema, stack)
        node = self.plain(schema)
        if depth > _DEPTH or stack.count(stack[-1] if stack else "") > _AGAIN:
            taste = LEAST
        if node.get("nullable") and (taste.is_null() or depth > 2 * _DEPTH):
            return None
        options = [option for option in node.get("enum", ()) if option is not None]
        if options:
            return taste.option(options)
        branches = self.branches(node)
        if branches:
            return self.value(branches[taste.branch(len(branches)) % len(branches)], taste, depth + 1, stack)
        result: Any
        match kind_of(node):
            case "object":
                result = self._object(node, taste, depth, stack)
            case "array":
                result = self._array(node, taste, depth, stack)
            case "string" | "integer" | "number":
                kinds, others = self.scalars(node)
                result = taste.kind(kinds) if kinds else ("" if node.get("type") == "string" else 0)
                result = taste.spelling(result, others) if others else result
            case "boolean":
                result = taste.truth()
            case _:
                result = taste.option(("anything", *_ANYTHING)) if taste.wants(depth) else "anything"
        return result

    def _array(self, node: dict[str, Any], taste: Taste, depth: int, stack: tuple[str, ...]) -> list[Any]:
        count = taste.length(int(node.get("minItems", 0)), node.get("maxItems"), depth)
        items_of = self.plain(node.get("items", {}))
        if taste is EVERYTHING and kind_of(items_of) in {"", "object"} and len(items_of.keys() - {"description"}) < 2:
            # Of things that the document says nothing of there are none in the answer that the others differ from:
            # a client that looks into them would stumble in each.
            count = int(node.get("minItems", 0))
        # The lists inside of a long list are short.
        inner = depth + (1 if count < LONG else MANY_BELOW)
        items = (self.value(node.get("items", {}), taste, inner, stack) for _ in range(count))
        return _distinct(items) if node.get("uniqueItems") else list(items)

    def _object(self, node: dict[str, Any], taste: Taste, depth: int, stack: tuple[str, ...]) -> dict[str, Any]:
        required = set(node.get("required", ()))
        properties = node.get("properties", {})
        value = {
            name: self.value(item, taste, depth + 1, stack)
            for name, item in properties.items()
            if name in required or taste.wants(depth)
        }
        value |= {name: "anything" for name in node.get("required", ()) if name not in properties}
        others = node.get("additionalProperties", True)
        if isinstance(others, dict):
            count = taste.length(int(node.get("minProperties", 0)), node.get("maxProperties"), depth)
            names = [f"key{number}" for number in range(count)]
            if taste.adds_unknown():
                names[:0] = _ODD_KEYS
            value |= {name: self.value(others, taste, depth + 1, stack) for name in names}
        elif others and taste.adds_unknown():
            value[UNKNOWN] = {"nested": [1, None, "\U0001f300"]}
        return value

    def variants(self, schema: Any, value: Any, path: Path = (), stack: tuple[str, ...] = ()) -> Iterator[Variant]:
        """Yield how `value`, grown with the taste EVERYTHING, could be otherwise, one place at a time."""
        stack = _deeper(schema, stack)
        if stack and stack.count(stack[-1]) > 1:
            return
        node, where = self.plain(schema), pointer(*path) or "/"
        if node.get("nullable"):
            yield Variant(f"{where} is null", ((path, None),), 0)
        if node.get("enum"):
            for option in node["enum"]:
                if option != value and option is not None:
                    yield Variant(f"{where} is {shown(option, limit=60)}", ((path, option),), 0)
            return
        branches = self.branches(node)
        if branches:
            yield from self._branch_variants(branches, value, path, stack)
            return
        yield from self._of_kind(node, path, stack, value)

    def _branch_variants(
        self, branches: list[dict[str, Any]], value: Any, path: Path, stack: tuple[str, ...]
    ) -> Iterator[Variant]:
        yield from self.variants(branches[0], value, path, stack)
        for number, branch in enumerate(branches[1:], start=2):
            other = self.value(branch, EVERYTHING, len(path), stack)
            chosen = (path, other)
            title = branch.get("$ref", "").rpartition("/")[2] or kind_of(self.plain(branch)) or "anything"
            where = pointer(*path) or "/"
            yield Variant(f"{where} is of its shape {number}, {title}", (chosen,), 0)
            for variant in self.variants(branch, other, path, stack):
                yield Variant(f"{variant.name} (shape {number})", (chosen, *variant.edits), variant.rank)

    def _of_kind(self, node: dict[str, Any], path: Path, stack: tuple[str, ...], value: Any) -> Iterator[Variant]:
        where = pointer(*path) or "/"
        match kind_of(node):
            case "object" if isinstance(value, dict):
                yield from self._object_variants(node, value, path, stack)
            case "array" if isinstance(value, list):
                yield from self._array_variants(node, value, path, stack)
            case "string":
                kinds, others = self.scalars(node)
                yield from (
                    Variant(f"{where} is {kind}", ((path, text),))
                    for kind, text in kinds.items()
                    if text != value and (kind in _PLACE_TEXTS or kind.startswith("matching"))
                )
                yield from (Variant(f"{where} is {text}", ((path, text),)) for text in others)
            case "integer" | "number":
                kinds, _ = self.scalars(node)
                changed = ((kind, number) for kind, number in kinds.items() if repr(number) != repr(value))
                yield from (Variant(f"{where} is {kind}: {number}", ((path, number),)) for kind, number in changed)
            case "boolean":
                yield Variant(f"{where} is {str(not value).lower()}", ((path, not value),))
            case "":
                changed_to = (other for other in _ANYTHING if other != value)
                yield from (Variant(f"{where} is {json.dumps(other)}", ((path, other),)) for other in changed_to)

    def _object_variants(
        self, node: dict[str, Any], value: dict[str, Any], path: Path, stack: tuple[str, ...]
    ) -> Iterator[Variant]:
        where, properties = pointer(*path), node.get("properties", {})
        required = set(node.get("required", ()))
        others = node.get("additionalProperties", True)
        for name, there in value.items():
            inner = (*path, name)
            if name not in required:
                yield Variant(f"{where}{pointer(name)} is absent", ((inner, REMOVED),))
            item = properties.get(name, others if isinstance(others, dict) else None)
            if item is not None:
                yield from self.variants(item, there, inner, stack)
        if isinstance(others, dict):
            item = self.value(others, EVERYTHING, len(path) + 1, stack)
            kept = {name: value[name] for name in value if name in properties}
            yield Variant(f"{where or '/'} has no keys of its own", ((path, kept),))
            odd = kept | dict.fromkeys(_ODD_KEYS, item)
            yield Variant(f"{where or '/'} has odd keys", ((path, odd),))
        elif others:
            yield Variant(f"{where or '/'} has an unknown property", (((*path, UNKNOWN), {"nested": [1, None]}),))

    def _array_variants(
        self, node: dict[str, Any], value: list[Any], path: Path, stack: tuple[str, ...]
    ) -> Iterator[Variant]:
        where, items = pointer(*path) or "/", node.get("items", {})
        least = int(node.get("minItems", 0))
        grow = partial(self.value, items, EVERYTHING, len(path) + 1, stack)
        for name, count in (("no items" if not least else "as few items as may be", least), ("one item", 1)):
            if count != len(value):
                yield Variant(f"{where} has {name}", ((path, _so_many(grow, count)),))
        most = Settled(items="many").length(least, node.get("maxItems"), len(path))
        if most > len(value):
            yield Variant(f"{where} has {most} items", ((path, _so_many(grow, most)),))
        if value:
            yield from self.variants(items, value[0], (*path, 0), stack)

    def scalars(self, node: dict[str, Any]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """Return the texts or numbers of a schema by kind, and the other spellings of its format."""
        key = json.dumps(node, sort_keys=True, default=str)
        if key not in self._scalars:
            own = {name: item for name, item in node.items() if name != "nullable"}
            is_text = own.get("type") == "string"
            found = texts(own, self.seed) if is_text else numbers(own)
            self._scalars[key] = found, spellings(own) if is_text else ()
        return self._scalars[key]

    def plain(self, schema: Any) -> dict[str, Any]:
        """Return a schema without `$ref` and `allOf` at its top: what they lead to is merged into one."""
        if not isinstance(schema, dict):
            return {}
        if "$ref" not in schema and "allOf" not in schema:
            return schema
        key = json.dumps(schema, sort_keys=True, default=str)
        if key not in self._plain:
            merged: dict[str, Any] = {name: item for name, item in schema.items() if name not in {"$ref", "allOf"}}
            targets = [resolved(self._document, schema)] if "$ref" in schema else []
            for part in (*targets, *schema.get("allOf", ())):
                # Of a schema that leads to itself there is nothing more to be had.
                merged = _merged(merged, {} if part is schema else self.plain(part))
            self._plain[key] = merged
        return self._plain[key]

    def branches(self, node: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what a value may be one of, each with what holds for all of them; empty if there is no choice."""
        several = next((name for name in _LISTS if node.get(name)), None)
        if several is None:
            return []
        rest = {name: item for name, item in node.items() if name not in {several, "nullable", "discriminator"}}
        mapping = node.get("discriminator", {}).get("mapping", {})
        found = []
        for branch in node[several]:
            tags = [tag for tag, target in mapping.items() if branch.get("$ref") == target]
            parts = [branch]
            if tags:
                name = node["discriminator"]["propertyName"]
                parts.append({"properties": {name: {"type": "string", "enum": tags}}, "required": [name]})
            if _says_something(rest):
                parts.append(rest)
            found.append(branch if len(parts) == 1 else {"allOf": parts})
        return found


def edited(value: Any, edits: tuple[tuple[Path, Any], ...]) -> Any:
    """Return `value` with the edits made; what is not on the way to one of them is shared, not copied."""
    for path, replacement in edits:
        value = _edited(value, path, replacement)
    return value


def _edited(value: Any, path: Path, replacement: Any) -> Any:
    if not path:
        return replacement
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        assert isinstance(step, int)  # noqa: S101 - narrows the type
        return [*value[:step], _edited(value[step], rest, replacement), *value[step + 1 :]]
    if not rest and replacement is REMOVED:
        return {name: item for name, item in value.items() if name != step}
    return {**value, step: _edited(value.get(step), rest, replacement)}


def kind_of(node: Mapping[str, Any]) -> str:
    """Return the type of a schema, also where it is only to be seen by its keywords; "" if it may be anything."""
    kind = node.get("type")
    if isinstance(kind, str):
        return kind
    if "properties" in node or "required" in node or "additionalProperties" in node:
        return "object"
    return "array" if "items" in node else ""


def _deeper(schema: Any, stack: tuple[str, ...]) -> tuple[str, ...]:
    return (*stack, schema["$ref"]) if isinstance(schema, dict) and "$ref" in schema else stack


def _says_something(schema: Mapping[str, Any]) -> bool:
    return any(name in schema for name in ("type", "properties", "required", "items", "enum", "additionalProperties"))


def _merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that says what both say, as far as that can be said by one."""
    result = dict(one)
    for name, item in other.items():
        if name not in result:
            result[name] = item
        elif name == "properties":
            both = {
                key: {"allOf": [result[name][key], inner]} if key in result[name] else inner
                for key, inner in item.items()
            }
            result[name] = {**result[name], **both}
        elif name == "required":
            result[name] = list(dict.fromkeys((*result[name], *item)))
        elif name == "enum":
            result[name] = [option for option in result[name] if option in item]
        elif name in {"minimum", "minLength", "minItems", "minProperties"}:
            result[name] = max(result[name], item)
        elif name in {"maximum", "maxLength", "maxItems", "maxProperties"}:
            result[name] = min(result[name], item)
        elif name == "additionalProperties":
            result[name] = False if item is False else result[name]
    return result


def _so_many(grow: Callable[[], Any], count: int) -> list[Any]:
    return [grow() for _ in range(count)]


def _distinct(items: Iterator[Any]) -> list[Any]:
    return list({json.dumps(item, sort_keys=True): item for item in items}.values())
