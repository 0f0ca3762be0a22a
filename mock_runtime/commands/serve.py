"""`mock-runtime serve`: the fake on a socket, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO
from urllib.parse import urlsplit

import click

from mock_runtime.cli import abandon_stdout
from mock_runtime.commands.fake_options import configuration, describing_a_fake
from mock_runtime.commands.shared import finished, front_of, unmet, whisper

if TYPE_CHECKING:
    from flask import Flask

    from mock_runtime.guard import Guard
    from mock_runtime.observing.logs import Kind, Log
    from mock_runtime.observing.tracing import Tracing
    from mock_runtime.runtime import Runtime
    from mock_runtime.transport.proxy import ForwardProxy

_EXAMPLES: Final = """\b
Examples:
  mock-runtime serve --port 0 --polls 23
  mock-runtime serve --queue 1s --run 5s~2s --latency 50ms --seed 7
  mock-runtime serve --chaos flaky-network --speed 100x --seed 7
  mock-runtime serve --world world.yaml --reload
  mock-runtime serve --answers generated --seed 7
  mock-runtime serve --token secret --program 'vqe:outcome=failed;reason=ValueError: no ansatz'
"""

_PROXY_DAYS: Final = 30.0
"""How long the certificate of `serve --proxy` is good for: nobody can sign anything more with it."""

_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}


@click.command(epilog=_EXAMPLES)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 for a free one.",
)
@describing_a_fake
@click.option("--reload", is_flag=True, help="With --world: read the file again whenever it changes.")
@click.option(
    "--log",
    type=click.Choice(["pretty", "json", "none"]),
    help="How requests are shown on stderr.  [default: pretty]",
)
@click.option(
    "--control-token",
    metavar="TOKEN",
    help="Whoever steers the fake at /_mock/ has to present it.  [default: only this machine may]",
)
@click.option(
    "--control-host",
    multiple=True,
    metavar="HOST",
    help="Another name by which this machine may call /_mock/; *.example.org, too. Repeatable.",
)
@click.option("--proxy", is_flag=True, help="Be a forward proxy on the same port, too, that serves IBM's hosts itself.")
@click.option(
    "--ca-file",
    type=click.Path(dir_okay=False, writable=True),
    help="With --proxy: where to write the certificate that its clients are to trust.",
)
@click.option("--allow", multiple=True, metavar="HOST", help="With --proxy: another host that may be reached.")
@click.option("-q", "--quiet", is_flag=True, help="Short for --log none.")
def serve(**flags: Any) -> None:
    """Run the fake until Ctrl-C.

    The first line on stdout is its base URL; everything for people is on stderr.
    """
    config = configuration(flags)
    if flags["reload"] and config.world is None:
        raise click.UsageError("--reload belongs to --world")
    from mock_runtime.app import create_app, runtime_of  # noqa: PLC0415 - after the flags are known to be right
    from mock_runtime.config import InvalidConfig  # noqa: PLC0415

    guard = _guard(flags)
    try:
        app = create_app(config, guard=guard)
    except InvalidConfig as error:
        raise click.UsageError(str(error)) from None
    runtime = runtime_of(app)
    runtime.hold_time()
    with contextlib.ExitStack() as stack:
        stack.callback(runtime.close)
        telling = stack.enter_context(_telling(flags))
        code = _serve(app, runtime, telling, flags)
        telling.say("stopped", "stopped")
    sys.exit(code)


def _serve(app: Flask, runtime: Runtime, telling: _Telling, flags: dict[str, Any]) -> int:
    """Serve, and say at the end what became of it: an exit code."""
    from mock_runtime.commands.reloading import Reloading  # noqa: PLC0415 - after the flags are known to be right
    from mock_runtime.transport.server import CannotListen  # noqa: PLC0415
    from mock_runtime.transport.server import serve as serve_on  # noqa: PLC0415
    from mock_runtime.warming import Warming  # noqa: PLC0415

    proxy = _proxy(runtime, flags, lambda host, why: telling.say("refused", f"--- {host}: {why}"))
    front = front_of(runtime, flags, lambda line: telling.say("violation", line))
    runtime.observers += telling.observers

    def ready(url: str) -> None:
        _announce(url)
        first, *rest = _welcome(url, runtime, flags)
        telling.say("started", first, url=url, edition=runtime.edition.name, seed=runtime.ids.seed)
        for line in (*rest, *(() if front is None else front.started(url)), *_ways_in(url, runtime, flags)):
            telling.say("told", line)

    reloading = Reloading(runtime, telling.say) if flags["reload"] else contextlib.nullcontext()
    try:
        with reloading:
            serve_on(
                app,
                host=flags["host"],
                port=flags["port"],
                ready=ready,
                observe=Warming(runtime),
                proxy=proxy,
                front=front,
            )
    except CannotListen as error:
        raise click.ClickException(str(error)) from None
    code = 0 if front is None else finished(front)
    return code or unmet(runtime, flags)


class _Telling:
    """How people, or programs, are told what goes on: lines on stderr, or JSON.

    What is no exchange is said in any case, but for `--log json`, where it is an object on a line as well.
    """

    def __init__(self, log: Log, traces: Tracing | None, *, is_json: bool) -> None:
        self._log = log
        self._is_json = is_json
        self.observers = [log.observe, *([] if traces is None else [traces.observe])]

    def say(self, event: str, sentence: str, **facts: object) -> None:
        """Say something of the server itself."""
        if self._is_json:
            self._log.note(event, sentence.strip(), **facts)
        else:
            whisper(f"{sentence}\n")


@contextlib.contextmanager
def _telling(flags: dict[str, Any]) -> Iterator[_Telling]:
    """The log on stderr; and traces, if OpenTelemetry is set up."""
    from importlib.metadata import version  # noqa: PLC0415 - only who serves pays

    from mock_runtime.clock import SystemClock  # noqa: PLC0415
    from mock_runtime.observing.logs import configure, wants_colour  # noqa: PLC0415
    from mock_runtime.observing.tracing import tracing  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        given: TextIO | None = sys.stderr
        # There is none under pythonw.
        stream = given or stack.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123 - a device
        kind: Kind = flags["log"] or ("none" if flags["quiet"] else "pretty")
        real = SystemClock()
        colour = wants_colour(stream, os.environ)
        log = stack.enter_context(configure(kind, stream, clock=real, colour=colour))
        traces = tracing(os.environ, clock=real, version=version("mock-runtime"))
        if traces is not None:
            stack.callback(traces.close)
        yield _Telling(log, traces, is_json=kind == "json")


def _guard(flags: dict[str, Any]) -> Guard:
    from mock_runtime.guard import Guard  # noqa: PLC0415 - only who serves pays

    try:
        return Guard(token=flags["control_token"], hosts=flags["control_host"])
    except ValueError as error:
        raise click.UsageError(f"--control-token or --control-host: {error}") from None


def _announce(url: str) -> None:
    """Write the base URL to stdout, for programs; whoever has closed it does not want to know."""
    try:
        click.echo(url)
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        click.echo(f"the URL could not be written to stdout ({error.strerror}): {url}", err=True)
        abandon_stdout()


def _welcome(url: str, runtime: Runtime, flags: dict[str, Any]) -> Iterable[str]:
    config = runtime.config
    origin, seed = url.removesuffix(f"{runtime.prefix}/"), runtime.ids.seed
    yield f"{runtime.edition.title}: a fake, ready for requests"
    yield f"  documentation  {origin}/openapi/"
    if config.control:
        who = "with its token" if runtime.guard.wants_token else "this machine only"
        opens = "" if flags["host"] in _LOOPBACK or runtime.guard.wants_token else "; --control-token opens it"
        yield f"  control        {origin}/_mock/  ({who}{opens})"
    names = ", ".join(token.name for token in config.tokens if token.name)
    told = f"{len(config.tokens)} configured{f': {names}' if names else ''}"
    yield f"  tokens         {told if config.tokens else 'any that is not empty'}"
    yield f"  seed           {seed}  (--seed {seed} gives the same run again)"
    if config.speed != 1:
        pace = f"{config.speed:g} times as fast as it is" if config.speed else "stands still until it is moved"
        yield f"  time           {pace}"
    if len(runtime.faults):
        yield f"  faults         {', '.join(armed.id for armed in runtime.faults)}"
    if flags["reload"]:
        yield f"  world          {config.world}, read again whenever it changes"


def _proxy(runtime: Runtime, flags: dict[str, Any], refused: Callable[[str, str], None]) -> ForwardProxy | None:
    """The proxy that is asked for, with its certificate written where the user said."""
    if not flags["proxy"]:
        if flags["ca_file"] or flags["allow"]:
            raise click.UsageError("--ca-file and --allow belong to --proxy")
        return None
    if not flags["ca_file"]:
        raise click.UsageError("--proxy needs a --ca-file for the certificate that its clients are to trust")
    from mock_runtime.clock import SystemClock  # noqa: PLC0415 - only who is a proxy pays
    from mock_runtime.transport.certificates import NoCryptography, issue  # noqa: PLC0415
    from mock_runtime.transport.proxy import ForwardProxy  # noqa: PLC0415

    try:
        certificates = issue(runtime.hosts.names, now=SystemClock().now(), days=_PROXY_DAYS)
        Path(flags["ca_file"]).write_bytes(certificates.authority_pem)
    except NoCryptography as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{flags['ca_file']} cannot be written: {error.strerror}") from None
    return ForwardProxy(hosts=runtime.hosts, tls=certificates.tls, allow=flags["allow"], note=refused)


def _ways_in(url: str, runtime: Runtime, flags: dict[str, Any]) -> Iterable[str]:
    """What to put in the environment of a program that is to call this server."""
    from mock_runtime.variables import TOKEN, plain  # noqa: PLC0415 - after the flags are known to be right

    config, parts = runtime.config, urlsplit(url)
    if config.edition == "platform":
        token = "<one of the tokens>" if config.tokens else TOKEN
        variables = plain(f"http://{parts.netloc}", environment={}, token=token)
        yield "  qiskit-ibm-runtime 0.49 and later, without a change, in a shell with:"
        for name, value in variables.set.items():
            yield f"    export {name}={shlex.quote(value)}"
    if flags["proxy"]:
        ca_file = shlex.quote(str(flags["ca_file"]))
        yield "  any program, by way of the proxy, in a shell with:"
        yield f'    eval "$(mock-runtime env --url http://{parts.netloc} --ca-file {ca_file})"'
    yield "  Ctrl-C ends it"
