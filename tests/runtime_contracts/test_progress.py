"""Progress at a terminal and in a log."""

from __future__ import annotations

import io

from rich.console import Console

from runtime_contracts.collector import Fleeting
from runtime_contracts.commands.progress import shown


def test_log_gets_lines() -> None:
    """Without a terminal each phase is a line, and of what passes quickly one in ten."""
    stream = io.StringIO()
    with shown(Console(file=stream, force_terminal=False, width=80)) as progress:
        progress("phase probes")
        for number in range(11):
            progress(Fleeting(f"operation {number}"))
        progress("[red]error_body[/red]: get_job")
    assert stream.getvalue().splitlines() == [
        "phase probes",
        "operation 0",
        "operation 10",
        "[red]error_body[/red]: get_job",
    ]


def test_terminal_gets_one_line_that_lives() -> None:
    """At a terminal what stays is printed, and what passes takes the place of what passed before."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, height=20, color_system=None)
    with shown(console) as progress:
        progress("phase probes")
        progress(Fleeting("operation 1 [of] 3"))
    assert "phase probes\n" in stream.getvalue()
    assert "\noperation 1" not in stream.getvalue()
