"""`mock-runtime run -- CMD`: a program that knows nothing of the fake, run against it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mock_runtime.commands.fake_options import options_of_a_fake
from mock_runtime.commands.shared import config_of, finished, front_of, unmet, whisper, with_instances
from mock_runtime.commands.trust import write_trust
from mock_runtime.naming import named_by_program, named_by_user
from mock_runtime.variables import TOKEN, proxied

if TYPE_CHECKING:
    from types import FrameType

    from mock_runtime.answers import Front
    from mock_runtime.journal.entry import Entry
    from mock_runtime.runtime import Runtime

NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126
_ROWS_AT_MOST: Final = 60
_TITLE_AT_MOST: Final = 160
_AN_ID: Final = re.compile(r"(?<=/)(?:[0-9a-v]{20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/|$)")
_A_BACKEND: Final = re.compile(r"(?<=/v1/backends/)[^/]+(?=/)")
_FORWARDED: Final = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGINT", "SIGQUIT")
_OF_THE_TERMINAL: Final = {"SIGINT", "SIGQUIT"}

_EXAMPLES: Final = """\b
Examples:
  mock-runtime run -- python my_script.py
  mock-runtime run --seed 7 --queue 10s -- pytest -q
  mock-runtime run --chaos flaky-network --seed 7 --scorecard -- python my_script.py
  mock-runtime run --allow pypi.org --allow '*.pythonhosted.org' -- ./everything.sh
"""


@click.command(
    epilog=_EXAMPLES,
    params=options_of_a_fake(),
    context_settings={"allow_interspersed_args": False},
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--allow", multiple=True, metavar="HOST", help="Another host that may be reached; *.example.org, too.")
@click.option("--scorecard", is_flag=True, help="Show at the end what an operator would say of the program.")
@click.option("-q", "--quiet", is_flag=True, help="Do not show what was called.")
@click.pass_context
def run(
    context: click.Context,
    /,
    command: tuple[str, ...],
    allow: tuple[str, ...],
    scorecard: bool,
    quiet: bool,
    **flags: Any,
) -> None:
    """Run a program against a fake of its own, and exit with its code.

    The program needs no change: its variables lead it to the fake by way of a proxy that serves IBM's hosts itself,
    with a certificate that this program alone trusts, and refuses all others. At the end, what was called is shown on
    stderr.

    Where no --instance is given, there are those that the program names, as far as that can be seen: CRNs in its
    command, its variables and its files; QISKIT_IBM_INSTANCE; and what your saved account works with.
    """
    if shutil.which(command[0]) is None:
        found = Path(command[0]).is_file()
        click.echo(f"mock-runtime: {command[0]}: {'cannot be executed' if found else 'command not found'}", err=True)
        context.exit(NOT_EXECUTABLE if found else NOT_FOUND)
    calls = _Calls()
    named = (*named_by_user(os.environ), *named_by_program(command, os.environ))
    with _fake(flags, named=named, allow=allow, calls=calls) as (runtime, environment, front):
        code = run_program(command, environment)
    if not quiet:
        calls.show(command)
        if code != 0 and calls.ended_looking_for_an_instance():
            click.echo("mock-runtime: does the program name an instance? give it with --instance NAME|CRN", err=True)
    if scorecard:
        for line in runtime.scorecard().lines():
            whisper(f"{line}\n")
    _show_bugs(runtime)
    if front is not None:
        # What the program says of itself counts more than what is said of it.
        code = code or finished(front)
    code = code or unmet(runtime, flags)
    context.exit(code)


@contextlib.contextmanager
def _fake(
    flags: dict[str, Any], *, named: tuple[str, ...], allow: tuple[str, ...], calls: _Calls
) -> Iterator[tuple[Runtime, Mapping[str, str], Front | None]]:
    """A fake behind a proxy, the environment of a program that is to meet it, and what stands before the fake."""
    config = with_instances(config_of(flags), named)
    from mock_runtime.app import create_app, runtime_of  # noqa: PLC0415 - after the flags are known to be right
    from mock_runtime.config import InvalidConfig  # noqa: PLC0415
    from mock_runtime.transport.certificates import NoCryptography, issue  # noqa: PLC0415
    from mock_runtime.transport.proxy import ForwardProxy  # noqa: PLC0415
    from mock_runtime.transport.server import CannotListen, LiveServer  # noqa: PLC0415

    try:
        app = create_app(config)
        runtime = runtime_of(app)
        certificates = issue(runtime.hosts.names, now=runtime.clock.now())
    except InvalidConfig as error:
        raise click.UsageError(str(error)) from None
    except NoCryptography as error:
        raise click.ClickException(str(error)) from None
    front = front_of(runtime, flags, lambda line: whisper(f"{line}\n"))
    proxy = ForwardProxy(hosts=runtime.hosts, tls=certificates.tls, allow=allow, note=calls.refused)
    token = config.first_token or TOKEN
    with contextlib.ExitStack() as stack:
        stack.callback(runtime.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mock-runtime-"))
        files = write_trust(certificates.authority_pem, Path(folder), os.environ)
        try:
            server = stack.enter_context(LiveServer(app, observe=calls.seen, proxy=proxy, front=front))
        except CannotListen as error:
            raise click.ClickException(str(error)) from None
        variables = proxied(
            server.origin, bundle=files.bundle, authority=files.authority, environment=os.environ, token=token
        )
        if front is not None:
            for line in front.started(server.url):
                click.echo(f"mock-runtime:{line[1:]}", err=True)
        yield runtime, variables.over(os.environ), front


def run_program(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program to its end, with the signals that we get: its exit code, or 128 and the signal that ended it."""
    waiting: list[int] = []
    child: subprocess.Popen[bytes] | None = None

    def forward(number: int, _frame: FrameType | None) -> None:
        if signal.Signals(number).name in _OF_THE_TERMINAL and _terminal_is_ours():
            return  # Ctrl-C on a terminal reaches the program without us
        if child is None:
            waiting.append(number)
        else:
            with contextlib.suppress(OSError):
                child.send_signal(number)

    numbers = [getattr(signal, name) for name in _FORWARDED if hasattr(signal, name)]
    previous = {number: signal.signal(number, forward) for number in numbers}
    try:
        child = subprocess.Popen(command, env=environment)  # noqa: S603 - to run it is what we were asked for
        for number in waiting:
            child.send_signal(number)
        code = child.wait()
    except OSError as error:
        click.echo(f"mock-runtime: {command[0]}: {(error.strerror or str(error)).lower()}", err=True)
        return NOT_EXECUTABLE
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 128 - code if code < 0 else code


