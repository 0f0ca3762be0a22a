"""The command line. What a command needs is imported when it is named."""

from __future__ import annotations

import os
import sys
from typing import Final

import click

from mock_runtime.lazy_commands import LazyGroup

_CONTEXT: Final = {
    "help_option_names": ["-h", "--help"],
    "auto_envvar_prefix": "MOCK_RUNTIME",
    "max_content_width": 100,
}

_ELSEWHERE: Final = {
    "control": "mock_runtime.commands.control",
    "drift": "runtime_contracts.commands.drift",
    "env": "mock_runtime.commands.env",
    "proxy": "mock_runtime.commands.proxy",
    "run": "mock_runtime.commands.run",
    "serve": "mock_runtime.commands.serve",
    "verify": "mock_runtime.commands.verify",
}


@click.group(cls=LazyGroup, elsewhere=_ELSEWHERE, context_settings=_CONTEXT)
@click.version_option(package_name="mock-runtime")
def main() -> None:
    """A fake of IBM's Qiskit Runtime service, and the contract that holds servers and clients to it.

    Every option can be given as an environment variable, too: MOCK_RUNTIME_SERVE_PORT=8000 for serve --port.
    """


@main.command()
@click.option(
    "--edition",
    type=click.Choice(["2021"]),
    default="2021",
    show_default=True,
    expose_value=False,
    help="Whose user is shown.",
)
@click.option("--polls", default=23, show_default=True, type=click.IntRange(0, 10_000), help="How often to wait.")
@click.option(
    "--interval", default=0.2, show_default=True, type=click.FloatRange(0, 3600), help="Seconds between two polls."
)
@click.option("--iterations", default=2, show_default=True, type=click.IntRange(0), help="The input of runtime-simple.")
def demo(polls: int, interval: float, iterations: int) -> None:
    """Run the walkthrough of a user of 2021 against a fake of its own, request by request."""
    from mock_runtime.demo import run

    try:
        run(polls=polls, interval_s=interval, iterations=iterations)
        sys.stdout.flush()
    except OSError as error:
        abandon_stdout()
        raise click.ClickException(f"the demo could not be shown: {error.strerror or error}") from None


def abandon_stdout() -> None:
    """Give up on stdout: what is left in its buffer would be tried again, and fail again, when the interpreter ends."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the end
