"""The proxy passes on what it gets, byte for byte where that can be, and says what went wrong where it cannot."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import threading
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from mock_runtime.clock import SystemClock
from mock_runtime.transport.certificates import issue
from mock_runtime.transport.forwarding import Asked, Replied, Routes, Service
from mock_runtime.transport.hosts import HostRoute, Hosts
from mock_runtime.transport.upstreams import Address, UpstreamError, Upstreams, context
from tests.mock_runtime.transport.upstreams_under_test import OK, TIMEOUT_S, Seen, ask, get, proxied, scripted

NO_HTTP = "what came is no HTTP"


def test_path_and_query_arrive_byte_for_byte() -> None:
    """Nothing is decoded, joined or put in order."""
    target = "/api//v1/a%2Fb/%7e/../x;p=1?b=2&a=1&a=%20+&empty=&q=%C3%BC"
    with scripted(OK) as upstream, proxied(upstream.address) as (origin, seen):
        assert ask(origin, get(target)).endswith(b"\r\n\r\nok")
    assert upstream.requests[0].split(b"\r\n")[0] == f"GET {target} HTTP/1.1".encode()
    assert seen.exchanges[0][0].inside == target


def test_an_empty_query_stays() -> None:
    """A question mark with nothing after it is part of the target."""
    with scripted(OK) as upstream, proxied(upstream.address) as (origin, _):
        ask(origin, get("/x?"))
    assert upstream.requests[0].startswith(b"GET /x? HTTP/1.1\r\n")


def test_headers_arrive_but_those_of_the_connection() -> None:
    """In their order and with their number; Host is the upstream's."""
    extra = (
        "X-A: 1",
        "X-A: 2",
        "Connection: keep-alive, X-Hop",
        "X-Hop: 3",
        "TE: trailers",
        "Proxy-Authorization: Basic eA==",
    )
    with scripted(OK) as upstream, proxied(upstream.address) as (origin, _):
        ask(origin, get("/", *extra, "Accept-Encoding: gzip"))
    lines = upstream.requests[0].lower().split(b"\r\n")
    assert lines[1:] == [
        f"host: {upstream.address.netloc}".encode(), b"x-a: 1", b"x-a: 2", b"accept-encoding: gzip", b"", b"",
    ]  # fmt: skip


def test_answers_come_back_but_the_headers_of_the_connection() -> None:
    """The status, repeated headers, and no date or server of our own."""
    answer = (
        b"HTTP/1.1 418 Teapot\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nKeep-Alive: timeout=5\r\nX-Case: Yes\r\n"
        b"Connection: keep-alive\r\nContent-Length: 3\r\n\r\nno\n"
    )
    with scripted(answer) as upstream, proxied(upstream.address) as (origin, seen):
        head, _, body = ask(origin, get("/")).partition(b"\r\n\r\n")
    assert body == b"no\n"
    assert head.lower().split(b"\r\n")[1:] == [
        b"set-cookie: a=1", b"set-cookie: b=2", b"x-case: yes", b"content-length: 3", b"connection: close",
    ]  # fmt: skip
    assert head.startswith(b"HTTP/1.1 418 ")
    assert seen.exchanges[0][1].status == 418


def test_a_packed_body_is_passed_on_packed() -> None:
    """What is shown to the watcher is the same bytes."""
    packed = gzip.compress(b'{"a": 1}', mtime=0)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    with scripted(answer) as upstream, proxied(upstream.address) as (origin, seen):
        raw = ask(origin, get("/"))
    assert raw.endswith(packed)
    assert seen.exchanges[0][1].body == packed


@pytest.mark.parametrize(
    ("status", "extra"),
    [(204, b""), (304, b"ETag: x\r\n"), (204, b"Content-Length: 0\r\n"), (304, b"Content-Length: 9\r\n")],
)
def test_answers_without_a_body_have_none(status: int, extra: bytes) -> None:
    """And the connection can be used again."""
    with scripted(b"HTTP/1.1 %d X\r\n%s\r\n" % (status, extra)) as upstream, proxied(upstream.address) as (origin, _):
        for _ in range(2):
            head, _, body = ask(origin, get("/")).partition(b"\r\n\r\n")
            assert (head.split()[1], body) == (str(status).encode(), b"")


def test_an_answer_to_head_has_a_length_and_no_body() -> None:
    """The length is that of the body that GET would have."""
    with (
        scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n") as upstream,
        proxied(upstream.address) as (origin, _),
        requests.Session() as session,
    ):
        for _ in range(2):
            answer = session.head(f"{origin}/x", timeout=TIMEOUT_S)
            assert (answer.headers["content-length"], answer.content) == ("999", b"")
    assert upstream.connections == 1


