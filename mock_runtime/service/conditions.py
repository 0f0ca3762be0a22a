"""In which condition backends are, over what their world says of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.outages import Outage, absences, as_seen, without
from mock_runtime.domain.timelines import Window

ConditionsSnapshot: TypeAlias = Mapping[str, tuple[Outage, ...]]
"""The outages of backends, by name."""

_NONE: Final[ConditionsSnapshot] = MappingProxyType({})


class Conditions:
    """The outages of all backends, present ones and announced ones. Changes are made by one thread at a time."""

    def __init__(self) -> None:
        self._outages = _NONE

    def restart(self) -> None:
        """All backends are as their world says."""
        self._outages = _NONE

    def seen(self, backend: Backend, now: float) -> Backend:
        """A backend as it is at `now`."""
        outages = self._outages.get(backend.name)
        return as_seen(backend, outages, now) if outages else backend

    def absences(self, name: str) -> tuple[Window, ...]:
        """When the backend of that name begins no jobs, as far as is known."""
        return absences(self._outages.get(name, ()))

    def outages(self, name: str, now: float) -> tuple[Outage, ...]:
        """The outages of the backend of that name that are not over, in order; what of them is over is left out."""
        return without(self._outages.get(name, ()), -math.inf, now)

    def put(self, outages: Mapping[str, tuple[Outage, ...]]) -> None:
        """Give backends these outages, by name, in place of those that they have."""
        changed = {**self._outages, **outages}
        self._outages = MappingProxyType({name: have for name, have in changed.items() if have})

    def snapshot(self) -> ConditionsSnapshot:
        """All outages, as a value that does not change."""
        return self._outages

    def rollback(self, kept: ConditionsSnapshot) -> None:
        """Have those outages, and no others."""
        self._outages = kept
