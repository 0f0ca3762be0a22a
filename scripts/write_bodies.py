"""Write the schemas of request bodies that the edition `platform` validates against, from its document and overlay.

    python scripts/write_bodies.py

To read the YAML, apply the overlay and convert the schemas takes some 200 ms, which every process would pay for with
its first job; what comes of it is kept beside the edition. A test fails when it is not what the document says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from runtime_contracts import documents, schema_conversion

DOCUMENT: Final = "platform"
KEPT: Final = Path(__file__).resolve().parents[1] / "mock_runtime" / "editions" / "platform" / "bodies.json"
PROGRAMS: Final = ("SamplerJob", "EstimatorJob", "ExecutorJob", "NoiseLearnerJob")
"""The bodies of the programs' jobs: errors are looked for in the one that a body says it is."""


def derived() -> str:
    """The schemas as JSON: a body by the id of its operation, or by the name of a program's job, and what they need."""
    document = documents.load(DOCUMENT)
    shared = schema_conversion.definitions(document, "request")
    bodies = {
        name: schema_conversion.converted({"$ref": f"#/components/schemas/{name}"}, "request") for name in PROGRAMS
    }
    for item in document["paths"].values():
        for operation in item.values():
            media = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            if "application/json" in media:
                schema = media["application/json"]["schema"]
                bodies[operation["operationId"]] = schema_conversion.converted(schema, "request")
    needed: dict[str, Any] = {}
    for body in bodies.values():
        needed |= schema_conversion.reachable(body, shared)
    return json.dumps({"bodies": bodies, "$defs": needed}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write them."""
    KEPT.write_text(derived(), encoding="utf-8")


if __name__ == "__main__":
    main()
