"""The fake as a forward proxy: what is meant for IBM's hosts gets there, and nothing else gets anywhere."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
import requests

from mock_runtime import Config, LiveServer, ManualClock, SystemClock, create_app, runtime_of
from mock_runtime.transport.certificates import Certificates, issue
from mock_runtime.transport.proxy import ForwardProxy
from tests.mock_runtime.transport.sockets import TIMEOUT_S, connection, exchange, parsed, read_to_end, request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mock_runtime.journal.entry import Entry

HOST = "runtime-us-east.quantum-computing.ibm.com"
IBM = f"https://{HOST}"
ALICE = {"Authorization": "Bearer alice"}
CONFIG = Config(edition="legacy-2021", seed=0)


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    """Some for all the hosts of the fake."""
    return issue(runtime_of(create_app(CONFIG)).hosts.names, now=SystemClock().now())


@pytest.fixture
def notes() -> list[tuple[str, str]]:
    """What the proxy told of hosts that it did not serve."""
    return []


@pytest.fixture
def seen() -> list[Entry]:
    """What was answered."""
    return []


@pytest.fixture
def server(certificates: Certificates, notes: list[tuple[str, str]], seen: list[Entry]) -> Iterator[LiveServer]:
    """A fake that is a proxy, too, and lets nobody but `localhost` through."""
    app = create_app(CONFIG, clock=ManualClock())
    runtime = runtime_of(app)
    proxy = ForwardProxy(
        hosts=runtime.hosts,
        tls=certificates.tls,
        allow=["localhost", "*.Allowed.example"],
        note=lambda *note: notes.append(note),
    )
    with LiveServer(app, proxy=proxy, observe=seen.append) as server:
        yield server
    runtime.check()


@pytest.fixture
def authority(certificates: Certificates, tmp_path: Path) -> str:
    """A file with the certificate of the authority."""
    path = tmp_path / "ca.pem"
    path.write_bytes(certificates.authority_pem)
    return str(path)


@pytest.fixture
def session(server: LiveServer, authority: str) -> Iterator[requests.Session]:
    """A client that goes through the proxy and trusts the authority."""
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": server.origin, "https": server.origin}
        session.verify = authority
        session.headers.update(ALICE)
        yield session


def connect(opened: socket.socket, target: str) -> None:
    """Ask for a tunnel, and get it."""
    opened.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    assert opened.recv(65536) == b"HTTP/1.1 200 Connection established\r\n\r\n"


def test_requests_is_answered_at_the_address_of_ibm(
    session: requests.Session, server: LiveServer, seen: list[Entry]
) -> None:
    """Over TLS, on a connection that is kept, with a body that takes many pieces."""
    body = b'{"programId": "runtime-simple"}' + b" " * 2_000_000
    assert session.post(f"{IBM}/jobs", data=body).status_code == 200
    assert [session.get(f"{IBM}/jobs").json()["count"] for _ in range(3)] == [1, 1, 1]
    server.stop()
    assert [(exchange.method, exchange.path) for exchange in seen] == [("POST", "/jobs"), *[("GET", "/jobs")] * 3]


def test_httpx_is_answered_and_offered_no_http_2(server: LiveServer, authority: str) -> None:
    """Blocking or not, it negotiates the protocol."""
    context = ssl.create_default_context(cafile=authority)
    with httpx.Client(proxy=server.origin, verify=context, trust_env=False, headers=ALICE) as client:
        answers = [client.get(f"{IBM}/programs") for _ in range(2)]
    assert [(answer.status_code, answer.http_version) for answer in answers] == [(200, "HTTP/1.1")] * 2


def test_a_request_in_the_clear_is_answered(session: requests.Session) -> None:
    """By the host in its target, whatever its header says."""
    assert session.get(f"http://{HOST}/programs").status_code == 200
    assert session.get(f"http://{HOST}:80/programs?limit=1", headers={"Host": "elsewhere.example"}).status_code == 200


def test_the_same_port_is_a_server(server: LiveServer) -> None:
    """For those who call it by its own address, in either form."""
    assert requests.get(f"{server.url}programs", headers=ALICE, timeout=5).status_code == 200
    port = server.url.rstrip("/").rpartition(":")[2]
    for name in ("127.0.0.1", "localhost", "LOCALHOST."):
        assert exchange(server, request("GET", f"http://{name}:{port}/programs")).status == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_any_other_host_is_refused(session: requests.Session, notes: list[tuple[str, str]], scheme: str) -> None:
    """In words that tell what to do, where a client shows them."""
    sentence = "pypi.org is refused by mock-runtime: --allow pypi.org lets it through"
    if scheme == "http":
        answer = session.post("http://pypi.org/simple", data=b"x" * 100_000)
        assert (answer.status_code, answer.reason, answer.json()["error"]["message"]) == (403, sentence, sentence)
    else:
        with pytest.raises(requests.exceptions.ProxyError, match=f"403 {sentence}"):
            session.get("https://pypi.org/simple")
    assert notes == [("pypi.org", "refused")]


@pytest.mark.parametrize(
    "target",
    [
        "evil.example:443",
        f"{HOST}.evil.example:443",
        f"evil{HOST}:443",
        "allowed.example:443",
        "127.0.0.2:443",
        "[::2]:443",
        "x" * 500 + ":443",
        f"http://{HOST}@evil.example/",
        f"http://evil.example/{HOST}",
        "ftp://evil.example/x",
        "localhost@evil.example:443",
    ],
)
def test_odd_targets_are_refused(server: LiveServer, target: str) -> None:
    """They lead nowhere, and the connection is closed."""
    method = "GET" if "/" in target else "CONNECT"
    answer = exchange(server, request(method, target))
    assert answer.status == 403
    assert "is refused by mock-runtime: --allow" in answer.json["error"]["message"]


@pytest.mark.parametrize("target", [":443", "http:///x", "http://[::1"])
def test_targets_without_a_host_are_refused(server: LiveServer, notes: list[tuple[str, str]], target: str) -> None:
    """There is nothing that could be allowed."""
    answer = exchange(server, request("GET" if "/" in target else "CONNECT", target))
    assert (answer.status, answer.json["error"]["message"]) == (403, "the request names no host")
    assert notes == [("", "the request names no host")]


def test_a_host_that_is_let_through_needs_tls(server: LiveServer) -> None:
    """What would go out in the clear is not passed on."""
    answer = exchange(server, request("GET", "http://x.allowed.example/"))
    assert answer.status == 403
    assert answer.json["error"]["message"] == "x.allowed.example is let through by TLS only: ask it by https"


def test_a_host_that_is_let_through_is_reached(server: LiveServer) -> None:
    """Its bytes are passed on unread, many in either direction, until one side has had enough."""
    with LiveServer(create_app(CONFIG)) as other, connection(server) as opened:
        connect(opened, f"localhost:{other.origin.rpartition(':')[2]}")
        body = b'{"programId": "runtime-simple"}' + b" " * 3_000_000
        opened.sendall(request("POST", "/jobs", body, Connection="keep-alive"))
        received = b""
        while not received.endswith(b"}\n"):
            received += opened.recv(65536)
        assert parsed(received).status == 200
        opened.sendall(request("GET", "/programs"))
        assert parsed(read_to_end(opened)).status == 200
        assert requests.get(f"{other.url}jobs", headers=ALICE, timeout=5).json()["count"] == 1


def test_a_host_that_cannot_be_reached_is_a_502(server: LiveServer, notes: list[tuple[str, str]]) -> None:
    """Nobody listens on that port any more."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = exchange(server, request("CONNECT", f"localhost:{port}"))
    assert answer.status == 502
    assert notes[0][0] == "localhost"


