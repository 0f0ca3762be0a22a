"""The use cases of the Runtime service, and their commands. Each reads the clock once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mock_runtime.domain.instances import Caller
from mock_runtime.ids import IdsSnapshot
from mock_runtime.scenario import Scenario
from mock_runtime.service.backends import BackendService
from mock_runtime.service.beginnings import InvalidBeginning, begin
from mock_runtime.service.commands import JobPage, ListJobs, SubmitJob
from mock_runtime.service.computations import Computations
from mock_runtime.service.conditions import ConditionsSnapshot
from mock_runtime.service.happenings import Happenings
from mock_runtime.service.jobs import JobService
from mock_runtime.service.parts import Limits, Parts
from mock_runtime.service.programs import CreateProgram, ProgramService
from mock_runtime.service.prospects import AllSessions, JobAhead, JobsAhead
from mock_runtime.service.rates import RateSnapshot, SubmissionRate
from mock_runtime.service.reports import ReportService
from mock_runtime.service.sessions import OpenSession, SessionService
from mock_runtime.service.usage import Usage, UsageService
from mock_runtime.service.views import JobView, SessionView
from mock_runtime.worlds.beginnings import Beginnings

__all__ = [
    "AllSessions",
    "BackendService",
    "CreateProgram",
    "Happenings",
    "InvalidBeginning",
    "JobAhead",
    "JobPage",
    "JobService",
    "JobView",
    "JobsAhead",
    "Limits",
    "ListJobs",
    "OpenSession",
    "Parts",
    "ProgramService",
    "ReportService",
    "RuntimeService",
    "ServiceSnapshot",
    "SessionService",
    "SessionView",
    "SubmitJob",
    "Usage",
    "UsageService",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSnapshot:
    """All that changes behind the use cases, as it was at an instant."""

    store: object
    script: Scenario
    ids: IdsSnapshot
    rate: RateSnapshot
    conditions: ConditionsSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeService:
    """All use cases, for callers who are already known; and what happens beside them."""

    jobs: JobService
    programs: ProgramService
    sessions: SessionService
    backends: BackendService
    usage: UsageService
    reports: ReportService
    happenings: Happenings
    parts: Parts
    computations: Computations
    rate: SubmissionRate

    @staticmethod
    def of(parts: Parts) -> RuntimeService:
        """The use cases over one set of parts."""
        computations, rate = Computations(parts), SubmissionRate(parts.limits.jobs_per_minute)
        return RuntimeService(
            jobs=JobService(parts, computations, rate),
            programs=ProgramService(parts),
            sessions=SessionService(parts),
            backends=BackendService(parts),
            usage=UsageService(parts),
            reports=ReportService(parts),
            happenings=Happenings(parts, computations),
            parts=parts,
            computations=computations,
            rate=rate,
        )

    def begin(
        self,
        beginnings: Beginnings,
        *,
        find_caller: Callable[[str | None, str | None], Caller],
        as_inputs: Callable[[Any], Any],
    ) -> None:
        """Put jobs and sessions into the world that are there at the start; InvalidBeginning, and then none of them.

        `find_caller` knows whose a token's name and an instance's name are (LookupError), `as_inputs` makes of a JSON
        value the inputs that the edition keeps. A completed job without an output is at work until that is computed,
        and ends in the past then: `jobs.settle` waits for it.
        """
        with self.parts.lock:
            before = self.snapshot()
            try:
                begin(self.parts, self.computations, beginnings, find_caller=find_caller, as_inputs=as_inputs)
            except InvalidBeginning:
                self.rollback(before)
                raise

    def restart(self) -> None:
        """Begin again: the world, the scenario, the ids and the random numbers of the start."""
        parts = self.parts
        with parts.lock:
            self.jobs.restart()
            parts.store.restart(parts.world.programs)
            parts.script.reset()
            parts.ids.restart()

    def snapshot(self) -> ServiceSnapshot:
        """All that changes, taken at one instant. What is being computed is computed anew after a rollback."""
        parts = self.parts
        with parts.lock:
            return ServiceSnapshot(
                store=parts.store.snapshot(),
                script=parts.script.snapshot(),
                ids=parts.ids.snapshot(),
                rate=self.rate.snapshot(),
                conditions=parts.conditions.snapshot(),
            )

    def rollback(self, kept: ServiceSnapshot) -> None:
        """Make everything what it was, as often as one likes.

        The clock is not ours: whoever puts it back does so before. What was being computed then is computed again, with
        the same seed, and what is computed for others is given up.
        """
        parts = self.parts
        with parts.lock:
            self.computations.give_up_all()
            parts.store.rollback(kept.store)
            parts.script.rollback(kept.script)
            parts.ids.rollback(kept.ids)
            self.rate.rollback(kept.rate)
            parts.conditions.rollback(kept.conditions)
            jobs, _ = parts.store.all_jobs()
            self.computations.resume(reversed(jobs), parts.clock.now())
