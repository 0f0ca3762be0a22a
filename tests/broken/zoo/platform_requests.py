"""Servers of today that take what is wrong, refuse what is right, or break; and that speak HTTP badly."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request

from tests.broken.serving import Ask, Plant, Reply
from tests.broken.spoiling import again, matches
from tests.broken.zoo.deviation import body_of, mending, queried, refusing, resent, rows, sent, with_headers

API = "/api/v1"
JOB, JOBS, SESSION, SESSIONS = f"{API}/jobs/*", f"{API}/jobs", f"{API}/sessions/*", f"{API}/sessions"
CONFIGURATION = f"{API}/instances/configuration"
_JSON = {"Content-Type": "application/json"}
_REFUSAL = Reply(400, _JSON, json.dumps({"errors": [{"code": 1208, "message": "no"}], "trace": "0"}).encode())
_BROKEN = Reply(500, _JSON, json.dumps({"errors": [{"code": 1300, "message": "no"}], "trace": "0"}).encode())
_GOOD: dict[str, Any] = {
    "program_id": "sampler",
    "backend": "ibm_brisbane",
    "params": {
        "pubs": [['OPENQASM 3.0;\ninclude "stdgates.inc";\nbit[1] m;\nm[0] = measure $0;\n', None, 16]],
        "version": 2,
    },
}


def without(*names: str) -> Callable[[dict[str, Any]], Any]:
    """Drop what is wrong."""
    return lambda body: {name: item for name, item in body.items() if name not in names}


def anyhow(**good: Any) -> Callable[[dict[str, Any]], Any]:
    """Take a good value where there is a wrong one."""
    return lambda body: {**body, **{name: item for name, item in good.items() if name in body}}


def present(**good: Any) -> Callable[[dict[str, Any]], Any]:
    """Take a good value where there is none."""
    return lambda body: {**good, **body}


def params(mend: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Mend the inputs of a job."""
    return lambda body: {**body, "params": mend(body["params"])} if isinstance(body.get("params"), dict) else None


def asked(path: str, *names: str) -> Plant:
    """Leave out of a query what is wrong in it."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        hit = request.method == "GET" and matches(path, request.path) and reply.status == 400
        return ask(queried(request, **dict.fromkeys(names))) if hit else reply

    return plant


def any_version(request: Request, ask: Ask) -> Reply:
    """Take a version that is no date."""
    reply = ask(request)
    if reply.status == 400 and request.headers.get("IBM-API-Version"):
        return ask(with_headers(request, IBM_API_Version=None))
    return reply


def any_crn(request: Request, ask: Ask) -> Reply:
    """List devices for something that is no CRN."""
    reply = ask(request)
    if request.path == f"{API}/backends" and reply.status == 400 and request.headers.get("Service-CRN"):
        return ask(with_headers(request, Service_CRN="crn:v1:bluemix:public:quantum-computing:us-east:a/0:1::"))
    return reply


def taken_for(path: str, **good: str) -> Plant:
    """Take a good value in a query for a wrong one."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        hit = request.method == "GET" and matches(path, request.path) and reply.status == 400
        there = all(name in request.args for name in good)
        return ask(queried(request, **good)) if hit and there else reply

    return plant


def broken_json(request: Request, ask: Ask) -> Reply:
    """Take whatever is no JSON for a good job."""
    hit = request.method == "POST" and request.path == JOBS
    return ask(resent(request, _GOOD)) if hit and body_of(request) and sent(request) is None else ask(request)


