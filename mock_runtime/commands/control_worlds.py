"""`mock-runtime control world`, and what else there is for worlds as a whole: scopes, snapshots, and the beginning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mock_runtime.commands.control import Reached, settings_of, shown, text_of, view, write_text

if TYPE_CHECKING:
    from mock_runtime.remote import RemoteControl


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def scopes(context: click.Context, as_json: bool) -> None:
    """Worlds of their own on the server; without a command, all of them."""
    if context.invoked_subcommand is None:
        context.invoke(list_, as_json=as_json)


@scopes.command("list")
@shown(view("scopes"))
def list_(remote: RemoteControl) -> Any:
    """All scopes, the server's own world first."""
    return remote.scopes()


@scopes.command()
@click.argument("name", required=False)
@click.argument("settings", nargs=-1)
@shown(view("scope"))
def create(remote: RemoteControl, name: str | None, settings: tuple[str, ...]) -> Any:
    """Make a scope with a NAME and SETTINGS of its own: test-17 polls=3 seed=7."""
    if name is not None and "=" in name:
        made = remote.create_scope(None, **settings_of((name, *settings)))
    else:
        made = remote.create_scope(name, **settings_of(settings))
    return next(one for one in remote.scopes() if one["name"] == made.scope_name)


@scopes.command()
@click.argument("names", nargs=-1, required=True)
@shown()
def drop(remote: RemoteControl, names: tuple[str, ...]) -> Any:
    """Forget scopes, with all that is in them."""
    for name in names:
        remote.drop_scope(name)


@click.command()
@click.argument("name", required=False)
@shown(view("snapshot"))
def snapshot(remote: RemoteControl, name: str | None) -> Any:
    """Keep all that changes, as it is now, under a NAME; tells the name."""
    return remote.snapshot(name)


@click.command()
@click.option("--drop", metavar="NAME", help="Forget this one.")
@shown(view("snapshots"))
def snapshots(remote: RemoteControl, drop: str | None) -> Any:
    """The snapshots, the oldest first."""
    if drop is not None:
        remote.drop_snapshot(drop)
    return remote.snapshots()


@click.command()
@click.argument("name")
@shown()
def rollback(remote: RemoteControl, name: str) -> Any:
    """Put everything back to a snapshot, the clock too."""
    remote.rollback(name)


@click.command()
@shown()
def reset(remote: RemoteControl) -> Any:
    """Begin again; the clock goes on."""
    remote.reset()


@click.group()
def world() -> None:
    """The present world, as a world file."""


@world.command()
@click.argument("file", default="-")
@click.pass_obj
def export(reached: Reached, file: str) -> None:
    """Write the present world to a FILE."""
    remote = reached()
    write_text(file, remote.world())


@world.command()
@click.argument("file")
@click.pass_obj
def load(reached: Reached, file: str) -> None:
    """Begin again with the world of a FILE; - for standard input."""
    remote = reached()
    remote.load_world(text_of(file))


@world.command()
@click.argument("file", default="-")
@click.pass_obj
def schema(reached: Reached, file: str) -> None:
    """Write the JSON Schema of world files to a FILE, for an editor."""
    remote = reached()
    write_text(file, json.dumps(remote.world_schema(), indent=2) + "\n")
