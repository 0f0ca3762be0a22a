"""Fixtures: clients whose service is a script in memory, over each library, and whose time only the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, Unpack

import pytest
import requests

from runtime_client import AsyncRuntimeClient, ClientOptions, RuntimeClient
from tests.runtime_client.awaited import Loop
from tests.runtime_client.scripted import TOKEN, URL, FakeTime, Service

KINDS = ("requests", "httpx", "async")
"""What the clients of the tests go over: requests; httpx; httpx, awaited, behind a front that looks like the others."""


class MakeClient(Protocol):
    """Makes clients of the scripted service, without jitter and without real sleep."""

    def __call__(self, url: str = URL, **options: Unpack[ClientOptions]) -> RuntimeClient:
        """Return a client; options replace the fixture's own."""
        ...


@pytest.fixture
def service() -> Service:
    """Return an empty script."""
    return Service()


@pytest.fixture
def fake_time() -> FakeTime:
    """Return a clock at 1000 s."""
    return FakeTime()


@pytest.fixture
def session(service: Service) -> requests.Session:
    """Return a session in which every address leads to the scripted service."""
    session = requests.Session()
    session.mount("http://", service)
    session.mount("https://", service)
    return session


@pytest.fixture(params=KINDS)
def over(request: pytest.FixtureRequest) -> str:
    """Return what clients go over."""
    return str(request.param)


only_requests = pytest.mark.parametrize("over", ["requests"], indirect=True)
"""For tests of what only requests has."""


@pytest.fixture(scope="session")
def one_loop() -> Iterator[Loop]:
    """Return an event loop that is run as far as a test needs it."""
    with Loop() as loop:
        yield loop


@pytest.fixture
def loop(one_loop: Loop) -> Iterator[Loop]:
    """Return the loop, which closes the clients of a test when it is over."""
    yield one_loop
    one_loop.close_clients()


@pytest.fixture
def sending(over: str, service: Service, session: requests.Session, fake_time: FakeTime) -> dict[str, Any]:
    """Return the options with which a client sends to the script and waits in fake time."""
    sleep = fake_time.sleep_async if over == "async" else fake_time.sleep
    with_what: dict[str, dict[str, Any]] = {
        "requests": {"session": session},
        "httpx": {"transport": service.blocking_transport},
        "async": {"transport": service.awaited_transport},
    }
    return {**with_what[over], "sleep": sleep, "monotonic": fake_time.monotonic, "jitter": lambda: 1.0}


@pytest.fixture
def make_client(over: str, sending: dict[str, Any], loop: Loop) -> MakeClient:
    """Return the maker of clients."""

    def make(url: str = URL, **options: Any) -> Any:
        merged = {**sending, **options}
        if over == "async":
            return loop.blocking(AsyncRuntimeClient(url, token=TOKEN, **merged))
        return RuntimeClient(url, token=TOKEN, **merged)

    return make


@pytest.fixture
def client(make_client: MakeClient) -> RuntimeClient:
    """Return a client of the scripted service that has not logged in."""
    return make_client()


@pytest.fixture
def logged_in(make_client: MakeClient) -> RuntimeClient:
    """Return a client that has a session token."""
    return make_client(access_token="session-token-k1ngf1sher")
