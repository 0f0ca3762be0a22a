"""Differences in what is said for people: they change no message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.drift.shape import PROSE, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runtime_contracts.drift.tree import Place, Tree

_SCHEMAS: Final = "#/components/schemas/"
_SAID: Final = PROSE | {"tags", "links", "termsOfService", "contact", "license", "bearerFormat"}


def differences(base: Tree, live: Tree, pairs: Iterable[tuple[Place, Place]]) -> tuple[str, ...]:
    """Return where the prose of two documents differs, as sorted pointers: at places that belong together.

    Descriptions, examples, tags, links and extensions are prose; of the documents as a whole, so is `info`.
    """
    found = set(_told(base.root, live.root, {"info", "tags", "externalDocs"}))
    for one, other in pairs:
        found.update(_told(one, other, _SAID))
    return tuple(sorted(found))


def _told(base: Place, live: Place, keys: Iterable[str]) -> Iterator[str]:
    if not (isinstance(base.value, dict) and isinstance(live.value, dict)):
        return
    extensions = {key for key in (*base.value, *live.value) if key.startswith("x-")}
    for key in ({*keys} & (base.value.keys() | live.value.keys())) | extensions:
        before, after = base.value.get(key), live.value.get(key)
        if not same(before, after):
            yield live.at(key) if key in live.value else base.at(key)


def unused(base: Tree, live: Tree) -> tuple[str, ...]:
    """Return the names of the schemas that came, went or changed and that no operation of either document leads to."""
    one, other = (_components(tree) for tree in (base, live))
    used = _used(base) | _used(live)
    return tuple(
        sorted(
            name for name in one.keys() | other.keys() if name not in used and not same(one.get(name), other.get(name))
        )
    )


def _components(tree: Tree) -> dict[str, Any]:
    components = tree.document.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    return schemas if isinstance(schemas, dict) else {}


def _used(tree: Tree) -> set[str]:
    """Return the names of the schemas that something in the paths leads to, or another component."""
    ahead: list[Any] = [tree.document.get("paths")]
    components = tree.document.get("components")
    if isinstance(components, dict):
        ahead += [part for kind, part in components.items() if kind != "schemas"]
    schemas = _components(tree)
    found: set[str] = set()
    while ahead:
        node = ahead.pop()
        if isinstance(node, dict):
            ahead += node.values()
        elif isinstance(node, list):
            ahead += node
        elif isinstance(node, str) and node.startswith(_SCHEMAS):
            name = node.removeprefix(_SCHEMAS).split("/")[0].replace("~1", "/").replace("~0", "~")
            if name in schemas and name not in found:
                found.add(name)
                ahead.append(schemas[name])
    return found
