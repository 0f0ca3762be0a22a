"""Today's API, done by nothing but the installed wheel, in plain HTTP and without Qiskit: from a key to counts."""

from __future__ import annotations

import ast
import base64
import importlib.util
import json
import struct
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import requests

SHOTS = 400
BELL = 'OPENQASM 3.0; include "stdgates.inc"; bit[2] c; sx $0; cz $0, $1; c[0] = measure $0; c[1] = measure $1;'
NOT_IN_THE_BASE = ("qiskit", "numpy", "cryptography", "hypothesis", "schemathesis", "pytest", "httpx")


def main() -> None:
    """Do it; an AssertionError says what went wrong."""
    there = [name for name in NOT_IN_THE_BASE if importlib.util.find_spec(name) is not None]
    assert not there, f"the base install brings {there}"
    serve = [Path(sys.executable).parent / "mock-runtime", "serve", "--port", "0", "--polls", "2", "--seed", "7"]
    with subprocess.Popen([*serve, "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            walk(server.stdout.readline().strip())
        finally:
            server.terminate()
        assert server.wait(10) == 0, f"serve ended with {server.returncode}"
    print("today's API works from the wheel: key, instance, devices, a job with its counts, and the document")


def walk(url: str) -> None:
    """What a program does that speaks to the API itself."""
    origin = url.removesuffix("api/")
    grant = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": "a-key"}
    token = told(requests.post(f"{origin}identity/token", data=grant, timeout=10))["access_token"]
    headers = {"Authorization": f"Bearer {token}", "IBM-API-Version": "2026-03-15"}
    query = {"query": "service_name:quantum-computing", "fields": ["crn", "name"]}
    found = told(requests.post(f"{origin}v3/resources/search", json=query, headers=headers, timeout=10))
    headers["Service-CRN"] = found["items"][0]["crn"]
    devices = told(requests.get(f"{url}v1/backends", headers=headers, timeout=10))["devices"]
    assert {"ibm_fez", "ibm_torino"} <= {device["name"] for device in devices}, devices
    assert told(requests.get(f"{url}v1/backends/ibm_fez/configuration", headers=headers, timeout=10))["n_qubits"] == 156
    counts = counts_of(url, headers)
    assert counts.total() == SHOTS, counts
    assert counts.keys() <= {0, 1, 2, 3}, counts
    document = requests.get(f"{origin}openapi/platform.yaml", timeout=10)
    # What the document has by its overlay alone: who serves it has found both.
    assert "x-evidence" in document.text, document.text[:200]
    assert requests.get(f"{origin}openapi/", timeout=10).status_code == 200


def counts_of(url: str, headers: dict[str, str]) -> Counter[int]:
    """Submit a job, wait for it, and count its shots."""
    params = {"version": 2, "pubs": [[BELL, None, SHOTS]], "support_qiskit": True}
    body = {"program_id": "sampler", "backend": "ibm_fez", "params": params}
    job = told(requests.post(f"{url}v1/jobs", json=body, headers=headers, timeout=10))["id"]
    states = [
        told(requests.get(f"{url}v1/jobs/{job}", headers=headers, timeout=10))["state"]["status"] for _ in range(3)
    ]
    assert states == ["Queued", "Running", "Completed"], states
    answer = requests.get(f"{url}v1/jobs/{job}/results", headers=headers, timeout=10)
    result = json.loads(answer.text)["__value__"]["pub_results"][0]["__value__"]["data"]["__value__"]
    return Counter(shots_of(result["fields"]["c"]["__value__"]["array"]["__value__"]))


def shots_of(array: str) -> list[int]:
    """The shots of an array of bytes as NumPy writes it, compressed and in base 64."""
    written = zlib.decompress(base64.b64decode(array))
    assert written[:6] == b"\x93NUMPY", written[:20]
    (length,) = struct.unpack("<H", written[8:10])
    head = ast.literal_eval(written[10 : 10 + length].decode())
    assert head["descr"] == "|u1", head
    assert head["shape"] == (SHOTS, 1), head
    return list(written[10 + length :])


def told(answer: requests.Response) -> Any:
    """What an answer says, which must be a success."""
    assert answer.ok, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:300]}"
    return answer.json()


if __name__ == "__main__":
    main()
