"""A fake on a socket: starting, stopping, and addresses that cannot be had."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest
import requests

from mock_runtime import LiveServer
from mock_runtime.transport.server import CannotListen, listen, url_of
from tests.mock_runtime.fakes import new_fake
from tests.mock_runtime.transport.sockets import address_of, exchange, request

if TYPE_CHECKING:
    from tests.mock_runtime.fakes import Fake


def servers() -> list[threading.Thread]:
    """The threads of servers that run."""
    return [thread for thread in threading.enumerate() if thread.name == "mock-runtime"]


def test_a_server_is_ready_when_started_and_gone_when_stopped(fake: Fake) -> None:
    """Its port is its own, and free again afterwards."""
    server = LiveServer(fake.runtime.app)
    assert repr(server) == "<LiveServer not started>"
    with server as entered:
        assert entered is server
        assert server.is_running
        assert repr(server) == f"<LiveServer {server.url}>"
        assert server.url.endswith("/")
        assert requests.get(f"{server.url}_mock/health", timeout=20).status_code == 200
        assert len(servers()) == 1
    assert servers() == []
    assert repr(server) == "<LiveServer not started>"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address_of(server), timeout=20)
    with socket.create_server(address_of(server)):
        pass


def test_a_server_can_be_stopped_twice_and_started_again(fake: Fake) -> None:
    """At the same address, with the same jobs."""
    server = LiveServer(fake.runtime.app)
    server.stop()
    server.start()
    url = server.url
    job = fake.account("alice").submit()
    server.stop()
    server.stop()
    server.start()
    assert server.url == url
    assert exchange(server, request("GET", f"/jobs/{job}")).status == 200
    server.stop()


def test_a_server_starts_while_another_runs(fake: Fake) -> None:
    """Each on a port of its own."""
    with LiveServer(fake.runtime.app) as first, LiveServer(new_fake().runtime.app) as second:
        assert first.url != second.url
        assert exchange(second, request("GET", "/programs")).status == 200


def test_a_port_that_is_taken_is_named(fake: Fake) -> None:
    """With what to do, and nothing is left running."""
    with LiveServer(fake.runtime.app) as first:
        host, port = address_of(first)
        second = LiveServer(fake.runtime.app, port=port)
        with pytest.raises(CannotListen) as refused:
            second.start()
        assert str(refused.value) == (
            f"cannot listen on {host}:{port}: address already in use; choose another --port, or 0 for a free one"
        )
        assert not second.is_running
        assert len(servers()) == 1


@pytest.mark.parametrize("host", ["", "a b", "nowhere.invalid", "x" * 300])
def test_an_address_that_is_none_is_named(host: str) -> None:
    """Whatever the resolver thinks of it."""
    with pytest.raises(CannotListen, match="is no address to listen on"):
        listen(host, 0)


def test_an_address_of_another_machine_is_refused() -> None:
    """TEST-NET-1 is nobody's."""
    with pytest.raises(CannotListen, match=r"^cannot listen on 192\.0\.2\.1:0: cannot assign requested address"):
        listen("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("host", "prefix", "url"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:80/"),
        ("localhost", "/runtime", "http://localhost:80/runtime/"),
        ("::1", "", "http://[::1]:80/"),
        ("::", "", "http://[::1]:80/"),
        ("0.0.0.0", "", "http://127.0.0.1:80/"),  # noqa: S104 - only its name is made of it
    ],
)
def test_a_url_is_one_that_can_be_called(host: str, prefix: str, url: str) -> None:
    """From this machine, with the prefix of the API."""
    assert url_of(host, 80, prefix) == url


def test_a_server_can_listen_on_ipv6(fake: Fake) -> None:
    """And is called by an address in brackets."""
    with LiveServer(fake.runtime.app, host="::1") as server:
        answer = requests.get(f"{server.url}api/users/me", headers={"X-Access-Token": "alice"}, timeout=20)
        assert answer.json()["urls"]["http"] == f"{server.url}api"


def test_a_prefix_is_part_of_the_base_url() -> None:
    """What is printed can be called."""
    with LiveServer(new_fake(prefix="/runtime").runtime.app) as server:
        answer = requests.get(f"{server.url}programs", headers={"Authorization": "Bearer x"}, timeout=20)
        assert answer.status_code == 200


def test_a_connection_serves_many_requests(server: LiveServer) -> None:
    """One after the other, refused ones among them."""
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer alice"
        seen = [session.get(f"{server.url}{path}", timeout=20).status_code for path in ("jobs", "nothing", "jobs") * 10]
    assert seen == [200, 404, 200] * 10


def test_a_server_that_cannot_start_says_so(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of waiting for itself for ever; its port is free again."""

    async def nothing(*_arguments: object) -> None:
        """Return without serving."""

    server = LiveServer(fake.runtime.app)
    monkeypatch.setattr("mock_runtime.transport.server._Server._serve_on", nothing)
    with pytest.raises(CannotListen, match="did not start; its thread's traceback says why"):
        server.start()
    assert servers() == []
    assert repr(server) == "<LiveServer not started>"
    with socket.create_server(address_of(server)):
        pass
