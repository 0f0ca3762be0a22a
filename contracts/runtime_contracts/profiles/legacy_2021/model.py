"""What the lifecycle knows about a job of 2021."""

from __future__ import annotations

from dataclasses import dataclass

from runtime_contracts.walking import KnownJob


@dataclass(slots=True)
class Job(KnownJob):
    """What is known about one job, with its result once that was read."""

    result: bytes | None = None
