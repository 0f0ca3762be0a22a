"""Lists that go on from page to page: every item once, and always an end."""

from __future__ import annotations

import pytest

from runtime_client import ContractViolation
from runtime_client.platform import RuntimeClient
from tests.runtime_client.platform.answers import job_json, workload_json
from tests.runtime_client.scripted import Scripted, Service, json_answer


def jobs_page(*names: str, offset: int = 0, count: int | None = None) -> Scripted:
    """Return a page of jobs."""
    told = {} if count is None else {"count": count}
    return json_answer({"jobs": [job_json(id=name) for name in names], "limit": 2, "offset": offset} | told)


def workloads_page(*names: str, following: object = None) -> Scripted:
    """Return a page of workloads, with the link to the next one."""
    link = {} if following is None else {"next": following}
    return json_answer({"workloads": [workload_json(name) for name in names], "total_count": 3, "limit": 2} | link)


def test_jobs_until_the_count(platform: RuntimeClient, service: Service) -> None:
    """Asks for pages until as many jobs have come as the service counts."""
    service.answers(jobs_page("a", "b", count=3), jobs_page("c", offset=2, count=3))
    assert [job.id for job in platform.jobs(page_size=2, backend="ibm_fez")] == ["a", "b", "c"]
    assert service.lines == [
        "GET /api/v1/jobs?limit=2&offset=0&backend=ibm_fez",
        "GET /api/v1/jobs?limit=2&offset=2&backend=ibm_fez",
    ]


def test_jobs_without_a_count(platform: RuntimeClient, service: Service) -> None:
    """Asks for pages until one is empty where the service does not count."""
    service.answers(jobs_page("a", "b"), jobs_page("c", offset=2), jobs_page(offset=3))
    assert [job.id for job in platform.jobs(page_size=2)] == ["a", "b", "c"]


def test_jobs_that_come_again(platform: RuntimeClient, service: Service) -> None:
    """Yields a job once that another one has pushed to the next page."""
    service.answers(jobs_page("a", "b", count=4), jobs_page("b", "c", offset=2, count=4))
    assert [job.id for job in platform.jobs(page_size=2)] == ["a", "b", "c"]


def test_jobs_without_end(platform: RuntimeClient, service: Service) -> None:
    """Refuses a service that gives the same page for every offset."""
    service.route = lambda _: jobs_page("a", "b", count=10**9)
    found = []
    with pytest.raises(ContractViolation, match="expected other jobs at offset 6"):
        found += [job.id for job in platform.jobs(page_size=2)]
    assert len(service.sent) == 4


def test_a_page_that_came_already(platform: RuntimeClient, service: Service) -> None:
    """Goes on after a page with nothing new: jobs submitted meanwhile have pushed it down."""
    service.answers(jobs_page("a", "b"), jobs_page("a", "b", offset=2), jobs_page("c", offset=4), jobs_page(offset=5))
    assert [job.id for job in platform.jobs(page_size=2)] == ["a", "b", "c"]


def test_arguments_are_looked_at_first(platform: RuntimeClient, service: Service) -> None:
    """Refuses a page size before the first item is asked for."""
    with pytest.raises(ValueError, match="limit: expected an integer of at most 200"):
        platform.jobs(page_size=201)
    with pytest.raises(ValueError, match="limit: expected an integer of at most 50"):
        platform.workloads(page_size=51)
    assert service.lines == []


def test_workloads(platform: RuntimeClient, service: Service) -> None:
    """Takes the cursor of each link, and nothing else of it, until there is none."""
    first = {"href": "https://evil.test/v1/workloads?limit=50&next=abc%3D&previous=x"}
    service.answers(workloads_page("a", "b", following=first), workloads_page("c", following={}))
    assert [item.id for item in platform.workloads(page_size=2, mode="job")] == ["a", "b", "c"]
    assert service.lines == [
        "GET /api/v1/workloads?limit=2&mode=job",
        "GET /api/v1/workloads?limit=2&next=abc%3D&mode=job",
    ]


@pytest.mark.parametrize("href", ["", "https://h/v1/workloads", "?next=", "http://[", "?next=%ff", "?previous=a"])
def test_links_without_a_cursor(platform: RuntimeClient, service: Service, href: str) -> None:
    """Refuses a link that leads nowhere."""
    service.answers(workloads_page("a", following={"href": href}))
    with pytest.raises(ContractViolation, match="/next/href: expected a link with a new cursor"):
        list(platform.workloads())


def test_workloads_without_end(platform: RuntimeClient, service: Service) -> None:
    """Refuses a link that leads back to where it came from."""
    service.route = lambda _: workloads_page("a", following={"href": "?next=abc"})
    with pytest.raises(ContractViolation, match="expected a link with a new cursor"):
        list(platform.workloads())
    assert len(service.sent) == 2
