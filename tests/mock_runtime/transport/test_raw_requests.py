"""Requests as no client would make them, over a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mock_runtime import LiveServer
from tests.mock_runtime.fakes import new_fake
from tests.mock_runtime.transport.sockets import Answer, connection, exchange, parsed, read_to_end, request

if TYPE_CHECKING:
    from tests.mock_runtime.fakes import Fake


def refused(answer: Answer, status: int, code: str) -> str:
    """The sentence of a refusal, which is in the edition's envelope and nothing else."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.body))
    (error,) = answer.json["errors"]
    assert error["code"] == code
    for trouble in ("Traceback", "<html", "<!doctype", "File "):
        assert trouble not in answer.body.decode()
    return str(error["message"])


NO_HTTP = {
    "garbage": b"garbage\r\n\r\n",
    "empty line and garbage": b"\r\n\r\n\r\nxx\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    "unknown method": b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n",
    "lower-case method": b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/9.9": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "relative target": b"GET jobs HTTP/1.1\r\nHost: x\r\n\r\n",
    "raw bytes in the target": b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT a:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "header without a colon": b"GET / HTTP/1.1\r\nHost\r\n\r\n",
    "space in a header's name": b"GET / HTTP/1.1\r\nA B: x\r\n\r\n",
    "two lengths": b"POST /jobs HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "negative length": b"POST /jobs HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    "length and chunks": b"POST /jobs HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "broken chunk": b"POST /jobs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
}


@pytest.mark.parametrize("raw", NO_HTTP.values(), ids=NO_HTTP)
def test_what_is_no_http_is_refused_in_the_words_of_the_edition(fake: Fake, server: LiveServer, raw: bytes) -> None:
    """The connection is closed, and the next request is served."""
    assert refused(exchange(server, raw), 400, "bad_request")
    assert exchange(server, request("GET", "/programs")).status == 200
    assert not fake.runtime.bugs


def test_what_is_no_http_is_refused_under_a_prefix_too() -> None:
    """Where nothing stands at the root."""
    with LiveServer(new_fake(prefix="/runtime").runtime.app) as server:
        assert refused(exchange(server, b"garbage\r\n\r\n"), 400, "bad_request")
        assert refused(exchange(server, request("GET", "/nothing")), 404, "not_found")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 40_000 + b"\r\n",
    ],
    ids=["target", "header", "headers"],
)
def test_a_head_that_is_too_large_is_refused_as_such(server: LiveServer, raw: bytes) -> None:
    """Whether it is one long line or many short ones."""
    assert refused(exchange(server, raw), 400, "bad_request") == "the head of the request is larger than 64 KiB"


def test_a_large_head_is_counted_for_each_request_on_its_own(server: LiveServer) -> None:
    """Many requests on one connection are not one large one."""
    get = request("GET", "/programs", X="a" * 30_000, Connection="keep-alive")
    with connection(server) as opened:
        opened.sendall(get * 4 + request("GET", "/programs"))
        answers = read_to_end(opened)
    assert answers.count(b"HTTP/1.1 200 OK") == 5


@pytest.mark.parametrize("host", ["a b", "xn--\xe4", "<script>", "a@b:c", "[::1", "a/b", "x" * 300, "a:b"])
def test_a_host_that_is_none_is_refused(server: LiveServer, host: str) -> None:
    """Before it gets into an answer that names this server."""
    for path in ("/programs", "/openapi/legacy-2021.yaml", "/openapi/"):
        assert "names no host" in refused(exchange(server, request("GET", path, Host=host)), 400, "bad_request")


@pytest.mark.parametrize("host", ["x", "fake.example:8000", "127.0.0.1:1", "[::1]:8000", "xn--", "a_b"])
def test_a_host_that_is_odd_but_possible_is_served(server: LiveServer, host: str) -> None:
    """It is not for a fake to judge names."""
    assert exchange(server, request("GET", "/programs", Host=host)).status == 200
    assert exchange(server, request("GET", "/openapi/legacy-2021.yaml", Host=host)).status == 200


