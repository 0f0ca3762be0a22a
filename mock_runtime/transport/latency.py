"""How long an answer is held back: decided here, enacted by whichever transport carries the request."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mock_runtime.durations import Duration
    from mock_runtime.ids import Ids


class Latency:
    """Draws the latency of each request from one seeded stream; what is below an `immediate` path has none."""

    def __init__(self, duration: Duration, ids: Ids, *, immediate: Iterable[str] = ()) -> None:
        self._initial: Final = duration
        self._ids: Final = ids
        self._immediate: Final = tuple(f"{path}/" for path in immediate)
        self._lock: Final = threading.Lock()
        self.restart()

    def __repr__(self) -> str:
        return f"Latency({self._duration})"

    @property
    def duration(self) -> Duration:
        """The latency in force."""
        return self._duration

    def set(self, duration: Duration) -> None:
        """Hold answers back for that long from now on."""
        self._duration = duration

    def restart(self) -> None:
        """Go back to the latency of the start, and begin the sequence again."""
        with self._lock:
            self._duration = self._initial
            self._rng = self._ids.stream("latency")

    def of(self, path: str) -> float:
        """Seconds for which the answer to a request of that path is held back."""
        if self._duration.is_none or f"{path}/".startswith(self._immediate):
            return 0.0
        with self._lock:
            return max(0.0, self._duration.sample(self._rng))
