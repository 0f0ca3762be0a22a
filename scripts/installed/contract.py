"""The contract as a product, from the installed wheel with its extras `contract` and `testing`, each command once."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import requests

import runtime_client
from runtime_client import testing

COMMAND = Path(sys.executable).parent / "mock-runtime"
ALICE, BOB = "alice-token-of-the-wheel", "bob-token-of-the-wheel"
DRIVER = '''
import requests


def job(url):
    """A client with a bug: it takes whatever comes."""
    me = {"Authorization": "Bearer t", "Service-CRN": "crn:v1"}
    return requests.get(f"{url}/v1/jobs/d0c1b2a3", headers=me).json()
'''


def main() -> None:
    """Do it; an AssertionError says what went wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        held(folder)
        watched(folder)
        generated()
        found(folder)
    routed()
    assert "no drift" in mock_runtime("drift", "platform"), "the document differs from itself"
    print("the contract works from the wheel: a server, a client, a recording, answers, drift, and a router of respx")


def held(folder: Path) -> None:
    """Hold the fake to the contract."""
    with serving("--token", ALICE, "--token", BOB) as url:
        tokens = ("--token", ALICE, "--other-token", BOB)
        told = mock_runtime("verify", "server", url, *tokens, "--profile", "quick", "--report", str(folder / "reports"))
    assert "no violation of the contract" in told, told
    report = json.loads((folder / "reports" / "server-platform.json").read_text(encoding="utf-8"))
    assert report["exit_code"] == 0, report["failures"]
    assert report["total"] > 1000, report["total"]


def watched(folder: Path) -> None:
    """Record a program's exchanges with one fake, and compare another with the recording."""
    recording = folder / "mine.ndjson"
    program = (
        "import os, requests; me = {'Authorization': 'Bearer t'}; "
        "requests.get(os.environ['HERE'] + '/api/v1/versions', headers=me).raise_for_status()"
    )
    with serving() as url:
        origin = url.removesuffix("/api/")
        with serving_of("proxy", "--upstream", origin, "--record", str(recording), "--port", "0") as proxy:
            here = proxy.rstrip("/").removesuffix("/api")
            subprocess.run([sys.executable, "-c", program], env={"HERE": here}, check=True)
    assert recording.exists(), "nothing was recorded"
    mock_runtime("verify", "recording", str(recording))


def generated() -> None:
    """Ask for an answer that nobody expects, twice."""
    with serving("--answers", "generated", "--seed", "7") as url:
        ask = {"Authorization": "Bearer t", "Mock-Runtime-Case": "17"}
        one, two = (requests.get(f"{url}v1/versions", headers=ask, timeout=10) for _ in range(2))
    assert one.content == two.content
    assert one.headers["Mock-Runtime-Case"] == "17"


def found(folder: Path) -> None:
    """Find the bug of a client that takes whatever comes."""
    (folder / "careless.py").write_text(DRIVER, encoding="utf-8")
    done = subprocess.run(
        [COMMAND, "verify", "client", "careless:job", "--profile", "quick"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "careless.py" in done.stdout or "accepts_broken" in done.stdout, done.stdout


def routed() -> None:
    """Answer code on httpx from the fake, through respx."""
    with testing.router(), httpx.Client() as client:
        assert client.get("https://quantum.cloud.ibm.com/api/v1/versions").status_code == 200
    assert callable(runtime_client.connect_async)


class serving_of:  # noqa: N801 - reads as a word
    """A command that serves, until the block ends; gives the URL on its first line."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def __enter__(self) -> str:
        self._process = subprocess.Popen(
            [COMMAND, *self._words, "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        assert self._process.wait(20) == 0, f"{self._words[0]} ended with {self._process.returncode}"
        assert self._process.stdout is not None
        self._process.stdout.close()


def serving(*options: str) -> serving_of:
    """A fake on a free port."""
    return serving_of("serve", "--port", "0", *options)


def mock_runtime(*words: str) -> str:
    """What a command says; it must succeed."""
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


if __name__ == "__main__":
    main()
