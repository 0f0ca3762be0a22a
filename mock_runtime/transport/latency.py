"""How long an answer is held back: decided here, enacted by whichever transport carries the request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mock_runtime.durations import Duration
    from mock_runtime.ids import Ids


@dataclass(frozen=True, slots=True)
class LatencySnapshot:
    """The latencies in force, and where the sequence of random numbers is."""

    duration: Duration
    durations: Mapping[str, Duration]
    state: object


class Latency:
    """Draws the latency of each request from one seeded stream; what is below an `immediate` path has none.

    `of` are latencies of single operations, by their names, instead of the one of all.
    """

    def __init__(
        self,
        duration: Duration,
        ids: Ids,
        *,
        of: Mapping[str, Duration] = MappingProxyType({}),
        immediate: Iterable[str] = (),
    ) -> None:
        self._initial: Final = duration
        self._initial_of: Final = dict(of)
        self._ids: Final = ids
        self._immediate: Final = tuple(f"{path}/" for path in immediate)
        self._lock: Final = threading.Lock()
        self._durations: dict[str, Duration] = {}
        self.restart()

    def __repr__(self) -> str:
        return f"Latency({self._duration})"

    @property
    def duration(self) -> Duration:
        """The latency in force."""
        return self._duration

    @property
    def durations(self) -> Mapping[str, Duration]:
        """The latencies of single operations."""
        return self._durations

    def set(self, duration: Duration) -> None:
        """Hold answers back for that long from now on."""
        self._duration = duration

    def set_of(self, durations: Mapping[str, Duration]) -> None:
        """Hold back the answers of these operations for that long, and those of all others as those of all."""
        self._durations = dict(durations)

    def restart(self) -> None:
        """Go back to the latencies of the start, and begin the sequence again."""
        with self._lock:
            self._duration = self._initial
            self._durations = dict(self._initial_of)
            self._rng = self._ids.stream("latency")

    def snapshot(self) -> LatencySnapshot:
        """What is in force, to be put back by `rollback`."""
        with self._lock:
            return LatencySnapshot(self._duration, self._durations, self._rng.getstate())

    def rollback(self, kept: LatencySnapshot) -> None:
        """Put it back."""
        with self._lock:
            self._duration, self._durations = kept.duration, dict(kept.durations)
            self._rng = self._ids.stream("latency")
            self._rng.setstate(kept.state)  # type: ignore[arg-type]

    def of(self, path: str, operation: Callable[[], str | None] = lambda: None) -> float:
        """Seconds for which the answer to a request of that path is held back.

        `operation` finds the name of its operation; it is asked only if there are latencies of single ones.
        """
        duration = self._duration
        if self._durations:
            duration = self._durations.get(operation() or "", duration)
        if duration.is_none or f"{path}/".startswith(self._immediate):
            return 0.0
        with self._lock:
            return max(0.0, duration.sample(self._rng))
