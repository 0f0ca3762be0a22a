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
    with pytest.raises(MalformedRequest, match="\"pubs\" is a required property \\(at ./params"):
        validation.validate("create_job", {"program_id": "sampler", "backend": "ibm_fez", "params": {}})


def test_a_program_id_in_another_body_is_just_a_property() -> None:
    """Only jobs are compared with a program's."""
    with pytest.raises(MalformedRequest, match="tags"):
        validation.validate("replace_job_tags", {"program_id": "sampler"})
