"""Servers of 2021 with one deviation each, of every kind."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from tests.broken.serving import ALICE, Ask, Plant, Reply
from tests.broken.spoiling import again, as_alice, matches
from tests.broken.zoo.deviation import (
    Remembering,
    answer,
    body_of,
    drop,
    ignoring,
    inside,
    mending,
    put,
    queried,
    refusing,
    rows,
    sent,
    value,
)

JOB, JOBS, PROGRAM, PROGRAMS = "/jobs/*", "/jobs", "/programs/*", "/programs"
_JSON = {"Content-Type": "application/json"}
_REFUSAL = Reply(400, _JSON, b'{"errors": [{"code": "bad_request", "message": "no"}]}')
_BROKEN = Reply(500, _JSON, b'{"errors": [{"code": "internal_error", "message": "no"}]}')
_DEVICES = "/api/Network/*/Groups/*/Projects/*/devices/v/1"


def leaky(method: str, path: str) -> Plant:
    """Let other callers do one thing to what is not theirs."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        hit = request.method == method and matches(path, request.path) and reply.status in {403, 404}
        return ask(as_alice(request)) if hit else reply

    return plant


def open_to_all(method: str, path: str) -> Plant:
    """Let anybody do one thing."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        hit = request.method == method and matches(path, request.path) and reply.status == 401
        return ask(as_alice(request)) if hit else reply

    return plant


class Deleted(Remembering):
    """Keep one kind of answer about a job after it was deleted."""

    path = f"{JOB}/results"

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and matches(self.path, request.path):
            if reply.status == 200:
                self.seen[request.path] = reply
            if reply.status == 404:
                kept: Reply = self.seen.get(request.path, reply)
                return kept
        return reply


class DeletedLogs(Deleted):
    """Keep the logs."""

    path = f"{JOB}/logs"


class DeletedIsListed(Remembering):
    """List jobs that were deleted."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        if request.method == "DELETE" and matches(JOB, request.path):
            job = ask(again(request, method="GET"))
            reply = ask(request)
            if reply.status == 204:
                self.seen[request.path] = json.loads(job.body)
            return reply
        reply = ask(request)
        if request.method == "GET" and request.path == JOBS and reply.status == 200 and self.seen:
            found = json.loads(reply.body)
            extra = list(self.seen.values())
            return reply.changed(
                body=json.dumps({"jobs": [*found["jobs"], *extra], "count": found["count"] + len(extra)}).encode()
            )
        return reply


class ResultsLate(Remembering):
    """Answer 204 once after a result was given."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and matches(f"{JOB}/results", request.path) and reply.status == 200:
            return Reply(204) if self.times(request.path) == 2 else reply
        return reply


class CreatedMoves(Remembering):
    """Say another time of creation each time."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and matches(JOB, request.path) and reply.status == 200:
            found = json.loads(reply.body)
            found["created"] = f"{found['created'][:17]}{self.times(request.path) % 60:02d}Z"
            return reply.changed(body=json.dumps(found).encode())
        return reply


def cancels(status: str, answered: int) -> Plant:
    """Answer a cancel of a job in one state, and do nothing."""

    def plant(request: Request, ask: Ask) -> Reply:
        if request.method == "POST" and matches(f"{JOB}/cancel", request.path):
            job = ask(again(request, method="GET", path=request.path.removesuffix("/cancel")))
            if f'"{status}"'.encode() in job.body:
                return Reply(204) if answered == 204 else _REFUSAL.changed(status=answered)
        return ask(request)

    return plant


def _object(request: Request) -> dict[str, Any]:
    body = sent(request)
    return body if isinstance(body, dict) else {"params": None}


def any_spelling(request: Request, ask: Ask) -> Reply:
    """Refuse the scheme in small letters."""
    given = request.headers.get("Authorization", "")
    if given.startswith("bearer "):
        headers = Headers(request.headers)
        headers["Authorization"] = "Bearer nobody-at-all"
        return ask(again(request, headers=headers))
    return ask(request)


def prefixes_are_enough(request: Request, ask: Ask) -> Reply:
    """Take tokens by their first letters."""
    given = request.headers.get("Authorization", "")
    return ask(as_alice(request)) if given.startswith(f"Bearer {ALICE[:4]}") else ask(request)


def inputs_are_one_text(request: Request, ask: Ask) -> Reply:
    """Show inputs as a text in place of a list."""
    return value(JOB, inside("params", change=lambda found: found[0] if found else ""))(request, ask)


