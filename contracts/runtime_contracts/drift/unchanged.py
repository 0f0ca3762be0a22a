"""What two documents say in the same words, and so need not be compared: usually most of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.drift.shape import text_of
from runtime_contracts.sources.parsing import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.drift.tree import Place, Tree

_SCHEMAS: Final = "#/components/schemas/"


class Unchanged:
    """Tells whether two places say the same in the same words, with all that they refer to."""

    def __init__(self, base: Tree, live: Tree) -> None:
        self._base = base
        self._live = live
        self._comparable = base.newer == live.newer
        self._known: dict[str, bool] = {}

    def holds(self, base: Place, live: Place) -> bool:
        """Tell whether nothing can be different there; an honest no only costs time."""
        if not self._comparable or text_of(base.value) != text_of(live.value):
            return False
        return all(self._clean(reference) for reference in set(_references(base.value)))

    def _clean(self, reference: str) -> bool:
        if reference not in self._known:
            seen, ahead, clean = {reference}, [reference], True
            while ahead and clean:
                following = ahead.pop()
                if following in self._known:
                    clean = self._known[following]
                    continue
                value = self._same(following)
                clean = value is not None
                for each in set(_references(value)) - seen:
                    seen.add(each)
                    ahead.append(each)
            # Whatever is met on the way leads nowhere else, so it is clean as well.
            self._known.update(dict.fromkeys(seen, True) if clean else {reference: False})
        return self._known[reference]

    def _same(self, reference: str) -> Any:
        """Return what both documents have there, or None if that is not the same."""
        try:
            one, other = (tree.step(reference, tree.root).value for tree in (self._base, self._live))
        except DocumentError:
            return None
        return one if text_of(one) == text_of(other) else None


def _references(value: Any) -> Iterator[str]:
    """Yield everything that a value refers to, by a reference or by a tag."""
    ahead = [value]
    while ahead:
        node = ahead.pop()
        if isinstance(node, list):
            ahead += node
        elif isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            mapping = node.get("mapping")
            for target in mapping.values() if isinstance(mapping, dict) else ():
                if isinstance(target, str):
                    yield target if target.startswith("#") else _SCHEMAS + target
            ahead += node.values()
