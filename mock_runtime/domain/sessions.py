"""Sessions and batches: jobs that belong together, and how the life of a session follows from theirs.

A session is told nothing when its jobs move. Its life is read off the spans of its jobs, the two events that are
recorded on it (no more jobs; closed), and three lengths of time, for whatever instant somebody asks about.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from mock_runtime.domain.errors import SessionClosed, SessionNotFound, WrongBackend
from mock_runtime.domain.instances import Caller

INTERACTIVE_TTL_S: Final = 60
"""Seconds for which a session that has nothing to do stays active. Evidence: IBM's guide to execution modes."""

FIRST_JOB_TTL_S: Final = 1800.0
"""Seconds after which a dedicated session without any job is closed. Evidence: a third party, citing IBM's guides."""


class Mode(StrEnum):
    """How a session runs its jobs."""

    BATCH = "batch"
    DEDICATED = "dedicated"


class SessionState(StrEnum):
    """Where a session stands: waiting for its first job, with jobs, without, or over."""

    OPEN = "open"
    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a session is in its state. Evidence: the first three were seen by a third party; the others are guesses."""

    CREATED = "session_created"
    IDLE = "session_inactivated_by_interactive_ttl"
    CLOSED_EARLY = "session_closed_early"
    STARTED = "session_activated_by_job"
    DRAINED = "session_closed_after_last_job"
    CANCELLED = "session_closed_by_user"
    EXPIRED = "session_closed_by_max_ttl"
    UNUSED = "session_closed_without_jobs"


@dataclass(frozen=True, slots=True)
class Span:
    """When a job of a session was submitted, began and ended, in seconds; None: not yet, or never.

    `came_to_nothing` marks an attempt of a job that went back to the queue: the session was at work, and no job ended.
    """

    submitted_at: float
    started_at: float | None = None
    ended_at: float | None = None
    came_to_nothing: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of state."""

    state: SessionState
    at: float
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A session's life up to an instant: its turns, oldest first, and what its jobs tell of it."""

    turns: tuple[Turn, ...]
    accepting: bool
    last_started_at: float | None
    last_ended_at: float | None
    usage_s: float

    @property
    def state(self) -> SessionState:
        """Where it stands."""
        return self.turns[-1].state

    @property
    def reason(self) -> Reason:
        """Why it stands there."""
        return self.turns[-1].reason

    def first(self, state: SessionState) -> float | None:
        """When it first was in that state; None if it never was."""
        return next((turn.at for turn in self.turns if turn.state is state), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session (`dedicated`) or a batch.

    `max_ttl_s` counts from the start of its first job. `stopped_at` is when it was told to take no more jobs,
    `cancelled_at` when it was closed at once.
    """

    id: str
    number: int
    owner: str
    user: str
    mode: Mode
    backend: str | None
    created_at: float
    max_ttl_s: int
    interactive_ttl_s: int = INTERACTIVE_TTL_S
    active_ttl_s: int | None = None
    stopped_at: float = math.inf
    cancelled_at: float = math.inf

    @property
    def earliest_cut(self) -> float:
        """The first instant at which its end can take a job away that waits, known without a look at its jobs.

        One that was told to take no more jobs ends after the last of them, which takes none away.
        """
        return min(self.cancelled_at, self.created_at + self.max_ttl_s)

    def is_surely_accepting(self, now: float) -> bool:
        """Whether it takes more jobs, as far as that is known without a look at its jobs."""
        unused_until = self.created_at + FIRST_JOB_TTL_S if self.mode is Mode.DEDICATED else math.inf
        return now < min(self.earliest_cut, self.stopped_at, unused_until)

    def owned_by(self, caller: Caller) -> Session:
        """This session, if it belongs to the caller's tenant; else SessionNotFound."""
        if self.owner != caller.tenant:
            raise SessionNotFound(self.id)
        return self

    def accepts(self, backend: str, life: Life | None) -> Session:
        """This session, if it takes a job for that backend now; SessionClosed, WrongBackend.

        Its life is None where nobody had to look: it surely takes jobs.
        """
        if life is not None and not life.accepting:
            raise SessionClosed(self.id)
        if self.backend is not None and self.backend != backend:
            raise WrongBackend(self.id, backend)
        return self

    def accepting(self, accept: bool, now: float) -> Session:
        """The session, which is not closed, after it was told whether to take more jobs."""
        return replace(self, stopped_at=math.inf if accept else min(self.stopped_at, now))

    def cancelled(self, now: float) -> Session:
        """The session after it was closed at once."""
        return replace(self, cancelled_at=min(self.cancelled_at, now))

    def life_at(self, now: float, spans: Iterable[Span]) -> Life:
        """Its life up to `now`: a look-up that changes nothing."""
        jobs = sorted(spans, key=lambda span: span.submitted_at)
        closing = self._closing(jobs, now)
        closed_at = closing.at if closing is not None else math.inf
        begun = [span for span in jobs if span.started_at is not None and span.started_at <= closed_at]
        turns = [Turn(SessionState.OPEN, self.created_at, Reason.CREATED), *self._work(begun, min(now, closed_at))]
        if closing is not None:
            turns.append(closing)
        ended = [span.ended_at for span in begun if span.ended_at is not None and not span.came_to_nothing]
        return Life(
            turns=tuple(turns),
            accepting=closing is None and self.stopped_at > now,
            last_started_at=max((span.started_at for span in begun if span.started_at is not None), default=None),
            last_ended_at=max(ended, default=None),
            usage_s=sum(_length(span, now) for span in begun),
        )

    def _work(self, begun: Sequence[Span], until: float) -> Iterable[Turn]:
        """When it was active and when not, as far as its jobs tell."""
        idle_from = -math.inf
        for span in sorted(begun, key=lambda span: span.started_at or 0.0):
            started = span.started_at or 0.0
            if started > idle_from:
                if idle_from > -math.inf:
                    yield Turn(SessionState.INACTIVE, idle_from, Reason.IDLE)
                yield Turn(SessionState.ACTIVE, started, Reason.STARTED)
            ended = math.inf if span.ended_at is None else span.ended_at
            idle_from = max(idle_from, ended + self.interactive_ttl_s)
        if -math.inf < idle_from <= until:
            yield Turn(SessionState.INACTIVE, idle_from, Reason.IDLE)

    def _closing(self, jobs: Sequence[Span], now: float) -> Turn | None:
        """The end of the session, if it has come; of several the earliest."""
        ends = [Turn(SessionState.CLOSED, self.cancelled_at, Reason.CANCELLED)]
        started = min((span.started_at for span in jobs if span.started_at is not None), default=None)
        if started is not None:
            ends.append(Turn(SessionState.CLOSED, started + self.max_ttl_s, Reason.EXPIRED))
        if self.mode is Mode.DEDICATED and not jobs:
            ends.append(Turn(SessionState.CLOSED, self.created_at + FIRST_JOB_TTL_S, Reason.UNUSED))
        if self.stopped_at <= now and all(span.ended_at is not None for span in jobs):
            last = max((span.ended_at for span in jobs if span.ended_at is not None), default=-math.inf)
            waited = last > self.stopped_at
            reason = Reason.DRAINED if waited else Reason.CLOSED_EARLY
            ends.append(Turn(SessionState.CLOSED, last if waited else self.stopped_at, reason))
        end = min(ends, key=lambda turn: turn.at)
        return end if end.at <= now else None


def _length(span: Span, now: float) -> float:
    started = now if span.started_at is None else span.started_at
    return (now if span.ended_at is None else span.ended_at) - started
