"""docs/ways-in.md is true: its examples run, its tables are whole."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import pytest

from mock_runtime.cli import main
from mock_runtime.variables import plain, proxied

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "ways-in.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of a language on the page."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_python_examples_run(tmp_path: Path) -> None:
    """One after the other, in a process of their own; and the test among them passes."""
    pytest.importorskip("qiskit_ibm_runtime")
    path = tmp_path / "test_of_the_page.py"
    path.write_text("\n".join(blocks("python")), encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "ibm_" in done.stdout


@pytest.mark.parametrize("line", re.findall(r"(mock-runtime (?:run|env|serve)[^`\n)]*)", "\n".join(blocks("console"))))
def test_the_commands_are_understood(line: str) -> None:
    """Each has options that exist."""
    words = line.split(" -- ", maxsplit=1)[0].split()[1:]
    command = main.get_command(click.Context(main), words.pop(0))
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_every_variable_is_named() -> None:
    """Those of the proxy and those of plain URLs."""
    here = Path()
    variables = proxied("", bundle=here, authority=here, environment={})
    names = {*variables.set, *variables.unset, *plain("", environment={}).set}
    assert [name for name in sorted(names) if name.upper() not in PAGE] == []
