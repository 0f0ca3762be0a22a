"""Feeding: what a client sees of an answer is the same whatever library it uses, and the same as over a socket."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests
import urllib3

from runtime_contracts.call_limits import MOST_REQUESTS, NeverEndsError
from runtime_contracts.feeding import ORIGIN, Feed, Feeder
from runtime_contracts.feeding_httpx import FeedingTransport
from runtime_contracts.feeding_seam import seam

ADDRESS = "https://quantum.cloud.ibm.com/api/v1/jobs?limit=1"


async def _async_get() -> bytes:
    async with httpx.AsyncClient() as client:
        return (await client.get(ADDRESS)).content


def _open() -> bytes:
    with urllib.request.urlopen(ADDRESS) as answer:
        content: bytes = answer.read()
        return content


WAYS: dict[str, Callable[[], bytes]] = {
    "requests": lambda: requests.get(ADDRESS, timeout=1).content,
    "urllib3": lambda: urllib3.PoolManager(retries=False).request("GET", ADDRESS).data,
    "urllib": _open,
    "httpx": lambda: httpx.get(ADDRESS).content,
    "httpx without blocking": lambda: asyncio.run(_async_get()),
}


@pytest.mark.parametrize("way", WAYS)
def test_any_client_is_met_where_it_leaves_the_process(way: str) -> None:
    """Each library gets the answer and nothing reaches a socket; the request is kept with its whole address."""
    feeder = Feeder()
    feeder.begin(Feed(200, {"Content-Type": "text/plain"}, b"fed"))
    with seam(feeder):
        assert WAYS[way]() == b"fed"
    (sent,) = feeder.sent
    assert (sent.method, sent.url, sent.target, sent.path) == (
        "GET", ADDRESS, "/api/v1/jobs?limit=1", "/api/v1/jobs",
    )  # fmt: skip
    assert not sent.is_ours


BROKEN = {"cut": Feed(200, cut=True), "short": Feed(200, {}, b"short", missing=5)}
ERRORS: dict[str, type[Exception]] = {
    "requests": requests.RequestException,
    "urllib3": urllib3.exceptions.HTTPError,
    "urllib": Exception,
    "httpx": httpx.RemoteProtocolError,
    "httpx without blocking": httpx.RemoteProtocolError,
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("way", WAYS)
def test_broken_connections_are_what_the_library_makes_of_them(way: str, fault: str) -> None:
    """A cut connection and a body that ends too early are raised as each library does over a socket."""
    feeder = Feeder()
    feeder.begin(BROKEN[fault])
    with seam(feeder), pytest.raises(ERRORS[way]):
        WAYS[way]()


@pytest.mark.parametrize("way", ["requests", "httpx"])
def test_bytes_that_are_no_gzip_are_an_error_of_decoding(way: str) -> None:
    """What says that it is compressed and is not reaches the client as its library's own error."""
    feeder = Feeder()
    feeder.begin(Feed(200, {"Content-Encoding": "gzip"}, b"\x1f\x8bthis is not gzip"))
    with seam(feeder), pytest.raises((requests.exceptions.ContentDecodingError, httpx.DecodingError)):
        WAYS[way]()


@pytest.mark.parametrize("way", WAYS)
def test_nobody_sees_a_body_with_a_204(way: str) -> None:
    """HTTP has no body with a 204, so on a socket there is none to be seen."""
    feeder = Feeder()
    feeder.begin(Feed(204, {}, b"surprise"))
    with seam(feeder):
        assert WAYS[way]() == b""


def test_seam_goes_as_it_came() -> None:
    """What was replaced is there again afterwards, also if the body raises."""
    before = (urllib3.connection.HTTPConnection.connect, httpx.HTTPTransport.handle_request, socket.socket.connect)
    with pytest.raises(KeyError), seam(Feeder()):
        raise KeyError
    after = (urllib3.connection.HTTPConnection.connect, httpx.HTTPTransport.handle_request, socket.socket.connect)
    assert after == before


def test_requests_through_a_proxy_are_met_with_the_address_they_mean() -> None:
    """In the clear and through a tunnel it is the server that is meant, not the proxy."""
    feeder = Feeder()
    feeder.begin(Feed(200, {}, b"ok"))
    with seam(feeder):
        requests.get("http://api.test/a", proxies={"http": "http://proxy.test:3128"}, timeout=1)
        requests.get("https://api.test/b", proxies={"https": "http://proxy.test:3128"}, timeout=1)
    assert [sent.url for sent in feeder.sent] == ["http://api.test/a", "https://api.test/b"]


def test_session_is_met_again_and_again() -> None:
    """A session that keeps its connections gets an answer to each request; a port and a body are kept."""
    feeder = Feeder()
    feeder.begin(Feed(201, {}, b"made"))
    with seam(feeder), requests.Session() as session:
        bodies = [session.post(f"{ORIGIN}:8000/v1/jobs", json={"n": n}, timeout=1).content for n in range(3)]
    assert bodies == [b"made"] * 3
    assert [sent.body for sent in feeder.sent] == [b'{"n": 0}', b'{"n": 1}', b'{"n": 2}']
    assert feeder.sent[0].url == f"{ORIGIN}:8000/v1/jobs"


def test_client_that_never_stops_asking_is_stopped() -> None:
    """After very many requests of one call an error comes that no client takes for a broken connection."""
    feeder = Feeder()
    with httpx.Client(transport=FeedingTransport(feeder), trust_env=False) as client:
        for _ in range(MOST_REQUESTS):
            client.get(f"{ORIGIN}/jobs")
        with pytest.raises(NeverEndsError):
            client.get(f"{ORIGIN}/jobs")
    assert len(feeder.sent) == MOST_REQUESTS + 1
    assert feeder.sent[0].is_ours


def test_transport_of_a_driver_shows_every_byte() -> None:
    """A driver's client is fed in memory, so a body with a 204 can be seen; without blocking it is the same."""
    feeder = Feeder()
    feeder.begin(Feed(204, {"X-Odd": "\u00e9"}, b"surprise"))

    async def both() -> Any:
        async with httpx.AsyncClient(transport=FeedingTransport(feeder)) as client:
            return await client.post(f"{ORIGIN}/jobs", content=b"body")

    answer = asyncio.run(both())
    assert (answer.content, answer.headers["X-Odd"]) == (b"surprise", "\u00e9")
    assert feeder.sent[0].body == b"body"
