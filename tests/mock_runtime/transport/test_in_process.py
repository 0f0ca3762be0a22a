"""The fake without a socket: latency on the clock, and requests that never leave the process."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import requests

from mock_runtime.durations import parse_duration
from mock_runtime.ids import Ids
from mock_runtime.transport.in_process import HOST, WSGIAdapter
from mock_runtime.transport.latency import Latency
from mock_runtime.transport.wsgi import path_info
from tests.mock_runtime.fakes import Fake, new_fake

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = f"http://{HOST}"


@pytest.fixture
def session(fake: Fake) -> Iterator[requests.Session]:
    """A session of `alice` whose requests are answered in the process."""
    with requests.Session() as session:
        session.mount("http://", WSGIAdapter(fake.runtime.app))
        session.headers["Authorization"] = "Bearer alice-4711"
        yield session


def test_latency_moves_a_manual_clock() -> None:
    """And costs no time."""
    fake = new_fake(latency="1h")
    begun = fake.clock.now()
    fake.account().get("/programs")
    fake.account().get("/nothing")
    assert fake.clock.now() == begun + 7200


@pytest.mark.parametrize("path", ["/_mock/health", "/openapi/legacy-2021.yaml", "/static/Near-Time-Compute.v1.yaml"])
def test_control_plane_and_documentation_have_no_latency(path: str) -> None:
    """Whoever steers the fake does not wait for it."""
    fake = new_fake(latency="1h")
    begun = fake.clock.now()
    assert fake.client.get(path).status_code == 200
    assert fake.clock.now() == begun


def test_latency_is_drawn_from_a_seed() -> None:
    """The same again after a restart, another for another seed, and never negative."""

    def drawn(latency: Latency) -> list[float]:
        return [latency.of("/programs") for _ in range(50)]

    latency = Latency(parse_duration("10ms~30ms"), Ids(3))
    first = drawn(latency)
    latency.restart()
    assert drawn(latency) == first == drawn(Latency(parse_duration("10ms~30ms"), Ids(3)))
    assert drawn(Latency(parse_duration("10ms~30ms"), Ids(4))) != first
    assert min(first) == 0.0
    assert drawn(Latency(parse_duration("now"), Ids(3))) == [0.0] * 50


def test_a_request_is_answered_like_on_a_socket(session: requests.Session) -> None:
    """Status, headers, body, encoding, and what was asked."""
    answer = session.get(f"{BASE}/programs", params={"a": "ü"})
    assert (answer.status_code, answer.reason, answer.ok) == (200, "OK", True)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()[0]["id"] == "circuit-runner"
    assert answer.url == f"{BASE}/programs?a=%C3%BC"
    assert answer.request.headers["Authorization"] == "Bearer alice-4711"


def test_a_refusal_has_its_reason(session: requests.Session) -> None:
    """Where requests makes a sentence of it."""
    with pytest.raises(
        requests.HTTPError, match=r"^404 Client Error: Not Found for url: http://runtime\.invalid/nothing$"
    ):
        session.get(f"{BASE}/nothing").raise_for_status()


def test_a_status_that_nobody_knows_has_no_reason() -> None:
    """A WSGI application may say what it likes."""

    def odd(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("299 Odd", [])
        return [b"ok"]

    with requests.Session() as session:
        session.mount("http://", WSGIAdapter(odd))
        answer = session.get(BASE)
    assert (answer.status_code, answer.reason, answer.text) == (299, "", "ok")


@pytest.mark.parametrize(
    "body",
    [
        '{"programId": "vqe"}',
        b'{"programId": "vqe"}',
        bytearray(b'{"programId": "vqe"}'),
        io.BytesIO(b'{"programId": "vqe"}'),
        iter([b'{"programId":', b' "vqe"}']),
    ],
    ids=["text", "bytes", "bytearray", "file", "iterator"],
)
def test_a_body_may_be_anything_that_requests_sends(session: requests.Session, body: bytes) -> None:
    """It arrives whole."""
    assert session.post(f"{BASE}/jobs", data=body).status_code == 200


def test_a_204_and_a_stream_are_answered_too(session: requests.Session) -> None:
    """With nothing to read in the one and pieces to read in the other."""
    job = session.post(f"{BASE}/jobs", json={"programId": "vqe"}).json()["id"]
    assert session.get(f"{BASE}/jobs/{job}/results").content == b""
    pieces = list(session.get(f"{BASE}/programs", stream=True).iter_content(100))
    assert len(pieces) > 10


def test_a_header_of_bytes_and_an_upload_are_understood(session: requests.Session) -> None:
    """As requests makes them."""
    assert session.get(f"{BASE}/jobs", headers={"Authorization": b"Bearer bob"}).json()["count"] == 0
    answer = session.post(f"{BASE}/programs", data={"name": "mine"}, files={"program": ("mine", b"source")})
    assert answer.status_code == 201
    assert session.get(f"{BASE}/programs/mine").json()["data"] == "source"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (BASE, BASE),
        ("http://user:secret@fake.example", "http://fake.example"),
        ("https://fake.example", "https://fake.example"),
        ("http://fake.example:8000", "http://fake.example:8000"),
    ],
)
def test_the_server_is_named_as_it_was_called(fake: Fake, url: str, origin: str) -> None:
    """Without the credentials of an address."""
    with requests.Session() as session:
        session.mount(url, WSGIAdapter(fake.runtime.app))
        user = session.get(f"{url}/api/users/me", headers={"X-Access-Token": "alice"}).json()
    assert user["urls"]["services"]["runtime"] == origin
    assert user["urls"]["ws"] == origin.replace("http", "ws", 1) + "/api"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/jobs/a%2Fb", 404), ("//programs", 200), ("/%70rograms", 200), ("/jobs/%00", 404), ("/jobs/%ff", 404)],
)
def test_a_path_is_read_as_on_a_socket(session: requests.Session, path: str, status: int) -> None:
    """Percent signs, encoded slashes and all."""
    assert session.get(f"{BASE}{path}").status_code == status


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"/jobs", "/jobs"),
        (b"/jobs?a=b?c", "/jobs"),
        (b"//jobs", "/jobs"),
        (b"/", "/"),
        (b"", "/"),
        (b"*", "/"),
        (b"/a%2Fb%2fc", "/a%2Fb%2Fc"),
        (b"/%252F", "/%2F"),
        (b"/%E2%98%83", "/\xe2\x98\x83"),
        (b"/%00", "/\x00"),
        (b"/%zz", "/%zz"),
        (b"http://x/jobs?a", "/jobs"),
        (b"http://x", "/"),
        (b"https://x//jobs", "/jobs"),
    ],
)
def test_a_target_becomes_a_path(target: bytes, path: str) -> None:
    """As WSGI wants it: decoded to Latin-1, with encoded slashes left alone."""
    assert path_info(target) == path
