"""What the use cases of jobs are asked for, and a page of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mock_runtime.domain.instances import NO_PROJECT, Caller, Project
from mock_runtime.domain.jobs import Job
from mock_runtime.service.views import JobView


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitJob:
    """Run a program. What is None, and what the project leaves open, gets the caller's default."""

    caller: Caller
    program_id: str
    inputs: Any = ()
    backend: str | None = None
    project: Project = NO_PROJECT
    image: str | None = None
    tags: tuple[str, ...] = ()
    session_id: str | None = None
    calibration_id: str | None = None
    cost_s: float | None = None
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJobs:
    """List the tenant's jobs, newest first unless `ascending`: `limit` of them after the first `offset`.

    The rest are conditions that all have to hold; None, and no tags, mean no condition. `pending` jobs are those that
    are not final. Instants are seconds since 1970; a job created at one of them is within it.
    """

    caller: Caller
    limit: int
    offset: int
    pending: bool | None = None
    program_id: str | None = None
    backend: str | None = None
    session_id: str | None = None
    tags: frozenset[str] = frozenset()
    created_after: float | None = None
    created_before: float | None = None
    ascending: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it asks for a page of all jobs, newest first."""
        conditions = (self.pending, self.program_id, self.backend, self.session_id)
        times = (self.created_after, self.created_before)
        return all(value is None for value in (*conditions, *times)) and not self.tags and not self.ascending

    def admits(self, job: Job) -> bool:
        """Whether a job meets the conditions that do not depend on the time of asking."""
        return (
            (self.program_id is None or job.program_id == self.program_id)
            and (self.backend is None or job.backend == self.backend)
            and (self.session_id is None or job.session_id == self.session_id)
            and (self.created_after is None or job.submitted_at >= self.created_after)
            and (self.created_before is None or job.submitted_at <= self.created_before)
            and self.tags <= set(job.tags)
        )


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some of the tenant's jobs, and how many there are in all."""

    jobs: Sequence[JobView]
    count: int
