"""Servers of today that are wrong in lists, and in the lives of sessions."""

from __future__ import annotations

import json

from werkzeug.wrappers import Request

from tests.broken.serving import Ask, Reply
from tests.broken.spoiling import again, matches, rewritten
from tests.broken.zoo.deviation import (
    Remembering,
    answer,
    drop,
    ignoring,
    inside,
    put,
    queried,
    resent,
    rows,
    sent,
    value,
)

API = "/api/v1"
JOB, JOBS, SESSION = f"{API}/jobs/*", f"{API}/jobs", f"{API}/sessions/*"
RESULTS = f"{JOB}/results"


# Lists


def off_by_one(request: Request, ask: Ask) -> Reply:
    """Begin a page one job too late."""
    offset = request.args.get("offset", "0")
    hit = request.method == "GET" and request.path == JOBS and offset.isdigit() and 0 < int(offset) < 10_000
    return ask(queried(request, offset=str(int(offset) + 1))) if hit else ask(request)


def one_too_many(request: Request, ask: Ask) -> Reply:
    """Have one job more on a page than was asked for."""
    limit = request.args.get("limit", "")
    hit = request.method == "GET" and request.path == JOBS and limit.isdigit() and 0 < int(limit) < 200
    return ask(queried(request, limit=str(int(limit) + 1))) if hit else ask(request)


def counts_the_page(request: Request, ask: Ask) -> Reply:
    """Count the jobs on the page in place of all."""
    return value(JOBS, lambda found: {**found, "count": len(found["jobs"])})(request, ask)


def only_pending(request: Request, ask: Ask) -> Reply:
    """List pending jobs only, if nobody says which."""
    hit = request.method == "GET" and request.path == JOBS and "pending" not in request.args
    return ask(queried(request, pending="true")) if hit else ask(request)


def ten_by_default(request: Request, ask: Ask) -> Reply:
    """Have ten jobs on a page of no stated length."""
    hit = request.method == "GET" and request.path == JOBS and "limit" not in request.args
    return ask(queried(request, limit="3")) if hit else ask(request)


def tags_by_prefix(request: Request, ask: Ask) -> Reply:
    """List jobs by the first of several tags only."""
    tags = request.args.getlist("tags")
    hit = request.method == "GET" and request.path == JOBS and len(tags) > 1
    return ask(queried(request, tags=tags[0])) if hit else ask(request)


class NewOnesShift(Remembering):
    """Forget where a page was when a job has come."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        if request.method == "POST" and request.path == JOBS:
            self.seen["new"] = True
        offset = request.args.get("offset", "0")
        hit = request.method == "GET" and request.path == JOBS and offset.isdigit() and int(offset) > 0
        if hit and self.seen.pop("new", False):
            return ask(queried(request, offset=str(max(0, int(offset) - 2))))
        return ask(request)


class CursorsRepeat(Remembering):
    """Give the last workload of a page once more on the next."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method != "GET" or request.path != f"{API}/workloads" or reply.status != 200:
            return reply
        found = json.loads(reply.body)
        last = self.seen.get("last")
        self.seen["last"] = found["workloads"][-1:] if found.get("next") else None
        if "next" in request.args and last:
            return rewritten(put(workloads=[*last, *found["workloads"]]))(reply)
        return reply


def unsearched(request: Request, ask: Ask) -> Reply:
    """Find every tag, whatever was searched."""
    reply = ask(request)
    if request.method == "GET" and request.path == f"{API}/tags" and reply.status == 200:
        return rewritten(lambda found: {"tags": [*found["tags"], "another"]})(reply)
    return reply


def inputs_by_default(request: Request, ask: Ask) -> Reply:
    """Show inputs in lists where nobody said that they are to be left out."""
    hit = request.method == "GET" and request.path == JOBS and "exclude_params" not in request.args
    return ask(queried(request, exclude_params="false")) if hit else ask(request)


def no_next(request: Request, ask: Ask) -> Reply:
    """Lead to no other page of workloads."""
    return value(WORKLOADS, drop("next"))(request, ask)


def wrong_way_back(request: Request, ask: Ask) -> Reply:
    """Lead back to nothing."""
    reply = ask(request)
    back = request.path == WORKLOADS and "previous" in request.args and reply.status == 200
    return rewritten(put(workloads=[]))(reply) if back else reply


def always_a_tag(request: Request, ask: Ask) -> Reply:
    """Find a tag where there is none."""
    reply = ask(request)
    if request.method == "GET" and request.path == f"{API}/tags" and reply.status == 200:
        return rewritten(lambda found: {"tags": found["tags"] or ["something"]})(reply)
    return reply


