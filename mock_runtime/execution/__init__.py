"""Who computes a result.

`Execution.start` gets what was submitted, and a stream of random numbers of its own. What takes no time is answered
with the output itself; what does is answered with a future of it. It never waits, and it never raises for what the
program does: a program that dies has an output that says so.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.results import Output
from mock_runtime.ids import Rng

Started: TypeAlias = "Output | Future[Output]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What is to be run: a program, its inputs, where, and as which job.

    `inputs` are what the edition makes of them: the texts of 2021 as they were sent, an object today.
    `submitted_at` is in seconds since 1970, `seed` that of this run alone.
    """

    job_id: str
    program_id: str
    backend: Backend
    inputs: Any = ()
    submitted_at: float = 0.0
    seed: int = 0


class Execution(Protocol):
    """Something that runs programs."""

    def start(self, submission: Submission, rng: Rng) -> Started:
        """What the program leaves behind, or a future of it."""
        ...

    def close(self) -> None:
        """Let go of what computes; what was not computed never will be."""
        ...


@runtime_checkable
class Warmable(Protocol):
    """An execution whose first job would wait for what it needs."""

    def warm_up(self) -> None:
        """Load and start that now; nothing if it is closed."""
        ...
