"""docs/answers.md: its Python runs, and its table names the options."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
import requests

from mock_runtime.cli import main

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "answers.md").read_text(encoding="utf-8")
OPTIONS = {
    "--answers", "--answer-operation", "--answer-status", "--case", "--check", "--report", "--strict", "--seed",
}  # fmt: skip


def test_the_table_names_the_options() -> None:
    """Each exists, and none is left out."""
    table = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `--"))
    assert set(re.findall(r"^\| `(--[a-z-]+)`", table, re.MULTILINE)) == OPTIONS
    serve = main.get_command(click.Context(main), "serve")
    assert serve is not None
    assert {option for parameter in serve.params for option in parameter.opts} >= OPTIONS


def test_the_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The loop tells a client's own error from another; the library's lists the cases."""
    first, second = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(first, "docs/answers.md", "exec"), names)  # noqa: S102 - our own page

    def call(session: requests.Session, _url: str) -> None:
        raise {"0": ValueError, "1": KeyError}.get(str(session.headers["Mock-Runtime-Case"]), OSError)("odd")

    assert names["leaks"]("", call, OSError) == {0: "ValueError: odd", 1: "KeyError: 'odd'"}
    exec(compile(second, "docs/answers.md", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out.startswith("0 200, the least 200 ")
