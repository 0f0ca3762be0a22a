"""What docs/proxy.md and docs/verify-recording.md say is so: its Python runs, and its YAML is read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click
import pytest

from mock_runtime.cli import main
from runtime_contracts.recording import load_accepted

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "proxy.md").read_text(encoding="utf-8")
RECORDING: Final = (Path(__file__).resolve().parents[2] / "docs" / "verify-recording.md").read_text(encoding="utf-8")


def block(page: str, language: str) -> str:
    """The one code block of a language on a page."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return str(found)


def test_the_example_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line that is printed begins as the comment beside it."""
    exec(compile(block(PAGE, "python"), "docs/proxy.md", "exec"), {})  # noqa: S102 - our own page
    printed = capsys.readouterr().out.splitlines()
    said = re.findall(r"print\(.*\)  # (.*)", block(PAGE, "python"))
    assert printed[: len(said)] == said


def test_the_example_of_accepted_differences_is_read(tmp_path: Path) -> None:
    """Both entries, with their reasons."""
    file = tmp_path / "accepted.yaml"
    file.write_text(block(RECORDING, "yaml"), encoding="utf-8")
    assert [each.reason for each in load_accepted(file)] == [
        "our instance has no plan with a limit",
        "the service writes microseconds",
    ]


@pytest.mark.parametrize("line", re.findall(r"^\$ (mock-runtime .*)$", PAGE + RECORDING, re.MULTILINE))
def test_commands_are_understood(line: str) -> None:
    """Each has flags that exist."""
    words = line.partition(" -- ")[0].split()[1:]
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0)) or pytest.fail(line)
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
