"""Which branch of one `oneOf`, `anyOf` or `allOf` is which of the other: by name, by content, by likeness."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from runtime_contracts.drift.shape import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_contracts.drift.schemas import Schemas
    from runtime_contracts.drift.tree import Place

_DEPTH = 5
_ALIKE = 0.3


def aligned(
    base: list[Place], live: list[Place], schemas: Schemas
) -> tuple[list[tuple[Place, Place]], list[Place], list[Place]]:
    """Return the branches that belong together, those that are gone, and those that are new."""
    pairs: list[tuple[Place, Place]] = []
    gone, new = list(base), list(live)
    for known in (_content_of(schemas), _name):
        for one in list(gone):
            said = known(one)
            match = next((other for other in new if said is not None and known(other) == said), None)
            if match is not None:
                pairs.append((one, match))
                gone.remove(one)
                new.remove(match)
    likeness = [(-_likeness(one, other, schemas), i, j) for i, one in enumerate(gone) for j, other in enumerate(new)]
    left, right = set(range(len(gone))), set(range(len(new)))
    for minus, i, j in sorted(likeness):
        if -minus >= _ALIKE and i in left and j in right:
            pairs.append((gone[i], new[j]))
            left.remove(i)
            right.remove(j)
    return pairs, [gone[i] for i in sorted(left)], [new[j] for j in sorted(right)]


def same_content(one: Place, other: Place, schemas: Schemas) -> bool:
    """Tell whether two schemas say the same, as far down as one has to look."""
    return _content(one, schemas, _DEPTH) == _content(other, schemas, _DEPTH)


def _content_of(schemas: Schemas) -> Callable[[Place], str | None]:
    return lambda place: _content(place, schemas, _DEPTH)


def _name(place: Place) -> str | None:
    pointer = place.schema().pointer
    return pointer if pointer.startswith("/components/") else None


def _likeness(one: Place, other: Place, schemas: Schemas) -> float:
    """Return how much two schemas have in common, from 0 to 1."""
    base, live = schemas.shape(one), schemas.shape(other)
    common, total = len(base.types & live.types), len(base.types | live.types)
    if base.types and live.types and not common:
        return 0.0
    for name in ("properties", "limits", "required", "annotations", "choices"):
        mine, theirs = getattr(base, name).keys(), getattr(live, name).keys()
        common, total = common + len(mine & theirs), total + len(mine | theirs)
    if base.values is not None and live.values is not None:
        common, total = common + len(base.values & live.values), total + len(base.values | live.values)
    return common / total if total else 1.0


def _content(place: Place, schemas: Schemas, depth: int) -> str:
    """Return a digest of what the schema says, down to some depth; names of components and prose do not count."""
    key = (id(place.tree), place.schema().pointer, depth)
    if key not in schemas.contents:
        shape = schemas.shape(place)
        below: dict[str, Any] = {}
        if depth:
            below = {f".{name}": _content(item, schemas, depth - 1) for name, item in shape.properties.items()}
            for name, item in (("items", shape.items), ("additional", shape.additional)):
                below[name] = None if item is None else _content(item, schemas, depth - 1)
            for name, items in shape.choices.items():
                below[f"|{name}"] = sorted(_content(item, schemas, depth - 1) for item in items)
        said = [
            sorted(shape.types), shape.null, None if shape.values is None else sorted(shape.values), shape.limits,
            sorted(shape.required), shape.annotations, shape.other, shape.tag, sorted(shape.tags), shape.empty, below,
        ]  # fmt: skip
        schemas.contents[key] = hashlib.sha256(text_of(said).encode()).hexdigest()
    return schemas.contents[key]