def test_a_client_that_does_not_trust_is_told_of(server: LiveServer, notes: list[tuple[str, str]]) -> None:
    """It gets its own error, and the proxy knows why nothing came."""
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{IBM}/programs", proxies={"https": server.origin}, timeout=5, headers=ALICE)
    assert requests.get(f"{server.url}programs", headers=ALICE, timeout=5).status_code == 200
    assert notes == [(HOST, "the client does not trust the certificate")]


@pytest.mark.parametrize(
    "noise",
    [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\xff\xff", b"\x00" * 70_000, b""],
    ids=["http", "half", "zeros", "nothing"],
)
def test_what_is_no_tls_ends_the_connection(server: LiveServer, noise: bytes) -> None:
    """And nothing else."""
    with connection(server) as opened:
        connect(opened, f"{HOST}:443")
        with contextlib.suppress(OSError):  # cut off at any point
            opened.sendall(noise)
            opened.shutdown(socket.SHUT_WR)
            read_to_end(opened)
    assert requests.get(f"{server.url}programs", headers=ALICE, timeout=5).status_code == 200


def test_what_is_no_http_inside_tls_is_refused(server: LiveServer, authority: str) -> None:
    """In the words of the edition, as on a plain connection."""
    context = ssl.create_default_context(cafile=authority)
    with connection(server) as opened:
        connect(opened, f"{HOST}:443")
        with context.wrap_socket(opened, server_hostname=HOST, suppress_ragged_eofs=True) as secured:
            secured.sendall(b"this is no HTTP\r\n\r\n")
            assert parsed(read_to_end(secured)).status == 400


def test_many_clients_at_once(server: LiveServer, authority: str) -> None:
    """Every one has a tunnel of its own on the one thread of the server."""
    context = ssl.create_default_context(cafile=authority)
    opened = []
    try:
        for _ in range(30):
            raw = socket.create_connection(("127.0.0.1", int(server.origin.rpartition(":")[2])), timeout=TIMEOUT_S)
            connect(raw, f"{HOST}:443")
            opened.append(context.wrap_socket(raw, server_hostname=HOST))
        for secured in opened:
            secured.sendall(request("GET", "/programs"))
        assert {parsed(read_to_end(secured)).status for secured in opened} == {200}
    finally:
        for secured in opened:
            secured.close()


def test_the_server_stops_with_tunnels_open(certificates: Certificates, authority: str) -> None:
    """In the middle of a handshake, after it, and on the way to another host."""
    app = create_app(CONFIG)
    proxy = ForwardProxy(hosts=runtime_of(app).hosts, tls=certificates.tls, allow=["localhost"])
    with LiveServer(create_app(CONFIG)) as other, LiveServer(app, proxy=proxy) as server:
        first, second, third = (socket.create_connection(("127.0.0.1", _port(server))) for _ in range(3))
        connect(first, f"{HOST}:443")
        connect(second, f"{HOST}:443")
        secured = ssl.create_default_context(cafile=authority).wrap_socket(second, server_hostname=HOST)
        connect(third, f"localhost:{_port(other)}")
        server.stop()
        for opened in (first, secured, third):
            with opened:
                opened.settimeout(TIMEOUT_S)
                assert _rest_of(opened) == b""


def _port(server: LiveServer) -> int:
    return int(server.origin.rpartition(":")[2])


def _rest_of(opened: socket.socket) -> bytes:
    try:
        return read_to_end(opened)
    except ConnectionError:
        return b""


def test_a_server_without_a_proxy_tunnels_nothing(server: LiveServer) -> None:
    """CONNECT is no operation of the API."""
    with LiveServer(create_app(CONFIG)) as plain:
        assert exchange(plain, request("CONNECT", f"{HOST}:443")).status == 400
