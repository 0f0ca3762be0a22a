"""Fixtures of the bad days: the fakes that all of them are had with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mock_runtime.bad_days.scenes import Places
from tests.runtime_client.awaited import Loop

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """An event loop that is run as far as a test needs it."""
    with Loop() as loop:
        yield loop


@pytest.fixture(scope="session")
def places(loop: Loop) -> Iterator[Places]:
    """The fakes, which begin anew for each test."""
    with Places(loop) as places:
        yield places
