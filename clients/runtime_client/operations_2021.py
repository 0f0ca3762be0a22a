"""The operations of edition legacy-2021 as values: what to send, and how to read the answer. Nothing is sent here.

Every function returns an `Operation`, named by the operation id of the document. Wrong arguments raise `TypeError` or
`ValueError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from runtime_client import decoding
from runtime_client.calls import Access, Call
from runtime_client.errors import ContractViolation
from runtime_client.flows import Pages
from runtime_client.models import Device, Hub, JobInfo, JobPage, Login, Program, ServiceVersion, User
from runtime_client.operation import Operation, nothing
from runtime_client.uploads import ProgramDetails, source_bytes, upload_form
from runtime_client.wire import Answer, encode_json

_T = TypeVar("_T")
_NO_CONTENT = frozenset({204})
_OCTETS = "application/octet-stream"


def _get(operation: str, *path: str, decode: Callable[[Answer], _T], **more: Any) -> Operation[_T]:
    return Operation(call=Call(operation=operation, method="GET", path=path, **more), decode=decode)


def _do(operation: str, method: str, *path: str, **more: Any) -> Operation[None]:
    """Return an operation that answers 204."""
    call = Call(operation=operation, method=method, path=path, success=_NO_CONTENT, **more)
    return Operation(call=call, decode=nothing)


def _post(
    operation: str, *path: str, body: Mapping[str, object], decode: Callable[[Answer], _T], **more: Any
) -> Operation[_T]:
    encoded = encode_json(body, "the request").encode()
    call = Call(operation=operation, method="POST", path=path, content_type="application/json", body=encoded, **more)
    return Operation(call=call, decode=decode)


# Programs


def list_programs() -> Operation[list[Program]]:
    """Return get-programs."""
    return _get("get-programs", "programs", decode=decoding.programs)


def get_program(program_id: str) -> Operation[Program]:
    """Return get-program."""
    return _get("get-program", "programs", program_id, decode=decoding.program)


def create_program(name: str, source: str | bytes, details: ProgramDetails) -> Operation[str]:
    """Return post-program."""
    form = upload_form(name, details)
    call = Call(
        operation="post-program",
        method="POST",
        path=("programs",),
        success=frozenset({201}),
        form=form,
        files={"program": (name, source_bytes(source), _OCTETS)},
    )
    return Operation(call=call, decode=decoding.created_program_id)


def update_program_data(program_id: str, source: str | bytes) -> Operation[None]:
    """Return put-program-data."""
    content_type = "text/plain; charset=utf-8" if isinstance(source, str) else _OCTETS
    body = source_bytes(source)
    return _do("put-program-data", "PUT", "programs", program_id, "data", content_type=content_type, body=body)


def publish_program(program_id: str) -> Operation[None]:
    """Return put-program-public."""
    return _do("put-program-public", "PUT", "programs", program_id, "public")


def unpublish_program(program_id: str) -> Operation[None]:
    """Return put-program-private."""
    return _do("put-program-private", "PUT", "programs", program_id, "private")


def delete_program(program_id: str) -> Operation[None]:
    """Return delete-program."""
    return _do("delete-program", "DELETE", "programs", program_id)


# Jobs


def submit_job(
    program_id: str,
    inputs: Mapping[str, object] | None,
    *,
    backend: str | None,
    hub: str | None,
    group: str | None,
    project: str | None,
    runtime: str | None,
) -> Operation[str]:
    """Return post-program-id, which is POST /jobs."""
    if not program_id:
        raise ValueError("program_id is empty")
    names = {"programId": program_id, "hub": hub, "group": group, "project": project, "backend": backend}
    request: dict[str, object] = {key: value for key, value in names.items() if value is not None}
    if inputs is not None:
        request["params"] = [_inputs_text(inputs)]
    if runtime is not None:
        request["runtime"] = runtime
    return _post("post-program-id", "jobs", body=request, decode=decoding.created_job_id)


def list_jobs(*, limit: int | None, offset: int | None, pending: bool | None) -> Operation[JobPage]:
    """Return get-jobs."""
    query: dict[str, str] = {}
    for name, value in (("limit", limit), ("offset", offset)):
        if value is not None:
            query[name] = str(_count(value, name, at_least=0))
    if pending is not None:
        query["pending"] = "true" if pending else "false"
    return _get("get-jobs", "jobs", decode=decoding.job_page, query=query)


def all_jobs(page_size: int, pending: bool | None) -> Pages[JobInfo]:
    """Return the jobs of all pages, each job once; wrong arguments are refused before the first page is asked for."""
    _count(page_size, "page_size", at_least=1)
    return _jobs(page_size, pending)


def _jobs(page_size: int, pending: bool | None) -> Pages[JobInfo]:
    seen: set[str] = set()
    offset = 0
    while True:
        page: JobPage = yield list_jobs(limit=page_size, offset=offset, pending=pending)
        if not page.jobs:
            return
        # A page may hold a job twice, too.
        fresh = {job.id: job for job in page.jobs[::-1] if job.id not in seen}
        if not fresh and offset >= page.count:
            raise ContractViolation("get-jobs", 200, f"expected no jobs at offset {offset} of {page.count}")
        yield tuple(fresh[name] for name in dict.fromkeys(job.id for job in page.jobs) if name in fresh)
        seen.update(fresh)
        offset += len(page.jobs)


def get_job(job_id: str) -> Operation[JobInfo]:
    """Return get-programs-id-jobs-jid, which is GET /jobs/{jid}."""
    return _get("get-programs-id-jobs-jid", "jobs", job_id, decode=decoding.job)


def delete_job(job_id: str) -> Operation[None]:
    """Return delete-job."""
    return _do("delete-job", "DELETE", "jobs", job_id)


def get_job_results(job_id: str) -> Operation[str | None]:
    """Return get-programs-id-jobs-jid-results, whose 204 says that there are none yet."""
    success = frozenset({200, 204})
    path = ("jobs", job_id, "results")
    return _get("get-programs-id-jobs-jid-results", *path, decode=_results, success=success)


def _results(answer: Answer) -> str | None:
    return None if answer.status == 204 else answer.text()


def get_job_logs(job_id: str) -> Operation[str]:
    """Return get-job-logs."""
    return _get("get-job-logs", "jobs", job_id, "logs", decode=Answer.text)


def cancel_job(job_id: str) -> Operation[None]:
    """Return post-job-cancel."""
    return _do("post-job-cancel", "POST", "jobs", job_id, "cancel")


def logout() -> Operation[None]:
    """Return logout."""
    return _do("logout", "POST", "logout")


# Account service


def login(api_token: str) -> Operation[Login]:
    """Return login-with-token."""
    path = ("users", "loginWithToken")
    body = {"apiToken": api_token}
    return _post("login-with-token", *path, body=body, decode=decoding.login, access=Access.NONE, account=True)


def get_user() -> Operation[User]:
    """Return get-user."""
    return _account("get-user", "users", "me", decode=decoding.user)


def logout_user() -> Operation[None]:
    """Return logout-user, which answers with an empty text."""
    call = Call(operation="logout-user", method="POST", path=("users", "logout"), access=Access.SESSION, account=True)
    return Operation(call=call, decode=decoding.nothing)


def get_version() -> Operation[ServiceVersion]:
    """Return get-version, which needs no credentials."""
    return _account("get-version", "version", decode=decoding.version, access=Access.NONE)


def list_hubs() -> Operation[list[Hub]]:
    """Return get-network."""
    return _account("get-network", "Network", decode=decoding.hubs)


def list_devices(hub: str, group: str, project: str) -> Operation[list[Device]]:
    """Return get-devices."""
    path = ("Network", hub, "Groups", group, "Projects", project, "devices", "v", "1")
    return _account("get-devices", *path, decode=decoding.devices)


def _account(
    operation: str, *path: str, decode: Callable[[Answer], _T], access: Access = Access.SESSION
) -> Operation[_T]:
    return _get(operation, *path, decode=decode, access=access, account=True)


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