ACCEPTS = rows(
    "platform",
    "accepts",
    {
        "unknown devices": mending("POST", JOBS, anyhow(backend="ibm_brisbane")),
        "unknown devices for sessions": mending(
            "POST", SESSIONS, anyhow(backend="ibm_brisbane", backend_name="ibm_brisbane")
        ),
        "unknown programs": mending("POST", JOBS, anyhow(program_id="sampler")),
        "unknown sessions": mending("POST", JOBS, without("session_id")),
        "jobs without a device": mending("POST", JOBS, present(backend="ibm_brisbane")),
        "jobs without inputs": mending("POST", JOBS, present(params=_GOOD["params"])),
        "inputs without circuits": mending("POST", JOBS, params(present(pubs=_GOOD["params"]["pubs"]))),
        "circuits that are no list": mending("POST", JOBS, params(anyhow(pubs=_GOOD["params"]["pubs"]))),
        "inputs of another version": mending("POST", JOBS, params(anyhow(version=2))),
        "unknown inputs": mending(
            "POST",
            JOBS,
            params(
                lambda found: {
                    name: item
                    for name, item in found.items()
                    if name in {"pubs", "version", "shots", "options", "support_qiskit"}
                }
            ),
        ),
        "tags that are no list": mending("POST", JOBS, anyhow(tags=["x"])),
        "replaced tags that are no list": mending("PUT", f"{JOB}/tags", anyhow(tags=["x"])),
        "no tags to replace": mending("PUT", f"{JOB}/tags", present(tags=["x"])),
        "any cost": mending("POST", JOBS, without("cost")),
        "any log level": mending("POST", JOBS, without("log_level")),
        "private in words": mending("POST", JOBS, without("private")),
        "any image": mending("POST", JOBS, without("runtime")),
        "any calibration": mending("POST", JOBS, without("calibration_id")),
        "any mode of session": mending("POST", SESSIONS, anyhow(mode="batch")),
        "sessions without a mode": mending("POST", SESSIONS, present(mode="batch")),
        "any length of session": mending("POST", SESSIONS, without("max_ttl", "active_ttl", "interactive_ttl")),
        "accepting_jobs in words": mending("PATCH", SESSION, anyhow(accepting_jobs=False)),
        "any limit of the instance": mending("PUT", CONFIGURATION, anyhow(instance_limit=600)),
        "times that are none": asked(JOBS, "created_after", "created_before"),
        "any order": asked(JOBS, "sort"),
        "pending in words": asked(JOBS, "pending"),
        "workloads by any limit": asked(f"{API}/workloads", "limit"),
        "workloads in any state": asked(f"{API}/workloads", "status"),
        "workloads by any cursor": asked(f"{API}/workloads", "next", "previous"),
        "tags of any type": taken_for(f"{API}/tags", type="job"),
        "groups by anything": taken_for(f"{API}/analytics/usage_grouped", group_by="instance"),
        "versions that are no date": any_version,
        "instances that are no CRN": any_crn,
        "jobs that are no JSON": broken_json,
    },
)


def _body(test: Callable[[dict[str, Any]], bool]) -> Callable[[Request], bool]:
    def told(request: Request) -> bool:
        body = sent(request)
        return isinstance(body, dict) and test(body)

    return told


def _tags(test: Callable[[str], bool]) -> Callable[[Request], bool]:
    return _body(lambda body: any(isinstance(tag, str) and test(tag) for tag in body.get("tags") or []))


REFUSES = rows(
    "platform",
    "refuses",
    {
        "tags that are not in ASCII": refusing("PUT", f"{JOB}/tags", _tags(lambda tag: not tag.isascii()), _REFUSAL),
        "tags with spaces": refusing("PUT", f"{JOB}/tags", _tags(lambda tag: " " in tag), _REFUSAL),
        "long tags": refusing("PUT", f"{JOB}/tags", _tags(lambda tag: len(tag) > 20), _REFUSAL),
        "no tags": refusing("PUT", f"{JOB}/tags", _body(lambda body: body.get("tags") == []), _REFUSAL),
        "jobs that say they are not private": refusing(
            "POST", JOBS, _body(lambda body: body.get("private") is False), _REFUSAL
        ),
        "large costs": refusing(
            "POST", JOBS, _body(lambda body: isinstance(body.get("cost"), int) and body["cost"] > 3600), _REFUSAL
        ),
        "a level of the log": refusing("POST", JOBS, _body(lambda body: body.get("log_level") == "critical"), _REFUSAL),
        "long lives of sessions": refusing(
            "POST",
            SESSIONS,
            _body(lambda body: isinstance(body.get("max_ttl"), int) and body["max_ttl"] >= 28_800),
            _REFUSAL,
        ),
        "dedicated sessions": refusing("POST", SESSIONS, _body(lambda body: body.get("mode") == "dedicated"), _REFUSAL),
        "limits above 50": refusing("GET", JOBS, lambda request: request.args.get("limit", "") == "200", _REFUSAL),
        "content types with a charset": refusing(
            "POST", JOBS, lambda request: "charset" in request.headers.get("Content-Type", ""), _REFUSAL
        ),
        "bodies without a content type": refusing(
            "PUT", f"{JOB}/tags", lambda request: not request.headers.get("Content-Type"), _REFUSAL
        ),
        "requests without a version": refusing(
            "GET", f"{JOB}/metrics", lambda request: "IBM-API-Version" not in request.headers, _REFUSAL
        ),
        "the newest version": refusing(
            "GET",
            f"{API}/instance",
            lambda request: request.headers.get("IBM-API-Version", "") > "2026-04-01",
            _REFUSAL,
        ),
        "unknown parameters": refusing("GET", f"{API}/instance", lambda request: bool(request.args), _REFUSAL),
        "times with an offset": refusing(
            "GET", JOBS, lambda request: "+" in request.args.get("created_after", ""), _REFUSAL
        ),
        "limits of the instance": refusing("PUT", CONFIGURATION, lambda _: True, _REFUSAL),
    },
)


