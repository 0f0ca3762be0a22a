"""What the journeys of today work with: fresh callers' views of jobs, lists and sessions, and time that passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.exchange import Answer, Exchange, json_body
from runtime_contracts.journeys import skip
from runtime_contracts.journeys.scene import EditionScene, must_have_ended
from runtime_contracts.lifecycle import LifecycleOptions, Passing
from runtime_contracts.lifecycle_model import LifecycleFaultError
from runtime_contracts.profiles.platform.jobs import JobCalls
from runtime_contracts.profiles.platform.known import backends
from runtime_contracts.profiles.platform.lists import ListCalls
from runtime_contracts.profiles.platform.sessions import SessionCalls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.profiles.platform.access import PlatformAccess
    from runtime_contracts.profiles.platform.model import Job

_EARLY: Final = 16
TYPED: Final = {"Content-Type": "application/json"}
VERSION: Final = "IBM-API-Version"


@dataclass(slots=True)
class PlatformScene(EditionScene["PlatformAccess"]):
    """The scene of today's journeys.

    Attributes:
        backends: the devices, those that are online first.
        prefix: what the marks of the jobs of all journeys begin with, and no other tag on the server.
        early: views with a job each, submitted before the first journey, so that it has ended when it is needed.
    """

    backends: list[str]
    prefix: str
    made: list[tuple[JobCalls, SessionCalls]] = field(default_factory=list)
    early: list[tuple[JobCalls, SessionCalls]] = field(default_factory=list)
    views: int = 0

    def calls(self) -> tuple[JobCalls, ListCalls, SessionCalls]:
        """Return the calls of a new view, which knows nothing of earlier ones.

        Raises:
            SkippedError: there is no device to run on.
        """
        if not self.backends:
            skip("the server has no backend")
        jobs, sessions = self._view()
        self.made.append((jobs, sessions))
        return jobs, ListCalls(jobs), sessions

    def _view(self) -> tuple[JobCalls, SessionCalls]:
        self.views += 1
        jobs = JobCalls(self.exchange, self.access, self.backends[0], f"{self.prefix}-{self.views}")
        return jobs, SessionCalls(jobs)

    def begin(self, number: int) -> None:
        """Submit the jobs that so many journeys will find ended."""
        for _ in range(min(_EARLY, number) if self.backends else 0):
            jobs, sessions = self._view()
            try:
                jobs.submit()
            except LifecycleFaultError:
                return  # the journey that submits one will say so
            self.early.append((jobs, sessions))

    def ended(self) -> tuple[JobCalls, ListCalls, Job]:
        """Return the calls of a view in which there is one job, which has ended.

        Raises:
            SkippedError: it does not end while the run waits.
        """
        jobs, sessions = self.early.pop(0) if self.early else (self.calls()[0], None)
        if sessions is not None:
            self.made.append((jobs, sessions))
        job = jobs.jobs[0] if jobs.jobs else jobs.submit()
        self.done(jobs, job)
        return jobs, ListCalls(jobs), job

    def jobs(self) -> JobCalls:
        """Return the calls on jobs of a new view."""
        return self.calls()[0]

    def done(self, jobs: JobCalls, job: Job) -> None:
        """Let time pass until a job has ended.

        Raises:
            SkippedError: it does not end while the run waits.
        """
        must_have_ended(job, ended=jobs.until(job, lambda: job.final, self.wait))

    def get(self, operation: str, *, query: str = "", version: str | None = None, **values: str) -> Answer:
        """Read something that must be there, as the caller.

        Raises:
            LifecycleFaultError: it is not.
        """
        headers = {**self.access.headers, **({} if version is None else {VERSION: version})}
        return self.read(operation, headers=headers, query=query, values=values)

    def tidy(self) -> None:
        """Close the sessions and delete the jobs that the latest journey has made."""
        headers = self.access.headers
        for jobs, sessions in self.made:
            for session in sessions.sessions:
                if not session.closed:
                    self._remove("delete_session_close", session.id, headers)
            for job in jobs.present:
                self._remove("delete_job", job.id, headers)
        self.made.clear()

    def end(self) -> None:
        """Delete what no journey has needed."""
        self.made, self.early = self.early, []
        self.tidy()

    def _remove(self, operation: str, thing: str, headers: Mapping[str, str]) -> None:
        self.exchange.call(operation, headers=headers, values={"id": thing}, conforming=False)


def scene(exchange: Exchange, access: PlatformAccess, options: LifecycleOptions) -> PlatformScene:
    """Return the scene of today's journeys, with the limit of the instance set high where something may be set."""
    if not access.keys.read_only:
        _raise_limit(exchange, access)
    # Marks of an earlier run on the same server must not be taken for those of this one.
    found = exchange.call("list_tags", headers=access.headers, query="type=job&search=trip-").get("tags")
    taken = len(found) if isinstance(found, list) else 0
    prefix = f"trip-{options.seed}-{taken}"
    return PlatformScene(exchange, access, Passing(exchange, options.advance), backends(exchange, access), prefix)


def _raise_limit(exchange: Exchange, access: PlatformAccess) -> None:
    """Set the limit of the instance high, so that no job is refused for what earlier ones have used."""
    headers, body = {**access.headers, **TYPED}, json_body({"instance_limit": 2**31 - 1})
    exchange.call("replace_instance_configuration", headers=headers, body=body)


def listed(answer: Answer, key: str) -> list[dict[str, Any]]:
    """Return the objects in a list of an answer."""
    entries = answer.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
