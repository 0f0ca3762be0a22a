"""Comparing what is said about the service as a whole: credentials and servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runtime_contracts.drift.change import Kind, breaking, harmless, servers, warning
from runtime_contracts.drift.naming import quoted
from runtime_contracts.drift.shape import same, text_of
from runtime_contracts.drift.teller import Teller
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from runtime_contracts.drift.gathering import Gathering
    from runtime_contracts.drift.operations import Operation
    from runtime_contracts.drift.tree import Place

_PROSE = {"description", "bearerFormat"}
_ANYBODY = "nothing at all"


class Security:
    """Compares credentials, operation by operation; schemes are known by name, or by what they say."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self._base = _schemes(gathering.base.root)
        self._live = _schemes(gathering.live.root)
        self._renamed = self._names()

    def _names(self) -> dict[str, str]:
        """Return how the schemes of the live document are called in the base."""
        found = {name: name for name in self._live if name in self._base}
        left = [name for name in self._base if name not in self._live]
        for name, place in self._live.items():
            if name not in found:
                said = _said(place)
                same = next((old for old in left if _said(self._base[old]) == said), None)
                if same is not None:
                    left.remove(same)
                    found[name] = same
        return found

    def compare(self, base: Operation, live: Operation) -> None:
        """Tell what differs between the credentials of two operations.

        Raises:
            DocumentError: what is said there is malformed, or names a scheme that is not there.
        """
        one, other = _holder(base), _holder(live)
        before = self._alternatives(one, self._base, {})
        after = self._alternatives(other, self._live, self._renamed)
        teller = Teller(self._gathering, base.label, where="credentials")
        self._used(before, after, teller)
        gone = [names for names in before if names not in after]
        new = [names for names in after if names not in before]
        self._scopes(before, after, one, other, teller)
        if not gone and not new:
            return
        parts = [f"{_and(names)} is not enough any more" for names in gone] + [
            f"{_and(names)} is enough now" for names in new
        ]
        # What asks for more than something that is enough lets nobody in who would not come in by that.
        lost = [names for names in gone if not any(set(enough) <= set(names) for enough in after)]
        won = [names for names in new if not any(set(enough) <= set(names) for enough in before)]
        told = (lost, won) if lost or won else (gone, new)
        kind = Kind.CHANGED if all(told) else Kind.NARROWED if told[0] else Kind.WIDENED
        verdict = breaking(f"clients that come in with {' or '.join(map(_and, lost))} are refused") if lost else None
        if not lost and not won:
            verdict = harmless("whoever came in before comes in still, and nobody else")
        opened = [names for names in new if not names]
        if verdict is None and opened:
            verdict = servers(
                "clients with credentials go on; a server or fake that follows the base refuses those without"
            )
        teller.differs("security", kind, f"credentials: {', '.join(parts)}", one, other, "security", verdict)

    def _alternatives(
        self, holder: Place, schemes: dict[str, Place], renamed: dict[str, str]
    ) -> dict[tuple[str, ...], dict[str, Any]]:
        found: dict[tuple[str, ...], dict[str, Any]] = {}
        for place in holder.items("security"):
            wanted = place.mapping().value
            unknown = [name for name in wanted if name not in schemes]
            if unknown:
                raise place.error(f"asks for the security scheme {quoted(unknown[0])}, which is not there")
            names = {renamed.get(name, name): scopes for name, scopes in wanted.items()}
            found[tuple(sorted(names))] = names
        # No alternative at all means that nobody is asked.
        return found or {(): {}}

    def _used(self, before: Any, after: Any, teller: Teller) -> None:
        """Tell how the schemes that are used in both differ."""
        back = {old: new for new, old in self._renamed.items()}
        for name in sorted({name for names in before for name in names} & {name for names in after for name in names}):
            base, live = self._base.get(name), self._live.get(back.get(name, name))
            if base is None or live is None:
                continue
            self._gathering.pair(base, live)
            keywords = sorted((base.value.keys() | live.value.keys()) - _PROSE)
            if base.value.get("type") != live.value.get("type"):
                # One of another type has other keywords as well.
                keywords = ["type"]
            for keyword in keywords:
                one, other = base.value.get(keyword), live.value.get(keyword)
                if keyword.startswith("x-") or same(_plain(one), _plain(other)):
                    continue
                words = (
                    shown(text_of(_plain(value)), limit=80) if value is not None else "none" for value in (one, other)
                )
                what = f"security scheme {quoted(name)}: {keyword} {' -> '.join(words)}"
                verdict = breaking("clients that bring their credentials as before are refused")
                if keyword in {"flows", "openIdConnectUrl"}:
                    verdict = warning("clients that get their credentials as before may be refused")
                teller.differs("security-scheme", Kind.CHANGED, what, base, live, keyword, verdict)

    def _scopes(self, before: Any, after: Any, base: Place, live: Place, teller: Teller) -> None:
        for names in [names for names in before if names in after]:
            for name in names:
                old, new = ({*map(str, each[names][name] or [])} for each in (before, after))
                if old != new:
                    kind = Kind.NARROWED if old < new else Kind.WIDENED if new < old else Kind.CHANGED
                    parts = [f"asks for the scope {quoted(scope)} now" for scope in sorted(new - old)]
                    parts += [f"does not ask for the scope {quoted(scope)} any more" for scope in sorted(old - new)]
                    why = breaking("clients whose credentials do not have the scope are refused") if new - old else None
                    what = f"credentials: {quoted(name)} {', '.join(parts)}"
                    teller.differs("security-scope", kind, what, base, live, "security", why)


