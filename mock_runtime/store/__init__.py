"""Where jobs, sessions, programs, logins and limits are kept: the Protocol that a store fulfils."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from mock_runtime.domain.jobs import Job
from mock_runtime.domain.logins import Login
from mock_runtime.domain.programs import Program
from mock_runtime.domain.sessions import Session


class Store(Protocol):
    """A place that remembers. Every method is atomic; a change is a function from the old value to the new one."""

    def restart(self, programs: Iterable[Program]) -> None:
        """Forget everything, and begin with these programs."""
        ...

    def snapshot(self) -> object:
        """All that is kept, as one value that later changes do not touch. Only such a store knows what is in it."""
        ...

    def rollback(self, kept: object) -> None:
        """Keep what was kept then, and nothing else; TypeError if it is no snapshot of such a store."""
        ...

    def add_job(self, job: Job) -> None:
        """Keep a new job."""
        ...

    def job(self, job_id: str) -> Job:
        """The job of that id; JobNotFound."""
        ...

    def change_job(self, job_id: str, change: Callable[[Job], Job]) -> tuple[Job, Job]:
        """Replace a job by what `change` makes of it, and return both; JobNotFound, or what `change` raises."""
        ...

    def delete_job(self, job_id: str, leave: Callable[[Job], Job | None]) -> None:
        """Forget a job but for what `leave` (which may raise) makes of it for the books; JobNotFound."""
        ...

    def deleted_of(self, owner: str) -> Sequence[Job]:
        """What is in the books of a tenant's deleted jobs, oldest first."""
        ...

    def jobs_of(self, owner: str) -> Sequence[Job]:
        """The jobs of one tenant, newest first."""
        ...

    def page_of(self, owner: str, *, offset: int, limit: int) -> tuple[Sequence[Job], int]:
        """At most `limit` jobs of one tenant after the newest `offset`, and how many there are in all."""
        ...

    def all_jobs(self, *, offset: int = 0, limit: int | None = None) -> tuple[Sequence[Job], int]:
        """At most `limit` jobs of whatever tenant after the newest `offset`, and how many there are in all."""
        ...

    def all_sessions(self, *, offset: int = 0, limit: int | None = None) -> tuple[Sequence[Session], int]:
        """At most `limit` sessions of whatever tenant after the newest `offset`, and how many there are in all."""
        ...

    def jobs_in(self, session_id: str) -> Sequence[Job]:
        """The jobs of one session, oldest first, with what is in the books of deleted ones."""
        ...

    def add_session(self, session: Session) -> None:
        """Keep a new session."""
        ...

    def session(self, session_id: str) -> Session:
        """The session of that id; SessionNotFound."""
        ...

    def change_session(self, session_id: str, change: Callable[[Session], Session]) -> Session:
        """Replace a session by what `change` makes of it; SessionNotFound, or what `change` raises."""
        ...

    def sessions_of(self, owner: str) -> Sequence[Session]:
        """The sessions of one tenant, newest first."""
        ...

    def set_limit(self, owner: str, limit_s: int | None) -> None:
        """Keep the usage limit of a tenant, in seconds; None: it has none."""
        ...

    def limit(self, owner: str, default: int | None) -> int | None:
        """The usage limit of a tenant, or `default` if none was set."""
        ...

    def add_program(self, program: Program) -> Program:
        """Keep a new program under an id that is still free; ProgramNameTaken."""
        ...

    def program(self, program_id: str) -> Program:
        """The program of that id; ProgramNotFound."""
        ...

    def change_program(self, program_id: str, change: Callable[[Program], Program]) -> Program:
        """Replace a program by what `change` makes of it; ProgramNotFound, or what `change` raises."""
        ...

    def delete_program(self, program_id: str, check: Callable[[Program], object]) -> None:
        """Forget a program that `check` (which raises) has nothing against; ProgramNotFound."""
        ...

    def programs(self) -> Sequence[Program]:
        """All programs, in the order in which they came."""
        ...

    def add_login(self, login: Login) -> None:
        """Keep a login; the oldest are forgotten when there are very many."""
        ...

    def login(self, digest: str) -> Login | None:
        """The login with that token's digest, None if there is none."""
        ...

    def end_login(self, digest: str) -> None:
        """Mark a login as over. One that is not known is no error."""
        ...
