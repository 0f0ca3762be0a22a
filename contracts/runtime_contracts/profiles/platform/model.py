"""What the lifecycle knows about jobs and sessions of today, and the states that they go through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn

from runtime_contracts.lifecycle_model import LifecycleFaultError
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.exchange import Answer
    from runtime_contracts.steps import Step

RAN_TOO_LONG: Final = "Cancelled - Ran too long"
FINAL: Final = frozenset({"Completed", "Failed", "Cancelled", RAN_TOO_LONG})
STAGE: Final[Mapping[str, int]] = {"Queued": 0, "Running": 1} | dict.fromkeys(FINAL, 2)


@dataclass(slots=True, kw_only=True)
class Job:
    """What is known about one job.

    Attributes:
        request: the body that it was submitted with.
        closed: its session was closed before it had ended.
        taken: the result of a private job has been read, which is possible once.
    """

    id: str
    request: Mapping[str, Any]
    steps: list[Step]
    tags: list[str]
    session: Session | None = None
    status: str = "Queued"
    cancelled: bool = False
    closed: bool = False
    deleted: bool = False
    taken: bool = False
    result: tuple[int, bytes] | None = None

    @property
    def final(self) -> bool:
        """Tell whether the job had ended when it was last read."""
        return self.status in FINAL

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


def fault(check: str, operation: str, message: str, steps: list[Step]) -> NoReturn:
    """End the walk.

    Raises:
        LifecycleFaultError: always.
    """
    raise LifecycleFaultError(check, operation, message=message, steps=list(steps))


def brief(answer: Answer) -> str:
    """Return an answer in one line."""
    return f"{answer.status} {shown(answer.body.decode('utf-8', errors='replace'))}".rstrip()