def test_a_body_after_204_is_no_answer_to_the_next_request() -> None:
    """The connection to such a server is not used again."""
    with (
        scripted(b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n") as upstream,
        proxied(upstream.address) as (origin, _),
    ):
        for _ in range(2):
            assert ask(origin, get("/")).startswith(b"HTTP/1.1 204 ")
    assert upstream.connections == 2


def test_chunks_go_both_ways() -> None:
    """The watcher has the whole bodies."""
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
    with scripted(answer) as upstream, proxied(upstream.address) as (origin, seen):
        found = requests.post(f"{origin}/x", data=iter([b"one", b"two"]), timeout=TIMEOUT_S)
    assert found.content == b"abcde"
    assert b"transfer-encoding: chunked" in upstream.requests[0].lower()
    assert b"one" in upstream.requests[0]
    assert (seen.exchanges[0][0].body, seen.exchanges[0][1].body) == (b"onetwo", b"abcde")


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    """As in HTTP/1.0."""
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"
    with scripted(answer) as upstream, proxied(upstream.address) as (origin, seen):
        assert requests.get(origin, timeout=TIMEOUT_S).content == b"until the end"
    assert seen.exchanges[0][1].body == b"until the end"


def test_informational_answers_are_not_the_answer() -> None:
    """100 and 103 come before it."""
    answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK
    with scripted(answer) as upstream, proxied(upstream.address) as (origin, _):
        head, _, body = ask(origin, get("/")).partition(b"\r\n\r\n")
    assert (body, b"link" in head.lower()) == (b"ok", False)


def test_expect_is_answered_here() -> None:
    """A client that waits for 100 gets it, and the upstream is not asked to wait."""
    with scripted(OK) as upstream, proxied(upstream.address) as (origin, _):
        parts = urlsplit(origin)
        with socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT_S) as opened:
            opened.sendall(get("/x", "Expect: 100-continue", "Content-Length: 4", method="POST"))
            assert opened.recv(100).startswith(b"HTTP/1.1 100 ")
            opened.sendall(b"body")
            assert b"200 OK" in opened.recv(1000)
    assert b"expect" not in upstream.requests[0].lower()
    assert upstream.requests[0].endswith(b"body")


def test_a_redirect_is_passed_back_with_the_proxys_address() -> None:
    """It is not followed; one to somebody else stays as it is."""

    def answer(request: bytes) -> bytes:
        there = f"http://127.0.0.1:{port}/there?x=1" if b"GET /own" in request else "http://127.0.0.1:1/there"
        return f"HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode()

    with scripted(answer) as upstream, proxied(upstream.address) as (origin, _):
        port = upstream.address.port
        own, other = (
            requests.get(origin + path, allow_redirects=False, timeout=TIMEOUT_S) for path in ("/own", "/other")
        )
    assert own.headers["location"] == f"{origin}/there?x=1"
    assert other.headers["location"] == "http://127.0.0.1:1/there"
    assert len(upstream.requests) == 2


def test_connections_are_kept_for_reads_and_not_for_what_makes_something() -> None:
    """A POST is never sent on a connection that may be closed already, so it is never lost or sent twice."""
    with scripted(OK) as upstream, proxied(upstream.address) as (origin, _):
        for method in ("GET", "GET", "GET", "POST"):
            requests.request(method, origin, data=b"x" if method == "POST" else None, timeout=TIMEOUT_S)
    assert upstream.connections == 2


def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    """The server closes after each answer without saying so."""
    with scripted(lambda _: OK) as upstream, proxied(upstream.address) as (origin, seen):
        for _ in range(3):
            assert requests.get(origin, timeout=TIMEOUT_S).content == b"ok"
            upstream.cut()
    assert seen.failures == []


