"""Jobs and sessions as they stand at an instant, for use cases that look at both."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass

from mock_runtime.domain.errors import SessionNotFound
from mock_runtime.domain.jobs import Job, State
from mock_runtime.domain.sessions import Life, Session, SessionState, Span
from mock_runtime.store import Store


@dataclass(frozen=True, slots=True)
class JobView:
    """A job, and where it stood at the instant of the request."""

    job: Job
    state: State

    @property
    def usage_s(self) -> float:
        """Seconds for which it was at work; 0 until it is final.

        That attempts count which came to nothing is a guess.
        """
        started, ended = self.state.started_at, self.state.ended_at
        if ended is None:
            return 0.0
        return self.job.attempts_s + (0.0 if started is None else ended - started)


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session, its life up to the instant of the request, and that instant."""

    session: Session
    life: Life
    now: float


def view_session(store: Store, session: Session, now: float) -> SessionView:
    """A session as it stands now."""
    spans = [span for job in store.jobs_in(session.id) for span in _spans(job, job.state_at(now))]
    return SessionView(session, session.life_at(now, spans), now)


def view_job(store: Store, job: Job, now: float) -> JobView:
    """A job as it stands now: one that still waited when its session ended is cancelled by that."""
    return _view(store, job, now, {})


def view_jobs(store: Store, jobs: Sequence[Job], now: float) -> list[JobView]:
    """Jobs as they stand now; each session is looked at once."""
    seen: dict[str, SessionView] = {}
    return [_view(store, job, now, seen) for job in jobs]


def view_members(store: Store, view: SessionView) -> list[JobView]:
    """The jobs of a session as they stand at the instant of the view, oldest first; the session is looked at once."""
    return [_as_left(job, job.state_at(view.now), view) for job in store.jobs_in(view.session.id)]


def _view(store: Store, job: Job, now: float, seen: MutableMapping[str, SessionView]) -> JobView:
    """A job as it stands now. A session is viewed only if its end can matter, since that takes a look at all its jobs.

    `seen` are the sessions that were viewed for other jobs, at the same instant.
    """
    state = job.state_at(now)
    if job.session_id is None:
        return JobView(job, state)
    try:
        session = store.session(job.session_id)
    except SessionNotFound:
        return JobView(job, state)
    cut = session.earliest_cut
    if now < cut or (state.started_at is not None and state.started_at <= cut):
        return JobView(job, state)
    if session.id not in seen:
        seen[session.id] = view_session(store, session, now)
    return _as_left(job, state, seen[session.id])


def _as_left(job: Job, state: State, view: SessionView) -> JobView:
    """A job as its session leaves it."""
    closed_at = view.life.first(SessionState.CLOSED)
    if closed_at is None or (state.started_at is not None and state.started_at <= closed_at):
        return JobView(job, state)
    cut = job.ended_by_session(closed_at)
    return JobView(cut, cut.state_at(view.now))


def _spans(job: Job, state: State) -> Iterator[Span]:
    for attempt in job.attempts:
        yield Span(job.submitted_at, attempt.started_at, attempt.ended_at, came_to_nothing=True)
    yield Span(job.submitted_at, state.started_at, state.ended_at)
