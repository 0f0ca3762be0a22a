"""Lists of today as a model: jobs by filter and page, tags, workloads, usage, and what is counted of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from runtime_contracts.profiles.platform.known import cursor_in
from runtime_contracts.profiles.platform.model import Job
from runtime_contracts.violation import shown
from runtime_contracts.walking import brief, fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.exchange import Answer
    from runtime_contracts.profiles.platform.jobs import JobCalls
    from runtime_contracts.steps import Step

_PAGES: Final = 40
_WORKLOAD: Final[Mapping[str, str]] = {
    "Queued": "pending", "Running": "in_progress", "Completed": "completed", "Failed": "failed",
    "Cancelled": "canceled",
}  # fmt: skip


@dataclass(slots=True)
class ListCalls:
    """Calls that list, each compared with the jobs of the walk; its mark keeps everybody else's out."""

    jobs: JobCalls
    consumed: float = 0.0

    def page(self, *, limit: int, offset: int, ascending: bool = False) -> None:
        """Read a page; it must be that stretch of the list, with the number of all."""
        answer = self._listed(limit=limit, offset=offset, sort="ASC" if ascending else "DESC")
        present = [job.id for job in self.jobs.present]
        ordered = present if ascending else present[::-1]
        found = _ids(answer)
        if answer.get("count") != len(present):
            self._fault("list_counts_all", f"count: expected {len(present)}, found {shown(answer.get('count'))}")
        wanted = ordered[offset : offset + limit]
        if len(found) != len(wanted):
            self._fault("page_has_its_length", f"expected {len(wanted)} jobs, found {len(found)}")
        if found != wanted:
            self._fault("list_is_in_order", f"expected {shown(wanted)}, found {shown(found)}")
        echoed = {"limit": limit, "offset": offset}
        said = {key: answer.get(key) for key in echoed}
        if said != echoed:
            self._fault("page_says_where_it_is", f"asked for {shown(echoed)}, found {shown(said)}")

    def all(self, *, page: int) -> None:
        """Read the own jobs page by page; none must come twice or be missing."""
        found: list[str] = []
        for _ in range(_PAGES):
            ids = _ids(self._listed(limit=page, offset=len(found)))
            if not ids:
                break
            found += ids
        if len(set(found)) != len(found):
            self._fault("no_job_twice", f"{len(found) - len(set(found))} jobs came on two pages")
        missing = {job.id for job in self.jobs.present} ^ set(found)
        if missing:
            self._fault("no_job_missing", f"not on any page, or on one by mistake: {shown(sorted(missing))}")

    def pending(self, *, pending: bool) -> None:
        """Read the jobs that are pending, or those that are not; each must be one of them."""
        answer = self._listed(pending="true" if pending else "false")
        for entry in answer.get("jobs") or []:
            status = entry.get("status") if isinstance(entry, dict) else None
            if (status in {"Queued", "Running"}) != pending:
                self._fault("pending_selects", f"pending={pending} lists a job that is {shown(status)}")

    def filtered(self, job: Job) -> None:
        """Read lists that must hold a job, and lists that must not."""
        own = {"backend": job.request["backend"], "program": job.request["program_id"]}
        if job.session is not None:
            own["session_id"] = job.session.id
        for key, value in own.items():
            there = job.id in _ids(self._listed(**{key: value}))
            if there == job.deleted:
                self._fault("filter_selects", f"{key}={value} lists the job {'still' if there else 'not'}")
            if job.id in _ids(self._listed(**{key: "no-such-thing"})):
                self._fault("filter_selects", f"{key}=no-such-thing lists the job")
        for query in ({"created_before": "2001-01-01T00:00:00Z"}, {"created_after": "2301-01-01T00:00:00Z"}):
            if _ids(self._listed(**query)):
                self._fault("filter_selects", f"{urlencode(query)} lists jobs")

    def params(self, *, excluded: bool) -> None:
        """Read a list with or without inputs; only a list that was asked for them shows any, and of no private job."""
        private = {job.id for job in self.jobs.jobs if job.private}
        for entry in self._listed(exclude_params="true" if excluded else "false").get("jobs") or []:
            hidden = excluded or entry.get("id") in private
            if hidden and entry.get("params") not in (None, {}):
                self._fault("params_are_excluded", f"exclude_params={excluded} lists {shown(entry.get('params'))}")
            if not hidden and not entry.get("params"):
                self._fault("params_are_excluded", "exclude_params=false lists a job without its inputs")

    def strangers(self) -> None:
        """Let somebody else list jobs by the mark of the walk; there must be none."""
        others = self.jobs.access.others
        if others is None:
            return
        query = urlencode({"tags": self.jobs.mark, "limit": 200})
        listed = self.jobs.exchange.call("list_jobs", headers=others, query=query)
        if _ids(listed):
            self._fault("private_to_its_owner", "somebody else's list shows the jobs")
        found = self.jobs.exchange.call("list_tags", headers=others, query=self._by_mark()).get("tags")
        if self.jobs.mark in (found or []):
            self._fault("private_to_its_owner", "somebody else's tags hold the mark", operation="list_tags")

    def tags(self) -> None:
        """Search the tags; the mark must be found as long as a job has it."""
        answer = self._call("list_tags", self._by_mark())
        if (self.jobs.mark in (answer.get("tags") or [])) != bool(self.jobs.present):
            message = f"{len(self.jobs.present)} jobs have the tag {self.jobs.mark}, found {shown(answer.get('tags'))}"
            self._fault("tags_are_found", message, operation="list_tags")

    def workloads(self, *, page: int) -> None:
        """Read the workloads along their cursors; each job that is in no session must come once, in its state."""
        found: dict[str, Any] = {}
        query = {"limit": page, "tags": self.jobs.mark}
        for _ in range(_PAGES):
            answer = self._call("find_instance_workloads", urlencode(query))
            for entry in answer.get("workloads") or []:
                if entry.get("id") in found:
                    self._workload_fault("no_workload_twice", f"{entry.get('id')} comes on two pages")
                found[str(entry.get("id"))] = entry.get("status")
            onward = answer.get("next")
            if not isinstance(onward, dict) or not onward.get("href"):
                break
            cursor = cursor_in(onward)
            if cursor is None:
                self._workload_fault("cursors_lead_on", f"next.href has no cursor: {shown(onward['href'])}")
                return
            query["next"] = cursor
        for job in self.jobs.present:
            if job.session is not None:
                continue
            before = job.status
            self.jobs.read(job)
            wanted = {_WORKLOAD.get(before, "canceled"), _WORKLOAD.get(job.status, "canceled")}
            if found.get(job.id) not in wanted:
                expected = " or ".join(sorted(wanted))
                message = f"{job.id} is {job.status}: expected {expected}, found {shown(found.get(job.id))}"
                self._workload_fault("workloads_follow_jobs", message)

    def usage(self) -> None:
        """Read what the instance has used; that never becomes less, and the instance is the caller's."""
        answer = self._call("get_usage", "")
        consumed = answer.get("usage_consumed_seconds")
        if answer.get("instance_id") != self.jobs.access.instance:
            message = f"instance_id: {shown(answer.get('instance_id'))}"
            self._fault("usage_is_the_callers", message, operation="get_usage")
        if not isinstance(consumed, (int, float)) or consumed < self.consumed:
            message = f"usage_consumed_seconds went from {self.consumed:g} to {shown(consumed)}"
            self._fault("usage_grows", message, operation="get_usage")
        self.consumed = float(consumed)

    def counted(self) -> float:
        """Return how many jobs analytics counts."""
        number = self._call("analytics_usage", "").get("jobs")
        return float(number) if isinstance(number, (int, float)) else 0.0

    def _by_mark(self) -> str:
        return urlencode({"type": "job", "search": self.jobs.mark})

    def _listed(self, **query: Any) -> Answer:
        answer = self._call("list_jobs", urlencode({"limit": 200, "tags": self.jobs.mark, **query}))
        if not isinstance(answer.get("jobs"), list):
            self._fault("list_accepted", f"found {brief(answer)}")
        return answer

    def _call(self, operation: str, query: str) -> Answer:
        answer = self.jobs.exchange.call(operation, headers=self.jobs.access.headers, query=query)
        if answer.status != 200:
            self._fault("list_accepted", f"found {brief(answer)}", operation=operation)
        return answer

    def _workload_fault(self, check: str, message: str) -> None:
        self._fault(check, message, operation="find_instance_workloads")

    def _fault(self, check: str, message: str, *, operation: str = "list_jobs") -> None:
        # A list says something about the jobs in it, so they have to be there again, in the states they have.
        steps: list[Step] = [step for job in self.jobs.jobs for step in job.steps]
        fault(check, operation, message, [*steps, *self.jobs.exchange.steps(3)])


def _ids(answer: Answer) -> list[str]:
    entries = answer.get("jobs")
    found = entries if isinstance(entries, list) else []
    return [str(entry.get("id")) for entry in found if isinstance(entry, dict)]
