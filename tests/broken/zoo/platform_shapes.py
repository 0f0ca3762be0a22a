"""Servers of today whose answers look wrong: a property, a type, a word, a header, or the bytes themselves."""

from __future__ import annotations

import json
from threading import Event
from typing import Any

from werkzeug.wrappers import Request

from tests.broken.serving import Ask, Reply
from tests.broken.spoiling import matches
from tests.broken.zoo.deviation import answer, drop, inside, put, rows, value, with_headers

API = "/api/v1"
JOB, JOBS, SESSION = f"{API}/jobs/*", f"{API}/jobs", f"{API}/sessions/*"


def _text(found: Any) -> Any:
    return str(found)


def _without_zone(found: str) -> str:
    return found.removesuffix("Z")


def _twice(reply: Reply) -> Reply:
    return reply.changed(body=reply.body.replace(b"{", b'{"id":"first",', 1))


def _nan(reply: Reply) -> Reply:
    return reply.changed(
        body=reply.body.replace(b'"cost":10000', b'"cost":NaN').replace(b'"cost": 10000', b'"cost": NaN')
    )


def names_need_a_version(request: Request, ask: Ask) -> Reply:
    """List devices as objects for every version."""
    if request.path == f"{API}/backends" and request.headers.get("IBM-API-Version", "") < "2025-01-01":
        return ask(with_headers(request, IBM_API_Version="2025-05-01"))
    return ask(request)


class SlowOnce:
    """Take six seconds for one answer."""

    def __init__(self) -> None:
        self._slept = False

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        if request.path == f"{API}/instance" and not self._slept and ask(request).status == 200:
            self._slept = True
            Event().wait(6)
        return ask(request)


def cuts_results(request: Request, ask: Ask) -> Reply:
    """Announce more of a result than is sent."""
    reply = ask(request)
    if request.method == "GET" and matches(f"{API}/jobs/*/results", request.path) and reply.status == 200:
        return reply.changed(body=reply.body[:-7], announced=len(reply.body))
    return reply