def breaking(method: str, path: str, when: Callable[[Request, Reply], bool]) -> Plant:
    """Answer 500 now and then."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        hit = request.method == method and matches(path, request.path)
        return _BROKEN if hit and when(request, reply) else reply

    return plant


def _id(request: Request) -> str:
    return request.path.split("/")[4]


def _no_text(request: Request) -> bool:
    try:
        body_of(request).decode()
    except UnicodeDecodeError:
        return True
    return False


BREAKS = rows(
    "platform",
    "breaks",
    {
        "on ids that are not in ASCII": breaking("GET", JOB, lambda request, _: not _id(request).isascii()),
        "on long ids": breaking("GET", SESSION, lambda request, _: len(_id(request)) > 200),
        "on control characters": breaking("GET", JOB, lambda request, _: "\x00" in _id(request)),
        "on bytes that are no text": breaking("POST", JOBS, lambda request, _: _no_text(request)),
        "on arrays": breaking("POST", SESSIONS, lambda request, _: isinstance(sent(request), list)),
        "on nothing": breaking("PUT", f"{JOB}/tags", lambda request, _: not body_of(request)),
        "on null": breaking("PATCH", SESSION, lambda request, _: body_of(request) == b"null"),
        "on large offsets": breaking("GET", JOBS, lambda request, _: len(request.args.get("offset", "")) > 9),
        "on old times": breaking("GET", JOBS, lambda request, _: request.args.get("created_before", "9") < "1970"),
        "on unknown sessions": breaking("GET", SESSION, lambda _, reply: reply.status == 404),
        "on every list": breaking("GET", JOBS, lambda _, reply: reply.status == 200),
        "on cancelling twice": breaking("POST", f"{JOB}/cancel", lambda _, reply: reply.status == 409),
    },
)


def trace_is_get(request: Request, ask: Ask) -> Reply:
    """Answer TRACE as if it were GET."""
    hit = request.method == "TRACE" and request.path == f"{API}/instance"
    return ask(again(request, method="GET")) if hit else ask(request)


def put_is_post(request: Request, ask: Ask) -> Reply:
    """Take PUT for POST."""
    hit = request.method == "PUT" and request.path == SESSIONS
    return ask(again(request, method="POST", data=body_of(request))) if hit else ask(request)


def unknown_methods(status: int, *, allow: bool = True) -> Plant:
    """Answer an unknown method with another status, or without saying what is allowed."""

    def plant(request: Request, ask: Ask) -> Reply:
        reply = ask(request)
        if reply.status != 405:
            return reply
        return reply.changed(status=status) if allow else reply.changed(status=status, Allow=None)

    return plant


def heads_are_errors(request: Request, ask: Ask) -> Reply:
    """Know nothing where HEAD asks."""
    hit = request.method == "HEAD" and request.path == f"{API}/versions"
    return Reply(404) if hit else ask(request)


def slashes_are_moved(request: Request, ask: Ask) -> Reply:
    """Lead every list to a path with a slash at its end."""
    hit = request.method == "GET" and request.path == f"{API}/tags"
    return Reply(308, {"Location": f"{API}/tags/"}) if hit else ask(request)


def unknown_paths_are_home(request: Request, ask: Ask) -> Reply:
    """Answer unknown paths with a page."""
    reply = ask(request)
    lost = reply.status == 404 and b"errors" in reply.body and "no/such" in request.path
    return Reply(200, {"Content-Type": "text/html"}, b"<h1>welcome</h1>") if lost else reply


def bodies_of_refusals_are_empty(request: Request, ask: Ask) -> Reply:
    """Say nothing in a 405."""
    reply = ask(request)
    return reply.changed(body=b"") if reply.status == 405 else reply


PROTOCOL = rows(
    "platform",
    "protocol",
    {
        "TRACE is GET": trace_is_get,
        "PUT is POST": put_is_post,
        "unknown methods are not found": unknown_methods(404),
        "unknown methods are 501": unknown_methods(501),
        "a 405 without Allow": unknown_methods(405, allow=False),
        "HEAD is an error": heads_are_errors,
        "lists have moved": slashes_are_moved,
        "unknown paths are welcome": unknown_paths_are_home,
        "a 405 without a body": bodies_of_refusals_are_empty,
    },
)
