"""A fixed tour through the lives of a few jobs and one program: every step once, in an order that makes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime_contracts.lifecycle_jobs import inputs_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_contracts.lifecycle_jobs import JobCalls
    from runtime_contracts.lifecycle_programs import ProgramCalls
    from runtime_contracts.lifecycle_sessions import SessionCalls


def tour(
    jobs: JobCalls,
    programs: ProgramCalls,
    sessions: SessionCalls,
    *,
    program_id: str,
    advance: Callable[[], None] | None,
) -> None:
    """Take the tour. Without `advance`, time passes by itself, and what a job leaves behind is looked at elsewhere.

    Raises:
        LifecycleFaultError: the server contradicts itself or the model.
    """
    _tour_of_jobs(jobs, program_id, advance)
    _tour_of_programs(programs)
    sessions.forget_rights()
    sessions.end_session()
    for unknown in ("programId", "backend"):
        sessions.submit_nonsense(unknown)


def _tour_of_jobs(jobs: JobCalls, program_id: str, advance: Callable[[], None] | None) -> None:
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
    if advance is not None:
        for _ in range(2):
            advance()
            jobs.read(second)
            jobs.results(first)
        jobs.finish(first, advance)
        jobs.finish(second, advance)
    for job in (first, second, third):
        jobs.delete(job)


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
