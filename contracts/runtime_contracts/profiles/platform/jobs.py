"""The life of a job of today as a model, and calls that compare a server with it.

The model knows what has been asked for, not how fast the server works: a job may move on at any moment, but only
forward, and what one call says must agree with what the next one says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from runtime_contracts.exchange import Answer, Exchange, json_body
from runtime_contracts.profiles.platform.known import ON_A_JOB, sampler
from runtime_contracts.profiles.platform.model import Job, Session
from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.violation import difference, shown
from runtime_contracts.walking import FINAL, RAN_TOO_LONG, STAGE, Following, brief, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runtime_contracts.profiles.platform.access import PlatformAccess

_TYPED: Final = {"Content-Type": "application/json"}


@dataclass(slots=True)
class JobCalls(Following[Job]):
    """Calls on jobs, each compared with the model.

    Attributes:
        backend: where the jobs run.
        mark: a tag that every job of this walk has and no other.
        jobs: those made here, deleted ones included, the oldest first.
    """

    CANCEL: ClassVar[str] = "cancel_job_jid"

    exchange: Exchange
    access: PlatformAccess
    backend: str
    mark: str
    jobs: list[Job] = field(default_factory=list)

    @property
    def present(self) -> list[Job]:
        """The jobs that were not deleted."""
        return [job for job in self.jobs if not job.deleted]

    def submit(self, *, private: bool = False, session: Session | None = None) -> Job:
        """Submit a job; it must be readable at once, as it was sent."""
        body = sampler(self.backend, tags=[self.mark], **({"private": True} if private else {}))
        if session is not None:
            body["session_id"] = session.id
        answer = self.exchange.call("create_job", headers={**self.access.headers, **_TYPED}, body=json_body(body))
        steps = [*([] if session is None else session.steps[:1]), self.exchange.step]
        job_id = answer.get("id")
        if answer.status != 200 or not isinstance(job_id, str):
            fault("submit_accepted", "create_job", f"a valid job got {brief(answer)}", steps)
        if any(known.id == job_id for known in self.jobs):
            fault("job_id_unique", "create_job", f"two jobs got the id {job_id}", [*self.jobs[0].steps[:1], *steps])
        job = Job(id=job_id, request=body, steps=steps, tags=[self.mark], session=session)
        self.jobs.append(job)
        if session is not None:
            session.jobs.append(job)
        self.read(job)
        return job

    def read(self, job: Job, *, params: bool = True) -> None:
        """Read a job, with its inputs or without; it must be what was sent, and its status must not go back."""
        operation = "get_job"
        answer = self._on(job, operation, query="" if params else "exclude_params=true")
        if job.deleted:
            self._expect(job, operation, answer, 404, "deleted_is_gone")
            return
        self._expect(job, operation, answer, 200, "created_is_readable")
        value = answer.json()
        if not isinstance(value, dict):
            return  # the contract has already said so
        sent = {
            "id": job.id,
            "backend": job.request["backend"],
            "program": {"id": job.request["program_id"]},
            "session_id": None if job.session is None else job.session.id,
            "params": None if job.private or not params else job.request["params"],
        }
        for key, wanted in sent.items():
            if value.get(key) != wanted:
                message = f"{key}: expected {shown(wanted)}, found {shown(value.get(key))}"
                fault("read_what_was_sent", operation, message, job.steps)
        if sorted(value.get("tags") or []) != sorted(job.tags):
            message = f"tags: set {shown(job.tags)}, found {shown(value.get('tags'))}"
            fault("tags_are_kept", operation, message, job.steps)
        self._move(job, value)

    def _move(self, job: Job, value: Mapping[str, Any]) -> None:
        operation, status = "get_job", str(value.get("status"))
        state = value.get("state")
        inner = state.get("status") if isinstance(state, dict) else None
        if status not in STAGE:
            return  # not a status at all; the contract has already said so
        if inner != ("Cancelled" if status == RAN_TOO_LONG else status):
            fault("state_is_status", operation, f"status is {status}, state.status {shown(inner)}", job.steps)
        if STAGE[status] < STAGE[job.status] or (job.final and status != job.status):
            fault("status_moves_forward", operation, f"the status went from {job.status} to {status}", job.steps)
        asked = job.cancelled or job.closed or (job.session is not None and job.session.closed)
        if job.cancelled and status in FINAL - {"Cancelled"}:
            fault("cancel_is_what_cancels", operation, f"a job that was cancelled is {status}", job.steps)
        if status == "Cancelled" and not asked:
            fault("cancel_is_what_cancels", operation, "a job that nobody cancelled is Cancelled", job.steps)
        job.status = status

    def results(self, job: Job) -> None:
        """Read the result: nothing before the end, and afterwards the same for ever, or once if the job is private."""
        operation = "get_job_results_jid"
        between = self._between_two_reads(job, operation)
        if between is None:
            return
        answer, ended_before = between
        if not ended_before and job.final:
            job.taken = job.taken or (job.private and answer.status == 200)
            return  # it ended in between, so either answer was right
        if not job.final:
            self._expect(job, operation, answer, 204, "results_follow_status")
        elif job.taken:
            self._expect(job, operation, answer, 404, "private_is_read_once")
        elif job.status == "Completed":
            self._expect(job, operation, answer, 200, "results_follow_status")
            self._same(job, answer)
        else:
            # What a job that did not complete leaves behind is not known; but it must not change.
            self._same(job, answer)

    def _same(self, job: Job, answer: Answer) -> None:
        operation, result = "get_job_results_jid", (answer.status, answer.body)
        if job.result is not None and result != job.result and not job.private:
            first, second = job.result[1].decode(errors="replace"), answer.body.decode(errors="replace")
            fault("result_stays", operation, f"the result is not what it was: {difference(first, second)}", job.steps)
        if job.status == "Completed":
            try:
                decode_json(answer.body)
            except InvalidJsonError as error:
                fault("result_is_json", operation, f"the text of the result is no JSON: {error}", job.steps)
        job.result, job.taken = result, job.private and answer.status == 200

    def logs(self, job: Job) -> None:
        """Read the logs; they must be there exactly when the job has ended."""
        operation = "get_jog_logs_jid"
        between = self._between_two_reads(job, operation)
        if between is not None and between[1] == job.final:
            self._expect(job, operation, between[0], 200 if job.final else 404, "logs_follow_status")

    def metrics(self, job: Job) -> None:
        """Read the metrics; the times in them must have come one after the other, and the end when there is one."""
        operation = "get_job_metrics_jid"
        between = self._between_two_reads(job, operation)
        if between is None:
            return
        answer, ended_before = between
        self._expect(job, operation, answer, 200, "created_is_readable")
        times = answer.get("timestamps")
        if not isinstance(times, dict):
            return
        met = [times.get(name) for name in ("created", "running", "finished")]
        known = [moment for moment in met if isinstance(moment, str)]
        if known != sorted(known):
            fault("times_in_order", operation, f"timestamps: {shown(times)}", job.steps)
        if ended_before == job.final and (met[2] is not None) != job.final:
            fault("times_follow_status", operation, f"the job is {job.status}; timestamps: {shown(times)}", job.steps)

    def tag(self, job: Job, tags: list[str]) -> None:
        """Replace the tags of a job, all but the mark of the walk; it must show them."""
        operation, wanted = "replace_job_tags", [self.mark, *tags]
        answer = self._on(job, operation, body=json_body({"tags": wanted}))
        if job.deleted:
            self._expect(job, operation, answer, 404, "deleted_is_gone")
            return
        self._expect(job, operation, answer, 204, "change_accepted")
        job.tags = wanted
        self.read(job)

    def delete(self, job: Job) -> None:
        """Delete a job; afterwards nothing must know it."""
        operation = "delete_job"
        answer = self._on(job, operation)
        if job.deleted:
            self._expect(job, operation, answer, 404, "deleted_is_gone")
            return
        self._expect(job, operation, answer, 204, "delete_accepted")
        job.deleted = True
        self.read(job)

    def strangers(self, job: Job) -> None:
        """Let somebody else try everything on a job; to them it must not exist."""
        others = self.access.others
        if others is None:
            return
        for operation in ON_A_JOB:
            answer = self._on(job, operation, headers=others, body=_body_for(operation))
            self._expect(job, operation, answer, 404, "private_to_its_owner")
        self.read(job)

    def finish(self, job: Job, wait: Callable[[], None]) -> None:
        """Let time pass until a job has ended, and read what it leaves behind, twice."""
        if not self.until(job, lambda: job.final, wait) and job.cancelled:
            message = f"a job that was cancelled is still {job.status} after a long time"
            fault("cancel_is_what_cancels", "get_job", message, job.steps)
        for look in (self.results, self.results, self.logs, self.metrics, self.cancel):
            look(job)

    def _on(
        self,
        job: Job,
        operation: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        body: bytes = b"",
    ) -> Answer:
        sent = {**(headers or self.access.headers), **(_TYPED if body else {})}
        answer = self.exchange.call(operation, headers=sent, values={"id": job.id}, query=query, body=body)
        job.steps.append(self.exchange.step)
        return answer


def _body_for(operation: str) -> bytes:
    return json_body({"tags": ["somebody-else"]}) if operation == "replace_job_tags" else b""
