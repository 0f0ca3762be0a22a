"""Mocks of other makers, measured where they are installed: in `build/neighbours/`, as benchmarks/README.md says."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HOME: Final = Path(__file__).resolve().parents[1] / "build" / "neighbours"
_BIN: Final = "Scripts" if sys.platform == "win32" else "bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A mock server of somebody else's.

    `command` gives its command line for a port, and may put what it needs into a folder. `path` is what to ask it for
    if it is a fake of another API; one with None mocks the same document as we do.
    """

    name: str
    label: str
    program: Path
    command: Callable[[int, Path], list[str]]
    path: str | None


def there(neighbour: Neighbour) -> bool:
    """Whether it is installed."""
    return neighbour.program.exists()


def _prism(port: int, folder: Path) -> list[str]:
    from runtime_contracts import documents  # noqa: PLC0415 - read only where it is measured

    document = documents.load("platform")
    (folder / "platform.json").write_text(json.dumps(document), encoding="utf-8")
    return [str(PRISM.program), "mock", "--port", str(port), "--verboseLevel", "silent", "platform.json"]


def _moto(port: int, _folder: Path) -> list[str]:
    return [str(MOTO.program), "--host", "127.0.0.1", "--port", str(port)]


PRISM: Final = Neighbour(
    name="prism",
    label="prism, same document",
    program=_HOME / "node_modules" / ".bin" / "prism",
    command=_prism,
    path=None,
)
"""A mock of any OpenAPI document: it keeps nothing, and answers examples or what fits the schema."""

MOTO: Final = Neighbour(
    name="moto",
    label="moto server, list of buckets",
    program=_HOME / "moto" / _BIN / "moto_server",
    command=_moto,
    path="/",
)
"""A fake of another cloud, on Flask as ours is; it asks for no signature."""
