"""A bad day, steered from the outside, from the installed wheel alone: command, HTTP, Python and the page."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import requests

from mock_runtime import RemoteControl

COMMAND = Path(sys.executable).parent / "mock-runtime"
WORLD = """
edition: legacy-2021
tokens: [{name: alice, token: alice-token-of-the-wheel}]
scenario: {queue: 1h, run: 1h}
jobs: [{program: runtime-simple, status: completed, owner: alice, result: done}]
"""
ALICE = {"Authorization": "Bearer alice-token-of-the-wheel"}


def main() -> None:
    """Do it; an AssertionError says what went wrong."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "world.yaml"
        file.write_text(WORLD, encoding="utf-8")
        command = [COMMAND, "serve", "--port", "0", "--world", file, "--log", "json", "--seed", "7"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            steered(url)
            told(url)
        finally:
            server.send_signal(signal.SIGINT)
            _, log = server.communicate(timeout=60)
    lines = [json.loads(line) for line in log.splitlines()]
    assert server.returncode == 0, server.returncode
    assert {"started", "exchange", "stopped"} <= {line["event"] for line in lines}, log
    assert "alice-token-of-the-wheel" not in log, "a token is in the log"
    print("the control plane works from the wheel: command, HTTP, Python, the page, metrics, a world file")


def steered(url: str) -> None:
    """A storm that ends, time that is moved, a scope of one's own, and what the journal says of it."""
    origin = url.rstrip("/")
    jobs = f"{origin}/jobs"
    assert get(jobs, headers=ALICE).json()["count"] == 1
    control("faults", "add", "id=storm;match.operation=list-jobs;act.status=503;times=1", at=origin)
    assert [get(jobs, headers=ALICE).status_code for _ in range(2)] == [503, 200]
    control("faults", "assert", at=origin)
    job = requests.post(jobs, json={"programId": "runtime-simple"}, headers=ALICE, timeout=60).json()["id"]
    control("advance", "--until", f"{job}=running", at=origin)
    assert get(f"{jobs}/{job}", headers=ALICE).json()["status"] == "Running"
    remote = RemoteControl(origin)
    remote.journal.assert_submitted_once()
    with remote.scope("mine", polls=0):
        mine = {**ALICE, "Mock-Runtime-Scope": "mine"}
        assert get(jobs, headers=mine).json()["count"] == 1, "a scope begins as its server did"
    assert "503" in control("journal", at=origin)
    control("scorecard", at=origin)


def told(url: str) -> None:
    """What pages and other tools read."""
    page = get(f"{url}_mock/", headers={"Accept": "text/html"})
    assert "<title>" in page.text, page.text[:200]
    assert "mock_runtime_requests_total" in get(f"{url}_mock/metrics").text
    assert get(f"{url}_mock/openapi.json").json()["openapi"].startswith("3.")
    assert get(f"{url}_mock/state", headers={"Host": "evil.example"}).status_code == 403
    assert "alice-token-of-the-wheel" not in get(f"{url}_mock/world").text


def get(url: str, **request: Any) -> requests.Response:
    """The answer to a GET."""
    return requests.get(url, timeout=60, **request)


def control(*words: str, at: str) -> str:
    """What `mock-runtime control` says."""
    environment = {**os.environ, "MOCK_RUNTIME_CONTROL_URL": at}
    done = subprocess.run([COMMAND, "control", *words], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


if __name__ == "__main__":
    main()
