"""The commands `verify server` and `verify client`: exit codes, outputs, and the tokens that must not show."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mock_runtime.commands.verify import verify
from runtime_contracts import client_fuzz, server_fuzz
from runtime_contracts.client_run import ClientRun
from runtime_contracts.report import Report
from tests.broken import servers
from tests.broken.clients import UNUSUAL
from tests.broken.serving import ALICE, served
from tests.runtime_contracts import reference_driver

DRIVER = "tests.runtime_contracts.reference_driver:driver"


def _run(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner(env={"MOCK_RUNTIME_TOKEN": "", **(environment or {})}).invoke(verify, arguments)


def test_clean_server_exits_with_0(tmp_path: Path) -> None:
    """A server that keeps the contract gives exit code 0, a verdict, progress and report files."""
    with served() as server:
        result = _run(
            "server",
            server.url,
            "--phase",
            "probes",
            "--report",
            str(tmp_path),
            environment={"MOCK_RUNTIME_TOKEN": ALICE},
        )
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].startswith("no violation of the contract in")
    assert result.stderr.splitlines()[:2] == ["seed 20210507", "phase probes"]
    assert ALICE not in result.output
    assert json.loads((tmp_path / "server-legacy-2021.json").read_text())["exit_code"] == 0


def test_broken_server_exits_with_1() -> None:
    """A server that breaks the contract gives exit code 1 and the failures, without the token."""
    with served(servers.html_405) as server:
        result = _run("server", server.url, "--phase", "probes", "--token", ALICE, "--seed", "3")
    assert result.exit_code == 1
    assert "error_body: " in result.stdout
    assert "--seed 3 makes the same run again" in result.stdout
    assert ALICE not in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("server", "http://127.0.0.1:9", "--token", ALICE), "could not run: http://127.0.0.1:9 does not answer"),
        (("server", "http://127.0.0.1:9"), "no token: give --token or set MOCK_RUNTIME_TOKEN"),
        (("server", "localhost", "--token", "t"), "expected an http or https URL"),
        (("server", "http://127.0.0.1:9", "--token", "t", "--edition", "1999"), "there is no document '1999'"),
        (("server", "http://127.0.0.1:9", "--token", "t", "--phase", "x"), "'x' is not one of"),
        (
            ("server", "http://127.0.0.1:9", "--token", "t", "--operation", "x", "--edition", "2021"),
            "there is no operation 'x'; known: get-",
        ),
        (("client", DRIVER, "--operation", "x"), "there is no operation 'x'; known: get-programs, post-program"),
        (("client", "no.such.module:driver"), "cannot import 'no.such.module'"),
        (("client", DRIVER, "--edition", "1999"), "there is no document '1999'"),
        (("client", DRIVER, "--phase", "answers", "--report", "/dev/null/x"), "the report cannot be written"),
    ],
)
def test_what_cannot_run_exits_with_2(
    arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that cannot be made gives exit code 2 and says why."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(ClientRun, "everything", lambda *_: None)
    result = _run(*arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_client_is_driven_by_its_name() -> None:
    """The client command loads the driver, feeds it, and shows a table of operations."""
    result = _run("client", DRIVER, "--phase", "arguments", "--max-examples", "2")
    assert result.exit_code == 0, result.output
    assert "get-programs-id-jobs-jid-results" in result.stdout
    assert result.stderr.splitlines()[:2] == ["seed 20210507", "phase arguments"]


def test_client_with_some_operations_can_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that has two operations passes when they are named, and fails when they are not."""
    known = reference_driver.driver.operations
    few = {name: known[name] for name in ("get-version", "get-jobs")}
    monkeypatch.setattr(reference_driver.driver, "operations", few, raising=False)
    arguments = ("client", DRIVER, "--phase", "arguments", "--max-examples", "1")
    chosen = _run(*arguments, "--operation", "get-version", "--operation", "get-jobs")
    assert chosen.exit_code == 0, chosen.output
    assert [line.split()[0] for line in chosen.stdout.splitlines()[2:4]] == ["get-version", "get-jobs"]
    assert _run(*arguments).exit_code == 1


