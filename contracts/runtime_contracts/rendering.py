"""A report for a reader at a terminal, in colours if the terminal has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

    from runtime_contracts.report import Failure, Report


def render(report: Report, console: Console) -> None:
    """Print `report`: what was tried on each operation, what was found, and the verdict last."""
    # Everything is Text: what a server or client said must not be taken for markup.
    console.print(Text(f"{report.kind} {report.target}, edition {report.edition}, seed {report.seed}"))
    if report.problem is None:
        console.print(_table(report))
    for remark in report.remarks:
        console.print(Text(remark, style="yellow"))
    for number, failure in enumerate(report.failures, start=1):
        _failure(number, failure, console)
    console.print(_verdict(report))


def _table(report: Report) -> Table:
    phases = list(report.phases)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("operation", no_wrap=True)
    for phase in phases:
        table.add_column(phase, justify="right")
    table.add_column("never met")
    for name in report.documented:
        counts = report.cases.get(name, {})
        unmet = ", ".join(map(str, report.unmet.get(name, ())))
        table.add_row(Text(name), *(str(counts.get(phase, 0)) for phase in phases), Text(unmet, style="dim"))
    return table


def _failure(number: int, failure: Failure, console: Console) -> None:
    console.print()
    console.print(Text(f"{number}. {failure.title} ({failure.phase}, {failure.count}x)", style="bold red"))
    for line in failure.message.splitlines():
        console.print(Text(f"   {line}"))
    for line in failure.reproduce.splitlines():
        console.print(Text(f"   {line}", style="dim"), soft_wrap=True)


def _verdict(report: Report) -> Text:
    if report.problem is not None:
        return Text(f"could not run: {report.problem}", style="bold red")
    if report.interrupted:
        return Text(f"interrupted after {report.total} cases; {len(report.failures)} violations", style="bold yellow")
    if report.failures:
        again = f"--seed {report.seed} makes the same run again"
        return Text(f"{len(report.failures)} violations in {report.total} cases; {again}", style="bold red")
    return Text(f"no violation of the contract in {report.total} cases", style="bold green")
