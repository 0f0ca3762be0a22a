"""What a rule does to the world, as data: who carries it out is not its business."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mock_runtime.durations import Duration, PollCount


class Happening(StrEnum):
    """What can happen to the world."""

    REQUEUE = "requeue"
    """A running job goes back to the queue."""
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    LOSE_RESULT = "lose-result"
    """A completed job's result is there no longer."""
    WITHHOLD_RESULT = "withhold-result"
    """A job ends without a result."""
    OUTRUN_CANCEL = "outrun-cancel"
    """A job completes although its cancellation was acknowledged."""
    BACKEND_OFFLINE = "backend-offline"
    BACKEND_PAUSED = "backend-paused"
    BACKEND_ONLINE = "backend-online"
    MAINTENANCE = "maintenance"
    """All backends are paused for a while."""
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - no secret
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 - no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happens to the world.

    `rule` is the id of the fault. `job` is the job's id, or None with `job_number`: the job of that submission (1, 2,
    ...). Neither is there for what happens after a submission: it happens to the job that this made, if it made one.
    `backend` is a name, or `*` for all. `caller` is whose tokens it is about. `queue` is how long a requeued job waits
    again (None: as its plan says). It begins `in_s` seconds from now and lasts for `for_s` seconds; None: for ever.
    """

    kind: Happening
    rule: str
    job: str | None = None
    job_number: int | None = None
    backend: str | None = None
    caller: str | None = None
    reason: str | None = None
    queue: Duration | PollCount | None = None
    in_s: float = 0.0
    for_s: float | None = None
