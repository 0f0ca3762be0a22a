"""Properties in the body of a request that the document does not name: a client has no reason to send any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runtime_contracts.operation import resolved
from runtime_contracts.strict_json import InvalidJsonError, decode_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation


def undocumented_properties(contract: Contract, operation: Operation, body: bytes) -> list[str]:
    """Return the names of properties in a JSON body that no part of its schema names, sorted.

    There are none if a part of the schema says that others are welcome.
    """
    judge = operation.bodies.get("application/json")
    if judge is None or not body:
        return []
    try:
        value = decode_json(body)
    except InvalidJsonError:
        return []
    if not isinstance(value, dict):
        return []
    parts = list(_parts(contract.document, judge.schema))
    if any(part.get("additionalProperties") not in {None, False} for part in map(_plain, parts)):
        return []
    known = {name for part in parts for name in part.get("properties", {})}
    return sorted(str(name) for name in value if name not in known) if known else []


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    others = part.get("additionalProperties")
    return {"additionalProperties": True if isinstance(others, dict) else others}


def _parts(document: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and everything that it is put together from."""
    schema = resolved(document, schema)
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            yield from _parts(document, part)
