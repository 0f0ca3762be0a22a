"""Jobs, whoever owns them, with what is to come of them: for the control plane."""

from __future__ import annotations

import math
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass

from mock_runtime.domain.errors import SessionNotFound
from mock_runtime.domain.foresight import Foresight, Outlook, outlook, when
from mock_runtime.domain.jobs import Job, Status
from mock_runtime.domain.sessions import Session, SessionState
from mock_runtime.service.views import JobView, SessionView, view_job, view_jobs, view_session
from mock_runtime.store import Store


@dataclass(frozen=True, slots=True)
class JobAhead:
    """A job, where it stands, and what is to come of it if nobody interferes."""

    view: JobView
    ahead: Outlook


@dataclass(frozen=True, slots=True)
class JobsAhead:
    """Some of all jobs, and how many there are in all."""

    jobs: Sequence[JobAhead]
    count: int


@dataclass(frozen=True, slots=True)
class AllSessions:
    """Some of all sessions, and how many there are in all."""

    sessions: Sequence[SessionView]
    count: int


def look_ahead(store: Store, jobs: Sequence[Job], now: float) -> list[JobAhead]:
    """Jobs with what is to come of them; each session is looked at once."""
    ends: dict[str, float] = {}
    return [
        JobAhead(view, outlook(_with_end_of_session(store, view.job, now, ends), now))
        for view in view_jobs(store, jobs, now)
    ]


def when_seen(store: Store, job: Job, status: Status, now: float) -> Foresight:
    """The first instant from now on at which a job is seen in that status."""
    seen = view_job(store, job, now).job
    return when(_with_end_of_session(store, seen, now, {}), status, now)


def _with_end_of_session(store: Store, job: Job, now: float, ends: MutableMapping[str, float]) -> Job:
    """A job as the end of its session will leave it; `ends` are those of the sessions that were looked at before."""
    if job.session_id is None:
        return job
    if job.session_id not in ends:
        try:
            ends[job.session_id] = _end(store, store.session(job.session_id), now)
        except SessionNotFound:
            ends[job.session_id] = math.inf
    end = ends[job.session_id]
    return job if job.course().started_at <= end else job.ended_by_session(end)


def _end(store: Store, session: Session, now: float) -> float:
    """When a session takes away the jobs that wait; infinity: never.

    One that takes no more jobs ends after the last of them, which takes none away.
    """
    closed_at = view_session(store, session, now).life.first(SessionState.CLOSED)
    if closed_at is not None:
        return closed_at
    starts: list[float] = []
    for job in store.jobs_in(session.id):
        starts += [attempt.started_at for attempt in job.attempts]
        course = job.course()
        if course.started_at <= course.ended_at:
            starts.append(course.started_at)
    return min(starts, default=math.inf) + session.max_ttl_s
