"""`mock-runtime proxy`: between any client and any server, with an eye on both."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from mock_runtime.commands.documents import contract_of
from mock_runtime.commands.run import NOT_EXECUTABLE, NOT_FOUND, run_program
from mock_runtime.commands.shared import unmet_faults
from mock_runtime.commands.trust import write_trust
from mock_runtime.variables import proxied
from runtime_contracts.commands.shared import CouldNotRunError
from runtime_contracts.options import EDITION

if TYPE_CHECKING:
    from types import FrameType

    from mock_runtime.commands.meddling import Meddling
    from mock_runtime.commands.watching import Watching
    from mock_runtime.runtime import Runtime
    from mock_runtime.transport.faulty import Faulty
    from mock_runtime.transport.forwarding import Forwarding, Routes, Service
    from mock_runtime.transport.replaying import Replaying
    from mock_runtime.transport.upstreams import Upstreams
    from runtime_contracts.recording import Redaction, Replay

VIOLATIONS: Final = 1
_DAYS: Final = 30.0
_SECRETS: Final = ("QISKIT_IBM_TOKEN", "MOCK_RUNTIME_TOKEN", "MOCK_RUNTIME_ACCESS_TOKEN", "MOCK_RUNTIME_OTHER_TOKEN")
_KEY_BYTES: Final = 32
_NUMBERS_SHOWN: Final = 10
_MEBIBYTE: Final = 1 << 20

_EXAMPLES: Final = """\b
Examples:
  mock-runtime proxy --upstream https://quantum.cloud.ibm.com -- python my_script.py
  mock-runtime proxy --upstream https://quantum.cloud.ibm.com --record mine.ndjson -- python my_script.py
  mock-runtime proxy --upstream http://127.0.0.1:8000 --port 9000 --enforce requests
  mock-runtime proxy --replay mine.ndjson -- python my_script.py
