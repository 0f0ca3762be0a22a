"""What the lifecycle knows about jobs and sessions of today."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runtime_contracts.walking import KnownJob

if TYPE_CHECKING:
    from runtime_contracts.steps import Step


@dataclass(slots=True, kw_only=True)
class Job(KnownJob):
    """What is known about one job.

    Attributes:
        closed: its session was closed before it had ended.
        taken: the result of a private job has been read, which is possible once.
    """

    tags: list[str]
    session: Session | None = None
    closed: bool = False
    taken: bool = False
    result: tuple[int, bytes] | None = None

    @property
    def private(self) -> bool:
        """Tell whether its inputs are shown to nobody."""
        return bool(self.request.get("private"))


@dataclass(slots=True, kw_only=True)
class Session:
    """What is known about one session or batch; `stopped` is when it takes no more jobs, `closed` when it is over."""

    id: str
    mode: str
    backend: str
    steps: list[Step]
    stopped: bool = False
    closed: bool = False
    jobs: list[Job] = field(default_factory=list)
