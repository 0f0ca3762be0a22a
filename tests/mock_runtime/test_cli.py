"""The command line: flags, environment and file become one configuration."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from mock_runtime import SteerableClock, runtime_of
from mock_runtime.accounts import Token
from mock_runtime.cli import main
from mock_runtime.commands.fake_options import configuration
from mock_runtime.commands.serve import serve
from mock_runtime.config import Config
from mock_runtime.durations import Fixed, Normal, Uniform
from mock_runtime.scenario import scenario
from tests.mock_runtime.fakes import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from mock_runtime import Runtime


def configured(*flags: str) -> Config:
    """The configuration that these flags of `serve` make."""
    group = main.make_context("mock-runtime", ["serve", *flags])
    with group, serve.make_context("serve", list(flags), parent=group) as context:
        return configuration(context.params)


def test_without_flags_everything_has_its_default() -> None:
    """Which is what `Config` says: today's API."""
    assert configured() == Config()
    assert configured().edition == "platform"


@pytest.mark.parametrize("name", ["2021", "legacy-2021"])
def test_an_edition_has_a_short_name(name: str) -> None:
    """Its year will do."""
    assert configured("--edition", name).edition == "legacy-2021"


def test_every_flag_is_a_setting() -> None:
    """In the same words as in a file."""
    config = configured(
        *("--edition", "2021", "--prefix", "/runtime", "--token", "a", "--token", "b", "--seed", "7"),
        *("--latency", "50ms..80ms", "--max-body", "1000", "--no-control", "--queue", "1s", "--run", "5s~2s"),
        *("--outcome", "failed", "--reason", "KeyError: 'x'", "--program", "vqe:run=30s;outcome=stuck"),
        *("--next-job", "polls=3; outcome=failed", "--next-job", "result=5"),
    )
    assert (config.edition, config.prefix, config.seed) == ("legacy-2021", "/runtime", 7)
    assert config.tokens == (Token("a"), Token("b"))
    assert (config.latency, config.max_body_bytes, config.control) == (Uniform(0.05, 0.08), 1000, False)
    assert config.scenario.default.run == Normal(5, 2)
    assert (
        config.scenario.as_dict()
        == scenario(
            {
                "queue": "1s",
                "run": "5s~2s",
                "outcome": "failed",
                "reason": "KeyError: 'x'",
                "programs": {"vqe": {"run": "30s", "outcome": "stuck"}},
                "jobs": [{"polls": 3, "outcome": "failed"}, {"result": "5"}],
            }
        ).as_dict()
    )
    assert configured("--polls", "3").scenario.as_dict() == scenario({"polls": 3}).as_dict()


def test_flags_win_over_a_file_setting_by_setting(tmp_path: Path) -> None:
    """Also for a program, and for a flag that is given more than once."""
    file = tmp_path / "fake.yaml"
    file.write_text("seed: 7\ntokens: [a]\nlatency: 1s\nscenario: {queue: 9s, programs: {vqe: {run: 1s, reason: E}}}\n")
    flags = ("--config", str(file), "--latency", "2s", "--run", "3s")
    config = configured(*flags, "--program", "vqe:run=4s", "--program", "vqe:outcome=failed")
    assert (config.seed, config.tokens, config.latency) == (7, (Token("a"),), Fixed(2))
    assert config.scenario.as_dict() == {
        "queue": "9s",
        "run": "3s",
        "programs": {"vqe": {"run": "4s", "outcome": "failed", "reason": "E"}},
        "jobs": [],
    }


WRONG: list[tuple[tuple[str, ...], str]] = [
    (("--port", "x"), "'x' is not a valid integer range"),
    (("--port", "65536"), "65536 is not in the range 0<=x<=65535"),
    (("--edition", "legacy-1999"), "edition: there is no 'legacy-1999'; known are platform, legacy-2021"),
    (("--prefix", "runtime"), "prefix: expected a path"),
    (("--token", " "), "tokens[0]: a token must not be empty"),
    (("--latency", "soon"), "latency: 'soon' is not a length of time: write e.g. 1s"),
    (("--latency", "never"), "latency: an answer that never comes is not a latency"),
    (("--queue", "soon"), "queue: 'soon' is not a length of time"),
    (("--polls", "-1"), "-1 is not in the range"),
    (("--polls", "3", "--run", "5s"), "--polls already says how long a job is queued and runs"),
    (("--outcome", "maybe"), "'maybe' is not one of 'completed', 'failed', 'cancelled', 'ran-too-long', 'stuck'"),
    (("--max-body", "0"), "0 is not in the range x>=1"),
    (("--seed", "x"), "'x' is not a valid integer"),
    (("--program", "vqe"), "--program: expected ID:SETTINGS such as vqe:run=30s, found 'vqe'"),
    (("--program", ":run=1s"), "--program: expected ID:SETTINGS"),
    (("--program", "vqe:run"), "expected SETTING=VALUE, several of them parted by ';', found 'run'"),
    (("--program", "vqe:runn=1s"), "--program vqe.runn: unknown setting; known are"),
    (("--next-job", "polls=x"), "--next-job.polls: expected a whole number of polls, 0 or more, found 'x'"),
    (("--next-job", "polls=³"), "--next-job.polls: expected a whole number of polls, 0 or more, found '³'"),
    (("--next-job", "run=soon"), "--next-job.run: 'soon' is not a length of time"),
    (("--config", "/nowhere/fake.yaml"), "/nowhere/fake.yaml: cannot be read: No such file or directory"),
    (("--speed", "sundial"), "'sundial' is no speed of time: write 100x or 100"),
    (("--start", "tomorrow"), "clock_start"),
    (("--fault", "act.status=teapot"), "--fault.act.status"),
    (("--chaos", "flaky"), "there is no 'flaky'"),
    (("--reload",), "--reload belongs to --world"),
    (("--control-token", "a b"), "a control token is 1 to 1024 printable ASCII characters without a blank"),
    (("--control-host", "http://x"), "is no name of a host"),
]


