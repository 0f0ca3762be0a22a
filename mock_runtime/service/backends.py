"""The use cases of backends: what there is, what it can do, and how well it does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mock_runtime.domain.backends import Backend, Calibration
from mock_runtime.domain.errors import BackendNotFound, CalibrationNotFound
from mock_runtime.domain.instances import Caller
from mock_runtime.service.parts import Parts
from mock_runtime.worlds import World


class BackendService:
    """Backends, for callers who are already known."""

    def __init__(self, parts: Parts) -> None:
        self._world: Final = parts.world
        self._clock: Final = parts.clock
        self._conditions: Final = parts.conditions

    def list(self, caller: Caller, *, mocks: bool = False) -> Sequence[Backend]:
        """The backends that the caller's instance may use, with those that only rehearse jobs if they are wanted."""
        now = self._clock.now()
        have = (one for one in self._world.backends if (mocks or not one.mock) and _may_use(caller, one))
        return [self._conditions.seen(one, now) for one in have]

    def all(self) -> Sequence[Backend]:
        """All backends as they are now, whoever may use them: for the control plane."""
        now = self._clock.now()
        return [self._conditions.seen(one, now) for one in self._world.backends]

    def get(self, caller: Caller, name: str, *, calibration_id: str | None = None) -> Backend:
        """The backend of that name, which must have the calibration if one is named.

        BackendNotFound, CalibrationNotFound.
        """
        now = self._clock.now()
        backend = backend_for(self._world, caller, name)
        if calibration_id is not None:
            _calibration(backend, calibration_id, now)
        return self._conditions.seen(backend, now)

    def calibration(
        self, caller: Caller, name: str, *, before: float | None = None, calibration_id: str | None = None
    ) -> tuple[Backend, Calibration | None]:
        """A backend and one of its calibrations: of that id, or the newest before an instant, or the newest there is.

        None for a backend that is never calibrated. BackendNotFound, CalibrationNotFound.
        """
        now = self._clock.now()
        backend = backend_for(self._world, caller, name)
        if calibration_id is None:
            return backend, backend.calibration_at(now if before is None else min(before, now))
        return backend, _calibration(backend, calibration_id, now)


def backend_for(world: World, caller: Caller, name: str) -> Backend:
    """The backend of that name, if the caller's instance may use it; BackendNotFound."""
    backend = world.backend(name)
    if backend is None or not _may_use(caller, backend):
        raise BackendNotFound(name)
    return backend


def _calibration(backend: Backend, calibration_id: str, now: float) -> Calibration:
    found = backend.calibration(calibration_id)
    if found is None or found.at > now:
        raise CalibrationNotFound(calibration_id)
    return found


def _may_use(caller: Caller, backend: Backend) -> bool:
    return caller.instance is None or caller.instance.may_use(backend.name)
