"""The way to one scope of one server, and what can go wrong on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlsplit

import requests

JSON: TypeAlias = Any
"""What JSON says, in Python's terms."""

SCOPE_HEADER: Final = "Mock-Runtime-Scope"
_TOKEN: Final = "Mock-Runtime-Control-Token"  # noqa: S105 - a name
_MOUNT: Final = "/_scope/"
_OF_JOB: Final = ("job_id", "id")


class ControlError(Exception):
    """The server does not do what was asked. `str()` is its own sentence, `status` that of its answer."""

    def __init__(self, sentence: str, *, status: int, trace: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.trace = trace


class CannotReach(ControlError):
    """Nobody answers there, or somebody who is no such server. `str()` says what to do."""

    def __init__(self, sentence: str, *, status: int = 0) -> None:
        super().__init__(sentence, status=status)


class Wire:
    """The way to one scope of one server: what all nouns send their requests through."""

    def __init__(self, url: str, *, scope: str, token: str | None, session: requests.Session, timeout_s: float) -> None:
        self.origin, named = _origin(url)
        self.scope = scope or named
        self.session = session
        self.timeout_s = timeout_s
        self.token = token

    def __repr__(self) -> str:
        return f"<{self.origin}{f', scope {self.scope}' if self.scope else ''}>"

    def call(
        self,
        method: str,
        path: str,
        body: JSON = None,
        *,
        query: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        accept: str = "application/json",
    ) -> requests.Response:
        """The answer to a request below `/_mock`; ControlError, CannotReach."""
        headers = {"Accept": accept}
        if self.scope:
            headers[SCOPE_HEADER] = self.scope
        if self.token is not None:
            headers[_TOKEN] = self.token
        if data is not None:
            headers["Content-Type"] = "application/yaml"
        url = f"{self.origin}/_mock{path}"
        kind: dict[str, Any] = {"json": body} if body is not None else {"data": data}
        try:
            answer = self.session.request(
                method,
                url,
                params=given(query or {}),
                headers=headers,
                timeout=self.timeout_s,
                allow_redirects=False,
                **kind,
            )
        except requests.RequestException as error:
            raise CannotReach(
                f"nobody answers at {self.origin}: start one with mock-runtime serve, or name another with --url or "
                f"MOCK_RUNTIME_CONTROL_URL ({type(error).__name__})"
            ) from None
        if answer.status_code >= 300:
            raise _refused(answer, self.origin)
        return answer

    def read(self, method: str, path: str, body: JSON = None, *, query: Mapping[str, Any] | None = None) -> JSON:
        """The JSON of the answer; None if it has no body."""
        answer = self.call(method, path, body, query=query)
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError:
            raise _no_fake(self.origin, answer.status_code) from None


def asserted(wire: Wire, path: str, body: Mapping[str, Any]) -> JSON:
    """The answer to an assertion; AssertionError with the server's account if it is not so."""
    __tracebackhide__ = True
    try:
        return wire.read("POST", path, body)
    except ControlError as error:
        if error.status != 409:
            raise
        raise AssertionError(str(error)) from None


def _origin(url: str) -> tuple[str, str]:
    """Scheme, host and port of a URL, and the scope that its path names, or none."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError(f"expected the URL of a server such as http://127.0.0.1:8000, found {url!r:.200}")
    scope = parts.path[len(_MOUNT) :].partition("/")[0] if parts.path.startswith(_MOUNT) else ""
    return f"{parts.scheme}://{parts.netloc}", scope


def _refused(answer: requests.Response, origin: str) -> ControlError:
    """The error of an answer that is none."""
    try:
        body = answer.json()
        return ControlError(str(body["error"]["message"]), status=answer.status_code, trace=str(body.get("trace", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return _no_fake(origin, answer.status_code)


def _no_fake(origin: str, status: int) -> CannotReach:
    return CannotReach(
        f"what answers at {origin} (with {status}) has no control plane: it is no mock-runtime, or one that was "
        "started with --no-control",
        status=status,
    )


def id_of(job: object) -> str:
    """The id of a job: itself, or what an object has as `job_id` or `id`."""
    if isinstance(job, str):
        return job
    for name in _OF_JOB:
        found = getattr(job, name, None)
        found = found() if callable(found) else found
        if isinstance(found, str):
            return found
    raise TypeError(f"expected the id of a job, or an object with {' or '.join(_OF_JOB)}; found {type(job).__name__}")


def as_query(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Filters as a query has them."""
    found = dict(filters)
    if found.get("job") is not None:
        found["job"] = id_of(found["job"])
    if found.get("fault") is True:
        found["fault"] = "*"
    return found


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}


def part(name: str) -> str:
    """A name as a part of a path; ValueError for one that would lead elsewhere, as no name does."""
    if not name.strip("."):
        raise ValueError(f"{name!r} names nothing")
    return quote(name, safe="")
