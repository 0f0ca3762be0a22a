"""How jobs unfold, as data: how long they queue and run, and how they end.

A scenario has a plan for every job, plans for the jobs of single programs, and plans for the jobs that are submitted
next, one each. A plan says only what it wants to say; what it leaves open comes from the wider one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from mock_runtime.domain.jobs import FOR_EVER, Length, Polls, Seconds, Status, Timeline
from mock_runtime.durations import AT_ONCE, Duration, Fixed, NotADuration, PollCount, parse_length
from mock_runtime.ids import Rng


class Outcome(StrEnum):
    """How a job ends."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RAN_TOO_LONG = "ran-too-long"
    STUCK = "stuck"
    """It never leaves the queue."""


class InvalidScenario(ValueError):
    """A scenario that makes no sense. `str()` says where and what was expected."""


class _Unset:
    """The mark of what a plan leaves open: a result may well be None."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a job unfolds, as far as anybody cares to say.

    `queue` and `run` are lengths (see `mock_runtime.durations`), `outcome` is how it ends, `reason` why it failed,
    `result` what it answers instead of the program's own result (any JSON value; a string is answered as bare text),
    `cancel_lag` how long a cancellation takes to show.
    """

    queue: Duration | PollCount | None = None
    run: Duration | PollCount | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    result: Any = UNSET
    cancel_lag: Duration | None = None

    def over(self, wider: Plan) -> Plan:
        """This plan, with what it leaves open taken from a wider one."""
        merged: dict[str, Any] = {f.name: getattr(self if self._says(f.name) else wider, f.name) for f in fields(Plan)}
        return Plan(**merged)

    def _says(self, name: str) -> bool:
        """Whether the plan says something of a setting; of the result, null is something to say."""
        value = getattr(self, name)
        return value is not UNSET if name == "result" else value is not None

    def timeline(self, rng: Rng, *, limit_s: float) -> Timeline:
        """The timeline of one job, drawn from `rng`. It may work for `limit_s` seconds."""
        outcome = self.outcome or Outcome.COMPLETED
        queue = length(self.queue or AT_ONCE, rng)
        return Timeline(
            queue=FOR_EVER if outcome is Outcome.STUCK else queue,
            run=length(self.run or AT_ONCE, rng),
            ending=ENDINGS[outcome],
            limit_s=limit_s,
            cancel_lag_s=self.cancel_lag.sample(rng) if self.cancel_lag else 0.0,
        )

    def as_dict(self) -> dict[str, object]:
        """What the plan says, in the form that `plan` reads."""
        said = {f.name: getattr(self, f.name) for f in fields(Plan) if self._says(f.name)}
        return {key: value if key in {"result", "reason"} else str(value) for key, value in said.items()}


DEFAULT_PLAN: Final = Plan(queue=Fixed(1.0), run=Fixed(2.0), outcome=Outcome.COMPLETED, cancel_lag=Fixed(0.0))
"""Queued for one second, at work for two, then completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """How all jobs unfold: plans for every job, for the jobs of single programs, and for the next submissions."""

    default: Plan = field(default=Plan())
    programs: Mapping[str, Plan] = field(default_factory=lambda: MappingProxyType({}))
    jobs: tuple[Plan, ...] = ()

    def plan_for(self, program_id: str) -> Plan:
        """The plan for the next submission of a program: the job's own, over the program's, over the server's."""
        own = self.jobs[0] if self.jobs else Plan()
        return own.over(self.plan_after(program_id))

    def plan_after(self, program_id: str) -> Plan:
        """The plan for the jobs of a program that have none of their own: the program's, over the server's."""
        return self.programs.get(program_id, Plan()).over(self.default).over(DEFAULT_PLAN)

    def as_dict(self) -> dict[str, object]:
        """The scenario in the form that `scenario` reads."""
        return {
            **self.default.as_dict(),
            "programs": {name: plan.as_dict() for name, plan in self.programs.items()},
            "jobs": [plan.as_dict() for plan in self.jobs],
        }


class Script:
    """The scenario in force, which tests and people change while the server runs."""

    def __init__(self, initial: Scenario | None = None) -> None:
        self._initial = initial or Scenario()
        self._current = self._initial
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Script({self._current.as_dict()!r})"

    @property
    def current(self) -> Scenario:
        """The scenario in force."""
        return self._current

    def set(self, /, **settings: object) -> None:
        """Change the plan of every job: `set(queue="1s", run="5s~2s", outcome="failed")` or `set(polls=3)`."""
        self._change(lambda now: replace(now, default=plan(settings).over(now.default)))

    def program(self, program_id: str, /, **settings: object) -> None:
        """Change the plan of the jobs of one program."""

        def changed(now: Scenario) -> Scenario:
            own = plan(settings, where=f"programs.{program_id}").over(now.programs.get(program_id, Plan()))
            return replace(now, programs=MappingProxyType({**now.programs, program_id: own}))

        self._change(changed)

    def next_job(self, /, **settings: object) -> None:
        """Add a plan for one job: the next submission that has none yet."""
        self._change(lambda now: replace(now, jobs=(*now.jobs, plan(settings))))

    def replace(self, scenario: Scenario) -> None:
        """Put another scenario in force."""
        self._change(lambda _now: scenario)

    def reset(self) -> None:
        """Go back to the scenario of the start."""
        self.replace(self._initial)

    def snapshot(self) -> Scenario:
        """The scenario in force: whatever is changed later, it stays as it is."""
        return self._current

    def rollback(self, kept: Scenario) -> None:
        """Put a scenario back in force, with the plans for next jobs that it had."""
        self.replace(kept)

    def take(self, program_id: str) -> Plan:
        """The plan for a submission made now; a plan for the next job is used up by it."""
        with self._lock:
            taken = self._current.plan_for(program_id)
            self._current = replace(self._current, jobs=self._current.jobs[1:])
            return taken

    def _change(self, change: Callable[[Scenario], Scenario]) -> None:
        with self._lock:
            self._current = change(self._current)


