"""The command line: flags, environment and file become one configuration. Heavy things are imported when needed."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from mock_runtime.lazy_commands import LazyGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mock_runtime.answers import Front
    from mock_runtime.app import Runtime
    from mock_runtime.config import Config
    from mock_runtime.transport.asgi import Exchange
    from mock_runtime.transport.proxy import ForwardProxy

_CONTEXT: Final = {
    "help_option_names": ["-h", "--help"],
    "auto_envvar_prefix": "MOCK_RUNTIME",
    "max_content_width": 100,
}
_LENGTHS: Final = (
    "1s, 250ms, 1s..3s (uniform), 5s~2s (normal), exponential(5s), lognormal(5s, 0.5), 3 polls, now, never"
)


_SERVE_EXAMPLES: Final = """\b
Examples:
  mock-runtime serve --port 0 --polls 23
  mock-runtime serve --queue 1s --run 5s~2s --latency 50ms --seed 7
  mock-runtime serve --answers generated --seed 7
  mock-runtime serve --token secret --program 'vqe:outcome=failed;reason=ValueError: no ansatz'
"""


class _Lines(click.ParamType[str]):
    """A text that may hold blanks: several of them in a variable are parted by line ends."""

    name = "text"
    envvar_list_splitter = "\n"


_PROXY_DAYS: Final = 30.0
"""How long the certificate of `serve --proxy` is good for: nobody can sign anything more with it."""

_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}


_ELSEWHERE: Final = {
    "drift": "runtime_contracts.commands.drift",
    "env": "mock_runtime.commands.env",
    "proxy": "mock_runtime.commands.proxy",
    "run": "mock_runtime.commands.run",
    "verify": "mock_runtime.commands.verify",
}


@click.group(cls=LazyGroup, elsewhere=_ELSEWHERE, context_settings=_CONTEXT)
@click.version_option(package_name="mock-runtime")
def main() -> None:
    """A fake of IBM's Qiskit Runtime service, and the contract that holds servers and clients to it.

    Every option can be given as an environment variable, too: MOCK_RUNTIME_SERVE_PORT=8000 for serve --port.
    """


@main.command(epilog=_SERVE_EXAMPLES)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 for a free one.",
)
@click.option("--config", type=click.Path(dir_okay=False), help="YAML file with settings; flags win over it.")
@click.option("--edition", help="Generation of the API.  [default: platform]")
@click.option("--prefix", help="Path under which the API stands.  [default: as the real one]")
@click.option("--token", multiple=True, help="API token to accept; repeat for more.  [default: any]")
@click.option(
    "--instance",
    multiple=True,
    metavar="NAME|CRN",
    help="Service instance that there is; repeat for more.  [default: one for each token]",
)
@click.option(
    "--also-instance",
    multiple=True,
    metavar="NAME|CRN",
    help="Service instance that there is beside these, or beside that one; repeat for more.",
)
@click.option("--world", type=click.Path(dir_okay=False), help="YAML file with backends of your own.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "qiskit", "synthetic"]),
    help="Who computes results: Qiskit's simulators, or a seeded distribution.  [default: the first if installed]",
)
@click.option(
    "--noise", type=click.Choice(["device", "ideal"]), help="How good a simulated device is.  [default: device]"
)
@click.option("--queue", help=f"How long a job is queued: {_LENGTHS}.  [default: 1s]")
@click.option("--run", help="How long a job runs, likewise.  [default: 2s]")
@click.option(
    "--polls", type=click.IntRange(0, 10**9), help="End a job after exactly so many polls, however long that takes."
)
@click.option(
    "--outcome",
    type=click.Choice(["completed", "failed", "cancelled", "ran-too-long", "stuck"]),
    help="How a job ends.  [default: completed]",
)
@click.option("--reason", help="Why it failed: the last line of its traceback.")
@click.option(
    "--program",
    type=_Lines(),
    multiple=True,
    metavar="ID:SETTINGS",
    help="For the jobs of one program: vqe:run=30s;outcome=failed.",
)
@click.option(
    "--next-job",
    type=_Lines(),
    multiple=True,
    metavar="SETTINGS",
    help="For one of the next jobs, in turn: polls=3;outcome=failed.",
)
@click.option("--latency", help="How long each answer is held back: a length as above.  [default: now]")
@click.option("--seed", type=int, help="Makes all that is random repeatable.  [default: chosen, and told]")
@click.option(
    "--max-body", type=click.IntRange(1), metavar="BYTES", help="Largest body that is read.  [default: 32 MiB]"
)
@click.option(
    "--clock", type=click.Choice(["system", "manual"]), default="system", show_default=True, help="Whose time counts."
)
@click.option("--control/--no-control", default=None, help="Whether /_mock/ is there.  [default: it is]")
@click.option(
    "--answers",
    type=click.Choice(["generated", "broken"]),
    help="Answer with what the document allows and nobody expects, or with named faults: see docs/answers.md.",
)
@click.option(
    "--answer-operation",
    multiple=True,
    metavar="ID",
    help="With --answers: only this operation, by its id in the document; the fake answers the others. Repeatable.",
)
@click.option(
    "--answer-status",
    metavar="STATUS",
    help="With --answers: which documented statuses come in turn: all, success, 4xx, 404.  [default: all]",
)
@click.option(
    "--case",
    type=click.IntRange(0, 10**15 - 1),
    help="With --answers: answer with this case only.  [default: one after the other]",
)
@click.option("--check", is_flag=True, help="Hold each request to the document, and show what breaks it.")
@click.option(
    "--report",
    type=click.Path(file_okay=False),
    help="With --check or --answers: folder for a report of it as text, JSON and JUnit.",
)
@click.option("--strict", is_flag=True, help="With --check or --answers: exit code 1 if a request broke the document.")
@click.option("--proxy", is_flag=True, help="Be a forward proxy on the same port, too, that serves IBM's hosts itself.")
@click.option(
    "--ca-file",
    type=click.Path(dir_okay=False, writable=True),
    help="With --proxy: where to write the certificate that its clients are to trust.",
)
@click.option("--allow", multiple=True, metavar="HOST", help="With --proxy: another host that may be reached.")
@click.option("-q", "--quiet", is_flag=True, help="Do not show the requests.")
def serve(**flags: Any) -> None:
    """Run the fake until Ctrl-C.

    The first line on stdout is its base URL; everything for people is on stderr.
    """
    config = configuration(flags)
    from mock_runtime.app import create_app, runtime_of
    from mock_runtime.clock import ManualClock
    from mock_runtime.config import InvalidConfig
    from mock_runtime.transport.server import CannotListen
    from mock_runtime.transport.server import serve as serve_on
    from mock_runtime.warming import Warming

    try:
        app = create_app(config, clock=ManualClock() if flags["clock"] == "manual" else None)
    except InvalidConfig as error:
        raise click.UsageError(str(error)) from None

    proxy = _proxy(runtime_of(app), flags)
    front = front_of(runtime_of(app), flags)

    def ready(url: str) -> None:
        _announce(url)
        told = () if front is None else front.started(url)
        for line in (*_welcome(url, runtime_of(app), config, host=flags["host"]), *told, *_ways_in(url, config, flags)):
            click.echo(line, err=True)

    observe = Warming(runtime_of(app), None if flags["quiet"] else _shower())
    try:
        serve_on(app, host=flags["host"], port=flags["port"], ready=ready, observe=observe, proxy=proxy, front=front)
    except CannotListen as error:
        raise click.ClickException(str(error)) from None
    finally:
        runtime_of(app).close()
    click.echo("stopped", err=True)
    if front is not None:
        sys.exit(finished(front))


@main.command()
@click.option(
    "--edition",
    type=click.Choice(["2021"]),
    default="2021",
    show_default=True,
    expose_value=False,
    help="Whose user is shown.",
)
@click.option("--polls", default=23, show_default=True, type=click.IntRange(0, 10_000), help="How often to wait.")
@click.option(
    "--interval", default=0.2, show_default=True, type=click.FloatRange(0, 3600), help="Seconds between two polls."
)
@click.option("--iterations", default=2, show_default=True, type=click.IntRange(0), help="The input of runtime-simple.")
def demo(polls: int, interval: float, iterations: int) -> None:
    """Run the walkthrough of a user of 2021 against a fake of its own, request by request."""
    from mock_runtime.demo import run

    try:
        run(polls=polls, interval_s=interval, iterations=iterations)
        sys.stdout.flush()
    except OSError as error:
        _abandon_stdout()
        raise click.ClickException(f"the demo could not be shown: {error.strerror or error}") from None


def configuration(flags: dict[str, Any]) -> Config:
    """The configuration: what a file says, under what the flags say."""
    from mock_runtime.config import Config, InvalidConfig, load
    from mock_runtime.scenario import InvalidScenario, Plan, Scenario, plan

    try:
        base = Config() if flags["config"] is None else load(flags["config"])
        own = {name: flags[name] for name in ("queue", "run", "polls", "outcome", "reason") if flags[name] is not None}
        if "polls" in own and ("queue" in own or "run" in own):
            raise click.UsageError(
                "--polls already says how long a job is queued and runs: leave out --queue and --run"
            )
        programs = dict(base.scenario.programs)
        for name, settings in map(_named, flags["program"]):
            programs[name] = plan(settings, where=f"--program {name}").over(programs.get(name, Plan()))
        scenario = Scenario(
            default=plan(own, where="").over(base.scenario.default),
            programs=programs,
            jobs=(*base.scenario.jobs, *(plan(_settings(text), where="--next-job") for text in flags["next_job"])),
        )
        renamed = {"max_body": "max_body_bytes"}
        direct = ("edition", "prefix", "latency", "seed", "max_body", "control", "world", "engine", "noise")
        changes = {renamed.get(name, name): flags[name] for name in direct if flags.get(name) is not None}
        for name in ("token", "instance"):
            if flags.get(name):
                changes[f"{name}s"] = flags[name]
        if flags.get("also_instance"):
            changes["also_instances"] = (*base.also_instances, *flags["also_instance"])
        return base.with_changes(scenario=scenario, **changes)
    except (InvalidConfig, InvalidScenario) as error:
        raise click.UsageError(str(error)) from None


def front_of(runtime: Runtime, flags: dict[str, Any]) -> Front | None:
    """What stands before the fake, if the flags ask for answers of the contract or for a check of the requests."""
    steering = [name for name in ("answer_operation", "answer_status", "case") if flags[name] not in {None, ()}]
    if steering and flags["answers"] is None:
        raise click.UsageError(f"--{steering[0].replace('_', '-')} belongs to --answers")
    if flags["answers"] is None and not flags["check"]:
        if flags["report"] or flags["strict"]:
            raise click.UsageError(f"--{'report' if flags['report'] else 'strict'} belongs to --check or --answers")
        return None
    from mock_runtime.answers import Answering, Front

    answering = Answering(
        mode=flags["answers"],
        operations=flags["answer_operation"],
        status=flags["answer_status"] or "all",
        case=flags["case"],
        report=None if flags["report"] is None else Path(flags["report"]),
        strict=flags["strict"],
    )
    try:
        return Front(runtime, answering, show=lambda line: _whisper(f"{line}\n"))
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def finished(front: Front) -> int:
    """Say at the end what became of the requests: an exit code."""
    try:
        for line in front.finish():
            click.echo(line, err=True)
    except OSError as error:
        raise click.ClickException(f"the report cannot be written: {error.strerror or error}") from None
    return front.exit_code


def _whisper(text: str) -> None:
    """Write to stderr, whoever has closed it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text)


