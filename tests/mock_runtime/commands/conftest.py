"""The command line as a process of its own, and scripts for it to run."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S = 60


class MockRuntime(Protocol):
    """Runs `mock-runtime` with some words and variables."""

    def __call__(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The process when it has ended."""
        ...


@pytest.fixture
def clean() -> dict[str, str]:
    """An environment without anything that this machine says of proxies, certificates and tokens."""
    unwanted = ("proxy", "qiskit", "ca_bundle", "ssl_cert", "mock_runtime")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.lower().startswith(unwanted) and not name.lower().endswith(unwanted)
    }


@pytest.fixture
def mock_runtime(clean: dict[str, str], tmp_path: Path) -> MockRuntime:
    """The command line, with a place of its own for what it keeps."""
    private, home = tmp_path / "run", tmp_path / "home"
    private.mkdir(mode=0o700)
    home.mkdir()

    def run(*words: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mock_runtime", *words],
            env={**clean, "XDG_RUNTIME_DIR": str(private), "HOME": str(home), **variables},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    return run


@pytest.fixture
def script(tmp_path: Path) -> str:
    """A program of somebody who never heard of the fake: it submits a job to IBM and waits for its result."""
    path = tmp_path / "script.py"
    path.write_text(
        """
import sys, requests

URL = "https://runtime-us-east.quantum-computing.ibm.com"
HEADERS = {"Authorization": "Bearer a-secret-token"}
job = requests.post(URL + "/jobs", json={"programId": "runtime-simple"}, headers=HEADERS).json()["id"]
while (answer := requests.get(f"{URL}/jobs/{job}/results", headers=HEADERS)).status_code == 204:
    pass
print(answer.text)
sys.exit(int(sys.argv[1]) if sys.argv[1:] else 0)
""",
        encoding="utf-8",
    )
    return str(path)
