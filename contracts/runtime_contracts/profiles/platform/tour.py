"""A fixed tour through the lives of a few jobs and sessions: every step once, in an order that makes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runtime_contracts.exchange import json_body
from runtime_contracts.walking import brief, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_contracts.profiles.platform.jobs import JobCalls
    from runtime_contracts.profiles.platform.lists import ListCalls
    from runtime_contracts.profiles.platform.model import Job
    from runtime_contracts.profiles.platform.sessions import SessionCalls

_LIMIT_S: Final = 2**31 - 1


def tour(jobs: JobCalls, lists: ListCalls, sessions: SessionCalls, wait: Callable[[], None]) -> None:
    """Take the tour. `wait` lets some time pass.

    Raises:
        LifecycleFaultError: the server contradicts itself or the model.
    """
    raise_limit(jobs)
    _tour_of_jobs(jobs, lists, wait)
    _tour_of_sessions(jobs, sessions, lists, wait)
    sessions.nonsense()


def raise_limit(jobs: JobCalls) -> None:
    """Set the limit of the instance as high as it goes, so that no job is refused for what earlier ones have used."""
    operation, headers = "replace_instance_configuration", {**jobs.access.headers, "Content-Type": "application/json"}
    answer = jobs.exchange.call(operation, headers=headers, body=json_body({"instance_limit": _LIMIT_S}))
    if answer.status != 204:
        fault("change_accepted", operation, f"expected 204, found {brief(answer)}", jobs.exchange.steps(1))
    found = jobs.exchange.call("get_instance_configuration", headers=jobs.access.headers).get("instance_limit")
    if found != _LIMIT_S:
        message = f"instance_limit: set {_LIMIT_S}, found {found}"
        fault("read_what_was_sent", "get_instance_configuration", message, jobs.exchange.steps(2))


def _tour_of_jobs(jobs: JobCalls, lists: ListCalls, wait: Callable[[], None]) -> None:
    lists.usage()
    counted = lists.counted()
    first, second, third = jobs.submit(), jobs.submit(), jobs.submit(private=True)
    for limit, offset in ((1, 0), (2, 1), (200, 0), (1, 5)):
        lists.page(limit=limit, offset=offset)
        lists.page(limit=limit, offset=offset, ascending=True)
    lists.all(page=2)
    for excluded in (True, False):
        lists.params(excluded=excluded)
        jobs.read(first, params=not excluded)
    jobs.strangers(first)
    lists.strangers()
    jobs.tag(first, ["one", "two"])
    lists.tags()
    lists.filtered(first)
    for look in (jobs.results, jobs.logs, jobs.metrics, jobs.cancel, jobs.cancel, jobs.results, jobs.logs):
        look(second)
    for pending in (True, False):
        lists.pending(pending=pending)
    lists.workloads(page=1)
    fourth = jobs.submit()
    if jobs.until(fourth, lambda: fourth.status != "Queued", wait):
        jobs.cancel(fourth)
    _ends(jobs, first, others=[second, third, fourth], wait=wait)
    lists.usage()
    if lists.counted() < counted + 1:
        fault("analytics_count_jobs", "analytics_usage", "a new job is not counted", jobs.exchange.steps(1))
    lists.workloads(page=50)
    for job in (first, second, third, fourth):
        jobs.delete(job)
    for look in (jobs.results, jobs.logs, jobs.metrics, jobs.cancel, jobs.delete):
        look(first)
    lists.filtered(first)
    lists.tags()
    lists.usage()


def _ends(jobs: JobCalls, first: Job, *, others: list[Job], wait: Callable[[], None]) -> None:
    if not jobs.until(first, lambda: first.final, wait):
        jobs.exchange.collector.note(f"no job has ended while the run waited, so ends were not seen: {first.status}")
        return
    for job in (first, *others):
        jobs.finish(job, wait)


def _tour_of_sessions(jobs: JobCalls, sessions: SessionCalls, lists: ListCalls, wait: Callable[[], None]) -> None:
    empty = sessions.create(dedicated=True)
    sessions.strangers(empty)
    sessions.stop(empty)
    sessions.submit(empty)
    batch = sessions.create(dedicated=False)
    inside = [sessions.submit(batch), sessions.submit(batch)]
    if inside[0] is not None:
        lists.filtered(inside[0])
    sessions.stop(batch)
    sessions.submit(batch)
    ended = all(jobs.until(job, lambda job=job: job.final, wait) for job in inside if job is not None)  # type: ignore[misc]
    sessions.read(batch)
    if ended and not batch.closed:
        fault("stopped_ends", "get_session", "every job has ended, and the batch is not closed", batch.steps)
    open_ = sessions.create(dedicated=True)
    sessions.submit(open_)
    sessions.submit(open_)
    sessions.close(open_)
    sessions.submit(open_)
    sessions.strangers(open_)
    for job in jobs.present:
        jobs.delete(job)
