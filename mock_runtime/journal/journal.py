"""The journal of one fake: the newest exchanges, within bounds, to be asked and asserted on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Unpack

from mock_runtime.journal.asserting import Assertions
from mock_runtime.journal.entry import Entry, Headers
from mock_runtime.journal.query import Choice, query

MOST_ENTRIES: Final = 10_000
MOST_BYTES: Final = 32 * 1024 * 1024
LONGEST_BODY: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSnapshot:
    """What a journal held at one moment, for `rollback`."""

    entries: tuple[Entry, ...] = field(repr=False)
    number: int
    dropped: int
    bodies_dropped: int


class Journal(Assertions):
    """The exchanges of one fake, as they ended; any thread may write and read.

    It keeps the newest `most_entries`, and of what they carry (bodies, headers, targets) `most_bytes`: the oldest
    bodies go first, and only where that is not enough the oldest entries. `longest_body` is how many bytes of one body
    are kept. `operation_ids` are names of operations that may be asked for beside those of `mock_runtime.operations`
    and of the documents.
    """

    def __init__(
        self,
        *,
        most_entries: int = MOST_ENTRIES,
        most_bytes: int = MOST_BYTES,
        longest_body: int = LONGEST_BODY,
        operation_ids: Iterable[str] = (),
    ) -> None:
        super().__init__(operation_ids)
        if most_entries < 1:
            raise ValueError(f"most_entries: expected a number of 1 or more, found {most_entries!r}")
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._longest_body = longest_body
        self._lock = threading.Lock()
        self._number = 0
        self._next = 0
        self._era = 0
        self._empty()

    def __repr__(self) -> str:
        return f"<Journal of {len(self)} exchanges>"

    def __len__(self) -> int:
        return self._next - self._first

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def begin(self) -> tuple[int, int]:
        """Return the number of the request that is there now (1, 2, 3, ...), and the era that it is of.

        Another era begins when the journal is cleared or rolled back.
        """
        with self._lock:
            self._number += 1
            return self._number, self._era

    def kept(self, body: bytes) -> bytes:
        """Return what the journal keeps of a body: all of it, or its beginning."""
        return body if len(body) <= self._longest_body else body[: self._longest_body]

    def add(self, entry: Entry, *, era: int | None = None) -> None:
        """Keep an exchange that has ended, unless it began in another `era`: then it belongs to what was forgotten."""
        with self._lock:
            if era in {None, self._era}:
                self._put(entry)

    def entries(self, **filters: Unpack[Choice]) -> list[Entry]:
        """Return the exchanges that fit all `filters`, by their numbers; all of them without one.

        TypeError or ValueError if a filter is none.
        """
        asked = query(filters)
        with self._lock:
            found = self._positions(asked.job, asked.after)
            entries = [self._entries[position] for position in found]
        if asked.tests:
            entries = [entry for entry in entries if asked.matches(entry)]
        entries.sort(key=_by_number)
        return entries if asked.limit is None else entries[len(entries) - min(asked.limit, len(entries)) :]

    @property
    def position(self) -> int:
        """How many exchanges were ever added: `entries(after=position)` are those that come from now on."""
        return self._next

    @property
    def dropped(self) -> int:
        """How many exchanges were forgotten because there were too many."""
        return self._dropped

    @property
    def bodies_dropped(self) -> int:
        """How many exchanges are kept, or were, without their bodies because these were too many bytes."""
        return self._bodies_dropped

    @property
    def bytes_kept(self) -> int:
        """How many bytes of bodies, headers and targets are kept."""
        return self._bytes

    def clear(self) -> None:
        """Forget all exchanges; numbers go on."""
        with self._lock:
            self._empty()

    def snapshot(self) -> JournalSnapshot:
        """Return what is there now."""
        with self._lock:
            return JournalSnapshot(
                entries=tuple(self._entries.values()),
                number=self._number,
                dropped=self._dropped,
                bodies_dropped=self._bodies_dropped,
            )

    def rollback(self, snapshot: JournalSnapshot) -> None:
        """Go back to what was there: its exchanges, and its next number. The position goes on."""
        with self._lock:
            self._empty()
            self._number = snapshot.number
            for entry in snapshot.entries:
                self._put(entry)
            self._dropped, self._bodies_dropped = snapshot.dropped, snapshot.bodies_dropped

    def _empty(self) -> None:
        self._era += 1
        self._first = self._next
        # By position: how many were added before. Positions have no gaps, so the ends of the ring are two numbers.
        self._entries: dict[int, Entry] = {}
        self._by_job: dict[str, deque[int]] = {}
        self._bytes = 0
        self._whole = self._next
        """All before this position have lost their bodies."""
        self._dropped = 0
        self._bodies_dropped = 0

    def _put(self, entry: Entry) -> None:
        if self._next - self._first >= self._most_entries:
            self._forget()
        position = self._next
        self._entries[position] = entry
        if entry.job is not None:
            jobs = self._by_job.get(entry.job)
            if jobs is None:
                jobs = self._by_job[entry.job] = deque()
            jobs.append(position)
        self._next = position + 1
        self._bytes += _weight(entry)
        if self._bytes > self._most_bytes:
            self._lighten()

    def _positions(self, job: str | None, after: int | None) -> Iterable[int]:
        first = self._first if after is None else max(self._first, after)
        if job is None:
            return range(first, self._next)
        return [position for position in self._by_job.get(job, ()) if position >= first]

    def _forget(self) -> None:
        entry = self._entries.pop(self._first)
        self._bytes -= _weight(entry)
        if entry.job is not None:
            jobs = self._by_job[entry.job]
            jobs.popleft()
            if not jobs:
                del self._by_job[entry.job]
        self._first += 1
        self._dropped += 1

    def _lighten(self) -> None:
        """Let go of the oldest bodies, then of the oldest entries; the newest entry stays."""
        at = max(self._whole, self._first)
        while self._bytes > self._most_bytes and at < self._next:
            entry = self._entries[at]
            size = len(entry.request_body) + len(entry.answer_body)
            if size:
                self._entries[at] = replace(entry, request_body=b"", answer_body=b"")
                self._bytes -= size
                self._bodies_dropped += 1
            at += 1
        self._whole = at
        while self._bytes > self._most_bytes and self._next - self._first > 1:
            self._forget()


def _by_number(entry: Entry) -> int:
    return entry.number


def _weight(entry: Entry) -> int:
    return (
        len(entry.request_body)
        + len(entry.answer_body)
        + len(entry.target)
        + _length(entry.request_headers)
        + _length(entry.answer_headers)
    )


def _length(headers: Headers) -> int:
    total = 0
    for name, value in headers:
        total += len(name) + len(value)
    return total
