"""The life of a session as a model, and calls that compare a server with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.exchange import Answer, Exchange, json_body
from runtime_contracts.profiles.platform.known import ON_A_SESSION, sampler
from runtime_contracts.profiles.platform.model import Job, Session
from runtime_contracts.violation import shown
from runtime_contracts.walking import brief, fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.profiles.platform.jobs import JobCalls

_TYPED: Final = {"Content-Type": "application/json"}
_MAX_TTL_S: Final = 300


@dataclass(slots=True)
class SessionCalls:
    """Calls on sessions and batches, each compared with the model.

    Attributes:
        may_dedicate: turns False when the server says that the plan has no dedicated sessions.
    """

    jobs: JobCalls
    may_dedicate: bool = True
    sessions: list[Session] = field(default_factory=list)

    @property
    def exchange(self) -> Exchange:
        """Where the calls go."""
        return self.jobs.exchange

    def create(self, *, dedicated: bool) -> Session:
        """Open a session or a batch; it must be readable at once, as it was asked for."""
        mode = "dedicated" if dedicated and self.may_dedicate else "batch"
        answer = self._create(mode)
        if mode == "dedicated" and answer.status == 400:
            # The open plan has none; the batch below must be had then.
            self.may_dedicate, mode = False, "batch"
            answer = self._create(mode)
        step, session_id = self.exchange.step, answer.get("id")
        if answer.status != 200 or not isinstance(session_id, str):
            fault("session_accepted", "create_session", f"a valid {mode} got {brief(answer)}", [step])
        session = Session(id=session_id, mode=mode, backend=self.jobs.backend, steps=[step])
        self.sessions.append(session)
        self.read(session)
        return session

    def _create(self, mode: str) -> Answer:
        body = json_body({"mode": mode, "backend": self.jobs.backend, "max_ttl": _MAX_TTL_S})
        return self.exchange.call("create_session", headers={**self.jobs.access.headers, **_TYPED}, body=body)

    def read(self, session: Session) -> Mapping[str, Any]:
        """Read a session; it must be what was asked for, and one that was closed must stay so."""
        operation = "get_session"
        answer = self._on(session, operation)
        self._expect(session, operation, answer, 200, "created_is_readable")
        value = answer.json()
        if not isinstance(value, dict):
            return {}  # the contract has already said so
        sent = {"id": session.id, "mode": session.mode, "backend_name": session.backend}
        for key, wanted in sent.items():
            if value.get(key) != wanted:
                message = f"{key}: sent {shown(wanted)}, found {shown(value.get(key))}"
                fault("read_what_was_sent", operation, message, session.steps)
        closed = value.get("state") == "closed"
        if session.closed and not closed:
            fault("closed_stays_closed", operation, f"the session is {shown(value.get('state'))} again", session.steps)
        # It may also end by itself, when its time is over.
        session.closed = session.closed or closed
        if (session.stopped or session.closed) and value.get("accepting_jobs") is True:
            fault("stopped_takes_no_jobs", operation, "the session says that it takes jobs", session.steps)
        return value

    def submit(self, session: Session, *, private: bool = False) -> Job | None:
        """Submit a job in a session; one that takes none must refuse it."""
        self.read(session)
        if not session.stopped and not session.closed:
            return self.jobs.submit(session=session, private=private)
        body = sampler(self.jobs.backend, tags=[self.jobs.mark], session_id=session.id)
        headers = {**self.jobs.access.headers, **_TYPED}
        answer = self.exchange.call("create_job", headers=headers, body=json_body(body))
        session.steps.append(self.exchange.step)
        if answer.status < 400:
            message = f"the session takes no jobs any more: expected a refusal, found {brief(answer)}"
            fault("stopped_takes_no_jobs", "create_job", message, session.steps)
        return None

    def stop(self, session: Session) -> None:
        """Tell a session to take no more jobs; one that has none left is over."""
        operation = "update_session"
        answer = self._on(session, operation, body=json_body({"accepting_jobs": False}))
        if session.closed:
            return  # whether one that is over can still be told is not known
        self._expect(session, operation, answer, 204, "change_accepted")
        session.stopped = True
        for job in session.jobs:
            if not job.deleted:
                self.jobs.read(job)
        over = all(job.final or job.deleted for job in session.jobs)
        self.read(session)
        if over and not session.closed:
            fault("stopped_ends", "get_session", "no job is left, and the session is not closed", session.steps)

    def close(self, session: Session) -> None:
        """Close a session; its jobs that have not ended must be cancelled."""
        operation = "delete_session_close"
        pending = []
        for job in session.jobs:
            if not job.deleted:
                self.jobs.read(job)
                if not job.final:
                    pending.append(job)
        closed_before = session.closed
        answer = self._on(session, operation)
        if closed_before:
            return  # whether one that is over can be closed once more is not known
        self._expect(session, operation, answer, 204, "close_accepted")
        for job in pending:
            job.closed = True
        session.closed = True
        self.read(session)
        for job in pending:
            job.steps = [*session.steps[:1], *job.steps, self.exchange.steps(2)[0]]
            self.jobs.read(job)
            if not job.final:
                message = f"the session of the job is closed, and the job is {job.status}"
                fault("close_cancels", "get_job", message, job.steps)

    def strangers(self, session: Session) -> None:
        """Let somebody else try everything on a session; to them it must not exist."""
        others = self.jobs.access.others
        if others is None:
            return
        for operation in ON_A_SESSION:
            body = json_body({"accepting_jobs": False}) if operation == "update_session" else b""
            answer = self._on(session, operation, headers=others, body=body)
            self._expect(session, operation, answer, 404, "private_to_its_owner")
        if not session.closed:
            body = json_body(sampler(self.jobs.backend, session_id=session.id))
            answer = self.exchange.call("create_job", headers={**others, **_TYPED}, body=body)
            session.steps.append(self.exchange.step)
            if answer.status < 400:
                fault("private_to_its_owner", "create_job", "somebody else's job is in the session", session.steps)
        self.read(session)

    def nonsense(self) -> None:
        """Submit jobs for a session, a device and a program that do not exist."""
        for key, status in (("session_id", 404), ("backend", 404), ("program_id", 404)):
            body = {**sampler(self.jobs.backend), key: "no-such-thing-anywhere"}
            headers = {**self.jobs.access.headers, **_TYPED}
            answer = self.exchange.call("create_job", headers=headers, body=json_body(body))
            if answer.status != status:
                message = f"an unknown {key}: expected {status}, found {brief(answer)}"
                fault("unknown_is_refused", "create_job", message, self.exchange.steps(1))

    def _on(
        self, session: Session, operation: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        sent = {**(headers or self.jobs.access.headers), **(_TYPED if body else {})}
        answer = self.exchange.call(operation, headers=sent, values={"id": session.id}, body=body)
        session.steps.append(self.exchange.step)
        return answer

    @staticmethod
    def _expect(session: Session, operation: str, answer: Answer, status: int, check: str) -> None:
        if answer.status != status:
            state = "closed" if session.closed else "stopped" if session.stopped else "open"
            message = f"the session is {state}: expected {status}, found {brief(answer)}"
            fault(check, operation, message, session.steps)
