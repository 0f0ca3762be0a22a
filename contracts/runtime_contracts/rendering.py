"""A report for a reader at a terminal, in colours if the terminal has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from runtime_contracts.report import counted

if TYPE_CHECKING:
    from rich.console import Console

    from runtime_contracts.report import Failure, Report


def render(report: Report, console: Console) -> None:
    """Print `report`: what was tried on each operation, what was found, and the verdict last."""
    # Everything is Text: what a server or client said must not be taken for markup.
    _line(f"{report.kind} {report.target}, edition {report.edition}, seed {report.seed}", "", console)
    if report.problem is None:
        _table(report, console)
    for remark in report.remarks:
        _line(remark, "yellow", console)
    for number, failure in enumerate(report.failures, start=1):
        _failure(number, failure, console)
    _line(*_verdict(report), console)


def _line(text: str, style: str, console: Console) -> None:
    # The terminal breaks a line that is too long for it; what is broken here could not be copied whole.
    console.print(Text(text, style=style), soft_wrap=True)


def _table(report: Report, console: Console) -> None:
    phases = list(report.phases)
    rows = [("operation", *phases, "never met")]
    for name in report.documented:
        counts = report.cases.get(name, {})
        unmet = ", ".join(map(str, report.unmet.get(name, ())))
        rows.append((name, *(str(counts.get(phase, 0)) for phase in phases), unmet))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, (name, *numbers, unmet) in enumerate(rows):
        cells = [name.ljust(widths[0]), *map(str.rjust, numbers, widths[1:-1]), unmet]
        _line("  ".join(cells).rstrip(), "" if number else "bold", console)


def _failure(number: int, failure: Failure, console: Console) -> None:
    console.print()
    _line(f"{number}. {failure.title} ({failure.phase}, {failure.count}x)", "bold red", console)
    for line in failure.message.splitlines():
        _line(f"   {line}", "", console)
    for line in failure.reproduce.splitlines():
        _line(f"   {line}", "dim", console)


def _verdict(report: Report) -> tuple[str, str]:
    if report.problem is not None:
        return f"could not run: {report.problem}", "bold red"
    cases, found = counted(report.total, "case"), counted(len(report.failures), "violation")
    if report.interrupted:
        return f"interrupted after {cases}; {found}", "bold yellow"
    if report.failures:
        return f"{found} in {cases}; --seed {report.seed} makes the same run again", "bold red"
    return f"no violation of the contract in {cases}", "bold green"
