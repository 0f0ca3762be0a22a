"""Rules on looking at jobs: how often, for how long, and in how many ways."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from mock_runtime.journal.attempts import EARLY_S, clock_moved, unheard
from mock_runtime.journal.entry import Entry
from mock_runtime.journal.polls import tells_end
from mock_runtime.journal.scorecard.card import Finding, Mark, Severity
from mock_runtime.journal.scorecard.view import Client, jobs_text, times
from mock_runtime.operations import GET_JOB, GET_RESULTS

POLL_RATE: Final = "poll-rate"
REQUEST_RATE: Final = "request-rate"
AFTER_FINAL: Final = "polls-after-final"
BOTH_WAYS: Final = "polled-both-ways"
RESULTS_TWICE: Final = "results-twice"


def poll_rate(client: Client) -> Iterator[Finding | Mark]:
    """Polls of one job come too fast: the median of the pauses between answered ones, until it is known to be over."""
    expect = client.seen.expect
    judged = _judged(client)
    middles = {job: median(pauses) for job, pauses in judged.items()}
    fast = _fast(client, middles)
    if not fast:
        if middles:
            yield client.mark(POLL_RATE, f"polled every {min(middles.values()):.1f} s or more slowly")
        return
    worst = min(fast, key=lambda job: fast[job])
    polls = client.polls[worst]
    span = polls[-1].ended_at - polls[0].at
    rate = len(polls) / span if span > 0 else 0.0
    others = f", and {len(fast) - 1} other jobs too fast as well" if len(fast) > 1 else ""
    yield client.finding(
        POLL_RATE,
        Severity.COMPLAINT if fast[worst] < expect.poll_harm_s else Severity.WARNING,
        f"polled {jobs_text([worst])} every {fast[worst]:.2f} s (median), {times(len(polls))}{others}",
        f"Wait {expect.poll_interval_s:g} s or more between two polls, and longer the longer a job takes.",
        entries=[entry for job in fast for entry in client.polls[job]],
        jobs=sorted(fast, key=lambda job: fast[job]),
        figures={
            "median_s": fast[worst],
            "shortest_s": min(judged[worst]),
            "requests_per_s": rate,
            "jobs": len(fast),
        },
    )


def request_rate(client: Client) -> Iterator[Finding | Mark]:
    """All requests of one caller are too many; those of jobs that are polled too fast are told of by `poll_rate`."""
    expect = client.seen.expect
    window = expect.rate_window_s
    if not client.seen.has_time or not window:
        return
    told = _fast(client, {job: median(pauses) for job, pauses in _judged(client).items()})
    counted = _one_by_one(entry for entry in client.entries if entry.job not in told)
    most, at = 0, 0.0
    recent: deque[float] = deque()
    for entry in counted:
        recent.append(entry.at)
        while recent[0] <= entry.at - window:
            recent.popleft()
        if len(recent) > most:
            most, at = len(recent), entry.at
    if most > expect.requests_per_s * window:
        inside = [entry for entry in counted if at - window < entry.at <= at]
        yield client.finding(
            REQUEST_RATE,
            Severity.WARNING,
            f"sent {most} requests within {window:g} s, which are {most / window:.1f} a second",
            f"Keep below {expect.requests_per_s:g} a second: ask for a list instead of each job, and poll less often.",
            entries=inside,
            figures={"requests_per_s": most / window, "window_s": window},
        )


def polls_after_final(client: Client) -> Iterator[Finding | Mark]:
    """A job is looked at although it is known to be over: its status again, or results that were empty before."""
    late: dict[str, list[Entry]] = {}
    for job, looks in client.looks.items():
        # Results that are there are why one looks, and fetching them again is told of by `results_twice`.
        after = [
            entry
            for entry in looks
            if client.knows_end(entry) and (entry.operation, entry.status) in {(GET_JOB, 200), (GET_RESULTS, 204)}
        ]
        if len(after) > client.seen.expect.looks_after_final:
            late[job] = after
    if late:
        worst = max(late, key=lambda job: len(late[job]))
        yield client.finding(
            AFTER_FINAL,
            Severity.WARNING,
            f"looked {times(len(late[worst]))} at {jobs_text([worst])} after it was told that the job is over",
            "Stop when the status is final: nothing changes any more.",
            entries=[entry for entries in late.values() for entry in entries],
            jobs=late,
            figures={"jobs": len(late)},
        )


def both_ways(client: Client) -> Iterator[Finding | Mark]:
    """The status and the results of a job are both polled."""
    expect = client.seen.expect
    found = []
    for job, looks in client.looks.items():
        status = sum(entry.operation == GET_JOB and tells_end(entry) is False for entry in looks)
        results = sum(entry.operation == GET_RESULTS and entry.status == 204 for entry in looks)
        fewer, more = sorted((status, results))
        if fewer >= expect.both_ways and fewer >= expect.both_ways_share * more:
            found.append(job)
    if found:
        yield client.finding(
            BOTH_WAYS,
            Severity.NOTE,
            f"polled the status and the results of {jobs_text(found)}",
            "Poll one of them: results that are not there yet say as much as a status.",
            entries=[entry for job in found for entry in client.looks[job]],
            jobs=found,
        )


def results_twice(client: Client) -> Iterator[Finding | Mark]:
    """Results that were had are fetched again."""
    again: dict[str, list[Entry]] = {}
    for job, looks in client.looks.items():
        whole = [entry for entry in looks if entry.operation == GET_RESULTS and _has_results(entry)]
        if len(whole) > 1:
            again[job] = whole[1:]
    if again:
        repeated = [entry for entries in again.values() for entry in entries]
        size = sum(entry.answer_size for entry in repeated)
        yield client.finding(
            RESULTS_TWICE,
            Severity.WARNING,
            f"fetched the results of {jobs_text(list(again))} again, {size} bytes that it had",
            "Keep results: they do not change, they are large, and those of a private job are there once.",
            entries=repeated,
            jobs=again,
            figures={"bytes": size, "jobs": len(again)},
        )


def _one_by_one(entries: Iterable[Entry]) -> list[Entry]:
    """Entries, in order of time, but those of one instant once: nobody saw how fast they came on a clock that stood."""
    found: list[Entry] = []
    for entry in entries:
        if not found or entry.at - found[-1].at > EARLY_S:
            found.append(entry)
    return found


def _judged(client: Client) -> dict[str, list[float]]:
    """By job, the pauses after polls that were answered, if they are enough; those after failures are retries.

    Where the clock stood still in most of them, nobody saw how long they were.
    """
    if not client.seen.has_time:
        return {}
    pauses = {job: _between(looks) for job, looks in client.polls.items()}
    return {job: found for job, found in pauses.items() if len(found) >= max(1, client.seen.expect.polls_enough)}


def _fast(client: Client, middles: Mapping[str, float]) -> dict[str, float]:
    bound = client.seen.expect.poll_interval_s - EARLY_S
    return {job: middle for job, middle in middles.items() if middle < bound}


def _between(looks: Sequence[Entry]) -> list[float]:
    found: list[float] = []
    for kind in (GET_JOB, GET_RESULTS):
        polls = [entry for entry in looks if entry.operation == kind]
        pauses = [
            after.at - before.ended_at
            for before, after in pairwise(polls)
            if before.status < 300 and not unheard(before)
        ]
        found = max(found, pauses, key=len)
    return [max(0.0, pause) for pause in found] if clock_moved(found) else []


def _has_results(entry: Entry) -> bool:
    return entry.status == 200 and entry.method != "HEAD" and not unheard(entry)
