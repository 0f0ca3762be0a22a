"""Walks of today: jobs and sessions, in an order that Hypothesis draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, rule

from runtime_contracts.lifecycle import Faults, Lifecycle, LifecycleOptions, Passing
from runtime_contracts.profiles.platform.jobs import JobCalls
from runtime_contracts.profiles.platform.known import backends
from runtime_contracts.profiles.platform.lists import ListCalls
from runtime_contracts.profiles.platform.model import Job, Session
from runtime_contracts.profiles.platform.sessions import SessionCalls
from runtime_contracts.profiles.platform.tour import tour
from runtime_contracts.walking import JobWalk

if TYPE_CHECKING:
    from runtime_contracts.exchange import Exchange
    from runtime_contracts.profiles.platform.access import PlatformAccess


@dataclass(slots=True)
class _World:
    """What all walks share."""

    exchange: Exchange
    access: PlatformAccess
    wait: Passing
    backend: str
    prefix: str
    walks: int = 0

    def calls(self) -> tuple[JobCalls, ListCalls, SessionCalls]:
        """Return the calls of a new walk, which knows nothing of earlier ones."""
        self.walks += 1
        jobs = JobCalls(self.exchange, self.access, self.backend, f"{self.prefix}-{self.walks}")
        return jobs, ListCalls(jobs), SessionCalls(jobs)


def lifecycle(exchange: Exchange, access: PlatformAccess, options: LifecycleOptions) -> Lifecycle | None:
    """Return the lifecycle of today, or None if the server has no device to run on."""
    names = backends(exchange, access)
    if not names:
        exchange.collector.note("the lifecycle was left out: the server has no backend")
        return None
    # Marks of an earlier run on the same server must not be taken for those of this one.
    found = exchange.call("list_tags", headers=access.headers, query="type=job&search=walk-").get("tags")
    taken = len(found) if isinstance(found, list) else 0
    world = _World(exchange, access, Passing(exchange, options.advance), names[0], f"walk-{options.seed}-{taken}")
    return Lifecycle(
        tour=lambda: tour(*world.calls(), world.wait), walk=lambda faults: Walk(world, faults), after=lambda: None
    )


class Walk(JobWalk):
    """One walk: a fresh caller's view of the server, and the steps that may be taken."""

    sessions: Bundle[Session] = Bundle("sessions")

    def __init__(self, world: _World, faults: Faults) -> None:
        jobs, self._lists, self._sessions = world.calls()
        super().__init__(jobs, world.wait, faults)
        self._world = world

    @rule(target=JobWalk.jobs, private=st.booleans())
    def submit(self, *, private: bool) -> Job:
        """Submit a job."""
        return cast("Job", self._step(lambda: self._jobs.submit(private=private)))

    @rule(job=JobWalk.jobs, params=st.booleans())
    def read(self, job: Job, *, params: bool) -> None:
        """Read a job."""
        self._step(lambda: self._jobs.read(job, params=params))

    @rule(job=JobWalk.jobs)
    def metrics(self, job: Job) -> None:
        """Read the metrics of a job."""
        self._step(lambda: self._jobs.metrics(job))

    @rule(
        job=JobWalk.jobs,
        tags=st.lists(st.sampled_from(["red", "green", "blue", "a b", "\u00e4"]), max_size=3, unique=True),
    )
    def tag(self, job: Job, tags: list[str]) -> None:
        """Replace the tags of a job."""
        self._step(lambda: self._jobs.tag(job, tags))

    @rule(limit=st.integers(1, 5), offset=st.integers(0, 5), ascending=st.booleans())
    def list_page(self, limit: int, offset: int, *, ascending: bool) -> None:
        """Read a page of the list of jobs."""
        self._step(lambda: self._lists.page(limit=limit, offset=offset, ascending=ascending))

    @rule(page=st.integers(1, 3))
    def list_all(self, page: int) -> None:
        """Read the list of jobs page by page."""
        self._step(lambda: self._lists.all(page=page))

    @rule(pending=st.booleans())
    def list_pending(self, *, pending: bool) -> None:
        """Read the jobs that are pending, or that are not."""
        self._step(lambda: self._lists.pending(pending=pending))

    @rule(job=JobWalk.jobs)
    def list_filtered(self, job: Job) -> None:
        """Read lists that must hold a job, and some that must not."""
        self._step(lambda: self._lists.filtered(job))

    @rule(excluded=st.booleans())
    def list_params(self, *, excluded: bool) -> None:
        """Read the list with inputs or without."""
        self._step(lambda: self._lists.params(excluded=excluded))

    @rule()
    def list_tags(self) -> None:
        """Search the tags."""
        self._step(self._lists.tags)

    @rule(page=st.integers(1, 3))
    def list_workloads(self, page: int) -> None:
        """Read the workloads along their cursors."""
        self._step(lambda: self._lists.workloads(page=page))

    @rule()
    def usage(self) -> None:
        """Read what the instance has used."""
        self._step(self._lists.usage)

    @rule(target=sessions, dedicated=st.booleans())
    def open_session(self, *, dedicated: bool) -> Session:
        """Open a session or a batch."""
        return cast("Session", self._step(lambda: self._sessions.create(dedicated=dedicated)))

    @rule(session=sessions)
    def read_session(self, session: Session) -> None:
        """Read a session."""
        self._step(lambda: self._sessions.read(session))

    @rule(session=sessions, private=st.booleans())
    def submit_in_session(self, session: Session, *, private: bool) -> None:
        """Submit a job in a session."""
        self._step(lambda: self._sessions.submit(session, private=private))

    @rule(session=sessions)
    def stop_session(self, session: Session) -> None:
        """Tell a session to take no more jobs."""
        self._step(lambda: self._sessions.stop(session))

    @rule(session=sessions)
    def close_session(self, session: Session) -> None:
        """Close a session."""
        self._step(lambda: self._sessions.close(session))

    @rule(session=sessions)
    def session_of_strangers(self, session: Session) -> None:
        """Let somebody else try a session."""
        self._step(lambda: self._sessions.strangers(session))

    def teardown(self) -> None:
        """Delete what this walk has left on the server."""
        if self._faults.first is not None:
            return
        headers = self._world.access.headers
        for session in self._sessions.sessions:
            if not session.closed:
                self._world.exchange.call("delete_session_close", headers=headers, values={"id": session.id})
        for job in self._jobs.present:
            self._world.exchange.call("delete_job", headers=headers, values={"id": job.id})