"""


@click.command(epilog=_EXAMPLES, context_settings={"allow_interspersed_args": False})
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--upstream", metavar="URL", help="The server: IBM's, or any other one. A path in it goes before all paths."
)
@click.option(
    "--upstream-iam", metavar="URL", help="Where API keys are exchanged, if not at IBM's or the upstream itself."
)
@click.option("--edition", help="Edition of the API.  [default: platform, or that of the recording]")
@click.option("--against", metavar="FILE|live", help="Hold both sides to this document instead of ours.")
@click.option(
    "--enforce",
    type=click.Choice(["requests", "responses", "both"]),
    help="Do not pass on what breaks the document: answer 400 to such a request, 502 instead of such a response.",
)
@click.option("--strict", is_flag=True, help="Fields of answers that the document does not name are violations, too.")
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the exchanges in this new file, without secrets; .gz packs it.",
)
@click.option(
    "--keep-inputs/--drop-inputs",
    default=True,
    show_default=True,
    help="With --record: the circuits and parameters of jobs.",
)
@click.option(
    "--replay",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Answer from this recording; there is no upstream.",
)
@click.option("--paced", is_flag=True, help="With --replay: answers take as long as they took.")
@click.option(
    "--report", type=click.Path(file_okay=False, path_type=Path), help="Folder for text, JSON and JUnit reports."
)
@click.option(
    "--fault",
    multiple=True,
    metavar="SETTINGS",
    help="Misbehave in the server's place: match.operation=get-results;act.status=503. Repeatable: docs/faults.md.",
)
@click.option(
    "--chaos", multiple=True, metavar="PROFILE", help="Misbehave as on a bad day: flaky-network, ... Repeatable."
)
@click.option("--require-faults", is_flag=True, help="Exit code 1 if no request met a fault, or a profile.")
@click.option("--seed", type=int, help="Makes faults repeatable.  [default: chosen, and told]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 for a free one.  [default: 8080, free for a program]",
)
@click.option(
    "--write-ca",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Be a forward proxy for IBM's hosts, and write the certificate that clients are to trust.",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="HOST",
    help="Another host that the forward proxy lets through, unread; *.example.org, too.",
)
@click.option(
    "--timeout",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="The longest silence of the upstream, in seconds.",
)
@click.option(
    "--max-body",
    default=8,
    show_default=True,
    type=click.IntRange(1, 512),
    help="Larger bodies, in MiB, are passed on and not checked.",
)
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Trust these certificates of upstreams, too.",
)
@click.option("--insecure", is_flag=True, help="Trust any certificate of an upstream.")
@click.option("--trust-env", is_flag=True, help="Go through the proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY.")
@click.option("-q", "--quiet", is_flag=True, help="Show violations only, not each exchange.")
@click.pass_context
def proxy(context: click.Context, /, command: tuple[str, ...], **given: Any) -> None:
    """Pass requests on to a server, and hold both sides of each exchange to the document.

    What is found is shown on stderr while it happens, and at http://ADDRESS/_proxy/violations. With a program after
    two dashes, its requests to IBM's hosts are led here without a change in it, and the proxy ends with it. Without
    one, Ctrl-C ends the proxy.

    Exit code: that of the program; 1 if that is 0 and violations were seen, or a fault that is required was not met.
    Ctrl-C is the usual end and no failure.
    """
    options = _Options(**given)
    options.refuse_what_cannot_be()
    if command and shutil.which(command[0]) is None:
        found = Path(command[0]).is_file()
        click.echo(f"mock-runtime: {command[0]}: {'cannot be executed' if found else 'command not found'}", err=True)
        context.exit(NOT_EXECUTABLE if found else NOT_FOUND)
    with contextlib.ExitStack() as stack:
        parts = _parts(options, stack)
        code = _with_program(parts, command, stack) if command else _by_itself(parts, stack)
    _finish(parts)
    _show_account(parts)
    unmet = _show_unmet(parts)
    context.exit(code or (VIOLATIONS if parts.watching.sightings.violations or unmet else 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What was given on the command line."""

    upstream: str | None
    upstream_iam: str | None
    edition: str | None
    against: str | None
    enforce: str | None
    strict: bool
    record: Path | None
    keep_inputs: bool
    replay: Path | None
    paced: bool
    report: Path | None
    fault: tuple[str, ...]
    chaos: tuple[str, ...]
    require_faults: bool
    seed: int | None
    host: str
    port: int | None
    write_ca: Path | None
    allow: tuple[str, ...]
    timeout: float
    max_body: int
    ca_file: Path | None
    insecure: bool
    trust_env: bool
    quiet: bool

    def refuse_what_cannot_be(self) -> None:
        """UsageError for options that contradict each other."""
        if (self.upstream is None) == (self.replay is None):
            raise click.UsageError("give --upstream URL, or --replay FILE")
        if self.replay is not None and self.record is not None:
            raise click.UsageError("--record and --replay cannot go together: a recording is there already")
        if self.paced and self.replay is None:
            raise click.UsageError("--paced belongs to --replay")
        if self.insecure and self.ca_file is not None:
            raise click.UsageError("--insecure trusts any certificate: leave out --ca-file")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """A proxy that was put together."""

    options: _Options
    edition: str
    runtime: Runtime
    watching: Watching
    served: Forwarding | Replaying | Faulty
    target: str
    upstreams: Upstreams | None = None
    meddling: Meddling | None = None

    def ended(self) -> None:
        """Close the connections to upstreams, on the event loop that they are of."""
        if self.upstreams is not None:
            self.upstreams.close()


