"""`mock-runtime control jobs`, and what else there is for jobs, backends and tokens, whoever owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mock_runtime.commands.control import settings_of, shown, view

if TYPE_CHECKING:
    from mock_runtime.remote import RemoteControl


@click.command()
@click.option("--status", help="Only jobs in this status.")
@click.option("--limit", type=click.IntRange(0, 1000), default=20, show_default=True, help="At most so many.")
@shown(view("jobs"))
def jobs(remote: RemoteControl, status: str | None, limit: int) -> Any:
    """All jobs, the newest first."""
    return remote.jobs.all(status=status, limit=limit)


@click.command()
@click.argument("id_", metavar="ID")
@click.argument("event", required=False)
@click.option("--reason", help="With fail: why.")
@click.option("--queue", metavar="LENGTH", help="With requeue: how long it waits again.")
@click.option("--plan", metavar="SETTINGS", help="Give it another future: run=5s;outcome=failed.")
@shown(view("job"))
def job(
    remote: RemoteControl, id_: str, event: str | None, reason: str | None, queue: str | None, plan: str | None
) -> Any:
    """One job; with an EVENT, let that happen to it.

    Events: finish, fail, cancel, requeue, lose-result, withhold-result, outrun-cancel.
    """
    if plan is not None:
        if event is not None:
            raise click.UsageError("either something happens to it now, or it has another future: leave out --plan")
        return remote.jobs.replan(id_, **settings_of([plan]))
    if event is None:
        if reason is not None or queue is not None:
            raise click.UsageError("--reason belongs to fail, --queue to requeue: say which event")
        return remote.jobs.get(id_)
    return remote.jobs.happen(id_, event, reason=reason, queue=queue)


@click.command()
@click.option("--limit", type=click.IntRange(0, 1000), default=20, show_default=True, help="At most so many.")
@shown(view("sessions"))
def sessions(remote: RemoteControl, limit: int) -> Any:
    """All sessions, the newest first."""
    return remote.sessions(limit=limit)


@click.command()
@click.argument("name", required=False)
@click.argument("availability", required=False, type=click.Choice(["online", "paused", "offline"]))
@click.option("--reason", help="Why it is away, in a word.")
@click.option("--for", "for_", metavar="LENGTH", help="How long it is away.  [default: until told otherwise]")
@shown(view("backends"))
def backends(
    remote: RemoteControl, name: str | None, availability: str | None, reason: str | None, for_: str | None
) -> Any:
    """All backends; with a NAME and what it is to be, make one so (* for all)."""
    if name is not None and availability is None:
        raise click.UsageError("say what it is to be: online, paused or offline")
    if name is None and (reason is not None or for_ is not None):
        raise click.UsageError("--reason and --for belong to a backend that goes away: say which")
    if name is not None and availability == "online":
        remote.backends.online(name)
    elif name is not None:
        change = remote.backends.paused if availability == "paused" else remote.backends.offline
        change(name, reason, for_)
    return remote.backends.all()


@click.command()
@click.option("--in", "in_", metavar="LENGTH", help="When it begins.  [default: now]")
@click.option("--for", "for_", metavar="LENGTH", help="How long it lasts.  [default: until told otherwise]")
@click.option("--message", help="What is said of it.")
@click.option("--end", is_flag=True, help="Bring all backends back, and call off what was announced.")
@shown(view("backends"))
def maintenance(remote: RemoteControl, in_: str | None, for_: str | None, message: str | None, end: bool) -> Any:
    """Pause all backends, now or later."""
    if end:
        remote.backends.end_maintenance()
    else:
        remote.backends.maintenance(in_=in_, for_=for_, message=message)
    return remote.backends.all()


@click.command()
@click.argument("event", type=click.Choice(["expire", "revoke", "restore"]))
@click.argument("caller", required=False)
@shown()
def tokens(remote: RemoteControl, event: str, caller: str | None) -> Any:
    """Let the tokens of a CALLER, or of all, be good no longer, or again."""
    remote.tokens(event, caller)
