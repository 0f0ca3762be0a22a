"""Sums of what jobs and sessions have used: over all of them, by groups, and by groups and dates.

Everything is counted from entries. An entry is a job, or a session as such, which uses nothing of its own: what a
session has used is what its jobs have. So any selection of entries adds up, whatever it was selected by.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from mock_runtime.domain.sessions import Mode

DAY_S: Final = 86_400
MOST_PARTS: Final = 366
"""Into how many parts an interval is divided at most. Those of a longer one are several days each: a guess."""

_Value = TypeVar("_Value")


class Key(StrEnum):
    """What entries can be grouped by."""

    INSTANCE = "instance"
    BACKEND = "backend"
    USER = "user_id"
    PLAN = "plan"
    SUBSCRIPTION = "subscription_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A job, or a session as such (`is_job` False), with all that it can be selected by.

    `at` is the instant of its creation, at which it counts. `session` is the id of the session that it belongs to, or
    is, `mode` that session's; both are None for a job alone. `queue_s` is None for what is still waiting.
    """

    instance: str
    backend: str
    user: str
    plan: str
    subscription: str
    at: float
    simulator: bool = False
    session: str | None = None
    mode: Mode | None = None
    is_job: bool = True
    usage_s: float = 0.0
    queue_s: float | None = None

    def value(self, key: Key) -> str:
        """What it has under a key."""
        return {
            Key.INSTANCE: self.instance,
            Key.BACKEND: self.backend,
            Key.USER: self.user,
            Key.PLAN: self.plan,
            Key.SUBSCRIPTION: self.subscription,
        }[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Conditions that all have to hold; an empty one is none. Both ends of the interval are within it."""

    start: float = -math.inf
    end: float = math.inf
    simulators: bool = True
    wanted: tuple[tuple[Key, frozenset[str]], ...] = ()

    def admits(self, entry: Entry) -> bool:
        """Whether an entry counts."""
        return (
            self.start <= entry.at <= self.end
            and (self.simulators or not entry.simulator)
            and all(entry.value(key) in values for key, values in self.wanted if values)
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are of something, and what they come to: in seconds, in all, on average and at most."""

    number: int = 0
    total_s: float = 0.0
    average_s: float = 0.0
    most_s: float = 0.0

    @staticmethod
    def of(lengths: Iterable[float]) -> Tally:
        """The tally of some lengths; all zero if there are none."""
        have = list(lengths)
        if not have:
            return Tally()
        total = math.fsum(have)
        return Tally(len(have), total, total / len(have), max(have))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What some entries come to.

    `individual` are the jobs outside of sessions. `waits` are the times in the queue of the jobs that have left it.
    """

    jobs: Tally
    sessions: Tally
    batches: Tally
    dedicated: Tally
    individual: Tally
    waits: Tally

    @staticmethod
    def of(entries: Iterable[Entry]) -> Sums:
        """The sums of some entries."""
        have = list(entries)
        jobs = [entry for entry in have if entry.is_job]
        used: dict[tuple[str, Mode | None], list[float]] = {}
        for entry in have:
            if entry.session is not None:
                used.setdefault((entry.session, entry.mode), []).append(entry.usage_s)
        sessions = [(mode, math.fsum(lengths)) for (_, mode), lengths in used.items()]
        return Sums(
            jobs=Tally.of(job.usage_s for job in jobs),
            sessions=Tally.of(length for _, length in sessions),
            batches=Tally.of(length for mode, length in sessions if mode is Mode.BATCH),
            dedicated=Tally.of(length for mode, length in sessions if mode is Mode.DEDICATED),
            individual=Tally.of(job.usage_s for job in jobs if job.session is None),
            waits=Tally.of(job.queue_s for job in jobs if job.queue_s is not None),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an interval; its end is the beginning of the next one."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Dated:
    """The sums of one group in one part of an interval."""

    key: str
    part: Part
    sums: Sums


def grouped(entries: Iterable[Entry], key: Key) -> dict[str, Sums]:
    """The sums of each group that has any entry, in the order of their keys."""
    groups = _by(entries, lambda entry: entry.value(key))
    return {name: Sums.of(groups[name]) for name in sorted(groups)}


def parts(start: float, end: float) -> Sequence[Part]:
    """The days that an interval consists of; the first and the last may be shorter. None if it ends before it begins.

    Days are those of UTC. An interval of more than `MOST_PARTS` days has parts of several days.
    """
    if end < start:
        return []
    first = math.floor(start / DAY_S)
    days = max(1, math.ceil(end / DAY_S) - first)
    step = math.ceil(days / MOST_PARTS)
    cuts = [float(day * DAY_S) for day in range(first + step, first + days, step)]
    edges = [start, *cuts, end]
    return [Part(*pair) for pair in pairwise(edges)]


def grouped_by_date(entries: Iterable[Entry], key: Key, *, start: float, end: float) -> Sequence[Dated]:
    """The sums of each group that has any entry in the interval, for every part of it: zero where there was nothing."""
    pieces = parts(start, end)
    if not pieces:
        return []
    within = Selection(start=start, end=end)
    groups = _by(filter(within.admits, entries), lambda entry: entry.value(key))
    nothing = Sums.of(())
    found = []
    for name in sorted(groups):
        dated = _by(groups[name], lambda entry: _place(pieces, entry.at))
        found += [
            Dated(name, piece, Sums.of(dated[number]) if number in dated else nothing)
            for number, piece in enumerate(pieces)
        ]
    return found


def _place(pieces: Sequence[Part], at: float) -> int:
    """Which part an instant is in: the last one that does not begin after it."""
    return bisect_right(pieces, at, key=lambda piece: piece.start) - 1


def _by(entries: Iterable[Entry], value: Callable[[Entry], _Value]) -> dict[_Value, list[Entry]]:
    groups: dict[_Value, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(value(entry), []).append(entry)
    return groups