def _parts(options: _Options, stack: contextlib.ExitStack) -> _Parts:
    from mock_runtime.app import create_app, runtime_of  # noqa: PLC0415 - after the flags are known to be right
    from mock_runtime.clock import SystemClock  # noqa: PLC0415
    from mock_runtime.commands.watching import Watching  # noqa: PLC0415
    from mock_runtime.config import Config  # noqa: PLC0415
    from runtime_contracts import documents  # noqa: PLC0415
    from runtime_contracts.recording import Redaction  # noqa: PLC0415
    from runtime_contracts.watching import Sightings, Watch  # noqa: PLC0415

    replay = _replay_of(options)
    named = options.edition or (replay.recording.edition if replay else EDITION)
    try:
        edition = documents.canonical(named)
        runtime = runtime_of(create_app(Config(edition=edition, control=False, seed=options.seed)))
    except (documents.UnknownDocumentError, ValueError) as error:
        raise click.UsageError(f"--edition: {error}") from None
    stack.callback(runtime.close)
    clock = SystemClock()
    redaction = Redaction(
        os.urandom(_KEY_BYTES),
        secrets=[os.environ[name] for name in _SECRETS if os.environ.get(name)],
        drop_inputs=not options.keep_inputs,
    )
    watch = Watch(contract_of(options.against, edition), strict=options.strict, mask=redaction.text)
    watching = Watching(
        edition=edition,
        watch=watch,
        sightings=Sightings(watch, edition=edition),
        redaction=redaction,
        show=_show,
        trace=runtime.ids.trace_uuid,
        now_s=clock.now,
        replay=replay,
        enforce=options.enforce or "",
        show_all=not options.quiet,
    )
    target = str(options.replay) if replay else str(options.upstream)
    served: Forwarding | Replaying | Faulty
    upstreams = None
    if replay is not None:
        served = _replaying(options, runtime, watching, replay)
    else:
        served = _forwarding(options, runtime, watching)
        upstreams = served.upstreams
    _record_into(options, edition, redaction, watching, stack)
    meddling = _meddling(options, runtime)
    if meddling is not None:
        served = _faulty(options, runtime, meddling, served)
    return _Parts(
        options=options,
        edition=edition,
        runtime=runtime,
        watching=watching,
        served=served,
        target=target,
        upstreams=upstreams,
        meddling=meddling,
    )


def _meddling(options: _Options, runtime: Runtime) -> Meddling | None:
    """What misbehaves in the server's place, if it is to."""
    from mock_runtime.commands.meddling import Meddling, rules_of  # noqa: PLC0415 - most proxies behave well
    from mock_runtime.faults.reading import InvalidFault  # noqa: PLC0415

    try:
        rules = rules_of(options.fault, options.chaos)
    except InvalidFault as error:
        raise click.UsageError(str(error)) from None
    return Meddling(runtime, rules, _show) if rules else None


def _faulty(options: _Options, runtime: Runtime, meddling: Meddling, inner: Forwarding | Replaying) -> Faulty:
    from mock_runtime.transport.faulty import Faulty  # noqa: PLC0415 - most proxies behave well

    return Faulty(
        inner=inner,
        app=runtime.wsgi,
        decide=meddling.decide,
        clock=runtime.clock,
        largest_kept_bytes=options.max_body * _MEBIBYTE,
    )


def _forwarding(options: _Options, runtime: Runtime, watching: Watching) -> Forwarding:
    import ssl  # noqa: PLC0415

    from mock_runtime.transport.forwarding import Forwarding  # noqa: PLC0415
    from mock_runtime.transport.upstreams import Upstreams, context  # noqa: PLC0415

    try:
        tls = context(ca_file=str(options.ca_file) if options.ca_file else None, verify=not options.insecure)
    except (OSError, ssl.SSLError) as error:
        raise click.UsageError(f"--ca-file: {options.ca_file} holds no certificates in PEM: {error}") from None
    return Forwarding(
        routes=_routes(options, runtime),
        upstreams=Upstreams(timeout_s=options.timeout, tls=tls, trust_env=options.trust_env),
        watcher=watching,
        app=runtime.wsgi,
        now_s=watching.now_s,
        largest_kept_bytes=options.max_body * _MEBIBYTE,
    )


def _routes(options: _Options, runtime: Runtime) -> Routes:
    """Where each path and host goes: to one server that has them all, or each of IBM's to itself."""
    from mock_runtime.transport.forwarding import Routes, Service  # noqa: PLC0415
    from mock_runtime.transport.upstreams import Address  # noqa: PLC0415

    try:
        upstream = Address.of(str(options.upstream))
        parts = urlsplit(str(options.upstream))
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError(f"{_address_in(str(options.upstream))!r} has more than an address and a path")  # noqa: TRY301
        services = (
            ()
            if options.upstream_iam is None
            else (Service("/identity", Address.of(options.upstream_iam), "/identity"),)
        )
    except ValueError as error:
        raise click.UsageError(f"--upstream: {error}") from None
    return Routes(
        upstream=upstream,
        hosts=runtime.hosts,
        path=parts.path.rstrip("/"),
        services=services,
        beside=_services_of_ibm(upstream.host) if runtime.hosts.knows(upstream.host) else (),
    )


def _address_in(url: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}"


