"""Good answers that are made from schemas: every one of them fits, and says as much as it can."""

from __future__ import annotations

from typing import Any

import pytest

from runtime_contracts.client_cases import _example
from runtime_contracts.contract import Contract
from runtime_contracts.operation import Judge
from runtime_contracts.sampling import NoSampleError, sampled

CONTRACT = Contract.of("platform")


def _sampled(schema: dict[str, Any]) -> Any:
    def judge_of(part: dict[str, Any]) -> Judge:
        return Judge(part, shared={}, direction="response")

    return sampled({}, judge_of(schema), judge_of)


def test_every_answer_of_today_has_a_good_example() -> None:
    """For each JSON answer of the document there is a value that fits its schema."""
    for operation in CONTRACT.operations.values():
        for status, bodies in operation.responses.items():
            if "application/json" in bodies:
                value = _example(CONTRACT, operation, status)
                assert bodies["application/json"].violations(value, "") == [], (operation.id, status)


def test_example_has_what_is_optional_too() -> None:
    """The example of a job has every property of its schema, so that each can be broken."""
    schema = CONTRACT.document["components"]["schemas"]["JobResponseV3"]
    assert set(_example(CONTRACT, CONTRACT.operations["get_job"], 200)) == set(schema["properties"])


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "enum": ["b", "a"]}, "b"),
        ({"type": "string", "format": "uuid"}, "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"),
        ({"type": "string", "minLength": 40}, "crn:v1:bluemix:public:quantum-computing:us-east:a/0:0::"),
        ({"type": "string", "minLength": 90}, "a" * 90),
        ({"type": "integer", "minimum": 2000}, 2000),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}, {"required": ["a"]}]}, {"a": 7}),
        ({"oneOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"type": "string"}}}]}, {"a": "text"}),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"key": "text"}),
        ({"type": "integer", "example": 3}, 3),
    ],
)
def test_sample_fits_its_schema(schema: dict[str, Any], value: Any) -> None:
    """Each kind of schema gets a value that fits."""
    assert _sampled(schema) == value


def test_schema_that_nothing_fits_is_told() -> None:
    """What cannot be had is an error, not a bad example."""
    with pytest.raises(NoSampleError):
        _sampled({"type": "string", "pattern": "^only-this$"})
