"""Finding and loading the documents."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from runtime_contracts import documents


def test_names_are_listed_and_found() -> None:
    """Every name that is listed leads to a file, and its text is that of the file."""
    assert "legacy-2021" in documents.names()
    for name in documents.names():
        assert documents.text(name) == documents.path(name).read_text(encoding="utf-8")


def test_alias_means_the_same_document() -> None:
    """The alias 2021 stands for legacy-2021."""
    assert documents.load("2021") == documents.load("legacy-2021")
    assert documents.canonical("2021") == "legacy-2021"
    assert documents.canonical("today") == "platform"


def test_unknown_name_is_refused_with_the_known_ones() -> None:
    """The error for an unknown name lists what there is, and survives pickling."""
    with pytest.raises(documents.UnknownDocumentError, match=r"'legacy-1999'.*legacy-2021") as caught:
        documents.load("legacy-1999")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - our own bytes


def test_loaded_document_belongs_to_the_caller() -> None:
    """Changing a loaded document does not change the next one."""
    documents.load("2021")["paths"].clear()
    assert documents.load("2021")["paths"]


def test_keys_are_text_and_dates_stay_text() -> None:
    """Statuses are text keys, numbers and truth values are JSON's, and no text becomes a date."""
    document = documents.load("2021")
    answers = document["paths"]["/programs"]["get"]["responses"]
    assert set(answers) == {"200", "401"}
    example = answers["200"]["content"]["application/json"]["example"][0]
    assert example["creationDate"] == "2021-05-07T00:17:07Z"
    assert example["cost"] == 1800
    assert document["components"]["parameters"]["ProgramId"]["required"] is True


def test_served_document_names_one_server() -> None:
    """Every server of the served document is the given one, and no other stays behind."""
    document = documents.served("2021", "http://127.0.0.1:8000/")
    assert document["servers"] == [{"url": "http://127.0.0.1:8000"}]
    assert document["paths"]["/api/Network"]["servers"] == [{"url": "http://127.0.0.1:8000"}]
    assert "quantum-computing.ibm.com" not in str([item.get("servers") for item in document["paths"].values()])


def test_served_document_needs_a_url() -> None:
    """An origin that is no URL is refused."""
    with pytest.raises(ValueError, match="no http or https URL"):
        documents.served("2021", "localhost:8000")


def test_folder_of_the_package_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document in the package's own folder is preferred to one of the checkout; overlays are no documents."""
    (tmp_path / "legacy-2021.yaml").write_text("openapi: 3.0.3\nyes: 2021-05-07\nlist: [1, 1.5, true, null, on]\n")
    (tmp_path / "legacy-2021.overlay.yaml").write_text("a: 1\n")
    monkeypatch.setattr(documents, "_FOLDERS", (tmp_path, Path("/nowhere")))
    assert documents.names() == ("legacy-2021",)
    assert documents.load("2021", overlay=False) == {
        "openapi": "3.0.3",
        "yes": "2021-05-07",
        "list": [1, 1.5, True, None, "on"],
    }


def test_document_that_is_no_mapping_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that holds a list is no document."""
    (tmp_path / "odd.yaml").write_text("[1, 2]\n")
    monkeypatch.setattr(documents, "_FOLDERS", (tmp_path,))
    with pytest.raises(TypeError, match="holds no mapping"):
        documents.load("odd")
