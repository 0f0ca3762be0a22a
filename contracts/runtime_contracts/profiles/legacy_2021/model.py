"""What the lifecycle knows about a job of 2021, and the states that a job goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.steps import Step

FINAL = frozenset({"Completed", "Failed", "Cancelled", "Cancelled - Ran too long"})
PENDING = frozenset({"Queued", "Running"})
STAGE = {"Queued": 0, "Running": 1} | dict.fromkeys(FINAL, 2)


@dataclass(slots=True)
class Job:
    """What is known about one job."""

    id: str
    request: Mapping[str, Any]
    steps: list[Step]
    status: str = "Queued"
    cancelled: bool = False
    deleted: bool = False
    result: bytes | None = None

    @property
    def final(self) -> bool:
        """Tell whether the job had ended when it was last read."""
        return self.status in FINAL
