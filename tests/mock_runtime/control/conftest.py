"""Fixtures of the tests of the control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mock_runtime.control.steering import Steering

if TYPE_CHECKING:
    from tests.mock_runtime.fakes import Fake


@pytest.fixture
def steering(fake: Fake) -> Steering:
    """Somebody at the control plane of the fake."""
    return Steering(fake.client)
