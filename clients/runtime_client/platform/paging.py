"""Lists that go on from page to page; how a page is had is the caller's affair."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from runtime_client.errors import ContractViolation
from runtime_client.platform import operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runtime_client.platform.job_models import JobInfo, JobPage
    from runtime_client.platform.operations import Operation
    from runtime_client.platform.options import JobFilters, WorkloadFilters
    from runtime_client.platform.service_models import Workload, WorkloadPage


# A job submitted meanwhile pushes the others down, so that small pages may come again; not time after time, though.
_STALE_PAGES = 3


def all_jobs(run: Callable[[Operation[JobPage]], JobPage], page_size: int, filters: JobFilters) -> Iterator[JobInfo]:
    """Return an iterator over the jobs of all pages, each job once; wrong arguments are refused before it is used."""
    first = operations.list_jobs(limit=page_size, offset=0, filters=filters)
    return _jobs(run, first, page_size, filters)


def _jobs(
    run: Callable[[Operation[JobPage]], JobPage], operation: Operation[JobPage], page_size: int, filters: JobFilters
) -> Iterator[JobInfo]:
    seen: set[str] = set()
    offset = stale = 0
    while (page := run(operation)).jobs:
        before = len(seen)
        for job in page.jobs:
            if job.id not in seen:
                seen.add(job.id)
                yield job
        stale = 0 if len(seen) > before else stale + 1
        if stale == _STALE_PAGES:
            raise ContractViolation("list_jobs", 200, f"expected other jobs at offset {offset}")
        offset += len(page.jobs)
        if page.count is not None and offset >= page.count:
            return
        operation = operations.list_jobs(limit=page_size, offset=offset, filters=filters)


def all_workloads(
    run: Callable[[Operation[WorkloadPage]], WorkloadPage], page_size: int, filters: WorkloadFilters
) -> Iterator[Workload]:
    """Return an iterator over the workloads of all pages; wrong arguments are refused before it is used."""
    first = operations.list_workloads(limit=page_size, next_cursor=None, previous_cursor=None, filters=filters)
    return _workloads(run, first, page_size, filters)


def _workloads(
    run: Callable[[Operation[WorkloadPage]], WorkloadPage],
    operation: Operation[WorkloadPage],
    page_size: int,
    filters: WorkloadFilters,
) -> Iterator[Workload]:
    seen: set[str] = set()
    while True:
        page = run(operation)
        yield from page.workloads
        if page.next is None or page.next.href is None:
            return
        cursor = _cursor(page.next.href)
        if cursor is None or cursor in seen:
            raise ContractViolation(operation.call.operation, 200, "/next/href: expected a link with a new cursor")
        seen.add(cursor)
        operation = operations.list_workloads(
            limit=page_size, next_cursor=cursor, previous_cursor=None, filters=filters
        )


def _cursor(href: str) -> str | None:
    """Return the cursor in a link to the next page, None when there is none; its address is nobody's business."""
    try:
        found = parse_qs(urlsplit(href).query, errors="strict").get("next")
    except ValueError:
        return None
    return found[0] if found else None
