"""Rules on reading lists and facts: in tiny pages, or again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs

from mock_runtime.journal.attempts import EARLY_S
from mock_runtime.journal.entry import Entry
from mock_runtime.journal.scorecard.card import Finding, Mark, Severity
from mock_runtime.journal.scorecard.view import Client, times
from mock_runtime.journal.timeline import name_of
from mock_runtime.operations import GET_BACKEND, LIST_BACKENDS

TINY_PAGES: Final = "tiny-pages"
CATALOGUE: Final = "catalogue-again"


def tiny_pages(client: Client) -> Iterator[Finding | Mark]:
    """A list is read in many pages of a few entries each."""
    expect = client.seen.expect
    lists: dict[str, list[Entry]] = {}
    for entry in client.entries:
        limit = _limit(entry)
        if limit is not None and limit < expect.tiny_page and entry.status == 200:
            lists.setdefault(entry.inside, []).append(entry)
    # The same page again is another one who looks what is new.
    found = [entries for entries in lists.values() if len({entry.target for entry in entries}) >= expect.tiny_pages]
    if found:
        worst = max(found, key=len)
        yield client.finding(
            TINY_PAGES,
            Severity.WARNING,
            f"read {name_of(worst[0])} in {len(worst)} pages of at most {max(_limit(e) or 0 for e in worst)}",
            "Ask for larger pages: each one costs a request, and the list may change between two of them.",
            entries=[entry for entries in found for entry in entries],
            figures={"pages": len(worst)},
        )


def catalogue_again(client: Client) -> Iterator[Finding | Mark]:
    """The same facts of devices are read again and again; their status changes and may be."""
    expect = client.seen.expect
    reads: dict[str, list[Entry]] = {}
    for entry in client.of(LIST_BACKENDS, GET_BACKEND):
        if entry.status == 200 and not entry.inside.endswith("/status"):
            reads.setdefault(entry.target, []).append(entry)
    most = [_within(entries, expect.catalogue_s) for entries in reads.values()]
    found = [entries for entries in most if len(entries) > expect.catalogue_reads]
    if found:
        worst = max(found, key=len)
        size = sum(entry.answer_size for entry in worst[1:])
        yield client.finding(
            CATALOGUE,
            Severity.NOTE,
            f"read the same {name_of(worst[0])} {times(len(worst))}, {size} bytes that it had",
            "Keep what is said of devices for the length of a program: it changes about once a day.",
            entries=[entry for entries in found for entry in entries],
            figures={"reads": len(worst), "bytes": size},
        )


def _limit(entry: Entry) -> int | None:
    if entry.method != "GET" or "limit=" not in entry.target:
        return None
    try:
        values = parse_qs(entry.target.partition("?")[2], max_num_fields=1000).get("limit", ())
    except ValueError:
        return None
    text = values[0] if values else ""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _within(entries: list[Entry], window_s: float) -> list[Entry]:
    """The most of them that lie within a stretch of time."""
    begin = end = first = 0
    for last, entry in enumerate(entries):
        while entry.at - entries[first].at > window_s + EARLY_S:
            first += 1
        if last + 1 - first > end - begin:
            begin, end = first, last + 1
    return entries[begin:end]
