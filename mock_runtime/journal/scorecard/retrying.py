"""Rules on sending a request again: when, how often, and whether there is any use in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mock_runtime.journal.attempts import EARLY_S, Retry, clock_moved, identity, retries
from mock_runtime.journal.callers import credential
from mock_runtime.journal.entry import Entry
from mock_runtime.journal.scorecard.card import Finding, Mark, Severity
from mock_runtime.journal.scorecard.view import Client, times
from mock_runtime.journal.timeline import name_of
from mock_runtime.operations import GET_LOGS

RETRY_AFTER: Final = "retry-after"
RETRY_STORM: Final = "retry-storm"
NO_BACK_OFF: Final = "no-back-off"
ERROR_REPEATED: Final = "error-repeated"
_HOPELESS: Final = frozenset({400, 401, 403, 404, 405, 406, 409, 411, 413, 414, 415, 422})


def retry_after(client: Client) -> Iterator[Finding | Mark]:
    """A request is sent again before the time that Retry-After asked for is over."""
    if not client.seen.has_time:
        return
    asked = [retry for chain in client.chains for retry in retries(chain) if retry.asked_s is not None]
    if not any(abs(retry.pause_s) > EARLY_S for retry in asked):
        # Nobody moved the clock while this client waited. Where somebody did once, it is known to wait on this clock.
        return
    early = [retry for retry in asked if _missing_s(retry) > client.seen.expect.retry_tolerance_s]
    if early:
        worst = max(early, key=_missing_s)
        yield client.finding(
            RETRY_AFTER,
            Severity.COMPLAINT,
            f"sent {name_of(worst.again)} again after {worst.pause_s:.2f} s where Retry-After asked for "
            f"{worst.asked_s:g} s; {len(early)} of {len(asked)} repetitions came too early",
            "Wait at least as long as Retry-After says: what comes earlier is refused again.",
            entries=[retry.again for retry in early],
            figures={"early_s": _missing_s(worst), "asked_s": worst.asked_s or 0.0, "pause_s": worst.pause_s},
        )
    else:
        yield client.mark(RETRY_AFTER, f"waited as Retry-After asked, {times(len(asked))}")


def retry_storm(client: Client) -> Iterator[Finding | Mark]:
    """What failed is sent again and again without a pause."""
    stormy = [chain for chain in _policies(client) if _is_storm(client, chain)]
    if stormy:
        worst = max(stormy, key=len)
        again = [retry.again for chain in stormy for retry in chain]
        yield client.finding(
            RETRY_STORM,
            Severity.COMPLAINT,
            f"sent {name_of(worst[0].again)} {times(len(worst))} again without a pause after {_why(worst[0].failed)}",
            "Wait before the first repetition already, and longer before each other one; give up after a few.",
            entries=again,
            figures={"repetitions": len(worst), "shortest_s": min(retry.pause_s for retry in worst)},
        )


def no_back_off(client: Client) -> Iterator[Finding | Mark]:
    """What fails is sent again at the same pace."""
    expect = client.seen.expect
    chains = [chain for chain in _policies(client) if not _is_storm(client, chain)]
    steady = [
        chain
        for chain in chains
        if max(retry.pause_s for retry in chain) < expect.steady_pause_s
        and max(retry.pause_s for retry in chain) < expect.back_off_ratio * min(retry.pause_s for retry in chain)
    ]
    if steady:
        worst = max(steady, key=len)
        yield client.finding(
            NO_BACK_OFF,
            Severity.WARNING,
            f"sent {name_of(worst[0].again)} {times(len(worst))} again, every {worst[0].pause_s:.2f} s, while it "
            f"failed with {_why(worst[0].failed)}",
            "Double the pause with each repetition, with some chance in it, up to half a minute.",
            entries=[retry.again for chain in steady for retry in chain],
            figures={"repetitions": len(worst), "pause_s": worst[0].pause_s},
        )
    elif chains:
        yield client.mark(NO_BACK_OFF, "waited longer from repetition to repetition")


def error_repeated(client: Client) -> Iterator[Finding | Mark]:
    """A request that was refused for what it is comes again unchanged."""
    same: dict[tuple[object, ...], list[Entry]] = {}
    for entry in client.entries:
        # The logs of a job that is not over yet are not found, which changes.
        if entry.status not in _HOPELESS or entry.operation == GET_LOGS or name_of(entry).startswith("("):
            continue
        key = identity(entry, client.name)
        if key is not None:
            same.setdefault((*key, entry.status, credential(entry)), []).append(entry)
    groups = [group for group in same.values() if len(group) >= client.seen.expect.same_errors]
    if groups:
        worst = max(groups, key=len)
        others = f", and {len(groups) - 1} other requests likewise" if len(groups) > 1 else ""
        yield client.finding(
            ERROR_REPEATED,
            Severity.WARNING,
            f"sent the same {name_of(worst[0])} {times(len(worst))}, which was refused with {worst[0].status}{others}",
            "Read the error: what is refused for what it is will be refused again.",
            entries=[entry for group in groups for entry in group],
            figures={"repetitions": len(worst)},
        )


def _policies(client: Client) -> list[list[Retry]]:
    """The repetitions that show how a client waits by itself: where no Retry-After told it, and of enough of them."""
    if not client.seen.has_time:
        return []
    free = [[retry for retry in retries(chain) if retry.asked_s is None] for chain in client.chains]
    enough = [chain for chain in free if len(chain) >= client.seen.expect.retries_enough]
    return [chain for chain in enough if clock_moved([retry.pause_s for retry in chain])]


def _is_storm(client: Client, chain: list[Retry]) -> bool:
    expect = client.seen.expect
    return sum(retry.pause_s < expect.storm_pause_s for retry in chain) >= expect.retries_enough


def _missing_s(retry: Retry) -> float:
    return (retry.asked_s or 0.0) - retry.pause_s


def _why(entry: Entry) -> str:
    return str(entry.status) if entry.status else "a cut connection"
