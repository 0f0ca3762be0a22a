"""What all commands have in common that start a fake."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_runtime.commands.fake_options import configuration, options_of_a_fake

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mock_runtime.answers import Front
    from mock_runtime.config import Config
    from mock_runtime.faults.armed import Faults
    from mock_runtime.runtime import Runtime


def config_of(flags: dict[str, Any]) -> Config:
    """The configuration that those options describe."""
    return configuration(flags)


def with_instances(config: Config, named: Iterable[str]) -> Config:
    """The configuration with instances that the program or its user names, if it says nothing of instances itself.

    They are beside the one that each token has, which stays the first: a program that names none works with that.
    """
    if config.instances:
        return config
    return config.with_changes(also_instances=(*config.also_instances, *named))


def as_arguments(context: click.Context) -> list[str]:
    """The options of a fake that were given to a command, as they would be given to `serve`; tokens are left out.

    Other users of a machine can read the arguments of a process: see `as_variables`.
    """
    words: list[str] = []
    given = {click.core.ParameterSource.COMMANDLINE, click.core.ParameterSource.ENVIRONMENT}
    for option in options_of_a_fake():
        assert option.name is not None  # noqa: S101 - narrows the type
        if option.name == "token" or context.get_parameter_source(option.name) not in given:
            continue
        value = context.params[option.name]
        if isinstance(value, bool):
            words.append(option.opts[0] if value else option.secondary_opts[0])
        else:
            for each in value if isinstance(value, tuple) else (value,):
                words += [f"{option.opts[0]}={each}"]
    return words


def as_variables(tokens: tuple[str, ...]) -> dict[str, str]:
    """The tokens, as they would be given to `serve` by its environment."""
    return {"MOCK_RUNTIME_SERVE_TOKEN": " ".join(tokens)} if tokens else {}


def front_of(runtime: Runtime, flags: dict[str, Any], show: Callable[[str], object]) -> Front | None:
    """What stands before the fake, if the flags ask for answers of the contract or for a check of the requests.

    Each violation is shown.
    """
    steering = [name for name in ("answer_operation", "answer_status", "case") if flags[name] not in {None, ()}]
    if steering and flags["answers"] is None:
        raise click.UsageError(f"--{steering[0].replace('_', '-')} belongs to --answers")
    if flags["answers"] is None and not flags["check"]:
        if flags["report"] or flags["strict"]:
            raise click.UsageError(f"--{'report' if flags['report'] else 'strict'} belongs to --check or --answers")
        return None
    from mock_runtime.answers import Answering, Front  # noqa: PLC0415 - most fakes answer by themselves

    answering = Answering(
        mode=flags["answers"],
        operations=flags["answer_operation"],
        status=flags["answer_status"] or "all",
        case=flags["case"],
        report=None if flags["report"] is None else Path(flags["report"]),
        strict=flags["strict"],
    )
    try:
        return Front(runtime, answering, show=show)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def finished(front: Front) -> int:
    """Say at the end what became of the requests: an exit code."""
    try:
        for line in front.finish():
            click.echo(line, err=True)
    except OSError as error:
        raise click.ClickException(f"the report cannot be written: {error.strerror or error}") from None
    return front.exit_code


def unmet(runtime: Runtime, flags: dict[str, Any]) -> int:
    """Say at the end which faults no request met, if all of them are required: an exit code."""
    if not flags["require_faults"]:
        return 0
    told = unmet_faults(runtime.faults, flags["chaos"])
    whisper(told)
    return int(bool(told))


def unmet_faults(faults: Faults, chaos: Iterable[str]) -> str:
    """An account of the faults that no request met; of the rules of one profile, one that was met is enough."""
    from mock_runtime.faults.accounts import complaint  # noqa: PLC0415 - only who has faults

    profiles = {text.partition(":")[0] for text in chaos}
    met = {armed.id.partition(".")[0] for armed in faults if armed.met}
    unmet = [armed for armed in faults.unmet if armed.id.partition(".")[0] not in profiles & met]
    return f"{complaint(unmet, len(faults))}\n" if unmet else ""


def whisper(text: str) -> None:
    """Write to stderr, whoever has closed it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()
