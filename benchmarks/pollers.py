"""A thousand pollers at once, each held back for two seconds: how long all of them wait, and with how many threads."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.bare import RUNNING
from benchmarks.load import Target, UnexpectedAnswer, submit_job, target, wait_for
from benchmarks.measuring import Row, alternate
from benchmarks.processes import Server, bare, fake, running, threads_of

if sys.platform != "win32":
    import resource

SUITE: Final = "pollers"
LATENCY_S: Final = 2

_PATIENCE_S: Final = 60.0
_EVERY_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Rush:
    """What became of pollers that came at once: `seconds` until the last was answered, the most threads, `failed`."""

    seconds: float
    threads: int | None
    failed: int


def measure(quick: bool) -> list[Row]:
    """Rows that compare the time of all pollers with the latency of one, on the fake and on the development server."""
    count = 200 if quick else 1000
    # Both ends of a connection need a file each, the servers inherit the limit.
    _allow_files(count + 256)
    waiting = bare("waiting", str(LATENCY_S))
    flags = ("--quiet", "--latency", f"{LATENCY_S}s", "--queue", "now", "--run", "never")
    with running(fake(*flags)) as ours, running(waiting) as theirs:
        goals = {
            "fake": target(ours.url, f"/jobs/{submit_job(ours.url)}/results", status=204),
            "bare": target(theirs.url, f"/jobs/{RUNNING}/results", status=204),
        }
        wait_for(goals["bare"])
        taken = alternate(
            SUITE,
            {"fake": partial(_rush, goals["fake"], ours, count), "bare": partial(_rush, goals["bare"], theirs, count)},
            rounds=1 if quick else 3,
            warm_up=False,
        )
    if failed := sum(rush.failed for rush in taken["fake"]):
        raise UnexpectedAnswer(f"{failed} pollers of the fake were not answered with 204")
    return _rows(taken, count)


def _rows(taken: dict[str, list[Rush]], count: int) -> list[Row]:
    latency = [float(LATENCY_S)] * len(taken["fake"])
    seconds = {name: [rush.seconds for rush in rushes] for name, rushes in taken.items()}
    notes = {name: _note(rushes) for name, rushes in taken.items()}
    fake_, bare_ = f"serve --latency {LATENCY_S}s, {count} at once", f"development server, {count} at once"
    return [
        Row(suite=SUITE, measured=measured, against=against, unit="s", better="less", ours=own, theirs=other, note=note)
        for measured, against, own, other, note in (
            (fake_, "the latency itself", seconds["fake"], latency, notes["fake"]),
            (bare_, "the latency itself", seconds["bare"], latency, notes["bare"]),
            (fake_, bare_, seconds["fake"], seconds["bare"], ""),
        )
    ]


def _note(rushes: list[Rush]) -> str:
    counted = [rush.threads for rush in rushes if rush.threads is not None]
    threads = f"threads at most: {max(counted)}" if counted else "threads not told by this system"
    return f"{threads}; errors: {sum(rush.failed for rush in rushes)}"


def _rush(goal: Target, server: Server, count: int) -> Rush:
    return asyncio.run(_rush_async(goal, server, count))


async def _rush_async(goal: Target, server: Server, count: int) -> Rush:
    most: list[int] = []
    counting = asyncio.create_task(_count_threads(server.pid, most))
    begun = time.perf_counter()
    answered = await asyncio.gather(*(_poll(goal) for _ in range(count)))
    seconds = time.perf_counter() - begun
    counting.cancel()
    return Rush(seconds, max(most, default=None), answered.count(False))


async def _poll(goal: Target) -> bool:
    """Whether a request on a connection of its own was answered as it should be. No status here has a body."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await asyncio.open_connection(goal.host, goal.port)
            try:
                writer.write(goal.request)
                head = await reader.readuntil(b"\r\n\r\n")
            finally:
                writer.close()
    except (OSError, EOFError, TimeoutError):
        return False
    return int(head[9:12]) == goal.status


async def _count_threads(pid: int, most: list[int]) -> None:
    while (threads := threads_of(pid)) is not None:
        most.append(threads)
        await asyncio.sleep(_EVERY_S)


def _allow_files(wanted: int) -> None:
    """Raise the soft limit of open files as far as the hard one lets."""
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))
