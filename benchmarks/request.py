"""One request in-process, through Flask's test client: what a test without a socket pays for each call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from benchmarks.bare import FINISHED, RUNNING, bare_app
from benchmarks.load import UnexpectedAnswer
from benchmarks.measuring import Row, alternate, each
from mock_runtime.app import create_app, runtime_of
from mock_runtime.config import Config

if TYPE_CHECKING:
    from flask.testing import FlaskClient

SUITE: Final = "request"
_HEADERS: Final = {"Authorization": "Bearer any-token-will-do"}
_JOBS: Final = ((200, "finished", "now", FINISHED), (204, "running", "never", RUNNING))
"""The status that polling is answered with, the state, how long our job runs, and the bare application's job."""


def measure(quick: bool) -> list[Row]:
    """Rows that compare the fake's test client with that of the bare application."""
    app = create_app(Config(edition="2021"))
    client, bare = app.test_client(), bare_app().test_client()
    times = 20
    subjects = {}
    for status, _, run, bare_id in _JOBS:
        job_id = _submit(client, runtime_of(app).script.next_job, run)
        subjects[f"fake {status}"] = each(_poll(client, job_id, status), times=times)
        subjects[f"bare {status}"] = each(_poll(bare, bare_id, status), times=times)
    taken = alternate(SUITE, subjects, rounds=20 if quick else 200)
    return [
        Row(
            suite=SUITE,
            measured=f"test client, {kind} job",
            against="test client of bare Flask",
            unit="ms",
            better="less",
            ours=taken[f"fake {status}"],
            theirs=taken[f"bare {status}"],
        )
        for status, kind, *_ in _JOBS
    ]


def _submit(client: FlaskClient, next_job: Callable[..., None], run: str) -> str:
    next_job(queue="now", run=run)
    answer: Mapping[str, str] = client.post("/jobs", json={"programId": "runtime-simple"}, headers=_HEADERS).json or {}
    return answer["id"]


def _poll(client: FlaskClient, job_id: str, status: int) -> Callable[[], None]:
    path = f"/jobs/{job_id}/results"

    def poll() -> None:
        answer = client.get(path, headers=_HEADERS)
        if answer.status_code != status:
            raise UnexpectedAnswer(f"GET {path}: {answer.status_code} instead of {status}")

    return poll
