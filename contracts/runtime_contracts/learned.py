"""What a client makes of a value, learned from what it returns: where a value arrives as it is, it always has to.

Nobody has said what a client without a driver should return. But if a changed `cost` in the answer shows as the same
changed number at one place of the result, that place is the cost, and a large one may not arrive as another number.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.violation import pointer, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH: Final = 6
_LEAVES: Final = 500

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Learned:
    """What is known of one call.

    Attributes:
        plain: the leaves of the result of the plain answer, and that answer's value.
        follows: by the pointer of a value in the answer, the places in the result that follow it.
    """

    plain: tuple[dict[Path, Any], Any] | None = None
    follows: dict[str, set[Path]] = field(default_factory=dict)

    def wrong(self, value: Any, result: Any) -> str:
        """Say where a result does not follow a value that differs from the plain one in one place, or return ""."""
        leaves = dict(_leaves(result))
        if self.plain is None:
            self.plain = leaves, value
            return ""
        before, plain = self.plain
        changed = list(_changes(plain, value, ()))
        if len(changed) != 1:
            return ""
        path, old, new = changed[0]
        where = pointer(*path)
        known = self.follows.setdefault(where, set())
        for place, found in leaves.items():
            if place in before and _is_same(before[place], old) and _is_same(found, new):
                known.add(place)
        for place in sorted(known, key=repr):
            if place in leaves and not _is_same(leaves[place], new):
                named = pointer(*place) or "the result"
                found = shown(leaves[place])
                return f"{where} is {shown(new)}, but {named} says {found}; other values arrive as they are"
        return ""


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the plain values in a result, and their places: in dicts, lists, and attributes of objects."""
    budget = [_LEAVES]
    yield from _below(value, path, budget)


def _below(value: Any, path: Path, budget: list[int]) -> Iterator[tuple[Path, Any]]:
    budget[0] -= 1
    if budget[0] < 0 or len(path) > _DEPTH:
        return
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield path, value
        return
    for key, item in _items(value):
        yield from _below(item, (*path, key), budget)


def _items(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from ((str(key), item) for key, item in value.items())
    elif isinstance(value, (list, tuple)):
        yield from enumerate(value)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from ((one.name, getattr(value, one.name, None)) for one in fields(value))
    elif isinstance(getattr(value, "__dict__", None), dict) and not isinstance(value, type):
        yield from ((name, item) for name, item in vars(value).items() if not name.startswith("_"))


def _changes(before: Any, after: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    """Yield the places at which two JSON values differ, as far as both have a plain value there."""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        for key in before:
            yield from _changes(before[key], after[key], (*path, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changes(one, other, (*path, index))
    elif not _is_same(before, after):
        yield path, before, after


def _is_same(one: Any, other: Any) -> bool:
    # True is 1 to Python, and 1.0 is 1; what arrives must be of the same kind, but for subclasses such as enums.
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other) and isinstance(one, str) == isinstance(other, str)
