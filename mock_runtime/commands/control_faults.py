"""`mock-runtime control faults`: the armed rules of a server that runs already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mock_runtime.commands.control import settings_of, shown, view

if TYPE_CHECKING:
    from mock_runtime.remote import RemoteControl


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def faults(context: click.Context, as_json: bool) -> None:
    """Rules that make the fake misbehave; without a command, those that are armed."""
    if context.invoked_subcommand is None:
        context.invoke(list_, as_json=as_json)


@faults.command("list")
@shown(view("faults"))
def list_(remote: RemoteControl) -> Any:
    """The armed rules, and what they met."""
    return remote.faults.all()


@faults.command()
@click.argument("rules", nargs=-1, required=True)
@shown(view("faults"))
def add(remote: RemoteControl, rules: tuple[str, ...]) -> Any:
    """Arm RULES such as 'match.operation=get-results;act.status=503;times=3', all or none."""
    return remote.faults.extend([settings_of([rule]) for rule in rules])


@faults.command()
@click.argument("id_", metavar="ID")
@shown(view("fault"))
def on(remote: RemoteControl, id_: str) -> Any:
    """Switch a rule on."""
    return remote.faults.on(id_)


@faults.command()
@click.argument("id_", metavar="ID")
@shown(view("fault"))
def off(remote: RemoteControl, id_: str) -> Any:
    """Switch a rule off; it keeps its account."""
    return remote.faults.off(id_)


@faults.command()
@click.argument("id_", metavar="ID")
@click.argument("settings", nargs=-1, required=True)
@shown(view("fault"))
def change(remote: RemoteControl, id_: str, settings: tuple[str, ...]) -> Any:
    """Let a rule say something else: times=5."""
    return remote.faults.change(id_, **settings_of(settings))


@faults.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All of them.")
@shown()
def remove(remote: RemoteControl, ids: tuple[str, ...], every: bool) -> Any:
    """Disarm rules."""
    if bool(ids) is every:
        raise click.UsageError("say which: the ids of rules, or --all")
    for id_ in ids:
        remote.faults.remove(id_)
    if every:
        remote.faults.clear()


@faults.command("assert")
@click.argument("ids", nargs=-1)
@shown(view("so"))
def assert_(remote: RemoteControl, ids: tuple[str, ...]) -> Any:
    """Exit with 1 if there is a rule, or one of IDS, that no request met."""
    remote.faults.assert_all_met(ids or None)
    return {"ok": True}


@faults.command()
@shown(view("profiles"))
def profiles(remote: RemoteControl) -> Any:
    """The named sets of rules that there are."""
    return remote.faults.profiles()


@faults.command()
@click.argument("profile")
@click.argument("options", nargs=-1)
@shown(view("faults"))
def arm(remote: RemoteControl, profile: str, options: tuple[str, ...]) -> Any:
    """Arm the rules of a PROFILE, with OPTIONS such as probability=0.2."""
    return remote.faults.arm_profile(profile, **settings_of(options))


@faults.command()
@click.argument("profile")
@shown()
def disarm(remote: RemoteControl, profile: str) -> Any:
    """Disarm the rules that a PROFILE brought."""
    remote.faults.disarm_profile(profile)
