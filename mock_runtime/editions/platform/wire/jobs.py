"""Jobs on the wire of today's API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.domain.errors import RemoteStorageNotAllowed
from mock_runtime.domain.jobs import Status
from mock_runtime.editions.platform.validation import validate
from mock_runtime.editions.platform.wire import query
from mock_runtime.parsing import MalformedRequest, parse_object
from mock_runtime.service import JobPage, JobView, ListJobs, SubmitJob

if TYPE_CHECKING:
    from flask import Request

    from mock_runtime.domain.instances import Caller
    from mock_runtime.domain.jobs import Job
    from mock_runtime.editions.platform.versions import Version

DEFAULT_COST_S: Final = 10_000
"""The `cost` of a job that was submitted without one, in seconds. A guess; the largest possible is 10800."""

MOST_JOBS: Final = 200
"""How many jobs a page has at most, and if nobody says. Evidence: IBM's document."""

MAX_TIME_CODE: Final = 1305
"""Evidence: IBM's client takes a cancelled job with this code for one that ran too long."""

_STATUSES: Final = {
    Status.QUEUED: "Queued",
    Status.RUNNING: "Running",
    Status.COMPLETED: "Completed",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
    Status.RAN_TOO_LONG: "Cancelled - Ran too long",
}
_STATES: Final = {**_STATUSES, Status.RAN_TOO_LONG: "Cancelled"}
_FAILED_CODE: Final = 9999
"""Why a job failed for which no other number is known. Evidence: the registry's number for what is internal."""

_LONGEST_REASON: Final = 2000
_MOST_OFFSET: Final = 2**31 - 1
_MOST_TAGS: Final = 8
_LONGEST_TAG: Final = 86


def parse_submit(request: Request, caller: Caller) -> SubmitJob:
    """A job from the body of POST /v1/jobs, whose Content-Type is not looked at: old clients send none."""
    body = parse_object(request.get_data(cache=False))
    validate("create_job", body)
    if "remote_storage" in body:
        raise RemoteStorageNotAllowed
    return SubmitJob(
        caller=caller,
        program_id=body["program_id"],
        inputs=body.get("params", {}),
        backend=body["backend"],
        image=body.get("runtime"),
        tags=tuple(body.get("tags", ())),
        session_id=body.get("session_id"),
        calibration_id=body.get("calibration_id"),
        cost_s=body.get("cost"),
        private=body.get("private", False),
    )


def parse_list(request: Request, caller: Caller) -> ListJobs:
    """The page of jobs that a query asks for.

    Evidence: IBM's document says of `limit` and `offset` that the default is used for what is out of range. Old clients
    write truths in Python's way. Keys that are not known are ignored (seen by a third party).
    """
    return ListJobs(
        caller=caller,
        limit=_or_default(request.args.get("limit"), 1, MOST_JOBS, MOST_JOBS),
        offset=_or_default(request.args.get("offset"), 0, _MOST_OFFSET, 0),
        pending=query.flag(request, "pending"),
        program_id=query.line(request, "program", at_least=1, at_most=63),
        backend=query.line(request, "backend", at_least=1, at_most=100),
        session_id=query.line(request, "session_id", at_least=1, at_most=1000),
        tags=frozenset(query.texts(request, "tags", at_most=_MOST_TAGS, longest=_LONGEST_TAG)),
        created_after=query.instant(request, "created_after"),
        created_before=query.instant(request, "created_before"),
        ascending=query.choice(request, "sort", ("ASC", "DESC"), "DESC") == "ASC",
    )


def parse_tags(request: Request) -> tuple[str, ...]:
    """The tags in the body of PUT /v1/jobs/{id}/tags."""
    body = parse_object(request.get_data(cache=False))
    validate("replace_job_tags", body)
    return tuple(body["tags"])


def parse_tag_search(request: Request) -> str:
    """What is looked for among the tags: three characters or more, of jobs (there is nothing else)."""
    query.required_choice(request, "type", ("job",))
    wanted = query.text(request, "search", at_least=3, at_most=100)
    if wanted is None:
        raise MalformedRequest("query parameter 'search' is missing")
    return wanted


def present_created(job: Job) -> dict[str, Any]:
    """A job that was accepted."""
    return _without_none(
        {
            "id": job.id,
            "backend": job.backend,
            "session_id": job.session_id,
            "private": job.private,
            "calibration_id": job.calibration_id,
        }
    )


