"""The evidence that rules look at: exchanges in order, by caller and by job."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from mock_runtime.journal.attempts import EARLY_S, chains, identity, in_order
from mock_runtime.journal.callers import Callers, callers
from mock_runtime.journal.entry import Entry
from mock_runtime.journal.polls import LOOKS, tells_end
from mock_runtime.journal.scorecard.card import MOST_NUMBERS, Finding, Mark, Severity
from mock_runtime.journal.scorecard.expectations import Expectations
from mock_runtime.journal.submissions import session_of
from mock_runtime.journal.timeline import short
from mock_runtime.operations import SUBMIT_JOB


class Seen:
    """All that was seen. `now` is an instant of the fake's clock; `sessions_open` are ids, None if nobody knows."""

    def __init__(
        self,
        entries: Iterable[Entry],
        *,
        now: float,
        sessions_open: Collection[str] | None,
        expectations: Expectations,
    ) -> None:
        self.entries = in_order(entries)
        self.now = now
        self.sessions_open = None if sessions_open is None else frozenset(sessions_open)
        self.expect = expectations
        # A ring that forgot has no first one. What is missing between others is still on its way, or was not chosen.
        self.is_whole = not self.entries or min(entry.number for entry in self.entries) == 1
        self.has_time = len({entry.at for entry in self.entries[:1]} | {entry.ended_at for entry in self.entries}) > 1
        self.by_job: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.job is not None:
                self.by_job.setdefault(entry.job, []).append(entry)

    @cached_property
    def callers(self) -> Callers:
        """Whose tokens are whose."""
        return callers(self.entries)

    @cached_property
    def last_of_sessions(self) -> Mapping[str, float]:
        """When something was last asked of each session, or of a job in it."""
        found: dict[str, float] = {}
        of_jobs: dict[str, str] = {}
        for entry in self.entries:
            session = entry.session or of_jobs.get(entry.job or "")
            if entry.operation == SUBMIT_JOB and session is None:
                session = session_of(entry)
            if session is None:
                continue
            found[session] = max(found.get(session, 0.0), entry.ended_at)
            if entry.job is not None:
                of_jobs[entry.job] = session
        return found

    @cached_property
    def clients(self) -> Sequence[Client]:
        """The callers, each with what it did. Who is unknown by name is known by the token that it also used."""
        found: dict[str | None, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(self.callers.name_of(entry), []).append(entry)
        return [Client(name, entries, self) for name, entries in found.items()]


class Client:
    """One caller, None for those without a name, and its exchanges in order."""

    def __init__(self, name: str | None, entries: list[Entry], seen: Seen) -> None:
        self.name = name
        self.entries = entries
        self.seen = seen
        self.who = "somebody" if name is None else short(name)

    @cached_property
    def looks(self) -> Mapping[str, list[Entry]]:
        """The polls of each job, of both kinds."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.job is not None and entry.operation in LOOKS:
                found.setdefault(entry.job, []).append(entry)
        return found

    @cached_property
    def told(self) -> Mapping[str, Entry]:
        """The first answer to it that told that a job is over, by job."""
        ends = {job: [entry for entry in looks if tells_end(entry)] for job, looks in self.looks.items()}
        return {job: min(found, key=lambda entry: entry.ended_at) for job, found in ends.items() if found}

    @cached_property
    def polls(self) -> Mapping[str, list[Entry]]:
        """The looks at each job until it was known to be over, and the one that told it."""
        return {job: [entry for entry in looks if not self.knows_end(entry)] for job, looks in self.looks.items()}

    @cached_property
    def chains(self) -> Sequence[list[Entry]]:
        """What failed, each with its repetitions."""
        return list(chains((identity(entry, self.name), entry) for entry in self.entries))

    def knows_end(self, entry: Entry) -> bool:
        """Whether it had been told that the job is over when it sent this."""
        told = self.told.get(entry.job or "")
        return told is not None and entry.number > told.number and entry.at >= told.ended_at - EARLY_S

    def of(self, *operations: str) -> list[Entry]:
        """Return what it asked of some operations."""
        return [entry for entry in self.entries if entry.operation in operations]

    def finding(
        self,
        rule: str,
        severity: Severity,
        sentence: str,
        advice: str,
        *,
        entries: Sequence[Entry],
        jobs: Iterable[str] = (),
        figures: Mapping[str, float] | None = None,
    ) -> Finding:
        """Return something found of it."""
        return Finding(
            rule=rule,
            severity=severity,
            sentence=f"{self.who} {sentence}",
            advice=advice,
            caller=self.name,
            jobs=tuple(dict.fromkeys(jobs))[:MOST_NUMBERS],
            numbers=tuple(sorted({entry.number for entry in entries}))[:MOST_NUMBERS],
            count=len(entries),
            figures={name: round(value, 6) for name, value in (figures or {}).items()},
        )

    def mark(self, rule: str, sentence: str) -> Mark:
        """Return something that it does well."""
        return Mark(rule=rule, sentence=f"{self.who} {sentence}", caller=self.name)


def times(count: int) -> str:
    """Return how often, in words."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def counted(count: int, noun: str) -> str:
    """Return how many of something, in words."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def jobs_text(jobs: Sequence[str]) -> str:
    """Return which jobs, in words."""
    first = f"job {short(jobs[0])}"
    return first if len(jobs) == 1 else f"{len(jobs)} jobs, first {first}"