class AccountChanges:
    """Say something else of an account each time."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        self._count += 1
        return value(f"{API}/accounts/*", inside("plans", "*", change=put(max_ttl=self._count)))(request, ask)


SHAPES = rows(
    "platform",
    "shapes",
    {
        "times of jobs have no zone": value(JOB, inside("created", change=_without_zone)),
        "times in lists have no zone": value(JOBS, inside("jobs", "*", "created", change=_without_zone)),
        "times of metrics have no zone": value(
            f"{API}/jobs/*/metrics", inside("timestamps", "created", change=_without_zone)
        ),
        "the cost of a job is a text": value(JOB, inside("cost", change=_text)),
        "the cost of a job is not a number": answer("GET", JOB, _nan),
        "states are written in capitals": value(JOB, inside("status", change=str.upper)),
        "a new word for a state": value(JOB, inside("state", change=put(status="Validating"))),
        "jobs lack their program": value(JOB, drop("program")),
        "listed jobs lack their program": value(JOBS, inside("jobs", "*", change=drop("program"))),
        "a program is its id": value(JOB, inside("program", change=lambda found: found["id"])),
        "tags of a job are null": value(JOB, put(tags=None)),
        "tags of a job are one text": value(JOB, inside("tags", change=",".join)),
        "no limit in lists": value(JOBS, drop("limit")),
        "limits are texts": value(JOBS, inside("limit", change=_text)),
        "the list is bare": value(JOBS, lambda found: found["jobs"]),
        "times used are texts": value(f"{API}/jobs/*/metrics", inside("usage", "quantum_seconds", change=_text)),
        "metrics are a list": value(f"{API}/jobs/*/metrics", lambda found: [found]),
        "a new word for the state of a session": value(SESSION, put(state="opened")),
        "accepting_jobs is a text": value(SESSION, inside("accepting_jobs", change=lambda found: str(found).lower())),
        "sessions lack their mode": value(SESSION, drop("mode")),
        "new sessions lack their id": value(f"{API}/sessions", drop("id"), method="POST"),
        "new jobs lack their backend": value(JOBS, drop("backend"), method="POST"),
        "the queue is a text": value(f"{API}/backends/*/status", inside("length_queue", change=_text)),
        "one key more in the status of a device": value(f"{API}/backends/*/status", put(uptime=5)),
        "devices lack the number of qubits": value(f"{API}/backends/*/configuration", drop("n_qubits")),
        "basis gates are one text": value(f"{API}/backends/*/configuration", inside("basis_gates", change=",".join)),
        "a deep value of the calibration is a text": value(
            f"{API}/backends/*/properties", inside("qubits", "*", "*", "value", change=_text)
        ),
        "the status of listed devices is a word": value(
            f"{API}/backends",
            inside(
                "devices", "*", change=lambda found: {**found, "status": "online"} if isinstance(found, dict) else found
            ),
        ),
        "every version gets devices as objects": names_need_a_version,
        "versions are words": value(f"{API}/versions", inside("versions", "*", change=lambda found: found["version"])),
        "a flag is a text": value(f"{API}/instances/usage", inside("usage_limit_reached", change=_text)),
        "usage lacks what was consumed": value(f"{API}/instances/usage", drop("usage_consumed_seconds")),
        "accounts have no plans": value(f"{API}/accounts/*", drop("plans")),
        "analytics are texts": value(f"{API}/analytics/usage", inside("usage", change=_text)),
        "groups are an object": value(f"{API}/analytics/usage_grouped", put(data={})),
        "filters lack users": value(f"{API}/analytics/filters", inside("users", change=lambda _: None)),
        "the number of workloads is a text": value(f"{API}/workloads", inside("total_count", change=_text)),
        "a new word for a workload": value(f"{API}/workloads", inside("workloads", "*", change=put(mode="single"))),
        "tags are objects": value(f"{API}/tags", inside("tags", "*", change=lambda found: {"name": found})),
        "no configuration is null": value(f"{API}/instances/configuration", lambda found: found or None),
        "results are called JSON": answer(
            "GET", f"{API}/jobs/*/results", lambda reply: reply.changed(Content_Type="application/json")
        ),
        "logs are called a page": answer(
            "GET", f"{API}/jobs/*/logs", lambda reply: reply.changed(Content_Type="text/html")
        ),
        "refusals are bare": answer(
            "GET", JOB, lambda reply: reply.changed(body=b'{"error": "not found"}'), status=404
        ),
        "errors are one object": value(JOB, inside("errors", change=lambda found: found[0]), status=404),
        "errors have no code": value(SESSION, inside("errors", "*", change=drop("code")), status=404),
        "the account changes": AccountChanges,
        "codes of errors are objects": value(
            SESSION, inside("errors", "*", change=put(code={"number": 1292})), status=404
        ),
        "refusals are pages": answer(
            "GET", SESSION, lambda reply: reply.changed(body=b"<h1>404</h1>", Content_Type="text/html"), status=404
        ),
        "refusals of analytics have no trace": value(f"{API}/analytics/usage", drop("trace"), status=400),
        "refusals of bodies are text": answer(
            "POST", JOBS, lambda reply: reply.changed(body=b"no", Content_Type="text/plain"), status=400
        ),
        "a job is created with 201": answer("POST", JOBS, lambda reply: reply.changed(status=201)),
        "deleting answers 200": answer(
            "DELETE",
            JOB,
            lambda reply: reply.changed(status=200, body=b"{}", Content_Type="application/json"),
            status=204,
        ),
        "cancelling answers 202": answer("POST", f"{JOB}/cancel", lambda reply: reply.changed(status=202), status=204),
        "tags answer 200": answer(
            "PUT",
            f"{JOB}/tags",
            lambda reply: reply.changed(status=200, body=json.dumps({}).encode(), Content_Type="application/json"),
            status=204,
        ),
        "keys come twice": answer("GET", JOB, _twice),
        "JSON begins with a byte order mark": answer(
            "GET", f"{API}/instance", lambda reply: reply.changed(body=b"\xef\xbb\xbf" + reply.body)
        ),
        "JSON in another charset": answer(
            "GET", JOBS, lambda reply: reply.changed(Content_Type="application/json; charset=utf-16")
        ),
        "results are cut": cuts_results,
        "an answer is slow": SlowOnce,
    },
)
