"""Journeys of today about lists: pages, filters, orders, workloads and their cursors, tags, usage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from runtime_contracts.journeys import journey, skip
from runtime_contracts.profiles.platform.known import cursor_in
from runtime_contracts.profiles.platform.scene import listed
from runtime_contracts.violation import shown
from runtime_contracts.walking import fault

if TYPE_CHECKING:
    from runtime_contracts.exchange import Answer
    from runtime_contracts.profiles.platform.jobs import JobCalls
    from runtime_contracts.profiles.platform.scene import PlatformScene

_PAGES: Final = 30
WORKLOADS: Final = "find_instance_workloads"


def _ids(answer: Answer, key: str = "jobs") -> list[str]:
    return [str(entry.get("id")) for entry in listed(answer, key)]


def _read(scene: PlatformScene, jobs: JobCalls, **query: Any) -> Answer:
    return scene.get("list_jobs", query=urlencode({"tags": jobs.mark, **query}, doseq=True))


@journey()
def paging_visits_each_job_once_while_new_ones_arrive(scene: PlatformScene) -> None:
    """Pages in the order of creation have each job once, although jobs are submitted between the pages."""
    jobs = scene.jobs()
    for _ in range(4):
        jobs.submit()
    found: list[str] = []
    for number in range(_PAGES):
        ids = _ids(_read(scene, jobs, limit=2, offset=len(found), sort="ASC"))
        if not ids:
            break
        found += ids
        if number < 2:
            jobs.submit()
    wanted = [job.id for job in jobs.jobs]
    steps = [job.steps[0] for job in jobs.jobs]
    if len(set(found)) != len(found):
        fault("no_job_twice", "list_jobs", "a job came on two pages", [*steps, *scene.exchange.steps(6)])
    if found != wanted:
        message = f"expected {shown(wanted)}, found {shown(found)}"
        fault("no_job_missing", "list_jobs", message, [*steps, *scene.exchange.steps(6)])


@journey()
def pages_are_stretches_of_the_list(scene: PlatformScene) -> None:
    """A page has the length that was asked for, in the order that was asked for, and says how many there are in all."""
    jobs, lists, _ = scene.calls()
    for _ in range(4):
        jobs.submit()
    for limit, offset in ((1, 0), (2, 0), (2, 1), (3, 2), (200, 0), (2, 9)):
        for ascending in (False, True):
            lists.page(limit=limit, offset=offset, ascending=ascending)
    for page in (1, 3):
        lists.all(page=page)


@journey()
def a_page_of_no_stated_length_has_two_hundred(scene: PlatformScene) -> None:
    """Without limit, offset and sort a list begins with the newest job, and has two hundred on a page."""
    jobs = scene.jobs()
    for _ in range(12):
        jobs.submit()
    answer = _read(scene, jobs)
    wanted = [job.id for job in reversed(jobs.jobs)]
    if _ids(answer) != wanted:
        message = f"of {len(wanted)} jobs, newest first, found {len(_ids(answer))}: {shown(_ids(answer))}"
        scene.fault("list_is_in_order", "list_jobs", message)
    said = {"limit": answer.get("limit"), "offset": answer.get("offset"), "count": answer.get("count")}
    if said != {"limit": 200, "offset": 0, "count": len(wanted)}:
        scene.fault("page_says_where_it_is", "list_jobs", f"expected 200, 0 and {len(wanted)}, found {shown(said)}")


@journey()
def filters_select(scene: PlatformScene) -> None:
    """Each filter of the list of jobs selects the jobs that it names, and no other."""
    jobs, _, sessions = scene.calls()
    session = sessions.create(dedicated=False)
    inside, first, second = sessions.submit(session), jobs.submit(), jobs.submit()
    jobs.tag(first, ["red", "blue"])
    jobs.tag(second, ["red"])
    everything = {job.id for job in jobs.jobs}
    within = set() if inside is None else {inside.id}
    for query, wanted in (
        ({"tags": [jobs.mark, "red"]}, {first.id, second.id}),
        ({"tags": [jobs.mark, "red", "blue"]}, {first.id}),
        ({"tags": [jobs.mark, "green"]}, set()),
        ({"session_id": session.id}, within),
        ({"session_id": "no-such-session"}, set()),
        ({"program": "sampler"}, everything),
        ({"program": "estimator"}, set()),
        ({"backend": jobs.backend}, everything),
        ({"backend": "no-such-backend"}, set()),
    ):
        _selects(scene, jobs, query, wanted)


def _selects(scene: PlatformScene, jobs: JobCalls, query: dict[str, Any], wanted: set[str]) -> None:
    found = set(_ids(_read(scene, jobs, **query)))
    if found != wanted:
        message = f"{urlencode(query, doseq=True)}: expected {shown(sorted(wanted))}, found {shown(sorted(found))}"
        steps = [step for job in jobs.jobs for step in job.steps]
        fault("filter_selects", "list_jobs", message, [*steps, *scene.exchange.steps(1)])


@journey()
def times_select(scene: PlatformScene) -> None:
    """created_after and created_before select by the time of creation, also when it has an offset."""
    jobs = scene.jobs()
    early = jobs.submit()
    for _ in range(2 if scene.wait.by_hand else 6):
        scene.wait()
    late = jobs.submit()
    created = [str(scene.get("get_job", id=job.id).get("created")) for job in (early, late)]
    if created[0][:19] >= created[1][:19]:
        skip("two jobs were created within a second")
    middle = f"{created[1][:19]}Z"
    for query, wanted in (
        ({"created_after": middle}, {late.id}),
        ({"created_before": middle}, {early.id}),
        ({"created_after": f"{created[1][:19]}+00:00"}, {late.id}),
        ({"created_before": "2001-01-01T00:00:00Z"}, set()),
        ({"created_after": "2301-01-01T00:00:00Z"}, set()),
        ({"created_after": "2001-01-01T00:00:00Z", "created_before": "2301-01-01T00:00:00Z"}, {early.id, late.id}),
    ):
        found = set(_ids(_read(scene, jobs, **query)))
        # What was created in the very second may be on either side.
        if found - {late.id} != wanted - {late.id} or (late.id in found) != (late.id in wanted):
            if late.id in found and query == {"created_before": middle}:
                continue
            steps = [job.steps[0] for job in jobs.jobs]
            message = f"{urlencode(query)}: expected {shown(sorted(wanted))}, found {shown(sorted(found))}"
            fault("filter_selects", "list_jobs", message, [*steps, *scene.exchange.steps(1)])


@journey()
def pending_selects(scene: PlatformScene) -> None:
    """pending=true lists the jobs that have not ended, pending=false those that have, and without it all are listed."""
    jobs, _, done = scene.ended()
    waiting = jobs.submit()
    jobs.read(waiting)
    if waiting.final:
        skip("no job was seen waiting")
    both = {done.id, waiting.id}
    found = {name: set(_ids(_read(scene, jobs, **query))) for name, query in (
        ("pending=true", {"pending": "true"}), ("pending=false", {"pending": "false"}), ("neither", {}))}  # fmt: skip
    jobs.read(waiting)
    if waiting.final:
        skip("the job ended meanwhile")
    for name, wanted in (("pending=true", {waiting.id}), ("pending=false", {done.id}), ("neither", both)):
        if found[name] != wanted:
            message = f"{name}: expected {shown(sorted(wanted))}, found {shown(sorted(found[name]))}"
            fault("pending_selects", "list_jobs", message, [*done.steps, *waiting.steps, *scene.exchange.steps(4)])


@journey()
def workloads_lead_on_and_back(scene: PlatformScene) -> None:
    """The cursors of workloads lead through all of them, each once, and back again."""
    jobs, lists, _ = scene.calls()
    for _ in range(5):
        jobs.submit()
    lists.workloads(page=2)
    query = {"tags": jobs.mark, "limit": 2}
    first = scene.get(WORKLOADS, query=urlencode(query))
    if len(_ids(first, "workloads")) != 2:
        found = len(_ids(first, "workloads"))
        scene.fault("page_has_its_length", WORKLOADS, f"expected 2 workloads, found {found}")
    if first.get("total_count") not in {None, 5}:
        scene.fault("list_counts_all", WORKLOADS, f"total_count: expected 5, found {shown(first.get('total_count'))}")
    cursor = cursor_in(first.get("next"))
    if cursor is None:
        scene.fault("cursors_lead_on", WORKLOADS, "five workloads, two on a page, and no link to the next")
    second = scene.get(WORKLOADS, query=urlencode({**query, "next": cursor}))
    back = cursor_in(second.get("previous"))
    if back is None:
        scene.fault("cursors_lead_on", WORKLOADS, "the second page has no link to the one before")
    again = scene.get(WORKLOADS, query=urlencode({**query, "previous": back}))
    if _ids(again, "workloads") != _ids(first, "workloads"):
        scene.fault("cursors_lead_on", WORKLOADS, "the way back does not lead to the first page")


@journey()
def workloads_are_selected(scene: PlatformScene) -> None:
    """Each filter of workloads selects what it names, and the order is that of creation, or the other way round."""
    jobs, _, done = scene.ended()
    sessions = scene.calls()[2]
    waiting = jobs.submit()
    session = sessions.create(dedicated=False)
    jobs.read(waiting)
    wanted_now = set() if waiting.final else {waiting.id}
    mine = {"tags": jobs.mark}
    for query, there, absent in (
        ({"mode": "job", "limit": 50}, {done.id}, {session.id}),
        ({"mode": "batch", "limit": 50}, {session.id}, {done.id, waiting.id}),
        ({**mine, "status": "completed"}, {done.id} if done.status == "Completed" else set(), wanted_now),
        ({**mine, "backend": jobs.backend}, {done.id, waiting.id}, set()),
        ({"search": jobs.mark, "limit": 50}, {done.id, waiting.id}, {session.id}),
    ):
        _works(scene, jobs, query, there, absent)
    for nothing in (
        {"backend": "no-such-backend"},
        {"tags": "no-such-tag-at-all"},
        {"search": "no-such-tag-at-all"},
        {"created_after": "2301-01-01T00:00:00Z"},
        {"created_before": "2001-01-01T00:00:00Z"},
    ):
        _works(scene, jobs, nothing, set(), None)
    ordered = [_ids(scene.get(WORKLOADS, query=urlencode({**mine, "sort": sort})), "workloads")
               for sort in ("createdAt", "-createdAt")]  # fmt: skip
    if ordered[0] != ordered[1][::-1] or ordered[0] != [done.id, waiting.id]:
        scene.fault("list_is_in_order", WORKLOADS, f"by createdAt and -createdAt: {shown(ordered)}")


def _works(
    scene: PlatformScene, jobs: JobCalls, query: dict[str, Any], there: set[str], absent: set[str] | None
) -> None:
    """Read the workloads that a query selects; `absent` must not be among them, or none at all if that is None."""
    found = set(_ids(scene.get(WORKLOADS, query=urlencode(query)), "workloads"))
    absent = found if absent is None else absent
    # There may be more of them than one page has, so what is missing says something only if a mark was asked for.
    missing = there - found if "tags" in query or "search" in query or len(found) < 50 else set()
    if missing or absent & found:
        message = f"{urlencode(query)}: missing {shown(sorted(missing))}, by mistake {shown(sorted(absent & found))}"
        steps = [step for job in jobs.jobs for step in job.steps]
        fault("filter_selects", WORKLOADS, message, [*steps, *scene.exchange.steps(1)])


@journey()
def tags_are_searched(scene: PlatformScene) -> None:
    """A search of tags finds those that have the text in them, and no other."""
    jobs = scene.jobs()
    job = jobs.submit()
    jobs.tag(job, ["needle-in-a-haystack", "another-thing"])
    found = scene.get("list_tags", query="type=job&search=needle-in").get("tags")
    if found != ["needle-in-a-haystack"]:
        message = f"search=needle-in: found {shown(found)}"
        fault("tags_are_found", "list_tags", message, [*job.steps, *scene.exchange.steps(1)])
    nothing = scene.get("list_tags", query="type=job&search=no-such-tag-at-all").get("tags")
    if nothing:
        fault("tags_are_found", "list_tags", f"search=no-such-tag-at-all: found {shown(nothing)}",
              [*job.steps, *scene.exchange.steps(1)])  # fmt: skip


@journey()
def another_tenants_lists_are_empty(scene: PlatformScene) -> None:
    """Another tenant's lists of jobs, tags and workloads show nothing of the caller's."""
    others, (jobs, lists, _) = scene.others(), scene.calls()
    job = jobs.submit()
    lists.strangers()
    for operation, query, key in (
        ("list_jobs", f"tags={jobs.mark}", "jobs"), ("list_jobs", "limit=200", "jobs"),
        (WORKLOADS, f"tags={jobs.mark}", "workloads"), (WORKLOADS, "limit=50&sort=-createdAt", "workloads"),
    ):  # fmt: skip
        answer = scene.exchange.call(operation, headers=others, query=query)
        if job.id in _ids(answer, key):
            message = f"somebody else's list shows the job ({query})"
            fault("private_to_its_owner", operation, message, [*job.steps[:1], scene.exchange.step])


@journey()
def usage_counts_what_jobs_used(scene: PlatformScene) -> None:
    """A job that completes adds what it used to the usage of the instance, and one job to what analytics count."""
    jobs, lists, _ = scene.calls()
    quiet = scene.wait.by_hand and _quiet(scene)
    for _ in range(_PAGES if scene.wait.by_hand else 0):
        if quiet:
            break
        scene.wait()
        quiet = _quiet(scene)
    lists.usage()
    before, counted = lists.consumed, lists.counted()
    job = jobs.submit()
    scene.done(jobs, job)
    if job.status != "Completed":
        skip(f"the job has not completed: it is {job.status}")
    lists.usage()
    used = scene.get("get_job", id=job.id).get("usage")
    seconds = used.get("qpu_charge_time_seconds") if isinstance(used, dict) else None
    steps = [*job.steps, *scene.exchange.steps(2)]
    if not isinstance(seconds, (int, float)):
        skip("the job does not say what it used")
    grown = lists.consumed - before
    if grown < seconds - 1e-6:
        message = f"a job used {seconds:g} s, and usage_consumed_seconds grew by {grown:g}"
        fault("usage_counts_jobs", "get_usage", message, steps)
    # Other jobs of the instance may have ended in that time.
    if quiet and grown > seconds + 1e-6:
        message = f"a job used {seconds:g} s, and usage_consumed_seconds grew by {grown:g}"
        fault("usage_counts_jobs", "get_usage", message, steps)
    if lists.counted() < counted + 1:
        fault("analytics_count_jobs", "analytics_usage", "a new job is not counted", [*steps, scene.exchange.step])


def _quiet(scene: PlatformScene) -> bool:
    """Tell whether nothing else of the instance uses something: no job waits or runs, and no session is at work."""
    if listed(scene.get(WORKLOADS, query="status=in_progress&limit=1"), "workloads"):
        return False
    return not listed(scene.get("list_jobs", query="pending=true&limit=1"), "jobs")


JOURNEYS: Final = (
    paging_visits_each_job_once_while_new_ones_arrive, pages_are_stretches_of_the_list,
    a_page_of_no_stated_length_has_two_hundred, filters_select, times_select, pending_selects,
    workloads_lead_on_and_back, workloads_are_selected, tags_are_searched, another_tenants_lists_are_empty,
    usage_counts_what_jobs_used,
)  # fmt: skip
