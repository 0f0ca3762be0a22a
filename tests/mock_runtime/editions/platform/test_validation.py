"""The schemas that bodies are held to are those of the document."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_runtime.editions.platform import validation
from mock_runtime.parsing import MalformedRequest
from scripts.write_bodies import KEPT, derived


def test_the_schemas_that_are_kept_are_those_of_the_document() -> None:
    """Who has changed the document or its overlay runs `python scripts/write_bodies.py`."""
    assert KEPT.read_text(encoding="utf-8") == derived()


def test_they_are_where_the_edition_looks_for_them() -> None:
    """The script writes the file that is read."""
    assert Path(validation.__file__).with_name("bodies.json") == KEPT


def test_the_error_is_that_of_the_program_the_body_names() -> None:
    """Of the forms that a job may have, the one that its program has says what is wrong."""
    with pytest.raises(MalformedRequest, match=r'"pubs" is a required property \(at ./params'):
        validation.validate("create_job", {"program_id": "sampler", "backend": "ibm_fez", "params": {}})


def test_a_program_id_in_another_body_is_just_a_property() -> None:
    """Only jobs are compared with a program's."""
    with pytest.raises(MalformedRequest, match="tags"):
        validation.validate("replace_job_tags", {"program_id": "sampler"})


@pytest.mark.parametrize(
    ("program", "params", "said"),
    [
        ("executor", {"quantum_program": {"items": [{}] * 20_000}}, "quantum_program"),
        ("sampler", {"pubs": [[]] * 20_000, "version": 2}, "/params/pubs/0"),
        ("sampler", {"pubs": [["x"]] * 20_000 + [[]], "version": 2}, "none of the forms"),
        ("sampler", {"pubs": [], "version": 2, **{f"key-{n}": n for n in range(20_000)}}, "none of the forms"),
    ],
)
def test_of_a_large_body_the_beginning_is_looked_through(program: str, params: dict[str, object], said: str) -> None:
    """It is refused as ever; where its error is may remain unsaid, for each error costs memory: gigabytes in all."""
    body = {"program_id": program, "backend": "ibm_fez", "params": params}
    with pytest.raises(MalformedRequest, match=said):
        validation.validate("create_job", body)


def test_an_array_that_is_too_long_is_said_to_be() -> None:
    """Its beginning is too long, too."""
    with pytest.raises(MalformedRequest, match="more than 8 items"):
        validation.validate("replace_job_tags", {"tags": ["tag"] * 50_000})
