"""Feeding a client answers without a network: a transport for `requests` that answers from memory."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.response import HTTPResponse

from runtime_contracts.call_limits import MOST_REQUESTS, NeverEndsError

if TYPE_CHECKING:
    from collections.abc import Mapping

ORIGIN = "http://runtime.test"


@dataclass(frozen=True, slots=True)
class Feed:
    """One answer to be fed.

    Attributes:
        body: the bytes on the wire.
        cut: the connection breaks instead of an answer.
        missing: so many bytes fewer arrive than the header Content-Length announces.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False
    missing: int = 0


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request that the client emitted; `url` is absolute, `target` the path and query of it."""

    method: str
    url: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class FeedingAdapter(BaseAdapter):
    """Answers every request with the present feed, and keeps the requests."""

    def __init__(self) -> None:
        super().__init__()
        self.feed = Feed(204)
        self.sent: list[SentRequest] = []
        self._builder = HTTPAdapter()

    def send(self, request: requests.PreparedRequest, *_args: object, **_kwargs: object) -> requests.Response:
        """Keep the request and answer it."""
        self.sent.append(
            SentRequest(
                method=str(request.method),
                url=str(request.url),
                target=request.path_url,
                headers={str(name): _text(value) for name, value in request.headers.items()},
                body=_bytes(request.body),
            )
        )
        if len(self.sent) > MOST_REQUESTS:
            raise NeverEndsError(f"it sent {len(self.sent)} requests and was not at its end")
        feed = self.feed
        if feed.cut:
            raise requests.ConnectionError("the connection was cut", request=request)
        headers = dict(feed.headers)
        if feed.missing:
            headers["Content-Length"] = str(len(feed.body) + feed.missing)
        raw = HTTPResponse(
            body=io.BytesIO(feed.body),
            headers=headers,
            status=feed.status,
            preload_content=False,
            enforce_content_length=True,
            request_method=request.method,
        )
        return self._builder.build_response(request, raw)

    def close(self) -> None:
        """Release nothing: there is nothing."""


def fed_session(adapter: FeedingAdapter) -> requests.Session:
    """Return a session that sends everything through `adapter`."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    return b"".join(body) if hasattr(body, "__iter__") else bytes(body.read())
