"""Collecting what a run sees, until it becomes a report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runtime_contracts.findings import Failure, JourneyOutcome
from runtime_contracts.report import Discarded, Report, counted
from runtime_contracts.violation import masked, masked_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runtime_contracts.reproducing import BodyFiles

_MESSAGE_LIMIT = 4000
_REPRODUCE_LIMIT = 12_000
_MAX_DISCARDED = 50
_FURTHER = ("", "", "further kinds")


def silent(_: str) -> None:
    """Ignore a line of progress."""


class Fleeting(str):
    """A line of progress that the next one may take the place of."""

    __slots__ = ()


@dataclass(slots=True)
class Collector:
    """Counts cases and answers, and keeps each failure once.

    `progress` gets a short line now and then. `secrets` grows while the run meets new ones; nothing that is reported
    contains any of them.
    `journeys` has what became of each journey, `not_done` what was left out and why. An answer with one of the statuses
    that are `forgiven` is no violation.
    `files` is for the request bodies that failures refer to; None when there is no folder that could hold them.
    """

    kind: str
    target: str
    edition: str
    seed: int
    documented: Mapping[str, tuple[int, ...]]
    progress: Callable[[str], None] = silent
    secrets: set[str] = field(default_factory=set)
    cases: dict[str, dict[str, int]] = field(default_factory=dict)
    statuses: dict[str, dict[int, int]] = field(default_factory=dict)
    failures: dict[tuple[str, str, str], Failure] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    discarded: dict[tuple[str, str, str], int] = field(default_factory=dict)
    interrupted: bool = False
    files: BodyFiles | None = None
    journeys: list[JourneyOutcome] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    forgiven: frozenset[int] = frozenset()
    profile: str = ""
    time_limit_s: float | None = None

    @property
    def total(self) -> int:
        """Number of all cases so far."""
        return sum(sum(phases.values()) for phases in self.cases.values())

    def fleeting(self, what: str) -> None:
        """Say where the run is, with what it has done and found so far."""
        found = len(self.failures)
        self.progress(Fleeting(f"{what}; {counted(self.total, 'case')}, {counted(found, 'failure')} so far"))

    def count(self, operation: str, *, phase: str, status: int | None) -> None:
        """Note one case, and the status of its answer if there was one."""
        phases = self.cases.setdefault(operation, {})
        phases[phase] = phases.get(phase, 0) + 1
        if status is not None:
            met = self.statuses.setdefault(operation, {})
            met[status] = met.get(status, 0) + 1

    def fail(  # noqa: PLR0913 - what a failure is known by
        self,
        check: str,
        operation: str,
        *,
        phase: str,
        message: str,
        reproduce: str = "",
        kind: str = "",
        cause: str = "",
        place: str = "",
        document_pointer: str = "",
        journey: str = "",
    ) -> None:
        """Note a failure; `kind` tells failures of the same check and operation apart, see Failure for the rest."""
        key = (check, operation, kind)
        known = self.failures.get(key)
        if known is not None:
            self.failures[key] = replace(known, count=known.count + 1)
            return
        if self.files is not None:
            self.files.keep_for(reproduce)
        self.failures[key] = Failure(
            check=check,
            operation=operation,
            phase=phase,
            message=_bounded(masked(message, self.secrets), _MESSAGE_LIMIT),
            reproduce=_bounded(masked(reproduce, self.secrets), _REPRODUCE_LIMIT),
            cause=_bounded(masked(cause, self.secrets), _MESSAGE_LIMIT),
            place=masked(place, self.secrets),
            document_pointer=document_pointer,
            journey=journey,
        )
        self.progress(f"{check}: {operation}" if operation else check)

    def discard(self, check: str, operation: str, reason: str) -> None:
        """Note an alarm that turned out false; of very many kinds only the number is kept."""
        key = (check, operation, reason)
        if key not in self.discarded and len(self.discarded) >= _MAX_DISCARDED:
            key = _FURTHER
        self.discarded[key] = self.discarded.get(key, 0) + 1

    def note(self, text: str) -> None:
        """Keep a remark, once."""
        if text not in self.notes:
            self.notes.append(masked(text, self.secrets))

    def _bodies(self) -> dict[str, bytes]:
        kept = {} if self.files is None else self.files.kept
        return {name: masked_bytes(body, self.secrets) for name, body in kept.items()}

    def report(self, problem: str | None = None) -> Report:
        """Return everything so far; `problem` says why the run could not be made."""
        return Report(
            kind=self.kind,
            target=self.target,
            edition=self.edition,
            seed=self.seed,
            documented=dict(self.documented),
            cases={name: dict(self.cases[name]) for name in self.documented if name in self.cases},
            statuses={name: dict(self.statuses[name]) for name in self.documented if name in self.statuses},
            # A secret may have become known only after a message was kept.
            failures=tuple(
                replace(
                    failure,
                    message=masked(failure.message, self.secrets),
                    reproduce=masked(failure.reproduce, self.secrets),
                    cause=masked(failure.cause, self.secrets),
                    place=masked(failure.place, self.secrets),
                )
                for failure in self.failures.values()
            ),
            notes=tuple(self.notes),
            discarded=tuple(
                Discarded(check, operation, masked(reason, self.secrets), count)
                for (check, operation, reason), count in self.discarded.items()
            ),
            bodies=self._bodies(),
            interrupted=self.interrupted,
            journeys=tuple(replace(one, reason=masked(one.reason, self.secrets)) for one in self.journeys),
            not_done=tuple(masked(thing, self.secrets) for thing in self.not_done),
            profile=self.profile,
            time_limit_s=self.time_limit_s,
            problem=None if problem is None else masked(problem, self.secrets),
        )


def _bounded(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}\n... ({len(text)} characters)"
