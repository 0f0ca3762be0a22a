"""The program of a user of 2021, unchanged but for the address, from start to end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_runtime import LiveServer, ManualClock

ALL_KEYS = ["id", "name", "cost", "description", "creationDate", "version", "parameters"]


def users_program(url: str, sleep: Callable[[float], None]) -> None:
    """List the programs, show the first, run one, and wait for what comes of it."""
    headers = {"Authorization": "Bearer MY_API_TOKEN", "Content-Type": "application/json"}

    programs = requests.get(url + "programs", headers=headers, timeout=20).json()
    for program in programs:
        print(f"{program['name']}: {program['description']}")
    print(json.dumps(programs[0], indent=2))

    inputs = {"iterations": 2}
    payload = {
        "hub": "ibm-q-internal",
        "group": "near-time",
        "project": "qiskit-runtime",
        "backend": "ibmq_montreal",
        "programId": "runtime-simple",
        "params": [json.dumps(inputs)],
    }
    answer = requests.post(url + "jobs", headers=headers, data=json.dumps(payload), timeout=20)
    job = answer.json()["id"]
    print(f"Job: {job}")

    while True:
        answer = requests.get(url + f"jobs/{job}/results", headers=headers, data=json.dumps(payload), timeout=20)
        if answer.status_code == 204:
            print("Waiting for the final result")
            sleep(2)
        elif answer.status_code == 200:
            print(answer.text)
            break
        else:
            print(f"Error:{answer.status_code}")
            break


def check_transcript(text: str) -> None:
    """Assert that the program wrote what its user saw."""
    lines = text.splitlines()
    assert [line.partition(": ")[0] for line in lines[:6]] == [
        "circuit-runner",
        "mit-6",
        "quantum-kernel-alignment",
        "runtime-simple",
        "simple",
        "vqe",
    ]
    assert [line for line in lines[:6] if line.endswith(": ")] == ["mit-6: ", "simple: "]
    shown = lines[6 : lines.index("}") + 1]
    assert list(json.loads("\n".join(shown)))[: len(ALL_KEYS)] == ALL_KEYS
    rest = lines[lines.index("}") + 1 :]
    assert rest[0].startswith("Job: c2b04f")
    assert rest[1:] == ["Waiting for the final result"] * 23 + ["All done!"]


@pytest.mark.mock_runtime(edition="2021", polls=23)
def test_the_walkthrough_waits_for_exactly_so_many_polls(
    runtime_server: LiveServer, runtime_clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty-three times, as in the transcript."""
    users_program(runtime_server.url, runtime_clock.sleep)
    check_transcript(capsys.readouterr().out)


@pytest.mark.mock_runtime(edition="2021", queue="now", run="46s")
def test_the_walkthrough_waits_for_so_much_time(
    runtime_server: LiveServer, runtime_clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forty-six seconds in steps of two, which take no time at all; the device of the walkthrough is there."""
    begun = runtime_clock.now()
    users_program(runtime_server.url, runtime_clock.sleep)
    check_transcript(capsys.readouterr().out)
    assert runtime_clock.now() == begun + 46


@pytest.mark.mock_runtime(edition="2021", tokens=["another"])
def test_the_walkthrough_with_a_wrong_token_is_refused(runtime_server: LiveServer) -> None:
    """Its user sees why in the body."""
    answer = requests.get(runtime_server.url + "programs", headers={"Authorization": "Bearer MY_API_TOKEN"}, timeout=20)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == "the credentials are not valid"


@pytest.mark.mock_runtime(edition="2021", polls=0, outcome="failed", reason="KeyError: 'iterations'")
def test_the_walkthrough_of_a_job_that_fails_shows_why(
    runtime_server: LiveServer, runtime_clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """The traceback is the result."""
    users_program(runtime_server.url, runtime_clock.sleep)
    assert capsys.readouterr().out.endswith("KeyError: 'iterations'\n\n")
