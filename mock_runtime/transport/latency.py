"""How long an answer is held back: decided here, enacted by whichever transport carries the request."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mock_runtime.durations import Duration
    from mock_runtime.ids import Ids

_EXEMPT: Final = ("/_mock", "/openapi", "/static")


class Latency:
    """Draws the latency of each request from one seeded stream; control plane and documentation have none."""

    def __init__(self, duration: Duration, ids: Ids) -> None:
        self._duration: Final = duration
        self._ids: Final = ids
        self._lock: Final = threading.Lock()
        self._none: Final = str(duration) == "0s"
        self.restart()

    def restart(self) -> None:
        """Begin the sequence again."""
        self._rng = self._ids.stream("latency")

    def of(self, path: str) -> float:
        """Seconds for which the answer to a request of that path is held back."""
        if self._none or path.startswith(_EXEMPT):
            return 0.0
        with self._lock:
            return max(0.0, self._duration.sample(self._rng))
