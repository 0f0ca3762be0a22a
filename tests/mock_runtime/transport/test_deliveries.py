"""Answers that are brought in an odd way: a client sees the same of them in this process as over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests
from urllib3.connectionpool import HTTPConnectionPool

from mock_runtime.clock import ManualClock
from mock_runtime.transport.answering import Answering
from mock_runtime.transport.asgi import FlaskOnASGI
from mock_runtime.transport.delivery import Cut, Delivery, Pace
from mock_runtime.transport.httpx_transport import InProcessTransport
from mock_runtime.transport.in_memory import InMemoryPool
from mock_runtime.transport.in_process import WSGIAdapter
from mock_runtime.transport.in_wsgi import InProcess
from mock_runtime.transport.server import ProxyServer

if TYPE_CHECKING:
    from mock_runtime.transport.exchanges import Exchange
    from mock_runtime.transport.wsgi import Environ

BODY = b'{"status": "Completed", "filler": "' + b"x" * 200 + b'"}'
PLAIN = Delivery(
    status=200, headers=[("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))], body=BODY
)
HALF = len(BODY) // 2

DELIVERIES = {
    "as usual": PLAIN,
    "late": replace(PLAIN, hold_s=3.0),
    "in pieces": replace(PLAIN, pace=Pace(50, 2.0)),
    "cut when asked": replace(PLAIN, cut=Cut.REQUEST),
    "cut before": replace(PLAIN, cut=Cut.BEFORE),
    "reset before": replace(PLAIN, cut=Cut.BEFORE, reset=True),
    "cut late": replace(PLAIN, cut=Cut.BEFORE, hold_s=3.0),
    "cut within": replace(PLAIN, cut=Cut.WITHIN, cut_at=HALF),
    "cut within the first byte": replace(PLAIN, cut=Cut.WITHIN, cut_at=0),
    "cut in pieces": replace(PLAIN, cut=Cut.WITHIN, cut_at=HALF, pace=Pace(50, 2.0)),
    "cut after": replace(PLAIN, cut=Cut.AFTER),
    "empty": PLAIN.with_body(b""),
    "another type": PLAIN.with_body(b"<html>", "text/html"),
}
WHOLE = ("200", BODY)
OF_REQUESTS: dict[str, object] = {
    "as usual": WHOLE,
    "late": WHOLE,
    "in pieces": WHOLE,
    "cut when asked": "ConnectionError",
    "cut before": "ConnectionError",
    "reset before": "ConnectionError",
    "cut late": "ConnectionError",
    "cut within": "ChunkedEncodingError",
    "cut within the first byte": "ChunkedEncodingError",
    "cut in pieces": "ChunkedEncodingError",
    "cut after": WHOLE,
    "empty": ("200", b""),
    "another type": ("200", b"<html>"),
}
OF_HTTPX = {
    **OF_REQUESTS,
    **dict.fromkeys(("cut when asked", "cut before", "cut late"), "RemoteProtocolError"),
    **dict.fromkeys(("cut within", "cut within the first byte", "cut in pieces"), "RemoteProtocolError"),
    "reset before": "ReadError",
}
SECONDS = {"late": 3.0, "in pieces": 10.0, "cut late": 3.0, "cut in pieces": 6.0}


@dataclass
class Scripted:
    """Answers every request with one delivery, and notes what became of it."""

    delivery: Delivery
    clock: ManualClock = field(default_factory=lambda: ManualClock(0))
    wait_s: float = 0.0
    takes_long: bool = False
    events: list[str] = field(default_factory=list)

    def open(self, environ: Environ) -> Exchange:
        """Begin."""
        self.events.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return self

    def answer(self) -> Delivery:
        """The delivery."""
        self.events.append("carried out")
        return self.delivery

    def ended(self, *, left: bool = False) -> None:
        """Note it, once."""
        if not self.events[-1].startswith("ended"):
            self.events.append("ended early" if left else "ended")


def nothing(_environ: Any, start_response: Any) -> list[bytes]:
    """What words the refusal of what is no HTTP: it is never asked here."""
    start_response("400 Bad Request", [])
    return [b""]


def seen(ask: Callable[[], Any]) -> object:
    """What a client sees: status and body, or the error."""
    try:
        answer = ask()
        return str(answer.status_code), answer.content
    except (requests.RequestException, httpx.HTTPError) as error:
        return type(error).__name__


@contextmanager
def on_a_socket(script: Scripted) -> Iterator[str]:
    """The same on a socket: its URL."""
    with ProxyServer(FlaskOnASGI(responder=script, app=nothing, max_body_bytes=1000)) as server:
        yield f"{server.origin}/x"


def by_requests(script: Scripted) -> object:
    """Through the adapter of requests."""
    session = requests.Session()
    session.mount("http://", WSGIAdapter(InProcess(script)))
    return seen(lambda: session.get("http://x.invalid/x"))


def by_urllib3(script: Scripted, timeout: float | None = None) -> object:
    """Through the pool that an interception puts in the place of urllib3's: requests reads from it as ever."""

    class Adapter(requests.adapters.HTTPAdapter):
        def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
            like = HTTPConnectionPool("x.invalid")
            return InMemoryPool(
                Answering(responder=script, clock=script.clock), scheme="http", host="x.invalid", port=None, like=like
            )

    session = requests.Session()
    session.mount("http://", Adapter())
    return seen(lambda: session.get("http://x.invalid/x", timeout=timeout))


