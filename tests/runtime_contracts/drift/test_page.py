"""docs/drift.md is true: its examples run, and it names every rule."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from click.testing import CliRunner

from mock_runtime.cli import main
from runtime_contracts.drift import accepting
from tests.runtime_contracts.drift.planted import PLANTED

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "drift.md").read_text(encoding="utf-8")


def test_the_python_example_runs() -> None:
    """Its assertions hold."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(example, "docs/drift.md", "exec"), {})  # noqa: S102 - our own page


def test_the_example_of_accepted_changes_is_understood(tmp_path: Path) -> None:
    """It is one entry, with a reason."""
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "accepted.yaml"
    file.write_text(example)
    (entry,) = accepting.read(file)
    assert entry.reason.startswith("Announced")


def test_every_rule_that_is_planted_is_named() -> None:
    """Each rule has its place in the table."""
    table = PAGE.partition("| rule |")[2].partition("\n\n")[0]
    assert {planted.rule for planted in PLANTED} <= set(re.findall(r"`([\w-]+)`", table))


def test_command_needs_nothing_of_the_extra() -> None:
    """Its help is shown by the base install, with examples and exit codes."""
    shown = CliRunner().invoke(main, ["drift", "--help"]).output
    assert "mock-runtime drift --base openapi/platform.yaml@HEAD~5" in shown
    assert "3  drift that breaks no client for certain" in shown
