"""What the pytest plugin adds to a run that uses nothing of it."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.measuring import Row, alternate, middle_half
from benchmarks.processes import finished

SUITE: Final = "plugin"

_PYTEST: Final = ("-q", "-p", "no:cacheprovider")
_MODULES: Final = "import json, sys, pytest; pytest.main(sys.argv[1:]); print(json.dumps(sorted(sys.modules)))"
_IMPORTS: Final = """
from time import perf_counter
begun = perf_counter()
import pytest
between = perf_counter()
import mock_runtime.pytest_plugin
print([between - begun, perf_counter() - between])
"""


@dataclass(frozen=True, slots=True)
class _Variant:
    """A way to run pytest: options after those of every run, and variables of the environment."""

    options: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


_NO_OTHERS: Final = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
_CASES: Final = (
    ("beside all installed plugins", _Variant(), _Variant(("-p", "no:mock_runtime"))),
    # By variable: `-p` would first search every installed distribution for a plugin of that name, and be measured.
    (
        "alone",
        _Variant(variables={**_NO_OTHERS, "PYTEST_PLUGINS": "mock_runtime.pytest_plugin"}),
        _Variant(variables=_NO_OTHERS),
    ),
)
"""With the plugin and without it: as a user has it, and where it weighs most."""


def measure(quick: bool) -> list[Row]:
    """Rows that compare an empty run of pytest with the plugin and without it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_empty.py").write_text("def test_empty():\n    pass\n", encoding="utf-8")
        rows = [_row(folder, case, with_, without, quick=quick) for case, with_, without in _CASES]
    return [*rows, _import_row(quick=quick)]


def _row(folder: Path, case: str, with_: _Variant, without: _Variant, *, quick: bool) -> Row:
    taken = alternate(
        f"{SUITE}, {case}",
        {"with": partial(_run, folder, with_), "without": partial(_run, folder, without)},
        rounds=3 if quick else 10,
    )
    added = sorted(_modules(folder, with_) - _modules(folder, without))
    more = [own - other for own, other in zip(taken["with"], taken["without"], strict=True)]
    lower, upper = middle_half(more)
    return Row(
        suite=SUITE,
        measured=f"empty pytest run with the plugin, {case}",
        against="without it",
        unit="ms",
        better="less",
        ours=taken["with"],
        theirs=taken["without"],
        note=f"{median(more):+.0f} ms, middle half {lower:+.0f} to {upper:+.0f}; modules more: {', '.join(added)}",
    )


def _import_row(*, quick: bool) -> Row:
    subjects = {"imports": lambda: json.loads(finished([sys.executable, "-c", _IMPORTS]))}
    pairs = alternate(f"{SUITE}, import", subjects, rounds=3 if quick else 11)["imports"]
    return Row(
        suite=SUITE,
        measured="import of the plugin, after pytest",
        against="import of pytest",
        unit="ms",
        better="less",
        ours=[plugin * 1000 for _, plugin in pairs],
        theirs=[pytest * 1000 for pytest, _ in pairs],
    )


def _run(folder: Path, variant: _Variant) -> float:
    begun = time.perf_counter()
    finished([sys.executable, "-m", "pytest", *_PYTEST, *variant.options], cwd=folder, variables=variant.variables)
    return (time.perf_counter() - begun) * 1000


def _modules(folder: Path, variant: _Variant) -> set[str]:
    command = [sys.executable, "-c", _MODULES, *_PYTEST, *variant.options]
    return set(json.loads(finished(command, cwd=folder, variables=variant.variables).splitlines()[-1]))
