"""Servers of today that are wrong over several calls in the life of a job."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Request

from tests.broken.serving import Ask, Reply
from tests.broken.spoiling import again, matches, rewritten
from tests.broken.zoo.deviation import Remembering, drop, inside, put, queried, resent, rows, sent, value

API = "/api/v1"
JOB, JOBS, SESSION = f"{API}/jobs/*", f"{API}/jobs", f"{API}/sessions/*"
RESULTS = f"{JOB}/results"


# The lives of jobs


class ResultsAreReordered(Remembering):
    """Give a result with another space in it from the third time on."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and matches(RESULTS, request.path) and reply.status == 200:
            return reply.changed(body=reply.body + b" ") if self.times(request.path) > 2 else reply
        return reply


class ResultsGoAway(Remembering):
    """Answer 204 after a result was given."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and matches(RESULTS, request.path) and reply.status == 200:
            return Reply(204) if self.times(request.path) == 2 else reply
        return reply


def _job_of(request: Request, ask: Ask) -> dict[str, Any]:
    path = "/".join(request.path.split("/")[:5])
    found = ask(again(request, method="GET", path=path, query_string="", data=b""))
    return json.loads(found.body) if found.status == 200 else {}


def results_while_running(request: Request, ask: Ask) -> Reply:
    """Give an empty result while a job is running."""
    reply = ask(request)
    early = request.method == "GET" and matches(RESULTS, request.path) and reply.status == 204
    if early and _job_of(request, ask).get("status") == "Running":
        return Reply(200, {"Content-Type": "text/plain"}, b"{}")
    return reply


def results_come_late(request: Request, ask: Ask) -> Reply:
    """Answer 204 for the result of a job that has ended."""
    reply = ask(request)
    return Reply(204) if request.method == "GET" and matches(RESULTS, request.path) and reply.status == 200 else reply


def logs_while_queued(request: Request, ask: Ask) -> Reply:
    """Give empty logs before the end."""
    reply = ask(request)
    early = request.method == "GET" and matches(f"{JOB}/logs", request.path) and reply.status == 404
    return Reply(200, {"Content-Type": "text/plain"}) if early and _job_of(request, ask) else reply


class GoesBack(Remembering):
    """Show a running job as queued now and then."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        running = request.method == "GET" and matches(JOB, request.path) and b'"Running"' in reply.body
        if running and self.times("all") % 2 == 0:
            return reply.changed(body=reply.body.replace(b'"Running"', b'"Queued"'))
        return reply


def cancels(status: str, answered: int) -> Any:
    """Answer a cancel of a job in one state with some status, and do nothing."""

    def plant(request: Request, ask: Ask) -> Reply:
        hit = request.method == "POST" and matches(f"{JOB}/cancel", request.path)
        if hit and _job_of(request, ask).get("status") == status:
            body = b"" if answered == 204 else json.dumps({"errors": [{"code": 1308, "message": "no"}]}).encode()
            return Reply(answered, {} if answered == 204 else {"Content-Type": "application/json"}, body)
        return ask(request)

    return plant


def cancelled_is_failed(request: Request, ask: Ask) -> Reply:
    """Show a cancelled job as failed."""
    reply = ask(request)
    hit = request.method == "GET" and matches(JOB, request.path)
    return reply.changed(body=reply.body.replace(b'"Cancelled"', b'"Failed"')) if hit else reply


