"""What the journeys of 2021 work with: fresh views of jobs and programs, and time that passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runtime_contracts.exchange import Answer, Exchange
from runtime_contracts.journeys import skip
from runtime_contracts.journeys.scene import EditionScene, must_have_ended
from runtime_contracts.lifecycle import LifecycleOptions, Passing
from runtime_contracts.lifecycle_model import LifecycleFaultError
from runtime_contracts.profiles.legacy_2021.jobs import KNOWN_PROGRAM, JobCalls, inputs_text
from runtime_contracts.profiles.legacy_2021.model import Job
from runtime_contracts.profiles.legacy_2021.programs import ProgramCalls
from runtime_contracts.profiles.legacy_2021.sessions import SessionCalls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.profiles.legacy_2021.access import LegacyAccess

_EARLY = 12


@dataclass(slots=True)
class LegacyScene(EditionScene["LegacyAccess"]):
    """The scene of the journeys of 2021.

    Attributes:
        programs: the ids of the programs that can be run, the public ones first.
        prefix: what the names of all programs that journeys make begin with.
        early: jobs that were submitted before the first journey, so that they have ended when they are needed.
    """

    program_ids: list[str]
    prefix: str
    made: list[tuple[JobCalls, ProgramCalls]] = field(default_factory=list)
    early: list[Job] = field(default_factory=list)
    views: int = 0

    def calls(self) -> tuple[JobCalls, ProgramCalls, SessionCalls]:
        """Return the calls of a new view, which knows nothing of earlier ones.

        Raises:
            SkippedError: there is no program to run.
        """
        if not self.program_ids:
            skip("the server lists no program to run")
        own, others = self.access.headers, self.access.others
        counted = self.get("get-jobs", query="limit=0").get("count")
        jobs = JobCalls(self.exchange, own, others, counted if isinstance(counted, int) else 0)
        programs = ProgramCalls(self.exchange, own, others, f"{self.prefix}-{self.views}")
        self.views += 1
        self.made.append((jobs, programs))
        return jobs, programs, SessionCalls(self.exchange, own, self.program_ids[0], self.access.login)

    def jobs(self) -> JobCalls:
        """Return the calls on jobs of a new view."""
        return self.calls()[0]

    def submitted(self, jobs: JobCalls, number: int = 1) -> Job:
        """Submit a job with inputs."""
        program = KNOWN_PROGRAM if KNOWN_PROGRAM in self.program_ids else self.program_ids[0]
        return jobs.submit({"programId": program, "params": [inputs_text({"iterations": number})]})

    def begin(self, number: int) -> None:
        """Submit the jobs that so many journeys will find ended."""
        jobs = JobCalls(self.exchange, self.access.headers, None, 0)
        try:
            for each in range(min(_EARLY, number) if self.program_ids else 0):
                self.early.append(self.submitted(jobs, each))
        except LifecycleFaultError:
            return  # the journey that submits one will say so

    def ended(self) -> tuple[JobCalls, Job]:
        """Return the calls of a view with a job that has ended.

        Raises:
            SkippedError: it does not end while the run waits.
        """
        jobs = self.jobs()
        if self.early:
            jobs.jobs.append(self.early.pop(0))
            jobs.foreign -= 1
        job = jobs.jobs[0] if jobs.jobs else self.submitted(jobs)
        self.done(jobs, job)
        return jobs, job

    def end(self) -> None:
        """Delete what no journey has needed."""
        for job in self.early:
            values = {"jid": job.id}
            self.exchange.call("delete-job", headers=self.access.headers, values=values, conforming=False)
        self.early.clear()

    def done(self, jobs: JobCalls, job: Job) -> None:
        """Let time pass until a job has ended.

        Raises:
            SkippedError: it does not end while the run waits.
        """
        must_have_ended(job, ended=jobs.until_ended(job, self.wait))

    def get(
        self, operation: str, *, query: str = "", headers: Mapping[str, str] | None = None, **values: str
    ) -> Answer:
        """Read something that must be there, as the caller.

        Raises:
            LifecycleFaultError: it is not.
        """
        sent = self.access.headers if headers is None else headers
        return self.read(operation, headers=sent, query=query, values=values)

    def tidy(self) -> None:
        """Delete the jobs and programs that the latest journey has made."""
        headers = self.access.headers
        for jobs, programs in self.made:
            for job in jobs.jobs:
                self.exchange.call("delete-job", headers=headers, values={"jid": job.id}, conforming=False)
            for program in programs.programs:
                if not program.deleted:
                    values = {"id": program.id}
                    self.exchange.call("delete-program", headers=headers, values=values, conforming=False)
        self.made.clear()


def scene(exchange: Exchange, access: LegacyAccess, options: LifecycleOptions) -> LegacyScene:
    """Return the scene of the journeys of 2021."""
    listed = entries(exchange.call("get-programs", headers=access.headers).json())
    listed.sort(key=lambda entry: entry.get("isPublic") is False)
    ids = [str(entry.get("id")) for entry in listed]
    taken = sum(1 for name in ids if name.startswith("trip-"))
    return LegacyScene(exchange, access, Passing(exchange, options.advance), ids, f"trip-{options.seed}-{taken}")


def entries(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
