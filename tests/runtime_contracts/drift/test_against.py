"""Documents other than ours to hold servers and clients to: brought into step with ours, and what is told of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from runtime_contracts import against, documents
from runtime_contracts.commands.shared import CouldNotRunError, held_to
from runtime_contracts.contract import Contract
from runtime_contracts.drift import compare
from runtime_contracts.overlay import OverlayError, fitted
from runtime_contracts.sources import SourceError
from tests.runtime_contracts.drift.planted import JOB, S, both, cut, put, renamed

Edit = Callable[[dict[str, Any]], None]
_BODY = f"{JOB}/responses/200/content/application~1json/schema"
_ITEMS = f"{S}JobsResponse/properties/jobs/items"


@pytest.fixture
def held(tmp_path: Path) -> Callable[..., against.Against]:
    """Loads our published document after some edits as that of a stranger."""

    def load(*edits: Edit, edition: str = "platform") -> against.Against:
        document = documents.load(edition, overlay=False)
        both(*edits)(document)
        file = tmp_path / "theirs.json"
        file.write_text(json.dumps(document))
        return against.loaded(str(file), edition=edition)

    return load


@pytest.mark.parametrize("edition", documents.names())
def test_our_own_document_is_the_one_we_hold_to(edition: str, held: Callable[..., against.Against]) -> None:
    """As an edition and as a file of a stranger it comes out with all corrections, and without a note."""
    ours = documents.load(edition)
    for found in (against.loaded(edition, edition=edition), held(edition=edition)):
        assert compare(ours, found.document).changes == ()
        assert found.notes == ()
        assert sorted(found.operations) == sorted(Contract(ours).operations)
    assert against.load(edition, edition=edition) == found.document


def test_operations_have_our_ids(held: Callable[..., against.Against]) -> None:
    """Another id, none at all, and other names of parameters in paths are as ours; what is new keeps its own."""
    thing = {"get": {"responses": {"200": {"description": "Fine."}}}}
    taken = {"get": {"operationId": "list_jobs", "responses": {"default": {"description": "Fine."}}}}
    found = held(
        put(f"{JOB}/operationId", "fetch"),
        cut("#/paths/~1v1~1tags/get/operationId"),
        renamed("#/paths/~1v1~1backends~1{id}~1status", "/v1/backends/{name}/status"),
        put("#/paths/~1v1~1backends~1{name}~1status/get/parameters/0/name", "name"),
        put("#/paths/~1v1~1things", thing),
        put("#/paths/~1v1~1taken", taken),
    )
    contract = Contract(found.document)
    assert sorted(found.operations) == sorted(Contract.of("platform").operations)
    assert contract.operations["get_backend_status"].path == "/v1/backends/{id}/status"
    assert {"get-v1-things", "list_jobs-new"} <= contract.operations.keys()
    assert 200 in contract.operations["list_jobs-new"].responses
    assert "operations with another id there are called as in ours: fetch -> get_job, None -> list_tags" in found.notes
    assert "not driven, because ours does not have them: GET /v1/things, GET /v1/taken" in found.notes


@pytest.mark.parametrize("gone", ["#/paths/~1v1~1jobs", "#/paths/~1v1~1versions"])
def test_what_only_ours_has_is_there_but_not_driven(gone: str, held: Callable[..., against.Against]) -> None:
    """A walk over several operations finds what it needs, though that document does not have it."""
    found = held(
        cut(gone),
        put(f"{S}ErrorContainer/properties/trace/type", "integer"),
        cut("#/components/securitySchemes/ServiceCRN/description"),
    )
    contract = Contract(found.document)
    assert contract.operations.keys() == Contract.of("platform").operations.keys()
    assert len(found.operations) < len(contract.operations)
    assert any(note.startswith("not driven, because that document does not have them: ") for note in found.notes)


def test_what_the_checks_do_not_read_is_brought_into_their_form(held: Callable[..., against.Against]) -> None:
    """Ranges of statuses, other credentials, cookies, references of all kinds, and OpenAPI 3.1."""
    found = held(
        renamed(f"{JOB}/responses/404", "4XX"),
        put(f"{JOB}/responses/default", {"description": "Oh."}),
        put(f"{JOB}/responses/x-more", {}),
        put(f"{JOB}/responses/403/content/application~1json;charset=utf-8", {}),
        put(f"{JOB}/parameters/-", {"name": "c", "in": "cookie", "schema": {}}),
        put(f"{JOB}/parameters/-", {"name": "q", "in": "query", "content": {"text/plain": {}}}),
        put(_BODY, {"$ref": _ITEMS}),
        put(f"{JOB}/responses/401", {"$ref": "#/paths/~1v1~1tags/get/responses/401"}),
        put("#/components/securitySchemes/Odd", {"type": "http", "scheme": "basic"}),
        put("#/components/securitySchemes/IBMCloudAuth", {"type": "openIdConnect", "openIdConnectUrl": "https://a.example/"}),
        put("#/paths/~1v1~1tags/get/security", [{"Odd": []}]),
        put(f"{S}JobState/properties/reason", {"type": ["string", "null"]}),
        put("#/openapi", "3.1.0"),
    )  # fmt: skip
    contract = Contract(found.document)
    job = contract.operations["get_job"]
    assert {200, 400, 401, 403, 404, 429, 500, 503} <= job.responses.keys()
    assert contract.operations["list_tags"].security == ((),)
    assert not any(parameter.name == "c" for parameter in job.parameters)
    assert contract.check_component("JobState", {"status": "Queued", "reason": None}) == []
    said = " ".join(found.notes)
    for words in (
        "ranges of statuses and `default`",
        "the cookie c is not",
        "what the parameter q holds",
        "looked at: Odd",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (put(_BODY, {"$ref": "#/nowhere"}), "refers to #/nowhere, which is not there"),
        (put(_BODY, {"type": "array", "items": {"pattern": "("}}), "nothing can be held to .*theirs.json: "),
    ],
)  # fmt: skip
def test_document_that_nothing_can_be_held_to(edit: Edit, message: str, held: Callable[..., against.Against]) -> None:
    """It is refused with the place, or at least with the reason."""
    with pytest.raises(SourceError, match=message):
        held(edit)


def test_unknown_edition_and_overlay_that_does_not_fit(tmp_path: Path) -> None:
    """Both are errors of the user's."""
    with pytest.raises(SourceError, match="there is no document '1999'"):
        against.load("platform", edition="1999")
    (tmp_path / "own.yaml").write_text(documents.text("2021"))
    (tmp_path / "own.overlay.yaml").write_text("overlay: 1.0.0\n")
    with pytest.raises(SourceError, match=r"the overlay of .*own\.yaml does not fit"):
        against.load(str(tmp_path / "own.yaml"), edition="2021")


