"""A fake on a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mock_runtime import LiveServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mock_runtime.fakes import Fake


@pytest.fixture
def server(fake: Fake) -> Iterator[LiveServer]:
    """The fake, listening."""
    with LiveServer(fake.runtime.app) as server:
        yield server