def _named(text: str) -> tuple[str, dict[str, object]]:
    name, colon, settings = text.partition(":")
    if not name or not colon:
        raise click.UsageError(f"--program: expected ID:SETTINGS such as vqe:run=30s, found {text!r}")
    return name, _settings(settings)


def _settings(text: str) -> dict[str, object]:
    """The settings in `run=30s;outcome=failed`."""
    settings: dict[str, object] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, equals, value = part.partition("=")
        if not equals:
            raise click.UsageError(f"expected SETTING=VALUE, several of them parted by ';', found {part!r}")
        digits = key.strip() == "polls" and value.strip().isascii() and value.strip().isdigit()
        settings[key.strip()] = int(value) if digits else value.strip()
    return settings


def _announce(url: str) -> None:
    """Write the base URL to stdout, for programs; whoever has closed it does not want to know."""
    try:
        click.echo(url)
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        click.echo(f"the URL could not be written to stdout ({error.strerror}): {url}", err=True)
        _abandon_stdout()


def _abandon_stdout() -> None:
    """Give up on stdout: what is left in its buffer would be tried again, and fail again, when the interpreter ends."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the end


def _welcome(url: str, runtime: Runtime, config: Config, *, host: str) -> Iterable[str]:
    origin, seed = url.removesuffix(f"{runtime.prefix}/"), runtime.ids.seed
    yield f"{runtime.edition.title}: a fake, ready for requests"
    yield f"  documentation  {origin}/openapi/"
    if config.control:
        yield f"  control        {origin}/_mock/"
    names = ", ".join(token.name for token in config.tokens if token.name)
    told = f"{len(config.tokens)} configured{f': {names}' if names else ''}"
    yield f"  tokens         {told if config.tokens else 'any that is not empty'}"
    yield f"  seed           {seed}  (--seed {seed} gives the same run again)"
    if config.control and host not in _LOOPBACK:
        yield "  WARNING        whoever reaches this address can steer the fake at /_mock/ (--no-control removes it)"


def _proxy(runtime: Runtime, flags: dict[str, Any]) -> ForwardProxy | None:
    """The proxy that is asked for, with its certificate written where the user said."""
    if not flags["proxy"]:
        if flags["ca_file"] or flags["allow"]:
            raise click.UsageError("--ca-file and --allow belong to --proxy")
        return None
    if not flags["ca_file"]:
        raise click.UsageError("--proxy needs a --ca-file for the certificate that its clients are to trust")
    from mock_runtime.clock import SystemClock
    from mock_runtime.transport.certificates import NoCryptography, issue
    from mock_runtime.transport.proxy import ForwardProxy

    try:
        certificates = issue(runtime.hosts.names, now=SystemClock().now(), days=_PROXY_DAYS)
        Path(flags["ca_file"]).write_bytes(certificates.authority_pem)
    except NoCryptography as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{flags['ca_file']} cannot be written: {error.strerror}") from None
    return ForwardProxy(hosts=runtime.hosts, tls=certificates.tls, allow=flags["allow"], note=_refusal)


def _refusal(host: str, why: str) -> None:
    click.echo(f"--- {host}: {why}", err=True)


def _ways_in(url: str, config: Config, flags: dict[str, Any]) -> Iterable[str]:
    """What to put in the environment of a program that is to call this server."""
    from mock_runtime.variables import TOKEN, plain

    parts = urlsplit(url)
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


def _shower() -> Callable[[Exchange], None]:
    """Something that shows each exchange on a line of stderr, in one write: it is on the path of every request."""
    stream = sys.stderr
    colours = {1: "36", 2: "32", 3: "36", 4: "33", 5: "31"} if stream.isatty() else {}

    def show(exchange: Exchange) -> None:
        colour = colours.get(exchange.status // 100)
        status = f"\x1b[{colour}m{exchange.status}\x1b[0m" if colour else str(exchange.status)
        path = "".join(c if c.isprintable() else "?" for c in exchange.path[:200])
        with contextlib.suppress(OSError, ValueError):
            stream.write(f"{status} {exchange.method:<6} {path}  {exchange.seconds * 1000:.1f} ms\n")

    return show
