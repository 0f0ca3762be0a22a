"""What was seen in many exchanges: each kind of finding once, with how often it came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from runtime_contracts.report import Failure, counted
from runtime_contracts.violation import generalised
from runtime_contracts.watching.outcome import Outcome

if TYPE_CHECKING:
    from runtime_contracts.watching.message import Exchange
    from runtime_contracts.watching.watch import Finding, Watch

_MOST_KINDS: Final = 5000
_NUMBERS: Final = 8
_NAMED: Final = 40
"""So many kinds of undocumented fields are named in a note at most."""


@dataclass(slots=True, kw_only=True)
class Kind:
    """Findings that say the same of the same operation.

    Attributes:
        first: the first of them.
        numbers: the exchanges of the first few.
        count: how many there were.
    """

    first: Finding
    numbers: list[int] = field(default_factory=list)
    count: int = 0


class Sightings:
    """Counts exchanges and what was found in them. Its memory is bounded, however long it counts."""

    def __init__(self, watch: Watch, *, edition: str) -> None:
        self.watch = watch
        self.edition = edition
        self.exchanges = 0
        self.unchecked: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.statuses: dict[str, Counter[int]] = {}
        self._kinds: dict[tuple[str, ...], Kind] = {}
        self._overflow = 0

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Every kind of finding, in the order in which they came up."""
        return tuple(self._kinds.values())

    @property
    def violations(self) -> int:
        """How many findings break the contract, repetitions included."""
        return sum(kind.count for kind in self.kinds if kind.first.is_violation) + self._overflow

    def count(self, exchange: Exchange) -> list[Finding]:
        """Count an exchange, and return what is found in it."""
        if not self.look(exchange):
            return []
        found = self.watch.checked(exchange)
        for each in found:
            self.add(each)
        return found

    def look(self, exchange: Exchange) -> bool:
        """Count an exchange without what is found in it, and tell whether it is one that can be checked."""
        service = self.watch.service_of(exchange.request)
        self.exchanges += 1
        if service is not None:
            self.unchecked[f"for {service}, which the document does not describe"] += 1
            return False
        if exchange.request.body is None or exchange.answer.body is None:
            self.unchecked["with a body that was not kept, and so not checked"] += 1
        operation = self.watch.operation_of(exchange.request)
        if operation is not None:
            self.statuses.setdefault(operation.id, Counter())[exchange.answer.status] += 1
        return True

    def add(self, finding: Finding) -> Kind | None:
        """Count a finding, and return its kind; None if there are too many kinds to keep another."""
        key = _key(finding)
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= _MOST_KINDS:
                self._overflow += finding.is_violation
                return None
            kind = self._kinds[key] = Kind(first=finding)
        kind.count += 1
        if len(kind.numbers) < _NUMBERS:
            kind.numbers.append(finding.exchange)
        return kind

    def kind_of(self, finding: Finding) -> Kind | None:
        """Return the kind of a finding that was counted; None if it was not kept."""
        return self._kinds.get(_key(finding))

    def outcome(self, *, kind: str, target: str, interrupted: bool = False) -> Outcome:
        """Return what was seen as a report. One that was ended by hand is complete unless it is `interrupted`."""
        contract = self.watch.contract
        return Outcome(
            kind=kind,
            target=target,
            edition=self.edition,
            total=self.exchanges,
            documented={name: tuple(sorted(each.responses)) for name, each in contract.operations.items()},
            statuses={name: dict(statuses) for name, statuses in self.statuses.items()},
            failures=tuple(_failure(each) for each in self.kinds if each.first.is_violation),
            notes=tuple(self._notes()),
            interrupted=interrupted,
        )

    def _notes(self) -> list[str]:
        notes = [f"{counted(count, 'exchange')} {what}" for what, count in self.unchecked.items()]
        notes += [f"{counted(count, 'request')} without an answer: {why}" for why, count in self.failed.items()]
        extra = [each for each in self.kinds if not each.first.is_violation]
        for each in extra[:_NAMED]:
            where = generalised(each.first.violation.where)
            notes.append(
                f"{each.first.operation} answers {each.first.status} with {where}, which the document does not name"
                f" ({each.count}x)"
            )
        if len(extra) > _NAMED:
            notes.append(f"and {counted(len(extra) - _NAMED, 'other field')} that the document does not name")
        if self._overflow:
            notes.append(f"{counted(self._overflow, 'violation')} of further kinds, not kept")
        return notes


def _key(finding: Finding) -> tuple[str, ...]:
    return (
        finding.side,
        finding.check,
        finding.operation,
        str(finding.status),
        generalised(finding.violation.where),
        finding.violation.expected if finding.operation else finding.violation.found,
    )


def _failure(kind: Kind) -> Failure:
    finding = kind.first
    numbers = ", ".join(map(str, kind.numbers)) + (", ..." if kind.count > len(kind.numbers) else "")
    status = f"status {finding.status}: " if finding.status else ""
    exchanges = "exchange" if kind.count == 1 else "exchanges"
    return Failure(
        check=finding.check,
        operation=finding.operation,
        phase=finding.side,
        message=f"{status}{finding.violation}\n{exchanges} {numbers}",
        count=kind.count,
    )
