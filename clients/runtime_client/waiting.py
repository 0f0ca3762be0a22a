"""Waiting for a job: what all editions and both kinds of client have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from runtime_client.errors import WaitTimeout
from runtime_client.flows import Flow, Pause, Tell
from runtime_client.polling import Monotonic, Tick, ticks

if TYPE_CHECKING:
    from runtime_client.methods import Service
    from runtime_client.models import JobStatus

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll while waiting: `number` from 1, the seconds `elapsed_s` since the first, the `status` if looked up."""

    number: int
    elapsed_s: float
    status: JobStatus | None = None


Progress = Callable[[Poll], object]
"""What is called with each poll; a client that awaits awaits what it gives, if that can be awaited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Over(Generic[_T]):
    """What was seen of a job when it was over, after how many polls and seconds."""

    seen: _T
    polls: int
    elapsed_s: float


class JobHandle:
    """A handle on one job: what those of all editions and of both kinds of client have in common."""

    def __init__(self, service: Service, runner: Any, job_id: str, *, monotonic: Monotonic) -> None:
        self._service = service
        self._runner = runner
        self._id = job_id
        self._monotonic = monotonic

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._id!r})"

    @property
    def id(self) -> str:
        """The id of the job."""
        return self._id

    def _until_over(
        self, look: Callable[[Tick], Flow[tuple[JobStatus | None, _T | None]]], waits: Waits
    ) -> Flow[Over[_T]]:
        """Look at every tick until the job is over; raises `WaitTimeout`.

        A look gives the status, if it was looked up, and what was seen of a job that is over, else None.
        """
        number, elapsed_s, begun = 0, 0.0, self._monotonic()
        for tick in waits.ticks(self._monotonic):
            if isinstance(tick, Pause):
                yield tick
                continue
            status, seen = yield from look(tick)
            number, elapsed_s = tick.number, self._monotonic() - begun
            if waits.progress is not None:
                yield Tell(waits.progress, Poll(number=number, elapsed_s=elapsed_s, status=status))
            if seen is not None:
                return Over(seen=seen, polls=number, elapsed_s=elapsed_s)
        raise WaitTimeout(self._id, elapsed_s=elapsed_s, polls=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long to wait, how often to look, whom to tell; raises `TypeError` or `ValueError` for what makes no sense."""

    timeout_s: float | None
    interval_s: float
    progress: Progress | None
    on_poll: Progress | None = None

    def __post_init__(self) -> None:
        if self.timeout_s is not None and not 0 <= self.timeout_s < math.inf:
            raise ValueError("timeout must be a number of seconds of at least 0, or None for no limit")
        if not 0 <= self.interval_s < math.inf:
            raise ValueError("poll_interval must be a number of seconds of at least 0")
        if self.on_poll is not None:
            if self.progress is not None:
                raise TypeError("on_poll is the older name of progress: give one of them")
            object.__setattr__(self, "progress", self.on_poll)

    def ticks(self, monotonic: Monotonic) -> Iterator[Tick | Pause]:
        """Yield the moments to look, and the pauses between them."""
        return ticks(interval_s=self.interval_s, timeout_s=self.timeout_s, monotonic=monotonic)
