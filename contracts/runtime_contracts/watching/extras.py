"""Fields of a body that the document does not name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from runtime_contracts.operation import resolved
from runtime_contracts.violation import pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Key: TypeAlias = tuple[dict[str, Any], ...]
_Ids: TypeAlias = tuple[int, ...]

_DEPTH: Final = 24
_BRANCHES: Final = ("allOf", "anyOf", "oneOf")


def undocumented(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Return the JSON pointers of the fields in `value` that `schema` does not name, without those below them.

    An object whose schema names no field at all may have any. Of one whose schema says something of other fields,
    nothing is said here: a validator judges it.
    """
    return Extras(document).of(schema, value)


@dataclass(frozen=True, slots=True)
class _Node:
    """What schemas say together of one value: its fields, its items, and whether it may have other fields."""

    fields: dict[str, _Key]
    items: _Key
    is_open: bool


class Extras:
    """Finds the fields that a document does not name. What it has read of the document it remembers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._nodes: dict[_Ids, _Node] = {}

    def of(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Return what `undocumented` says."""
        return list(self._below((schema,), value, "", _DEPTH))

    def _below(self, schemas: _Key, value: Any, where: str, depth: int) -> Iterator[str]:
        if depth == 0 or not schemas or not isinstance(value, dict | list):
            return
        node = self._node(schemas)
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict | list):
                    yield from self._below(node.items, item, f"{where}/{index}", depth - 1)
            return
        for name, item in value.items():
            below = node.fields.get(name)
            if below is not None:
                if isinstance(item, dict | list):
                    yield from self._below(below, item, where + pointer(name), depth - 1)
            elif not node.is_open:
                yield where + pointer(name)

    def _node(self, schemas: _Key) -> _Node:
        # The schemas are parts of the document, which outlives this: what they are called is where they are.
        key = tuple(map(id, schemas))
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = self._read(schemas)
        return found

    def _read(self, schemas: _Key) -> _Node:
        branches = list(_branches(self._document, schemas))
        fields: dict[str, list[dict[str, Any]]] = {}
        for branch in branches:
            for name, below in branch.get("properties", {}).items():
                fields.setdefault(name, []).append(below)
        return _Node(
            fields={name: tuple(found) for name, found in fields.items()},
            items=tuple(branch["items"] for branch in branches if isinstance(branch.get("items"), dict)),
            is_open=not branches or any(map(_is_open, branches)),
        )


def _is_open(branch: dict[str, Any]) -> bool:
    """Whether a schema takes any field, or judges others by itself."""
    if branch.get("additionalProperties") is not None:
        return True
    says_nothing = not branch.get("properties") and not any(key in branch for key in _BRANCHES)
    return says_nothing and branch.get("type", "object") == "object"


def _branches(
    document: dict[str, Any], schemas: Iterable[dict[str, Any]], depth: int = _DEPTH
) -> Iterator[dict[str, Any]]:
    """Every schema that says something of the same value, references followed."""
    for schema in schemas:
        found = resolved(document, schema)
        if not isinstance(found, dict) or depth == 0:
            continue
        yield found
        for key in _BRANCHES:
            yield from _branches(document, found.get(key, []), depth - 1)