def test_a_large_body_goes_through_and_is_not_kept() -> None:
    """In pieces: the watcher gets its size alone."""
    body = b"x" * 300_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with scripted(answer) as upstream, proxied(upstream.address, largest_kept_bytes=1000) as (origin, seen):
        found = requests.post(origin, data=body, timeout=TIMEOUT_S)
    assert found.content == body
    assert upstream.requests[0].endswith(body)
    (asked, replied) = seen.exchanges[0]
    assert (asked.body, asked.size, replied.body, replied.size) == (None, 300_000, None, 300_000)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (None, "the connection was closed before there was an answer"),
        (b"this is no HTTP at all\r\n\r\n", f"{NO_HTTP}: Expected HTTP/, RTSP/ or ICE/"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", f"{NO_HTTP}: its head has more than 128 KiB"),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", f"{NO_HTTP}: its status is 999, which HTTP has not"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            f"{NO_HTTP}: Transfer-Encoding can't be present with Content-Length",
        ),
    ],
    ids=["closed", "no-http", "huge-head", "no-status", "two-lengths"],
)  # fmt: skip
def test_what_is_no_answer_is_a_502(answer: bytes | None, sentence: str) -> None:
    """With a sentence."""
    with scripted(lambda _: answer) as upstream, proxied(upstream.address) as (origin, seen):
        found = requests.get(origin, timeout=TIMEOUT_S)
    assert (found.status_code, found.text) == (502, sentence)
    assert seen.failures == [(502, sentence)]


def test_a_request_does_not_vanish_without_a_word() -> None:
    """If what looks at it fails, that is told like any other failure."""

    class Failing(Seen):
        def answered(self, asked: Asked, replied: Replied, *, seconds: float) -> Replied | None:
            raise LookupError(f"{asked.number} {replied.status} {seconds}")

    with scripted(OK) as upstream, proxied(upstream.address, watcher=Failing()) as (origin, seen):
        assert requests.post(origin, data=b"body", timeout=TIMEOUT_S).content == b"ok"
        seen.wait_for(failures=1)
    assert seen.failures == [(502, "it could not be passed on: LookupError")]


def test_an_answer_that_is_cut_off_is_cut_off_for_the_client() -> None:
    """Nobody takes half an answer for a whole one; it is no exchange."""
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\nhalf"
    with scripted(answer) as upstream, proxied(upstream.address) as (origin, seen):
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(origin, timeout=TIMEOUT_S)
        seen.wait_for(failures=1)
    assert seen.failures == [(502, "the connection was closed before the answer was complete")]
    assert seen.exchanges == []


