"""`mock-runtime verify server URL`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runtime_contracts.commands.shared import (
    MISSING,
    CouldNotRunError,
    finish,
    max_examples,
    only_operation,
    only_phase,
    shared_options,
    show_progress,
)
from runtime_contracts.options import SERVER_PHASES, ServerSettings

if TYPE_CHECKING:
    from pathlib import Path

SERVER = ServerSettings()


@click.command()
@click.argument("url")
@shared_options("what the server says of itself, else platform")
@click.option(
    "--token", envvar="MOCK_RUNTIME_TOKEN", help="API token or key that the server knows (MOCK_RUNTIME_TOKEN)."
)
@click.option(
    "--access-token",
    envvar="MOCK_RUNTIME_ACCESS_TOKEN",
    help="Session token, if logging in is not possible (MOCK_RUNTIME_ACCESS_TOKEN).",
)
@click.option(
    "--other-token",
    envvar="MOCK_RUNTIME_OTHER_TOKEN",
    help="API token of a second account, to see what callers can do to each other (MOCK_RUNTIME_OTHER_TOKEN).",
)
@click.option("--instance", metavar="CRN", help="Service instance of the caller.  [default: the first it has]")
@click.option("--other-instance", metavar="CRN", help="Service instance of the second account.")
@click.option("--iam-url", metavar="URL", help="Where API keys are exchanged.  [default: the server's own address]")
@max_examples(SERVER.max_examples)
@only_phase(SERVER_PHASES)
@only_operation
def server(url: str, report: Path | None, phases: tuple[str, ...], operations: tuple[str, ...], **given: Any) -> None:
    """Drive the server at URL through every operation of the contract.

    The run creates jobs and programs there. Start a fake with fixed tokens for it, as in
    `mock-runtime serve --token TOKEN`; one that lets anybody in breaks the contract.
    """
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter("expected an http or https URL", param_hint="URL")
    if not given["token"]:
        raise click.UsageError("no token: give --token or set MOCK_RUNTIME_TOKEN")
    try:
        from runtime_contracts.server_fuzz import fuzz_server  # noqa: PLC0415 - heavy, and an optional part
    except ImportError as error:
        raise CouldNotRunError(MISSING.format(error.name)) from None
    given |= {"phases": phases or SERVER.phases, "operations": operations or SERVER.operations}
    finish(lambda: fuzz_server(url, report_dir=report, progress=show_progress, **given))
