"""Exchanges of clients that never were, told one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from mock_runtime.journal import Entry, Journal

START: Final = 1_700_000_000.0
TOKEN: Final = "kJ8s-planted-Vq3TzW0"
_PATHS: Final[Mapping[str, Mapping[str, tuple[str, str, str]]]] = {
    "platform": {
        "log-in": ("POST", "/identity/token", ""),
        "submit-job": ("POST", "/api/v1/jobs", "create_job"),
        "list-jobs": ("GET", "/api/v1/jobs", "list_jobs"),
        "get-job": ("GET", "/api/v1/jobs/{job}", "get_job"),
        "get-results": ("GET", "/api/v1/jobs/{job}/results", "get_job_results_jid"),
        "get-logs": ("GET", "/api/v1/jobs/{job}/logs", "get_jog_logs_jid"),
        "cancel-job": ("POST", "/api/v1/jobs/{job}/cancel", "cancel_job_jid"),
        "delete-job": ("DELETE", "/api/v1/jobs/{job}", "delete_job"),
        "open-session": ("POST", "/api/v1/sessions", "create_session"),
        "get-session": ("GET", "/api/v1/sessions/{session}", "get_session"),
        "close-session": ("DELETE", "/api/v1/sessions/{session}/close", "delete_session_close"),
        "list-backends": ("GET", "/api/v1/backends", "list_backends"),
        "get-backend": ("GET", "/api/v1/backends/{backend}/properties", "get_backend_properties"),
        "get_instance_configuration": ("GET", "/api/v1/instances/configuration", "get_instance_configuration"),
    },
    "legacy-2021": {
        "log-in": ("POST", "/api/users/loginWithToken", "login-with-token"),
        "submit-job": ("POST", "/jobs", "post-program-id"),
        "list-jobs": ("GET", "/jobs", "get-jobs"),
        "get-job": ("GET", "/jobs/{job}", "get-programs-id-jobs-jid"),
        "get-results": ("GET", "/jobs/{job}/results", "get-programs-id-jobs-jid-results"),
        "cancel-job": ("POST", "/jobs/{job}/cancel", "post-job-cancel"),
        "list-backends": ("GET", "/api/Network/a/Groups/b/Projects/c/devices/v/1", "get-devices"),
        "post-program": ("POST", "/programs", "post-program"),
    },
}
OWN: Final = frozenset({"get_instance_configuration", "post-program"})
"""Operations that have no name in all editions."""
SUBMISSION: Final[Mapping[str, Mapping[str, Any]]] = {
    "platform": {"program_id": "sampler", "backend": "ibm_fez", "params": {"pubs": [], "version": 2}},
    "legacy-2021": {"programId": "runtime-simple"},
}


class Story:
    """What a client does, one request after the other, on a clock of its own.

    `pause` in `ask` is from the end of the answer before; it is what a good client would wait, unless one is given.
    """

    def __init__(self, edition: str = "platform", *, caller: str | None = "alice", first: int = 1) -> None:
        self.edition = edition
        self.caller = caller
        self.now = START
        self.number = first
        self.entries: list[Entry] = []
        self.token = TOKEN

    def ask(self, operation: str | None, status: int = 200, *, pause: float = 2.0, **given: Any) -> Entry:
        """Tell of one more request, and of its answer."""
        at = given.pop("at", self.now + pause)
        seconds = given.pop("seconds", 0.1)
        method, path, operation_id = _PATHS[self.edition].get(operation or "", ("GET", "/api/v1/nothing", ""))
        names = {name: given.get(name) for name in ("job", "session", "backend")}
        path = given.pop("path", path).format(**names)
        query = given.pop("query", "")
        body, answer = _bytes(given.pop("body", b"")), _bytes(given.pop("answer", b""))
        headers: dict[str, str | None] = {
            "User-Agent": "client/1.0",
            "Authorization": f"Bearer {self.token}",
            "Host": "here",
        }
        if self.edition == "platform":
            headers["IBM-API-Version"] = "2026-03-15"
        if body:
            headers["Content-Type"] = "application/json"
        headers.update(given.pop("headers", {}))
        entry = Entry(
            number=given.pop("number", self.number),
            trace=f"trace-{self.number}",
            at=at,
            seconds=seconds,
            method=given.pop("method", method),
            path=path,
            target=path + (f"?{query}" if query else ""),
            inside=path,
            host="127.0.0.1:8000",
            status=status,
            edition=self.edition,
            operation=None if operation in OWN else operation,
            operation_id=operation_id or None,
            caller=given.pop("caller", self.caller),
            request_headers=tuple((name, value) for name, value in headers.items() if value is not None),
            request_body=body,
            request_size=given.pop("request_size", len(body)),
            answer_headers=tuple(given.pop("answer_headers", {}).items()),
            answer_body=answer,
            answer_size=given.pop("answer_size", len(answer)),
            **given,
        )
        self.number += 1
        self.now = max(self.now, entry.ended_at)
        self.entries.append(entry)
        return entry

    def submit(self, job: str | None = "job-1", status: int = 200, **given: Any) -> Entry:
        """Tell of a submission."""
        given.setdefault("body", SUBMISSION[self.edition])
        return self.ask("submit-job", status, job=job, **given)

    def look(self, status: int = 204, *, job: str = "job-1", **given: Any) -> Entry:
        """Tell of a poll of results."""
        given.setdefault("job_status", "completed" if status == 200 else "running")
        return self.ask("get-results", status, job=job, **given)

    def state(self, job_status: str = "running", *, job: str = "job-1", **given: Any) -> Entry:
        """Tell of a look at the status; the answer tells it."""
        given.setdefault("answer", {"id": job, "status": job_status.capitalize()})
        return self.ask("get-job", given.pop("status", 200), job=job, job_status=job_status, **given)

    def log_in(self, life_s: float = 3600.0, token: str | None = None, **given: Any) -> Entry:
        """Tell of a log-in; what is asked next is asked with its token."""
        token = self.token = token or self.token
        names = ("id", "ttl") if self.edition == "legacy-2021" else ("access_token", "expires_in")
        answer = dict(zip(names, (token, life_s), strict=True))
        headers = {"Authorization": None}
        return self.ask("log-in", given.pop("status", 200), body=b"apikey=x", answer=answer, headers=headers, **given)

    def journal(self, **given: Any) -> Journal:
        """The journal of it."""
        journal = Journal(**given)
        for entry in self.entries:
            journal.add(entry)
        return journal


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()
