"""`mock-runtime control`: the control plane of a server that runs already, from a shell.

What each command shows is in `mock_runtime.commands.control_views`; what it does is a method of `RemoteControl`.
"""

from __future__ import annotations

import functools
import importlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import click

from mock_runtime.lazy_commands import LazyGroup

if TYPE_CHECKING:
    from mock_runtime.remote import RemoteControl

F = TypeVar("F", bound=Callable[..., Any])
Reached: TypeAlias = "Callable[[], RemoteControl]"
"""Gives the server that a command is for, when it is needed."""

_URL: Final = "http://127.0.0.1:8000"
_EXAMPLES: Final = """\b
Examples:
  mock-runtime control advance --until JOB=running
  mock-runtime control job JOB fail --reason 'ValueError: no ansatz'
  mock-runtime control faults add 'match.operation=get-results;act.status=503;times=3'
  mock-runtime control journal --follow
  mock-runtime control scorecard --fail-on complaint

\b
Exit codes: 0 done, 1 an assertion failed, 2 wrong use or refused by the server, 3 no server answers.
"""

_ELSEWHERE: Final = {
    **dict.fromkeys(
        ("jobs", "job", "sessions", "backends", "maintenance", "tokens"), "mock_runtime.commands.control_jobs"
    ),
    "faults": "mock_runtime.commands.control_faults",
    "journal": "mock_runtime.commands.control_journal",
    "exchange": "mock_runtime.commands.control_journal",
    "har": "mock_runtime.commands.control_journal",
    "assert": "mock_runtime.commands.control_journal:assert_",
    "scorecard": "mock_runtime.commands.control_journal",
    "scopes": "mock_runtime.commands.control_worlds",
    "snapshot": "mock_runtime.commands.control_worlds",
    "snapshots": "mock_runtime.commands.control_worlds",
    "rollback": "mock_runtime.commands.control_worlds",
    "reset": "mock_runtime.commands.control_worlds",
    "world": "mock_runtime.commands.control_worlds",
}


class NotSo(click.ClickException):
    """An assertion failed."""

    exit_code = 1


class Refused(click.ClickException):
    """The server refuses it."""

    exit_code = 2


class Unreached(click.ClickException):
    """No server answers."""

    exit_code = 3


class Commands(LazyGroup):
    """A group whose commands end with a sentence and an exit code where the server says no, or nothing at all."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None if there is none."""
        place = self._elsewhere.get(cmd_name, "")
        if ":" not in place:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        assert isinstance(found, click.Command)  # noqa: S101 - narrows the type
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Carry a command out."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            ending = _ending(error, ctx)
            if ending is None:
                raise
            raise ending from None


def _ending(error: Exception, context: click.Context) -> click.ClickException | None:
    """What a command ends with after an error; None for a bug of ours."""
    from mock_runtime.remote import CannotReach, ControlError  # noqa: PLC0415 - `--help` does without

    sentence = str(error)
    if isinstance(error, CannotReach):
        return Unreached(sentence)
    if isinstance(error, ControlError):
        return Refused(sentence)
    if isinstance(error, AssertionError):
        return NotSo(sentence)
    return click.UsageError(sentence, context) if isinstance(error, ValueError) else None


@click.group(cls=Commands, elsewhere=_ELSEWHERE, epilog=_EXAMPLES)
@click.option("--url", default=_URL, show_default=True, help="Where the server is.")
@click.option("--scope", default="", metavar="NAME", help="Which of its scopes.  [default: its own world]")
@click.option("--token", metavar="TOKEN", help="Its control token, if it has one; better given as a variable.")
@click.pass_context
def control(context: click.Context, url: str, scope: str, token: str | None) -> None:
    """Steer a server that runs already, and see what its clients did.

    The options can be given as variables, too: MOCK_RUNTIME_CONTROL_URL, MOCK_RUNTIME_CONTROL_SCOPE and
    MOCK_RUNTIME_CONTROL_TOKEN. Every command writes JSON with --json.
    """

    @functools.cache
    def reached() -> RemoteControl:
        from mock_runtime.remote import RemoteControl  # noqa: PLC0415 - `--help` does without

        return context.with_resource(RemoteControl(url, scope, token))

    context.obj = reached


def shown(view: Callable[[Any], None] | None = None) -> Callable[[F], Callable[..., None]]:
    """Let a command show what its function returns: by a view, or as JSON with --json."""

    def decorate(function: F) -> Callable[..., None]:
        @click.option("--json", "as_json", is_flag=True, help="Write JSON.")
        @click.pass_obj
        @functools.wraps(function)
        def command(reached: Reached, /, *, as_json: bool, **named: Any) -> None:
            value = function(reached(), **named)
            if as_json:
                write_json(value)
            elif view is not None:
                view(value)

        return command

    return decorate


