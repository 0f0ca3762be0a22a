"""Overlays: lists of changes to a document, kept beside it, in the form of the OpenAPI Overlay Specification 1.0.

An action names places by a JSONPath (RFC 9535) and merges something into each of them or takes them away. What the
specification leaves open is decided here: arrays inside an update are put at the end of those in the document. One
thing is stricter: an action that finds nothing is an error, because an overlay that went stale must not pass unseen.

This module imports nothing else of the project, and the JSONPath library only where an overlay is applied.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonpath import JSONPathEnvironment, JSONPathMatch

Document = dict[str, Any]

_VERSION = re.compile(r"1\.0\.\d+")


class OverlayError(ValueError):
    """An overlay is none, or does not fit its document; the message names the action."""


def applied(document: Document, overlay: Document) -> Document:
    """Return a copy of `document` after all actions of `overlay`, in their order; neither argument is changed.

    Raises:
        OverlayError: the overlay is malformed, or an action finds nothing, or finds what it cannot change.
    """
    environment = _environment()
    result = copy.deepcopy(document)
    for number, action in enumerate(actions(overlay), start=1):
        _act(environment, result, action, number, once=False)
    return result


def fitted(document: Document, overlay: Document) -> tuple[Document, tuple[str, ...]]:
    """Return a copy of `document` after those actions of `overlay` that fit it, and what is to be said of the others.

    It is for a document that the overlay was not written for, such as a later one of the same service, which may have
    mended what the overlay corrects. Actions of one deviation belong together: they are done all, or none. What is in a
    list already is not put there again.

    Raises:
        OverlayError: the overlay is malformed.
    """
    environment = _environment()
    numbered = list(enumerate(actions(overlay), start=1))
    result = copy.deepcopy(document)
    try:
        for number, action in numbered:
            _act(environment, result, action, number, once=True)
    except OverlayError:
        return _fitted_one_by_one(environment, document, numbered)
    return result, ()


def _fitted_one_by_one(
    environment: JSONPathEnvironment, document: Document, numbered: list[tuple[int, Document]]
) -> tuple[Document, tuple[str, ...]]:
    groups: dict[str, list[tuple[int, Document]]] = {}
    for number, action in numbered:
        groups.setdefault(str(action.get("x-deviation") or number), []).append((number, action))
    result = copy.deepcopy(document)
    notes = []
    for group in groups.values():
        trial = copy.deepcopy(result)
        try:
            for number, action in group:
                _act(environment, trial, action, number, once=True)
        except OverlayError as error:
            notes.append(f"a correction of ours does not fit and was left out: {error}")
        else:
            result = trial
    return result, tuple(notes)


def _environment() -> JSONPathEnvironment:
    # python-jsonpath, because it is maintained, passes the compliance suite of RFC 9535 in its strict mode, and is pure
    # Python without dependencies; its sister package jsonpath-rfc9535 brings two compiled ones into every install.
    from jsonpath import JSONPathEnvironment  # noqa: PLC0415 - whoever has no overlay does not pay for it

    return JSONPathEnvironment(strict=True)


def _act(environment: JSONPathEnvironment, document: Document, action: Document, number: int, *, once: bool) -> None:
    name = f"action {number} ({action.get('x-deviation') or action['target']})"
    nodes = _nodes(environment, document, action["target"], name)
    if action.get("remove", False):
        _remove(nodes, name)
    else:
        for node in nodes:
            _update(node.obj, action["update"], name, once=once)


def actions(overlay: Document) -> list[Document]:
    """Return the actions of `overlay`, after a look at its form.

    Raises:
        OverlayError: it is no overlay of version 1.0.
    """
    if not _VERSION.fullmatch(str(overlay.get("overlay"))):
        raise OverlayError(f"not an overlay of version 1.0: {overlay.get('overlay')!r}")
    info = overlay.get("info")
    if not isinstance(info, dict) or not {"title", "version"} <= set(info):
        raise OverlayError("an overlay's info has a title and a version")
    found = overlay.get("actions")
    if not isinstance(found, list) or not found:
        raise OverlayError("an overlay has a list of actions")
    for number, action in enumerate(found, start=1):
        if not isinstance(action, dict) or not str(action.get("target", "")).startswith("$"):
            raise OverlayError(f"action {number} has no target that begins with $")
        if not isinstance(action.get("remove", False), bool) or not (action.get("remove") or "update" in action):
            raise OverlayError(f"action {number} ({action['target']}) neither updates nor removes")
    return found


def _nodes(environment: JSONPathEnvironment, document: Document, target: str, name: str) -> list[JSONPathMatch]:
    from jsonpath import JSONPathError  # noqa: PLC0415 - loaded by then

    try:
        # A place may be selected twice and is still changed once.
        found = {tuple(match.parts): match for match in environment.finditer(target, document)}
    except JSONPathError as error:
        raise OverlayError(f"{name}: the target is no JSONPath: {error.args[0]}") from None
    if not found:
        raise OverlayError(f"{name}: the target matches nothing: {target}")
    for parts, match in found.items():
        if not isinstance(match.obj, dict | list):
            raise OverlayError(f"{name}: {'/'.join(map(str, parts))} is no object or array; select what contains it")
    return list(found.values())


def _remove(nodes: list[JSONPathMatch], name: str) -> None:
    # From the end, so that the places of items that are still to go do not shift.
    for node in sorted(nodes, key=lambda match: match.parts[-1] if _is_item(match) else -1, reverse=True):
        if node.parent is None:
            raise OverlayError(f"{name}: the document itself cannot be removed")
        container: Any = node.parent.obj
        del container[node.parts[-1]]


def _is_item(match: JSONPathMatch) -> bool:
    return bool(match.parts) and isinstance(match.parts[-1], int)


def _update(node: Any, update: Any, name: str, *, once: bool) -> None:
    if isinstance(node, list):
        if not (once and update in node):
            node.append(copy.deepcopy(update))
    elif isinstance(update, dict):
        _merge(node, update, name, once=once)
    else:
        raise OverlayError(f"{name}: only an object can be merged into an object")


def _merge(node: dict[str, Any], update: dict[str, Any], name: str, *, once: bool) -> None:
    for key, value in update.items():
        old = node.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value, name, once=once)
        elif isinstance(old, list) and isinstance(value, list):
            old.extend(copy.deepcopy([item for item in value if not (once and item in old)]))
        elif isinstance(old, dict | list) or (key in node and isinstance(value, dict | list)):
            raise OverlayError(f"{name}: {key!r} is of another kind in the document; remove it first")
        else:
            node[key] = copy.deepcopy(value)
