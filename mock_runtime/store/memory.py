"""The store that lives and dies with the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import Final

from mock_runtime.domain.errors import JobNotFound, ProgramNameTaken, ProgramNotFound
from mock_runtime.domain.jobs import Job
from mock_runtime.domain.logins import Login
from mock_runtime.domain.programs import Program

_MOST_LOGINS: Final = 10_000


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
            self._programs = {program.id: program for program in programs}
            self._logins: dict[str, Login] = {}

    def add_job(self, job: Job) -> None:
        """Keep a new job."""
        with self._lock:
            self._jobs[job.id] = job
            self._by_owner.setdefault(job.owner, {})[job.id] = None

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

    def delete_job(self, job_id: str, check: Callable[[Job], object]) -> None:
        """Forget a job that `check` (which raises) has nothing against; JobNotFound."""
        with self._lock:
            job = self.job(job_id)
            check(job)
            del self._jobs[job_id]
            del self._by_owner[job.owner][job_id]

    def jobs_of(self, owner: str) -> Sequence[Job]:
        """The jobs of one caller, newest first."""
        with self._lock:
            return [self._jobs[job_id] for job_id in reversed(self._by_owner.get(owner, {}))]

    def page_of(self, owner: str, *, offset: int, limit: int) -> tuple[Sequence[Job], int]:
        """At most `limit` jobs of one caller after the newest `offset`, and how many there are in all."""
        with self._lock:
            ids = self._by_owner.get(owner, {})
            first, last = min(offset, len(ids)), min(offset + limit, len(ids))
            return [self._jobs[job_id] for job_id in islice(reversed(ids), first, last)], len(ids)

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
