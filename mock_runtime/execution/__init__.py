"""Who computes a result.

`Execution.run` gets a program's id, the inputs as they were sent, and a stream of random numbers of its own, and gives
the output. It must not wait: time passes on the job's timeline, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mock_runtime.domain.results import Output
from mock_runtime.ids import Rng


class Execution(Protocol):
    """Something that runs programs."""

    def run(self, program_id: str, params: Sequence[str], rng: Rng) -> Output:
        """What the program leaves behind for these inputs."""
        ...
