"""Failures, and what they have in common: one thing to mend may show in thirty operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from runtime_contracts.checks import CLIENT_CHECKS, SERVER_CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which the subject of the run broke the contract.

    Attributes:
        check: name of the check that noticed it.
        operation: id of the operation, or "" when it concerns the whole run.
        phase: part of the run in which it came up first.
        message: what was expected and what was found; no secrets.
        reproduce: how to see it again: curl lines with $TOKEN and $ACCESS_TOKEN, or the answer that a client was fed.
        count: how often it was seen.
        cause: what failures have in common that are mended in one place; "" if nothing is known.
        place: a JSON pointer into the answer, such as "/body/jobs/0/status", or "".
        document_pointer: a JSON pointer into the document, where what is broken is written, or "".
        journey: name of the journey on which it came up, or "".
    """

    check: str
    operation: str
    phase: str
    message: str
    reproduce: str = ""
    count: int = 1
    cause: str = ""
    place: str = ""
    document_pointer: str = ""
    journey: str = ""

    @property
    def title(self) -> str:
        """Check and operation in one line."""
        return f"{self.check}: {self.operation}" if self.operation else self.check

    @property
    def rule(self) -> str:
        """What the check notices, in words."""
        return SERVER_CHECKS.get(self.check) or CLIENT_CHECKS.get(self.check, "")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: the failures that have it as their cause, of which the first is shown."""

    failures: tuple[Failure, ...]

    @property
    def first(self) -> Failure:
        """The failure that stands for all."""
        return self.failures[0]

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations in which it shows, each once."""
        return tuple(dict.fromkeys(failure.operation for failure in self.failures if failure.operation))

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that notice it, each once."""
        return tuple(dict.fromkeys(failure.check for failure in self.failures))

    @property
    def count(self) -> int:
        """How often it was seen."""
        return sum(failure.count for failure in self.failures)

    @property
    def title(self) -> str:
        """Checks and operations in one line."""
        names = ", ".join(self.operations[:_NAMED])
        more = len(self.operations) - _NAMED
        checks = ", ".join(self.checks)
        if not names:
            return checks
        return f"{checks}: {names}{f' and {more} more operations' if more > 0 else ''}"

    @property
    def lines(self) -> list[str]:
        """What a reader needs: what is wrong, where the document says so, where else it shows."""
        lines = self.first.message.splitlines()
        if self.first.document_pointer:
            lines.append(f"document: {self.first.document_pointer}")
        if len(self.operations) > _NAMED:
            lines.append(f"operations: {', '.join(self.operations)}")
        return lines


def grouped(failures: Iterable[Failure]) -> tuple[Finding, ...]:
    """Return what there is to mend, in the order in which it came up first."""
    groups: dict[object, list[Failure]] = {}
    for number, failure in enumerate(failures):
        groups.setdefault(failure.cause or number, []).append(failure)
    return tuple(Finding(tuple(group)) for group in groups.values())


@dataclass(frozen=True, slots=True)
class JourneyOutcome:
    """What became of one journey.

    Attributes:
        sentence: what must be true.
        outcome: "passed", "failed" or "skipped".
        reason: why it failed or was skipped, or "".
    """

    name: str
    sentence: str
    outcome: str
    reason: str = ""
