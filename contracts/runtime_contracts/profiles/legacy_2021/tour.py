"""A fixed tour through the lives of a few jobs and one program: every step once, in an order that makes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime_contracts.profiles.legacy_2021.jobs import inputs_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_contracts.profiles.legacy_2021.jobs import JobCalls
    from runtime_contracts.profiles.legacy_2021.model import Job
    from runtime_contracts.profiles.legacy_2021.programs import ProgramCalls
    from runtime_contracts.profiles.legacy_2021.sessions import SessionCalls


def tour(
    jobs: JobCalls,
    programs: ProgramCalls,
    sessions: SessionCalls,
    *,
    program_id: str,
    knows: bool,
    wait: Callable[[], None],
) -> None:
    """Take the tour. `wait` lets some time pass; `knows` tells whether the program of the walkthrough is there.

    Raises:
        LifecycleFaultError: the server contradicts itself or the model.
    """
    _tour_of_jobs(jobs, program_id, knows=knows, wait=wait)
    _tour_of_programs(programs)
    sessions.forget_rights()
    sessions.end_session()
    for unknown in ("programId", "backend"):
        sessions.submit_nonsense(unknown)


def _tour_of_jobs(jobs: JobCalls, program_id: str, *, knows: bool, wait: Callable[[], None]) -> None:
    jobs.list_page(limit=1, offset=0)
    requests = [{"programId": program_id, "params": [inputs_text({"iterations": number})]} for number in range(3)]
    first, second, third = [jobs.submit(request) for request in requests]
    jobs.list_all(page=1)
    for limit, offset in ((1, 0), (1, 1), (2, 1), (0, 0)):
        jobs.list_page(limit=limit, offset=offset)
    jobs.strangers(first)
    for look in (jobs.results, jobs.logs, jobs.cancel, jobs.cancel, jobs.results, jobs.logs):
        look(second)
    for pending in (True, False):
        jobs.list_pending(pending=pending)
    known = jobs.submit_known() if knows else None
    _ends(jobs, first, cancelled=(second, third), known=known, wait=wait)
    for job in (first, second, third, *([] if known is None else [known])):
        jobs.delete(job)


def _ends(
    jobs: JobCalls, first: Job, *, cancelled: tuple[Job, Job], known: Job | None, wait: Callable[[], None]
) -> None:
    """See how jobs end: one by itself, one that was cancelled while it was queued, and one that is while it runs."""
    if jobs.until_started(cancelled[1], wait):
        jobs.cancel(cancelled[1])
    jobs.results(first)
    if not jobs.until_ended(first, wait):
        jobs.exchange.collector.note(f"no job has ended while the run waited, so ends were not seen: {first.status}")
        return
    jobs.finish(first, wait)
    for job in cancelled:
        jobs.cancelled_ends(job, wait)
        jobs.finish(job, wait)
    if known is not None:
        jobs.until_ended(known, wait)
        jobs.known_result(known)


def _tour_of_programs(programs: ProgramCalls) -> None:
    program = programs.create(cost=300, description="A program of the tour.")
    if program is None:
        return
    programs.listed()
    programs.replace(program, source=b"# another source\n")
    for public in (True, True, False):
        programs.publish(program, public=public)
    programs.run(program)
    programs.delete(program)
    programs.listed()
    programs.run(program)
