"""The newest of IBM's clients, unmodified, against the fake; the others are run by `make test-clients`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

pytest.importorskip("qiskit_ibm_runtime")

from tests.vendor.clients import CAPABILITIES, CLIENTS, NEWEST, Client
from tests.vendor.compatibility import Run, render, without_classic
from tests.vendor.environments import ROOT
from tests.vendor.harness import fake

_PAGE = ROOT / "docs" / "compatibility.md"


def _outcomes(stdout: str) -> dict[str, str]:
    told = [json.loads(line) for line in stdout.splitlines() if line.startswith('{"capability"')]
    return {one["capability"]: one["outcome"] for one in told}


def _drive(way: str, *capabilities: str) -> subprocess.CompletedProcess[str]:
    """The suite of the newest client, by one of its ways."""
    with fake() as running:
        return subprocess.run(
            [sys.executable, NEWEST.script, *capabilities],
            env=running.environment(way),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


def test_the_newest_client_runs_through_the_proxy() -> None:
    """Everything that it can do works."""
    done = _drive("proxy")
    assert done.returncode == 0, done.stderr[-5000:]
    assert set(_outcomes(done.stdout)) <= CAPABILITIES.keys()
    assert set(_outcomes(done.stdout).values()) == {"works"}


def test_the_newest_client_runs_by_url() -> None:
    """Without TLS, led by variables alone."""
    done = _drive("url", "service", "backends", "sampler")
    assert done.returncode == 0, done.stderr[-5000:]
    assert _outcomes(done.stdout) == dict.fromkeys(("service", "backends", "sampler"), "works")


def test_the_newest_client_runs_under_the_command() -> None:
    """As its users would run it."""
    command = [str(Path(sys.executable).parent / "mock-runtime"), "run", "--", sys.executable, str(NEWEST.script)]
    done = subprocess.run([*command, "service", "estimator"], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-5000:]
    assert _outcomes(done.stdout) == {"service": "works", "estimator": "works"}
    assert "POST   /api/v1/jobs" in done.stderr


def test_the_pins_of_the_newest_client_are_what_is_here() -> None:
    """What is tested here is what the page tells of."""
    here = {name: version(name) for name in ("qiskit-ibm-runtime", "qiskit")}
    assert here == {name: NEWEST.version_of(name) for name in here}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.key)
def test_the_page_tells_of_every_client(client: Client) -> None:
    """And of the release that is pinned."""
    release = client.version_of(client.package)
    assert f"| {client.package} {release} |" in _PAGE.read_text(encoding="utf-8") or release is None


def test_the_page_has_no_failures_and_every_capability() -> None:
    """It was written by a run in which everything worked, with the capabilities of today."""
    page = _PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9 ]+) \| (?:[✓—✗] \| ?)+$", page, re.MULTILINE)
    assert rows == list(CAPABILITIES)
    assert "✗ |" not in page


def test_a_page_is_made_of_runs() -> None:
    """What is not told of is not offered, a second way is named, and who cannot run the oldest client leaves it out."""
    first = Run(client=NEWEST, way="proxy", python="3.11", outcomes={"service": "works", "target": "failed"})
    second = Run(client=NEWEST, way="url", python="3.11", outcomes={"service": "none"})
    page = render([first, second], "It works.")
    assert "| | 0.51 | 0.51 (url) |" in page
    assert "| service | ✓ | — |" in page
    assert "| target | ✗ | — |" in page
    assert without_classic(page) == render([first, second], None)
    assert (first.failed, second.failed) == (True, False)
