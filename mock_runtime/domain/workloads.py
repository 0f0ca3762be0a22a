"""Workloads: what an instance has to do, one entry for each session, batch, and job that belongs to neither.

They are paged by position. A position is the instant of a creation and a number that no other has, so that pages hold
each workload once, whatever is added between two of them, and however many were created at one instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mock_runtime.domain.jobs import Status
from mock_runtime.domain.sessions import Life, Mode, Reason, SessionState


class Kind(StrEnum):
    """What a workload is."""

    JOB = "job"
    SESSION = "session"
    BATCH = "batch"

    @staticmethod
    def of(mode: Mode) -> Kind:
        """What a session of that mode is."""
        return Kind.BATCH if mode is Mode.BATCH else Kind.SESSION


class Progress(StrEnum):
    """How far a workload is."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "canceled"
    FAILED = "failed"

    @staticmethod
    def of_job(status: Status) -> Progress:
        """That of a job. One that ran too long was cancelled by the service: so its status is called."""
        return {
            Status.QUEUED: Progress.PENDING,
            Status.RUNNING: Progress.IN_PROGRESS,
            Status.COMPLETED: Progress.COMPLETED,
            Status.FAILED: Progress.FAILED,
            Status.CANCELLED: Progress.CANCELLED,
            Status.RAN_TOO_LONG: Progress.CANCELLED,
        }[status]

    @staticmethod
    def of_session(life: Life) -> Progress:
        """That of a session: pending before its first job, canceled if somebody closed it at once. A guess."""
        if life.state is SessionState.OPEN:
            return Progress.PENDING
        if life.state is not SessionState.CLOSED:
            return Progress.IN_PROGRESS
        return Progress.CANCELLED if life.reason is Reason.CANCELLED else Progress.COMPLETED


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the order of creation: microseconds since 1970, and the number of the workload."""

    micros: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A session, a batch, or a job that belongs to neither.

    `instance` is a CRN. `accepting` is None for a job. `settled` tells whether `usage_s` is its last word.
    """

    id: str
    number: int
    kind: Kind
    progress: Progress
    created_at: float
    backend: str
    instance: str
    user: str
    ended_at: float | None = None
    reason: str | None = None
    accepting: bool | None = None
    tags: tuple[str, ...] = ()
    usage_s: float = 0.0
    settled: bool = False

    @property
    def position(self) -> Position:
        """Its place in the order of creation."""
        return Position(micros(self.created_at), self.number)

    def mentions(self, text: str) -> bool:
        """Whether its id, its backend or a tag contains a text, whatever the case. What else is searched is a guess."""
        wanted = text.casefold()
        return any(wanted in found.casefold() for found in (self.id, self.backend, *self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """Conditions that all have to hold; None and empty ones are none. Instants are seconds; both are within it."""

    user: str | None = None
    backend: str | None = None
    search: str | None = None
    progress: frozenset[Progress] = frozenset()
    kind: Kind | None = None
    created_after: float | None = None
    created_before: float | None = None
    tags: frozenset[str] = frozenset()

    def admits(self, workload: Workload) -> bool:
        """Whether a workload meets them."""
        at = micros(workload.created_at)
        return (
            (self.user is None or workload.user == self.user)
            and (self.backend is None or workload.backend == self.backend)
            and (self.search is None or workload.mentions(self.search))
            and (not self.progress or workload.progress in self.progress)
            and (self.kind is None or workload.kind is self.kind)
            and (self.created_after is None or at >= micros(self.created_after))
            and (self.created_before is None or at <= micros(self.created_before))
            and self.tags <= set(workload.tags)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which page is asked for: the first `limit` workloads beyond `after`, or the last ones before `before`.

    Of those between the two, if both are there, the first. Both mean places in the order of the list, which is newest
    first if `descending`.
    """

    limit: int
    descending: bool = False
    after: Position | None = None
    before: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some workloads, and how many there are in all.

    `previous` is where a page that ends right before this one has to end, `next` where one that goes on has to begin;
    None where there is nothing.
    """

    workloads: Sequence[Workload]
    total: int
    previous: Position | None
    next: Position | None


def page(workloads: Iterable[Workload], window: Window) -> Page:
    """The page of those workloads that a window shows."""
    have = sorted(workloads, key=lambda workload: workload.position, reverse=window.descending)
    inside = [n for n, workload in enumerate(have) if _is_inside(workload.position, window)]
    backwards = window.before is not None and window.after is None
    chosen = inside[-window.limit :] if backwards else inside[: window.limit]
    shown = have[chosen[0] : chosen[-1] + 1] if chosen else []
    return Page(
        workloads=shown,
        total=len(have),
        previous=shown[0].position if shown and chosen[0] > 0 else None,
        next=shown[-1].position if shown and chosen[-1] + 1 < len(have) else None,
    )


def micros(seconds: float) -> int:
    """An instant in microseconds since 1970, as exactly as it is written on the wire; what is before that is 1970."""
    return max(0, round(seconds * 1e6))


def _is_inside(position: Position, window: Window) -> bool:
    lower, upper = (window.before, window.after) if window.descending else (window.after, window.before)
    return (lower is None or position > lower) and (upper is None or position < upper)
