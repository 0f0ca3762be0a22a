"""The demo: what it shows, on a console that is no terminal and on one that is, and that it leaves nothing behind."""

from __future__ import annotations

import io
import re
import threading

import pytest
from click.testing import CliRunner
from rich.console import Console

from mock_runtime import demo
from mock_runtime.cli import main


@pytest.mark.parametrize("terminal", [False, True])
def test_the_walkthrough_is_shown(terminal: bool) -> None:
    """All four steps are shown, each request with its status, and the result at the end."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120, color_system=None)
    demo.run(polls=3, interval_s=0.0, iterations=1, console=console)
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    for request in (r"GET +/programs +200", r"GET +/programs/circuit-runner +200", r"POST +/jobs +200"):
        assert re.search(request, shown), request
    assert re.search(r"GET +/jobs/[0-9a-v]{20}/results +200", shown)
    # In a terminal the line of the last poll replaces those before it.
    assert terminal or shown.count("Waiting for the final result") == 3
    assert "All done!  200 after 3 times 204" in shown
    assert demo.TOKEN not in shown


def test_a_job_that_is_done_at_once() -> None:
    """Without polls to wait for, the result is there at once, and the sentences say so."""
    console = Console(file=io.StringIO(), width=120)
    demo.run(polls=0, interval_s=0.0, iterations=1, console=console)
    assert isinstance(console.file, io.StringIO)
    assert "200 at once" in console.file.getvalue()


def test_the_command_leaves_nothing_running() -> None:
    """`mock-runtime demo` ends with 0, and with the threads it began with."""
    before = {thread.name for thread in threading.enumerate()}
    result = CliRunner().invoke(main, ["demo", "--edition", "2021", "--polls", "1", "--interval", "0"])
    assert result.exit_code == 0
    assert "All done!" in result.output
    assert {thread.name for thread in threading.enumerate()} == before