@pytest.mark.parametrize(("flags", "sentence"), WRONG, ids=[" ".join(flags) for flags, _ in WRONG])
def test_every_mistake_is_one_sentence_on_stderr(flags: tuple[str, ...], sentence: str) -> None:
    """With exit code 2, nothing on stdout, and no stack trace."""
    run = CliRunner().invoke(main, ["serve", *flags])
    assert run.exit_code == 2
    assert run.stdout == ""
    assert sentence in " ".join(run.stderr.replace("│", " ").split())
    assert "Traceback" not in run.output
    assert isinstance(run.exception, SystemExit)


def test_an_address_that_cannot_be_had_is_one_sentence_too() -> None:
    """With exit code 1: the flags were well-formed."""
    run = CliRunner().invoke(main, ["serve", "--edition", "2021", "--host", "a b", "--port", "0"])
    assert (run.exit_code, run.stdout) == (1, "")
    assert "'a b' is no address to listen on" in run.stderr


def test_a_mistake_in_a_file_names_it(tmp_path: Path) -> None:
    """With the setting."""
    file = tmp_path / "fake.yaml"
    file.write_text("scenario: {run: soon}")
    run = CliRunner().invoke(main, ["serve", "--config", str(file)])
    assert run.exit_code == 2
    assert f"{file}: scenario.run: 'soon' is not a length of time" in run.stderr


def test_every_option_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a name made of the command's and its own; a flag wins."""
    monkeypatch.setenv("MOCK_RUNTIME_SERVE_SEED", "7")
    monkeypatch.setenv("MOCK_RUNTIME_SERVE_RUN", "9s")
    monkeypatch.setenv("MOCK_RUNTIME_SERVE_TOKEN", "a b")

    config = configured()
    assert (config.seed, config.tokens, config.scenario.default.run) == (7, (Token("a"), Token("b")), Fixed(9))
    assert configured("--seed", "8").seed == 8


def test_help_and_version_cost_no_server() -> None:
    """And list what there is."""
    runner = CliRunner()
    assert "serve" in runner.invoke(main, ["--help"]).stdout
    assert version("mock-runtime") in runner.invoke(main, ["--version"]).stdout
    for option in serve.params:
        assert isinstance(option, click.Option)
        assert option.help
        assert option.opts[-1] in runner.invoke(main, ["serve", "-h"]).stdout


def test_instances_of_a_file_and_of_flags_stand_beside_each_other(tmp_path: Path) -> None:
    """With --also-instance; with --instance the flags win."""
    file = tmp_path / "settings.yaml"
    file.write_text("instances: [filed]\nalso_instances: [more]\n", encoding="utf-8")
    flags = [f"--config={file}", "--instance", "flagged", "--also-instance", "even-more", "--also-instance", "most"]
    config = configuration(serve.make_context("serve", flags).params)
    assert [spec.name for spec in config.instances] == ["flagged"]
    assert [spec.name for spec in config.also_instances] == ["more", "even-more", "most"]


def test_what_is_served_is_what_was_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the clock that was chosen, with requests shown unless they are not to be."""
    served: list[tuple[Runtime, dict[str, Any]]] = []

    def instead(app: Flask, *, ready: Callable[[str], None], **where: Any) -> None:
        served.append((runtime_of(app), where))
        ready("http://127.0.0.1:5/")
        for observe in runtime_of(app).observers:
            observe(shown("GET", "/shown", 200, 0.0))

    monkeypatch.setattr("mock_runtime.transport.server.serve", instead)
    flags = ("--port", "5", "--seed", "7", "--token", "alice", "--speed", "manual", "--quiet")
    others = ("--edition", "2021", "--no-control")
    runs = [CliRunner().invoke(main, ["serve", *given]) for given in (flags, others)]
    assert [(run.exit_code, run.stdout) for run in runs] == [(0, "http://127.0.0.1:5/\n")] * 2
    (quiet, where), (plain, _) = served
    assert (where["host"], where["port"]) == ("127.0.0.1", 5)
    assert isinstance(quiet.clock, SteerableClock)
    assert isinstance(plain.clock, SteerableClock)
    assert (quiet.config.seed, quiet.clock.speed, plain.clock.speed) == (7, 0, 1)
    assert (quiet.edition.name, plain.edition.name) == ("platform", "legacy-2021")
    assert ["/shown" in run.stderr for run in runs] == [False, True]
    assert "any that is not empty" in runs[1].stderr
    assert "any that is not empty" not in runs[0].stderr
    assert ("control  " in runs[0].stderr, "control  " in runs[1].stderr) == (True, False)


def test_the_package_can_be_run() -> None:
    """`python -m mock_runtime` is the same command."""
    command = [sys.executable, "-m", "mock_runtime", "--version"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert version("mock-runtime") in run.stdout


def test_an_unknown_command_is_refused() -> None:
    """With the usual sentence."""
    run = CliRunner().invoke(main, ["srve"])
    assert run.exit_code == 2
    assert "No such command 'srve'" in run.stderr
