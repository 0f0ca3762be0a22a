"""What goes over the wire in the edition of 2021: camelCase, JSON inside of strings, capitalised states."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from mock_runtime.domain.instances import Project
from mock_runtime.domain.jobs import Status
from mock_runtime.parsing import (
    MalformedRequest,
    UnsupportedMediaType,
    count_parameter,
    digits,
    flag_parameter,
    optional_text,
    optional_texts,
    parse_object,
    required_text,
)
from mock_runtime.service import CreateProgram, JobPage, JobView, ListJobs, SubmitJob

if TYPE_CHECKING:
    from flask import Request

    from mock_runtime.domain.instances import Caller
    from mock_runtime.domain.jobs import Job
    from mock_runtime.domain.programs import Program

DEFAULT_LIMIT: Final = 200
"""How many jobs a page has if nobody says. Evidence: IBM's page, by way of its mimic server."""

LONGEST_NAME: Final = 1000
"""Characters in the name of a program: a guess, so that the id that is made of it fits into a request."""

_FORM_FIELDS: Final = (
    *("name", "program", "cost", "max_execution_time", "description", "version", "isPublic"),
    *("parameters", "returnValues", "interimResults", "backendRequirements"),
)

STATUSES: Final = {
    Status.QUEUED: "Queued",
    Status.RUNNING: "Running",
    Status.COMPLETED: "Completed",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
    Status.RAN_TOO_LONG: "Cancelled - Ran too long",
}
"""Evidence: the constants of IBM's client, 0.14.0 and 0.15.0."""


def parse_submit(request: Request, caller: Caller) -> SubmitJob:
    """A job from the body of POST /jobs, whose Content-Type is not looked at: old clients send none."""
    fields = parse_object(request.get_data(cache=False))
    program_id = required_text(fields, "programId")
    project = Project(*(optional_text(fields, name) or "" for name in ("hub", "group", "project")))
    return SubmitJob(
        caller=caller,
        program_id=program_id,
        inputs=optional_texts(fields, "params"),
        backend=optional_text(fields, "backend"),
        project=project,
        image=optional_text(fields, "runtime"),
    )


def parse_list(request: Request, caller: Caller) -> ListJobs:
    """The page of jobs that a query asks for; keys that are not known are ignored."""
    query = request.args
    return ListJobs(
        caller=caller,
        limit=count_parameter(query.getlist("limit"), "limit", DEFAULT_LIMIT),
        offset=count_parameter(query.getlist("offset"), "offset", 0),
        pending=flag_parameter(query.getlist("pending"), "pending"),
    )


