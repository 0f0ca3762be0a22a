"""The scorecard of a client: what an operator would say of the exchanges in a journal."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mock_runtime.journal.entry import Entry
from mock_runtime.journal.scorecard.card import Finding, Mark, Scorecard, Severity, worst_first
from mock_runtime.journal.scorecard.expectations import Expectations
from mock_runtime.journal.scorecard.rules import RULES
from mock_runtime.journal.scorecard.view import Seen

__all__ = ["RULES", "Expectations", "Finding", "Mark", "Scorecard", "Severity", "scorecard"]


def scorecard(
    entries: Iterable[Entry],
    *,
    now: float,
    sessions_open: Collection[str] | None = None,
    expectations: Expectations | None = None,
) -> Scorecard:
    """Return what an operator would say of these exchanges.

    `now` is the present instant of the fake's clock. `sessions_open` are the ids of the sessions that are open now;
    without them, a session is open until the exchanges show that it was closed.
    """
    seen = Seen(entries, now=now, sessions_open=sessions_open, expectations=expectations or Expectations())
    said = [each for client in seen.clients for rule in RULES.values() for each in rule(client)]
    first, last = (seen.entries[0].at, max(entry.ended_at for entry in seen.entries)) if seen.entries else (0.0, 0.0)
    return Scorecard(
        findings=worst_first([each for each in said if isinstance(each, Finding)]),
        marks=[each for each in said if isinstance(each, Mark)],
        exchanges=len(seen.entries),
        callers=[client.name for client in seen.clients if client.name is not None],
        seconds=last - first,
        is_whole=seen.is_whole,
        has_time=seen.has_time,
    )
