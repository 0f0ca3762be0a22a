"""`mock-runtime verify recording`: whether the fake, or another server, answers as the recorded one did."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from mock_runtime.commands.documents import contract_of
from runtime_contracts.commands.shared import CouldNotRunError

if TYPE_CHECKING:
    from runtime_contracts.contract import Contract
    from runtime_contracts.recording import Accepted, Recording
    from runtime_contracts.watching import Answer, Request
    from runtime_contracts.watching.outcome import Outcome

_EXAMPLES: Final = """\b
Examples:
  mock-runtime verify recording mine.ndjson
  mock-runtime verify recording mine.ndjson --ignore '/devices/*/queue_length' --report reports
  mock-runtime verify recording mine.ndjson http://127.0.0.1:8000 --token alice
"""
_TIMEOUT_S: Final = 60.0


@click.command(epilog=_EXAMPLES)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("url", required=False)
@click.option("--edition", help="Edition of the API.  [default: that of the recording]")
@click.option("--against", metavar="FILE|live", help="Hold the recorded exchanges to this document instead of ours.")
@click.option(
    "--token", envvar="MOCK_RUNTIME_TOKEN", help="API token or key for the server at URL (MOCK_RUNTIME_TOKEN)."
)
@click.option("--instance", metavar="CRN", help="Service instance at URL, in place of the recorded ones.")
@click.option("--iam-url", metavar="URL", help="Where API keys are exchanged.  [default: the server's own address]")
@click.option(
    "--ignore",
    multiple=True,
    metavar="POINTER",
    help="Differences here do not count; * stands for a key or an index; repeatable.",
)
@click.option(
    "--accepted",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file of accepted differences, each with a reason.",
)
@click.option("--shapes-only", is_flag=True, help="Compare only; do not hold the recorded exchanges to the document.")
@click.option("--strict", is_flag=True, help="A line of the file that cannot be read ends the run.")
@click.option(
    "--report", type=click.Path(file_okay=False, path_type=Path), help="Folder for text, JSON and JUnit reports."
)
def recording(file: Path, url: str | None, **given: Any) -> None:
    """Hold the exchanges in FILE to the document, and compare them with the fake's.

    The recorded requests are sent, in their order, to a fresh fake in this process, or to the server at URL. Statuses,
    content types and the shapes of the bodies are compared: keys, types, null, formats. Values are not.

    Exit codes: 0 nothing found, 1 something found, 2 could not run, 130 interrupted.
    """
    from runtime_contracts.recording import InvalidRecordingError, read  # noqa: PLC0415 - when it is needed

    if url is not None and not url.startswith(("http://", "https://")):
        raise click.BadParameter("expected an http or https URL", param_hint="URL")
    try:
        found = read(file, strict=given["strict"])
    except InvalidRecordingError as error:
        raise CouldNotRunError(str(error)) from None
    except OSError as error:
        raise CouldNotRunError(f"{file} cannot be read: {error.strerror or error}") from None
    options = _Options(file=file, url=url, **given)
    with contextlib.ExitStack() as stack:
        outcome = _outcome(options, found, stack)
    _show(outcome, options.report)
    click.get_current_context().exit(outcome.exit_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    file: Path
    url: str | None
    edition: str | None
    against: str | None
    token: str | None
    instance: str | None
    iam_url: str | None
    ignore: tuple[str, ...]
    accepted: Path | None
    shapes_only: bool
    strict: bool
    report: Path | None


def _outcome(options: _Options, found: Recording, stack: contextlib.ExitStack) -> Outcome:
    from runtime_contracts import documents  # noqa: PLC0415
    from runtime_contracts.recording import InvalidAcceptedError, compare, load_accepted  # noqa: PLC0415

    try:
        edition = documents.canonical(options.edition or found.edition)
    except documents.UnknownDocumentError as error:
        raise CouldNotRunError(f"--edition: {error}" if options.edition else f"{options.file}: {error}") from None
    found = replace(found, edition=edition)
    try:
        accepted: list[Accepted] = load_accepted(options.accepted) if options.accepted else []
    except InvalidAcceptedError as error:
        raise CouldNotRunError(f"--accepted: {error}") from None
    contract = contract_of(options.against, edition)
    send, wait, name = _other_side(options, found, stack)
    outcome = compare(
        found,
        send,
        contract=contract,
        names=("real", name),
        ignore=options.ignore,
        accepted=accepted,
        wait=wait,
        progress=_progress() if found.exchanges else None,
        target=str(options.file),
    )
    return outcome if options.shapes_only else _with_document(outcome, found, contract)


def _with_document(outcome: Outcome, found: Recording, contract: Contract) -> Outcome:
    """The outcome, with what of the document the recorded exchanges break before it."""
    from runtime_contracts.report import counted  # noqa: PLC0415
    from runtime_contracts.watching import Sightings, Watch  # noqa: PLC0415

    if outcome.problem is not None:
        return outcome
    sightings = Sightings(Watch(contract), edition=found.edition)
    refused = 0
    for exchange in found.exchanges:
        sightings.look(exchange)
        for finding in sightings.watch.checked(exchange):
            # A request that the server refused is the client's affair, and says nothing of the server.
            if finding.side == "request" and exchange.answer.status >= 400:
                refused += 1
            else:
                sightings.add(finding)
    of_document = sightings.outcome(kind="recording", target=outcome.target)
    notes = [f"{counted(refused, 'violation')} in requests that were refused"] if refused else []
    return replace(
        outcome,
        documented=of_document.documented,
        failures=(*of_document.failures, *outcome.failures),
        notes=(*of_document.notes, *notes, *outcome.notes),
    )


def _other_side(
    options: _Options, found: Recording, stack: contextlib.ExitStack
) -> tuple[Callable[[Request], Answer], Callable[[], None] | None, str]:
    """How requests are sent, how time passes, and what the server is called."""
    if options.url is not None:
        return _server(options, found, stack)
    from mock_runtime.commands.fresh_fake import fresh_fake  # noqa: PLC0415
    from mock_runtime.config import InvalidConfig  # noqa: PLC0415

    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mock-runtime-"))
    try:
        fake = fresh_fake(found, Path(folder))
    except InvalidConfig as error:
        raise CouldNotRunError(f"there is no fake for {options.file}: {error}") from None
    stack.callback(fake.runtime.close)
    return fake.send, fake.wait, "the fake"


def _server(
    options: _Options, found: Recording, stack: contextlib.ExitStack
) -> tuple[Callable[[Request], Answer], Callable[[], None] | None, str]:
    from mock_runtime.clock import SystemClock  # noqa: PLC0415
    from runtime_contracts.recording.elsewhere import Elsewhere, SignInError  # noqa: PLC0415

    assert options.url is not None  # noqa: S101 - narrows the type
    clock = SystemClock()
    try:
        server = stack.enter_context(
            Elsewhere(
                options.url,
                edition=found.edition,
                token=options.token,
                instance=options.instance,
                iam_url=options.iam_url,
                timeout_s=_TIMEOUT_S,
            )
        )
    except SignInError as error:
        raise CouldNotRunError(str(error)) from None
    return server.send, lambda: clock.sleep(0.5), urlsplit(options.url).netloc


def _progress() -> Callable[[str], None] | None:
    """How far it is, on a line of its own that is written over, if there is a terminal."""
    if not sys.stderr.isatty():
        return None

    def show(line: str) -> None:
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    return show


def _show(outcome: Outcome, folder: Path | None) -> None:
    from rich.console import Console  # noqa: PLC0415 - only what is finished is shown
    from rich.text import Text  # noqa: PLC0415

    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    console = Console(highlight=False)
    for line, style in outcome.lines():
        console.print(Text(line, style=style), soft_wrap=True)
    if folder is not None:
        try:
            outcome.write(folder)
        except OSError as error:
            raise CouldNotRunError(f"the report cannot be written: {error}") from None