def present_job(view: JobView, version: Version, *, with_params: bool) -> dict[str, Any]:
    """A job as an object."""
    job = view.job
    return _without_none(
        {
            "id": job.id,
            "backend": job.backend,
            "state": present_state(view),
            "status": _STATUSES[view.state.status],
            "params": job.inputs if with_params and not job.private else None,
            "program": {"id": job.program_id},
            "created": instant(job.submitted_at),
            "runtime": job.image,
            "tags": list(job.tags),
            "cost": DEFAULT_COST_S if job.cost_s is None else job.cost_s,
            "session_id": job.session_id,
            "calibration_id": job.calibration_id,
            "estimated_running_time_seconds": _estimate(job),
            "private": job.private,
            "user_id": job.user,
            "usage": present_usage(view, version),
            "bss": {"seconds": whole(view.usage_s)} if version.shows_billed_seconds else None,
        }
    )


def present_state(view: JobView) -> dict[str, Any]:
    """Where a job stands, and why it ended badly if it did."""
    job, status = view.job, view.state.status
    state: dict[str, Any] = {"status": _STATES[status]}
    if status is Status.FAILED:
        error = job.produced.error or "The job failed."
        state["reason"] = _last_line(error)
        state["reason_code"] = job.produced.error_code or _FAILED_CODE
        state["reason_solution"] = "See the logs of the job; change it, and submit it again."
    elif status is Status.RAN_TOO_LONG:
        state["reason"] = "Ran too long"
        state["reason_code"] = MAX_TIME_CODE
        state["reason_solution"] = "Allow the job more time with max_execution_time, or make it smaller."
    return state


def present_page(page: JobPage, command: ListJobs, version: Version, *, with_params: bool) -> dict[str, Any]:
    """A page of jobs. `count` is how many jobs meet the conditions, which is where clients stop to page."""
    return {
        "jobs": [present_job(view, version, with_params=with_params) for view in page.jobs],
        "count": page.count,
        "limit": command.limit,
        "offset": command.offset,
    }


def present_results(view: JobView) -> str | None:
    """What GET results answers, None for the 204 of a job that has none.

    A job that failed answers why, which IBM's client shows if the state gives no reason. That a cancelled job has no
    results for ever, rather than an error, is a guess.
    """
    job = view.job
    if view.state.status is Status.FAILED:
        return job.produced.error or ""
    if view.state.status is not Status.COMPLETED:
        return None
    result = job.produced.result
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)


def present_metrics(view: JobView, version: Version) -> dict[str, Any]:
    """The times of a job, and what it is charged for."""
    job, state = view.job, view.state
    stamps = {
        "created": instant(job.submitted_at),
        "running": None if state.started_at is None else instant(state.started_at),
        "finished": None if state.ended_at is None else instant(state.ended_at),
    }
    return _without_none(
        {
            "timestamps": _without_none(stamps),
            "usage": present_usage(view, version),
            "bss": {"seconds": whole(view.usage_s)} if version.shows_billed_seconds else None,
            "circuits_execution_time_ns": None if version.shows_execution_time_in_usage else _nanoseconds(view),
            "caller": "qiskit-ibm-runtime",
        }
    )


def present_usage(view: JobView, version: Version) -> dict[str, Any]:
    """What a job is charged for; pending until it has ended."""
    final = view.state.status.is_final
    usage: dict[str, Any] = {
        "status": "complete" if final else "pending",
        "qpu_charge_time_seconds": whole(view.usage_s),
    }
    if version.shows_billed_seconds:
        usage["quantum_seconds"] = usage["seconds"] = whole(view.usage_s)
    if version.shows_execution_time_in_usage:
        usage["circuits_execution_time_ns"] = _nanoseconds(view)
    return usage


def instant(seconds: float) -> str:
    """An instant as text, to the microsecond, in UTC; what lies outside the years 1 to 9999 is moved to their ends."""
    within = min(max(seconds, query.EARLIEST), query.LATEST)
    return datetime.fromtimestamp(within, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def whole(seconds: float) -> int:
    """Seconds as they are charged: begun ones count. A guess."""
    return -int(-seconds // 1)


def _nanoseconds(view: JobView) -> int:
    return round(view.usage_s * 1e9)


def _estimate(job: Job) -> float | None:
    """How long it was thought to run: what its plan says, where that is a length of time."""
    seconds = getattr(job.timeline.run, "value", None)
    return seconds if seconds is not None and seconds < 86_400 else None


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[:_LONGEST_REASON] if lines else text


def _or_default(sent: str | None, lowest: int, highest: int, default: int) -> int:
    """A whole number from a query, or the default if it is none, or out of range."""
    if sent is None or not sent.isdecimal() or len(sent) > 10 or not lowest <= int(sent) <= highest:
        return default
    return int(sent)


def _without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in value.items() if each is not None}
