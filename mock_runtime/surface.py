"""A set of operations under one prefix, and what all of them share: how an answer and a refusal are made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import Response
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from mock_runtime.domain.errors import NotFound, bounded
from mock_runtime.faults.injected import Injected
from mock_runtime.parsing import MalformedRequest, UnsupportedMediaType
from mock_runtime.transport.hosts import ANY, OUTSIDE, HostRoute

if TYPE_CHECKING:
    from flask import Blueprint, Request


__all__ = [
    "ANY",
    "HostRoute",
    "Problem",
    "Surface",
    "base_of",
    "json_response",
    "json_text",
    "message_of",
    "no_content",
    "origin_of",
    "path_of",
    "readable",
    "refuse_odd_host",
    "status_of",
    "text_response",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request is refused, before an edition says it in its own way.

    `headers` go out with the answer, such as `Allow` with a 405. `trace` names the answer in the logs.
    """

    error: Exception
    trace: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A set of operations under one prefix, with its own way to say that something went wrong.

    `hosts` are those of the real service that it stands for.
    """

    prefix: str
    blueprint: Blueprint
    render_error: Callable[[Problem], Response]
    hosts: tuple[HostRoute, ...] = ()


def status_of(error: Exception, statuses: Mapping[type[Exception], int]) -> int:
    """The status that answers an error: by its class or the nearest base in `statuses`, else HTTP's own, else 500.

    What a rule asks for has the status that it says.
    """
    if isinstance(error, Injected):
        return error.status
    for base in type(error).__mro__:
        if base in statuses:
            return statuses[base]
        if base in _PROTOCOL:
            return _PROTOCOL[base]
    if isinstance(error, HTTPException) and error.code is not None:
        return error.code
    return 500


def message_of(error: Exception, status: int) -> str:
    """A sentence for a person. Of our own bugs (500) nothing but the fact is told to the outside."""
    if isinstance(error, Injected):
        return error.message
    if status == 500:
        return "the mock failed to answer; this is a bug of the mock, see its log"
    if isinstance(error, RequestEntityTooLarge):
        return "the body is larger, or has more parts, than this server reads"
    if isinstance(error, HTTPException):
        own_words = error.description != type(error).description
        return error.description if own_words and error.description else f"the request is refused: {error.name.lower()}"
    return str(error)


def origin_of(request: Request) -> str:
    """Scheme, host and port under which the caller sees this server."""
    host = request.environ.get("HTTP_HOST")
    if not host:
        name = request.environ["SERVER_NAME"]
        host = f"[{name}]" if ":" in name else name
        host += f":{request.environ['SERVER_PORT']}"
    return f"{request.scheme}://{host}"


def base_of(request: Request) -> str:
    """The same with the path below which the caller's world is, if there are several."""
    return f"{origin_of(request)}{request.script_root}"


def path_of(request: Request) -> str:
    """The path under which the caller asked, which may be that of a host of IBM's."""
    return str(request.environ.get(OUTSIDE, request.path))


def readable(rule: str) -> str:
    """The path of a routing rule as the documents write it: `/jobs/{jid}`."""
    return re.sub(r"<(?:\w+:)?(\w+?)_?>", r"{\1}", rule)


def refuse_odd_host(environ: Mapping[str, Any]) -> None:
    """MalformedRequest if the header Host names no host: it goes into answers that name this server."""
    host = environ.get("HTTP_HOST", "")
    if host and _HOST.fullmatch(host) is None:
        raise MalformedRequest(f"the header Host names no host: {bounded(host)}")


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer: compact, with a newline at its end. Evidence: recorded in 2023, taken to have been so before."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    response = Response(body, status, mimetype="application/json")
    if headers:
        response.headers.extend(headers)
    return response


def json_text(text: str) -> Response:
    """A JSON answer that is text already."""
    return Response(text.encode(), 200, mimetype="application/json")


def text_response(text: str) -> Response:
    """A plain-text answer."""
    return Response(text.encode("utf-8", "backslashreplace"), 200, content_type="text/plain; charset=utf-8")


def no_content() -> Response:
    """A 204, which has neither body nor type."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


_LABEL: Final = "[A-Za-z0-9_-]{1,63}"
_HOST: Final = re.compile(rf"({_LABEL}(\.{_LABEL}){{0,126}}\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(:[0-9]{{1,5}})?")
_PROTOCOL: Final[Mapping[type[Exception], int]] = {
    MalformedRequest: 400,
    UnsupportedMediaType: 415,
    NotFound: 404,
}
