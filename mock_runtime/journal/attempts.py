"""Requests that were sent again because the first answer was none, and the pauses between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Final

from mock_runtime.journal.entry import Entry, Headers

EARLY_S: Final = 1e-6
"""Instants are floats of some 1.6e9 seconds: what is closer than this is the same instant."""


@dataclass(frozen=True, slots=True)
class Retry:
    """A request that failed, and the same one `again`."""

    failed: Entry
    again: Entry

    @property
    def pause_s(self) -> float:
        """From the end of the failed answer to the next request, in seconds."""
        return self.again.at - self.failed.ended_at

    @property
    def asked_s(self) -> float | None:
        """The pause that the answer asked for by Retry-After, in seconds."""
        return retry_after_s(self.failed)


def failed(entry: Entry) -> bool:
    """Whether a client may well send a request again: 429, 5xx, or no whole answer."""
    return entry.status == 429 or entry.status >= 500 or unheard(entry)


def unheard(entry: Entry) -> bool:
    """Whether the caller did not get the whole answer, and cannot know what became of its request."""
    return entry.status == 0 or entry.left or entry.cut in {"request", "before", "within"}


def clock_moved(pauses: Sequence[float]) -> bool:
    """Whether the clock moved in at least half of these pauses, so that it shows how somebody waits.

    A clock that runs moves in any case. One that is set by hand moves only if somebody does that: where it did not,
    nobody knows how long a pause was.
    """
    return 2 * sum(abs(pause) > EARLY_S for pause in pauses) >= len(pauses)


def header(headers: Headers, name: str) -> str | None:
    """Return the value of a header; None if it is not there."""
    return next((value for each, value in headers if each.lower() == name), None)


def retry_after_s(entry: Entry) -> float | None:
    """Return the pause that an answer asks for, in seconds from its end; None if it asks for none that can be read."""
    if entry.status not in {429, 503} or unheard(entry):
        return None
    value = header(entry.answer_headers, "retry-after")
    if value is None:
        return None
    if value.strip().isdecimal() and len(value) < 12:
        return float(value)
    try:
        when = parsedate_to_datetime(value)
        seconds = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - entry.ended_at
    except (ValueError, OverflowError):
        return None
    return max(0.0, seconds)


def identity(entry: Entry, client: str | None) -> tuple[object, ...] | None:
    """Return what two requests of a client have in common if they are the same; None if the body is no longer there.

    Of a long body that is its beginning and its length.
    """
    if entry.request_size and not entry.request_body:
        return None
    return (client, entry.scope, entry.method, entry.host, entry.target, entry.request_size, hash(entry.request_body))


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries as they came in time."""
    return sorted(entries, key=lambda entry: (entry.at, entry.number))


def chains(entries: Iterable[tuple[tuple[object, ...] | None, Entry]]) -> Iterator[list[Entry]]:
    """Yield each failed request with the repetitions of it, until one got an answer.

    Entries come in order of time, each with its identity. A request that is sent by several at the same time says
    nothing: nobody can tell whose repetition is whose.
    """
    same: dict[tuple[object, ...], list[Entry]] = {}
    for key, entry in entries:
        if key is not None:
            same.setdefault(key, []).append(entry)
    for group in same.values():
        if any(failed(entry) for entry in group) and not _overlap(group):
            yield from _chains(group)


def retries(chain: list[Entry]) -> list[Retry]:
    """Return the repetitions in a chain."""
    return [Retry(before, after) for before, after in pairwise(chain)]


def _overlap(group: list[Entry]) -> bool:
    return any(after.at < before.ended_at - EARLY_S for before, after in pairwise(group))


def _chains(group: list[Entry]) -> Iterator[list[Entry]]:
    chain: list[Entry] = []
    for entry in group:
        if chain or failed(entry):
            chain.append(entry)
        if chain and not failed(entry):
            yield chain
            chain = []
    if chain:
        yield chain