def by_default_two(request: Request, ask: Ask) -> Reply:
    """Have two jobs on a page of no stated length."""
    hit = request.method == "GET" and request.path == JOBS and "limit" not in request.args
    return ask(queried(request, limit="2")) if hit else ask(request)


def limits_are_capped(request: Request, ask: Ask) -> Reply:
    """Have no more than three jobs on any page."""
    limit = request.args.get("limit", "")
    hit = request.method == "GET" and request.path == JOBS and limit.isdigit() and int(limit) > 3
    return ask(queried(request, limit="3")) if hit else ask(request)


def pages_skip(request: Request, ask: Ask) -> Reply:
    """Pass over one job between the first page and the second."""
    offset = request.args.get("offset", "0")
    hit = request.method == "GET" and request.path == JOBS and offset.isdigit() and 0 < int(offset) < 10_000
    return ask(queried(request, offset=str(int(offset) + 1))) if hit else ask(request)


class ProgramsChange(Remembering):
    """Say another version of a program each time."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        return value(PROGRAM, put(version=str(self.times("all"))))(request, ask)


def needs_description(request: Request, ask: Ask) -> Reply:
    """Refuse programs of which there is no description."""
    bare = request.method == "POST" and request.path == PROGRAMS and b'name="description"' not in body_of(request)
    return _REFUSAL if bare and ask(request).status == 201 else ask(request)


class SessionsNeverEnd(Remembering):
    """Take session tokens after their sessions have ended."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        token = request.headers.get("X-Access-Token", "")
        if reply.status == 200 and token:
            self.seen[token] = True
        return ask(as_alice(request)) if reply.status == 401 and token in self.seen else reply


