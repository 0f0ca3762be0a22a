"""The same over real sockets, where connections break in ways that no adapter can imitate."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from runtime_client import (
    AsyncRuntimeClient,
    ContractViolation,
    NotFound,
    RuntimeClient,
    RuntimeClientError,
    TransportError,
)
from tests.runtime_client.awaited import Loop
from tests.runtime_client.scripted import JOB_ID, TOKEN, job_json


def read_request(connection: socket.socket) -> bytes:
    """Read one request with an empty or measured body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serve(*answers: bytes, reading: bool = True) -> Iterator[tuple[str, list[bytes]]]:
    """Answer one connection after another with these bytes and close each; give the address and the requests."""
    requests_seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def work() -> None:
            for answer in answers:
                connection, _ = server.accept()
                with connection:
                    requests_seen.append(read_request(connection) if reading else connection.recv(65536))
                    connection.sendall(answer)

        thread = threading.Thread(target=work)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", requests_seen
        thread.join(timeout=10)
        assert not thread.is_alive()


def response(*headers: str, body: bytes = b"", status: str = "200 OK") -> bytes:
    """Write an answer down to the wire."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1") + body


JSON = "Content-Type: application/json"
BODY = json.dumps(job_json()).encode()
LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = "Transfer-Encoding: chunked"

FAULTS: dict[str, tuple[bytes, type[RuntimeClientError], bool]] = {
    "closed without an answer": (b"", TransportError, True),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", TransportError, True),
    "cut in the body": (response(JSON, LENGTH, body=BODY[:-7]), TransportError, True),
    "cut in a chunk": (response(JSON, CHUNKED, body=b"50\r\n{"), TransportError, True),
    "no chunk size": (response(JSON, CHUNKED, body=b"zz\r\n{}\r\n0\r\n\r\n"), TransportError, True),
    "bad gzip": (response(JSON, "Content-Encoding: gzip", body=BODY), TransportError, False),
    "cut gzip": (response(JSON, "Content-Encoding: gzip", body=gzip.compress(BODY)[:-12]), TransportError, False),
    "no content": (response("Content-Length: 8", body=b"surprise", status="204 No Content"), ContractViolation, False),
    "status of four digits": (response(status="2000 OK"), TransportError, True),
    "redirect elsewhere": (response("Location: http://\xff\xfe/", status="302 Found"), ContractViolation, False),
    "no such job": (response("Content-Type: text/html", body=b"<h1>404", status="404 Not Found"), NotFound, False),
}


MakeClient = Callable[..., Any]


@pytest.fixture
def make_client(over: str, loop: Loop) -> MakeClient:
    """Return the maker of clients that use sockets."""

    def make(url: str, **options: Any) -> Any:
        if over != "async":
            return RuntimeClient(url, token=TOKEN, **{"transport": over, **options})
        if "sleep" in options:
            options["sleep"] = awaited(options["sleep"])
        return loop.blocking(AsyncRuntimeClient(url, token=TOKEN, **options))

    return make


def awaited(sleep: Callable[[float], object]) -> Callable[[float], Any]:
    """Return the same, to be awaited."""

    async def slept(seconds: float) -> None:
        sleep(seconds)

    return slept


@pytest.mark.parametrize("fault", FAULTS)
def test_broken_answers(make_client: MakeClient, fault: str) -> None:
    """Raises our own error, the same over each library, which knows whether the same call may succeed later."""
    answer, kind, transient = FAULTS[fault]
    with (
        serve(answer) as (url, _),
        make_client(url, retries=0, timeout=5) as client,
        pytest.raises(RuntimeClientError) as caught,
    ):
        client.get_job(JOB_ID)
    assert type(caught.value) is kind
    assert getattr(caught.value, "transient", False) is transient


def test_headers_that_end_early(make_client: MakeClient) -> None:
    """Refuses an answer of which nothing but a part of the headers arrived, which requests takes for a whole one."""
    with (
        serve(b"HTTP/1.1 200 OK\r\nContent-Ty") as (url, _),
        make_client(url, retries=0) as client,
        pytest.raises(RuntimeClientError),
    ):
        client.get_job(JOB_ID)


def test_a_server_that_speaks_no_tls(make_client: MakeClient) -> None:
    """Does not try again what TLS refuses."""
    with (
        serve(response(JSON), reading=False) as (url, seen),
        make_client(url.replace("http:", "https:")) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.get_job(JOB_ID)
    assert not caught.value.transient
    assert len(seen) == 1


def test_cookies_and_redirects(make_client: MakeClient) -> None:
    """Follows no redirect over a real connection, and names where it leads."""
    answer = response("Location: https://evil.test/", "Content-Length: 0", status="307 Temporary Redirect")
    with (
        serve(answer) as (url, _),
        make_client(url, retries=0) as client,
        pytest.raises(ContractViolation, match=r"redirects are not followed \(to https://evil\.test/\)"),
    ):
        client.get_job(JOB_ID)


def test_a_program_is_uploaded(make_client: MakeClient) -> None:
    """Sends a form with a file in it, of which every part has its name."""
    made = response(JSON, "Content-Length: 10", body=b'{"id":"p"}', status="201 Created")
    with serve(made) as (url, seen), make_client(url) as client:
        assert client.create_program(name="grüße", source="x = 1", cost=5) == "p"
    body = seen[0]
    assert b'name="program"; filename="gr\xc3\xbc\xc3\x9fe"' in body
    assert b'name="cost"\r\n\r\n5\r\n' in body
    assert b"x = 1\r\n" in body


def test_good_answer_after_a_broken_one(make_client: MakeClient) -> None:
    """Repeats a GET over a new connection, with the token in it again."""
    naps: list[float] = []
    with (
        serve(b"", response(JSON, CHUNKED, body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY))) as (url, seen),
        make_client(url, sleep=naps.append) as client,
    ):
        assert client.get_job(JOB_ID).id == JOB_ID
    assert len(naps) == 1
    assert len(seen) == 2
    assert all(f"Authorization: Bearer {TOKEN}\r\n".encode() in request for request in seen)
    assert all(b"Accept-Encoding: identity\r\n" in request for request in seen)


def test_post_is_not_repeated_over_a_broken_connection(make_client: MakeClient) -> None:
    """Submits a job once, and says that it may have arrived."""
    with (
        serve(b"") as (url, seen),
        make_client(url) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.submit_job("p")
    assert caught.value.sent
    assert len(seen) == 1


def test_nobody_listens(make_client: MakeClient) -> None:
    """Repeats even a POST while nothing listens, and says in the end that nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    naps: list[float] = []
    with (
        make_client(f"http://127.0.0.1:{port}", sleep=naps.append, jitter=lambda: 1.0) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.submit_job("p")
    assert not caught.value.sent
    assert caught.value.transient
    assert naps == [0.5, 1.0, 2.0]


SILENT: list[tuple[str, Callable[[RuntimeClient], object]]] = [
    ("GET", lambda client: client.get_job(JOB_ID)),
    ("POST", lambda client: client.submit_job("p")),
]


@pytest.mark.parametrize(("method", "action"), SILENT)
def test_silence(make_client: MakeClient, method: str, action: Callable[[RuntimeClient], object]) -> None:
    """Gives up on a server that takes the request and says nothing."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        make_client(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=(5, 0.05), retries=0) as client,
        pytest.raises(TransportError, match="ReadTimeout") as caught,
    ):
        action(client)
    assert (caught.value.sent, caught.value.transient) == (True, True)
