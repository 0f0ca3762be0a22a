"""The use cases of backends: what there is, what it can do, and how well it does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mock_runtime.domain.backends import Backend, Calibration
from mock_runtime.domain.errors import BackendNotFound, CalibrationNotFound
from mock_runtime.domain.instances import Caller
from mock_runtime.service.parts import Parts


class BackendService:
    """Backends, for callers who are already known."""

    def __init__(self, parts: Parts) -> None:
        self._world: Final = parts.world
        self._clock: Final = parts.clock

    def list(self, caller: Caller, *, mocks: bool = False) -> Sequence[Backend]:
        """The backends that the caller's instance may use, with those that only rehearse jobs if they are wanted."""
        return [one for one in self._world.backends if (mocks or not one.mock) and _may_use(caller, one)]

    def get(self, caller: Caller, name: str) -> Backend:
        """The backend of that name; BackendNotFound."""
        backend = self._world.backend(name)
        if backend is None or not _may_use(caller, backend):
            raise BackendNotFound(name)
        return backend

    def calibration(
        self, caller: Caller, name: str, *, before: float | None = None, calibration_id: str | None = None
    ) -> tuple[Backend, Calibration | None]:
        """A backend and one of its calibrations: of that id, or the newest before an instant, or the newest there is.

        None for a backend that is never calibrated. BackendNotFound, CalibrationNotFound.
        """
        now = self._clock.now()
        backend = self.get(caller, name)
        if calibration_id is None:
            return backend, backend.calibration_at(now if before is None else min(before, now))
        found = backend.calibration(calibration_id)
        if found is None or found.at > now:
            raise CalibrationNotFound(calibration_id)
        return backend, found


def _may_use(caller: Caller, backend: Backend) -> bool:
    return caller.instance is None or caller.instance.may_use(backend.name)