class LogsChange(Remembering):
    """Write another line each time that logs are read."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.method == "GET" and matches(f"{JOB}/logs", request.path) and reply.status == 200:
            return reply.changed(body=reply.body + str(self.times(request.path)).encode())
        return reply


def _breaks(method: str, path: str, when: Any) -> Plant:
    def plant(request: Request, ask: Ask) -> Reply:
        hit = request.method == method and matches(path, request.path) and when(request)
        return _BROKEN if hit else ask(request)

    return plant


def html_401(request: Request, ask: Ask) -> Reply:
    """Refuse with a page."""
    reply = ask(request)
    hit = reply.status == 401 and request.path.startswith("/jobs")
    return reply.changed(body=b"<h1>401</h1>", Content_Type="text/html") if hit else reply


def account_error_in_runtime(request: Request, ask: Ask) -> Reply:
    """Refuse with the envelope of the other service."""
    reply = ask(request)
    hit = reply.status == 404 and matches(PROGRAM, request.path)
    body = b'{"error":{"status":404,"message":"no","code":"1","name":"NOT_FOUND"}}'
    return reply.changed(body=body) if hit else reply


def takes_no_json(request: Request, ask: Ask) -> Reply:
    """Take bodies that are no JSON."""
    hit = request.method == "POST" and request.path == JOBS and body_of(request) and sent(request) is None
    return ask(again(request, data=b'{"programId":"runtime-simple"}')) if hit else ask(request)


LEGACY = (
    *rows(
        "legacy-2021",
        "shapes",
        {
            "times of jobs have no zone": value(JOB, inside("created", change=lambda found: found.removesuffix("Z"))),
            "states are written in capitals": value(JOB, inside("status", change=str.upper)),
            "jobs lack their program": value(JOB, drop("program")),
            "the program of a job is its id": value(JOB, inside("program", change=lambda found: found["id"])),
            "inputs are one text": inputs_are_one_text,
            "listed jobs lack their backend": value(JOBS, inside("jobs", "*", change=drop("backend"))),
            "lists are bare": value(JOBS, lambda found: found["jobs"]),
            "costs are texts": value(PROGRAMS, inside("*", "cost", change=str)),
            "a program has no name": value(PROGRAM, drop("name")),
            "parameters are objects": value(PROGRAM, inside("parameters", change=lambda _: {})),
            "versions are numbers": value("/api/version", lambda found: dict.fromkeys(found, 1)),
            "networks are an object": value("/api/Network", lambda found: {"networks": found}),
            "devices lack their name": value(_DEVICES, inside("*", change=drop("backend_name", "name"))),
            "users are bare": value("/api/users/me", lambda found: found.get("id", "x")),
            "jobs are created with 201": answer("POST", JOBS, lambda reply: reply.changed(status=201)),
            "results are called JSON": answer(
                "GET", f"{JOB}/results", lambda reply: reply.changed(Content_Type="application/json")
            ),
            "logs change": LogsChange,
            "logs without a content type": answer("GET", f"{JOB}/logs", lambda reply: reply.changed(Content_Type=None)),
            "401 is a page": html_401,
            "404 in the other envelope": account_error_in_runtime,
        },
    ),
    *rows(
        "legacy-2021",
        "access",
        {
            "anybody reads logs": open_to_all("GET", f"{JOB}/logs"),
            "anybody submits": open_to_all("POST", JOBS),
            "anybody lists programs": open_to_all("GET", PROGRAMS),
            "one spelling of Bearer": any_spelling,
            "sessions never end": SessionsNeverEnd,
            "beginnings of tokens are taken": prefixes_are_enough,
            "others read results": leaky("GET", f"{JOB}/results"),
            "others read logs": leaky("GET", f"{JOB}/logs"),
            "others cancel": leaky("POST", f"{JOB}/cancel"),
            "others delete jobs": leaky("DELETE", JOB),
            "others delete programs": leaky("DELETE", PROGRAM),
            "others replace sources": leaky("PUT", f"{PROGRAM}/data"),
        },
    ),
    *rows(
        "legacy-2021",
        "lives",
        {
            "204 after a result": ResultsLate,
            "programs change": ProgramsChange,
            "listed programs have other costs": value(PROGRAMS, inside("*", change=put(cost=17))),
            "results are quoted": answer(
                "GET", f"{JOB}/results", lambda reply: reply.changed(body=json.dumps(reply.body.decode()).encode())
            ),
            "results of deleted jobs": Deleted,
            "logs of deleted jobs": DeletedLogs,
            "deleted jobs are listed": DeletedIsListed,
            "the time of creation moves": CreatedMoves,
            "done jobs can be cancelled": cancels("Completed", 204),
            "cancelled jobs can be cancelled": cancels("Cancelled", 204),
            "queued jobs cannot be cancelled": cancels("Queued", 409),
            "running jobs go on": cancels("Running", 204),
            "projects are forgotten": value(JOB, put(project="elsewhere")),
            "the list has another state": value(JOBS, inside("jobs", "*", change=put(status="Queued"))),
            "devices of jobs are forgotten": value(JOB, put(backend="ibmq_elsewhere")),
        },
    ),
    *rows(
        "legacy-2021",
        "lists",
        {
            "limit is ignored": ignoring(JOBS, "limit"),
            "offset is ignored": ignoring(JOBS, "offset"),
            "pending is ignored": ignoring(JOBS, "pending"),
            "two by default": by_default_two,
            "pages skip": pages_skip,
            "count is nothing": value(JOBS, put(count=0)),
            "pages are short": limits_are_capped,
            "count is that of the page": value(JOBS, lambda found: {**found, "count": len(found["jobs"])}),
        },
    ),
    *rows(
        "legacy-2021",
        "requests",
        {
            "unknown devices": mending("POST", JOBS, drop("backend")),
            "unknown programs": mending("POST", JOBS, lambda body: {**body, "programId": "runtime-simple"}),
            "inputs that are no list": mending("POST", JOBS, drop("params")),
            "hubs that are no text": mending("POST", JOBS, drop("hub")),
            "jobs that are no JSON": takes_no_json,
            "jobs without inputs are refused": refusing(
                "POST", JOBS, lambda request: "params" not in _object(request), _REFUSAL
            ),
            "empty inputs are refused": refusing(
                "POST", JOBS, lambda request: _object(request).get("params") == [], _REFUSAL
            ),
            "breaks on ids that are not in ASCII": _breaks("GET", JOB, lambda request: not request.path.isascii()),
            "programs without a description are refused": needs_description,
            "unknown jobs break it": answer("GET", JOB, lambda _: _BROKEN, status=404),
            "breaks on arrays": _breaks("POST", JOBS, lambda request: isinstance(sent(request), list)),
            "breaks on large offsets": _breaks("GET", JOBS, lambda request: len(request.args.get("offset", "")) > 9),
            "unknown methods are not found": lambda request, ask: (
                reply.changed(status=404) if (reply := ask(request)).status == 405 else reply
            ),
        },
    ),
)