WORKLOADS = f"{API}/workloads"
LISTS = rows(
    "platform",
    "lists",
    {
        "pages begin one too late": off_by_one,
        "pages have one too many": one_too_many,
        "count is that of the page": counts_the_page,
        "count is missing": value(JOBS, drop("count")),
        "limit is ignored": ignoring(JOBS, "limit"),
        "offset is ignored": ignoring(JOBS, "offset"),
        "sort is ignored": ignoring(JOBS, "sort"),
        "pending is ignored": ignoring(JOBS, "pending"),
        "program is ignored": ignoring(JOBS, "program"),
        "backend is ignored": ignoring(JOBS, "backend"),
        "session is ignored": ignoring(JOBS, "session_id"),
        "tags are ignored": ignoring(JOBS, "tags"),
        "only the first tag counts": tags_by_prefix,
        "created_after is ignored": ignoring(JOBS, "created_after"),
        "created_before is ignored": ignoring(JOBS, "created_before"),
        "exclude_params is ignored": ignoring(JOBS, "exclude_params"),
        "only pending jobs": only_pending,
        "short pages by default": ten_by_default,
        "new jobs shift pages": NewOnesShift,
        "inputs are shown by default": inputs_by_default,
        "limits are not those asked for": value(JOBS, put(limit=199)),
        "a tag is always found": always_a_tag,
        "workloads: there is no next": no_next,
        "workloads: the way back is wrong": wrong_way_back,
        "workloads: limit is ignored": ignoring(WORKLOADS, "limit"),
        "workloads: cursors are ignored": ignoring(WORKLOADS, "next", "previous"),
        "workloads: a cursor repeats": CursorsRepeat,
        "workloads: backend is ignored": ignoring(WORKLOADS, "backend"),
        "workloads: mode is ignored": ignoring(WORKLOADS, "mode"),
        "workloads: status is ignored": ignoring(WORKLOADS, "status"),
        "workloads: search is ignored": ignoring(WORKLOADS, "search"),
        "workloads: tags are ignored": ignoring(WORKLOADS, "tags"),
        "workloads: sort is ignored": ignoring(WORKLOADS, "sort"),
        "workloads: created_after is ignored": ignoring(WORKLOADS, "created_after"),
        "workloads: the way back is missing": value(WORKLOADS, drop("previous")),
        "workloads: count is that of the page": value(
            WORKLOADS, lambda found: {**found, "total_count": len(found["workloads"])}
        ),
        "tags are not searched": unsearched,
    },
)

# Sessions


class TakesJobsAfterTheEnd(Remembering):
    """Take jobs in a session that was closed."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "POST" and request.path == JOBS and reply.status >= 400:
            body = sent(request)
            session = body.pop("session_id", None) if isinstance(body, dict) else None
            if isinstance(session, str) and len(session) == 36:
                return ask(resent(request, body))
        return reply


def stays_open(request: Request, ask: Ask) -> Reply:
    """Answer 204 to closing, and keep a session open."""
    if request.method == "DELETE" and matches(f"{SESSION}/close", request.path):
        there = ask(again(request, method="GET", path=request.path.removesuffix("/close")))
        return Reply(204) if there.status == 200 else there
    return ask(request)


def closed_by_telling(request: Request, ask: Ask) -> Reply:
    """Ignore that a session is to take no more jobs."""
    if request.method == "PATCH" and matches(SESSION, request.path):
        body = sent(request)
        there = ask(again(request, method="GET", data=b""))
        good = isinstance(body, dict) and body.get("accepting_jobs") is False
        return Reply(204) if there.status == 200 and good else ask(request)
    return ask(request)


class LimitIsForgotten(Remembering):
    """Accept a limit of the instance, and keep none."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        return value(f"{API}/instances/configuration", drop("instance_limit"))(request, ask)


class NeverEnds(Remembering):
    """Show a session as open as long as nobody closes it."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method in {"PATCH", "DELETE"}:
            self.seen[request.path.removesuffix("/close")] = True
        still = request.method == "GET" and matches(SESSION, request.path) and request.path not in self.seen
        return rewritten(put(state="open", accepting_jobs=True))(reply) if still and reply.status == 200 else reply


SESSIONS = rows(
    "platform",
    "sessions",
    {
        "closed sessions take jobs": TakesJobsAfterTheEnd,
        "sessions never end": NeverEnds,
        "closing does nothing": stays_open,
        "telling does nothing": closed_by_telling,
        "a session says open for ever": value(SESSION, put(state="open", accepting_jobs=True)),
        "the mode is always batch": value(SESSION, put(mode="batch")),
        "max_ttl is forgotten": value(SESSION, put(max_ttl=28800)),
        "the backend is another one": value(SESSION, put(backend_name="ibm_elsewhere")),
        "closing is refused": answer(
            "DELETE",
            f"{SESSION}/close",
            lambda reply: reply.changed(
                status=404,
                body=b'{"errors":[{"code":1292,"message":"no"}],"trace":"0"}',
                Content_Type="application/json",
            ),
            status=204,
        ),
        "the limit of the instance is forgotten": LimitIsForgotten,
        "usage is that of another instance": value(f"{API}/instances/usage", put(instance_id="crn:of:somebody:else")),
        "new sessions take no jobs": value(SESSION, put(accepting_jobs=False)),
        "devices have another name": value(f"{API}/backends/*/configuration", put(backend_name="ibm_elsewhere")),
        "the instance has other devices": value(f"{API}/instance", put(backends=["ibm_elsewhere"])),
        "the period ends before it begins": value(
            f"{API}/instances/usage",
            put(usage_period={"start_time": "2026-02-01T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"}),
        ),
        "usage is nothing": value(f"{API}/instances/usage", put(usage_consumed_seconds=0.0)),
        "usage is doubled": value(
            f"{API}/instances/usage", inside("usage_consumed_seconds", change=lambda found: 2 * found)
        ),
        "analytics count nothing": value(f"{API}/analytics/usage", put(jobs=0)),
        "the account has no devices": value(f"{API}/accounts/*", inside("plans", "*", change=put(backends=[]))),
    },
)
