"""The commands `verify server` and `verify client`.

Exit codes: 0 nothing found, 1 violations of the contract, 2 the run could not be made, 130 interrupted by Ctrl-C.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runtime_contracts import documents, options
from runtime_contracts.options import CLIENT_PHASES, SEED, SERVER_PHASES, ClientSettings, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runtime_contracts.report import Report

_SERVER, _CLIENT = ServerSettings(), ClientSettings()
_MISSING = "the parts for contract testing are not installed ({}); install mock-runtime[contract]"


class _CouldNotRunError(click.ClickException):
    exit_code = 2


def _shared_options(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
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


_operation = click.option(
    "--operation",
    "operations",
    multiple=True,
    metavar="ID",
    help="Only this operation, by its id in the document; repeatable.",
)


def _max_examples(default: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--max-examples", type=click.IntRange(1), default=default, show_default=True, help="Random cases each."
    )


def _phase(known: Sequence[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--phase", "phases", multiple=True, type=click.Choice(known), help="Only this phase; repeatable."
    )


@click.group()
def verify() -> None:
    """Hold a server or a client to the contract of the Runtime API."""


@verify.command()
@click.argument("url")
@_shared_options("what the server says of itself, else platform")
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
@_max_examples(_SERVER.max_examples)
@_phase(SERVER_PHASES)
@_operation
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
        raise _CouldNotRunError(_MISSING.format(error.name)) from None
    given |= {"phases": phases or _SERVER.phases, "operations": operations or _SERVER.operations}
    _finish(lambda: fuzz_server(url, report_dir=report, progress=_progress, **given))


@verify.command()
@click.argument("driver", metavar="MODULE:DRIVER")
@_shared_options("the one whose operations the driver names")
@_max_examples(_CLIENT.max_examples)
@_phase(CLIENT_PHASES)
@_operation
@click.option(
    "--lenient",
    is_flag=True,
    default=_CLIENT.lenient,
    help="Let the client make sense of answers that are only unusual: unknown words, bounds, content types, 2xx.",
)
def client(
    driver: str, report: Path | None, phases: tuple[str, ...], operations: tuple[str, ...], **given: Any
) -> None:
    """Feed good and broken answers to the client behind MODULE:DRIVER.

    The driver tells how to call the client; see runtime_contracts.client_driver.ClientDriver. For a client that has
    only some of the operations, name those with --operation.
    """
    try:
        from runtime_contracts.client_driver import (  # noqa: PLC0415 - heavy, and an optional part
            DriverNotLoadedError,
            load_driver,
        )
        from runtime_contracts.client_fuzz import fuzz_client  # noqa: PLC0415 - heavy, and an optional part
    except ImportError as error:
        raise _CouldNotRunError(_MISSING.format(error.name)) from None
    # A console script does not look for modules where it is started, but that is where a driver usually is.
    sys.path.insert(0, str(Path.cwd()))
    try:
        loaded = load_driver(driver)
    except DriverNotLoadedError as error:
        raise _CouldNotRunError(str(error)) from None
    given |= {"phases": phases or _CLIENT.phases, "operations": operations or _CLIENT.operations}
    _finish(lambda: fuzz_client(loaded, report_dir=report, progress=_progress, **given))


def _finish(run: Callable[[], Report]) -> None:
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415 - heavy, and an optional part
    from rich.console import Console  # noqa: PLC0415 - only a finished run is shown

    from runtime_contracts.rendering import render  # noqa: PLC0415 - only a finished run is shown

    with tempfile.TemporaryDirectory(prefix="runtime-contracts-") as folder:
        # Hypothesis would leave a folder where the command was started.
        set_hypothesis_home_dir(folder)
        try:
            report = run()
        except (documents.UnknownDocumentError, options.UnknownNameError) as error:
            raise _CouldNotRunError(str(error)) from None
        except OSError as error:
            raise _CouldNotRunError(f"the report cannot be written: {error}") from None
    render(report, Console(highlight=False))
    click.get_current_context().exit(report.exit_code)


def _progress(line: str) -> None:
    click.echo(line, err=True)
