"""The store that lives and dies with the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Any, Final

from mock_runtime.domain.errors import JobNotFound, ProgramNameTaken, ProgramNotFound, SessionNotFound
from mock_runtime.domain.jobs import Job
from mock_runtime.domain.logins import Login
from mock_runtime.domain.programs import Program
from mock_runtime.domain.sessions import Session

_MOST_LOGINS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySnapshot:
    """What a store in memory kept at an instant. Nobody may change what is in it."""

    jobs: Mapping[str, Job]
    by_owner: Mapping[str, Mapping[str, None]]
    by_session: Mapping[str, Mapping[str, None]]
    deleted: Mapping[str, Mapping[str, Job]]
    sessions: Mapping[str, Session]
    sessions_by_owner: Mapping[str, Sequence[str]]
    limits: Mapping[str, int | None]
    programs: Mapping[str, Program]
    logins: Mapping[str, Login]

    def __repr__(self) -> str:
        return f"<MemorySnapshot of {len(self.jobs)} jobs and {len(self.sessions)} sessions>"


class MemoryStore:
    """Dictionaries behind one lock. All values are frozen, so what is handed out never changes."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.restart(())

    def restart(self, programs: Iterable[Program]) -> None:
        """Forget everything, and begin with these programs."""
        with self._lock:
            self._jobs: dict[str, Job] = {}
            self._by_owner: dict[str, dict[str, None]] = {}
            self._by_session: dict[str, dict[str, None]] = {}
            self._deleted: dict[str, dict[str, Job]] = {}
            self._sessions: dict[str, Session] = {}
            self._sessions_by_owner: dict[str, list[str]] = {}
            self._limits: dict[str, int | None] = {}
            self._programs = {program.id: program for program in programs}
            self._logins: dict[str, Login] = {}

    def snapshot(self) -> MemorySnapshot:
        """All that is kept, as one value that later changes do not touch."""
        with self._lock:
            return MemorySnapshot(
                jobs=dict(self._jobs),
                by_owner={owner: dict(ids) for owner, ids in self._by_owner.items()},
                by_session={session_id: dict(ids) for session_id, ids in self._by_session.items()},
                deleted={owner: dict(jobs) for owner, jobs in self._deleted.items()},
                sessions=dict(self._sessions),
                sessions_by_owner={owner: list(ids) for owner, ids in self._sessions_by_owner.items()},
                limits=dict(self._limits),
                programs=dict(self._programs),
                logins=dict(self._logins),
            )

    def rollback(self, kept: object) -> None:
        """Keep what was kept then, and nothing else; TypeError if it is no snapshot of such a store."""
        if not isinstance(kept, MemorySnapshot):
            raise TypeError(f"expected a snapshot of a store in memory, found {type(kept).__name__}")
        with self._lock:
            self._jobs = dict(kept.jobs)
            self._by_owner = {owner: dict(ids) for owner, ids in kept.by_owner.items()}
            self._by_session = {session_id: dict(ids) for session_id, ids in kept.by_session.items()}
            self._deleted = {owner: dict(jobs) for owner, jobs in kept.deleted.items()}
            self._sessions = dict(kept.sessions)
            self._sessions_by_owner = {owner: list(ids) for owner, ids in kept.sessions_by_owner.items()}
            self._limits = dict(kept.limits)
            self._programs = dict(kept.programs)
            self._logins = dict(kept.logins)

    def add_job(self, job: Job) -> None:
        """Keep a new job."""
        with self._lock:
            self._jobs[job.id] = job
            self._by_owner.setdefault(job.owner, {})[job.id] = None
            if job.session_id is not None:
                self._by_session.setdefault(job.session_id, {})[job.id] = None

    def job(self, job_id: str) -> Job:
        """The job of that id; JobNotFound."""
        found = self._jobs.get(job_id)
        if found is None:
            raise JobNotFound(job_id)
        return found

    def change_job(self, job_id: str, change: Callable[[Job], Job]) -> tuple[Job, Job]:
        """Replace a job by what `change` makes of it, and return both; JobNotFound, or what `change` raises."""
        with self._lock:
            before = self.job(job_id)
            after = self._jobs[job_id] = change(before)
            return before, after

    def delete_job(self, job_id: str, leave: Callable[[Job], Job | None]) -> None:
        """Forget a job but for what `leave` (which may raise) makes of it for the books; JobNotFound."""
        with self._lock:
            job = self.job(job_id)
            left = leave(job)
            del self._jobs[job_id]
            del self._by_owner[job.owner][job_id]
            if left is not None:
                self._deleted.setdefault(job.owner, {})[job_id] = left
            elif job.session_id is not None:
                del self._by_session[job.session_id][job_id]

    def deleted_of(self, owner: str) -> Sequence[Job]:
        """What is in the books of a tenant's deleted jobs, oldest first."""
        with self._lock:
            return list(self._deleted.get(owner, {}).values())

    def jobs_of(self, owner: str) -> Sequence[Job]:
        """The jobs of one tenant, newest first."""
        with self._lock:
            return [self._jobs[job_id] for job_id in reversed(self._by_owner.get(owner, {}))]

    def page_of(self, owner: str, *, offset: int, limit: int) -> tuple[Sequence[Job], int]:
        """At most `limit` jobs of one tenant after the newest `offset`, and how many there are in all."""
        with self._lock:
            ids = self._by_owner.get(owner, {})
            return [self._jobs[job_id] for job_id in _page(ids, offset, limit)], len(ids)

    def all_jobs(self, *, offset: int = 0, limit: int | None = None) -> tuple[Sequence[Job], int]:
        """At most `limit` jobs of whatever tenant after the newest `offset`, and how many there are in all."""
        with self._lock:
            return [self._jobs[job_id] for job_id in _page(self._jobs, offset, limit)], len(self._jobs)

    def all_sessions(self, *, offset: int = 0, limit: int | None = None) -> tuple[Sequence[Session], int]:
        """At most `limit` sessions of whatever tenant after the newest `offset`, and how many there are in all."""
        with self._lock:
            return [self._sessions[id_] for id_ in _page(self._sessions, offset, limit)], len(self._sessions)

    def jobs_in(self, session_id: str) -> Sequence[Job]:
        """The jobs of one session, oldest first, with what is in the books of deleted ones."""
        with self._lock:
            ids = self._by_session.get(session_id, {})
            books = self._deleted.get(self._sessions[session_id].owner, {}) if session_id in self._sessions else {}
            return [self._jobs.get(job_id) or books[job_id] for job_id in ids]

    def add_session(self, session: Session) -> None:
        """Keep a new session."""
        with self._lock:
            self._sessions[session.id] = session
            self._sessions_by_owner.setdefault(session.owner, []).append(session.id)

    def session(self, session_id: str) -> Session:
        """The session of that id; SessionNotFound."""
        found = self._sessions.get(session_id)
        if found is None:
            raise SessionNotFound(session_id)
        return found

    def change_session(self, session_id: str, change: Callable[[Session], Session]) -> Session:
        """Replace a session by what `change` makes of it; SessionNotFound, or what `change` raises."""
        with self._lock:
            after = self._sessions[session_id] = change(self.session(session_id))
            return after

    def sessions_of(self, owner: str) -> Sequence[Session]:
        """The sessions of one tenant, newest first."""
        with self._lock:
            return [self._sessions[session_id] for session_id in reversed(self._sessions_by_owner.get(owner, []))]

    def set_limit(self, owner: str, limit_s: int | None) -> None:
        """Keep the usage limit of a tenant, in seconds; None: it has none."""
        with self._lock:
            self._limits[owner] = limit_s

    def limit(self, owner: str, default: int | None) -> int | None:
        """The usage limit of a tenant, or `default` if none was set."""
        return self._limits.get(owner, default)

    def add_program(self, program: Program) -> Program:
        """Keep a new program under an id that is still free; ProgramNameTaken."""
        with self._lock:
            if any(other.name == program.name for other in self._programs.values()):
                raise ProgramNameTaken(program.name)
            candidates = (program.id if n == 1 else f"{program.id}-{n}" for n in count(1))
            free = next(candidate for candidate in candidates if candidate not in self._programs)
            kept = self._programs[free] = replace(program, id=free)
            return kept

    def program(self, program_id: str) -> Program:
        """The program of that id; ProgramNotFound."""
        found = self._programs.get(program_id)
        if found is None:
            raise ProgramNotFound(program_id)
        return found

    def change_program(self, program_id: str, change: Callable[[Program], Program]) -> Program:
        """Replace a program by what `change` makes of it; ProgramNotFound, or what `change` raises."""
        with self._lock:
            after = self._programs[program_id] = change(self.program(program_id))
            return after

    def delete_program(self, program_id: str, check: Callable[[Program], object]) -> None:
        """Forget a program that `check` (which raises) has nothing against; ProgramNotFound."""
        with self._lock:
            check(self.program(program_id))
            del self._programs[program_id]

    def programs(self) -> Sequence[Program]:
        """All programs, in the order in which they came."""
        with self._lock:
            return list(self._programs.values())

    def add_login(self, login: Login) -> None:
        """Keep a login; the oldest are forgotten when there are very many."""
        with self._lock:
            self._logins[login.digest] = login
            while len(self._logins) > _MOST_LOGINS:
                del self._logins[next(iter(self._logins))]

    def login(self, digest: str) -> Login | None:
        """The login with that token's digest, None if there is none."""
        return self._logins.get(digest)

    def end_login(self, digest: str) -> None:
        """Mark a login as over. One that is not known is no error."""
        with self._lock:
            if digest in self._logins:
                self._logins[digest] = self._logins[digest].over()


def _page(ids: dict[str, Any], offset: int, limit: int | None) -> Iterator[str]:
    """The keys of a dictionary from the last one on, but for the first `offset`."""
    first = min(offset, len(ids))
    return islice(reversed(ids), first, len(ids) if limit is None else min(offset + limit, len(ids)))
