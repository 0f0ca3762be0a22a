"""The use cases of the Runtime service, and their commands. Each reads the clock once."""

from __future__ import annotations

from dataclasses import dataclass

from mock_runtime.service.backends import BackendService
from mock_runtime.service.jobs import JobPage, JobService, ListJobs, SubmitJob
from mock_runtime.service.parts import Limits, Parts
from mock_runtime.service.programs import CreateProgram, ProgramService
from mock_runtime.service.reports import ReportService
from mock_runtime.service.sessions import OpenSession, SessionService
from mock_runtime.service.usage import Usage, UsageService
from mock_runtime.service.views import JobView, SessionView

__all__ = [
    "BackendService",
    "CreateProgram",
    "JobPage",
    "JobService",
    "JobView",
    "Limits",
    "ListJobs",
    "OpenSession",
    "Parts",
    "ProgramService",
    "ReportService",
    "RuntimeService",
    "SessionService",
    "SessionView",
    "SubmitJob",
    "Usage",
    "UsageService",
]


@dataclass(frozen=True, slots=True)
class RuntimeService:
    """All use cases, for callers who are already known."""

    jobs: JobService
    programs: ProgramService
    sessions: SessionService
    backends: BackendService
    usage: UsageService
    reports: ReportService

    @staticmethod
    def of(parts: Parts) -> RuntimeService:
        """The use cases over one set of parts."""
        return RuntimeService(
            jobs=JobService(parts),
            programs=ProgramService(parts),
            sessions=SessionService(parts),
            backends=BackendService(parts),
            usage=UsageService(parts),
            reports=ReportService(parts),
        )
