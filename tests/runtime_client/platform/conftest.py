"""Fixtures: a client of today's API whose service and IAM are scripts in memory, and whose time only the test moves."""

from __future__ import annotations

from typing import Any, Protocol

import pytest

from runtime_client.platform import AsyncRuntimeClient, RuntimeClient
from tests.runtime_client.awaited import Loop
from tests.runtime_client.platform.answers import ACCESS_TOKEN, INSTANCE
from tests.runtime_client.scripted import URL


class MakeClient(Protocol):
    """Makes clients of the scripted service, without jitter and without real sleep."""

    def __call__(self, url: str | None = f"{URL}/api", **options: Any) -> RuntimeClient:
        """Return a client; options replace the fixture's own."""
        ...


@pytest.fixture
def make_platform_client(over: str, sending: dict[str, Any], loop: Loop) -> MakeClient:
    """Return the maker of clients; they have an access token already unless they are given an API key."""

    def make(url: str | None = f"{URL}/api", **options: Any) -> Any:
        credentials = {} if "token" in options else {"access_token": ACCESS_TOKEN}
        merged: Any = {**credentials, "instance": INSTANCE, **sending, **options}
        if over == "async":
            return loop.blocking(AsyncRuntimeClient(url, **merged))
        return RuntimeClient(url, **merged)

    return make


@pytest.fixture
def platform(make_platform_client: MakeClient) -> RuntimeClient:
    """Return a client that has an access token."""
    return make_platform_client()
