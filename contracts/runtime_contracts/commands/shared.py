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


against = click.option(
    "--against",
    metavar="live|FILE|URL",
    help="Hold it to this document instead of ours; see `mock-runtime drift`.",
)


def held_to(reference: str | None, edition: Callable[[], str], operations: tuple[str, ...] | None) -> dict[str, Any]:
    """Return what a run needs to hold its subject to the document that `reference` names, as keywords of the run.

    `edition` says which one it is, and is only asked if there is a reference. Without one there is nothing to say.
    Operations that only one of the two documents has are not driven, unless `operations` names them; that, and what was
    done to the document, is told on stderr.

    Raises:
        CouldNotRunError: the document cannot be had, or nothing can be held to it.
    """
    if reference is None:
        return {}
    from runtime_contracts.against import loaded  # noqa: PLC0415 - most runs are held to ours
    from runtime_contracts.sources import Cache, SourceError  # noqa: PLC0415 - most runs are held to ours

    try:
        name = documents.canonical(edition())
        found = loaded(reference, edition=name, cache=Cache.of_user())
    except (documents.UnknownDocumentError, SourceError) as error:
        raise CouldNotRunError(str(error)) from None
    show_progress(f"held to {found.name}")
    for note in found.notes:
        show_progress(f"note: {note}")
    if not found.operations:
        raise CouldNotRunError(f"{found.name} has no operation in common with {name}: nothing can be driven")
    return {"edition": name, "document": found.document, "operations": operations or found.operations}


def finish(run: Callable[[], Report], *, form: str = "text") -> None:
    """Make the run, show its report, and leave the command with its exit code.

    `form` is what stdout gets: "text", in colours if the terminal has them, "json", "junit" or "github".
    """
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
    if form == "text":
        render(report, Console(highlight=False))
    else:
        click.echo(getattr(report, f"to_{form}")(), nl=False)
    click.get_current_context().exit(report.exit_code)


def show_progress(line: str) -> None:
    """Show where the run is, on stderr."""
    click.echo(line, err=True)
