"""Feeding a client answers without a network: what it is answered, and a transport for `requests` that does it."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.response import HTTPResponse

from runtime_contracts.call_limits import MOST_REQUESTS, NeverEndsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ORIGIN: Final = "http://runtime.test"
CUT: Final = "the connection was cut"


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

    @property
    def wire_headers(self) -> dict[str, str]:
        """The headers as they are sent, with a length that is wrong if the body is to end too early."""
        announced = {"Content-Length": str(len(self.body) + self.missing)} if self.missing else {}
        return {**self.headers, **announced}


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request that the client emitted; `url` is absolute, `target` the path and query of it.

    Attributes:
        is_ours: it went to the API under test, and not to a service beside it or to where a redirect led.
    """

    method: str
    url: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    is_ours: bool = True

    @property
    def path(self) -> str:
        """The target without the query, percent-encoded."""
        return self.target.partition("?")[0]


class Feeder:
    """Decides what each request is answered, and keeps the requests.

    Attributes:
        feed: the present answer.
        sent: the requests since the last `begin`.
        choose: what answers a request in place of `feed`, and whether the request went to the API; None for drivers,
            whose every request gets the same.
    """

    def __init__(self) -> None:
        self.feed = Feed(204)
        self.sent: list[SentRequest] = []
        self.choose: Callable[[SentRequest], tuple[Feed, bool]] | None = None

    def begin(self, feed: Feed) -> None:
        """Begin another call, which is fed `feed`."""
        self.feed = feed
        self.sent = []

    def answer(self, request: SentRequest) -> Feed:
        """Keep the request and return what it is answered.

        Raises:
            NeverEndsError: the client does not stop asking.
        """
        feed, is_ours = self.feed, request.url.startswith(f"{ORIGIN}/")
        if self.choose is not None:
            feed, is_ours = self.choose(request)
        kept = SentRequest(request.method, request.url, request.target, request.headers, request.body, is_ours)
        self.sent.append(kept)
        if len(self.sent) > MOST_REQUESTS:
            raise NeverEndsError(f"it sent {len(self.sent)} requests and was not at its end")
        return feed


class FeedingAdapter(BaseAdapter):
    """Answers every request of a session of `requests` out of a feeder."""

    def __init__(self, feeder: Feeder | None = None) -> None:
        super().__init__()
        self.feeder = feeder or Feeder()
        self._builder = HTTPAdapter()

    @property
    def feed(self) -> Feed:
        """The present answer."""
        return self.feeder.feed

    @feed.setter
    def feed(self, feed: Feed) -> None:
        self.feeder.feed = feed

    @property
    def sent(self) -> list[SentRequest]:
        """The requests so far."""
        return self.feeder.sent

    def send(self, request: requests.PreparedRequest, *_args: object, **_kwargs: object) -> requests.Response:
        """Keep the request and answer it."""
        feed = self.feeder.answer(
            SentRequest(
                method=str(request.method),
                url=str(request.url),
                target=request.path_url,
                headers={str(name): _text(value) for name, value in request.headers.items()},
                body=_bytes(request.body),
            )
        )
        if feed.cut:
            raise requests.ConnectionError(CUT, request=request)
        raw = HTTPResponse(
            body=io.BytesIO(feed.body),
            headers=feed.wire_headers,
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
