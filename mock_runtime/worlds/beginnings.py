"""Jobs and sessions that are there already when a fake starts: the service makes domain values of what is said here.

Who owns them is told by the name of a token and the name of an instance; `Directory.caller_named` and
`Accounts.caller_named` know who that is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from mock_runtime.domain.instances import NO_PROJECT, Project
from mock_runtime.domain.jobs import Status
from mock_runtime.domain.results import Output
from mock_runtime.domain.sessions import Mode
from mock_runtime.durations import Duration, PollCount


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as a file tells it: so many seconds after the start (negative: before it), or since 1970."""

    seconds: float
    is_instant: bool = False

    def at(self, start: float) -> float:
        """The instant, in seconds since 1970, of a fake that starts at `start`."""
        return self.seconds if self.is_instant else start + self.seconds


AT_THE_START: Final = Moment(0.0)
"""The very instant at which the fake starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionBeginning:
    """A session or a batch that is there at the start.

    `key` is what jobs of the same file call it. `id` is None if one is to be made up. `owner` is the name of a token
    or the id of a user, None for that of the first token; `instance` the name or CRN of one of its instances, None for
    the first. Lengths are in seconds, None for the default. It takes no more jobs since `stopped`, and was closed at
    `closed`. `where` is its place in the file, for refusals.
    """

    key: str
    id: str | None = None
    owner: str | None = None
    instance: str | None = None
    mode: Mode = Mode.DEDICATED
    backend: str | None = None
    opened: Moment = AT_THE_START
    max_ttl_s: int | None = None
    interactive_ttl_s: int | None = None
    active_ttl_s: int | None = None
    stopped: Moment | None = None
    closed: Moment | None = None
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBeginning:
    """A job that is there at the start, in the state `status` at that instant.

    `id`, `owner`, `instance` and `where` are as for sessions; `session` is the `key` of one. `backend` is None for the
    first of the world. `submitted`, `started` and `ended` are None where the file does not say: the service chooses
    what fits. `queue` and `run` are lengths that count from the start of the fake, None for what the scenario says: of
    a job that is queued both are to come, of one that runs the latter. `ending` is how a job that is not over will
    end, None for what the scenario says. `cancelled` is when a cancellation takes effect that was asked for before.

    `output` is what it leaves behind, None if the execution is to compute it (of a job that failed: if the scenario
    is to give the reason). `inputs` are a JSON value, None for the edition's empty ones; what an edition keeps may
    have another form. `read` is when the results of a private job were read. What is `withheld` ends without a result,
    and what is `lost` had one.
    """

    program: str
    status: Status = Status.COMPLETED
    id: str | None = None
    owner: str | None = None
    instance: str | None = None
    backend: str | None = None
    session: str | None = None
    submitted: Moment | None = None
    started: Moment | None = None
    ended: Moment | None = None
    cancelled: Moment | None = None
    read: Moment | None = None
    queue: Duration | PollCount | None = None
    run: Duration | PollCount | None = None
    ending: Status | None = None
    cancel_lag_s: float | None = None
    inputs: Any = None
    output: Output | None = None
    tags: tuple[str, ...] = ()
    project: Project = NO_PROJECT
    image: str | None = None
    calibration_id: str | None = None
    cost_s: float | None = None
    private: bool = False
    lost: bool = False
    withheld: bool = False
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginnings:
    """All that is there at the start, in the order of the file; sessions are to be made before jobs."""

    sessions: tuple[SessionBeginning, ...] = ()
    jobs: tuple[JobBeginning, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sessions or self.jobs)


NOTHING: Final = Beginnings()
"""What a fake starts with that no file describes."""
