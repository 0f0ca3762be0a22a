"""Assertions on a journal: what a client is said to have done, or an error that shows what it did."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn, TypeAlias, Unpack

from mock_runtime.journal.attempts import chains, failed, identity, in_order, retries
from mock_runtime.journal.bounds import SAME_S, Bounds, counted, fits
from mock_runtime.journal.bounds import shown as as_expected
from mock_runtime.journal.callers import callers
from mock_runtime.journal.cleaning import shared
from mock_runtime.journal.documented import SENT_BY_IBM, all_operation_ids, documented
from mock_runtime.journal.entry import Entry
from mock_runtime.journal.polls import intervals, polls_of
from mock_runtime.journal.query import Choice, Filters, id_of, id_of_job
from mock_runtime.journal.submissions import body_fits, fate, program_of
from mock_runtime.journal.timeline import name_of, short, statuses_text, timeline
from mock_runtime.operations import OPERATIONS, SUBMIT_JOB

_ID_NAMES: Final = ("job_id", "session_id", "backend_name", "id", "name")

_MOST_JOBS: Final = 5

Step: TypeAlias = str | tuple[str, int]
"""An operation, or one with the status of its answer."""


class Assertions(ABC):
    """What can be said of a journal: nothing happens if it is true, AssertionError with a timeline if it is not."""

    def __init__(self, operation_ids: Iterable[str] = ()) -> None:
        self._operation_ids = frozenset(operation_ids)

    @abstractmethod
    def entries(self, **filters: Unpack[Choice]) -> list[Entry]:
        """Return the exchanges that fit all `filters`."""

    @property
    @abstractmethod
    def dropped(self) -> int:
        """How many exchanges were forgotten."""

    def polls(self, job: object, *, operation: str | None = None) -> list[Entry]:
        """Return the polls of a job: the requests for its results or those for its status, whichever are more.

        `operation` says which. So the fake counts as well (docs/scenarios.md).
        """
        if operation is not None:
            self._known(operation)
        return polls_of(self.entries(job=id_of_job(job)), operation)

    def statuses(self, job: object, *, operation: str | None = None) -> list[int]:
        """Return the statuses that the polls of a job were answered with, such as [204, 204, 200]."""
        return [entry.status for entry in self.polls(job, operation=operation)]

    def assert_polled(
        self,
        job: object,
        *,
        times: Bounds | None = None,
        interval: Bounds | None = None,
        operation: str | None = None,
    ) -> list[Entry]:
        """Assert that a job was polled, so many `times`, with that `interval` between any two polls; return the polls.

        An interval is in seconds of the fake's clock, from the end of an answer to the next request: what a client
        sleeps. A plain number is meant to the millisecond.
        """
        __tracebackhide__ = True
        found = self.polls(job, operation=operation)
        name = short(id_of_job(job))
        if times is None and not found:
            self._unpolled(f"job {name} was never polled", [], job)
        if times is not None and not fits(len(found), times):
            expected = f"expected {counted(times, 'poll')} of job {name}, found {len(found)}"
            if not found:
                self._unpolled(expected, [], job)
            self._fail(expected, [f"answers: {statuses_text(_statuses(found))}"], found)
        if interval is None:
            return found
        pauses = intervals(found)
        wrong = {
            after.number: f"{pause:.3f} s after the answer before"
            for after, pause in pauses
            if not fits(pause, interval, tolerance=SAME_S)
        }
        if wrong:
            expected = f"expected {as_expected(interval, 's')} between polls of job {name}"
            self._fail(f"{expected}; {len(wrong)} of {len(pauses)} intervals are others", [], found, wrong)
        return found

    def assert_sequence(self, job: object, statuses: Sequence[int], *, operation: str | None = None) -> list[Entry]:
        """Assert that the polls of a job were answered with these statuses, one after the other; return the polls."""
        __tracebackhide__ = True
        found = self.polls(job, operation=operation)
        seen, wanted = _statuses(found), list(statuses)
        if seen != wanted:
            at = next((i for i, pair in enumerate(zip(seen, wanted, strict=False)) if pair[0] != pair[1]), None)
            at = min(len(seen), len(wanted)) if at is None else at
            lines = [f"expected: {statuses_text(wanted)}", f"seen:     {statuses_text(seen)}"]
            sentence = f"the polls of job {short(id_of_job(job))} differ from number {at + 1} on"
            if not found:
                self._unpolled(sentence, lines, job)
            self._fail(sentence, lines, found)
        return found

    def assert_called(self, operation: str, *, times: Bounds | None = None, **filters: Unpack[Filters]) -> list[Entry]:
        """Assert that an operation was called, so many `times` or at least once; return the exchanges."""
        __tracebackhide__ = True
        found = self._of(operation, filters)
        expected = (1, None) if times is None else times
        if not fits(len(found), expected):
            how_often = "at least 1 request" if times is None else counted(times, "request")
            sentence = f"expected {how_often} for {operation}{_narrowed(filters)}, found {len(found)}"
            self._fail(sentence, [], found or self.entries())
        return found

    def assert_not_called(self, operation: str, **filters: Unpack[Filters]) -> None:
        """Assert that an operation was not called."""
        __tracebackhide__ = True
        found = self._of(operation, filters)
        if found:
            self._fail(f"expected no request for {operation}{_narrowed(filters)}, found {len(found)}", [], found)

    def assert_order(self, steps: Sequence[Step], **filters: Unpack[Filters]) -> list[Entry]:
        """Assert that operations were called in this order, others between them allowed; return one exchange for each.

        A step is an operation, or a pair of one and the status that it was answered with.
        """
        __tracebackhide__ = True
        wanted = [(step, None) if isinstance(step, str) else step for step in steps]
        for name, _ in wanted:
            self._known(name)
        entries = in_order(self.entries(**filters))
        found: list[Entry] = []
        rest = iter(entries)
        for number, (name, status) in enumerate(wanted):
            entry = next((each for each in rest if _is(each, name) and status in {None, each.status}), None)
            if entry is None:
                text = name if status is None else f"{name} {status}"
                where = f" after {name_of(found[-1])} #{found[-1].number}" if found else ""
                lines = [f"expected: {', '.join(_step(each) for each in steps)}"]
                self._fail(f"step {number + 1}, {text}, was not seen{where}", lines, entries)
            found.append(entry)
        return found

    def assert_retried(
        self,
        operation: str,
        *,
        after: Bounds | None = None,
        times: Bounds | None = None,
        **filters: Unpack[Filters],
    ) -> list[Entry]:
        """Assert that what failed was sent again, and not earlier than its Retry-After; return the repetitions.

        Failures are 429, 5xx, and connections that were cut before the answer was whole. `after` is the pause, in
        seconds from the end of the failed answer to the next request; `times` is how many repetitions there were.
        """
        __tracebackhide__ = True
        entries = in_order(self._of(operation, filters))
        what = f"{operation}{_narrowed(filters)}"
        # What a fault refuses has no caller yet, but brings the token of one.
        known = callers(in_order(self.entries()))
        found = list(chains((identity(entry, known.name_of(entry)), entry) for entry in entries))
        again = [retry for chain in found for retry in retries(chain)]
        given_up = {chain[-1].number: "not sent again" for chain in found if len(chain) == 1}
        if not found:
            failures = sum(failed(entry) for entry in entries)
            others = f"{failures} failed, sent by several at once: nobody can tell whose repetition is whose"
            self._fail(f"{what}: {others if failures else 'no request failed'}", [], entries)
        if given_up:
            left = f"{len(given_up)} of {len(found)} that failed were not sent again"
            self._fail(f"{what}: {left}", [], entries, given_up)
        wrong: dict[int, str] = {}
        for retry in again:
            asked = retry.asked_s
            if after is not None and not fits(retry.pause_s, after, tolerance=SAME_S):
                wrong[retry.again.number] = f"{retry.pause_s:.3f} s later, expected {as_expected(after, 's')}"
            elif asked is not None and retry.pause_s < asked - SAME_S:
                wrong[retry.again.number] = f"{retry.pause_s:.3f} s later, asked for {asked:g} s"
        others = f"{len(wrong)} of {len(again)} repetitions came at another time" if wrong else ""
        if times is not None and not fits(len(again), times):
            how_many = f"expected {counted(times, 'repetition')}, found {len(again)}"
            others = f"{how_many}; {others}" if others else how_many
        if others:
            self._fail(f"{what}: {others}", [], entries, wrong)
        return [retry.again for retry in again]

    def assert_submitted_once(
        self, *, program: str | None = None, caller: str | None = None, body: Mapping[str, Any] | bytes | None = None
    ) -> str:
        """Assert that exactly one job was made, however many requests it took; return its id.

        `program` is the id of the program in the request, `body` its whole bytes, or fields of its JSON.
        """
        __tracebackhide__ = True
        sent = self.entries(operation=SUBMIT_JOB, caller=caller)
        if program is not None:
            sent = [entry for entry in sent if program_of(entry) == program]
        if body is not None:
            sent = [entry for entry in sent if body_fits(entry, body)]
        jobs = list(dict.fromkeys(entry.job for entry in in_order(sent) if entry.job is not None))
        if len(jobs) != 1:
            narrowed = "" if program is None else f" of {short(program)}"
            requests = f"{len(sent)} request{'' if len(sent) == 1 else 's'}"
            sentence = f"expected 1 job{narrowed} to be made, found {len(jobs)}, by {requests}"
            first: dict[str, int] = {}
            notes = {entry.number: fate(entry, first) for entry in in_order(sent)}
            self._fail(sentence, [], sent or self.entries(), notes)
        return jobs[0]

    def assert_no_unknown_fields(
        self, *, headers: bool = True, allow: Collection[str] = (), **filters: Unpack[Choice]
    ) -> None:
        """Assert that requests brought no field, query parameter or header that the edition's document does not name.

        Headers that any HTTP client sends are known, and those of IBM's own clients; `allow` are further names. Without
        `headers` these are not looked at. Bodies that are longer than what the journal keeps are not looked at.
        """
        __tracebackhide__ = True
        allowed = {name.lower() for name in allow} | SENT_BY_IBM
        bad: list[Entry] = []
        notes: dict[int, str] = {}
        for entry in self.entries(**filters):
            document = documented(entry.edition)
            unknown = [] if document is None else document.unknown_in(entry)
            names = [
                shared().text(str(each), of=entry)
                for each in unknown
                if each.name.lower().lstrip("/") not in allowed and (headers or each.place != "header")
            ]
            if names:
                bad.append(entry)
                notes[entry.number] = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        if bad:
            requests = "1 request" if len(bad) == 1 else f"{len(bad)} requests"
            self._fail(f"{requests} brought what the document does not name", [], bad, notes)

    def _of(self, operation: str, filters: Filters) -> list[Entry]:
        self._known(operation)
        return self.entries(operation=operation, **filters)

    def _known(self, operation: str) -> None:
        """Refuse a name that no operation has: of a misspelt one, it is true that it was never called."""
        if operation in OPERATIONS or operation in self._operation_ids:
            return
        if operation in all_operation_ids() or any(entry.operation_id == operation for entry in self.entries()):
            return
        near = difflib.get_close_matches(operation, [*OPERATIONS, *self._operation_ids, *all_operation_ids()], n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(OPERATIONS)}"
        raise ValueError(f"there is no operation {operation!r}; {hint}")

    def _unpolled(self, sentence: str, lines: Sequence[str], job: object) -> NoReturn:
        """Show what was asked about a job instead of polling it, or the others that were asked about."""
        __tracebackhide__ = True
        about = self.entries(job=job)
        entries = about or self.entries()
        if about or not entries:
            self._fail(sentence, lines, entries)
        jobs = list(dict.fromkeys(entry.job for entry in in_order(entries) if entry.job is not None))
        known = ", ".join(short(each) for each in jobs[-_MOST_JOBS:]) or "none"
        more = f" and {len(jobs) - _MOST_JOBS} before them" if len(jobs) > _MOST_JOBS else ""
        self._fail(
            sentence, [*lines, f"no request was about this job; jobs that were asked about: {known}{more}"], entries
        )

    def _fail(
        self, sentence: str, lines: Sequence[str], entries: Sequence[Entry], notes: Mapping[int, str] | None = None
    ) -> NoReturn:
        __tracebackhide__ = True
        forgotten = [f"{self.dropped} older exchanges are forgotten"] if self.dropped else []
        text = [sentence, *lines, *timeline(entries, notes), *forgotten]
        raise AssertionError("\n  ".join(text))


def _statuses(entries: Iterable[Entry]) -> list[int]:
    return [entry.status for entry in entries]


def _is(entry: Entry, name: str) -> bool:
    return name in {entry.operation, entry.operation_id}


def _step(step: Step) -> str:
    return step if isinstance(step, str) else f"{step[0]} {step[1]}"


def _narrowed(filters: Filters) -> str:
    """What the requests were chosen by, for a sentence; ids are shown by their own text."""
    parts = [f"{name} {short(str(_id(value)))}" for name, value in filters.items() if value is not None]
    return f" with {', '.join(parts)}" if parts else ""


def _id(value: object) -> object:
    return value if isinstance(value, str | int | Collection) else id_of(value, "filter", _ID_NAMES)
