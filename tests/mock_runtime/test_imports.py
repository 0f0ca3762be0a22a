"""What is imported, and what is not: a start, a test and a look at the help pay for what they use."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

HEAVY: Final = (
    "cryptography", "flask_swagger_ui", "httpx", "hypothesis", "jsonpath", "jsonschema_rs", "numpy", "opentelemetry",
    "prometheus_client", "qiskit", "qiskit_aer", "qiskit_ibm_runtime", "requests", "rich", "runtime_client",
    "samplomatic", "schemathesis", "yaml",
)  # fmt: skip
"""All that is installed here and that only some of the uses need."""

SAMPLE: Final = """
me = {"Authorization": "apikey any", "Service-CRN": "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"}
pubs = [["OPENQASM 3.0; bit[1] c; c[0] = measure $0;"]]
body = {"program_id": "sampler", "backend": "ibm_fez", "params": {"pubs": pubs, "version": 2}}
client = create_app(Config(engine="synthetic", scenario={"polls": 0})).test_client()
job = client.post("/api/v1/jobs", json=body, headers=me).get_json()["id"]
assert client.get(f"/api/v1/jobs/{job}", headers=me).get_json()["state"]["status"] == "Completed"
assert client.get(f"/api/v1/jobs/{job}/results", headers=me).status_code == 200
"""


def imported(code: str) -> set[str]:
    """The heavy packages that a new process has imported after running some code."""
    script = f"{code}\nimport sys; print('NAMES', *sorted(set({HEAVY!r}) & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.rpartition("NAMES")[2].split())


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import mock_runtime", id="the package"),
        pytest.param("import mock_runtime.pytest_plugin", id="the fixtures"),
        pytest.param("from mock_runtime.cli import main; main(['--help'], standalone_mode=False)", id="--help"),
        pytest.param("from mock_runtime.cli import main; main(['serve', '-h'], standalone_mode=False)", id="serve -h"),
        pytest.param("from mock_runtime import Config, create_app; create_app(Config(edition='2021'))", id="2021"),
        pytest.param("from mock_runtime import create_app; create_app()", id="platform"),
        pytest.param(
            "from mock_runtime import create_app; from mock_runtime.transport.server import LiveServer\n"
            "with LiveServer(create_app()): pass",
            id="a server",
        ),
        pytest.param(
            "from mock_runtime import create_app; a = create_app().test_client()\n"
            "assert a.get('/api/v1/versions').status_code == 200",
            id="an answer",
        ),
    ],
)
def test_nothing_heavy_is_imported(code: str) -> None:
    """Neither what the extras bring, nor what of the base install most uses do without."""
    assert imported(code) == set()


def test_a_job_needs_the_validator_and_no_document() -> None:
    """Its body is held to schemas that were made of the document before."""
    assert imported(f"from mock_runtime import Config, create_app{SAMPLE}") == {"jsonschema_rs"}
