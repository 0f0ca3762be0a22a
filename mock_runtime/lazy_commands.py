"""A group of commands that are imported when they are named: most uses do without most of them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that knows some of its commands only by `elsewhere`: name of the command, and module that has it.

    The module's attribute of that name is the command; some belong to another package.
    """

    def __init__(self, *args: Any, elsewhere: Mapping[str, str], **named: Any) -> None:
        super().__init__(*args, **named)
        self._elsewhere = elsewhere

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in order."""
        return sorted([*super().list_commands(ctx), *self._elsewhere])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported if need be; None if there is none."""
        if cmd_name not in self._elsewhere:
            return super().get_command(ctx, cmd_name)
        command = getattr(importlib.import_module(self._elsewhere[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - narrows the type
        return command
