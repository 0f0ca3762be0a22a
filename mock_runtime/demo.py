"""The walkthrough, to look at: a user of 2021 lists the programs, submits a job and waits for its result.

The fake listens on a free port for as long as this takes; every request of the reference client is shown as it happens.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Final

import requests
from rich.console import Console
from rich.json import JSON
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mock_runtime.app import create_app
from mock_runtime.config import Config
from mock_runtime.scenario import Scenario, plan
from mock_runtime.transport.server import LiveServer
from runtime_client.legacy_2021 import RuntimeClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from runtime_client.models import Program

TOKEN: Final = "a-token-that-only-this-demo-knows"  # noqa: S105 - it opens nothing but this demo
_ORIGINAL_INTERVAL_S: Final = 2.0
_SHOWN: Final = 100
_WIDTH_ELSEWHERE: Final = 120
"""Columns where nobody says how many there are, such as in a file or the log of a build."""
_COLOURS: Final = {2: "green", 4: "yellow", 5: "red"}


def run(*, polls: int, interval_s: float, iterations: int, console: Console | None = None) -> None:
    """Run the walkthrough: a job that answers `polls` polls with 204, looked at every `interval_s` seconds."""
    console = console or Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_ELSEWHERE)
    app = create_app(Config(edition="legacy-2021", tokens=(TOKEN,), scenario=Scenario(default=plan({"polls": polls}))))
    with LiveServer(app) as server:
        console.print(f"[bold]The Qiskit Runtime service of 2021[/], faked at [cyan]{server.url}[/]\n")
        screen = _Screen(console, polls=polls)
        with requests.Session() as session:
            session.hooks["response"].append(screen.show)
            with RuntimeClient(server.url, token=TOKEN, session=session) as client:
                _walk(client, screen, console, interval_s=interval_s, iterations=iterations)
    console.print(f"[dim]The fake at {server.url} is gone again. Start one that stays: mock-runtime serve[/]")


def _walk(client: RuntimeClient, screen: _Screen, console: Console, *, interval_s: float, iterations: int) -> None:
    console.print("[bold]1  What can be run?[/]")
    programs = client.list_programs()
    console.print(_table(programs))

    console.print("[bold]2  What does the first one look like?[/] [dim](shortened)[/]")
    first = client.get_program(programs[0].id)
    shape = JSON(json.dumps(_abridged(first), indent=2)).text
    shape.no_wrap, shape.overflow = False, "fold"
    console.print(Padding(shape, (0, 0, 1, 3), expand=False))

    console.print("[bold]3  Run one[/]")
    job = client.submit_job(
        "runtime-simple",
        {"iterations": iterations},
        hub="ibm-q-internal",
        group="near-time",
        project="qiskit-runtime",
        backend="ibmq_montreal",
    )
    console.print(f"   job [bold]{job.id}[/] on ibmq_montreal, with iterations={iterations}\n")

    console.print(f"[bold]4  Wait for its result[/], looking every {interval_s:g} s")
    with screen.waiting():
        outcome = job.wait(poll_interval=interval_s)
    waited = "at once" if outcome.polls == 1 else f"after {outcome.polls - 1} times 204"
    console.print(f"\n   [bold green]{outcome.text}[/]  [dim]200 {waited}, {outcome.elapsed_s:.1f} s[/]")
    original = (outcome.polls - 1) * _ORIGINAL_INTERVAL_S
    console.print(f"   [dim]Looking every 2 s, as the user of 2021 did, it would have been {original:g} s.[/]\n")


class _Screen:
    """Shows each exchange: a line each, or, while somebody waits at a terminal, one line that grows."""

    def __init__(self, console: Console, *, polls: int) -> None:
        self._console = console
        self._expected = polls
        self._polls = 0
        self._live: Live | None = None

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """While this lasts, a terminal shows one line for all requests."""
        if not self._console.is_terminal:
            yield
            return
        with Live(console=self._console, refresh_per_second=20) as self._live:
            yield
        self._live = None

    def show(self, response: requests.Response, **_settings: object) -> None:
        """Show one exchange: a hook of requests."""
        request, status = response.request, response.status_code
        line = _exchange(str(request.method), request.path_url, status)
        is_poll = request.path_url.endswith("/results")
        self._polls += is_poll and status == 204
        waiting = f"Waiting for the final result ({self._polls})" if is_poll and status == 204 else ""
        if self._live is None:
            took = f" {response.elapsed.total_seconds() * 1000:.1f} ms"
            self._console.print(line, Text(waiting) if waiting else Text(took, "dim"))
        elif is_poll:
            marks = (("■" * self._polls, "yellow"), ("□" * (self._expected - self._polls), "dim"))
            self._live.update(Text.assemble(line, "  ", *marks, f"\n   {waiting}" if waiting else ""))
        else:
            self._live.console.print(line, Text(" has it ended?", "dim"))


def _exchange(method: str, path: str, status: int) -> Text:
    colour = _COLOURS.get(status // 100, "cyan") if status != 204 else "yellow"
    return Text.assemble("   ", (f"{method:<5}", "bold cyan"), path, "  ", (str(status), f"bold {colour}"))


def _table(programs: list[Program]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 3), header_style="dim")
    for heading in ("name", "cost", "description"):
        table.add_column(heading)
    for program in programs:
        table.add_row(f"[bold]{program.name}[/]", f"{program.cost} s", program.description)
    return table


def _abridged(program: Program) -> Mapping[str, Any]:
    """A program as its user printed it, with the long text of the parameters cut."""
    parameters = program.parameters or ""
    return {
        "id": program.id,
        "name": program.name,
        "cost": program.cost,
        "description": program.description,
        "creationDate": program.creation_date,
        "version": program.version,
        "parameters": parameters if len(parameters) <= _SHOWN else parameters[:_SHOWN] + "…",
    }
