"""The JSON Schema of world files, held to the reader."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from mock_runtime.domain.gates import GATES
from mock_runtime.operations import OPERATIONS
from mock_runtime.tenants import INSTANCE_KEYS, PLAN_KEYS, TENANT_KEYS, TOKEN_KEYS
from mock_runtime.world_settings import CLOCK_KEYS, PLAN_OF_JOBS, SCENARIO_KEYS
from mock_runtime.worlds import platform
from mock_runtime.worlds.composing import compose
from mock_runtime.worlds.files import _PROGRAM_KEYS, KEYS
from mock_runtime.worlds.nodes import InvalidWorld, Place
from mock_runtime.worlds.reading_backends import BACKEND_KEYS
from mock_runtime.worlds.reading_jobs import JOB_READERS, OUTCOMES, SESSION_READERS
from mock_runtime.worlds.schema import world_schema
from tests.mock_runtime.worlds.world_texts import FILE, GOOD, SEEN_BY_BOTH, SEEN_BY_THE_READER, start

SCHEMA = world_schema()
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)


def plain(text: str) -> Any:
    """The value of a YAML text."""
    node = compose(text, FILE)
    return None if node is None else Place(node, FILE, "").plain()


def properties(of: dict[str, Any]) -> dict[str, Any]:
    """The properties of a schema, or of the mapping among its alternatives."""
    if "properties" in of:
        found: dict[str, Any] = of["properties"]
        return found
    return next(properties(one) for one in of["anyOf"] if "properties" in one)


def test_it_is_a_schema_of_2020() -> None:
    """Its references lead into itself: an editor needs this one document."""
    jsonschema_rs.meta.validate(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert all(reference.startswith("#/$defs/") for reference in _references(SCHEMA))


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in _references(item)]
    return [found for item in value for found in _references(item)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("definition", "keys"),
    [
        (None, KEYS),
        ("token", TOKEN_KEYS),
        ("tenant", TENANT_KEYS),
        ("plan_of_instances", PLAN_KEYS),
        ("instance", INSTANCE_KEYS),
        ("backend", BACKEND_KEYS),
        ("program", _PROGRAM_KEYS),
        ("plan", PLAN_OF_JOBS),
        ("scenario", SCENARIO_KEYS),
        ("session", SESSION_READERS),
        ("job", JOB_READERS),
    ],
)
def test_it_has_the_keys_of_the_reader(definition: str | None, keys: Any) -> None:
    """All of them, no others, and each with a description."""
    found = properties(SCHEMA if definition is None else SCHEMA["$defs"][definition])
    assert set(found) == set(keys)
    definitions = SCHEMA["$defs"]
    bare = [
        key
        for key, value in found.items()
        if not (value.get("description") or definitions[value.get("$ref", "#/$defs/id").rpartition("/")[2]])
    ]
    assert bare == []


def test_it_has_the_names_that_editors_complete() -> None:
    """Keys of the clock, operations, outcomes, gates, and the devices that are always there."""
    definitions = SCHEMA["$defs"]
    assert set(SCHEMA["properties"]["clock"]["properties"]) == set(CLOCK_KEYS)
    assert list(SCHEMA["properties"]["latencies"]["properties"]) == list(OPERATIONS)
    assert definitions["outcome"]["enum"] == list(OUTCOMES)
    assert set(definitions["backend"]["properties"]["basis_gates"]["items"]["enum"]) == set(GATES)
    devices = [backend.name for backend in platform.WORLD.backends if not backend.mock]
    assert definitions["backend"]["properties"]["from"]["anyOf"][0]["enum"] == devices
    assert definitions["backend_name"]["anyOf"][0]["enum"] == devices


@pytest.mark.parametrize("text", GOOD)
def test_a_right_file_is_right_to_both(text: str) -> None:
    """The reader makes a start of it, and the schema has nothing against it."""
    start(text)
    assert [f"{error.instance_path}: {error.message}" for error in VALIDATOR.iter_errors(plain(text))] == []


@pytest.mark.parametrize(("text", "message"), SEEN_BY_BOTH, ids=[text for text, _ in SEEN_BY_BOTH])
def test_a_mistake_is_one_to_both(text: str, message: str) -> None:
    """The reader says where it is and what was expected, and the schema refuses it, too."""
    with pytest.raises(InvalidWorld) as refused:
        start(text)
    assert str(refused.value).startswith(f"{FILE}, {message}")
    assert not VALIDATOR.is_valid(plain(text))


@pytest.mark.parametrize(("text", "message"), SEEN_BY_THE_READER, ids=[text for text, _ in SEEN_BY_THE_READER])
def test_a_mistake_that_only_the_reader_sees(text: str, message: str) -> None:
    """What depends on something else in the file, or on what lengths come to."""
    with pytest.raises(InvalidWorld) as refused:
        start(text)
    assert str(refused.value).startswith(f"{FILE}, {message}")
