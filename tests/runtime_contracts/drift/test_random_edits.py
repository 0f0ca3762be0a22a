"""Random edits of the documents: nothing crashes, nothing is missed, and the other way round is the opposite."""

from __future__ import annotations

import copy
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from runtime_contracts.drift import compare
from runtime_contracts.drift.change import Kind
from runtime_contracts.sources import DocumentError
from tests.runtime_contracts.drift.planted import trimmed

Document = dict[str, Any]
_TURNED: Final = {
    Kind.ADDED: Kind.REMOVED,
    Kind.REMOVED: Kind.ADDED,
    Kind.NARROWED: Kind.WIDENED,
    Kind.WIDENED: Kind.NARROWED,
}
_PROSE: Final = frozenset({"description", "summary", "example", "examples", "tags", "title", "externalDocs", "links"})
_VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 0.5, 10**30, "", "string", "integer", "a", [], ["a"], [None], {}, {"type": "string"},
    {"$ref": "#/components/schemas/JobState"}, {"$ref": "#/nowhere"}, {"oneOf": [{"type": "string"}, {"type": "null"}]},
    {"type": "object", "additionalProperties": False}, {"not": {}}, {"enum": [1, "1"]}, {"pattern": "(a|b)*$"},
)  # fmt: skip
_KEYWORDS: Final = (
    "type", "enum", "nullable", "required", "minimum", "maxLength", "pattern", "format", "items", "properties", "oneOf",
    "additionalProperties", "$ref", "in", "name", "schema", "content", "responses", "parameters", "default", "readOnly",
)  # fmt: skip


def _places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        if not (isinstance(key, str) and (key.startswith("x-") or key in _PROSE or key == "info")):
            found += _places(value, (*path, key))
    return found


_DOCUMENTS: Final = {edition: trimmed(edition) for edition in ("platform", "2021")}
_PLACES: Final = {
    edition: [place for place in _places(document) if place[0] in {"paths", "components", "security", "servers"}]
    for edition, document in _DOCUMENTS.items()
}


Edit = tuple[str, int, int, int]
_ACTIONS: Final = ("cut", "replace", "put", "double")
_VALUE, _KEYWORD = st.integers(0, len(_VALUES) - 1), st.integers(0, len(_KEYWORDS) - 1)
_EDITS: Final = st.tuples(st.sampled_from(_ACTIONS), st.integers(0, 10**6), _VALUE, _KEYWORD)


def edited(edition: str, edits: list[Edit]) -> tuple[Document, Document]:
    """Return a document, and the same after some edits: taken away, replaced, doubled, or put there."""
    base = _DOCUMENTS[edition]
    live = copy.deepcopy(base)
    for action, number, value, keyword in edits:
        *way, last = _PLACES[edition][number % len(_PLACES[edition])]
        holder: Any = live
        try:
            for part in way:
                holder = holder[part]
            _edit(action, holder, last, copy.deepcopy(_VALUES[value]), _KEYWORDS[keyword])
        except (KeyError, IndexError, TypeError):
            # An edit before this one has taken the place away.
            continue
    return base, live


def _edit(action: str, holder: Any, last: Any, value: Any, keyword: str) -> None:
    if action == "cut":
        del holder[last]
    elif action == "replace":
        holder[last] = value
    elif action == "put" and isinstance(holder[last], dict):
        holder[last][keyword] = value
    elif isinstance(holder, list):
        holder.append(copy.deepcopy(holder[last]))
    else:
        holder[f"{last}2"] = copy.deepcopy(holder[last])


@seed(20261122)
@settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(_DOCUMENTS)), st.lists(_EDITS, min_size=1, max_size=3))
def test_any_edit_is_compared_or_refused_with_the_place(edition: str, edits: list[Edit]) -> None:
    """Two documents are compared, or one is malformed at a place that is named; the opposite way is the opposite."""
    base, live = edited(edition, edits)
    try:
        there, back = compare(base, live), compare(live, base)
    except DocumentError:
        with pytest.raises(DocumentError, match=" at #"):
            compare(base, live)
        return
    assert compare(live, live).changes == ()
    assert len(there.changes) == len(back.changes)
    expected = sorted(_TURNED.get(change.kind, change.kind).value for change in there.changes)
    assert sorted(change.kind.value for change in back.changes) == expected
    assert there.changes == compare(base, copy.deepcopy(live)).changes


@pytest.mark.parametrize("edition", ["platform", "2021"])
def test_an_edit_of_a_schema_is_found_exactly_if_it_changes_something(edition: str) -> None:
    """Taking away what a schema says is found, unless the values that are listed or the pattern say it as well."""
    base = _DOCUMENTS[edition]
    missed = []
    keywords = {"maxLength", "minLength", "maximum", "minimum", "enum", "type", "maxItems", "nullable", "required"}
    places = [
        place for place in _PLACES[edition] if place[0] == "paths" and place[-1] in keywords and "schema" in place
    ]
    for *way, last in places[::6]:
        live = copy.deepcopy(base)
        holder: Any = live
        for part in way:
            holder = holder[part]
        if holder[last] in (0, [], False) or ({"enum", "pattern"} & holder.keys() - {last}):
            # Nothing is said by it, or by nothing but it.
            continue
        del holder[last]
        if not compare(base, live).changes:
            missed.append((*way, last))
    assert missed == []