class DeletesAgain(Remembering):
    """Answer 204 to a second deletion."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "DELETE" and matches(JOB, request.path):
            if reply.status == 204:
                self.seen[request.path] = True
            return Reply(204) if request.path in self.seen else reply
        return reply


class _Kept(Remembering):
    """Keeps answers about a job after it was deleted."""

    path, method = JOB, "GET"

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == self.method and matches(self.path, request.path):
            if reply.status == 200:
                self.seen[request.path] = reply
            if reply.status == 404:
                kept: Reply = self.seen.get(request.path, reply)
                return kept
        return reply


class DeletedIsReadable(_Kept):
    """Show a job that was deleted."""


class DeletedResultsStay(_Kept):
    """Give results of a job that was deleted."""

    path = RESULTS


class DeletedLogsStay(_Kept):
    """Give logs of a job that was deleted."""

    path = f"{JOB}/logs"


class DeletedMetricsStay(_Kept):
    """Give metrics of a job that was deleted."""

    path = f"{JOB}/metrics"


class DeletedIsListed(Remembering):
    """List a job once more after it was deleted."""

    path, key = JOBS, "jobs"

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        if request.method == "DELETE" and matches(JOB, request.path):
            tags = _job_of(request, ask).get("tags") or ["none"]
            listed = ask(again(request, method="GET", path=self.path, query_string=f"tags={tags[0]}", data=b""))
            entries = json.loads(listed.body).get(self.key, []) if listed.status == 200 else []
            gone = [one for one in entries if one["id"] == request.path.rpartition("/")[2]]
            reply = ask(request)
            if reply.status == 204 and gone:
                self.seen[tags[0]] = [*self.seen.get(tags[0], []), *gone]
            return reply
        reply = ask(request)
        kept = self.seen.get(request.args.get("tags", ""), [])
        if request.method == "GET" and request.path == self.path and reply.status == 200 and kept:
            return rewritten(lambda found: {**found, self.key: [*found[self.key], *kept]})(reply)
        return reply


class DeletedIsAWorkload(DeletedIsListed):
    """List the workload of a job after it was deleted."""

    path, key = f"{API}/workloads", "workloads"


class TagsOutlive(Remembering):
    """Find tags of jobs that were deleted."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and request.path == f"{API}/tags" and reply.status == 200:
            kept = self.seen.setdefault(request.args.get("search", ""), [])
            kept += [tag for tag in json.loads(reply.body)["tags"] if tag not in kept]
            return reply.changed(body=json.dumps({"tags": kept}).encode())
        return reply


class IdsRepeat(Remembering):
    """Give every fourth job the id of the first."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "POST" and request.path == JOBS and reply.status == 200:
            self.seen.setdefault("first", reply)
            first: Reply = self.seen["first"]
            return first if self.times("all") % 4 == 0 else reply
        return reply


class CreatedMoves(Remembering):
    """Say each time that a job was created a second later."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and matches(JOB, request.path) and reply.status == 200:
            number = self.times(request.path) % 60
            return rewritten(lambda found: {**found, "created": f"{found['created'][:17]}{number:02d}Z"})(reply)
        return reply


def tags_are_added(request: Request, ask: Ask) -> Reply:
    """Add tags to those that a job has, where they should replace them."""
    body = sent(request) if request.method == "PUT" and matches(f"{JOB}/tags", request.path) else None
    if isinstance(body, dict) and isinstance(body.get("tags"), list):
        return ask(
            resent(request, {"tags": [*dict.fromkeys([*(_job_of(request, ask).get("tags") or []), *body["tags"]])]})
        )
    return ask(request)


def tags_are_lowered(request: Request, ask: Ask) -> Reply:
    """Write tags of new jobs in small letters."""
    body = sent(request) if request.method == "POST" and request.path == JOBS else None
    if isinstance(body, dict) and isinstance(body.get("tags"), list):
        tags = [tag.lower() if isinstance(tag, str) else tag for tag in body["tags"]]
        return ask(resent(request, {**body, "tags": tags}))
    return ask(request)


def no_new_tags(request: Request, ask: Ask) -> Reply:
    """Accept tags and keep the old ones."""
    if request.method == "PUT" and matches(f"{JOB}/tags", request.path):
        reply = ask(again(request, method="GET", path=request.path.removesuffix("/tags"), data=b""))
        body = sent(request)
        good = isinstance(body, dict) and isinstance(body.get("tags"), list)
        return Reply(204) if reply.status == 200 and good else ask(request)
    return ask(request)


def numbers_are_floats(request: Request, ask: Ask) -> Reply:
    """Lose the precision of large whole numbers in inputs."""
    reply = ask(request)
    if request.method == "GET" and matches(JOB, request.path) and reply.status == 200:
        return reply.changed(body=json.dumps(json.loads(reply.body, parse_int=_rounded)).encode())
    return reply


