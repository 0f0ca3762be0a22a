"""`mock-runtime verify client MODULE:NAME`."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from runtime_contracts.commands.shared import (
    MISSING,
    CouldNotRunError,
    against,
    finish,
    held_to,
    only_operation,
    only_phase,
    shared_options,
)
from runtime_contracts.options import CLIENT_PHASES, CLIENT_PROFILES, LEVELS, PROFILE, ClientSettings

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENT: Final = ClientSettings()
FORMATS: Final = ("text", "json", "junit", "github")
_EXAMPLES: Final = """\b
Examples:
  mock-runtime verify client my_package:get_job
  mock-runtime verify client my_package:get_job --operation get_job --raises my_package:MyError
  mock-runtime verify client my_package:Client --argument region=us-east --profile quick
  mock-runtime verify client tests.my_driver:driver --seed 7 --report reports
"""


def _values(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
    """Return NAME=VALUE pairs; a value that is JSON is what it says, anything else is a text."""
    found: dict[str, Any] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals or not name.isidentifier():
            raise click.BadParameter(f"{pair!r} is not of the form NAME=VALUE")
        try:
            found[name] = json.loads(text)
        except (ValueError, RecursionError):
            found[name] = text
    return found


@click.command(epilog=_EXAMPLES)
@click.argument("reference", metavar="MODULE:NAME")
@shared_options("the one whose operations the driver names, or whose paths the client asks for")
@click.option(
    "--profile",
    type=click.Choice(tuple(CLIENT_PROFILES)),
    help=f"{'; '.join(f'{name}: {profile.about}' for name, profile in CLIENT_PROFILES.items())}.  [default: {PROFILE}]",
)
@click.option("--max-examples", type=click.IntRange(1), help="Random cases each.  [default: what the profile says]")
@click.option(
    "--time-limit",
    "time_limit_s",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="End the run then, with what was found.",
)
@only_phase(CLIENT_PHASES)
@only_operation
@against
@click.option("--case", type=click.IntRange(0), help="Only the case of this number, as a report names it.")
@click.option(
    "--level",
    type=click.Choice(tuple(LEVELS)),
    help=f"{'; '.join(f'{name}: {about}' for name, about in LEVELS.items())}.  [default: strict]",
)
@click.option("--lenient", is_flag=True, default=CLIENT.lenient, help="The same as --level lenient.")
@click.option(
    "--raises",
    multiple=True,
    metavar="MODULE:ERROR",
    help="An exception that the client declares; repeatable. Without it: those of its package and its HTTP library.",
)
@click.option(
    "--argument",
    "arguments",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_values,
    help="A value for a parameter of the function, or of the class and its methods; JSON or text; repeatable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="What is printed; github means annotations for GitHub Actions.",
)
def client(
    reference: str,
    report: Path | None,
    phases: tuple[str, ...],
    operations: tuple[str, ...],
    raises: tuple[str, ...],
    arguments: dict[str, Any],
    against: str | None,
    form: str,
    **given: Any,
) -> None:
    """Feed good and broken answers to the client MODULE:NAME.

    That is a function or a class on requests, urllib3 or httpx, blocking or not, whatever address it uses: nothing
    leaves this process. What it asks for is seen from its requests, and its parameters are filled in by their names.
    Or it is a driver that tells how to call a client; see runtime_contracts.client_driver.ClientDriver.

    Exit codes: 0 nothing found, 1 something found, 2 could not run, 130 interrupted.
    """
    try:
        from runtime_contracts.asking import edition_for  # noqa: PLC0415 - heavy, and an optional part
        from runtime_contracts.client_driver import (  # noqa: PLC0415 - heavy, and an optional part
            DriverNotLoadedError,
            load_object,
            load_subject,
        )
        from runtime_contracts.client_fuzz import fuzz_client  # noqa: PLC0415 - heavy, and an optional part
        from runtime_contracts.inferring import Wishes  # noqa: PLC0415 - heavy, and an optional part
    except ImportError as error:
        raise CouldNotRunError(MISSING.format(error.name)) from None
    from runtime_contracts.commands.progress import shown  # noqa: PLC0415 - only a run shows progress

    # A console script does not look for modules where it is started, but that is where a client usually is.
    sys.path.insert(0, str(Path.cwd()))
    try:
        subject = load_subject(reference)
        declared = tuple(_exception(name, load_object(name)) for name in raises)
    except DriverNotLoadedError as error:
        raise CouldNotRunError(str(error)) from None
    again = _again(reference, raises, {**given, "against": against})
    given |= {"phases": phases or None, "operations": operations or None}
    named = getattr(subject, "operations", {})
    held = held_to(against, lambda: given["edition"] or edition_for(named), given["operations"])
    if not named:
        # What a client without a driver asks for is seen later.
        held.pop("operations", None)
    given |= held
    wishes = Wishes(raises=declared, arguments=arguments)

    def run() -> Any:
        with shown() as progress:
            progress(f"seed {given['seed']}")
            return fuzz_client(subject, wishes=wishes, again=again, report_dir=report, progress=progress, **given)

    finish(run, form=form)


def _exception(name: str, found: Any) -> type[Exception]:
    if not (isinstance(found, type) and issubclass(found, Exception)):
        raise CouldNotRunError(f"--raises {name}: that is no exception")
    return found


def _again(reference: str, raises: tuple[str, ...], given: dict[str, Any]) -> Callable[[str, int], str]:
    """Return what makes the command line that shows one case again."""
    kept = {
        "edition": "--edition",
        "profile": "--profile",
        "max_examples": "--max-examples",
        "level": "--level",
        "against": "--against",
    }
    words = ["mock-runtime", "verify", "client", reference]
    for name in raises:
        words += ["--raises", name]
    for name, flag in kept.items():
        if given[name] is not None:
            words += [flag, str(given[name])]
    for name, value in click.get_current_context().params["arguments"].items():
        words += ["--argument", f"{name}={json.dumps(value)}"]
    words += ["--lenient"] if given["lenient"] else []

    def again(operation: str, number: int) -> str:
        return shlex.join([*words, "--operation", operation, "--case", str(number), "--seed", str(given["seed"])])

    return again
