"""Deliberately broken servers: each deviates from the contract in what happens over several calls."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from werkzeug.wrappers import Request

from tests.broken.serving import Ask, Reply
from tests.broken.spoiling import again, as_alice, matches, without, without_credentials


class DeletedJobsStay:
    """Delete no job."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        if request.method == "DELETE" and matches("/jobs/*", request.path):
            found = ask(again(request, method="GET"))
            return Reply(204) if found.status == 200 else found
        return ask(request)


class NewJobsAreHidden:
    """Answer 404 the first time that a job is read."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        first = request.path not in self._seen
        reply = ask(request)
        if request.method == "GET" and matches("/jobs/*", request.path) and reply.status == 200 and first:
            self._seen.add(request.path)
            return ask(again(request, path="/jobs/00000000000000000000"))
        return reply


class ResultsVanish:
    """Give a result once and then no more."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.path.endswith("/results") and reply.status == 200:
            if request.path in self._given:
                return Reply(204)
            self._given.add(request.path)
        return reply


class ResultsChange:
    """Give another result each time."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.path.endswith("/results") and reply.status == 200:
            self._count += 1
            return reply.changed(body=str(self._count).encode())
        return reply


def quotes_texts(request: Request, ask: Ask) -> Reply:
    """Give results that are texts in the quotes of JSON."""
    reply = ask(request)
    quoted = request.path.endswith("/results") and reply.body == b"All done!"
    return reply.changed(body=json.dumps(reply.body.decode()).encode()) if quoted else reply


def results_too_early(request: Request, ask: Ask) -> Reply:
    """Give a result before there is one."""
    reply = ask(request)
    early = request.path.endswith("/results") and reply.status == 204
    return Reply(200, {"Content-Type": "text/plain"}, b"All done!") if early else reply


def logs_too_early(request: Request, ask: Ask) -> Reply:
    """Give logs while a job is running."""
    reply = ask(request)
    job = again(request, path=request.path.removesuffix("/logs"))
    early = request.method == "GET" and request.path.endswith("/logs") and reply.status == 404
    return Reply(200, {"Content-Type": "text/plain"}) if early and ask(job).status == 200 else reply


class StatusGoesBack:
    """Show a running job as queued every other time."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and matches("/jobs/*", request.path) and b"Running" in reply.body:
            self._count += 1
            return reply.changed(body=reply.body.replace(b"Running", b"Queued")) if self._count % 2 == 0 else reply
        return reply


def cancels_ended_jobs(request: Request, ask: Ask) -> Reply:
    """Answer 204 to the cancelling of a job that has ended."""
    reply = ask(request)
    return Reply(204) if request.path.endswith("/cancel") and reply.status == 409 else reply


def cancels_nothing(request: Request, ask: Ask) -> Reply:
    """Answer 204 to a cancel and let the job go on."""
    if request.method == "POST" and request.path.endswith("/cancel"):
        job = ask(again(request, method="GET", path=request.path.removesuffix("/cancel")))
        if b"Queued" in job.body or b"Running" in job.body:
            return Reply(204)
    return ask(request)


def cancels_only_queued_jobs(request: Request, ask: Ask) -> Reply:
    """Answer 204 to the cancelling of a running job and let it go on."""
    if request.method == "POST" and request.path.endswith("/cancel"):
        job = ask(again(request, method="GET", path=request.path.removesuffix("/cancel")))
        if b"Running" in job.body:
            return Reply(204)
    return ask(request)


def cancelling_never_ends(request: Request, ask: Ask) -> Reply:
    """Show a cancelled job as running for ever, without logs."""
    reply = ask(request)
    if request.method == "GET" and matches("/jobs/*", request.path):
        return reply.changed(body=reply.body.replace(b'"Cancelled"', b'"Running"'))
    if request.method == "GET" and matches("/jobs/*/logs", request.path):
        job = ask(again(request, path=request.path.removesuffix("/logs")))
        return ask(again(request, path=f"/jobs/{'0' * 20}/logs")) if b'"Cancelled"' in job.body else reply
    return reply


def pages_overlap(request: Request, ask: Ask) -> Reply:
    """Begin each page one job too early."""
    offset = request.args.get("offset", "0")
    if request.method == "GET" and request.path == "/jobs" and offset.isdigit() and 0 < int(offset) < 1000:
        query = {**request.args.to_dict(), "offset": str(int(offset) - 1)}
        return ask(again(request, query_string=urlencode(query)))
    return ask(request)


def ignores_limit(request: Request, ask: Ask) -> Reply:
    """List all jobs whatever the limit."""
    if request.method == "GET" and request.path == "/jobs" and request.args.get("limit", "").isdigit():
        query = {**request.args.to_dict(), "limit": "200"}
        return ask(again(request, query_string=urlencode(query)))
    return ask(request)


def ignores_pending(request: Request, ask: Ask) -> Reply:
    """List all jobs whatever `pending` says."""
    if request.method == "GET" and request.path == "/jobs" and request.args.get("pending") in {"true", "false"}:
        return ask(again(request, query_string=urlencode(without(request.args.to_dict(), "pending"))))
    return ask(request)


def shows_jobs_of_others(request: Request, ask: Ask) -> Reply:
    """Show a job to everybody."""
    reply = ask(request)
    hidden = request.method == "GET" and matches("/jobs/*", request.path) and reply.status == 404
    return ask(as_alice(request)) if hidden else reply


def shows_private_programs(request: Request, ask: Ask) -> Reply:
    """Show a private program to everybody."""
    reply = ask(request)
    hidden = request.method == "GET" and matches("/programs/*", request.path) and reply.status == 404
    return ask(as_alice(request)) if hidden else reply


