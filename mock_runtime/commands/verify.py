"""`mock-runtime verify`: servers, clients and recordings held to the contract. The commands belong to others."""

from __future__ import annotations

from typing import Final

import click

from mock_runtime.lazy_commands import LazyGroup

_COMMANDS: Final = {
    "client": "runtime_contracts.commands.client",
    "recording": "mock_runtime.commands.recording",
    "server": "runtime_contracts.commands.server",
}


@click.group(cls=LazyGroup, elsewhere=_COMMANDS)
def verify() -> None:
    """Hold a server or a client to the contract of the Runtime API."""
