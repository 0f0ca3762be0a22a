"""Exchanges as lines of text, for a person who reads why an assertion failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from mock_runtime.domain.errors import bounded
from mock_runtime.journal.attempts import in_order, retry_after_s
from mock_runtime.journal.entry import Entry

MOST_LINES: Final = 24
_AT_THE_BEGINNING: Final = 8
_CUTS: Final = {
    "request": "cut before it was carried out",
    "before": "cut before the answer",
    "within": "cut within the answer",
    "after": "cut after the answer",
}


def timeline(entries: Iterable[Entry], notes: Mapping[int, str] | None = None, *, most: int = MOST_LINES) -> list[str]:
    """Return a line for each exchange, with its offset in seconds from the first; of many, the first and last ones.

    `notes` are said of entries by their numbers. Nothing that a caller wrote freely is shown.
    """
    ordered = in_order(entries)
    if not ordered:
        return ["(no exchange)"]
    start = ordered[0].at
    said = notes or {}
    lines = [_line(entry, start, said.get(entry.number, "")) for entry in ordered]
    if len(lines) <= most:
        return lines
    last = most - min(_AT_THE_BEGINNING, most // 2) - 1
    beginning = most - last - 1
    left = len(lines) - beginning - last
    return [*lines[:beginning], f"... {left} more ...", *lines[len(lines) - last :]]


def statuses_text(statuses: Sequence[int], *, most: int = 12) -> str:
    """Return statuses as a person counts them: "204 x3, 200"."""
    runs = [(status, len(list(group))) for status, group in groupby(statuses)]
    texts = [f"{status or 'none'}{f' x{count}' if count > 1 else ''}" for status, count in runs]
    if len(texts) > most:
        texts = [*texts[: most - 2], "...", texts[-1]]
    return ", ".join(texts) or "none"


def name_of(entry: Entry) -> str:
    """Return what a request is called: its operation, or that there is none."""
    return entry.operation or entry.operation_id or "(no operation)"


def short(text: str | None) -> str:
    """Return an id for a sentence, printable and bounded."""
    return "?" if text is None else bounded(text, 48)[1:-1]


def _line(entry: Entry, start: float, note: str) -> str:
    parts = [f"+{entry.at - start:.1f} s", f"#{entry.number}", bounded(entry.method, 10)[1:-1], name_of(entry)]
    parts.append(str(entry.status) if entry.status else "no answer")
    if entry.job is not None:
        parts.append(f"-> job {short(entry.job)}")
    elif entry.session is not None:
        parts.append(f"-> session {short(entry.session)}")
    said = [part for part in (*_fate(entry), note) if part]
    return " ".join(parts) + (f" ({'; '.join(said)})" if said else "")


def _fate(entry: Entry) -> Iterable[str]:
    if entry.job_status is not None:
        yield short(entry.job_status)
    if entry.cut is not None:
        yield _CUTS.get(entry.cut, "cut")
    if entry.left:
        yield "the caller left"
    pause = retry_after_s(entry)
    if pause is not None:
        yield f"Retry-After {pause:g} s"
    if entry.faults:
        yield f"fault {short(entry.faults[0])}" + (f" and {len(entry.faults) - 1} more" if entry.faults[1:] else "")