def by_httpx(script: Scripted) -> object:
    """Through the transport of httpx."""
    with httpx.Client(transport=InProcessTransport(Answering(responder=script, clock=script.clock))) as client:
        return seen(lambda: client.get("http://x.invalid/x", timeout=100))


def by_httpx_on_a_socket(script: Scripted) -> object:
    """By httpx, over a socket."""
    with on_a_socket(script) as url, httpx.Client() as client:
        return seen(lambda: client.get(url))


def by_requests_on_a_socket(script: Scripted) -> object:
    """By requests, over a socket."""
    with on_a_socket(script) as url, requests.Session() as session:
        return seen(lambda: session.get(url))


WAYS = {
    "requests, socket": (by_requests_on_a_socket, OF_REQUESTS),
    "requests, adapter": (by_requests, OF_REQUESTS),
    "requests, interception": (by_urllib3, OF_REQUESTS),
    "httpx, socket": (by_httpx_on_a_socket, OF_HTTPX),
    "httpx, transport": (by_httpx, OF_HTTPX),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", DELIVERIES)
def test_a_client_sees_what_it_would_see_of_a_real_connection(name: str, way: str) -> None:
    """The same answer or error, after the same time; and the exchange is over, once."""
    script = Scripted(DELIVERIES[name])
    ask, expected = WAYS[way]
    assert ask(script) == expected[name]
    assert script.events == ["GET /x", "carried out", "ended"]
    assert script.clock.now() == SECONDS.get(name, 0.0)


IMPATIENT = {
    "late": (replace(PLAIN, hold_s=3.0), 0.0),
    "held back": (PLAIN, 3.0),
    "a little of both": (replace(PLAIN, hold_s=1.5), 1.5),
    "in pieces": (replace(PLAIN, pace=Pace(50, 3.0)), 0.0),
}


@pytest.mark.parametrize("name", IMPATIENT)
def test_a_client_that_waits_two_seconds_gets_its_own_time_out(name: str) -> None:
    """After those two seconds; its request was carried out all the same, and the journal knows that it left."""
    delivery, wait_s = IMPATIENT[name]
    for client in (timed_requests, timed_httpx, timed_async_httpx):
        script = Scripted(delivery, wait_s=wait_s)
        # requests tells a time-out within a body as an error of the connection.
        within = client is timed_requests and name == "in pieces"
        assert client(script) == ("ConnectionError" if within else "ReadTimeout")
        assert script.events == ["GET /x", "carried out", "ended early"]
        assert script.clock.now() == 2.0


def timed_requests(script: Scripted) -> object:
    """By requests, in an interception."""
    return by_urllib3(script, timeout=2)


def timed_httpx(script: Scripted) -> object:
    """By httpx."""
    with httpx.Client(transport=InProcessTransport(Answering(responder=script, clock=script.clock))) as client:
        return seen(lambda: client.get("http://x.invalid/x", timeout=2))


def timed_async_httpx(script: Scripted) -> object:
    """By httpx, awaited."""

    async def ask() -> Any:
        transport = InProcessTransport(Answering(responder=script, clock=script.clock))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.get("http://x.invalid/x", timeout=2)

    return seen(lambda: asyncio.run(ask()))
