"""The options by which `serve` describes a fake, for the other commands that start one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from mock_runtime.cli import configuration, serve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mock_runtime.config import Config

_OF_SERVE_ONLY: Final = {"host", "port", "clock", "quiet", "proxy", "ca_file", "allow"}


def options_of_a_fake() -> list[click.Parameter]:
    """The options of `serve` that say what is served, and not where."""
    return [parameter for parameter in serve.params if parameter.name not in _OF_SERVE_ONLY]


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