def _rounded(text: str) -> int:
    return int(float(text)) if len(text) > 15 else int(text)


class PrivateIsShown(Remembering):
    """Show the inputs of private jobs."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        body = sent(request) if request.method == "POST" and request.path == JOBS else None
        reply = ask(request)
        if isinstance(body, dict) and body.get("private") is True and reply.status == 200:
            self.seen[json.loads(reply.body)["id"]] = body["params"]
        params = self.seen.get(request.path.rpartition("/")[2])
        if request.method == "GET" and matches(JOB, request.path) and reply.status == 200 and params:
            return rewritten(put(params=params))(reply)
        return reply


def params_come_anyway(request: Request, ask: Ask) -> Reply:
    """Show inputs although they were excluded."""
    hit = request.method == "GET" and matches(JOB, request.path)
    return ask(queried(request, exclude_params=None)) if hit else ask(request)


class LogsChange(Remembering):
    """Write another line each time that logs are read."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and matches(f"{JOB}/logs", request.path) and reply.status == 200:
            return reply.changed(body=reply.body + str(self.times(request.path)).encode())
        return reply


def last_tags_stay(request: Request, ask: Ask) -> Reply:
    """Remove no last tag."""
    empty = request.method == "PUT" and matches(f"{JOB}/tags", request.path) and sent(request) == {"tags": []}
    return Reply(204) if empty and _job_of(request, ask) else ask(request)


JOBS_ROWS = rows(
    "platform",
    "jobs",
    {
        "results change by a space": ResultsAreReordered,
        "204 after a result": ResultsGoAway,
        "results while running": results_while_running,
        "no results at the end": results_come_late,
        "logs before the end": logs_while_queued,
        "states go back": GoesBack,
        "done jobs can be cancelled": cancels("Completed", 204),
        "cancelled jobs can be cancelled": cancels("Cancelled", 204),
        "queued jobs cannot be cancelled": cancels("Queued", 409),
        "running jobs cannot be cancelled": cancels("Running", 409),
        "running jobs go on": cancels("Running", 204),
        "done jobs are answered 404": cancels("Completed", 404),
        "cancelled jobs have failed": cancelled_is_failed,
        "logs change": LogsChange,
        "the last tags stay": last_tags_stay,
        "workloads have another device": value(
            f"{API}/workloads", inside("workloads", "*", change=put(backend="ibm_elsewhere"))
        ),
        "deletions repeat": DeletesAgain,
        "deleted jobs are readable": DeletedIsReadable,
        "results of deleted jobs": DeletedResultsStay,
        "logs of deleted jobs": DeletedLogsStay,
        "metrics of deleted jobs": DeletedMetricsStay,
        "deleted jobs are listed": DeletedIsListed,
        "deleted jobs are workloads": DeletedIsAWorkload,
        "tags of deleted jobs are found": TagsOutlive,
        "ids repeat": IdsRepeat,
        "the time of creation moves": CreatedMoves,
        "the list has another time of creation": value(
            JOBS, inside("jobs", "*", change=put(created="2020-01-01T00:00:00.000000Z"))
        ),
        "the list has another state": value(
            JOBS, inside("jobs", "*", change=put(status="Queued", state={"status": "Queued"}))
        ),
        "the list has no tags": value(JOBS, inside("jobs", "*", change=put(tags=[]))),
        "tags are added": tags_are_added,
        "tags lose their capitals": tags_are_lowered,
        "tags are not replaced": no_new_tags,
        "large numbers are rounded": numbers_are_floats,
        "private inputs are shown": PrivateIsShown,
        "excluded inputs are shown": params_come_anyway,
        "jobs forget their session": value(JOB, drop("session_id")),
        "private is forgotten": value(JOB, put(private=False)),
        "metrics and job count otherwise": value(
            f"{JOB}/metrics", inside("usage", change=lambda found: {**found, "quantum_seconds": 77, "seconds": 77})
        ),
        "no time for the end": value(f"{JOB}/metrics", inside("timestamps", change=drop("finished"))),
        "the cost is forgotten": value(JOB, put(cost=1)),
    },
)