def test_corrections_that_do_not_fit_are_left_out_together() -> None:
    """Actions of one deviation are done all or none; what is in a list already is not put there again."""
    info = {"title": "T", "version": "1"}
    actions = [
        {"target": "$.a", "update": {"x": 1}, "x-deviation": "one"},
        {"target": "$.zzz", "update": {"x": 1}, "x-deviation": "one"},
        {"target": "$.a", "update": {"list": [1, 2]}},
        {"target": "$.a.list", "update": 3},
        {"target": "$.a.list", "update": 1},
    ]
    document = {"a": {"list": [1]}}
    before = copy.deepcopy(document)
    found, notes = fitted(document, {"overlay": "1.0.0", "info": info, "actions": actions})
    assert found == {"a": {"list": [1, 2, 3]}}
    assert notes == (
        "a correction of ours does not fit and was left out: action 2 (one): the target matches nothing: $.zzz",
    )
    assert document == before
    with pytest.raises(OverlayError, match="not an overlay"):
        fitted(document, {})


def test_command_is_held_to_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a reference nothing is loaded; with one, the run gets the document, the edition and the operations."""
    assert held_to(None, lambda: pytest.fail("nobody asks"), None) == {}
    found = held_to("2021", lambda: "2021", None)
    assert (found["edition"], len(found["operations"])) == ("legacy-2021", 21)
    assert held_to("2021", lambda: "2021", ("get-version",))["operations"] == ("get-version",)
    assert "held to legacy-2021\n" in capsys.readouterr().err
    for reference, edition in (("nothing.yaml", "2021"), ("2021", "1999"), ("platform", "2021")):
        with pytest.raises(CouldNotRunError) as caught:
            held_to(reference, lambda edition=edition: edition, None)  # type: ignore[misc]
        assert isinstance(caught.value, click.ClickException)
    assert "note: not driven, because ours does not have them" in capsys.readouterr().err