def _services_of_ibm(host: str) -> tuple[Service, ...]:
    """The services beside the API at IBM's own hosts, for clients that ask for them by the address of the proxy."""
    from mock_runtime.site import IBM_CLOUD  # noqa: PLC0415
    from mock_runtime.transport.forwarding import Service  # noqa: PLC0415
    from mock_runtime.transport.upstreams import Address  # noqa: PLC0415

    domain = next((domain for domain in IBM_CLOUD if host.endswith(f".{domain}")), IBM_CLOUD[0])
    services = (
        ("/identity", "iam", "/identity"),
        ("/v3/resources", "api.global-search-tagging", "/v3/resources"),
        ("/v2/resource_instances", "resource-controller", "/v2/resource_instances"),
        ("/globalcatalog", "globalcatalog", ""),
    )
    return tuple(Service(path, Address("https", f"{name}.{domain}", 443), there) for path, name, there in services)


def _replay_of(options: _Options) -> Replay | None:
    if options.replay is None:
        return None
    from runtime_contracts.recording import InvalidRecordingError, Replay, read  # noqa: PLC0415

    try:
        recording = read(options.replay)
    except (InvalidRecordingError, OSError) as error:
        raise CouldNotRunError(f"--replay: {error}") from None
    for line in recording.damaged[:20]:
        _show(f"WARNING {options.replay}, {line}; left out")
    if len(recording.damaged) > 20:
        _show(f"WARNING {options.replay}: {len(recording.damaged) - 20} more lines cannot be read; left out")
    return Replay(recording)


def _replaying(options: _Options, runtime: Runtime, watching: Watching, replay: Replay) -> Replaying:
    from mock_runtime.clock import SystemClock  # noqa: PLC0415
    from mock_runtime.commands.watching import replies  # noqa: PLC0415
    from mock_runtime.transport.replaying import Replaying  # noqa: PLC0415

    return Replaying(
        hosts=runtime.hosts,
        watcher=watching,
        find=replies(watching, replay, paced=options.paced),
        clock=SystemClock(),
        app=runtime.wsgi,
        largest_kept_bytes=options.max_body * _MEBIBYTE,
    )


def _record_into(
    options: _Options, edition: str, redaction: Redaction, watching: Watching, stack: contextlib.ExitStack
) -> None:
    if options.record is None:
        return
    from runtime_contracts.recording import Recorder, RecordingExistsError  # noqa: PLC0415

    try:
        watching.recorder = stack.enter_context(
            Recorder(
                options.record,
                redaction=redaction,
                edition=edition,
                upstream=str(options.upstream),
                has_inputs=options.keep_inputs,
            )
        )
    except RecordingExistsError as error:
        raise CouldNotRunError(f"--record: {error}") from None
    except OSError as error:
        raise CouldNotRunError(f"--record: {options.record} cannot be written: {error.strerror or error}") from None


def _with_program(parts: _Parts, command: tuple[str, ...], stack: contextlib.ExitStack) -> int:
    """Run a program behind the proxy, and return its exit code."""
    with (
        tempfile.TemporaryDirectory(prefix="mock-runtime-") as folder,
        _listening(parts, stack, forward=True, port=parts.options.port or 0) as (origin, authority),
    ):
        files = write_trust(authority, Path(folder), os.environ)
        variables = proxied(origin, bundle=files.bundle, authority=files.authority, environment=os.environ, token=None)
        _welcome(parts, origin, forward=True)
        return run_program(command, variables.over(os.environ))


def _by_itself(parts: _Parts, stack: contextlib.ExitStack) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    options = parts.options
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    previous = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        port = 8080 if options.port is None else options.port
        with _listening(parts, stack, forward=options.write_ca is not None, port=port) as (origin, authority):
            if options.write_ca is not None:
                _write(options.write_ca, authority)
            click.echo(f"{origin}/")
            sys.stdout.flush()
            _welcome(parts, origin, forward=options.write_ca is not None)
            # Waking up now and then lets Python run the handlers of signals on every system.
            while not ended.wait(0.5):
                pass
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0


