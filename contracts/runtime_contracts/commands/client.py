"""`mock-runtime verify client MODULE:DRIVER`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

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
from runtime_contracts.options import CLIENT_PHASES, ClientSettings

CLIENT = ClientSettings()


@click.command()
@click.argument("driver", metavar="MODULE:DRIVER")
@shared_options("the one whose operations the driver names")
@max_examples(CLIENT.max_examples)
@only_phase(CLIENT_PHASES)
@only_operation
@click.option(
    "--lenient",
    is_flag=True,
    default=CLIENT.lenient,
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
        raise CouldNotRunError(MISSING.format(error.name)) from None
    # A console script does not look for modules where it is started, but that is where a driver usually is.
    sys.path.insert(0, str(Path.cwd()))
    try:
        loaded = load_driver(driver)
    except DriverNotLoadedError as error:
        raise CouldNotRunError(str(error)) from None
    given |= {"phases": phases or CLIENT.phases, "operations": operations or CLIENT.operations}
    finish(lambda: fuzz_client(loaded, report_dir=report, progress=show_progress, **given))
