"""`mock-runtime control journal`, and what else tells what clients did."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from mock_runtime.commands.control import NotSo, Reached, settings_of, shown, view, write_text

if TYPE_CHECKING:
    from mock_runtime.remote import RemoteControl

_FOLLOW_EVERY_S: Final = 0.5
_ORDER: Final = ("note", "warning", "complaint")

_FILTERS: Final = (
    click.option("--operation", multiple=True, metavar="NAME", help="Only this operation; repeat for more."),
    click.option("--job", metavar="ID", help="Only what was about this job."),
    click.option("--session", metavar="ID", help="Only what was about this session."),
    click.option("--backend", metavar="NAME", help="Only what was about this backend."),
    click.option("--caller", metavar="NAME", help="Only this caller."),
    click.option("--status", multiple=True, metavar="STATUS", help="Only this status, or a class such as 4xx."),
    click.option("--method", help="Only this method."),
    click.option("--path", metavar="PATTERN", help="Only such paths, with * and ?."),
    click.option("--fault", metavar="ID", help="Only what met this rule; * for any."),
    click.option("--since", type=click.IntRange(0), metavar="NUMBER", help="Only numbers above this one."),
    click.option("--limit", type=click.IntRange(0, 10_000), help="The newest so many."),
)


def _filtered(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_FILTERS):
        function = option(function)
    return function


@click.command()
@_filtered
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--forget", is_flag=True, help="Forget all exchanges instead.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON; with --follow, one object a line.")
@click.pass_obj
def journal(reached: Reached, /, follow: bool, forget: bool, as_json: bool, **filters: Any) -> None:
    """What was asked and answered."""
    remote = reached()
    if forget:
        if follow or any(filters.values()):
            raise click.UsageError("--forget forgets all exchanges: leave out the rest")
        remote.journal.clear()
        return
    if follow:
        _follow(remote, _chosen(filters), as_json=as_json)
        return
    page = remote.journal.page(**{"limit": 100, **_chosen(filters)})
    if as_json:
        click.echo(json.dumps(page["exchanges"], indent=2))
    else:
        view("exchanges")(page)


def _chosen(filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that were given, as the server takes them."""
    found = {name: value for name, value in filters.items() if value not in {None, ()}}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _follow(remote: RemoteControl, filters: dict[str, Any], *, as_json: bool) -> None:
    """Show what is there, then what comes. Ctrl-C is how this ends, and no failure."""
    from mock_runtime.clock import SystemClock  # noqa: PLC0415 - only who follows needs time

    pause = SystemClock().sleep
    show: Callable[[Any], None] = (lambda one: click.echo(json.dumps(one))) if as_json else view("exchange_line")
    try:
        page = remote.journal.page(**filters)
        while True:
            for one in page["exchanges"]:
                show(one)
            pause(_FOLLOW_EVERY_S)
            after = page["position"]
            page = remote.journal.page(**{**filters, "after": after})
            if page["position"] < after:
                # Another server is there now, whose journal begins again.
                page = remote.journal.page(**filters)
    except KeyboardInterrupt:
        click.echo("", err=True)


@click.command()
@click.argument("number", type=click.IntRange(0))
@shown(view("exchange"))
def exchange(remote: RemoteControl, number: int) -> Any:
    """One exchange whole, with headers and bodies, without secrets."""
    return remote.journal.exchange(number)


@click.command()
@click.argument("file", default="-")
@_filtered
@click.pass_obj
def har(reached: Reached, /, file: str, **filters: Any) -> None:
    """Write the exchanges to a FILE as an HTTP Archive."""
    remote = reached()
    write_text(file, json.dumps(remote.journal.har(**_chosen(filters)), indent=1))


@click.command("assert")
@click.argument("assertion")
@click.argument("arguments", nargs=-1)
@shown(view("so"))
def assert_(remote: RemoteControl, assertion: str, arguments: tuple[str, ...]) -> Any:
    """Exit with 1 if an ASSERTION is not so: polled job=ID times=24 'interval=[1.9, 2.1]'.

    Assertions: polled, sequence, called, not-called, order, retried, submitted-once, no-unknown-fields.
    """
    return remote.journal.assert_that(assertion, **settings_of(arguments))


@click.command()
@click.option("--caller", metavar="NAME", help="Only this caller.")
@click.option("--fail-on", type=click.Choice(_ORDER), help="Exit with 1 if a finding is as bad as that.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def scorecard(reached: Reached, caller: str | None, fail_on: str | None, as_json: bool) -> None:
    """What an operator would say of the clients."""
    remote = reached()
    found = remote.scorecard(caller)
    click.echo(json.dumps(found, indent=2) if as_json else remote.scorecard_text(caller).rstrip("\n"))
    worst = found["worst"]
    if fail_on is not None and worst is not None and _ORDER.index(worst) >= _ORDER.index(fail_on):
        raise NotSo(f"the worst finding is a {worst}")
