"""When a call is repeated, and after how long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

REPEATABLE_METHODS = frozenset({"GET", "PUT", "DELETE"})
"""Methods whose effect is the same however often they are sent.

No POST is among them. A repeated POST /jobs runs, and charges, the job twice; a repeated POST /programs meets its own
first attempt as a 409. A repeated cancel gets a 409 that nobody can tell from "it was over anyway", and a repeated end
of a session a 401. A lost login or logout costs the caller one more call, so they follow the same plain rule.
"""
REPEATABLE_STATUSES = frozenset({429, 500, 502, 503, 504})
"""Statuses after which the same call may succeed."""
_WITH_RETRY_AFTER = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to repeat a call that may be repeated, and how long to pause (seconds).

    The pause before repeat n (from 1) is drawn between a half and the whole of `backoff_s` doubled n-1 times, at most
    `max_backoff_s`. A `Retry-After` of a 429 or 503 replaces it when it is longer; one longer than `max_retry_after_s`
    ends the repeating at once, as asking earlier than told would only be refused again. Raises `ValueError` for
    negative values.
    """

    repeats: int = 3
    backoff_s: float = 0.5
    max_backoff_s: float = 8.0
    max_retry_after_s: float = 60.0

    def __post_init__(self) -> None:
        if isinstance(self.repeats, bool) or not isinstance(self.repeats, int):
            raise TypeError(f"repeats must be an integer, not {type(self.repeats).__name__}")
        for name in ("repeats", "backoff_s", "max_backoff_s", "max_retry_after_s"):
            if not (0 <= getattr(self, name) < math.inf):
                raise ValueError(f"{name} must be a finite number of at least 0")

    def pause_s(self, repeat: int, *, chance: float, retry_after_s: float | None = None) -> float | None:
        """Return the seconds to wait before repeat number `repeat` (from 1), or None when there shall be none.

        `chance` is a number from 0 to 1 that places the pause in its range.
        """
        if repeat > self.repeats or (retry_after_s is not None and retry_after_s > self.max_retry_after_s):
            return None
        # Capped before it is raised to a power: 2.0 ** 2000 is an OverflowError.
        whole = min(self.max_backoff_s, self.backoff_s * 2.0 ** min(repeat - 1, 64))
        return max(whole * (0.5 + 0.5 * chance), retry_after_s or 0.0)


def retry_after_s(status: int, retry_after: str | None, date: str | None) -> float | None:
    """Return the seconds that a 429 or 503 asks to wait, or None when it does not say so in a way that can be read.

    `retry_after` is the header: seconds, or a date. A date is measured from the answer's own `date` header, so that the
    clocks of the two machines need not agree; without that header it is ignored.
    """
    if retry_after is None or status not in _WITH_RETRY_AFTER:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        # Ten digits are three centuries; more need not become a number.
        return float(text[:10]) if len(text) <= 10 else math.inf
    until, sent = _http_date(text), _http_date(date)
    return None if until is None or sent is None else max(0.0, (until - sent).total_seconds())


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = None if text is None else parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # A date without a zone cannot be compared with one that has it; HTTP dates always have one.
    return moment if moment is not None and moment.tzinfo is not None else None
