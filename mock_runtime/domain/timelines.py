"""What a job's life is made of: statuses, lengths, the timeline it is given, looks, and how its future is changed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from mock_runtime.domain.results import Output


class Status(StrEnum):
    """Where a job stands. The spelling on the wire belongs to the editions."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RAN_TOO_LONG = "ran-too-long"

    @property
    def is_final(self) -> bool:
        """Whether a job stays in it for ever."""
        return self not in (Status.QUEUED, Status.RUNNING)


class Poll(StrEnum):
    """In which way somebody looked at a job."""

    STATUS = "status"
    RESULTS = "results"


@dataclass(frozen=True, slots=True)
class Seconds:
    """A phase that lasts so many seconds; infinitely many mean for ever."""

    value: float


@dataclass(frozen=True, slots=True)
class Polls:
    """A phase that lasts until somebody has looked at the job so many times in one way."""

    count: int


@dataclass(frozen=True, slots=True)
class Until:
    """A phase that lasts until an instant, in seconds since 1970; none at all if it begins later."""

    at: float


Length: TypeAlias = Seconds | Polls | Until
AT_ONCE: Final = Seconds(0.0)
FOR_EVER: Final = Seconds(math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """How a job unfolds if nobody interferes: so long in the queue, so long at work, then `ending`.

    `limit_s` is the longest it may run in seconds; a job that is still at work then ends as ran-too-long.
    `cancel_lag_s` is how long after a request to cancel it that shows.
    """

    queue: Length
    run: Length
    ending: Status = Status.COMPLETED
    limit_s: float = math.inf
    cancel_lag_s: float = 0.0

    def failing(self) -> Timeline:
        """The same timeline, but what would have been completed fails."""
        return replace(self, ending=Status.FAILED) if self.ending is Status.COMPLETED else self


@dataclass(frozen=True, slots=True)
class Looks:
    """How often a job was looked at in phases that are measured so, and when that ended them (infinity: not yet)."""

    status: int = 0
    results: int = 0
    queue_ended_at: float = math.inf
    run_ended_at: float = math.inf

    @property
    def most(self) -> int:
        """The count that decides."""
        return max(self.status, self.results)

    def plus(self, kind: Poll) -> Looks:
        """One more look."""
        return replace(self, **{kind.value: getattr(self, kind.value) + 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """What is to change of a job's future; None leaves it as it is. `recompute`: its output is being made anew."""

    queue: Length | None = None
    run: Length | None = None
    ending: Status | None = None
    output: Output | None = None
    recompute: bool = False
    cancel_lag_s: float | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, with its first instant and without its last; infinity: without an end."""

    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """A time at work that came to nothing: the job went back to the queue at `ended_at`."""

    started_at: float
    ended_at: float


class Course(NamedTuple):
    """When a job begins and ends, and how, if nobody interferes. Infinity: never, or it is not known yet."""

    started_at: float
    ended_at: float
    ending: Status


@dataclass(frozen=True, slots=True)
class State:
    """Where a job stands at an instant, and since when. Times are seconds since 1970; None: not yet."""

    status: Status
    started_at: float | None = None
    ended_at: float | None = None


def end_of(length: Length, begun: float, looked_enough_at: float) -> float:
    """When a phase ends that begins at `begun`, and had been looked at often enough at `looked_enough_at`."""
    if isinstance(length, Seconds):
        return begun + length.value
    if isinstance(length, Until):
        return max(begun, length.at)
    return begun if length.count == 0 else looked_enough_at


def longer(length: Length, elapsed_s: float) -> Length:
    """The same length after what has elapsed already; looks are counted anew and instants are where they were."""
    return Seconds(length.value + elapsed_s) if isinstance(length, Seconds) else length


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Windows in order, those that overlap or touch made into one; what is empty is left out."""
    found: list[Window] = []
    for window in sorted((one for one in windows if one.begins < one.ends), key=lambda one: one.begins):
        if found and window.begins <= found[-1].ends:
            found[-1] = Window(found[-1].begins, max(found[-1].ends, window.ends))
        else:
            found.append(window)
    return tuple(found)


def to_come(windows: Iterable[Window], now: float) -> tuple[Window, ...]:
    """What of some windows is not over at `now`, in order."""
    return merged(Window(max(window.begins, now), window.ends) for window in windows)