def write_json(value: Any) -> None:
    """Write a value as JSON: one that means nothing as null."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=True))


def settings_of(texts: Iterable[str]) -> dict[str, Any]:
    """The settings in texts such as `run=30s;outcome=failed`."""
    from mock_runtime.faults.reading import settings_from_text  # noqa: PLC0415 - most commands do without

    return settings_from_text(";".join(texts))


def text_of(file: str) -> str:
    """The text of a file, `-` for what comes in; UsageError if it cannot be read."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise click.UsageError(f"{file}: {why}") from None


def write_text(file: str, text: str) -> None:
    """Write a text to a file, `-` for standard output; UsageError if it cannot be written."""
    if file == "-":
        click.echo(text, nl=not text.endswith("\n"))
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from None


def _views() -> Any:
    from mock_runtime.commands import control_views  # noqa: PLC0415 - `--json` and `--help` do without rich

    return control_views


def view(name: str) -> Callable[[Any], None]:
    """A view by its name, imported when something is shown."""

    def show(value: Any) -> None:
        _views().VIEWS[name](value)

    return show


@control.command()
@shown(view("state"))
def state(remote: RemoteControl) -> Any:
    """How everything stands."""
    return remote.state()


@control.command()
@shown(view("clock"))
def clock(remote: RemoteControl) -> Any:
    """How time stands."""
    return remote.clock.read()


@control.command()
@click.argument("length", required=False)
@click.option("--until", metavar="JOB=STATUS", help="Until a job is queued, running, completed, ... or final.")
@click.option("--at-most", metavar="LENGTH", help="With --until: refuse to move further than that.")
@shown(view("clock"))
def advance(remote: RemoteControl, length: str | None, until: str | None, at_most: str | None) -> Any:
    """Move time forward: by a LENGTH such as 46s, or until a job is somewhere."""
    if (length is None) is (until is None):
        raise click.UsageError("say how far: a length such as 46s, or --until JOB=STATUS")
    if until is None:
        if at_most is not None:
            raise click.UsageError("--at-most belongs to --until")
        return remote.clock.advance(str(length))
    job, equals, status = until.rpartition("=")
    if not equals:
        raise click.UsageError(f"--until: expected JOB=STATUS such as c2b04fot418h0qp0peh0=running, found {until!r}")
    found = remote.clock.advance_until(job, status, at_most=at_most)
    return {**remote.clock.read(), "job": found}


@control.command()
@click.argument("speed")
@shown(view("clock"))
def speed(remote: RemoteControl, speed: str) -> Any:
    """Let time run at another speed: 100x, real, or manual."""
    return remote.clock.set_speed(speed)


@control.command()
@click.argument("length", required=False)
@click.argument("of", nargs=-1, metavar="[OPERATION=LENGTH]...")
@shown(view("latency"))
def latency(remote: RemoteControl, length: str | None, of: tuple[str, ...]) -> Any:
    """How long answers are held back; with a LENGTH, hold them back for that long."""
    if length is not None:
        single = {name: value for name, _, value in (each.partition("=") for each in of)}
        remote.set_latency(length, of=single)
    return remote.latency()


@control.command()
@click.argument("settings", nargs=-1)
@click.option("--program", metavar="ID", help="For the jobs of one program.")
@click.option("--next-job", is_flag=True, help="For the next submission alone.")
@click.option("--file", metavar="FILE", help="Put the scenario in a JSON file in force instead; - for standard input.")
@shown(view("scenario"))
def scenario(
    remote: RemoteControl, settings: tuple[str, ...], program: str | None, next_job: bool, file: str | None
) -> Any:
    """The scenario in force; with SETTINGS such as run=30s outcome=failed, change it."""
    if file is not None:
        if settings or program or next_job:
            raise click.UsageError("--file says all of the scenario: leave out the rest")
        return remote.script.replace(_object(text_of(file), file))
    if not settings:
        if program or next_job:
            raise click.UsageError("say which settings, such as polls=3")
        return remote.script.read()
    said = settings_of(settings)
    if next_job:
        return remote.script.next_job(**said)
    return remote.script.set(**said) if program is None else remote.script.program(program, **said)


def _object(text: str, file: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{file}: is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise click.UsageError(f"{file}: expected a JSON object")
    return value