def test_a_server_that_is_not_there_is_a_502() -> None:
    """The sentence names it and the reason."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with proxied(Address("http", "127.0.0.1", port)) as (origin, _):
        found = requests.get(origin, timeout=TIMEOUT_S)
    assert found.status_code == 502
    assert re.fullmatch(rf"127\.0\.0\.1:{port} cannot be reached: .*", found.text)


def test_a_name_that_nobody_has_is_a_502() -> None:
    """So is one that cannot be a name."""
    for host in ("no-such-host.invalid", "a" * 70 + ".test"):
        with proxied(Address("http", host, 80)) as (origin, _):
            assert requests.get(origin, timeout=TIMEOUT_S).status_code == 502


def test_a_silent_server_is_a_504() -> None:
    """After as long as the proxy is patient."""
    silence = threading.Event()

    def answer(_: bytes) -> bytes | None:
        silence.wait(TIMEOUT_S)
        return None

    with scripted(answer) as upstream, proxied(upstream.address, upstreams=Upstreams(timeout_s=0.05)) as (origin, _):
        found = requests.get(origin, timeout=TIMEOUT_S)
        silence.set()
    assert (found.status_code, found.text) == (504, "nothing came for 0.05 s")


def test_a_certificate_is_checked(tmp_path: Path) -> None:
    """One of an unknown authority is refused, unless it is trusted or everything is."""
    certificates = issue(["localhost"], now=SystemClock().now())
    file = tmp_path / "ca.pem"
    file.write_bytes(certificates.authority_pem)
    results = []
    with scripted(OK, tls=certificates.tls) as upstream:
        address = Address("https", "localhost", upstream.address.port)
        for tls in (context(), context(ca_file=str(file)), context(verify=False)):
            with proxied(address, upstreams=Upstreams(timeout_s=TIMEOUT_S, tls=tls)) as (origin, _):
                results.append(requests.get(origin, timeout=TIMEOUT_S))
    assert [result.status_code for result in results] == [502, 200, 200]
    assert "is not trusted" in results[0].text


def test_a_server_without_tls_is_a_502() -> None:
    """It is told apart from one with a bad certificate."""
    with scripted(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n") as upstream:
        address = Address("https", "127.0.0.1", upstream.address.port)
        with proxied(address, upstreams=Upstreams(timeout_s=1, tls=context())) as (origin, _):
            found = requests.get(origin, timeout=TIMEOUT_S)
    assert found.status_code in {502, 504}


def test_a_client_that_goes_away_is_noticed() -> None:
    """Its request ends there as well."""
    silence, begun = threading.Event(), threading.Event()

    def answer(_: bytes) -> bytes | None:
        begun.set()
        silence.wait(TIMEOUT_S)
        return None

    with scripted(answer) as upstream, proxied(upstream.address) as (origin, seen):
        parts = urlsplit(origin)
        with socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT_S) as opened:
            opened.sendall(get("/slow"))
            assert begun.wait(TIMEOUT_S)
        seen.wait_for(failures=1)
        silence.set()
    assert seen.failures == [(0, "the client went away before its answer was complete")]


def test_hundreds_of_slow_answers_wait_together() -> None:
    """No thread each: all are under way before the first is answered."""
    count, ready, release = 150, threading.Semaphore(0), threading.Event()

    def answer(_: bytes) -> bytes:
        ready.release()
        release.wait(TIMEOUT_S)
        return OK

    with scripted(answer) as upstream, proxied(upstream.address) as (origin, seen), ExitStack() as stack:
        before = threading.active_count()
        parts = urlsplit(origin)
        opened = [
            stack.enter_context(socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT_S))
            for _ in range(count)
        ]
        for each in opened:
            each.sendall(get("/slow"))
        assert all(ready.acquire(timeout=TIMEOUT_S) for _ in range(count))
        # The scripted server has a thread each; the proxy has none.
        assert threading.active_count() - before <= count
        release.set()
        for each in opened:
            assert each.recv(1000).startswith(b"HTTP/1.1 200 ")
        seen.wait_for(exchanges=count)


def test_a_request_can_be_refused_before_it_is_passed_on() -> None:
    """The watcher sees it whole, and answers instead."""
    refusal = Replied(status=400, headers=(("content-type", "text/plain"),), body=b"not like this")
    watcher = Seen(holds_requests=True, refuse=refusal)
    with scripted(OK) as upstream, proxied(upstream.address, watcher=watcher) as (origin, _):
        found = requests.post(origin, data=b"body", timeout=TIMEOUT_S)
        assert (found.status_code, found.text) == (400, "not like this")
        watcher.refuse = None
        assert requests.post(origin, data=iter([b"bo", b"dy"]), timeout=TIMEOUT_S).content == b"ok"
    assert watcher.exchanges[0][0].body == b"body"
    assert len(upstream.requests) == 1
    assert upstream.requests[0].endswith(b"4\r\nbody\r\n0\r\n\r\n") or b"bo" in upstream.requests[0]


def test_a_request_that_is_too_large_to_be_held_is_passed_on() -> None:
    """Unseen, but whole."""
    watcher = Seen(holds_requests=True, refuse=Replied(status=400, headers=(), body=b""))
    body = b"y" * 200_000
    with scripted(OK) as upstream, proxied(upstream.address, watcher=watcher, largest_kept_bytes=1000) as (origin, _):
        assert requests.post(origin, data=body, timeout=TIMEOUT_S).content == b"ok"
    assert upstream.requests[0].endswith(body)


def test_an_answer_can_be_replaced() -> None:
    """One that is too large to be held is passed back as it is."""
    watcher = Seen(holds_answers=True, replace=Replied(status=502, headers=(), body=b"not that"))
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"z" * 5000
    with (
        scripted(lambda request: large if b"/large" in request else OK) as upstream,
        proxied(upstream.address, watcher=watcher, largest_kept_bytes=1000) as (origin, _),
    ):
        replaced = requests.get(origin, timeout=TIMEOUT_S)
        kept = requests.get(f"{origin}/large", timeout=TIMEOUT_S)
        watcher.replace = None
        held = requests.get(origin, timeout=TIMEOUT_S)
    assert (replaced.status_code, replaced.text) == (502, "not that")
    assert (kept.status_code, kept.content) == (200, b"z" * 5000)
    assert (held.status_code, held.content) == (200, b"ok")


def test_the_proxy_answers_for_itself_below_its_own_path() -> None:
    """Only there."""
    with scripted(OK) as upstream, proxied(upstream.address) as (origin, _):
        assert requests.get(f"{origin}/_proxy/violations", timeout=TIMEOUT_S).text == "own /_proxy/violations"
        assert requests.get(f"{origin}/_proxyish", timeout=TIMEOUT_S).text == "ok"
    assert len(upstream.requests) == 1


def test_a_websocket_is_refused() -> None:
    """Politely: with a status and a sentence."""
    upgrade = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    request = "\r\n".join(["GET /stream HTTP/1.1", "Host: x", "Connection: Upgrade", *upgrade]).encode() + b"\r\n\r\n"
    with scripted(OK) as upstream, proxied(upstream.address) as (origin, seen):
        assert ask(origin, request, half_close=True).startswith(b"HTTP/1.1 501 ")
    assert (upstream.requests, [status for status, _ in seen.failures]) == ([], [501])


def test_an_absolute_target_goes_by_its_host() -> None:
    """A client that takes it for its proxy, without TLS; the host's path becomes the one server's."""
    certificates = issue(["api.ibm.test"], now=SystemClock().now())
    with scripted(OK) as upstream, proxied(upstream.address, tls=certificates.tls) as (origin, seen):
        found = requests.get("http://api.ibm.test/v1/jobs?a=1", proxies={"http": origin}, timeout=TIMEOUT_S)
    assert found.content == b"ok"
    assert upstream.requests[0].startswith(b"GET /api/v1/jobs?a=1 HTTP/1.1\r\n")
    assert seen.exchanges[0][0].host == "api.ibm.test"


def test_hosts_of_the_real_service_go_to_themselves() -> None:
    """If the upstream is one of them; by the proxy's own address, each service is found by its path."""
    known = Hosts([HostRoute("api.ibm.test", "", "/api"), HostRoute("catalog.ibm.test", "/v1", "/catalog/v1")])
    catalog = Service("/catalog", Address("https", "catalog.ibm.test", 443), "")
    real = Routes(upstream=Address("https", "api.ibm.test", 443), hosts=known, beside=(catalog,))
    found = real.to("api.ibm.test:443", "/v1/jobs?x")
    assert (found.address.host, found.target, found.inside) == ("api.ibm.test", b"/v1/jobs?x", "/api/v1/jobs?x")
    for host, path in (("catalog.ibm.test", "/v1/plan"), ("127.0.0.1:9", "/catalog/v1/plan")):
        found = real.to(host, path)
        assert (found.address.host, found.target, found.inside) == ("catalog.ibm.test", b"/v1/plan", "/catalog/v1/plan")
    assert real.to("127.0.0.1:9", "/catalogue").address.host == "api.ibm.test"


