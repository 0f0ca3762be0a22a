"""Requests a second over a socket: polling for the results of a finished and of a running job."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from statistics import median
from typing import Final

from benchmarks.bare import FINISHED, RUNNING
from benchmarks.load import Load, Target, load, submit_job, target, wait_for
from benchmarks.measuring import Row, alternate
from benchmarks.processes import bare, fake, running

SUITE: Final = "throughput"
CONNECTIONS: Final = 16

# The first job is finished when it is submitted, the second never ends.
_TWO_JOBS: Final = ("--next-job", "queue=now;run=now", "--next-job", "queue=now;run=never")

# Those that are compared are measured next to each other.
_ORDER: Final = (
    "dev 204",
    "fake 204",
    "inline 204",
    "dev 200",
    "inline 200",
    "fake 200",
    "fake-log 200",
    "dev-log 200",
)


def measure(quick: bool) -> list[Row]:
    """Rows that compare `mock-runtime serve` with the development server and with its own bare transport.

    Each batch has processes of its own, since one process can be some percent faster than its twin all its life.
    """
    batches = [_batch(rounds=3, seconds=0.2)] if quick else [_batch(rounds=10, seconds=0.2) for _ in range(3)]
    return _rows({name: [load for batch in batches for load in batch[name]] for name in batches[0]})


def _batch(*, rounds: int, seconds: float) -> dict[str, list[Load]]:
    with ExitStack() as stack:
        goals: dict[str, Target] = {}
        for name, mode in (("dev", "development"), ("inline", "inline"), ("dev-log", "development-log")):
            url = stack.enter_context(running(bare(mode))).url
            goals |= _goals(name, url, finished=FINISHED, unfinished=RUNNING)
        for name, flags in (("fake", ("--quiet",)), ("fake-log", ())):
            url = stack.enter_context(running(fake(*flags, *_TWO_JOBS))).url
            goals |= _goals(name, url, finished=submit_job(url), unfinished=submit_job(url))
        goals = {name: goals[name] for name in _ORDER}
        for goal in goals.values():
            wait_for(goal)
        subjects = {name: partial(load, goal, connections=CONNECTIONS, seconds=seconds) for name, goal in goals.items()}
        return alternate(SUITE, subjects, rounds=rounds)


def _goals(name: str, url: str, *, finished: str, unfinished: str) -> dict[str, Target]:
    return {
        f"{name} 200": target(url, f"/jobs/{finished}/results", status=200),
        f"{name} 204": target(url, f"/jobs/{unfinished}/results", status=204),
    }


def _rows(taken: dict[str, list[Load]]) -> list[Row]:
    pairs = (
        ("serve --quiet, finished job", "fake 200", "development server, no log", "dev 200"),
        ("serve --quiet, running job", "fake 204", "development server, no log", "dev 204"),
        ("serve, request log on", "fake-log 200", "development server, log on", "dev-log 200"),
        ("serve, request log on", "fake-log 200", "serve --quiet", "fake 200"),
        ("serve --quiet, finished job", "fake 200", "bare Flask on our transport", "inline 200"),
        ("serve --quiet, running job", "fake 204", "bare Flask on our transport", "inline 204"),
        ("bare Flask on our transport", "inline 200", "development server, no log", "dev 200"),
    )
    return [
        Row(
            suite=SUITE,
            measured=measured,
            against=against,
            unit="answers/s",
            better="more",
            ours=[load.per_second for load in taken[ours]],
            theirs=[load.per_second for load in taken[theirs]],
            note=f"load generator busy {_busy(taken[ours])} of the time, against {_busy(taken[theirs])}",
        )
        for measured, ours, against, theirs in pairs
    ]


def _busy(loads: list[Load]) -> str:
    return f"{median(load.busy for load in loads):.0%}"