def compare_servers(base: Operation, live: Operation, teller: Teller) -> None:
    """Tell what differs between the addresses at which an operation is.

    Raises:
        DocumentError: what is said there is malformed.
    """
    one, other = (_nearest(operation, "servers") for operation in (base, live))
    before, after = _servers(one), _servers(other)
    gone = [url for url in before if url not in after]
    new = [url for url in after if url not in before]
    for old, now in list(zip(gone, new, strict=False)):
        what = f"the server {quoted(now)} takes the place of {quoted(old)}"
        why = breaking(f"clients that call {quoted(old)} do not find it")
        teller.differs("server", Kind.CHANGED, what, before[old], after[now], "", why)
    for url in gone[len(new) :]:
        why = breaking(f"clients that call {quoted(url)} do not find it")
        teller.misses("server", f"the server {quoted(url)} was removed", before[url], other.at("servers"), why)
    for url in new[len(gone) :]:
        what = f"the server {quoted(url)} was added"
        teller.meets("server", what, after[url], one.at("servers"), servers("no client calls it yet"))


def _servers(holder: Place) -> dict[str, Place]:
    """Return where each address is, by its URL and what its variables may be."""
    found = {}
    for raw in holder.items("servers"):
        place = raw.mapping()
        url = str(place.value.get("url", "")).rstrip("/") or "/"
        variables = [
            f"{name}={text_of([variable.value.get('default'), sorted(map(str, variable.typed('enum', list)))])}"
            for name, variable in place.members("variables")
            if isinstance(variable.value, dict)
        ]
        found[" ".join([url, *sorted(variables)])] = place
    # Without any there is one, at the root.
    return found or {"/": holder.beyond("servers")}


def _nearest(operation: Operation, keyword: str) -> Place:
    for holder in (operation.place, operation.item):
        if holder.value.get(keyword):
            return holder
    return operation.place.tree.root


def _holder(operation: Operation) -> Place:
    return operation.place if "security" in operation.place.value else operation.place.tree.root


def _schemes(root: Place) -> dict[str, Place]:
    components = root.get("components")
    if components is None or not isinstance(components.value, dict):
        return {}
    return {name: place.mapping() for name, place in components.members("securitySchemes")}


def _said(place: Place) -> str:
    return text_of(
        {key: _plain(value) for key, value in place.value.items() if key not in _PROSE and not key.startswith("x-")}
    )


def _plain(value: Any) -> Any:
    """Leave out the prose of scopes."""
    if isinstance(value, dict):
        return {
            key: sorted(item) if key == "scopes" and isinstance(item, dict) else _plain(item)
            for key, item in value.items()
            if not key.startswith("x-")
        }
    return value.lower() if isinstance(value, str) and value.lower() in {"bearer", "basic"} else value


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(map(quoted, names)) or _ANYBODY