def _terminal_is_ours() -> bool:
    """Whether a terminal sends its interrupts to this group of processes, the program's included."""
    try:
        descriptor = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except (OSError, AttributeError):
        return False
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(descriptor)


class _Calls:
    """What was called, counted. It never holds a header or a query, and so no token."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str, int]] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._faults: Counter[str] = Counter()
        self._last = ""

    def seen(self, exchange: Entry) -> None:
        path = "".join(c if c.isprintable() else "?" for c in exchange.inside[:200])
        self._seen[exchange.method, _A_BACKEND.sub("{id}", _AN_ID.sub("{id}", path)), exchange.status] += 1
        self._faults.update(exchange.faults)
        if not path.startswith("/identity/"):  # a token says nothing of what for
            self._last = path

    def refused(self, host: str, why: str) -> None:
        self._refused[host, why] += 1

    def ended_looking_for_an_instance(self) -> bool:
        """Whether the last that was called tells which instances there are: who finds theirs goes on to the API."""
        from mock_runtime.cloud.ibm_cloud import catalog, resources, search  # noqa: PLC0415 - loaded by then

        return self._last.startswith(tuple(f"{service.PREFIX}/" for service in (catalog, resources, search)))

    def show(self, command: Sequence[str]) -> None:
        """Show it on stderr, in the order of the first calls."""
        for line in self._lines(command):
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(f"{line}\n")

    def _lines(self, command: Sequence[str]) -> Iterator[str]:
        total = sum(self._seen.values())
        name = " ".join(shlex.join(command[:3]).split()) + (" ..." if len(command) > 3 else "")
        name = name if len(name) <= _TITLE_AT_MOST else f"{name[:_TITLE_AT_MOST]}..."
        if total == 0:
            yield f"mock-runtime: {name} called nothing of IBM's"
        else:
            yield f"mock-runtime: {name} made {total} request{'s' * (total > 1)}"
        rows = list(self._seen.items())
        width = max((len(path) for (_, path, _), _ in rows[:_ROWS_AT_MOST]), default=0)
        for (method, path, status), count in rows[:_ROWS_AT_MOST]:
            yield f"  {method:<6} {path:<{width}}  {status}{f'  x{count}' if count > 1 else ''}"
        if len(rows) > _ROWS_AT_MOST:
            yield f"  and {len(rows) - _ROWS_AT_MOST} others"
        for rule, count in self._faults.items():
            yield f"  met fault {rule}{f'  x{count}' if count > 1 else ''}"
        for (host, why), count in self._refused.items():
            hint = f" (--allow {host} lets it through)" if why == "refused" else ""
            yield f"  {host}: {why}{f'  x{count}' if count > 1 else ''}{hint}"


def _show_bugs(runtime: Runtime) -> None:
    for bug in list(runtime.bugs):
        click.echo(f"mock-runtime: a bug of the mock: {type(bug).__name__}: {bug}", err=True)
