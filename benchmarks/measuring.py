"""Measuring alternately, and the rows that come of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Final, Literal, TypeVar

T = TypeVar("T")

_HEADINGS: Final = ("measured", "against", "ratio", "middle half", "min", "max", "best", "ours", "theirs")
_TEXTS: Final = 2
_DOTS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement of ours beside its counterpart, a pair a round.

    `ours[i]` and `theirs[i]` were measured one after the other, in `unit`; `better` says which way is an advantage.
    A constant counterpart is repeated.
    """

    suite: str
    measured: str
    against: str
    unit: str
    better: Literal["more", "less"]
    ours: Sequence[float]
    theirs: Sequence[float]
    note: str = ""

    def __post_init__(self) -> None:
        if not self.ours or len(self.ours) != len(self.theirs):
            raise ValueError(f"{self.measured}, against {self.against}: the rounds do not pair up")

    @property
    def ratios(self) -> list[float]:
        """Ours by theirs, round by round."""
        return [own / other for own, other in zip(self.ours, self.theirs, strict=True)]

    @property
    def best(self) -> float:
        """Our best round by their best: what is left when others use the machine as well."""
        pick = max if self.better == "more" else min
        return pick(self.ours) / pick(self.theirs)

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as texts, in the order of the table's headings."""
        ratios = self.ratios
        lower, upper = middle_half(ratios)
        return (
            self.measured,
            self.against,
            _digits(median(ratios)),
            f"{_digits(lower)} .. {_digits(upper)}",
            _digits(min(ratios)),
            _digits(max(ratios)),
            _digits(self.best),
            _digits(median(self.ours)),
            _digits(median(self.theirs)),
        )


def alternate(
    suite: str, subjects: Mapping[str, Callable[[], T]], *, rounds: int, warm_up: bool = True
) -> dict[str, list[T]]:
    """Measure every subject once a round, round after round. A first round warms up and does not count.

    What disturbs the machine for a while then falls on all subjects, and the ratios within a round stay what they
    are: many short rounds tell more than a few long ones. Every second round runs backwards, A B B A, so that nobody
    has the better place.
    """
    begun = time.perf_counter()
    progress(f"{suite}: {len(subjects)} subjects, {rounds} rounds ")
    taken: dict[str, list[T]] = {name: [] for name in subjects}
    for number in range(0 if warm_up else 1, rounds + 1):
        for name in subjects if number % 2 else reversed(list(subjects)):
            value = subjects[name]()
            if number:
                taken[name].append(value)
        if number % (rounds // _DOTS + 1) == 0:
            progress(".")
    progress(f" {time.perf_counter() - begun:.0f} s\n")
    return taken


def each(action: Callable[[], object], *, times: int) -> Callable[[], float]:
    """A subject for `alternate`: milliseconds that `action` takes, as the mean of so many calls in a row."""

    def subject() -> float:
        begun = time.perf_counter()
        for _ in range(times):
            action()
        return (time.perf_counter() - begun) * 1000 / times

    return subject


def middle_half(values: Sequence[float]) -> tuple[float, float]:
    """The bounds between which the middle half of some values lies; of fewer than three, all of them."""
    if len(values) < 3:
        return min(values), max(values)
    lower, _, upper = quantiles(values, n=4)
    return lower, upper


def progress(text: str) -> None:
    """Tell the person who waits; the report alone goes to stdout."""
    sys.stderr.write(text)
    sys.stderr.flush()


def as_report(rows: Sequence[Row]) -> str:
    """The rows of each suite as a Markdown table whose columns also line up in a terminal, and its notes."""
    parts = []
    for suite in dict.fromkeys(row.suite for row in rows):
        own = [row for row in rows if row.suite == suite]
        parts.append(f"### {suite}: {own[0].unit}, {own[0].better} is better")
        parts.append(_table([row.cells for row in own]))
        if notes := [f"- {row.measured}, against {row.against}: {row.note}" for row in own if row.note]:
            parts.append("\n".join(notes))
    return "\n\n".join(parts)


def _table(cells: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *cells, strict=True)]
    lines = [
        [
            cell.ljust(width) if at < _TEXTS else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in (_HEADINGS, *cells)
    ]
    rule = ["-" * width if at < _TEXTS else "-" * (width - 1) + ":" for at, width in enumerate(widths)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def as_json(rows: Sequence[Row], *, machine: Mapping[str, object]) -> str:
    """Every single measurement, with its ratios."""
    return json.dumps({"machine": machine, "rows": [{**asdict(row), "ratios": row.ratios} for row in rows]}, indent=2)


def _digits(value: float) -> str:
    """Three significant digits, and no decimals that a noisy machine cannot tell apart."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
