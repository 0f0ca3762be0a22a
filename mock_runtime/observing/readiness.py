"""How far a server is: what `/_mock/ready` answers to those who wait for it, or who send it requests."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum


class Phase(StrEnum):
    """Where a server is in its life."""

    STARTING = "starting"
    """It does not listen yet, or not everything that it serves is made."""
    WARMING = "warming"
    """It answers; what the first job needs is being loaded, and that job would wait for it."""
    READY = "ready"
    """It answers."""
    STOPPING = "stopping"
    """It is about to go, and takes nothing new."""


class Readiness:
    """The phase of one server, which may be told and asked from any thread.

    A server that is stopping stays so until it is started again: whatever was still warming up does not revive it.
    """

    def __init__(self) -> None:
        self._phase = Phase.STARTING
        self._lock = threading.Lock()
        self._warming = 0

    def __repr__(self) -> str:
        return f"<Readiness {self._phase}>"

    @property
    def phase(self) -> Phase:
        """Where it is."""
        return self._phase

    @property
    def is_ready(self) -> bool:
        """Whether requests are answered: also while it warms up, which no request but a job's has to wait for."""
        return self._phase in {Phase.WARMING, Phase.READY}

    @property
    def status(self) -> int:
        """What `/_mock/ready` answers with: 200 if it is ready, else 503."""
        return 200 if self.is_ready else 503

    def started(self) -> None:
        """It listens."""
        with self._lock:
            self._phase = Phase.WARMING if self._warming else Phase.READY

    def stopping(self) -> None:
        """It stops."""
        with self._lock:
            self._phase = Phase.STOPPING

    @contextmanager
    def warming(self) -> Generator[None, None, None]:
        """For as long as it warms up, be that before it is started, or after."""
        self._warm(1)
        try:
            yield
        finally:
            self._warm(-1)

    def _warm(self, more: int) -> None:
        with self._lock:
            self._warming += more
            if self._phase in {Phase.WARMING, Phase.READY}:
                self._phase = Phase.WARMING if self._warming else Phase.READY
