"""Fixtures: a client of today's API whose service and IAM are scripts in memory, and whose time only the test moves."""

from __future__ import annotations

from typing import Any, Protocol

import pytest
import requests

from runtime_client.platform import RuntimeClient
from tests.runtime_client.platform.answers import ACCESS_TOKEN, INSTANCE
from tests.runtime_client.scripted import URL, FakeTime


class MakeClient(Protocol):
    """Makes clients of the scripted service, without jitter and without real sleep."""

    def __call__(self, url: str | None = f"{URL}/api", **options: Any) -> RuntimeClient:
        """Return a client; options replace the fixture's own."""
        ...


@pytest.fixture
def make_platform_client(session: requests.Session, fake_time: FakeTime) -> MakeClient:
    """Return the maker of clients; they have an access token already unless they are given an API key."""

    def make(url: str | None = f"{URL}/api", **options: Any) -> RuntimeClient:
        credentials = {} if "token" in options else {"access_token": ACCESS_TOKEN}
        defaults = {
            "instance": INSTANCE,
            "session": session,
            "sleep": fake_time.sleep,
            "monotonic": fake_time.monotonic,
            "jitter": lambda: 1.0,
        }
        return RuntimeClient(url, **{**credentials, **defaults, **options})

    return make


@pytest.fixture
def platform(make_platform_client: MakeClient) -> RuntimeClient:
    """Return a client that has an access token."""
    return make_platform_client()
