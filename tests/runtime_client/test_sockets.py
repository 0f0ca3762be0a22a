"""The same over real sockets, where connections break in ways that no adapter can imitate."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from runtime_client import ContractViolation, NotFound, RuntimeClient, RuntimeClientError, TransportError
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
def serve(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Answer one connection after another with these bytes and close each; give the address and the requests."""
    requests_seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def work() -> None:
            for answer in answers:
                connection, _ = server.accept()
                with connection:
                    requests_seen.append(read_request(connection))
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
    "cut in the headers": (b"HTTP/1.1 200 OK\r\nContent-Ty", ContractViolation, False),
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


@pytest.mark.parametrize("fault", FAULTS)
def test_broken_answers(fault: str) -> None:
    """Raises our own error, which knows whether the same call may succeed later."""
    answer, kind, transient = FAULTS[fault]
    with (
        serve(answer) as (url, _),
        RuntimeClient(url, token=TOKEN, retries=0, timeout=5) as client,
        pytest.raises(RuntimeClientError) as caught,
    ):
        client.get_job(JOB_ID)
    assert type(caught.value) is kind
    assert getattr(caught.value, "transient", False) is transient


def test_good_answer_after_a_broken_one() -> None:
    """Repeats a GET over a new connection, with the token in it again."""
    naps: list[float] = []
    with (
        serve(b"", response(JSON, CHUNKED, body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY))) as (url, seen),
        RuntimeClient(url, token=TOKEN, sleep=naps.append) as client,
    ):
        assert client.get_job(JOB_ID).id == JOB_ID
    assert len(naps) == 1
    assert len(seen) == 2
    assert all(f"Authorization: Bearer {TOKEN}\r\n".encode() in request for request in seen)


def test_post_is_not_repeated_over_a_broken_connection() -> None:
    """Submits a job once, and says that it may have arrived."""
    with (
        serve(b"") as (url, seen),
        RuntimeClient(url, token=TOKEN) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.submit_job("p")
    assert caught.value.sent
    assert len(seen) == 1


def test_nobody_listens() -> None:
    """Repeats even a POST while nothing listens, and says in the end that nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    naps: list[float] = []
    with (
        RuntimeClient(f"http://127.0.0.1:{port}", token=TOKEN, sleep=naps.append, jitter=lambda: 1.0) as client,
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
def test_silence(method: str, action: Callable[[RuntimeClient], object]) -> None:
    """Gives up on a server that takes the request and says nothing."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        RuntimeClient(
            f"http://127.0.0.1:{server.getsockname()[1]}", token=TOKEN, timeout=(5, 0.05), retries=0
        ) as client,
        pytest.raises(TransportError, match="ReadTimeout") as caught,
    ):
        action(client)
    assert (caught.value.sent, caught.value.transient) == (True, True)
