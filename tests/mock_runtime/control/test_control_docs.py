"""docs/control.md is true: it names every path and every command, and its examples run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import pytest
import requests

from mock_runtime import Config, Runtime, create_app, runtime_of
from mock_runtime.clock import SteerableClock
from mock_runtime.commands.control import control as control_group
from mock_runtime.transport.server import LiveServer
from tests.mock_runtime.control.test_document import operations

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = (Path(__file__).resolve().parents[3] / "docs" / "control.md").read_text(encoding="utf-8")
JOB: Final = {
    "program_id": "sampler",
    "backend": "ibm_fez",
    "params": {"pubs": [["OPENQASM 3.0; bit[1] c; c[0] = measure $0;"]], "version": 2},
}


@pytest.fixture
def runtime() -> Runtime:
    """A fake whose time stands still."""
    return runtime_of(create_app(Config(seed=0, engine="synthetic"), clock=SteerableClock(1_795_000_000.0, 0.0)))


@pytest.fixture
def server(runtime: Runtime) -> Iterator[LiveServer]:
    """The fake on a socket."""
    with LiveServer(runtime.app) as found:
        yield found


@pytest.fixture
def job(server: LiveServer) -> str:
    """A job in the queue of that server."""
    key = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": "alice"}
    token = requests.post(f"{server.origin}/identity/token", data=key, timeout=10).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Service-CRN": CRN, "IBM-API-Version": "2026-04-15"}
    answer = requests.post(f"{server.url}v1/jobs", json=JOB, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


CRN: Final = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"


def blocks(language: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def named(heading: str) -> set[str]:
    """What the first column of the table below a heading names."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_path_is_named_and_no_other() -> None:
    """With its method, as the document has it."""
    assert named("Every path") == operations().keys()


def test_every_command_is_named_and_no_other() -> None:
    """With those below it, as the command line has it."""
    with control_group.make_context("control", ["state"]) as context:
        there = set(below(control_group, context))
    assert named("The command") == there


def below(group: click.Group, context: click.Context, prefix: str = "") -> Iterator[str]:
    """The names of all commands of a group that can be called."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield f"{prefix}{name}"
            yield from below(command, context, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


def test_every_option_is_named_and_no_other() -> None:
    """But for the filters of the journal, which are those of its own page."""
    with control_group.make_context("control", ["state"]) as context:
        there = {option for command in each(control_group, context) for option in options(command)}
    filters = {"--operation", "--job", "--session", "--backend", "--caller", "--status", "--method", "--path"}
    filters |= {"--fault", "--since", "--limit"}
    said = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE.partition("## The command")[2])) - filters
    assert said == there - filters


def each(group: click.Group, context: click.Context) -> Iterator[click.Command]:
    """A group and all commands below it."""
    yield group
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from each(command, context) if isinstance(command, click.Group) else [command]


def options(command: click.Command) -> Iterator[str]:
    """The long options of a command."""
    for parameter in command.params:
        yield from (option for option in parameter.opts if option.startswith("--"))


def test_the_python_runs(server: LiveServer, job: str) -> None:
    """In the order in which it stands on the page."""
    names: dict[str, Any] = {"job": job}
    for example in blocks("python"):
        code = example.replace("http://127.0.0.1:8000", server.origin)
        exec(compile(code, "docs/control.md", "exec"), names)  # noqa: S102 - our own page
    assert names["control"].jobs.get(job)["status"] == "running"
    assert len(names["control"].scopes()) == 1


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are for curl, which is not there")
def test_the_shell_runs(runtime: Runtime, server: LiveServer, job: str) -> None:
    """Every line of it, with curl and with the command."""
    console = "\n".join(re.findall(r"^\$ (.*)$", "".join(blocks("console")), re.MULTILINE))
    for script in (blocks("sh")[0], console, blocks("sh")[1]):
        done = subprocess.run(
            ["bash", "-ec", script.replace("http://127.0.0.1:8000", server.origin)],
            env={
                **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "JOB": job,
                "MOCK_RUNTIME_CONTROL_URL": server.origin,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (script, done.stdout, done.stderr)
        assert '"error"' not in done.stdout, (script, done.stdout)
        runtime.faults.clear()
    assert runtime.store.job(job).state_at(runtime.clock.now()).status == "running"
    assert [json.loads(line)["scope"] for line in done.stdout.splitlines() if line.startswith("{")] == ["test-17"]
