"""Fixtures of the tests of today's edition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.mock_runtime.platform_fakes import PlatformFake, Tenant, Told, new_platform

if TYPE_CHECKING:
    from collections.abc import Iterator


class MakePlatform(Protocol):
    """Makes fakes; see `new_platform`."""

    def __call__(self, execution: Told | None = None, **settings: Any) -> PlatformFake:
        """A new one."""
        ...


@pytest.fixture
def make_platform() -> Iterator[MakePlatform]:
    """Make fakes that must not have run into a bug of their own by the end of the test."""
    made: list[PlatformFake] = []

    def make(execution: Told | None = None, **settings: Any) -> PlatformFake:
        made.append(new_platform(execution, **settings))
        return made[-1]

    yield make
    for fake in made:
        fake.runtime.check()


@pytest.fixture
def platform(make_platform: MakePlatform) -> PlatformFake:
    """A fake whose jobs queue for one second and run for two."""
    return make_platform()


@pytest.fixture
def alice(platform: PlatformFake) -> Tenant:
    """A tenant of the fake."""
    return platform.tenant()
