"""Walks of 2021: jobs, programs and sessions, in an order that Hypothesis draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from runtime_contracts.lifecycle import Faults, Lifecycle, LifecycleOptions, Passing
from runtime_contracts.profiles.legacy_2021.jobs import KNOWN_PROGRAM, JobCalls, inputs_text
from runtime_contracts.profiles.legacy_2021.model import Job
from runtime_contracts.profiles.legacy_2021.programs import Program, ProgramCalls
from runtime_contracts.profiles.legacy_2021.sessions import SessionCalls
from runtime_contracts.profiles.legacy_2021.tour import tour
from runtime_contracts.walking import JobWalk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.exchange import Exchange
    from runtime_contracts.profiles.legacy_2021.access import LegacyAccess


@dataclass(slots=True)
class _World:
    """What all walks share."""

    exchange: Exchange
    access: LegacyAccess
    wait: Passing
    program_id: str
    prefix: str
    knows: bool
    walks: int = 0

    @property
    def headers(self) -> Mapping[str, str]:
        """Credentials of the caller."""
        return self.access.headers

    def calls(self) -> tuple[JobCalls, ProgramCalls, SessionCalls]:
        """Return the calls of a new walk, which knows nothing of earlier ones."""
        self.walks += 1
        own, others = self.access.headers, self.access.others
        counted = self.exchange.call("get-jobs", headers=own, query="limit=0").get("count")
        jobs = JobCalls(self.exchange, own, others, counted if isinstance(counted, int) else 0)
        programs = ProgramCalls(self.exchange, own, others, f"{self.prefix}-{self.walks}")
        return jobs, programs, SessionCalls(self.exchange, own, self.program_id, self.access.login)


def lifecycle(exchange: Exchange, access: LegacyAccess, options: LifecycleOptions) -> Lifecycle | None:
    """Return the lifecycle of 2021, or None if the server lists no program to run."""
    listed = exchange.call("get-programs", headers=access.headers).json()
    ids = [str(entry.get("id")) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    if not ids:
        exchange.collector.note("the lifecycle was left out: the server lists no program to run")
        return None
    public = [entry["id"] for entry in listed if entry.get("isPublic", True)]
    taken = sum(1 for name in ids if name.startswith("walk-"))
    world = _World(
        exchange,
        access,
        Passing(exchange, options.advance),
        (public or ids)[0],
        f"walk-{options.seed}-{taken}",
        KNOWN_PROGRAM in ids,
    )
    return Lifecycle(
        tour=lambda: tour(*world.calls(), program_id=world.program_id, knows=world.knows, wait=world.wait),
        walk=lambda faults: Walk(world, faults),
        # By now some jobs of earlier phases have ended even where nobody can move the clock.
        after=lambda: JobCalls(exchange, access.headers, None, 0).ended(),
    )


class Walk(JobWalk):
    """One walk: a fresh caller's view of the server, and the steps that may be taken."""

    def __init__(self, world: _World, faults: Faults) -> None:
        jobs, self._programs, self._sessions = world.calls()
        super().__init__(jobs, world.wait, faults)
        self._world = world

    @rule(target=JobWalk.jobs, iterations=st.integers(0, 2**63), named=st.booleans())
    def submit(self, *, iterations: int, named: bool) -> Job:
        """Submit a job, with inputs or without."""
        request: dict[str, Any] = {"programId": self._world.program_id}
        if named:
            request["params"] = [inputs_text({"iterations": iterations})]
        return cast("Job", self._step(lambda: self._jobs.submit(request)))

    @rule(job=JobWalk.jobs)
    def read(self, job: Job) -> None:
        """Read a job."""
        self._step(lambda: self._jobs.read(job))

    @rule(limit=st.integers(0, 5), offset=st.integers(0, 5))
    def list_page(self, limit: int, offset: int) -> None:
        """Read a page of the list of jobs."""
        self._step(lambda: self._jobs.list_page(limit=limit, offset=offset))

    @rule(page=st.integers(1, 3))
    def list_all(self, page: int) -> None:
        """Read the list of jobs page by page."""
        self._step(lambda: self._jobs.list_all(page=page))

    @rule(pending=st.booleans())
    def list_pending(self, *, pending: bool) -> None:
        """Read the jobs that are pending, or that are not."""
        self._step(lambda: self._jobs.list_pending(pending=pending))

    @property
    def can_upload(self) -> bool:
        """Tell whether the account may upload programs, as far as is known."""
        return self._programs.may_upload

    @precondition(lambda self: self.can_upload)
    @rule(cost=st.integers(1, 10_800), description=st.text(st.characters(codec="utf-8", exclude_categories=["C"])))
    def create_program(self, cost: int, description: str) -> None:
        """Upload a program."""
        self._step(lambda: self._programs.create(cost=cost, description=description))

    @precondition(lambda self: self.has_programs)
    @rule(data=st.data(), public=st.booleans())
    def publish_program(self, data: st.DataObject, *, public: bool) -> None:
        """Make a program public or private."""
        program = self._some_program(data)
        self._step(lambda: self._programs.publish(program, public=public))

    @precondition(lambda self: self.has_programs)
    @rule(
        data=st.data(), source=st.sampled_from([b"# short\n", "# \u00e4\u6f22 \U0001f300\n".encode(), b"x = 1\n" * 200])
    )
    def replace_source(self, data: st.DataObject, source: bytes) -> None:
        """Replace the source of a program."""
        program = self._some_program(data)
        self._step(lambda: self._programs.replace(program, source=source))

    @precondition(lambda self: self.has_programs)
    @rule(data=st.data())
    def run_program(self, data: st.DataObject) -> None:
        """Run a program of one's own."""
        program = self._some_program(data)
        self._step(lambda: self._programs.run(program))

    @precondition(lambda self: self.has_programs)
    @rule(data=st.data())
    def delete_program(self, data: st.DataObject) -> None:
        """Delete a program."""
        program = self._some_program(data)
        self._step(lambda: self._programs.delete(program))

    @rule()
    def list_programs(self) -> None:
        """Read the list of programs."""
        self._step(self._programs.listed)

    @property
    def has_programs(self) -> bool:
        """Tell whether this walk has made a program."""
        return bool(self._programs.programs)

    def _some_program(self, data: st.DataObject) -> Program:
        number = data.draw(st.integers(0, len(self._programs.programs) - 1))
        return self._programs.programs[number]

    @rule()
    def forget_rights(self) -> None:
        """Log out of the runtime service."""
        self._step(self._sessions.forget_rights)

    @rule()
    def end_session(self) -> None:
        """Open a session and end it."""
        self._step(self._sessions.end_session)

    @rule(unknown=st.sampled_from(["programId", "backend"]))
    def submit_nonsense(self, unknown: str) -> None:
        """Submit a job for a program or a device that does not exist."""
        self._step(lambda: self._sessions.submit_nonsense(unknown))

    def teardown(self) -> None:
        """Delete what this walk has left on the server."""
        if self._faults.first is not None:
            return
        for job in list(self._jobs.jobs):
            self._world.exchange.call("delete-job", headers=self._world.headers, values={"jid": job.id})
        for program in self._programs.programs:
            if not program.deleted:
                self._world.exchange.call("delete-program", headers=self._world.headers, values={"id": program.id})
