"""The operations of a document, and which of one document is which of another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.operation import METHODS
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_contracts.drift.tree import Place, Tree

TEMPLATE: Final = re.compile(r"\{([^{}]*)\}")
"""A parameter in a path."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path of a document."""

    method: str
    path: str
    place: Place
    item: Place

    @property
    def label(self) -> str:
        """The method and the path, as in "GET /jobs"."""
        return f"{self.method} {shown(self.path, limit=200)}"

    @property
    def id(self) -> str | None:
        """The id that the document gives it, or None."""
        found = self.place.value.get("operationId")
        return None if found is None else str(found)

    @property
    def key(self) -> tuple[str, str]:
        """What it is aligned by: names of parameters in the path do not count."""
        return self.method, TEMPLATE.sub("{}", self.path)


def operations(tree: Tree) -> list[Operation]:
    """List the operations of a document.

    Raises:
        DocumentError: it is malformed.
    """
    found: list[Operation] = []
    for path, raw in tree.root.members("paths"):
        if raw.value is not None:
            item = raw.mapping()
            methods = [method for method in METHODS if item.value.get(method) is not None]
            found += [Operation(method.upper(), path, item.child(method).mapping(), item) for method in methods]
    return found


def paired(
    base: list[Operation], live: list[Operation]
) -> tuple[list[tuple[Operation, Operation]], list[Operation], list[Operation]]:
    """Return the operations that belong together, those that are gone, and those that are new.

    The same method and path belong together, whatever the parameters in the path are called; then the same id.
    """
    pairs: list[tuple[Operation, Operation]] = []
    gone, new = list(base), list(live)
    rules: tuple[Callable[[Operation], Any], ...] = (
        lambda operation: (operation.method, operation.path),
        lambda operation: operation.key,
        lambda operation: operation.id,
    )
    for rule in rules:
        index: dict[Any, list[Operation]] = {}
        for operation in new:
            index.setdefault(rule(operation), []).append(operation)
        for operation in list(gone):
            there = index.get(rule(operation)) if rule(operation) is not None else None
            if there:
                match = there.pop(0)
                pairs.append((operation, match))
                gone.remove(operation)
                new.remove(match)
    return pairs, gone, new