def lets_others_publish(request: Request, ask: Ask) -> Reply:
    """Let everybody make a program public or private."""
    reply = ask(request)
    refused = request.method == "PUT" and reply.status in {403, 404}
    return ask(as_alice(request)) if refused and request.path.endswith(("/public", "/private")) else reply


def shows_sources(request: Request, ask: Ask) -> Reply:
    """Show the source of a public program to everybody."""
    reply = ask(request)
    shown = request.method == "GET" and matches("/programs/*", request.path) and reply.status == 200
    return ask(as_alice(request)) if shown else reply


class NamesAreFree:
    """Answer 201 to a name that is taken."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "POST" and request.path == "/programs" and reply.status == 409:
            return Reply(201, {"Content-Type": "application/json"}, b'{"id": "taken"}')
        return reply


def lists_half_of_the_programs(request: Request, ask: Ask) -> Reply:
    """Leave uploaded programs out of the list."""
    reply = ask(request)
    if request.method == "GET" and request.path == "/programs" and reply.status == 200:
        kept = [item for item in json.loads(reply.body) if not item["id"].startswith("walk-")]
        return reply.changed(body=json.dumps(kept).encode())
    return reply


def forgets_sources(request: Request, ask: Ask) -> Reply:
    """Accept a new source and keep the old one."""
    if request.method == "PUT" and request.path.endswith("/data"):
        found = ask(again(request, method="GET", path=request.path.removesuffix("/data")))
        return Reply(204) if found.status == 200 and b'"data"' in found.body else ask(request)
    return ask(request)


class DeletedProgramsStay:
    """Delete no program."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        if request.method == "DELETE" and matches("/programs/*", request.path):
            found = ask(again(request, method="GET"))
            return Reply(204) if found.status == 200 and b'"data"' in found.body else ask(request)
        return ask(request)


def forgets_inputs(request: Request, ask: Ask) -> Reply:
    """Show a job without its inputs."""
    reply = ask(request)
    if request.method == "GET" and matches("/jobs/*", request.path) and reply.status == 200:
        return reply.changed(body=json.dumps({**json.loads(reply.body), "params": []}).encode())
    return reply


def locks_out_after_logout(request: Request, ask: Ask) -> Reply:
    """Refuse to log out of the runtime service properly: the call itself is answered with 401."""
    if request.method == "POST" and request.path == "/logout":
        return ask(without_credentials(request))
    return ask(request)


def oldest_first(request: Request, ask: Ask) -> Reply:
    """Turn every page of jobs round."""
    reply = ask(request)
    if request.method == "GET" and request.path == "/jobs" and reply.status == 200:
        value = json.loads(reply.body)
        return reply.changed(body=json.dumps({**value, "jobs": value["jobs"][::-1]}).encode())
    return reply


def pages_skip(request: Request, ask: Ask) -> Reply:
    """Pass over one job between the first page and the second."""
    offset = request.args.get("offset", "0")
    if request.method == "GET" and request.path == "/jobs" and offset.isdigit() and int(offset) > 0:
        query = {**request.args.to_dict(), "offset": str(int(offset) + 1)}
        return ask(again(request, query_string=urlencode(query)))
    return ask(request)


class JobIdsRepeat:
    """Give every job the id of the first."""

    def __init__(self) -> None:
        self._first = b""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "POST" and request.path == "/jobs" and reply.status == 200:
            self._first = self._first or reply.body
            return reply.changed(body=self._first)
        return reply


def never_public(request: Request, ask: Ask) -> Reply:
    """Answer 204 to a publication and keep the program private."""
    if request.method == "PUT" and request.path.endswith("/public"):
        return ask(again(request, path=request.path.removesuffix("public") + "private"))
    return ask(request)


def changes_are_refused(request: Request, ask: Ask) -> Reply:
    """Tell an author that a program is somebody else's."""
    reply = ask(request)
    if request.method == "PUT" and reply.status == 204:
        return Reply(403, {"Content-Type": "application/json"}, b'{"errors": [{"code": "forbidden", "message": "no"}]}')
    return reply


def new_programs_are_refused(request: Request, ask: Ask) -> Reply:
    """Answer 400 to a good upload."""
    reply = ask(request)
    if request.method == "POST" and request.path == "/programs" and reply.status == 201:
        return Reply(
            400, {"Content-Type": "application/json"}, b'{"errors": [{"code": "bad_request", "message": "no"}]}'
        )
    return reply


def new_jobs_are_refused(request: Request, ask: Ask) -> Reply:
    """Answer 400 to a good job."""
    reply = ask(request)
    if request.method == "POST" and request.path == "/jobs" and reply.status == 200:
        return Reply(
            400, {"Content-Type": "application/json"}, b'{"errors": [{"code": "bad_request", "message": "no"}]}'
        )
    return reply


def deletions_are_refused(request: Request, ask: Ask) -> Reply:
    """Answer 409 to every deletion that would succeed."""
    if request.method == "DELETE" and ask(again(request, method="GET")).status == 200:
        return Reply(409, {"Content-Type": "application/json"}, b'{"errors": [{"code": "conflict", "message": "no"}]}')
    return ask(request)


def pending_jobs_stay(request: Request, ask: Ask) -> Reply:
    """Answer 409 to the cancelling of a job that has not ended."""
    if request.method == "POST" and request.path.endswith("/cancel"):
        job = ask(again(request, method="GET", path=request.path.removesuffix("/cancel")))
        if b"Queued" in job.body or b"Running" in job.body:
            body = b'{"errors": [{"code": "conflict", "message": "no"}]}'
            return Reply(409, {"Content-Type": "application/json"}, body)
    return ask(request)
