"""Bodies that are larger than the server reads, and what they cost it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from mock_runtime import LiveServer
from tests.mock_runtime.fakes import new_fake
from tests.mock_runtime.transport.sockets import connection, exchange, parsed, read_to_end, request

MIB = 1024 * 1024
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"


@pytest.fixture
def small() -> Iterator[LiveServer]:
    """A server that reads bodies up to one megabyte."""
    with LiveServer(new_fake(max_body_bytes=MIB).runtime.app) as server:
        yield server


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_hundred_megabytes_are_refused_without_being_kept(small: LiveServer, framing: str) -> None:
    """The client may send all of it and then reads the 413; the server holds a few megabytes at most."""
    tracemalloc.start()
    try:
        with connection(small) as opened:
            if framing == "length":
                opened.sendall(request("POST", "/jobs", Content_Length=str(100 * MIB)))
                for _ in range(1600):
                    opened.sendall(CHUNK[7:-2])
            else:
                opened.sendall(request("POST", "/jobs", Transfer_Encoding="chunked"))
                for _ in range(1600):
                    opened.sendall(CHUNK)
                opened.sendall(b"0\r\n\r\n")
            answer = parsed(read_to_end(opened))
        grown = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status == 413
    assert answer.json["errors"][0]["code"] == "payload_too_large"
    assert grown < 8 * MIB
    assert exchange(small, request("GET", "/programs")).status == 200


@pytest.mark.parametrize(("size", "status"), [(MIB - 100, 400), (MIB, 400), (MIB + 1, 413), (2 * MIB, 413)])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_the_limit_is_exact(small: LiveServer, size: int, status: int, framing: str) -> None:
    """A body of just that size is read (and found to be no JSON), one byte more is not; both framings alike."""
    if framing == "length":
        raw = request("POST", "/jobs", b"x" * size)
    else:
        raw = request("POST", "/jobs", Transfer_Encoding="chunked") + b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n"
    assert exchange(small, raw).status == status


@pytest.mark.parametrize("target", ["/programs", "/nothing", "/api/users/loginWithToken", "/_mock/scenario"])
def test_no_operation_reads_more(small: LiveServer, target: str) -> None:
    """Whatever it is, with or without credentials."""
    raw = request("POST", target, b"x" * (MIB + 1), Authorization="", Content_Type="multipart/form-data; boundary=b")
    assert exchange(small, raw).status == 413


def test_an_upload_of_the_largest_size_is_kept(small: LiveServer) -> None:
    """Its source comes back whole."""
    source = bytes(range(256)) * 4000
    form = (
        b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nbig\r\n'
        b'--b\r\nContent-Disposition: form-data; name="program"; filename="big"\r\n\r\n' + source + b"\r\n--b--\r\n"
    )
    upload = request("POST", "/programs", form, Content_Type="multipart/form-data; boundary=b")
    assert exchange(small, upload).status == 201
    program = exchange(small, request("GET", "/programs/big")).json
    assert program["data"] == source.decode("utf-8", "replace")


def test_a_body_is_counted_in_process_too() -> None:
    """Where no socket counts the bytes."""
    answer = new_fake(max_body_bytes=MIB).account().post("/jobs", data=b"x" * (MIB + 1))
    assert answer.status_code == 413


def test_a_client_that_waits_to_be_asked_is_asked(small: LiveServer) -> None:
    """`Expect: 100-continue` is answered before the body comes."""
    body = b'{"programId": "vqe"}'
    with connection(small) as opened:
        opened.sendall(request("POST", "/jobs", Expect="100-continue", Content_Length=str(len(body))))
        assert opened.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")
        opened.sendall(body)
        assert parsed(read_to_end(opened)).status == 200
