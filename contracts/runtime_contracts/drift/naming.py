"""How places of a document are called in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from runtime_contracts.drift.shape import Shape
    from runtime_contracts.drift.tree import Place, Tree


_BELOW: Final = {
    "items": "items of ",
    "additionalProperties": "other properties of ",
    "not": "what is excluded from ",
}


def subject(shape: Shape) -> str:
    """Return how a schema is called, by the end of its pointer."""
    return called(shape.place)


def called(place: Place) -> str:
    """Return how the schema at `place` is called."""
    return _called(place.tree, place.pointer.partition(" and ")[0])


def owner(place: Place, pointer: str) -> str:
    """Return how the schema in whose `properties` or `required` something stands is called, in the same document."""
    where = pointer.removeprefix("#")
    for mark in ("/properties/", "/required"):
        before, found, after = where.rpartition(mark)
        if found and "/" not in after:
            return _called(place.tree, before)
    return called(place)


def _called(tree: Tree, pointer: str) -> str:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    before = ""
    while parts:
        match parts:
            case ["components", "schemas", name]:
                return f"{before}schema {quoted(name)}"
            case [*_, ("properties" | "headers") as kind, name] | [
                *_,
                ("properties" | "headers") as kind,
                name,
                "schema",
            ]:
                return f"{before}{'property' if kind == 'properties' else 'header'} {quoted(name)}"
            case [*_, "parameters", number, "schema"]:
                return f"{before}parameter {quoted(_parameter(tree, parts, number))}"
            case [*_, "schema"]:
                return f"{before}the body"
            case [*_, ("items" | "additionalProperties" | "not") as keyword]:
                before += _BELOW[keyword]
            case [*_, ("oneOf" | "anyOf" | "allOf"), number]:
                before += f"part {number} of "
                parts.pop()
        parts.pop()
    return f"{before}the schema"


def _parameter(tree: Tree, parts: list[str], number: str) -> str:
    node = tree.root
    for part in parts[:-1]:
        found = node.get(part)
        if found is None:
            return number
        node = found
    return str(node.value.get("name", number))


def quoted(name: object) -> str:
    """Return a name of the document as it is shown in sentences."""
    return f"`{shown(str(name), limit=80)}`"
