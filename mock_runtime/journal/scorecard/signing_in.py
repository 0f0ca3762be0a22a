"""Rules on tokens: renewed too often, or too late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mock_runtime.journal.attempts import unheard
from mock_runtime.journal.callers import LogIn
from mock_runtime.journal.entry import Entry
from mock_runtime.journal.scorecard.card import Finding, Mark, Severity
from mock_runtime.journal.scorecard.view import Client, times
from mock_runtime.operations import LOG_IN

TOO_OFTEN: Final = "log-in-too-often"
TOO_LATE: Final = "log-in-too-late"


def too_often(client: Client) -> Iterator[Finding | Mark]:
    """Log-ins while a token that the client had was good, and nobody had refused it."""
    spare = _needless(client)
    log_ins = client.of(LOG_IN)
    if len(spare) > client.seen.expect.spare_log_ins:
        yield client.finding(
            TOO_OFTEN,
            Severity.WARNING,
            f"logged in {times(len(log_ins))}, {len(spare)} of them while it had a token that was good",
            "Keep a token until a fifth of its life is left, and share it between threads and objects.",
            entries=spare,
            figures={"log_ins": len(log_ins), "needless": len(spare)},
        )


def too_late(client: Client) -> Iterator[Finding | Mark]:
    """A token is used after its end, and only the refusal makes the client log in."""
    late: list[tuple[Entry, LogIn]] = []
    lived = 0
    for entry in client.entries:
        log_in = client.seen.callers.log_in_of(entry)
        if log_in is None:
            continue
        if entry.status == 401 and not entry.faults and entry.at >= log_in.expires_at:
            late.append((entry, log_in))
        lived += entry.at >= log_in.entry.ended_at
    if late:
        worst = max(entry.at - log_in.expires_at for entry, log_in in late)
        yield client.finding(
            TOO_LATE,
            Severity.WARNING,
            f"used a token after its end, {times(len(late))} and up to {worst:.0f} s late, and was refused with 401",
            "Renew a token before it ends: the answer to a log-in says when that is.",
            entries=[entry for entry, _ in late],
            figures={"late_s": worst},
        )
    elif lived and len(_own(client)) > 1 and not any(entry.status == 401 for entry in client.entries):
        yield client.mark(TOO_LATE, "renewed its token in time")


def _needless(client: Client) -> list[Entry]:
    found: list[Entry] = []
    own = _own(client)
    good_until = 0.0
    for entry in client.entries:
        if entry.status == 401:
            # The service did not want the token any more, whatever had been said of its life.
            good_until = 0.0
        if entry.operation != LOG_IN or not 200 <= entry.status < 300:
            continue
        if entry.at < good_until:
            found.append(entry)
        log_in = own.get(entry.number)
        if log_in is not None and not unheard(entry):
            good_until = log_in.expires_at - client.seen.expect.renew_from * log_in.life_s
    return found


def _own(client: Client) -> dict[int, LogIn]:
    """The tokens that the client got, by the number of the exchange."""
    numbers = {entry.number for entry in client.entries}
    return {each.entry.number: each for each in client.seen.callers.log_ins.values() if each.entry.number in numbers}
