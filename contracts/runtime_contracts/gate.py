"""The one place through which everything leaves for a server under test: it may only read, be slow, and end in time.

Both senders of a run, our own calls and schemathesis, end in the HTTP adapter of requests; schemathesis makes sessions
in several places of its own. So the gate stands there, for as long as the run lasts and for the server of the run
alone: what else the process sends is none of its business.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Timer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE: Final = 3
LARGEST_BYTES: Final = 32 * 2**20
"""No answer is larger; more is not read."""
_PIECE_BYTES: Final = 2**16
_LONGEST_PAUSE_S: Final = 60.0
_FIRST_PAUSE_S: Final = 1.0


class NotReadOnlyError(RuntimeError):
    """Something else than reading was about to be sent by a run that only reads; it was not."""


class TimeIsUpError(Exception):
    """The run has taken as long as it may."""


def _pause(seconds: float) -> None:
    # An event that nobody sets: a sleep that Ctrl-C ends.
    Event().wait(seconds)


@dataclass(slots=True)
class Gate:
    """Lets requests through to the server at `origin`.

    Attributes:
        read_only: nothing passes but GET, and POST to `exchanges`.
        exchanges: URLs where a key is exchanged for a token, which changes nothing.
        rate_per_s: so many requests a second pass at most; None for no limit. Where there is one, an answer of 429 is
            waited for as long as its Retry-After says, up to a minute, and asked for again.
        time_limit_s: after so many seconds nothing passes any more; None for no limit.
        pause: waits for a number of seconds.
        sent: how many have passed.
    """

    origin: str
    read_only: bool = False
    exchanges: frozenset[str] = frozenset()
    rate_per_s: float | None = None
    time_limit_s: float | None = None
    pause: Callable[[float], None] = _pause
    sent: int = 0
    stop: Callable[[], None] | None = None
    _over: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    @property
    def is_polite(self) -> bool:
        """Tell whether the server is spared, so that its 429 is a wish and no violation."""
        return self.rate_per_s is not None

    @property
    def is_over(self) -> bool:
        """Tell whether the time of the run is over."""
        return self._over.is_set()

    def refuse_if_over(self) -> None:
        """Let nothing more pass when the time is over.

        Raises:
            TimeIsUpError: it is.
        """
        if self.is_over:
            raise TimeIsUpError

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Stand in the way of every request to the origin while the body runs."""
        original = HTTPAdapter.send
        gate = self

        def send(adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
            def go() -> requests.Response:
                return original(adapter, request, *args, **kwargs)

            return bounded(gate.pass_on(request, go)) if gate.concerns(str(request.url)) else go()

        timer = None if self.time_limit_s is None else Timer(self.time_limit_s, self.end)
        if timer is not None:
            timer.daemon = True
            timer.start()
        HTTPAdapter.send = send  # type: ignore[method-assign,assignment]
        try:
            yield
        finally:
            HTTPAdapter.send = original  # type: ignore[method-assign]
            if timer is not None:
                timer.cancel()

    def end(self) -> None:
        """Let nothing more pass, and tell what is running to stop."""
        self._over.set()
        if self.stop is not None:
            self.stop()

    def concerns(self, url: str) -> bool:
        """Tell whether a URL is of the server of the run."""
        return urlsplit(url)[:2] == urlsplit(self.origin)[:2]

    def pass_on(self, request: requests.PreparedRequest, go: Callable[[], requests.Response]) -> requests.Response:
        """Send a request, not before its time, or refuse to.

        Raises:
            NotReadOnlyError: it would change something, and the run only reads.
        """
        method, url = str(request.method).upper(), str(request.url).partition("?")[0]
        if self.read_only and method != "GET" and not (method == "POST" and url in self.exchanges):
            raise NotReadOnlyError(f"{method} {urlsplit(url).path} was not sent: the run is read-only")
        if self.rate_per_s is None:
            self.sent += 1
            return go()
        for attempt in range(_PATIENCE + 1):
            with self._lock:
                if self.sent:
                    self.pause(1 / self.rate_per_s)
                self.sent += 1
            response = go()
            if response.status_code != 429 or attempt == _PATIENCE or self.is_over:
                break
            response.close()
            self.pause(_pause_asked_for(response.headers.get("Retry-After"), attempt))
        return response


def bounded(response: requests.Response) -> requests.Response:
    """Let go of an answer that is larger than any answer of this API, before it is read.

    Raises:
        ConnectionError: it says that it is, or goes on for longer than that.
    """
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > LARGEST_BYTES:
        response.close()
        raise requests.ConnectionError(f"an answer of {announced} bytes")
    taken, pieces = 0, []
    for piece in response.iter_content(_PIECE_BYTES):
        taken += len(piece)
        if taken > LARGEST_BYTES:
            response.close()
            raise requests.ConnectionError(f"an answer of more than {LARGEST_BYTES} bytes")
        pieces.append(piece)
    response._content = b"".join(pieces)  # noqa: SLF001 - where requests itself keeps what was read
    return response


def _pause_asked_for(retry_after: str | None, attempt: int) -> float:
    """Return how long to wait after a 429: what the server says in seconds, or a second, two, four."""
    said = (retry_after or "").strip()
    wanted = float(said) if said.isascii() and said.isdigit() and len(said) < 9 else _FIRST_PAUSE_S * 2**attempt
    return min(wanted, _LONGEST_PAUSE_S)
