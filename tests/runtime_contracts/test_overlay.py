"""Overlays: what an action does, in which order, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime_contracts import documents
from runtime_contracts.overlay import OverlayError, applied


def _document() -> dict[str, Any]:
    return {
        "paths": {
            "/a": {"get": {"tags": ["x"], "responses": {"200": {"description": "fine"}}}},
            "/b": {"get": {"tags": ["y"], "responses": {"200": {"description": "fine"}}}},
            "/c": {"post": {"parameters": [{"name": "one"}, {"name": "two"}, {"name": "three"}]}},
        }
    }


def _overlay(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"overlay": "1.0.0", "info": {"title": "Corrections", "version": "1"}, "actions": list(actions)}


def _after(*actions: dict[str, Any]) -> Any:
    return applied(_document(), _overlay(*actions))["paths"]


def test_update_is_merged_all_the_way_down() -> None:
    """New keys are added, old values replaced, and what the update does not name stays."""
    update = {"responses": {"200": {"description": "good"}, "404": {"description": "gone"}}, "summary": "A"}
    after = _after({"target": "$.paths['/a'].get", "update": update})
    assert after["/a"]["get"] == {
        "tags": ["x"],
        "responses": {"200": {"description": "good"}, "404": {"description": "gone"}},
        "summary": "A",
    }
    assert after["/b"] == _document()["paths"]["/b"]


def test_update_of_several_places_shares_nothing() -> None:
    """Every place gets a copy of its own, and so does the overlay."""
    overlay = _overlay({"target": "$.paths[*].get", "update": {"x-list": [{"a": 1}]}})
    after = applied(_document(), overlay)["paths"]
    after["/a"]["get"]["x-list"][0]["a"] = 2
    assert after["/b"]["get"]["x-list"] == [{"a": 1}]
    assert overlay["actions"][0]["update"] == {"x-list": [{"a": 1}]}


def test_update_of_an_array_is_put_at_its_end() -> None:
    """A selected array gets the update as one more item; one inside an update is joined to that of the document."""
    after = _after(
        {"target": "$.paths['/a'].get.tags", "update": "z"},
        {"target": "$.paths['/b'].get", "update": {"tags": ["z", "w"]}},
    )
    assert after["/a"]["get"]["tags"] == ["x", "z"]
    assert after["/b"]["get"]["tags"] == ["y", "z", "w"]


def test_selected_items_are_removed_and_no_others() -> None:
    """Taking away one item does not shift the next one that is to go."""
    action = {"target": "$.paths['/c'].post.parameters[?@.name == 'one' || @.name == 'two']", "remove": True}
    assert _after(action)["/c"]["post"]["parameters"] == [{"name": "three"}]


def test_selected_keys_are_removed() -> None:
    """A wildcard removes it from every place that has it."""
    after = _after({"target": "$.paths[*].get.responses", "remove": True})
    assert after["/a"]["get"] == {"tags": ["x"]}
    assert after["/b"]["get"] == {"tags": ["y"]}


def test_place_that_is_selected_twice_is_changed_once() -> None:
    """Naming a path twice appends one item."""
    assert _after({"target": "$.paths['/a','/a'].get.tags", "update": "z"})["/a"]["get"]["tags"] == ["x", "z"]


def test_actions_follow_one_another() -> None:
    """An array is replaced by taking it away and putting another in its place."""
    after = _after(
        {"target": "$.paths['/a'].get.tags", "remove": True},
        {"target": "$.paths['/a'].get", "update": {"tags": ["new"]}},
    )
    assert after["/a"]["get"]["tags"] == ["new"]
    with pytest.raises(OverlayError, match=r"action 2 .* matches nothing"):
        _after(
            {"target": "$.paths['/a'].get", "remove": True},
            {"target": "$.paths['/a'].get.tags", "update": "z"},
        )


def test_removal_wins_over_an_update() -> None:
    """As the specification says, an update beside `remove` has no effect."""
    assert "/a" not in _after({"target": "$.paths['/a']", "remove": True, "update": {"x": 1}})


def test_arguments_are_left_alone() -> None:
    """The document that was given is the same afterwards."""
    document = _document()
    applied(document, _overlay({"target": "$.paths['/a']", "remove": True}))
    assert document == _document()


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"target": "$.paths['/z']", "update": {"a": 1}}, r"action 1 \(\$\.paths\['/z'\]\): .* matches nothing"),
        ({"target": "$.paths['/z']", "update": {}, "x-deviation": "stale"}, r"action 1 \(stale\)"),
        ({"target": "$.paths[", "update": {"a": 1}}, "is no JSONPath"),
        ({"target": "$.paths | $.info", "update": {"a": 1}}, "is no JSONPath"),
        ({"target": "$.paths['/a'].get.tags[0]", "remove": True}, "paths//a/get/tags/0 is no object or array"),
        ({"target": "$.paths['/a'].get", "update": "text"}, "only an object can be merged"),
        ({"target": "$.paths['/a'].get", "update": {"tags": {"a": 1}}}, "'tags' is of another kind"),
        ({"target": "$.paths['/a'].get", "update": {"tags": "a"}}, "'tags' is of another kind"),
        ({"target": "$.paths['/a'].get.responses['200']", "update": {"description": []}}, "is of another kind"),
        ({"target": "$", "remove": True}, "the document itself cannot be removed"),
        ({"target": "paths", "update": {"a": 1}}, "no target that begins with"),
        ({"target": "", "update": {"a": 1}}, "no target that begins with"),
        ({"update": {"a": 1}}, "no target that begins with"),
        ({"target": "$.paths"}, "neither updates nor removes"),
        ({"target": "$.paths", "remove": False}, "neither updates nor removes"),
        ({"target": "$.paths", "remove": "yes"}, "neither updates nor removes"),
    ],
)
def test_action_that_cannot_be_done_is_named(action: dict[str, Any], message: str) -> None:
    """An action that finds nothing, or that makes no sense, is an error that says which one it is."""
    with pytest.raises(OverlayError, match=message):
        _after(action)


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ({}, "not an overlay of version 1.0: None"),
        (_overlay({"target": "$", "update": {}}) | {"overlay": "2.0.0"}, "not an overlay of version 1.0"),
        (_overlay({"target": "$", "update": {}}) | {"info": {"title": "No version"}}, "a title and a version"),
        (_overlay(), "a list of actions"),
        (_overlay() | {"actions": ["remove"]}, "action 1 has no target"),
    ],
)
def test_what_is_no_overlay_is_refused(overlay: dict[str, Any], message: str) -> None:
    """The form of an overlay is looked at before anything is changed."""
    with pytest.raises(OverlayError, match=message):
        applied(_document(), overlay)


def _written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "thing.yaml").write_text("openapi: 3.0.3\ninfo: {title: Published}\n")
    (folder / "thing.overlay.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n  - {target: $.info, update: {title: Corrected}}\n"
    )
    (folder / "other.yaml").write_text("openapi: 3.0.3\n")
    monkeypatch.setattr(documents, "_FOLDERS", (folder,))


def test_document_is_loaded_with_its_overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The overlay beside a document is applied unless it is unwanted; the text stays as it is written."""
    _written(tmp_path, monkeypatch)
    assert documents.names() == ("other", "thing")
    assert documents.load("thing")["info"]["title"] == "Corrected"
    assert documents.load("thing", overlay=False)["info"]["title"] == "Published"
    assert documents.served("thing", "http://127.0.0.1:8000")["info"]["title"] == "Corrected"
    assert "Corrected" not in documents.text("thing")


def test_overlay_of_a_document_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document may have none, and then it is the same with and without."""
    _written(tmp_path, monkeypatch)
    assert documents.overlay_path("thing") == tmp_path / "thing.overlay.yaml"
    assert (documents.overlay_of("thing") or {})["info"]["title"] == "T"
    assert documents.overlay_of("other") is None
    assert documents.load("other") == documents.load("other", overlay=False)


def test_corrected_document_belongs_to_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changing one changes neither the next one nor the published one."""
    _written(tmp_path, monkeypatch)
    documents.load("thing")["info"].clear()
    assert documents.load("thing")["info"] == {"title": "Corrected"}
    assert documents.load("thing", overlay=False)["info"] == {"title": "Published"}
