"""A client that does not use its session is told about at once, and nothing reaches a network meanwhile."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from runtime_contracts.client_fuzz import fuzz_client
from runtime_contracts.offline import NetworkUsedError, offline
from tests.broken.clients import WAYWARD


@pytest.mark.parametrize("name", WAYWARD)
def test_client_that_goes_its_own_way_ends_the_run(name: str) -> None:
    """The first attempt ends the run, and the problem names the client, the operation and the address."""
    planted = WAYWARD[name]
    planted.tries = 0
    report = fuzz_client(planted, operations=(planted.operation,))
    address = "runtime.test:80" if name.startswith("requests") else "127.0.0.1:9"
    assert report.problem == (
        "the client of 'wayward' does not use the session it was given: "
        f"for get-version it tried to connect to {address}"
    )
    assert report.exit_code == 2
    assert report.failures == ()
    assert planted.tries == 1


def test_every_way_out_is_closed_and_opened_again() -> None:
    """Names are not looked up and connections not made for the time of a run, and both work as before after it."""
    before = (socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex)
    with offline() as attempts, socket.socket() as plain:
        with pytest.raises(NetworkUsedError, match=r"an attempt was made to reach host\.test:443"):
            socket.create_connection(("host.test", 443))
        with pytest.raises(NetworkUsedError):
            plain.connect(("127.0.0.1", 1))
        with pytest.raises(NetworkUsedError):
            plain.connect_ex(("127.0.0.1", 2))
    assert attempts == ["host.test:443", "127.0.0.1:1", "127.0.0.1:2"]
    assert (socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex) == before


def test_sockets_of_the_machine_go_on_working(tmp_path: Path) -> None:
    """A socket that cannot leave the machine is no network."""
    address = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as calling:
        listening.bind(address)
        listening.listen()
        with offline() as attempts:
            calling.connect(address)
    assert attempts == []
