"""`mock-runtime drift [SOURCE]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from runtime_contracts import documents
from runtime_contracts.commands.shared import CouldNotRunError, show_progress
from runtime_contracts.options import DRIFT_FAIL_ON, DRIFT_FORMATS

_EXAMPLES: Final = """\b
Examples:
  mock-runtime drift
  mock-runtime drift --api-version 2026-02-01
  mock-runtime drift downloaded.json --format markdown
  mock-runtime drift --base openapi/platform.yaml@HEAD~5
  mock-runtime drift new.yaml --base old.yaml --accept accepted.yaml

\b
Exit codes:
  0  no drift, or all of it is accepted
  1  clients break
  2  could not check
  3  drift that breaks no client for certain
"""


_COLOURS: Final = {"breaking": "red", "warning": "yellow", "info": "cyan"}


@click.command(epilog=_EXAMPLES)
@click.argument("source", required=False)
@click.option(
    "--base", metavar="SOURCE", help="What SOURCE is compared with.  [default: the edition, as it was published]"
)
@click.option("--edition", help=f"Edition of the API: {', '.join(documents.names())}.  [default: by the documents]")
@click.option("--api-version", metavar="DATE", help="Instead of SOURCE: the live document of one version of the API.")
@click.option(
    "--overlay/--no-overlay", default=False, help="Whether to correct both by what is known better.  [default: no]"
)
@click.option(
    "--accept", type=click.Path(dir_okay=False, path_type=Path), help="File with accepted changes and reasons."
)
@click.option(
    "--fail-on",
    type=click.Choice(DRIFT_FAIL_ON),
    default="breaking",
    show_default=True,
    help="What gives exit code 1.",
)
@click.option(
    "--format", "form", type=click.Choice(DRIFT_FORMATS), default="text", show_default=True,
    help="What is printed.",
)  # fmt: skip
@click.option("--prose", is_flag=True, help="List what only differs in words, examples and extensions, too.")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="Folder for all four formats.")
@click.option("--token", help="Bearer token for a SOURCE that asks for one (MOCK_RUNTIME_DRIFT_TOKEN).")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep the copy that was fetched last.")
def drift(
    *,
    source: str | None,
    accept: Path | None,
    fail_on: str,
    form: str,
    prose: bool,
    report: Path | None,
    no_cache: bool,
    **given: Any,
) -> None:
    """Compare the live document, or SOURCE, with ours: what changed, and whom that breaks.

    SOURCE is a file in JSON or YAML, a URL, `live`, an edition, or FILE@REVISION of git. Without it the live document
    is fetched, or, if --base is a file at a revision, the file as it is now.
    """
    from runtime_contracts.drift import rendering  # noqa: PLC0415 - `--help` does without what compares
    from runtime_contracts.drift.checking import check_drift  # noqa: PLC0415
    from runtime_contracts.drift.comparison import INTERRUPTED  # noqa: PLC0415
    from runtime_contracts.sources import Cache, SourceError  # noqa: PLC0415

    if source is not None and given["api_version"] is not None:
        raise click.UsageError("either SOURCE or --api-version, not both")
    cache = None if no_cache else Cache.of_user()
    try:
        found = check_drift(source, accept=accept, cache=cache, progress=show_progress, **given)
        if report is not None:
            rendering.write(found, report, prose=prose)
    except SourceError as error:
        raise CouldNotRunError(str(error)) from None
    except OSError as error:
        raise CouldNotRunError(f"the report cannot be written: {error}") from None
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        click.get_current_context().exit(INTERRUPTED)
    text = rendering.rendered(found, form, prose=prose)
    click.echo(_coloured(text) if form == "text" else text, nl=False)
    click.get_current_context().exit(found.exit_code(fail_on))


def _coloured(text: str) -> str:
    """Return the text in colours, which are taken out again where the terminal has none."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        colour = _COLOURS.get(line[2:10].strip()) if line.startswith("  ") and line[2:3] != " " else None
        if colour is not None:
            lines[number] = click.style(line, fg=colour)
    return "\n".join(lines)