def test_one_server_has_them_all() -> None:
    """Below its path, unless a service is said to be elsewhere."""
    known = Hosts([HostRoute("api.ibm.test", "", "/api"), HostRoute("iam.ibm.test", "", "")])
    iam = Service("/identity", Address("http", "iam.test", 80), "/identity")
    own = Routes(upstream=Address("http", "127.0.0.1", 8000), hosts=known, path="/base", services=(iam,))
    assert own.to("api.ibm.test", "/v1/jobs").target == b"/base/api/v1/jobs"
    assert own.to("api.ibm.test", "/v1/jobs").outside == "https://api.ibm.test"
    assert own.to("127.0.0.1:9", "/y").outside == "http://127.0.0.1:9"
    assert {own.to(host, "/identity/token").address for host in ("iam.ibm.test", "127.0.0.1:9")} == {iam.address}


def test_proxies_of_the_environment_are_gone_through_if_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain request by its absolute target, and TLS by a tunnel; a refusal is told."""
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with scripted(lambda request: refusal if request.startswith(b"CONNECT") else OK) as other:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://me:p%40ss@127.0.0.1:{other.address.port}")
        monkeypatch.setenv("no_proxy", "")
        there = Upstreams(timeout_s=TIMEOUT_S, trust_env=True)
        with proxied(Address("http", "server.test", 80), upstreams=there) as (origin, _):
            assert ask(origin, get("/x")).endswith(b"ok")
        with proxied(Address("https", "server.test", 443), upstreams=there) as (origin, _):
            found = ask(origin, get("/x"))
    assert other.requests[0].startswith(b"GET http://server.test/x HTTP/1.1\r\n")
    assert b"proxy-authorization: Basic bWU6cEBzcw==" in other.requests[0]
    assert b"the proxy of the environment refused: HTTP/1.1 407" in found


def test_without_being_asked_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """It could lead anywhere."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with scripted(OK) as upstream, proxied(upstream.address) as (origin, _):
        assert ask(origin, get("/")).endswith(b"ok")


