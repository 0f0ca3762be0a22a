"""Documents with one planted change: drift names exactly that one, and classifies it rightly."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from runtime_contracts import documents
from runtime_contracts.drift import compare
from runtime_contracts.sources import document_of
from tests.runtime_contracts.drift.planted import PLANTED, REWRITES, Planted, trimmed

_TURNED = {"added": "removed", "removed": "added", "narrowed": "widened", "widened": "narrowed"}


def _found(base: dict[str, Any], live: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    changes = compare(base, live).changes
    return [(change.rule, change.kind.value, change.severity.value, change.pointer) for change in changes]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_planted_change_is_named_and_nothing_else(planted: Planted) -> None:
    """One change gives one entry: the right rule, kind, severity and pointer; and turned round, the opposite kind."""
    base, live = planted.documents()
    assert _found(base, live) == [(planted.rule, planted.kind, planted.severity, planted.pointer)]
    turned = compare(live, base).changes
    assert [change.kind.value for change in turned] == [_TURNED.get(planted.kind, planted.kind)]


def test_all_planted_changes_at_once_are_all_named() -> None:
    """Changes that have nothing to do with one another do not hide one another."""
    names = {
        "a word of an answer comes", "an operation id changes", "a way to come in goes", "a server is removed",
        "a text of a request gets shorter", "an optional property of a closed answer comes", "an error is documented",
        "a parameter's maximum falls", "a shared parameter becomes required", "a path is added",
    }  # fmt: skip
    chosen = [planted for planted in PLANTED if planted.name in names]
    base = trimmed("platform")
    live = copy.deepcopy(base)
    for planted in chosen:
        planted.edit(live)
    expected = sorted((each.rule, each.kind, each.severity, each.pointer) for each in chosen)
    assert len(chosen) == len(names)
    assert sorted(_found(base, live)) == expected


@pytest.mark.parametrize("rewrite", REWRITES)
@pytest.mark.parametrize("edition", ["platform", "2021"])
def test_the_same_in_other_words_is_no_change(rewrite: str, edition: str) -> None:
    """Order, prose, names of components, where references stand, and the version of OpenAPI change nothing."""
    base = trimmed(edition)
    live = REWRITES[rewrite](copy.deepcopy(base))
    assert _found(base, live) == []
    assert _found(live, base) == []


@pytest.mark.parametrize("edition", documents.names())
@pytest.mark.parametrize("overlay", [False, True])
def test_document_has_not_moved_from_itself(edition: str, overlay: bool) -> None:
    """A document is the same as itself, read from JSON or from YAML, with its overlay or without."""
    document = documents.load(edition, overlay=overlay)
    text = json.dumps(document) if overlay else documents.text(edition)
    again = document_of(text.encode(), name="again")
    drift = compare(document, again)
    assert (drift.changes, drift.prose, drift.unused) == ((), (), ())


def test_what_several_operations_share_is_told_once() -> None:
    """A change in a component names all operations, directions and places that it reaches."""
    (change,) = compare(*next(each for each in PLANTED if each.name == "a word of an answer comes").documents()).changes
    assert change.operations == ("GET /v1/jobs", "GET /v1/jobs/{id}")
    assert change.directions == ("response",)
    assert [str(reach) for reach in change.reaches] == [
        "GET /v1/jobs (response 200, jobs[].state.status)",
        "GET /v1/jobs/{id} (response 200, state.status)",
    ]
    assert change.what == "property `status` gained the value `Paused`"
    assert change.verdict.why == "clients that know only the values listed so far meet `Paused`"
    assert (change.witness, change.allowed_by) == ('"Paused"', "live")
