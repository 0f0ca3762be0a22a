"""Cold start: from the start of a process to its base URL on stdout, and to its first answer."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.bare import FINISHED
from benchmarks.load import target, wait_for
from benchmarks.measuring import Row, alternate
from benchmarks.processes import bare, fake, running

SUITE: Final = "cold-start"


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds from the start of a process to its first line and to its first answer, if it gives any."""

    line_ms: float
    answer_ms: float


def measure(quick: bool) -> list[Row]:
    """Rows that compare `mock-runtime serve` with a script of a few lines, and with an interpreter that does less."""
    taken = alternate(
        SUITE,
        {
            "fake": partial(_serve, fake(), "/jobs"),
            "today": partial(_serve, fake(edition="platform"), "/api/v1/versions"),
            "bare": partial(_serve, bare("start"), f"/jobs/{FINISHED}/results"),
            "flask": partial(_import, "import flask"),
            "pass": partial(_import, "pass"),
        },
        rounds=3 if quick else 15,
    )
    pairs = (
        ("serve --edition 2021, first line", "fake", "bare script on werkzeug, first line", "bare", "line_ms"),
        ("serve --edition 2021, first answer", "fake", "bare script on werkzeug, first answer", "bare", "answer_ms"),
        ("serve, first line", "today", "bare script on werkzeug, first line", "bare", "line_ms"),
        ("serve, first answer", "today", "bare script on werkzeug, first answer", "bare", "answer_ms"),
        ("serve, first answer", "today", "serve --edition 2021, first answer", "fake", "answer_ms"),
        ("serve, first line", "today", "python -c 'import flask'", "flask", "line_ms"),
        ("python -c 'import flask'", "flask", "python -c pass", "pass", "line_ms"),
    )
    return [
        Row(
            suite=SUITE,
            measured=measured,
            against=against,
            unit="ms",
            better="less",
            ours=[getattr(start, until) for start in taken[ours]],
            theirs=[getattr(start, until) for start in taken[theirs]],
        )
        for measured, ours, against, theirs, until in pairs
    ]


def _serve(command: Sequence[str], path: str) -> Start:
    begun = time.perf_counter()
    with running(command) as server:
        line = time.perf_counter()
        wait_for(target(server.url, path, status=200))
        answer = time.perf_counter()
    return Start((line - begun) * 1000, (answer - begun) * 1000)


def _import(statement: str) -> Start:
    begun = time.perf_counter()
    # To a line of its own, not to its end: taking an interpreter down takes a good part of the time of an import.
    with running([sys.executable, "-c", f"{statement}; print('done', flush=True)"], says="done"):
        elapsed_ms = (time.perf_counter() - begun) * 1000
    return Start(elapsed_ms, elapsed_ms)
