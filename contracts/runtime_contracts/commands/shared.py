"""What the commands of this package have in common: options, how a run is finished, and how progress is shown.

Exit codes: 0 nothing found, 1 violations of the contract, 2 the run could not be made, 130 interrupted by Ctrl-C.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runtime_contracts import documents, options
from runtime_contracts.options import SEED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runtime_contracts.report import Report

MISSING = "the parts for contract testing are not installed ({}); install mock-runtime[contract]"


class CouldNotRunError(click.ClickException):
    """The run cannot be made; the message says why. Exit code 2."""

    exit_code = 2


def shared_options(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the options of both commands; `default` says which edition it is if nobody says it."""
    shared = (
        click.option("--edition", help=f"Edition of the API: {', '.join(documents.names())}.  [default: {default}]"),
        click.option("--seed", type=int, default=SEED, show_default=True, help="Makes the same run again."),
        click.option(
            "--report",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder for text, JSON and JUnit reports.",
        ),
    )

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(shared):
            command = option(command)
        return command

    return decorated


only_operation = click.option(
    "--operation",
    "operations",
    multiple=True,
    metavar="ID",
    help="Only this operation, by its id in the document; repeatable.",
)


def max_examples(default: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option --max-examples."""
    return click.option(
        "--max-examples", type=click.IntRange(1), default=default, show_default=True, help="Random cases each."
    )


def only_phase(known: Sequence[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option --phase, for the phases that are known."""
    return click.option(
        "--phase", "phases", multiple=True, type=click.Choice(known), help="Only this phase; repeatable."
    )


def finish(run: Callable[[], Report]) -> None:
    """Make the run, show its report, and leave the command with its exit code."""
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415 - heavy, and an optional part
    from rich.console import Console  # noqa: PLC0415 - only a finished run is shown

    from runtime_contracts.rendering import render  # noqa: PLC0415 - only a finished run is shown

    with tempfile.TemporaryDirectory(prefix="runtime-contracts-") as folder:
        # Hypothesis would leave a folder where the command was started.
        set_hypothesis_home_dir(folder)
        try:
            report = run()
        except (documents.UnknownDocumentError, options.UnknownNameError) as error:
            raise CouldNotRunError(str(error)) from None
        except OSError as error:
            raise CouldNotRunError(f"the report cannot be written: {error}") from None
    render(report, Console(highlight=False))
    click.get_current_context().exit(report.exit_code)


def show_progress(line: str) -> None:
    """Show where the run is, on stderr."""
    click.echo(line, err=True)
