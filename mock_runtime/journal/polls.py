"""The polls of a job: which requests they are, and the time between them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from mock_runtime.journal.attempts import in_order, unheard
from mock_runtime.journal.entry import Entry
from mock_runtime.operations import GET_JOB, GET_RESULTS

LOOKS: Final = frozenset({GET_JOB, GET_RESULTS})
"""The operations that are polls."""

_FINAL: Final = ("completed", "failed", "cancelled")
"""How the statuses begin on the wire in which a job stays: one is "Cancelled - Ran too long"."""


def polls_of(entries: Iterable[Entry], operation: str | None = None) -> list[Entry]:
    """Return the polls among the entries of one job, in order of time.

    Without an `operation` they are the requests for results, or those for the status if these are more.
    """
    looks = in_order(entry for entry in entries if entry.operation in LOOKS or operation is not None)
    if operation is not None:
        return [entry for entry in looks if operation in {entry.operation, entry.operation_id}]
    results = [entry for entry in looks if entry.operation == GET_RESULTS]
    statuses = [entry for entry in looks if entry.operation == GET_JOB]
    return statuses if len(statuses) > len(results) else results


def tells_end(entry: Entry) -> bool | None:
    """Whether an answer says that the job is over; None if it says nothing, or is not kept.

    What the client was told counts, not where the job stood: a poll may be what ends it.
    """
    if entry.status != 200 or unheard(entry):
        return None
    if entry.operation == GET_RESULTS:
        return True
    if entry.operation != GET_JOB:
        return None
    try:
        value = json.loads(entry.answer_body)
    except (ValueError, RecursionError):
        return None
    status = value.get("status") if isinstance(value, dict) else None
    return status.lower().startswith(_FINAL) if isinstance(status, str) else None


def intervals(polls: list[Entry]) -> list[tuple[Entry, float]]:
    """Return each poll but the first, with the seconds from the end of the answer before it."""
    return [(after, after.at - before.ended_at) for before, after in pairwise(polls)]
