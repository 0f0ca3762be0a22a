"""A report for a reader at a terminal, in colours if the terminal has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from runtime_contracts.report import journey_line, verdict

if TYPE_CHECKING:
    from rich.console import Console

    from runtime_contracts.report import Finding, Report

_STYLES = {"passed": "green", "failed": "bold red", "skipped": "yellow"}


def render(report: Report, console: Console) -> None:
    """Print `report`: what was tried on each operation, what was found, and the verdict last."""
    # Everything is Text: what a server or client said must not be taken for markup.
    _line(report.heading, "", console)
    if report.problem is None:
        _table(report, console)
    for journey in report.journeys:
        _line(journey_line(journey), _STYLES[journey.outcome], console)
    for remark in report.remarks:
        _line(remark, "yellow", console)
    for number, finding in enumerate(report.findings, start=1):
        _finding(number, finding, console)
    _line(verdict(report), _verdict_style(report), console)


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


def _finding(number: int, finding: Finding, console: Console) -> None:
    console.print()
    _line(f"{number}. {finding.title} ({finding.first.phase}, {finding.count}x)", "bold red", console)
    for line in finding.lines:
        _line(f"   {line}", "", console)
    for line in finding.first.reproduce.splitlines():
        _line(f"   {line}", "dim", console)


def _verdict_style(report: Report) -> str:
    if report.problem is not None or report.failures:
        return "bold red"
    return "bold yellow" if report.interrupted or report.time_limit_s is not None else "bold green"
