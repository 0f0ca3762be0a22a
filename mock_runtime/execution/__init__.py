"""Who computes a result.

`Execution.run` gets what was submitted, and a stream of random numbers of its own, and gives the output. It must not
wait: time passes on the job's timeline, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mock_runtime.domain.results import Output
from mock_runtime.ids import Rng


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What is to be run: a program, its inputs as they were sent, where, and as which job."""

    job_id: str
    program_id: str
    backend: str
    params: tuple[str, ...] = ()


class Execution(Protocol):
    """Something that runs programs."""

    def run(self, submission: Submission, rng: Rng) -> Output:
        """What the program leaves behind."""
        ...
