"""Deliberately broken servers of today's edition: each deviates from the contract in one way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from tests.broken.serving import ALICE, Ask, Reply
from tests.broken.spoiling import again, matches, rewritten, spoiled

API = "/api/v1"
_REFUSAL = json.dumps({"errors": [{"code": 1208, "message": "no"}], "trace": "0"}).encode()
_JOB, _SESSION = f"{API}/jobs/*", f"{API}/sessions/*"
_RESULTS, _METRICS = f"{API}/jobs/*/results", f"{API}/jobs/*/metrics"


def _with(**changes: Any) -> Callable[[Reply], Reply]:
    return rewritten(lambda value: {**value, **changes})


def _refusing(status: int) -> Callable[[Reply], Reply]:
    return lambda reply: reply.changed(status=status, body=_REFUSAL, Content_Type="application/json")


def _moved(value: dict[str, Any], **times: str) -> dict[str, Any]:
    return {**value, "timestamps": {**value.get("timestamps", {}), **times}}


def _queried(request: Request, **changes: str | None) -> Request:
    """Return the same request with some of its query changed, or left out where it is None."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    pairs += [(name, value) for name, value in changes.items() if value is not None]
    return again(request, query_string=urlencode(pairs))


def _pretended(request: Request, ask: Ask) -> Reply:
    """Say that it was done, if the thing is there."""
    found = ask(again(request, method="GET", data=b""))
    return Reply(204) if found.status == 200 else found


# Who may come in


def takes_any_instance(request: Request, ask: Ask) -> Reply:
    """Take no notice of the instance where it is missing."""
    if "Service-CRN" in request.headers or not request.path.startswith(API):
        return ask(request)
    return ask(_as_alice(request))


def _as_alice(request: Request) -> Request:
    headers = Headers(request.headers)
    headers["Authorization"] = f"apikey {ALICE}"
    headers["Service-CRN"] = "crn:v1:bluemix:public:quantum-computing:us-east:a/0:1::"
    return again(request, headers=headers)


class KnowsNoTenants:
    """Show everybody the jobs of the first caller."""

    def __init__(self) -> None:
        self._first: tuple[str, str] | None = None

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        own = request.headers.get("Authorization", ""), request.headers.get("Service-CRN", "")
        if request.method == "POST" and request.path == f"{API}/jobs":
            self._first = self._first or own
        if self._first is None or not matches(_JOB, request.path) or request.method != "GET":
            return ask(request)
        headers = Headers(request.headers)
        headers["Authorization"], headers["Service-CRN"] = self._first
        return ask(again(request, headers=headers))


# Jobs

two_states = spoiled("GET", _JOB, _with(state={"status": "Failed"}), status=200)
loses_tags = spoiled("GET", _JOB, _with(tags=[]), status=200)
finds_no_tags = spoiled("GET", f"{API}/tags", _with(tags=[]), status=200)
result_is_no_json = spoiled("GET", _RESULTS, lambda reply: reply.changed(body=b"done!"), status=200)
begins_after_the_end = spoiled(
    "GET", _METRICS, rewritten(lambda value: _moved(value, created="2300-01-01T00:00:00Z")), status=200
)
ends_at_once = spoiled(
    "GET", _METRICS, rewritten(lambda value: _moved(value, finished="2300-01-01T00:00:00Z")), status=200
)


class PrivateResultsStay:
    """Give a private result as often as anybody likes."""

    def __init__(self) -> None:
        self._given: dict[str, Reply] = {}

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if not matches(_RESULTS, request.path):
            return reply
        if reply.status == 200:
            self._given[request.path] = reply
        return self._given.get(request.path, reply)


def deletes_nothing(request: Request, ask: Ask) -> Reply:
    """Say that a job was deleted."""
    return _pretended(request, ask) if request.method == "DELETE" and matches(_JOB, request.path) else ask(request)


# Lists

oldest_first = spoiled(
    "GET", f"{API}/jobs", rewritten(lambda value: {**value, "jobs": value["jobs"][::-1]}), status=200
)
says_200 = spoiled("GET", f"{API}/jobs", _with(limit=200), status=200)
workloads_are_done = spoiled(
    "GET",
    f"{API}/workloads",
    rewritten(lambda value: {**value, "workloads": [{**one, "status": "failed"} for one in value["workloads"]]}),
    status=200,
)
leads_nowhere = spoiled("GET", f"{API}/workloads", _with(next={"href": "https://elsewhere.test/"}), status=200)
counts_nothing = spoiled("GET", f"{API}/analytics/usage", _with(jobs=0), status=200)
usage_of_others = spoiled("GET", f"{API}/instances/usage", _with(instance_id="crn:of:somebody:else"), status=200)


def ignores_filters(request: Request, ask: Ask) -> Reply:
    """List jobs of every backend, whatever was asked for."""
    return ask(_queried(request, backend=None) if request.path == f"{API}/jobs" else request)


def shows_inputs(request: Request, ask: Ask) -> Reply:
    """List jobs with their inputs, whatever was asked for."""
    if request.method == "GET" and request.path == f"{API}/jobs":
        return ask(_queried(request, exclude_params="false"))
    return ask(request)


def forgets_the_cursor(request: Request, ask: Ask) -> Reply:
    """Give the first page of workloads for every cursor."""
    return ask(_queried(request, next=None) if request.path == f"{API}/workloads" else request)


class UsageShrinks:
    """Use less each time that somebody asks."""

    def __init__(self) -> None:
        self._left = 1000.0

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if request.path != f"{API}/instances/usage" or reply.status != 200:
            return reply
        self._left -= 1
        return _with(usage_consumed_seconds=self._left)(reply)


# Sessions

sessions_are_refused = spoiled("POST", f"{API}/sessions", _refusing(400), status=200)
closing_is_refused = spoiled("DELETE", f"{API}/sessions/*/close", _refusing(404), status=204)
never_closed = spoiled("GET", _SESSION, _with(state="inactive"), status=200)


def goes_on(request: Request, ask: Ask) -> Reply:
    """Say that a session takes no more jobs, and take them."""
    return _pretended(request, ask) if request.method == "PATCH" and matches(_SESSION, request.path) else ask(request)


class OpensAgain:
    """Show a session as active after it was closed."""

    def __init__(self) -> None:
        self._closed: set[str] = set()

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if reply.status == 204 and matches(f"{_SESSION}/close", request.path):
            self._closed.add(request.path.removesuffix("/close"))
        if request.method == "GET" and request.path in self._closed and reply.status == 200:
            return _with(state="active")(reply)
        return reply


def keeps_jobs_of_closed_sessions(request: Request, ask: Ask) -> Reply:
    """Let the jobs of a session wait although it was closed."""
    reply = ask(request)
    if request.method != "GET" or not matches(_JOB, request.path) or reply.status != 200:
        return reply
    value = json.loads(reply.body)
    if "session_id" not in value or value["status"] != "Cancelled":
        return reply
    return _with(status="Queued", state={"status": "Queued"})(reply)
