"""A fault as data: what it waits for, and what it does."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

from mock_runtime.durations import Duration, PollCount
from mock_runtime.faults.events import Happening
from mock_runtime.transport.delivery import Cut

Patterns: TypeAlias = tuple[str, ...]
NO_BODY: Final = frozenset({204, 205, 304})
"""Statuses of answers that have no body."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Which of the matching calls: those in one of the `ranges` (both ends in), and each `every`-th."""

    ranges: tuple[tuple[int, float], ...] = ()
    every: tuple[int, ...] = ()

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.ranges) or any(number % n == 0 for n in self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a rule waits for; empty: anything.

    Patterns are as `mock_runtime.faults.patterns` reads them. Of `header` and `query`, None wants the name to be
    absent. `status` are ranges, both ends in, of the status that the answer would have. `after_s` and `for_s` are in
    seconds, since the rule was armed.
    """

    operation: Patterns = ()
    method: Patterns = ()
    path: Patterns = ()
    header: tuple[tuple[str, Patterns | None], ...] = ()
    query: tuple[tuple[str, Patterns | None], ...] = ()
    caller: Patterns = ()
    job: Patterns = ()
    session: Patterns = ()
    backend: Patterns = ()
    status: tuple[tuple[int, int], ...] = ()
    calls: Calls | None = None
    probability: float = 1.0
    after_s: float = 0.0
    for_s: float = math.inf

    def has_status(self, status: int) -> bool:
        """Whether the status of an answer is one of those it waits for."""
        return any(low <= status <= high for low, high in self.status)


class Body(StrEnum):
    """What becomes of a body."""

    TRUNCATED = "truncated"
    """The first half of it; the announced length is that of the half."""
    DUPLICATED = "duplicated"
    """Twice, one after the other."""
    EMPTY = "empty"
    GARBAGE = "garbage"
    """Bytes that are no text, as many as there were."""
    HTML = "html"
    """A page, as something in front of the service would show it."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A body as it is sent."""

    data: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """What the header Retry-After says: a length, in seconds or as a date; without a `length` it is left out."""

    length: Duration | None
    as_date: bool = False


@dataclass(frozen=True, slots=True)
class Trickle:
    """A body in pieces of so many bytes, each so long after the one before."""

    size: int
    every: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A token bucket: so many `requests` in `per_s` seconds, `burst` of them at once, for each caller or for all."""

    requests: int
    per_s: float
    burst: int
    by_caller: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChange:
    """What happens to a job: that of the call, or the one named by an id or the number of its submission."""

    event: Happening
    id: str | None = None
    number: int | None = None
    queue: Duration | PollCount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendChange:
    """What happens to a backend: that of the call, or the one of that `name` (`*`: all), for so many seconds."""

    event: Happening
    name: str | None = None
    for_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """A window in which requests are refused and backends are paused; it begins `in_s` seconds after the call."""

    for_s: float
    in_s: float = 0.0
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What happens when a rule is met. `docs/faults.md` says it of each key; `at` is a part (below 1), or bytes."""

    status: int | None = None
    code: int | str | None = None
    message: str | None = None
    solution: str | None = None
    retry_after: RetryAfter | None = None
    headers: tuple[tuple[str, str | None], ...] = ()
    body: Body | Verbatim | None = None
    content_type: str | None = None
    slow: Duration | None = None
    trickle: Trickle | None = None
    cut: Cut | None = None
    at: float = 0.5
    reset: bool = False
    token: Happening | None = None
    rate: Rate | None = None
    job: JobChange | None = None
    reason: str | None = None
    backend: BackendChange | None = None
    maintenance: Maintenance | None = None

    @property
    def refuses(self) -> bool:
        """Whether it may answer in place of the fake."""
        return self.status is not None or self.rate is not None or self.maintenance is not None

    @property
    def happens_later(self) -> bool:
        """Whether something happens to a job after the request was carried out."""
        return self.job is not None and self.job.event in {Happening.OUTRUN_CANCEL, Happening.LOSE_RESULT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A rule: when all of `match` holds, `act`. Made by `mock_runtime.faults.reading`.

    It is met `times` times at most (None: for ever), and may be there without being `on`. The `id` is empty until it is
    armed, if nobody gave one. `said` is what it was read from.
    """

    id: str = ""
    match: Match = field(default=Match())
    act: Act
    times: int | None = None
    on: bool = True
    said: Mapping[str, Any] = field(repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """What it says, in the form that it was given."""
        return copy.deepcopy(dict(self.said))
