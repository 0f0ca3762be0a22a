"""The headers that the document gives an answer, with values that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.answers.scalars import numbers, texts
from runtime_contracts.operation import resolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.answers.growing import Growing
    from runtime_contracts.operation import Operation

_RETRY_AFTER: Final = ("0", "1", "60")


def documented_headers(
    document: dict[str, Any], growing: Growing, operation: Operation, status: int
) -> list[tuple[str, tuple[str, ...], bool]]:
    """Return the documented headers of a status: name, values that fit, and whether it has to be there."""
    responses = document["paths"][operation.path][operation.method.lower()]["responses"]
    found = []
    for name, reference in resolved(document, responses[str(status)]).get("headers", {}).items():
        header = resolved(document, reference)
        schema = growing.plain(header.get("schema", {}))
        found.append((name, _values(name, header, schema, growing.seed), bool(header.get("required"))))
    return found


def _values(name: str, header: Mapping[str, Any], schema: dict[str, Any], seed: int) -> tuple[str, ...]:
    if name.lower() == "retry-after":
        # What is allowed has no end, and a client that does as it is told would wait for it.
        return _RETRY_AFTER
    examples = [str(item["example"]) for item in (header, schema) if "example" in item]
    kind = schema.get("type", "string")
    values = [str(value) for value in schema.get("enum", ())]
    if not values and kind in {"integer", "number"}:
        values = [str(value) for value in numbers(schema).values()]
    if not values and kind == "string":
        values = [text for text in texts(schema, seed).values() if _fits_a_header(text)][:4]
    return tuple(dict.fromkeys((*examples, *values))) or ("true",)


def _fits_a_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip() and len(text) < 1000