@contextlib.contextmanager
def _listening(parts: _Parts, stack: contextlib.ExitStack, *, forward: bool, port: int) -> Iterator[tuple[str, bytes]]:
    """A server in a thread, and the certificate of its authority if it is a forward proxy."""
    from mock_runtime.transport.certificates import NoCryptography, issue  # noqa: PLC0415
    from mock_runtime.transport.proxy import ForwardProxy  # noqa: PLC0415
    from mock_runtime.transport.server import CannotListen, ProxyServer  # noqa: PLC0415

    own, authority = None, b""
    if forward:
        try:
            certificates = issue(parts.runtime.hosts.names, now=parts.watching.now_s(), days=_DAYS)
        except NoCryptography as error:
            raise CouldNotRunError(str(error)) from None
        authority = certificates.authority_pem
        own = ForwardProxy(hosts=parts.runtime.hosts, tls=certificates.tls, allow=parts.options.allow, note=_refused)
    try:
        server = stack.enter_context(
            ProxyServer(parts.served, forward=own, host=parts.options.host, port=port, ended=parts.ended)
        )
    except CannotListen as error:
        raise CouldNotRunError(str(error)) from None
    try:
        yield server.origin, authority
    finally:
        server.stop()


def _welcome(parts: _Parts, origin: str, *, forward: bool) -> None:
    options = parts.options
    doing = "answers from" if options.replay else "passes on to"
    _show(f"mock-runtime proxy at {origin} {doing} {parts.target}, edition {parts.edition}")
    _show(f"  what is found  {origin}/_proxy/violations")
    if forward:
        _show(
            "  it stands for IBM's hosts, and refuses others"
            + (f", but for {', '.join(options.allow)}" if options.allow else "")
        )
    if options.write_ca is not None:
        _show(f'  a shell        eval "$(mock-runtime env --url {origin} --ca-file {options.write_ca})"')
    if options.record is not None:
        inputs = (
            "with the circuits and parameters of jobs (--drop-inputs leaves them out)"
            if options.keep_inputs
            else "without the inputs of jobs"
        )
        _show(f"  recording      {options.record}, without secrets, {inputs}")
    if parts.meddling is not None:
        armed = ", ".join(rule.id for rule in parts.meddling.faults)
        _show(f"  faults         {armed}, seed {parts.runtime.ids.seed}: answers are not always those of the upstream")
    if options.insecure:
        _show("  WARNING        --insecure: whoever answers in place of the upstream is believed, and gets your tokens")
    if options.host not in {"127.0.0.1", "localhost", "::1"}:
        _show("  WARNING        whoever reaches this address can use the proxy, and read what it found")


def _finish(parts: _Parts) -> None:
    """Show what was seen, and write the reports."""
    from rich.console import Console  # noqa: PLC0415 - only what is finished is shown
    from rich.text import Text  # noqa: PLC0415

    outcome = parts.watching.outcome(parts.target)
    console = Console(stderr=True, highlight=False)
    with contextlib.suppress(OSError, ValueError):
        for line, style in outcome.lines():
            console.print(Text(line, style=style), soft_wrap=True)
    if parts.options.report is not None:
        try:
            outcome.write(parts.options.report)
        except OSError as error:
            raise CouldNotRunError(f"the report cannot be written: {error}") from None


def _show_account(parts: _Parts) -> None:
    """Say which faults were met, how often, and by which requests."""
    if parts.meddling is None:
        return
    for armed in parts.meddling.faults:
        told = armed.as_dict()
        numbers = ", ".join(f"#{number}" for number in told["requests"][:_NUMBERS_SHOWN])
        more = ", ..." if len(told["requests"]) > _NUMBERS_SHOWN else ""
        _show(f"fault {armed.id}: met {armed.met} of {told['matched']}{f' ({numbers}{more})' if numbers else ''}")


def _show_unmet(parts: _Parts) -> bool:
    """Say which faults no request met, if all of them are required; whether there are some."""
    if parts.meddling is None or not parts.options.require_faults:
        return False
    told = unmet_faults(parts.meddling.faults, parts.options.chaos)
    if told:
        _show(told.rstrip())
    return bool(told)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise CouldNotRunError(f"--write-ca: {file} cannot be written: {error.strerror or error}") from None


def _refused(host: str, why: str) -> None:
    hint = f" (--allow {host} lets it through)" if why == "refused" else ""
    _show(f"--- {host}: {why}{hint}")


def _show(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
