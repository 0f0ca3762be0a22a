"""The scorecard of a client: what an operator would complain about, and what is well done."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

MOST_NUMBERS: Final = 20
_WIDTH: Final = 100


class Severity(StrEnum):
    """How bad it is."""

    NOTE = "note"
    """Worth knowing."""
    WARNING = "warning"
    """It costs the service or the user something."""
    COMPLAINT = "complaint"
    """An operator would call."""


_ORDER: Final = {Severity.COMPLAINT: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a client does and should not.

    `rule` is its name in docs/journal.md. `numbers` are those of exchanges that show it, the first twenty; `jobs` are
    likewise. `count` is how often it happened. `figures` have their units in their names.
    """

    rule: str
    severity: Severity
    sentence: str
    advice: str
    caller: str | None = None
    jobs: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    count: int = 1
    figures: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it in terms of JSON."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "sentence": self.sentence,
            "advice": self.advice,
            "caller": self.caller,
            "jobs": list(self.jobs),
            "numbers": list(self.numbers),
            "count": self.count,
            "figures": dict(self.figures),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that a client had occasion to do badly, and did well."""

    rule: str
    sentence: str
    caller: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it in terms of JSON."""
        return {"rule": self.rule, "sentence": self.sentence, "caller": self.caller}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Scorecard:
    """What was found in `exchanges` exchanges of `callers`: `findings`, the worst first, and `marks`.

    `seconds` is how long they took in all. `is_whole` tells that the journal had forgotten none of them, `has_time`
    that the clock moved: of pauses nothing is said where it stood still.
    """

    findings: Sequence[Finding]
    marks: Sequence[Mark]
    exchanges: int
    callers: Sequence[str]
    seconds: float
    is_whole: bool
    has_time: bool

    def __repr__(self) -> str:
        return f"<Scorecard of {self._headline()}>"

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst finding; None if there is none."""
        return self.findings[0].severity if self.findings else None

    def assert_clean(self, *, worst: Severity | str | None = None) -> None:
        """Assert that nothing was found, or nothing that is worse than `worst`; AssertionError is the card as text."""
        __tracebackhide__ = True
        if worst is not None and worst not in _ORDER:
            raise ValueError(f"worst: expected {', '.join(_ORDER)} or None, found {worst!r}")
        if self.worst is not None and (worst is None or _ORDER[self.worst] < _ORDER[Severity(worst)]):
            raise AssertionError("\n".join(self.lines()))

    def of(self, caller: str | None) -> Scorecard:
        """Return what was found of one caller."""
        return replace(
            self,
            findings=[finding for finding in self.findings if finding.caller == caller],
            marks=[mark for mark in self.marks if mark.caller == caller],
            callers=[name for name in self.callers if name == caller],
        )

    def lines(self) -> Iterator[str]:
        """Yield it as text for a terminal."""
        yield self._headline()
        if not self.is_whole:
            yield "  older exchanges are not there: nothing is said of them"
        if not self.has_time and self.exchanges > 1:
            yield "  the clock stood still: nothing is said of pauses and rates"
        for finding in self.findings:
            shown = ", ".join(f"#{number}" for number in finding.numbers[:6])
            more = ", ..." if finding.count > len(finding.numbers[:6]) else ""
            evidence = f" ({shown}{more})" if shown else ""
            yield from _wrapped(f"{finding.severity.value:<9}  {finding.rule}: {finding.sentence}{evidence}")
            yield from _wrapped(f"{'':<11}{finding.advice}")
        for mark in self.marks:
            yield from _wrapped(f"{'good':<9}  {mark.rule}: {mark.sentence}")

    def as_dict(self) -> dict[str, Any]:
        """Return it in terms of JSON."""
        return {
            "exchanges": self.exchanges,
            "callers": list(self.callers),
            "seconds": round(self.seconds, 6),
            "whole": self.is_whole,
            "time": self.has_time,
            "worst": None if self.worst is None else self.worst.value,
            "findings": [finding.as_dict() for finding in self.findings],
            "marks": [mark.as_dict() for mark in self.marks],
        }

    def _headline(self) -> str:
        who = f" of {len(self.callers)} callers" if len(self.callers) > 1 else ""
        return f"{_counted(self.exchanges, 'exchange')}{who} in {self.seconds:.1f} s: {self._verdict()}"

    def _verdict(self) -> str:
        if not self.findings:
            return "nothing to complain about"
        counts = {each: sum(finding.severity is each for finding in self.findings) for each in _ORDER}
        return ", ".join(_counted(count, each.value) for each, count in counts.items() if count)


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings in the order in which they are read."""
    return sorted(findings, key=lambda each: (_ORDER[each.severity], each.caller or "", each.rule))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _wrapped(line: str) -> Iterator[str]:
    yield from textwrap.wrap(line, _WIDTH, initial_indent="  ", subsequent_indent=" " * 13, break_long_words=False)