def test_http_1_0_without_a_host_is_served(server: LiveServer) -> None:
    """And this server is named by its address then, with its port."""
    answer = exchange(server, b"GET /api/users/me HTTP/1.0\r\nX-Access-Token: alice\r\n\r\n")
    assert answer.json["urls"]["services"]["runtime"] == server.url.rstrip("/")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("//jobs", 200),
        ("///jobs?limit=1", 200),
        ("http://elsewhere.example/jobs", 200),
        ("http://elsewhere.example:80/jobs?limit=1", 200),
        ("/jobs/", 200),
        ("/%6aobs", 200),
        ("/jobs?limit=1&limit=2", 200),
        ("/jobs?limit=%ff", 400),
        ("/jobs//x", 404),
        ("/jobs%2Fx", 404),
        ("/jobs%2fx", 404),
        ("/jobs/%2F", 404),
        ("/jobs/x%2Fresults", 404),
        ("/jobs/%00", 404),
        ("/jobs/%", 404),
        ("/jobs/%zz%f", 404),
        ("/jobs/%ff%fe", 404),
        ("/jobs/../programs", 404),
        ("/jobs/%2e%2e/programs", 404),
        ("/jobs;x=1", 404),
    ],
)
def test_odd_targets_lead_where_they_say(fake: Fake, server: LiveServer, target: str, status: int) -> None:
    """Never to another operation, and never to an error of the fake."""
    assert exchange(server, request("GET", target)).status == status
    assert not fake.runtime.bugs


def test_options_of_the_whole_server_are_not_there(server: LiveServer) -> None:
    """An asterisk is no address of the API."""
    assert refused(exchange(server, request("OPTIONS", "*")), 404, "not_found")


def test_a_head_has_no_body_on_the_wire(server: LiveServer) -> None:
    """But the length that the GET would have had."""
    head, get = (exchange(server, request(method, "/programs")) for method in ("HEAD", "GET"))
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(get.body))


def test_a_204_has_neither_body_nor_type(server: LiveServer) -> None:
    """Clients would wait for one that is announced."""
    answer = exchange(server, request("POST", "/logout", b""))
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers.keys() & {"content-type", "transfer-encoding"} == set()
    assert answer.headers.get("content-length", "0") == "0"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"\xff\xfe", "the body is not UTF-8"),
        (b'{"programId": NaN}', "the body is not readable JSON: NaN is not JSON"),
        (b"[" * 10_000, "the body is not readable JSON: it is nested too deeply"),
        (b"[" * 1_000_000, "the body is not readable JSON: it is nested too deeply"),
        (b'{"a":' * 10_000, "the body is not readable JSON: it is nested too deeply"),
        (b"1" * 5_000, "the body is not readable JSON: Exceeds the limit"),
    ],
    ids=["latin", "nan", "deep", "deeper", "objects", "digits"],
)
def test_a_body_that_is_no_json_is_refused(fake: Fake, server: LiveServer, body: bytes, sentence: str) -> None:
    """On the event loop and, where it is large, on a thread."""
    assert refused(exchange(server, request("POST", "/jobs", body)), 400, "bad_request").startswith(sentence)
    assert not fake.runtime.bugs


def test_credentials_are_asked_for_before_the_body_is_judged(server: LiveServer) -> None:
    """401 comes before 400, 403, 404 and 415."""
    for method, target in (
        ("POST", "/jobs"),
        ("POST", "/programs"),
        ("PUT", "/programs/x/data"),
        ("GET", "/jobs?limit=x"),
    ):
        answer = exchange(server, request(method, target, b"{", Authorization=""))
        assert refused(answer, 401, "unauthorized") == "the request carries no credentials"


def test_a_header_with_an_underscore_passes_for_no_other(server: LiveServer) -> None:
    """`X_Access_Token` is not `X-Access-Token`."""
    raw = b"GET /jobs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX_Access_Token: alice\r\n\r\n"
    assert exchange(server, raw).status == 401


def test_a_token_of_no_break_space_is_none(fake: Fake, server: LiveServer) -> None:
    """Latin-1 on the wire has characters that count as space."""
    assert exchange(server, request("GET", "/jobs", Authorization="", X_Access_Token="\xa0")).status == 401
    assert not fake.runtime.bugs


def test_an_upgrade_that_is_not_followed_is_ignored(server: LiveServer) -> None:
    """As HTTP allows."""
    assert exchange(server, request("GET", "/programs", Upgrade="h2c", Connection="Upgrade, close")).status == 200


def test_a_websocket_handshake_is_declined(fake: Fake, server: LiveServer) -> None:
    """In the edition's envelope, on a connection that is closed afterwards."""
    raw = request(
        "GET",
        "/stream/jobs/x",
        Connection="Upgrade",
        Upgrade="websocket",
        Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
        Sec_WebSocket_Version="13",
    )
    with connection(server) as opened:
        opened.sendall(raw)
        answer = parsed(read_to_end(opened))
    assert "no GET '/stream/jobs/x'; there is /jobs" in refused(answer, 404, "not_found")
    assert exchange(server, request("GET", "/programs")).status == 200
    assert not fake.runtime.bugs