def test_a_tunnel_carries_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By way of a proxy that connects, to a server whose certificate is checked by its own name."""
    certificates = issue(["server.test"], now=SystemClock().now())
    file = tmp_path / "ca.pem"
    file.write_bytes(certificates.authority_pem)
    hosts = Hosts([HostRoute("server.test", "", "/inside")])
    with scripted(OK) as upstream, proxied(upstream.address, hosts=hosts, tls=certificates.tls) as (way, _):
        monkeypatch.setenv("https_proxy", way)
        monkeypatch.setenv("no_proxy", "")
        there = Upstreams(timeout_s=TIMEOUT_S, trust_env=True, tls=context(ca_file=str(file)))
        with proxied(Address("https", "server.test", 443), upstreams=there) as (origin, _):
            assert ask(origin, get("/x")).endswith(b"ok")
    assert upstream.requests[0].startswith(b"GET /inside/x HTTP/1.1\r\n")


@pytest.mark.parametrize("url", ["ftp://x", "x.test", "http://", "http://x:port"])
def test_an_address_is_of_http(url: str) -> None:
    """Anything else is refused when it is read."""
    with pytest.raises(ValueError, match=r"URL|Port"):
        Address.of(url)


def test_addresses_are_written_as_in_urls() -> None:
    """Without the port that everybody expects, with brackets around the newer kind."""
    assert Address.of("https://x.test/y").origin == "https://x.test"
    assert Address.of("http://[::1]:8000").netloc == "[::1]:8000"
    assert str(UpstreamError(502, "no")) == "no"


def test_certificates_that_are_none_are_refused(tmp_path: Path) -> None:
    """When the proxy starts, and not at the first request."""
    file = tmp_path / "ca.pem"
    file.write_text("nothing", encoding="utf-8")
    with pytest.raises(ssl.SSLError):
        context(ca_file=str(file))


def test_a_refusal_that_comes_before_the_body_was_read_is_passed_back() -> None:
    """And what is left of the body is not sent."""
    refused = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            opened, _ = listener.accept()
            with opened:
                opened.recv(1000)
                opened.sendall(refused)
                opened.settimeout(TIMEOUT_S)
                while opened.recv(65536):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        with proxied(Address("http", "127.0.0.1", listener.getsockname()[1])) as (origin, _):
            parts = urlsplit(origin)
            with socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT_S) as opened:
                opened.sendall(get("/x", "Content-Length: 1000000", method="POST") + b"x" * 1000)
                assert opened.recv(1000).startswith(b"HTTP/1.1 413 ")
        thread.join()


def test_a_change_of_the_protocol_that_nobody_asked_for_is_a_502() -> None:
    """The proxy speaks HTTP alone."""
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
    with scripted(answer) as upstream, proxied(upstream.address) as (origin, _):
        assert requests.get(origin, timeout=TIMEOUT_S).text == "it changed the protocol without being asked to"


def test_a_proxy_of_the_environment_that_says_nothing_is_a_502(monkeypatch: pytest.MonkeyPatch) -> None:
    """It closed the connection instead of answering CONNECT."""
    with scripted(lambda _: None) as other:
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{other.address.port}")
        monkeypatch.setenv("no_proxy", "exempt.test")
        there = Upstreams(timeout_s=TIMEOUT_S, trust_env=True)
        with proxied(Address("https", "server.test", 443), upstreams=there) as (origin, _):
            assert "did not answer to CONNECT" in requests.get(origin, timeout=TIMEOUT_S).text


def test_a_host_that_is_exempt_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY is followed as well."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    there = Upstreams(timeout_s=TIMEOUT_S, trust_env=True)
    with scripted(OK) as upstream, proxied(upstream.address, upstreams=there) as (origin, _):
        assert requests.get(origin, timeout=TIMEOUT_S).content == b"ok"


def test_a_server_that_stops_reading_and_says_nothing_is_a_502_or_504() -> None:
    """It takes a little of a large body and closes, or takes no more."""
    for closes in (True, False):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            done = threading.Event()

            def serve(listener: socket.socket = listener, closes: bool = closes, done: threading.Event = done) -> None:
                opened, _ = listener.accept()
                opened.recv(1000)
                if not closes:
                    done.wait(TIMEOUT_S)
                opened.close()

            thread = threading.Thread(target=serve)
            thread.start()
            there = Upstreams(timeout_s=TIMEOUT_S if closes else 0.1)
            with proxied(Address("http", "127.0.0.1", listener.getsockname()[1]), upstreams=there) as (origin, seen):
                found = requests.post(origin, data=b"x" * (8 << 20), timeout=TIMEOUT_S)
                done.set()
            thread.join()
        assert found.status_code == (502 if closes else 504)
        assert len(seen.failures) == 1
