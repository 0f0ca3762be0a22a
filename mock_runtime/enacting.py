"""What a fault does to the world is carried out here: to jobs, to backends, and to the tokens of a caller."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from mock_runtime.domain.errors import DomainError, JobNotFound
from mock_runtime.faults.events import Event, Happening
from mock_runtime.scenario import InvalidScenario

if TYPE_CHECKING:
    from mock_runtime.service import RuntimeService
    from mock_runtime.service.happenings import Happenings
    from mock_runtime.standing import Standing

LOG: Final = logging.getLogger("mock_runtime")


class Enacting:
    """Carries out what happens to one world."""

    def __init__(self, service: RuntimeService, standing: Standing) -> None:
        self._service = service
        self._standing = standing

    def enact(self, event: Event, made: str | None = None) -> bool:
        """Let it happen, and say whether it did; `made` is the job that the request has made, or was about.

        What cannot happen, to a job that has ended in the meantime or is not there, is told in the log: the request
        that met the rule is answered all the same.
        """
        try:
            self._enact(event, made)
        except (DomainError, InvalidScenario) as error:
            LOG.warning("fault %s: %s did not happen: %s", event.rule, event.kind, error)
            return False
        return True

    def _enact(self, event: Event, made: str | None) -> None:
        if event.kind in _TO_JOBS:
            _TO_JOBS[event.kind](self._service.happenings, self._job_of(event, made), event)
        elif event.kind in _TO_BACKENDS:
            _TO_BACKENDS[event.kind](self._service.happenings, event)
        elif event.caller is not None:
            tell = self._standing.expire if event.kind is Happening.TOKEN_EXPIRED else self._standing.revoke
            tell(event.caller)

    def _job_of(self, event: Event, made: str | None) -> str:
        if event.job_number is not None:
            made = self._service.jobs.id_of(event.job_number)
            if made is None:
                raise JobNotFound(f"#{event.job_number}")
        job = event.job or made
        if job is None:
            raise DomainError("the request made no job")
        return job


_TO_JOBS: Final[Mapping[Happening, Callable[[Happenings, str, Event], object]]] = {
    Happening.REQUEUE: lambda world, job, event: world.requeue(job, event.queue),
    Happening.FINISH: lambda world, job, _event: world.finish(job),
    Happening.FAIL: lambda world, job, event: world.fail(job, event.reason),
    Happening.CANCEL: lambda world, job, _event: world.cancel(job),
    Happening.LOSE_RESULT: lambda world, job, _event: world.lose_result(job),
    Happening.WITHHOLD_RESULT: lambda world, job, _event: world.withhold_result(job),
    Happening.OUTRUN_CANCEL: lambda world, job, _event: world.outrun_cancel(job),
}
_TO_BACKENDS: Final[Mapping[Happening, Callable[[Happenings, Event], object]]] = {
    Happening.BACKEND_OFFLINE: lambda world, event: world.backend_offline(
        event.backend or "*", event.reason or "", event.for_s
    ),
    Happening.BACKEND_PAUSED: lambda world, event: world.backend_paused(
        event.backend or "*", event.reason or "", event.for_s
    ),
    Happening.BACKEND_ONLINE: lambda world, event: world.backend_online(event.backend or "*"),
    Happening.MAINTENANCE: lambda world, event: world.maintenance(event.in_s, event.for_s, event.reason or ""),
}
