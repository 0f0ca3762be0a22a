"""The models against the document: what the client takes is what the document allows, keyword by keyword."""

from __future__ import annotations

from typing import Any

import pytest

from runtime_client import shapes
from runtime_client.platform import analytics_models, backend_models, job_models, service_models
from runtime_contracts import documents

DOCUMENT = documents.load("platform")
SHAPES: dict[str, shapes.Shape[Any]] = {
    "get_versions": shapes.Record(service_models.Versions),
    "list_backends": shapes.OneOf(
        shapes.Record(backend_models.BackendList), shapes.Record(backend_models.BackendNames)
    ),
    "get_backend_properties": shapes.Record(backend_models.BackendProperties),
    "get_backend_configuration": shapes.Record(backend_models.BackendConfiguration),
    "get_backend_status": shapes.Record(backend_models.BackendStatus),
    "get_backend_defaults": shapes.Nullable(shapes.Object()),
    "get_job": shapes.Record(job_models.JobInfo),
    "list_jobs": shapes.Record(job_models.JobPage),
    "create_job": shapes.Record(job_models.SubmittedJob),
    "get_job_metrics_jid": shapes.Record(job_models.JobMetrics),
    "list_tags": shapes.Record(job_models.TagList),
    "create_session": shapes.Record(service_models.Session),
    "get_session": shapes.Record(service_models.Session),
    "get_instance": shapes.Record(service_models.Instance),
    "get_instance_configuration": shapes.Record(service_models.InstanceConfiguration),
    "get_usage": shapes.Record(service_models.Usage),
    "find_instance_workloads": shapes.Record(service_models.WorkloadPage),
    "get_account": shapes.Record(service_models.Account),
    "analytics_usage": shapes.Record(analytics_models.AnalyticsUsage),
    "get_usage_analytics_grouped": shapes.Record(analytics_models.GroupedUsage),
    "get_usage_analytics_grouped_by_date": shapes.Record(analytics_models.UsageByDate),
    "analytics_filters": shapes.Record(analytics_models.AnalyticsFilters),
}
KEYWORDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "uniqueItems")


def said(**keywords: Any) -> dict[str, Any]:
    """Return keywords without those that say nothing."""
    silent = {"minLength": 0, "minItems": 0, "uniqueItems": False, "additionalProperties": True}
    return {name: value for name, value in keywords.items() if value is not None and silent.get(name, ...) != value}


def scalar(shape: Any) -> dict[str, Any] | None:
    """Return what a shape without anything inside says, None for one with more to it."""
    match shape:
        case shapes.Text():
            enum = None if shape.among is None else sorted(shape.among)
            lengths = {"minLength": shape.at_least, "maxLength": shape.at_most}
            found = said(type="string", pattern=shape.pattern, format=shape.format, enum=enum, **lengths)
        case shapes.Choice():
            found = {"type": "string", "enum": sorted(member.value for member in shape.members)}
        case shapes.Integer() | shapes.Number():
            kind = "integer" if isinstance(shape, shapes.Integer) else "number"
            found = said(type=kind, minimum=shape.at_least, maximum=shape.at_most)
        case shapes.Truth():
            found = {"type": "boolean"}
        case shapes.Anything():
            found = {}
        case _:
            return None
    return found


def schema_of(shape: Any) -> dict[str, Any]:
    """Return what a shape says, in the words of a schema."""
    found = scalar(shape)
    if found is not None:
        return found
    match shape:
        case shapes.Object():
            found = said(type="object", additionalProperties=schema_of(shape.values) or None)
        case shapes.Array():
            counts = {"minItems": shape.at_least, "maxItems": shape.at_most, "uniqueItems": shape.unique}
            found = said(type="array", items=schema_of(shape.items), **counts)
        case shapes.Nullable():
            found = {"or null": schema_of(shape.shape)}
        case shapes.OneOf():
            found = {"oneOf" if shape.exclusive else "anyOf": [schema_of(item) for item in shape.shapes]}
        case shapes.Record():
            properties = shapes.properties_of(shape.model)
            found = said(
                type="object",
                properties={name: schema_of(item.shape) for name, item in properties.items()},
                required=sorted(name for name, item in properties.items() if item.required),
                additionalProperties=not shape.model.closed,
            )
        case _:
            raise TypeError(f"{shape!r} is not known here")
    return found


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the document in the same words: references followed, parts put together, prose left out."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("nullable"):
        return {"or null": plain({name: value for name, value in schema.items() if name != "nullable"})}
    if schema.get("allOf"):
        return merged([plain(part) for part in schema["allOf"]] + [plain({**schema, "allOf": None})])
    found = said(type=schema.get("type"), **{name: schema.get(name) for name in KEYWORDS})
    if schema.get("format") in {"date", "date-time"}:
        found["format"] = schema["format"]
    if "enum" in schema:
        found["enum"] = sorted(schema["enum"])
    return found | inside(schema) | said(additionalProperties=schema.get("additionalProperties"))


def inside(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a schema says of the values in a value, and which of several schemas hold for it."""
    found: dict[str, Any] = {}
    for word in ("oneOf", "anyOf"):
        branches = [plain(item) for item in schema.get(word) or ()]
        if len(branches) == 1:
            return branches[0]
        if branches:
            found[word] = branches
    if schema.get("type") == "array":
        found["items"] = plain(schema.get("items", {}))
    if "properties" in schema:
        found["properties"] = {name: plain(item) for name, item in schema["properties"].items()}
        found["required"] = sorted(schema.get("required", ()))
    return found


def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return several schemas that all hold as one."""
    whole: dict[str, Any] = {}
    for part in parts:
        both = {
            "properties": whole.get("properties", {}) | part.get("properties", {}),
            "required": sorted({*whole.get("required", ()), *part.get("required", ())}),
        }
        whole |= part
        if both["properties"]:
            whole |= both
    return whole


def answers() -> dict[str, dict[str, Any]]:
    """Return the schema of the JSON that each operation answers with 200, where it does."""
    found = {}
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "operationId" in operation:
                content = operation["responses"].get("200", {}).get("content", {})
                if "application/json" in content:
                    found[operation["operationId"]] = content["application/json"]["schema"]
    return found


def test_every_json_answer_has_a_model() -> None:
    """Covers each operation that answers JSON, and no other."""
    assert sorted(SHAPES) == sorted(answers())


@pytest.mark.parametrize("operation", SHAPES)
def test_model_says_what_the_document_says(operation: str) -> None:
    """Has the same properties, types, bounds, patterns, choices and nulls as the document with its overlay."""
    assert schema_of(SHAPES[operation]) == plain(answers()[operation])
