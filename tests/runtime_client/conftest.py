"""Fixtures: a client whose service is a script in memory, and whose time only the test moves."""

from __future__ import annotations

from typing import Protocol, Unpack

import pytest
import requests

from runtime_client import ClientOptions, RuntimeClient
from tests.runtime_client.scripted import TOKEN, URL, FakeTime, Service


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


@pytest.fixture
def make_client(session: requests.Session, fake_time: FakeTime) -> MakeClient:
    """Return the maker of clients."""

    def make(url: str = URL, **options: Unpack[ClientOptions]) -> RuntimeClient:
        merged: ClientOptions = {
            "session": session,
            "sleep": fake_time.sleep,
            "monotonic": fake_time.monotonic,
            "jitter": lambda: 1.0,
        }
        merged.update(options)
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
