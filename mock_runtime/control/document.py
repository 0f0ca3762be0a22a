"""The OpenAPI document of the control plane, as it is served and as its tests hold it to its operations."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("openapi.yaml")
"""It stands here and not in `openapi/`, where everything is an edition of IBM's API."""


@cache
def own_version() -> str:
    """The version of this package; finding it takes milliseconds."""
    return version("mock-runtime")


@cache
def document() -> dict[str, Any]:
    """The document, to be read and not to be changed."""
    import yaml  # noqa: PLC0415 - only who asks for the document pays for the parser

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = yaml.load(FILE.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - it is a SafeLoader
    # What is no JSON (a date, a number as a key) is a mistake in the document, and would be one in its answer.
    plain: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))
    plain["info"]["version"] = own_version()
    return plain
