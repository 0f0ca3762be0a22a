"""Fixtures of the tests of the fake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.mock_runtime.fakes import Account, Fake, new_fake

if TYPE_CHECKING:
    from collections.abc import Iterator


class MakeFake(Protocol):
    """Makes fakes; see `new_fake`."""

    def __call__(self, **settings: Any) -> Fake:
        """A new one."""
        ...


@pytest.fixture
def make_fake() -> Iterator[MakeFake]:
    """Make fakes that must not have run into a bug of their own by the end of the test."""
    made: list[Fake] = []

    def make(**settings: Any) -> Fake:
        made.append(new_fake(**settings))
        return made[-1]

    yield make
    for fake in made:
        fake.runtime.check()


@pytest.fixture
def fake(make_fake: MakeFake) -> Fake:
    """A fake whose jobs queue for one second and run for two."""
    return make_fake()


@pytest.fixture
def alice(fake: Fake) -> Account:
    """An account of the fake."""
    return fake.account()
