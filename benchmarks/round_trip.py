"""A Sampler job from its submission to its result, in-process: computed by Qiskit, and made up."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from benchmarks.load import UnexpectedAnswer
from benchmarks.measuring import Row, alternate, progress
from benchmarks.today import BODY
from mock_runtime.app import create_app, runtime_of
from mock_runtime.config import Config

if TYPE_CHECKING:
    from flask.testing import FlaskClient

SUITE: Final = "round-trip"
_HEADERS: Final = {
    "Authorization": "Bearer any-token-will-do",
    "Service-CRN": "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::",
    "Content-Type": "application/json",
}
_EVERY_S: Final = 0.001
_PATIENCE_S: Final = 60.0


def measure(quick: bool) -> list[Row]:
    """Rows that compare a computed job with one that is made up, and the first job with those after it."""
    if importlib.util.find_spec("qiskit_aer") is None:
        progress(f"{SUITE}: needs the extra qiskit\n")
        return []
    apps = {engine: create_app(_config(engine)) for engine in ("synthetic", "qiskit")}
    try:
        subjects: dict[str, Callable[[], float]] = {
            engine: partial(_trip, app.test_client()) for engine, app in apps.items()
        }
        taken = alternate(SUITE, subjects, rounds=10 if quick else 100)
    finally:
        for app in apps.values():
            runtime_of(app).close()
    firsts = {f"{engine}, first": partial(_first, engine) for engine in ("synthetic", "qiskit")}
    taken |= alternate(f"{SUITE}, first job", firsts, rounds=2 if quick else 7)
    pairs = (
        ("computed, processes there", "qiskit", "made up", "synthetic"),
        ("computed, first job of a fake", "qiskit, first", "made up, first job of a fake", "synthetic, first"),
    )
    return [
        Row(
            suite=SUITE,
            measured=measured,
            against=against,
            unit="ms",
            better="less",
            ours=taken[ours],
            theirs=taken[theirs],
        )
        for measured, ours, against, theirs in pairs
    ]


def _config(engine: Literal["synthetic", "qiskit"]) -> Config:
    return Config(engine=engine, scenario={"queue": "now", "run": "now"}, seed=7)


def _first(engine: Literal["synthetic", "qiskit"]) -> float:
    app = create_app(_config(engine))
    try:
        return _trip(app.test_client())
    finally:
        runtime_of(app).close()


def _trip(client: FlaskClient) -> float:
    """Milliseconds from a submission until the result is there, with a look each millisecond."""
    begun = time.perf_counter()
    answer = client.post("/api/v1/jobs", data=BODY, headers=_HEADERS)
    path = f"/api/v1/jobs/{(answer.get_json() or {})['id']}"
    while (state := (client.get(path, headers=_HEADERS).get_json() or {})["state"]["status"]) != "Completed":
        if state == "Failed" or time.perf_counter() - begun > _PATIENCE_S:
            raise UnexpectedAnswer(f"the job is {state}")
        time.sleep(_EVERY_S)
    if client.get(f"{path}/results", headers=_HEADERS).status_code != 200:
        raise UnexpectedAnswer("the job has no result")
    return (time.perf_counter() - begun) * 1000
