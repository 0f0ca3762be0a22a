"""The JSON Schema of world files, from which editors complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).parent
_FAULT: Final = _HERE.parent / "faults" / "fault.schema.json"


def world_schema() -> dict[str, Any]:
    """The whole schema, JSON Schema 2020-12: with that of a fault in its definitions, and no reference elsewhere."""
    schema: dict[str, Any] = json.loads((_HERE / "world.schema.json").read_text(encoding="utf-8"))
    fault: dict[str, Any] = json.loads(_FAULT.read_text(encoding="utf-8"))
    schema["$defs"]["fault"] = _below(fault, "#/$defs/fault")
    return schema


def _below(schema: dict[str, Any], at: str) -> dict[str, Any]:
    """A schema that is to stand at a place of another one: its references lead into itself."""

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: f"{at}{item[1:]}" if key == "$ref" and str(item).startswith("#") else moved(item)
                for key, item in value.items()
            }
        return [moved(item) for item in value] if isinstance(value, list) else value

    inner: dict[str, Any] = moved({key: value for key, value in schema.items() if key not in {"$schema", "$id"}})
    return inner
