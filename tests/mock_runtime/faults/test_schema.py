"""The schema for editors and the reader agree, wherever a schema can know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

import mock_runtime.faults
from mock_runtime.faults.acts import ACT_KEYS, BACKEND_EVENTS, JOB_EVENTS, OWN_HEADERS, TOKEN_EVENTS
from mock_runtime.faults.profiles import profiles
from mock_runtime.faults.reading import KEYS, MATCH_KEYS, SECRET_NAMES, fault
from mock_runtime.faults.rule import Body
from mock_runtime.operations import OPERATIONS
from mock_runtime.transport.delivery import Cut
from tests.mock_runtime.faults.examples import BAD, GOOD, Bad

SCHEMA: Final[dict[str, Any]] = json.loads(
    (Path(mock_runtime.faults.__file__).parent / "fault.schema.json").read_text(encoding="utf-8")
)
DEFS: Final = SCHEMA["$defs"]
VALIDATOR: Final = jsonschema_rs.Draft202012Validator(SCHEMA)


def test_there_are_enough_examples() -> None:
    """Of good rules and of bad ones."""
    assert len(GOOD) >= 60
    assert len(BAD) >= 100


@pytest.mark.parametrize("settings", GOOD, ids=json.dumps)
def test_what_is_read_is_valid(settings: dict[str, Any]) -> None:
    """An editor shows no mistake where there is none."""
    assert [error.message for error in VALIDATOR.iter_errors(settings)] == []


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad.key} {bad.said}"[:60])
def test_what_is_refused_is_invalid_as_far_as_a_schema_can_know(bad: Bad) -> None:
    """What no schema can know is marked so, and is few."""
    assert VALIDATOR.is_valid(bad.settings) is not bad.seen


def test_few_mistakes_are_beyond_a_schema() -> None:
    """It would be of little use otherwise."""
    assert sum(not bad.seen for bad in BAD) <= 12


def test_the_schema_is_one() -> None:
    """Of the draft that it says."""
    assert jsonschema_rs.meta.is_valid(SCHEMA)


def test_it_has_the_keys_of_the_reader() -> None:
    """Each key both ways, and each with a description."""
    assert set(DEFS["fault"]["properties"]) == set(KEYS)
    assert set(DEFS["match"]["properties"]) == set(MATCH_KEYS)
    assert set(DEFS["act"]["properties"]) == set(ACT_KEYS)
    for name in ("match", "act"):
        assert all("description" in entry for entry in DEFS[name]["properties"].values())


def test_it_has_the_words_of_the_reader() -> None:
    """Each choice both ways."""
    act = DEFS["act"]["properties"]
    assert DEFS["operation"]["anyOf"][0]["enum"] == list(OPERATIONS)
    assert DEFS["job_event"]["enum"] == list(JOB_EVENTS)
    assert act["cut"]["anyOf"][0]["enum"] == list(Cut)
    assert act["token"]["anyOf"][0]["enum"] == list(TOKEN_EVENTS)
    assert act["body"]["anyOf"][0]["enum"] == list(Body)
    assert act["backend"]["anyOf"][0]["enum"] == list(BACKEND_EVENTS)


def test_it_knows_the_headers_of_the_reader() -> None:
    """Those that carry secrets, and those that say how an answer is sent, in any case of letters."""
    for name in SECRET_NAMES:
        for spelled in (name, name.upper(), name.title()):
            assert not VALIDATOR.is_valid({"match": {"header": {spelled: "s3cret"}}, "act": {"status": 503}}), spelled
    for name in OWN_HEADERS:
        assert not VALIDATOR.is_valid({"act": {"headers": {name.title(): "1"}}}), name


def test_its_examples_are_good() -> None:
    """Those of whole rules, and those of single values."""
    for example in DEFS["fault"]["examples"]:
        fault(example)
    for name, entry in DEFS["match"]["properties"].items():
        for example in entry.get("examples", []):
            fault({"match": {name: example}, "act": {"slow": "1s"}})
    for name, entry in DEFS["act"]["properties"].items():
        for example in entry.get("examples", []):
            needs: dict[str, Any] = {"status": 503} if name in {"code", "message", "solution", "retry_after"} else {}
            needs = {"cut": "within"} if name == "at" else needs
            fault({"act": {**needs, name: example}})


def test_the_rules_of_profiles_are_valid() -> None:
    """A profile can be copied into a file."""
    for profile in profiles():
        for rule in profile.as_dict()["faults"]:
            assert VALIDATOR.is_valid(rule), rule


def test_it_can_stand_inside_another_schema() -> None:
    """As the schema of world files has it."""
    outer = {"$defs": {"fault": SCHEMA}, "type": "array", "items": {"$ref": "#/$defs/fault"}}
    validator = jsonschema_rs.Draft202012Validator(outer)
    assert validator.is_valid(GOOD)
    assert not validator.is_valid([{"act": {"status": 199}}])
