"""The life of a job as a model, and calls that compare a server with it.

The model knows what has been asked for, not how fast the server works: a job may move on at any moment, but only
forward, and what one call says must agree with what the next one says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn
from urllib.parse import urlencode

from runtime_contracts.exchange import Answer, Exchange, json_body
from runtime_contracts.profiles.legacy_2021.model import Job
from runtime_contracts.violation import difference, shown
from runtime_contracts.walking import FINAL, PENDING, STAGE, Following, brief, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


KNOWN_PROGRAM: Final = "runtime-simple"
KNOWN_RESULT: Final = "All done!"
"""What the program answers, by transcripts of 2021."""
# So many looks at a job, with some time between them, until it is taken for one that does not move.
_SOME = 10
_ON_A_JOB = (
    "get-programs-id-jobs-jid", "get-programs-id-jobs-jid-results", "get-job-logs", "post-job-cancel", "delete-job",
)  # fmt: skip


@dataclass(slots=True)
class JobCalls(Following[Job]):
    """Calls on jobs, each compared with the model.

    Attributes:
        headers: credentials of the owner.
        other_headers: credentials of somebody else, or None.
        foreign: how many jobs the owner had before.
        jobs: those made here and not deleted, the oldest first.
    """

    CANCEL: ClassVar[str] = "post-job-cancel"

    exchange: Exchange
    headers: Mapping[str, str]
    other_headers: Mapping[str, str] | None
    foreign: int
    jobs: list[Job] = field(default_factory=list)

    def submit(self, request: Mapping[str, Any]) -> Job:
        """Submit a job; it must be readable at once, as it was sent."""
        operation = "post-program-id"
        answer = self.exchange.call(
            operation, headers={**self.headers, "Content-Type": "application/json"}, body=json_body(request)
        )
        step = self.exchange.step
        job_id = answer.get("id")
        if answer.status != 200 or not isinstance(job_id, str):
            fault("submit_accepted", operation, f"a valid job got {brief(answer)}", [step])
        job = Job(job_id, request, [step])
        if any(known.id == job_id for known in self.jobs):
            earlier = [known.steps[0] for known in self.jobs if known.id == job_id]
            fault("job_id_unique", operation, f"two jobs got the id {job_id}", [*earlier, step])
        self.jobs.append(job)
        self.read(job)
        return job

    def read(self, job: Job) -> None:
        """Read a job; it must be what was sent, and its status must not go back."""
        operation = "get-programs-id-jobs-jid"
        answer = self._on(job, operation)
        if job.deleted:
            self._expect(job, operation, answer, 404, "deleted_is_gone")
            return
        self._expect(job, operation, answer, 200, "created_is_readable")
        self._compare(job, operation, answer.json())

    def _compare(self, job: Job, operation: str, value: Any) -> None:
        if not isinstance(value, dict):
            fault("read_what_was_sent", operation, f"found {shown(value)}", job.steps)
        sent = {"id": job.id, "params": job.request.get("params", []), "program": {"id": job.request["programId"]}}
        sent |= {key: job.request[key] for key in ("hub", "group", "project", "backend") if key in job.request}
        for key, wanted in sent.items():
            found = value.get(key)
            if key == "program" and isinstance(found, dict):
                found = {"id": found.get("id")}
            if found != wanted:
                message = f"{key}: sent {shown(wanted)}, found {shown(found)}"
                fault("read_what_was_sent", operation, message, job.steps)
        self._move(job, operation, str(value.get("status")))

    def _move(self, job: Job, operation: str, status: str) -> None:
        before, job_was_final = job.status, job.final
        if status not in STAGE:
            return  # not a status at all; the contract has already said so
        if STAGE[status] < STAGE[before] or (job_was_final and status != before):
            fault("status_moves_forward", operation, f"the status went from {before} to {status}", job.steps)
        # The real service was seen to need some seconds to show that a job is cancelled.
        fitting = status in PENDING or status == "Cancelled" if job.cancelled else status != "Cancelled"
        if not fitting:
            message = f"a job that was {'' if job.cancelled else 'not '}cancelled is {status}"
            fault("cancel_is_what_cancels", operation, message, job.steps)
        job.status = status

    def results(self, job: Job) -> None:
        """Read the result; it must be there exactly when the job has ended, and stay the same."""
        operation = "get-programs-id-jobs-jid-results"
        between = self._between_two_reads(job, operation)
        if between is None:
            return
        answer, ended_before = between
        if not ended_before and job.final and not job.cancelled:
            return  # it ended in between, so either answer was right
        wanted = 200 if job.final and job.status != "Cancelled" else 204
        self._expect(job, operation, answer, wanted, "results_follow_status")
        if wanted == 200:
            if job.result is not None and answer.body != job.result:
                first, second = job.result.decode(errors="replace"), answer.body.decode(errors="replace")
                message = f"the result is not what it was: {difference(first, second)}"
                fault("result_stays", operation, message, job.steps)
            job.result = answer.body

    def logs(self, job: Job) -> None:
        """Read the logs; they must be there exactly when the job has ended."""
        operation = "get-job-logs"
        between = self._between_two_reads(job, operation)
        if between is None:
            return
        answer, ended_before = between
        if ended_before == job.final:
            self._expect(job, operation, answer, 200 if job.final else 404, "logs_follow_status")

    def finish(self, job: Job, wait: Callable[[], None]) -> None:
        """Let time pass until a job has ended, and read what it leaves behind."""
        if not job.deleted:
            self.until_ended(job, wait)
        self.results(job)
        self.results(job)
        self.logs(job)
        self.cancel(job)

    def until_started(self, job: Job, wait: Callable[[], None]) -> bool:
        """Let time pass until a job is not queued any more, and tell whether it came to that."""
        return self.until(job, lambda: job.status != "Queued", wait)

    def until_ended(self, job: Job, wait: Callable[[], None]) -> bool:
        """Let time pass until a job has ended, and tell whether it came to that."""
        return self.until(job, lambda: job.final, wait)

    def cancelled_ends(self, job: Job, wait: Callable[[], None]) -> None:
        """Let time pass until a job has ended that was cancelled; other jobs end in that time as well."""
        if not self.until_ended(job, wait) and job.cancelled:
            message = f"a job that was cancelled is still {job.status} when others have ended"
            fault("cancel_is_what_cancels", "get-programs-id-jobs-jid", message, job.steps)

    def submit_known(self) -> Job:
        """Submit the job of the walkthrough."""
        return self.submit({"programId": KNOWN_PROGRAM, "params": [inputs_text({"iterations": 2})]})

    def known_result(self, job: Job) -> None:
        """Read the result of the walkthrough's job, which is known: a text, without the quotes of JSON."""
        operation = "get-programs-id-jobs-jid-results"
        self.results(job)
        if job.status != "Completed" or job.result is None:
            self.exchange.collector.note(f"the result of {KNOWN_PROGRAM} was not looked at: its job is {job.status}")
        elif job.result != KNOWN_RESULT.encode():
            found = job.result.decode(errors="replace")
            message = f"the result of {KNOWN_PROGRAM} is a text and comes as it is: {difference(KNOWN_RESULT, found)}"
            fault("known_result", operation, message, job.steps)

    def ended(self) -> None:
        """Read what some jobs that have ended leave behind, whoever submitted them."""
        entries = self._list({"limit": _SOME, "pending": "false"}).get("jobs")
        for entry in entries:
            if isinstance(entry, dict) and entry.get("status") in FINAL:
                wanted = 204 if entry["status"] == "Cancelled" else 200
                job = Job(str(entry.get("id")), {}, [], status=entry["status"])
                operation = "get-programs-id-jobs-jid-results"
                self._expect(job, operation, self._on(job, operation), wanted, "results_follow_status")
                self._on(job, "get-job-logs")

    def delete(self, job: Job) -> None:
        """Delete a job; afterwards nothing must know it."""
        operation = "delete-job"
        answer = self._on(job, operation)
        if job.deleted:
            self._expect(job, operation, answer, 404, "deleted_is_gone")
            return
        self._expect(job, operation, answer, 204, "delete_accepted")
        job.deleted = True
        self.jobs.remove(job)
        for after in _ON_A_JOB:
            self._expect(job, after, self._on(job, after), 404, "deleted_is_gone")

    def list_page(self, *, limit: int, offset: int) -> None:
        """Read a page; it must be that stretch of the list, the newest job first."""
        answer = self._list({"limit": limit, "offset": offset})
        total = self.foreign + len(self.jobs)
        if answer.get("count") != total:
            self._list_fault("list_counts_all", f"count: expected {total}, found {shown(answer.get('count'))}")
        found = _ids(answer)
        length = max(0, min(limit, total - offset))
        if len(found) != length:
            self._list_fault("page_has_its_length", f"expected {length} jobs, found {len(found)}")
        own = [job.id for job in reversed(self.jobs)]
        wanted = own[offset : offset + limit]
        if found[: len(wanted)] != wanted:
            self._list_fault("newest_first", f"expected {shown(wanted)}, found {shown(found[: len(wanted)])}")

    def list_all(self, *, page: int) -> None:
        """Read the own jobs page by page; none must come twice or be missing."""
        found: list[str] = []
        while len(found) < len(self.jobs):
            ids = _ids(self._list({"limit": page, "offset": len(found)}))
            if not ids:
                break
            found += ids
        if len(set(found)) != len(found):
            self._list_fault("no_job_twice", f"{len(found) - len(set(found))} jobs came on two pages")
        missing = {job.id for job in self.jobs} - set(found)
        if missing:
            self._list_fault("no_job_missing", f"not on any page: {shown(sorted(missing))}")

    def list_pending(self, *, pending: bool) -> None:
        """Read the jobs that are pending, or those that are not; each must be one of them."""
        answer = self._list({"limit": 200, "pending": "true" if pending else "false"})
        for entry in answer.get("jobs") or []:
            status = entry.get("status") if isinstance(entry, dict) else None
            if (status in PENDING) != pending:
                self._list_fault("pending_selects", f"pending={pending} lists a job that is {shown(status)}")

    def _list(self, query: Mapping[str, Any]) -> Answer:
        answer = self.exchange.call("get-jobs", headers=self.headers, query=urlencode(query))
        if answer.status != 200 or not isinstance(answer.get("jobs"), list):
            self._list_fault("list_accepted", f"found {brief(answer)}")
        return answer

    def _list_fault(self, check: str, message: str) -> NoReturn:
        # A list says something about the jobs in it, so they have to be there again.
        submitted = [job.steps[0] for job in self.jobs if job.steps]
        fault(check, "get-jobs", message, [*submitted, *self.exchange.steps(3)])

    def strangers(self, job: Job) -> None:
        """Let somebody else try everything on a job; to them it must not exist."""
        if self.other_headers is None:
            return
        for operation in _ON_A_JOB:
            answer = self.exchange.call(operation, headers=self.other_headers, values={"jid": job.id})
            job.steps.append(self.exchange.step)
            self._expect(job, operation, answer, 404, "private_to_its_owner")
        listed = self.exchange.call("get-jobs", headers=self.other_headers, query="limit=200")
        job.steps.append(self.exchange.step)
        if job.id in _ids(listed):
            fault("private_to_its_owner", "get-jobs", "somebody else's list shows the job", job.steps)
        self.read(job)

    def _on(self, job: Job, operation: str) -> Answer:
        answer = self.exchange.call(operation, headers=self.headers, values={"jid": job.id})
        job.steps.append(self.exchange.step)
        return answer


def _ids(answer: Answer) -> list[str]:
    entries = answer.get("jobs")
    found = entries if isinstance(entries, list) else []
    return [str(entry.get("id")) for entry in found if isinstance(entry, dict)]


def inputs_text(value: Any) -> str:
    """Return inputs as the JSON text that travels in `params`."""
    return json.dumps(value)