def length(planned: Duration | PollCount, rng: Rng) -> Length:
    """How long a phase of one job is, drawn from `rng`."""
    return Polls(planned.count) if isinstance(planned, PollCount) else Seconds(planned.sample(rng))


def plan(settings: Mapping[str, object], *, where: str = "") -> Plan:
    """The plan that a mapping describes, with texts as in a file; InvalidScenario where it makes none.

    A result alone means completed, a reason alone failed. `polls: n` stands for a job that answers exactly n
    requests for results with 204: half of them queued, the rest running. `latency` is not part of a plan: it belongs
    to requests.
    """
    known = {f.name for f in fields(Plan)} | {"polls"}
    read: dict[str, Any] = {}
    for key, value in settings.items():
        at = f"{where}.{key}" if where else str(key)
        if key not in known:
            raise InvalidScenario(f"{at}: unknown setting; known are {', '.join(sorted(known))}")
        if value is not None or key == "result":
            read.update(_setting(key, value, at))
    if settings.get("polls") is not None and (settings.get("queue") is not None or settings.get("run") is not None):
        raise InvalidScenario(
            f"{where or 'polls'}: polls already say how long a job is queued and runs: leave those out"
        )
    if "outcome" not in read and ("result" in read or "reason" in read):
        # A result is that of a job that completes, a reason that of one that fails.
        read["outcome"] = Outcome.COMPLETED if "result" in read else Outcome.FAILED
    return Plan(**read)


def scenario(settings: object, *, where: str = "scenario") -> Scenario:
    """The scenario that a mapping describes: a plan's settings beside `programs` (by id) and `jobs` (a list)."""
    if not isinstance(settings, Mapping):
        raise InvalidScenario(f"{where}: expected settings such as 'run: 5s', found {settings!r}")
    rest = {str(key): value for key, value in settings.items()}
    programs, jobs = rest.pop("programs", None) or {}, rest.pop("jobs", None) or []
    if not isinstance(programs, Mapping):
        raise InvalidScenario(f"{where}.programs: expected a mapping of program ids to settings")
    if not isinstance(jobs, list | tuple):
        raise InvalidScenario(f"{where}.jobs: expected a list, one entry for each next submission")
    return Scenario(
        default=plan(rest, where=where),
        programs=MappingProxyType(
            {str(name): _nested(settings, f"{where}.programs.{name}") for name, settings in programs.items()}
        ),
        jobs=tuple(_nested(settings, f"{where}.jobs[{index}]") for index, settings in enumerate(jobs)),
    )


ENDINGS: Final = {
    Outcome.COMPLETED: Status.COMPLETED,
    Outcome.FAILED: Status.FAILED,
    Outcome.CANCELLED: Status.CANCELLED,
    Outcome.RAN_TOO_LONG: Status.RAN_TOO_LONG,
    Outcome.STUCK: Status.COMPLETED,
}
"""The state in which a job of each outcome ends, if it ever does."""


def _setting(key: str, value: object, at: str) -> dict[str, object]:
    match key:
        case "queue" | "run" | "cancel_lag":
            try:
                planned = parse_length(value)
            except NotADuration as error:
                raise InvalidScenario(f"{at}: {error}") from None
            if key == "cancel_lag" and isinstance(planned, PollCount):
                raise InvalidScenario(f"{at}: a cancellation takes time, not polls")
            return {key: planned}
        case "polls":
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**9:
                raise InvalidScenario(f"{at}: expected a whole number of polls, 0 or more, found {value!r}")
            return {"queue": PollCount(value // 2), "run": PollCount(value - value // 2)}
        case "outcome":
            try:
                return {key: Outcome(str(value))}
            except ValueError:
                known = ", ".join(Outcome)
                raise InvalidScenario(f"{at}: expected one of {known}, found {value!r}") from None
        case "reason":
            if not isinstance(value, str):
                raise InvalidScenario(f"{at}: expected a text, found {value!r}")
            return {key: value}
        case _:
            return {key: _json_value(value, at)}


def _json_value(value: object, at: str) -> object:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise InvalidScenario(f"{at}: expected a JSON value, found {type(value).__name__} {value!r:.60}") from None
    return value


def _nested(settings: object, where: str) -> Plan:
    if not isinstance(settings, Mapping):
        raise InvalidScenario(f"{where}: expected settings such as 'run: 5s', found {settings!r}")
    return plan({str(key): value for key, value in settings.items()}, where=where)
