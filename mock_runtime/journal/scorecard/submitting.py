"""Rules on what makes something: jobs and sessions that are made twice, or left behind."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from mock_runtime.journal.attempts import EARLY_S, unheard
from mock_runtime.journal.entry import Entry
from mock_runtime.journal.polls import LOOKS, tells_end
from mock_runtime.journal.scorecard.card import Finding, Mark, Severity
from mock_runtime.journal.scorecard.view import Client, jobs_text, times
from mock_runtime.journal.timeline import name_of, short
from mock_runtime.operations import (
    CANCEL_JOB,
    CLOSE_SESSION,
    DELETE_JOB,
    LIST_JOBS,
    OPEN_SESSION,
    SUBMIT_JOB,
    UPDATE_SESSION,
)

MADE_TWICE: Final = "made-twice"
UNSAFE_RETRY: Final = "unsafe-retry"
LEFT_BEHIND: Final = "job-left-behind"
CANCEL_OVERTAKEN: Final = "cancel-overtaken"
SESSION_OPEN: Final = "session-left-open"
_UNCLEAR: Final = frozenset({500, 502, 504})
_MAKING: Final = frozenset({SUBMIT_JOB, OPEN_SESSION})


def made_twice(client: Client) -> Iterator[Finding | Mark]:
    """A repetition made another job, or another session, of the same body."""
    doubled = [chain for chain in _makings(client) if len(_made(chain)) > 1]
    if doubled:
        made = [thing for chain in doubled for thing in _made(chain)]
        first = doubled[0]
        what = "jobs" if first[0].operation == SUBMIT_JOB else "sessions"
        others = f", and {times(len(doubled) - 1)} more" if len(doubled) > 1 else ""
        yield client.finding(
            MADE_TWICE,
            Severity.COMPLAINT,
            f"made {len(_made(first))} {what} of one submission ({', '.join(map(short, _made(first)[:4]))}) by sending "
            f"it again{others}",
            "Look into the list before a submission is sent again: what runs twice is paid twice.",
            entries=[entry for chain in doubled for entry in chain],
            jobs=[thing for thing in made if thing in client.seen.by_job],
            figures={"made": len(made), "wanted": len(doubled)},
        )


def unsafe_retry(client: Client) -> Iterator[Finding | Mark]:
    """A submission is sent again where nobody knows whether the first was accepted; that it made nothing was luck."""
    blind = [chain for chain in _makings(client) if len(_made(chain)) < 2 and _is_blind(client, chain)]
    if blind:
        first = blind[0]
        why = "its connection was cut" if unheard(first[0]) else f"it was answered with {first[0].status}"
        yield client.finding(
            UNSAFE_RETRY,
            Severity.WARNING,
            f"sent {name_of(first[0])} again after {why}, without looking whether it had been accepted",
            "Look into the list of jobs before a submission is sent again; this time nothing was made twice.",
            entries=[entry for chain in blind for entry in chain],
        )
    elif any(_is_unclear(entry) for entry in client.of(*_MAKING)) and all(
        len(_made(chain)) < 2 for chain in _makings(client)
    ):
        yield client.mark(UNSAFE_RETRY, "sent no submission again blindly")


def job_left_behind(client: Client) -> Iterator[Finding | Mark]:
    """A job was submitted, and nobody asked for its end."""
    after = client.seen.expect.left_behind_s
    made = {entry.job: entry for entry in client.of(SUBMIT_JOB) if entry.job is not None and not unheard(entry)}
    left = [entry for job, entry in made.items() if _is_left(client, job, after)]
    if left:
        yield client.finding(
            LEFT_BEHIND,
            Severity.NOTE,
            f"left {jobs_text([str(entry.job) for entry in left])} behind: nobody asked for an end, and nothing at all "
            f"for {after:g} s",
            "Fetch the results of a job, or cancel it: it takes a place in the queue, and time that is paid.",
            entries=left,
            jobs=[str(entry.job) for entry in left],
        )


def cancel_overtaken(client: Client) -> Iterator[Finding | Mark]:
    """Something is asked about a job while the answer to its cancellation is still on its way."""
    found = [entry for entries in _by_job(client).values() for entry in _while_cancelled(entries)]
    if found:
        yield client.finding(
            CANCEL_OVERTAKEN,
            Severity.NOTE,
            f"asked for {jobs_text([str(entry.job) for entry in found])} before its cancellation was answered",
            "Wait for the answer to a cancellation: until then a job may be in either state.",
            entries=found,
            jobs=[str(entry.job) for entry in found],
        )


def session_left_open(client: Client) -> Iterator[Finding | Mark]:
    """A session was opened and not closed, and nothing is asked of it any more."""
    opened = {
        entry.session: entry
        for entry in client.of(OPEN_SESSION)
        if entry.session is not None and 200 <= entry.status < 300 and not unheard(entry)
    }
    if not opened:
        return
    closed = {
        entry.session
        for entry in client.seen.entries
        if entry.operation in {CLOSE_SESSION, UPDATE_SESSION} and 200 <= entry.status < 300
    }
    still, last = client.seen.sessions_open, client.seen.last_of_sessions
    left = [
        session
        for session in opened
        if (session not in closed if still is None else session in still)
        and client.seen.now - last[session] >= client.seen.expect.session_idle_s
    ]
    if left:
        idle = max(client.seen.now - last[session] for session in left)
        more = "" if len(left) == 1 else f", and {len(left) - 1} more"
        yield client.finding(
            SESSION_OPEN,
            Severity.WARNING,
            f"left session {short(left[0])} open{more}: nothing was asked of it for {idle:.0f} s",
            "Close a session when its last job is submitted: until then it may hold a device, and time that is paid.",
            entries=[opened[session] for session in left],
            figures={"sessions": len(left), "idle_s": idle},
        )
    elif closed.issuperset(opened):
        yield client.mark(SESSION_OPEN, f"closed its sessions, {len(opened)} of them")


def _by_job(client: Client) -> dict[str, list[Entry]]:
    """What a client asked about the jobs that it cancelled, in order of time."""
    cancelled = {entry.job for entry in client.of(CANCEL_JOB)}
    found: dict[str, list[Entry]] = {}
    for entry in client.entries:
        if entry.job is not None and entry.job in cancelled:
            found.setdefault(entry.job, []).append(entry)
    return found


def _while_cancelled(entries: list[Entry]) -> Iterator[Entry]:
    """What was asked between a cancellation and its answer."""
    until = 0.0
    since = 0.0
    for entry in entries:
        if since + EARLY_S < entry.at < until - EARLY_S:
            yield entry
        if entry.operation == CANCEL_JOB and entry.ended_at > until:
            since, until = entry.at, entry.ended_at


def _makings(client: Client) -> list[list[Entry]]:
    return [chain for chain in client.chains if len(chain) > 1 and chain[0].operation in _MAKING]


def _made(chain: list[Entry]) -> list[str]:
    found = (entry.job if entry.operation == SUBMIT_JOB else entry.session for entry in chain)
    return list(dict.fromkeys(thing for thing in found if thing is not None))


def _is_blind(client: Client, chain: list[Entry]) -> bool:
    """Whether an unclear end was followed by a repetition without a look into the list."""
    looked = [entry.at for entry in client.of(LIST_JOBS)]
    return any(
        _is_unclear(before) and bisect_left(looked, before.at) == bisect_right(looked, after.at)
        for before, after in pairwise(chain)
    )


def _is_unclear(entry: Entry) -> bool:
    """Whether nobody can tell from the answer if the request was carried out."""
    return unheard(entry) or entry.status in _UNCLEAR


def _is_left(client: Client, job: str, after: float) -> bool:
    about = client.seen.by_job[job]
    if max(entry.ended_at for entry in about) > client.seen.now - after:
        return False
    return not any(
        entry.operation in {CANCEL_JOB, DELETE_JOB}
        # A status that is not kept may have told of the end.
        or (entry.operation in LOOKS and entry.status == 200 and tells_end(entry) is not False)
        for entry in about
    )
