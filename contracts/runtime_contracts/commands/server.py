"""`mock-runtime verify server URL`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from runtime_contracts.commands.shared import (
    MISSING,
    CouldNotRunError,
    against,
    finish,
    held_to,
    only_operation,
    only_phase,
    shared_options,
)
from runtime_contracts.options import POLITE_RATE_PER_S, PROFILE, PROFILES, SERVER_PHASES, ServerSettings

if TYPE_CHECKING:
    from pathlib import Path

SERVER: Final = ServerSettings()
FORMATS: Final = ("text", "json", "junit", "github")
_EXAMPLES: Final = """\b
Examples:
  mock-runtime verify server http://127.0.0.1:8000/ --token alice --other-token bob --profile quick
  mock-runtime verify server http://127.0.0.1:8000/ --token alice --phase journeys
  mock-runtime verify server http://127.0.0.1:8000/ --token alice --profile nightly --time-limit 1800 --report reports
  mock-runtime verify server https://quantum.cloud.ibm.com/ --read-only --instance CRN \\
    --iam-url https://iam.cloud.ibm.com
"""


@click.command(epilog=_EXAMPLES)
@click.argument("url")
@shared_options("what the server says of itself, else platform")
@click.option(
    "--token", envvar="MOCK_RUNTIME_TOKEN", help="API token or key that the server knows (MOCK_RUNTIME_TOKEN)."
)
@click.option(
    "--access-token",
    envvar="MOCK_RUNTIME_ACCESS_TOKEN",
    help="Session token, if logging in is not possible (MOCK_RUNTIME_ACCESS_TOKEN).",
)
@click.option(
    "--other-token",
    envvar="MOCK_RUNTIME_OTHER_TOKEN",
    help="API token of a second account, to see what callers can do to each other (MOCK_RUNTIME_OTHER_TOKEN).",
)
@click.option("--instance", metavar="CRN", help="Service instance of the caller.  [default: the first it has]")
@click.option("--other-instance", metavar="CRN", help="Service instance of the second account.")
@click.option("--iam-url", metavar="URL", help="Where API keys are exchanged.  [default: the server's own address]")
@click.option(
    "--profile",
    type=click.Choice(tuple(PROFILES)),
    help=f"{'; '.join(f'{name}: {profile.about}' for name, profile in PROFILES.items())}.  [default: {PROFILE}]",
)
@click.option(
    "--read-only",
    is_flag=True,
    help="For a live service: send GET alone (and the exchange of the key at IAM); create, change and charge nothing.",
)
@click.option(
    "--rate",
    "rate_per_s",
    type=click.FloatRange(0, min_open=True),
    metavar="N",
    help=f"Requests a second at most; a 429 is waited for.  [default: {POLITE_RATE_PER_S:g} if --read-only]",
)
@click.option(
    "--time-limit",
    "time_limit_s",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="End the run then, with what was found.",
)
@click.option("--max-examples", type=click.IntRange(1), help="Random cases each.  [default: what the profile says]")
@only_phase(SERVER_PHASES)
@only_operation
@click.option("--journey", "journeys", multiple=True, metavar="NAME", help="Only this journey; repeatable.")
@against
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="Of stdout.")
def server(
    url: str,
    report: Path | None,
    phases: tuple[str, ...],
    operations: tuple[str, ...],
    journeys: tuple[str, ...],
    form: str,
    against: str | None,
    **given: Any,
) -> None:
    """Drive the server at URL through every operation of the contract.

    The run creates jobs and programs there, unless it is --read-only. Start a fake with fixed tokens for it, as in
    `mock-runtime serve --token TOKEN`; one that lets anybody in breaks the contract.

    Exit codes: 0 nothing found, 1 something found, 2 could not run, 130 interrupted.
    """
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter("expected an http or https URL", param_hint="URL")
    if not given["token"]:
        raise click.UsageError("no token: give --token or set MOCK_RUNTIME_TOKEN")
    try:
        from runtime_contracts.asking import edition_of  # noqa: PLC0415 - heavy, and an optional part
        from runtime_contracts.server_fuzz import fuzz_server  # noqa: PLC0415 - heavy, and an optional part
    except ImportError as error:
        raise CouldNotRunError(MISSING.format(error.name)) from None
    from runtime_contracts.commands.progress import shown  # noqa: PLC0415 - only a run shows progress

    given |= {"phases": phases or None, "operations": operations or None, "journeys": journeys or None}
    given |= held_to(against, lambda: given["edition"] or edition_of(url), given["operations"])

    def run() -> Any:
        with shown() as progress:
            return fuzz_server(url, report_dir=report, progress=progress, **given)

    finish(run, form=form)
