"""Comparing the parameters of two operations: in the path, the query, the headers and cookies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.drift.change import Kind, breaking, harmless, servers, warning
from runtime_contracts.drift.messages import compare_contents
from runtime_contracts.drift.naming import quoted
from runtime_contracts.drift.operations import TEMPLATE, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.drift.teller import Teller
    from runtime_contracts.drift.tree import Place

_IGNORED_HEADERS: Final = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI ignores header parameters of these names."""
_STYLES: Final = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_FLAGS: Final = ("allowReserved", "allowEmptyValue")


def compare_parameters(base: Operation, live: Operation, teller: Teller) -> None:
    """Tell how the parameters differ, be they the operation's own or those of its path.

    Raises:
        DocumentError: one of them is malformed.
    """
    names = _names(base, live, teller) if base.key == live.key else {}
    before = {
        (location, names.get(name, name) if location == "path" else name): place
        for (location, name), place in parameters_of(base).items()
    }
    after = parameters_of(live)
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key), after.get(key)
        if one is not None and other is not None:
            name = f"{key[0]} parameter {quoted(one.value['name'])}"
            _compare(key[0], one, other, name, teller.about("request", f"parameter {one.value['name']}"))
        elif other is not None:
            _added(other, base, teller)
        elif one is not None:
            name = quoted(one.value["name"])
            why = breaking(f"clients that send {name} are refused, or it is ignored")
            what = f"the {key[0]} parameter {name} was removed"
            teller.misses("parameter", what, one, live.place.at("parameters"), why)


def parameters_of(operation: Operation) -> dict[tuple[str, str], Place]:
    """Return the parameters by place and name; one of the operation replaces one of the path.

    Raises:
        DocumentError: one of them is malformed.
    """
    found = {}
    for holder in (operation.item, operation.place):
        for raw in holder.items("parameters"):
            place = raw.mapping()
            name, location = place.value.get("name"), place.value.get("in")
            if not isinstance(name, str) or not isinstance(location, str) or location not in _STYLES:
                raise place.error("a parameter has a name, and is in the path, the query, the headers or a cookie")
            if location != "header":
                found[location, name] = place
            elif name.lower() not in _IGNORED_HEADERS:
                found[location, name.lower()] = place
    return found


def _names(base: Operation, live: Operation, teller: Teller) -> dict[str, str]:
    """Return how the parameters of the path are called now, by how they were called."""
    found = dict(zip(TEMPLATE.findall(base.path), TEMPLATE.findall(live.path), strict=True))
    why = warning("clients that are generated from the document name it otherwise; the wire stays the same")
    for old, new in found.items():
        if old != new:
            what = f"the parameter {quoted(old)} of the path {quoted(base.path)} is called {quoted(new)} now"
            teller.differs("path-parameter-name", Kind.CHANGED, what, base.item, live.item, "", why)
    return found


def _added(place: Place, base: Operation, teller: Teller) -> None:
    required = bool(place.value.get("required")) or place.value["in"] == "path"
    name = quoted(place.value["name"])
    goes_on = f"clients that do not send it go on; a server or fake that follows the base does not know {name}"
    why = breaking(f"clients that do not send {name} are refused") if required else servers(goes_on)
    what = f"the {'required' if required else 'optional'} {place.value['in']} parameter {name} was added"
    teller.meets("parameter", what, place, base.place.at("parameters"), why)


def _compare(location: str, base: Place, live: Place, name: str, teller: Teller) -> None:
    teller.gathering.pair(base, live)
    if base.value["name"] != live.value["name"] and location != "path":
        what = f"{name} is written {quoted(live.value['name'])} now"
        why = harmless("upper and lower case do not matter there")
        teller.differs("parameter-name", Kind.CHANGED, what, base, live, "name", why)
    if location != "path":
        why = breaking(f"clients that leave out {quoted(base.value['name'])} are refused")
        teller.required(base, live, name, why)
    teller.ends(base, live, name)
    for keyword, before, after in _written(location, base, live):
        what = f"{name}: {keyword} {before} -> {after}"
        why = breaking("clients write it in a way that is not understood any more")
        teller.differs(keyword, Kind.CHANGED, what, base, live, keyword, why)
    for flag in _FLAGS:
        if bool(base.value.get(flag)) != bool(live.value.get(flag)):
            kind = Kind.WIDENED if live.value.get(flag) else Kind.NARROWED
            what = f"{name}: {flag} {'is set now' if live.value.get(flag) else 'is not set any more'}"
            teller.differs(flag, kind, what, base, live, flag)
    if ("content" in base.value) != ("content" in live.value):
        what = f"{name} is described by `{'content' if 'content' in live.value else 'schema'}` now"
        teller.differs("content", Kind.UNKNOWN, what, base, live, "content")
    elif "content" in base.value:
        compare_contents(base, live, name, teller)
    else:
        teller.schema(base, live)


def _written(location: str, base: Place, live: Place) -> Iterator[tuple[str, Any, Any]]:
    """Yield what differs in the way that a value is written."""
    styles = [str(place.value.get("style", _STYLES[location])) for place in (base, live)]
    if styles[0] != styles[1]:
        yield "style", styles[0], styles[1]
        return
    before, after = (bool(place.value.get("explode", styles[0] == "form")) for place in (base, live))
    if before != after and not (_is_scalar(base) and _is_scalar(live)):
        yield "explode", str(before).lower(), str(after).lower()


def _is_scalar(place: Place) -> bool:
    """Tell whether the value has no parts, which could be written in several ways."""
    schema = place.get("schema")
    value = None if schema is None else schema.resolved().value
    return isinstance(value, dict) and value.get("type") in {"string", "integer", "number", "boolean"}
