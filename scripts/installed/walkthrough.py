"""The main job, done by nothing but the installed wheel: serve, walk through, read the documents, stop."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import requests

import mock_runtime
import runtime_client
import runtime_contracts

NAMES = ["circuit-runner", "mit-6", "quantum-kernel-alignment", "runtime-simple", "simple", "vqe"]
HEADERS = {"Authorization": "Bearer token", "Content-Type": "application/json"}
JOB = {
    "programId": "runtime-simple",
    "hub": "ibm-q-internal",
    "group": "near-time",
    "project": "qiskit-runtime",
    "backend": "ibmq_montreal",
    "params": [json.dumps({"iterations": 2})],
}


def main() -> None:
    """Do it; an AssertionError says what went wrong."""
    for package in (mock_runtime, runtime_client, runtime_contracts):
        assert Path(sys.prefix) in Path(str(package.__file__)).parents, f"{package.__name__} is not the installed one"
    serve = [Path(sys.executable).parent / "mock-runtime", "serve", "--edition", "2021", "--port", "0"]
    with subprocess.Popen(
        [*serve, "--polls", "3", "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            walk(server.stdout.readline().strip())
        finally:
            server.terminate()
        assert server.wait(10) == 0, f"serve ended with {server.returncode}"
    print("the walkthrough, the documents and the command line work from the wheel")


def walk(url: str) -> None:
    """The four steps of the walkthrough, then the pages."""
    programs = requests.get(f"{url}programs", headers=HEADERS, timeout=10)
    assert [program["name"] for program in programs.json()] == NAMES, programs.text
    job = requests.post(f"{url}jobs", headers=HEADERS, data=json.dumps(JOB), timeout=10).json()["id"]
    answers = [requests.get(f"{url}jobs/{job}/results", headers=HEADERS, timeout=10) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [204, 204, 204, 200], answers
    assert answers[-1].text == "All done!", answers[-1].text
    for page in ("openapi/", "openapi/swagger-ui-bundle.js", "openapi/swagger-ui.css"):
        assert requests.get(f"{url}{page}", timeout=10).status_code == 200, page
    document = requests.get(f"{url}openapi/legacy-2021.yaml", timeout=10)
    assert "get-programs-id-jobs-jid-results" in document.text, document.text[:200]


if __name__ == "__main__":
    main()