def parse_create(request: Request, caller: Caller) -> CreateProgram:
    """A program from the form of POST /programs. Its source is a file part, or a plain field."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType(f"send multipart/form-data, not {request.mimetype or 'a body without a type'}")
    if not request.mimetype_params.get("boundary"):
        raise MalformedRequest("the Content-Type names no boundary for the parts of the form")
    form, files = _form(request)
    repeated = next((name for name in _FORM_FIELDS if len(form.getlist(name)) + len(files.getlist(name)) > 1), None)
    if repeated is not None:
        raise MalformedRequest(f"'{repeated}' is there more than once")
    file = files.get("program")
    if not form.get("name"):
        raise MalformedRequest("'name' is missing")
    if len(form["name"]) > LONGEST_NAME:
        raise MalformedRequest(f"'name' is longer than {LONGEST_NAME} characters")
    if file is None and "program" not in form:
        raise MalformedRequest("'program' is missing: send the source as a file part of that name")
    costs = [digits(form[name], name) for name in ("cost", "max_execution_time") if name in form]
    return CreateProgram(
        caller=caller,
        name=form["name"],
        source=form["program"].encode("utf-8", "surrogateescape") if file is None else file.read(),
        cost_s=costs[0] if costs else None,
        description=form.get("description"),
        version=form.get("version"),
        is_public=_truth(form.get("isPublic", "False")),
        parameters=form.get("parameters"),
        return_values=form.get("returnValues"),
        interim_results=form.get("interimResults"),
        backend_requirements=form.get("backendRequirements"),
    )


def parse_source(request: Request) -> bytes:
    """The source of a program from the body of PUT /programs/{id}/data."""
    if request.mimetype not in {"text/plain", "application/octet-stream"}:
        sent = request.mimetype or "a body without a type"
        raise UnsupportedMediaType(f"send text/plain or application/octet-stream, not {sent}")
    return request.get_data(cache=False)


def present_program(program: Program, *, source_for: Caller | None = None) -> dict[str, Any]:
    """A program as an object: keys without a value are left out, and only its author gets the source.

    Evidence: order and keys are those of the one object that was recorded whole, in May 2021. IBM's own programs
    have no `isPublic`, as then; it is in the object of uploaded ones, as their clients expect.
    """
    present: dict[str, Any] = {
        "id": program.id,
        "name": program.name,
        "cost": program.cost_s,
        "description": program.description,
        "creationDate": _instant(program.created_at, "seconds"),
        "version": program.version,
        "isPublic": None if program.author is None else program.is_public,
        "parameters": program.parameters,
        "returnValues": program.return_values,
        "interimResults": program.interim_results,
        "backendRequirements": program.backend_requirements,
    }
    if source_for is not None and program.author == source_for.id:
        present["data"] = program.source.decode("utf-8", "replace")
    return {key: value for key, value in present.items() if value is not None}


def present_job(view: JobView) -> dict[str, Any]:
    """A job as an object; `runtime` is there if an image was asked for (that it has this name is a guess)."""
    job = view.job
    present: dict[str, Any] = {
        "id": job.id,
        "hub": job.project.hub,
        "group": job.project.group,
        "project": job.project.project,
        "backend": job.backend,
        "status": STATUSES[view.state.status],
        "params": list(job.inputs),
        "program": {"id": job.program_id},
        "created": _instant(job.submitted_at, "microseconds"),
    }
    return present if job.image is None else {**present, "runtime": job.image}


def present_page(page: JobPage) -> dict[str, Any]:
    """A page of jobs. Evidence: clients read `jobs`; `limit` and `offset` are echoed only from 2022 on."""
    return {"jobs": [present_job(view) for view in page.jobs], "count": page.count}


def present_results(view: JobView) -> str | None:
    """What GET results answers, None for the 204 of a job that has none.

    Evidence: a string comes without quotes, anything else as JSON (transcripts); a job that failed answers its
    traceback (IBM's test). Guesses: one that ran too long answers its log so far, a cancelled one nothing, as later
    clients saw it.
    """
    job: Job = view.job
    match view.state.status:
        case Status.COMPLETED:
            result = job.produced.result
            return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
        case Status.FAILED:
            return job.produced.error or job.produced.logs
        case Status.RAN_TOO_LONG:
            return f"{job.produced.logs}Cancelled - Ran too long: job {job.id} exceeded its maximum execution time\n"
        case _:
            return None


def _form(request: Request) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """The fields and files of a form; MalformedRequest where Flask would read as much of a broken one as it can."""
    parser = FormDataParser(
        # Memory is bounded by the size of the body; a temporary file would want closing.
        stream_factory=lambda *_size_and_type, **_named: BytesIO(),
        max_form_memory_size=request.max_form_memory_size,
        max_content_length=request.max_content_length,
        max_form_parts=request.max_form_parts,
        silent=False,
    )
    try:
        _, form, files = parser.parse(
            request.stream, request.mimetype, request.content_length, dict(request.mimetype_params)
        )
    except ValueError:
        raise MalformedRequest("the form is broken: its parts do not begin and end as the boundary says") from None
    return form, files


def _truth(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise MalformedRequest("'isPublic' must be True or False")
    return text.lower() == "true"


def _instant(seconds: float, precision: str) -> str:
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec=precision)
    return text.replace("+00:00", "Z")