def test_server_is_asked_for_the_chosen_operation_only() -> None:
    """With --operation the table has that operation and no other."""
    with served() as server:
        arguments = ("--token", ALICE, "--phase", "probes", "--operation", "get-version")
        result = _run("server", server.url, *arguments)
    assert result.exit_code == 0, result.output
    assert [line.split()[0] for line in result.stdout.splitlines()[1:3]] == ["operation", "get-version"]
    assert len(result.stdout.splitlines()) == 4


@pytest.mark.parametrize(("options", "code"), [((), 1), (("--lenient",), 0)])
def test_lenient_lets_the_unusual_pass(options: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that takes another content type fails, and passes with --lenient."""
    planted = UNUSUAL["the content type is ignored"]
    monkeypatch.setattr(reference_driver, "driver", planted)
    result = _run("client", DRIVER, "--phase", "answers", "--operation", planted.operation, *options)
    assert result.exit_code == code, result.output


def test_driver_is_found_in_the_present_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver beside the place where the command is started is found."""
    (tmp_path / "driver_of_this_folder.py").write_text("driver = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    result = _run("client", "driver_of_this_folder:driver")
    assert result.exit_code == 2
    assert "is no function, no class and no client driver" in result.output


@pytest.mark.parametrize("command", ["server", "client"])
def test_interrupted_run_exits_with_130(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that Ctrl-C has ended gives exit code 130."""
    report = Report(command, "t", "e", 1, interrupted=True)
    monkeypatch.setattr(server_fuzz, "fuzz_server", lambda *_, **__: report)
    monkeypatch.setattr(client_fuzz, "fuzz_client", lambda *_, **__: report)
    result = _run(
        command,
        "http://127.0.0.1:9" if command == "server" else DRIVER,
        *(["--token", "t"] if command == "server" else []),
    )
    assert result.exit_code == 130
    assert "interrupted after 0 cases" in result.stdout


@pytest.mark.parametrize("module", ["runtime_contracts.server_fuzz", "runtime_contracts.client_fuzz"])
def test_missing_parts_are_named(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the optional dependencies the command says what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    arguments = ("server", "http://127.0.0.1:9", "--token", "t") if "server" in module else ("client", DRIVER)
    result = _run(*arguments)
    assert result.exit_code == 2
    assert "install mock-runtime[contract]" in result.output


@pytest.mark.parametrize(("form", "begins"), [("github", "::error title="), ("json", "{"), ("junit", "<?xml")])
def test_server_report_has_the_form_that_was_asked_for(form: str, begins: str) -> None:
    """Stdout has the report as annotations, JSON or JUnit, and nothing else."""
    with served(servers.html_405) as server:
        options = ("--phase", "probes", "--operation", "get-jobs", "--format", form)
        result = _run("server", server.url, "--token", ALICE, *options)
    assert result.exit_code == 1
    assert result.stdout.startswith(begins)
    assert ALICE not in result.output


def test_one_journey_can_be_made_alone() -> None:
    """A journey is named, made, and told in a line; the profile and the limits are taken."""
    with served() as server:
        options = ("--profile", "quick", "--phase", "journeys", "--journey", "what-does-not-exist-is-not-found")
        result = _run("server", server.url, "--token", ALICE, *options, "--time-limit", "60", "--rate", "9999")
    assert result.exit_code == 0, result.output
    assert " passed  A job and a program that do not exist are answered with 404" in result.stdout
    assert result.stderr.splitlines()[0] == "seed 20210507, profile quick"


def test_run_that_only_reads_says_what_it_left_out() -> None:
    """With --read-only the report lists what was left out, and why."""
    with served() as server:
        options = ("--read-only", "--rate", "9999", "--operation", "get-jobs", "--operation", "delete-job")
        result = _run("server", server.url, "--token", ALICE, *options, "--phase", "probes")
    assert result.exit_code == 0, result.output
    assert "left out: delete-job: they create or change something, and the run is read-only" in result.stdout
