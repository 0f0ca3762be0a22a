"""Lists that go on from page to page; how a page is had is the caller's affair."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from runtime_client.errors import ContractViolation
from runtime_client.platform import operations

if TYPE_CHECKING:
    from runtime_client.flows import Pages
    from runtime_client.operation import Operation
    from runtime_client.platform.job_models import JobInfo, JobPage
    from runtime_client.platform.options import JobFilters, WorkloadFilters
    from runtime_client.platform.service_models import Workload, WorkloadPage

# A job submitted meanwhile pushes the others down, so that small pages may come again; not time after time, though.
_STALE_PAGES = 3


def all_jobs(page_size: int, filters: JobFilters) -> Pages[JobInfo]:
    """Return the jobs of all pages, each job once; wrong arguments are refused before the first page is asked for."""
    first = operations.list_jobs(limit=page_size, offset=0, filters=filters)
    return _jobs(first, page_size, filters)


def _jobs(operation: Operation[JobPage], page_size: int, filters: JobFilters) -> Pages[JobInfo]:
    seen: set[str] = set()
    offset = stale = 0
    while True:
        page: JobPage = yield operation
        if not page.jobs:
            return
        # A page may hold a job twice, too.
        fresh = {job.id: job for job in page.jobs[::-1] if job.id not in seen}
        yield tuple(fresh[name] for name in dict.fromkeys(job.id for job in page.jobs) if name in fresh)
        seen.update(fresh)
        stale = 0 if fresh else stale + 1
        if stale == _STALE_PAGES:
            raise ContractViolation("list_jobs", 200, f"expected other jobs at offset {offset}")
        offset += len(page.jobs)
        if page.count is not None and offset >= page.count:
            return
        operation = operations.list_jobs(limit=page_size, offset=offset, filters=filters)


def all_workloads(page_size: int, filters: WorkloadFilters) -> Pages[Workload]:
    """Return the workloads of all pages; wrong arguments are refused before the first page is asked for."""
    first = operations.list_workloads(limit=page_size, next_cursor=None, previous_cursor=None, filters=filters)
    return _workloads(first, page_size, filters)


def _workloads(operation: Operation[WorkloadPage], page_size: int, filters: WorkloadFilters) -> Pages[Workload]:
    seen: set[str] = set()
    while True:
        page: WorkloadPage = yield operation
        yield page.workloads
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
