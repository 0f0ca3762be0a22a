"""`serve --answers` and `run --answers`, as their users see them."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from mock_runtime.cli import main
from tests.mock_runtime.test_cli_serve import ended, serving

if TYPE_CHECKING:
    from tests.mock_runtime.commands.conftest import MockRuntime

ASKING = """\
import os, sys, requests
url = "https://runtime-us-east.quantum-computing.ibm.com/jobs?limit=x"
answer = requests.get(url, headers={"Authorization": "Bearer secret-token"})
print(answer.headers["Mock-Runtime-Case"], answer.headers["Mock-Runtime-Case-Name"])
sys.exit(int(sys.argv[1]))
"""


def test_serve_tells_what_it_answers_and_what_was_asked(tmp_path: Path) -> None:
    """At the start the mode and the seed, as they come the violations, at the end the sum and the files."""
    folder = tmp_path / "found"
    with serving("--answers", "generated", "--seed", "7", "--report", str(folder), "--strict") as (process, url):
        answer = requests.get(f"{url}jobs?limit=x", timeout=20)
        assert answer.headers["Mock-Runtime-Case"] == "0"
        code, _, err = ended(process, signal.SIGINT)
    assert code == 1
    assert "  answers        generated, status all, seed 7\n" in err
    assert "VIOLATION  get-jobs: /query/limit: expected a value of type integer, found x\n" in err
    assert "1 request checked, 2 kinds of violation of the contract\n" in err
    report = json.loads((folder / "client-legacy-2021.json").read_text(encoding="utf-8"))
    assert {failure["place"] for failure in report["failures"]} == {"/query/limit", "/headers"}
    assert "Traceback" not in err


def test_a_run_ends_with_the_code_of_its_program(mock_runtime: MockRuntime) -> None:
    """If that is 0, and violations are to count, with 1."""
    ask = (sys.executable, "-c", ASKING)
    only = ("--answers", "generated", "--answer-operation", "get-jobs", "--case", "1")
    done = mock_runtime("run", "--edition", "2021", "--strict", *only, "--", *ask, "3")
    assert (done.returncode, done.stdout) == (3, "1 200, with everything\n")
    done = mock_runtime("run", "--edition", "2021", "--strict", "--check", *only, "--", *ask, "0")
    assert done.returncode == 1
    assert "answers        generated, status all, seed " in done.stderr
    assert ", case 1, only get-jobs\n" in done.stderr
    assert "  get-jobs: /query/limit: expected a value of type integer, found x\n" in done.stderr
    assert "secret-token" not in done.stderr


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--case", "1"), "--case belongs to --answers"),
        (("--answer-status", "all"), "--answer-status belongs to --answers"),
        (("--answer-operation", "x"), "--answer-operation belongs to --answers"),
        (("--strict",), "--strict belongs to --check or --answers"),
        (("--report", "x"), "--report belongs to --check or --answers"),
        (("--answers", "odd"), "'odd' is not one of 'generated', 'broken'"),
        (("--answers", "broken", "--answer-status", "900"), "no statuses are called '900'"),
        (("--answers", "broken", "--answer-operation", "get_jobs"), "get_jobs"),
        (("--answers", "broken", "--case", "-1"), "-1 is not in the range"),
    ],
)
def test_what_makes_no_sense_is_refused(flags: tuple[str, ...], said: str) -> None:
    """Exit code 2, and a sentence."""
    done = CliRunner().invoke(main, ["serve", "--port", "0", *flags])
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_report_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """What was found is on stderr all the same."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with serving("--check", "--report", str(tmp_path / "file" / "below")) as (process, url):
        assert requests.get(f"{url}nothing", timeout=20).status_code == 404
        code, _, err = ended(process)
    assert code == 1
    assert "no operation: GET /nothing: expected a documented path\n" in err
    assert "Error: the report cannot be written: Not a directory\n" in err
