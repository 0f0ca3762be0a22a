"""The client of edition legacy-2021: one method for each operation, and a `Job` handle to wait with.

.. code-block:: python

    with RuntimeClient("http://127.0.0.1:8000", token="...") as client:
        job = client.submit_job("runtime-simple", {"iterations": 2}, backend="ibmq_montreal")
        print(job.result(timeout=120))

Errors are those of `runtime_client.errors`. Wrong arguments raise `TypeError` or `ValueError` before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Self, Unpack

from runtime_client import decoding
from runtime_client.addresses import checked_base_url
from runtime_client.calls import Access, Call
from runtime_client.credentials import Credentials
from runtime_client.errors import ContractViolation
from runtime_client.jobs import Job
from runtime_client.settings import TransportOptions, TransportSettings
from runtime_client.transport import Transport
from runtime_client.uploads import ProgramDetails, source_bytes, upload_form
from runtime_client.wire import Answer, encode_json

if TYPE_CHECKING:
    from types import TracebackType

    from runtime_client.models import Device, Hub, JobInfo, JobPage, Login, Program, ServiceVersion, User

_NO_CONTENT = frozenset({204})
_OCTETS = "application/octet-stream"


class RuntimeClient:
    """Talks to a runtime service of edition legacy-2021 at `url`, with the account token `token`.

    * `url`: the runtime service's base; a path in it is kept as a prefix, a trailing slash does not matter.
    * `token`: the API token, sent as `Authorization: Bearer` until there is a session token.
    * `account_url`: the base of the account service, `{url}/api` unless given. The real service had it on hosts of its
      own.
    * `access_token`: a session token, sent as `X-Access-Token` instead; `login` obtains one.
    * further options: `timeout`, `retries`, `session`, `sleep`, `monotonic`, `jitter`, `application`,
      `max_response_bytes`; see `runtime_client.settings.TransportSettings` for units and defaults.

    A client is a context manager and closes the connections that it opened. Like the `requests.Session` in it, one
    client belongs to one thread. A session token that has run out is not renewed by itself: catch `NotAuthorized`,
    `login`, repeat.

    Every method may raise `TransportError`, an `ApiError` by status, or `ContractViolation`.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str,
        account_url: str | None = None,
        access_token: str | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        self._url = checked_base_url(url, "url")
        self._settings = TransportSettings(**options)
        self._credentials = Credentials(token=token, access_token=access_token)
        self._transport = Transport(
            url=self._url,
            account_url=f"{self._url}/api" if account_url is None else checked_base_url(account_url, "account_url"),
            credentials=self._credentials,
            settings=self._settings,
        )

    def __repr__(self) -> str:
        return f"RuntimeClient({self._url!r}, token=***)"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless they belong to a session that was passed in."""
        self._transport.close()

    # Programs

    def list_programs(self) -> list[Program]:
        """Return the programs the caller may run: the public ones and the caller's own (get-programs)."""
        return decoding.programs(self._send("get-programs", "GET", ("programs",)))

    def get_program(self, program_id: str) -> Program:
        """Return one program, with its source in `data` for its author; raises `NotFound` (get-program)."""
        return decoding.program(self._send("get-program", "GET", ("programs", program_id)))

    def create_program(self, *, name: str, source: str | bytes, **details: Unpack[ProgramDetails]) -> str:
        """Upload a program and return its id (post-program).

        `name` must not be taken yet (`Conflict`), `source` is the Python text (str is sent as UTF-8) and not empty; the
        optional `details` are cost, description, version, is_public, parameters, return_values, interim_results and
        backend_requirements, described at `ProgramDetails`. Raises `Forbidden` without the right to upload. Never
        repeated by itself.
        """
        form = upload_form(name, details)
        files = {"program": (name, source_bytes(source), _OCTETS)}
        answer = self._transport.send(
            Call(
                operation="post-program",
                method="POST",
                path=("programs",),
                success=frozenset({201}),
                form=form,
                files=files,
            )
        )
        return decoding.created_program_id(answer)

    def update_program_data(self, program_id: str, source: str | bytes) -> None:
        """Replace a program's source: str as UTF-8 text, bytes as they are (put-program-data).

        Raises `NotFound`, and `Forbidden` for another author's program.
        """
        body = source_bytes(source)
        self._transport.send(
            Call(
                operation="put-program-data",
                method="PUT",
                path=("programs", program_id, "data"),
                success=_NO_CONTENT,
                content_type="text/plain; charset=utf-8" if isinstance(source, str) else _OCTETS,
                body=body,
            )
        )

    def publish_program(self, program_id: str) -> None:
        """Make a program visible to everybody; raises `NotFound` or `Forbidden` (put-program-public)."""
        self._send("put-program-public", "PUT", ("programs", program_id, "public"), success=_NO_CONTENT)

    def unpublish_program(self, program_id: str) -> None:
        """Make a program visible to its author only; raises `NotFound` or `Forbidden` (put-program-private)."""
        self._send("put-program-private", "PUT", ("programs", program_id, "private"), success=_NO_CONTENT)

    def delete_program(self, program_id: str) -> None:
        """Delete a program; raises `NotFound`, also the second time, or `Forbidden` (delete-program)."""
        self._send("delete-program", "DELETE", ("programs", program_id), success=_NO_CONTENT)

    # Jobs

    def submit_job(
        self,
        program_id: str,
        inputs: Mapping[str, object] | None = None,
        *,
        backend: str | None = None,
        hub: str | None = None,
        group: str | None = None,
        project: str | None = None,
        runtime: str | None = None,
    ) -> Job:
        """Run a program and return the job's handle (post-program-id, which is POST /jobs).

        `inputs` are sent as one JSON text in `params` and left out when None; whatever else is None is left out too and
        the service takes the caller's defaults. `runtime` is an image, "name:tag". Raises `NotFound` for an unknown
        program or backend, `TypeError` or `ValueError` for inputs that have no JSON. Never repeated by itself once it
        may have reached the service: a `TransportError` with `sent` True leaves open whether the job runs, and
        `list_jobs` tells.
        """
        if not program_id:
            raise ValueError("program_id is empty")
        names = {"programId": program_id, "hub": hub, "group": group, "project": project, "backend": backend}
        request: dict[str, object] = {key: value for key, value in names.items() if value is not None}
        if inputs is not None:
            request["params"] = [_inputs_text(inputs)]
        if runtime is not None:
            request["runtime"] = runtime
        answer = self._send_json("post-program-id", ("jobs",), request)
        return self.job(decoding.created_job_id(answer))

    def job(self, job_id: str) -> Job:
        """Return the handle of a job whose id is known; nothing is sent."""
        return Job(self, job_id, sleep=self._settings.sleep, monotonic=self._settings.monotonic)

    def list_jobs(self, *, limit: int | None = None, offset: int | None = None, pending: bool | None = None) -> JobPage:
        """Return one page of the caller's jobs, newest first (get-jobs).

        `limit` and `offset` are at least 0 (the service's defaults are 200 and 0); `pending` True gives only jobs that
        are not over, False only those that are.
        """
        query: dict[str, str] = {}
        for name, value in (("limit", limit), ("offset", offset)):
            if value is not None:
                query[name] = str(_count(value, name, at_least=0))
        if pending is not None:
            query["pending"] = "true" if pending else "false"
        return decoding.job_page(self._send("get-jobs", "GET", ("jobs",), query=query))

    def iter_jobs(self, *, page_size: int = 20, pending: bool | None = None) -> Iterator[JobInfo]:
        """Yield all of the caller's jobs, newest first, asking for page after page until one is empty.

        A job submitted meanwhile pushes the others down, so that some come again on the next page: they are yielded
        once. A job deleted meanwhile can make one be missed. Raises `ContractViolation` when pages go on past the
        `count` they announce with nothing new on them: the service ignores `offset`, and there would be no end.
        """
        _count(page_size, "page_size", at_least=1)
        return self._pages(page_size, pending)

    def _pages(self, page_size: int, pending: bool | None) -> Iterator[JobInfo]:
        seen: set[str] = set()
        offset = 0
        while (page := self.list_jobs(limit=page_size, offset=offset, pending=pending)).jobs:
            fresh = [job for job in page.jobs if job.id not in seen]
            if not fresh and offset >= page.count:
                raise ContractViolation("get-jobs", 200, f"expected no jobs at offset {offset} of {page.count}")
            for job in fresh:
                # Looked at again here, as one page may hold a job twice.
                if job.id not in seen:
                    seen.add(job.id)
                    yield job
            offset += len(page.jobs)

    def get_job(self, job_id: str) -> JobInfo:
        """Return one job; raises `NotFound` (get-programs-id-jobs-jid, which is GET /jobs/{jid})."""
        return decoding.job(self._send("get-programs-id-jobs-jid", "GET", ("jobs", job_id)))

    def delete_job(self, job_id: str) -> None:
        """Delete a job with its results; raises `NotFound` (delete-job)."""
        self._send("delete-job", "DELETE", ("jobs", job_id), success=_NO_CONTENT)

    def get_job_results(self, job_id: str) -> str | None:
        """Return the text of the results, or None (204) while there are none (get-programs-id-jobs-jid-results).

        For a failed job the text is what it wrote, with the traceback. A cancelled job stays at None.
        """
        success = frozenset({200, 204})
        answer = self._send("get-programs-id-jobs-jid-results", "GET", ("jobs", job_id, "results"), success=success)
        return None if answer.status == 204 else answer.text()

    def get_job_logs(self, job_id: str) -> str:
        """Return what the job wrote; raises `NotFound` before its end, `Gone` when it is too old (get-job-logs)."""
        return self._send("get-job-logs", "GET", ("jobs", job_id, "logs")).text()

    def cancel_job(self, job_id: str) -> None:
        """Cancel a job; raises `Conflict` when it is already over, and `NotFound` (post-job-cancel).

        Never repeated by itself.
        """
        self._send("post-job-cancel", "POST", ("jobs", job_id, "cancel"), success=_NO_CONTENT)

    def logout(self) -> None:
        """Make the runtime service forget what it remembers of the caller's rights; the tokens stay valid (logout)."""
        self._send("logout", "POST", ("logout",), success=_NO_CONTENT)

    # Account service

    def login(self) -> Login:
        """Exchange the API token for a session token, which this client sends from now on (login-with-token)."""
        body = {"apiToken": self._credentials.api_token}
        answer = self._send_json("login-with-token", ("users", "loginWithToken"), body, account=True)
        login = decoding.login(answer)
        self._credentials.use_session(login.id)
        return login

    def get_user(self) -> User:
        """Return the account behind the session token and the addresses of its services (get-user)."""
        return decoding.user(self._account("get-user", ("users", "me")))

    def logout_user(self) -> None:
        """End the session; from now on this client sends the API token again (logout-user)."""
        decoding.nothing(self._account("logout-user", ("users", "logout"), method="POST"))
        self._credentials.use_session(None)

    def get_version(self) -> ServiceVersion:
        """Return the versions of the account service; needs no credentials (get-version)."""
        return decoding.version(self._account("get-version", ("version",), access=Access.NONE))

    def list_hubs(self) -> list[Hub]:
        """Return the hubs, groups and projects the caller belongs to (get-network)."""
        return decoding.hubs(self._account("get-network", ("Network",)))

    def list_devices(self, hub: str, group: str, project: str) -> list[Device]:
        """Return the devices of a project; raises `NotFound` when there is no such project (get-devices)."""
        path = ("Network", hub, "Groups", group, "Projects", project, "devices", "v", "1")
        return decoding.devices(self._account("get-devices", path))

    def _send(
        self,
        operation: str,
        method: str,
        path: tuple[str, ...],
        *,
        success: frozenset[int] = frozenset({200}),
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        return self._transport.send(
            Call(operation=operation, method=method, path=path, success=success, query=query or {})
        )

    def _send_json(
        self, operation: str, path: tuple[str, ...], body: Mapping[str, object], *, account: bool = False
    ) -> Answer:
        return self._transport.send(
            Call(
                operation=operation,
                method="POST",
                path=path,
                access=Access.NONE if account else Access.ANY,
                account=account,
                content_type="application/json",
                body=encode_json(body, "the request").encode(),
            )
        )

    def _account(
        self, operation: str, path: tuple[str, ...], *, method: str = "GET", access: Access = Access.SESSION
    ) -> Answer:
        return self._transport.send(Call(operation=operation, method=method, path=path, access=access, account=True))


def _inputs_text(inputs: object) -> str:
    # Taken as an object: a list of inputs is the commonest mistake, and the type checker is not always there to see it.
    if not isinstance(inputs, Mapping):
        raise TypeError(f"inputs must be a mapping, not {type(inputs).__name__}")
    return encode_json(dict(inputs), "inputs")


def _count(value: int, name: str, *, at_least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an integer, not {type(value).__name__}")
    if value < at_least:
        raise ValueError(f"{name} must be at least {at_least}")
    return value
