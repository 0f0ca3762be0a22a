"""Servers of today with a hole in the door: for one operation, one credential, or one tenant."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request

from tests.broken.serving import BOB, Ask, Plant, Reply
from tests.broken.spoiling import matches
from tests.broken.zoo.deviation import answer, as_owner, rows, value, with_headers

API = "/api/v1"
JOB, JOBS, SESSION = f"{API}/jobs/*", f"{API}/jobs", f"{API}/sessions/*"


class _Crn:
    """Remembers the instance of Alice."""

    def __init__(self) -> None:
        self.crn: str | None = None

    def learn(self, request: Request) -> None:
        crn = request.headers.get("Service-CRN")
        if self.crn is None and crn and BOB not in request.headers.get("Authorization", "") and len(crn) > 60:
            self.crn = crn


def open_to_all(method: str, path: str) -> type:
    """Let anybody do one thing, without any credentials."""

    class Open(_Crn):
        def __call__(self, request: Request, ask: Ask) -> Reply:
            reply = ask(request)
            if reply.status < 400:
                self.learn(request)
            if request.method == method and matches(path, request.path) and reply.status == 401:
                return ask(as_owner(request, self.crn))
            return reply

    return Open


def leaky(method: str, path: str) -> type:
    """Let other tenants do one thing to what is not theirs."""

    class Leaky(_Crn):
        def __call__(self, request: Request, ask: Ask) -> Reply:
            reply = ask(request)
            if reply.status < 400:
                self.learn(request)
            if request.method == method and matches(path, request.path) and reply.status == 404:
                return ask(as_owner(request, self.crn))
            return reply

    return Leaky


class ShownInLists(_Crn):
    """Show everybody the jobs of Alice, if a tag is named."""

    path = JOBS

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if reply.status < 400:
            self.learn(request)
        if request.method == "GET" and request.path == self.path and reply.status == 200 and self.crn:
            return ask(as_owner(request, self.crn))
        return reply


class ShownInTags(ShownInLists):
    """Show everybody the tags of Alice."""

    path = f"{API}/tags"


class ShownInWorkloads(ShownInLists):
    """Show everybody the workloads of Alice."""

    path = f"{API}/workloads"


class RefusesAndDoes(_Crn):
    """Answer 404 to somebody else's cancel, and cancel."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if reply.status < 400:
            self.learn(request)
        if request.method == "POST" and matches(f"{JOB}/cancel", request.path) and reply.status == 404:
            ask(as_owner(request, self.crn))
        return reply


class RefusesAndCloses(_Crn):
    """Answer 404 to somebody else's closing of a session, and close it."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if reply.status < 400:
            self.learn(request)
        if request.method == "DELETE" and matches(f"{SESSION}/close", request.path) and reply.status == 404:
            ask(as_owner(request, self.crn))
        return reply


class SessionsTakeStrangers(_Crn):
    """Tell a stranger that a session exists: 400 in place of 404."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        if reply.status < 400:
            self.learn(request)
        if request.method == "GET" and matches(SESSION, request.path) and reply.status == 404:
            there = ask(as_owner(request, self.crn))
            return reply.changed(status=400) if there.status == 200 else reply
        return reply


class TakesAnyToken:
    """Take every token that looks like one of IAM's."""

    def __init__(self) -> None:
        self._shape = ""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        given = request.headers.get("Authorization", "")
        if given.startswith("Bearer ") and reply.status == 200:
            self._shape = given[:14]
        if reply.status == 401 and self._shape and given.startswith(self._shape):
            return ask(as_owner(request, None))
        return reply


def no_instance(method: str, path: str) -> type:
    """Need no instance for one thing."""

    class Free(_Crn):
        def __call__(self, request: Request, ask: Ask) -> Reply:
            self.learn(request)
            hit = request.method == method and matches(path, request.path) and "Service-CRN" not in request.headers
            return ask(with_headers(request, Service_CRN=self.crn)) if hit else ask(request)

    return Free


