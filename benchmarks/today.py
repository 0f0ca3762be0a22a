"""Today's API over a socket: devices, a job and a submission, beside bare Flask and beside mocks of other makers."""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.load import Load, Target, UnexpectedAnswer, load, target, wait_for
from benchmarks.measuring import Row, alternate, progress
from benchmarks.neighbours import MOTO, PRISM, Neighbour, there
from benchmarks.processes import bare, fake, free_port, running, started

SUITE: Final = "today"
CONNECTIONS: Final = 16

_CRN: Final = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"
_HEADERS: Final = (f"Service-CRN: {_CRN}", "IBM-API-Version: 2026-03-15")
_PUBS: Final = [["OPENQASM 3.0; bit[1] c; c[0] = measure $0;", None, 100]]
BODY: Final = json.dumps(
    {"program_id": "sampler", "backend": "ibm_fez", "params": {"pubs": _PUBS, "version": 2}}
).encode()
"""A submission of a small job."""

_REQUESTS: Final = {
    "devices": ("GET", "/api/v1/backends", b""),
    "a job": ("GET", "/api/v1/jobs/{job}", b""),
    "a submission": ("POST", "/api/v1/jobs", BODY),
}
"""What is asked for: method, path and body."""

_SERVE: Final = ("--quiet", "--engine", "synthetic", "--queue", "now", "--run", "now")


def measure(quick: bool) -> list[Row]:
    """Rows that compare `mock-runtime serve` with bare Flask, and with those neighbours that are installed."""
    rounds, seconds = (3, 0.2) if quick else (20, 0.2)
    with ExitStack() as stack:
        url = stack.enter_context(running(fake(*_SERVE, edition="platform"))).url
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        job = _record(url, folder)
        inline = stack.enter_context(running(bare("inline-today", str(folder)))).url
        goals = {f"fake {name}": _goal(url, name, job) for name in _REQUESTS}
        goals |= {f"bare {name}": _goal(inline, name, job) for name in _REQUESTS}
        neighbours = [neighbour for neighbour in (PRISM, MOTO) if there(neighbour)]
        for neighbour in neighbours:
            goals |= _beside(stack, neighbour, folder, job)
        for goal in goals.values():
            wait_for(goal)
        subjects = {name: partial(load, goal, connections=CONNECTIONS, seconds=seconds) for name, goal in goals.items()}
        taken = alternate(SUITE, subjects, rounds=rounds)
    starts = {"fake": partial(_start_fake, folder)} | {
        neighbour.name: partial(_start, neighbour) for neighbour in neighbours
    }
    begun = alternate(f"{SUITE}, start", starts, rounds=2 if quick else 7) if neighbours else {}
    return [*_rates(taken), *_starts(begun)]


def _goal(url: str, name: str, job: str, *, prefix: str = "/api") -> Target:
    method, path, body = _REQUESTS[name]
    path = path.format(job=job).replace("/api", prefix, 1)
    return target(url, path, status=200, method=method, headers=_HEADERS, body=body)


def _record(url: str, folder: Path) -> str:
    """Keep the fake's own answers in a folder, for the bare application to give; the id of a finished job."""
    submitted = _ask(url, "a submission", "")
    job = str(submitted["id"])
    for name, answer in {
        "submitted": submitted,
        "job": _ask(url, "a job", job),
        "backends": _ask(url, "devices", job),
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(answer), encoding="utf-8")
    return job


def _ask(url: str, name: str, job: str) -> Any:
    method, path, body = _REQUESTS[name]
    headers = {"Authorization": "Bearer any-token-will-do", **dict(line.split(": ", 1) for line in _HEADERS)}
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=15)
    try:
        connection.request(method, path.format(job=job), body or None, headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise UnexpectedAnswer(f"{method} {path}: {answer.status}")
        return json.loads(answer.read())
    finally:
        connection.close()


def _beside(stack: ExitStack, neighbour: Neighbour, folder: Path, job: str) -> dict[str, Target]:
    port = free_port()
    stack.enter_context(started(neighbour.command(port, folder), cwd=folder))
    url = f"http://127.0.0.1:{port}/"
    if neighbour.path is not None:
        return {f"{neighbour.name} devices": target(url, neighbour.path, status=200)}
    # It mocks the same document, without the path that is before it in the real URL.
    return {f"{neighbour.name} {name}": _goal(url, name, job, prefix="") for name in _REQUESTS}


def _start_fake(_folder: Path) -> float:
    begun = time.perf_counter()
    with running(fake(*_SERVE, edition="platform")) as server:
        wait_for(target(server.url, "/api/v1/versions", status=200))
        return (time.perf_counter() - begun) * 1000


def _start(neighbour: Neighbour) -> float:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = neighbour.command(port, Path(folder))
        begun = time.perf_counter()
        with started(command, cwd=Path(folder)):
            wait_for(target(f"http://127.0.0.1:{port}/", neighbour.path or "/v1/versions", status=200))
            return (time.perf_counter() - begun) * 1000


def _rates(taken: dict[str, list[Load]]) -> list[Row]:
    rows = []
    for name in _REQUESTS:
        ours = taken[f"fake {name}"]
        for other, label in (
            ("bare", "bare Flask on our transport"),
            (PRISM.name, PRISM.label),
            (MOTO.name, MOTO.label),
        ):
            theirs = taken.get(f"{other} {name}")
            if theirs is None:
                continue
            rows.append(
                Row(
                    suite=SUITE,
                    measured=f"serve, {name}",
                    against=label,
                    unit="answers/s",
                    better="more",
                    ours=[each.per_second for each in ours],
                    theirs=[each.per_second for each in theirs],
                    note=f"load generator busy {median(each.busy for each in ours):.0%} of the time",
                )
            )
    return rows


def _starts(begun: dict[str, list[float]]) -> list[Row]:
    labels = {PRISM.name: PRISM.label, MOTO.name: MOTO.label}
    if not begun:
        progress(f"{SUITE}: no neighbour is installed; benchmarks/README.md says how\n")
    return [
        Row(
            suite=f"{SUITE}, start",
            measured="serve, first answer",
            against=f"{labels[name]}, first answer",
            unit="ms",
            better="less",
            ours=begun["fake"],
            theirs=times,
        )
        for name, times in begun.items()
        if name != "fake"
    ]