def any_scheme(request: Request, ask: Ask) -> Reply:
    """Read an API key whatever its scheme."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return ask(with_headers(request, Authorization=f"apikey {key}")) if scheme == "Basic" and key else ask(request)


def no_keys(request: Request, ask: Ask) -> Reply:
    """Take no API keys for one thing."""
    refused = request.path == f"{API}/instances/usage" and request.headers.get("Authorization", "").startswith("apikey")
    return ask(with_headers(request, Authorization=None)) if refused else ask(request)


def no_bearers(request: Request, ask: Ask) -> Reply:
    """Take no bearer tokens for one thing."""
    refused = request.path == f"{API}/tags" and request.headers.get("Authorization", "").startswith("Bearer")
    return ask(with_headers(request, Authorization=None)) if refused else ask(request)


def spelled_exactly(request: Request, ask: Ask) -> Reply:
    """Know the scheme of a token in one spelling only."""
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    odd = scheme.lower() == "bearer" and scheme != "Bearer"
    return ask(with_headers(request, Authorization=None)) if odd else ask(request)


class TokensLastForever:
    """Take tokens of IAM long after they have expired."""

    def __init__(self) -> None:
        self._good: set[str] = set()

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        given = request.headers.get("Authorization", "")
        if given.startswith("Bearer ") and reply.status == 200:
            self._good.add(given)
        if reply.status == 401 and given in self._good:
            return ask(as_owner(request, None))
        return reply


def _status(number: int) -> Any:
    return lambda reply: reply.changed(status=number)


def forbidden(method: str, path: str) -> Plant:
    """Answer 403 where nobody has said who they are."""
    return answer(method, path, _status(403), status=401)


class ExpiredIsForbidden(TokensLastForever):
    """Answer 403 to a token that has expired."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        given = request.headers.get("Authorization", "")
        if given.startswith("Bearer ") and reply.status == 200:
            self._good.add(given)
        return reply.changed(status=403) if reply.status == 401 and given in self._good else reply


class TokensAreGoodOnce(TokensLastForever):
    """Take a token that was exchanged after another had expired for nothing."""

    def __call__(self, request: Request, ask: Ask) -> Reply:
        """Answer one request."""
        reply = ask(request)
        given = request.headers.get("Authorization", "")
        if reply.status == 401 and given in self._good:
            self._good.add("expired")
        if given.startswith("Bearer ") and reply.status == 200:
            if "expired" in self._good:
                return ask(with_headers(request, Authorization="Bearer nobodys"))
            self._good.add(given)
        return reply


ACCESS = rows(
    "platform",
    "access",
    {
        "anybody reads metrics": open_to_all("GET", f"{JOB}/metrics"),
        "anybody reads usage": open_to_all("GET", f"{API}/instances/usage"),
        "anybody reads workloads": open_to_all("GET", f"{API}/workloads"),
        "anybody reads the configuration of devices": open_to_all("GET", f"{API}/backends/*/configuration"),
        "anybody closes sessions": open_to_all("DELETE", f"{SESSION}/close"),
        "anybody submits": open_to_all("POST", JOBS),
        "no instance is needed to list tags": no_instance("GET", f"{API}/tags"),
        "no instance is needed to delete": no_instance("DELETE", JOB),
        "the scheme does not matter": any_scheme,
        "keys are no good for usage": no_keys,
        "tokens are no good for tags": no_bearers,
        "one spelling of Bearer": spelled_exactly,
        "tokens that look right are taken": TakesAnyToken,
        "tokens last for ever": TokensLastForever,
        "expired tokens are forbidden": ExpiredIsForbidden,
        "tokens are good once": TokensAreGoodOnce,
        "403 for 401 on jobs": forbidden("GET", JOBS),
        "401 without a body": answer("GET", SESSION, lambda reply: reply.changed(body=b""), status=401),
        "401 as text": answer(
            "GET", f"{API}/backends", lambda reply: reply.changed(body=b"no", Content_Type="text/plain"), status=401
        ),
    },
)

TENANTS = rows(
    "platform",
    "tenants",
    {
        "others read jobs": leaky("GET", JOB),
        "others read results": leaky("GET", f"{JOB}/results"),
        "others read logs": leaky("GET", f"{JOB}/logs"),
        "others read metrics": leaky("GET", f"{JOB}/metrics"),
        "others cancel": leaky("POST", f"{JOB}/cancel"),
        "others are refused, and cancel": RefusesAndDoes,
        "others delete": leaky("DELETE", JOB),
        "others set tags": leaky("PUT", f"{JOB}/tags"),
        "others read sessions": leaky("GET", SESSION),
        "others change sessions": leaky("PATCH", SESSION),
        "others close sessions": leaky("DELETE", f"{SESSION}/close"),
        "others close, and are refused": RefusesAndCloses,
        "others learn that a session exists": SessionsTakeStrangers,
        "jobs in the lists of others": ShownInLists,
        "tags in the lists of others": ShownInTags,
        "workloads in the lists of others": ShownInWorkloads,
        "instances of another account in filters": value(
            f"{API}/analytics/filters",
            lambda found: {
                **found,
                "instances": [*found["instances"], {"id": "crn:v1:bluemix:public:quantum-computing:us-east:a/9:9::"}],
            },
        ),
    },
)
