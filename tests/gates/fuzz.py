"""The gates of an edition with a seed and a number of examples of one's own: `make fuzz SEED=1 EXAMPLES=200`."""

from __future__ import annotations

import sys
from functools import partial

import click

from mock_runtime import Config, LiveServer, ManualClock, create_app
from runtime_contracts import profiles
from runtime_contracts.client_driver import ClientDriver
from runtime_contracts.client_fuzz import fuzz_client
from runtime_contracts.server_fuzz import fuzz_server
from tests.runtime_contracts import reference_driver, reference_driver_platform

_DRIVERS: dict[str, ClientDriver] = {
    "legacy-2021": reference_driver.driver,
    "platform": reference_driver_platform.driver,
}


@click.command()
@click.option("--edition", "editions", type=click.Choice(profiles.names()), multiple=True, help="Only this edition.")
@click.option("--seed", type=int, required=True, help="Makes the same run again.")
@click.option("--max-examples", type=click.IntRange(1), required=True, help="Random cases an operation gets.")
def main(editions: tuple[str, ...], seed: int, max_examples: int) -> None:
    """Fuzz the fake, then the reference client, of every edition; exit with 1 if anything is found."""
    exit_codes = [_fuzz(edition, seed, max_examples) for edition in editions or profiles.names()]
    sys.exit(max(exit_codes))


def _fuzz(edition: str, seed: int, max_examples: int) -> int:
    clock = ManualClock()
    # What a simulator computes in another process is not there at a certain moment of a clock that is moved by hand.
    app = create_app(Config(edition=edition, tokens=("alice", "bob"), seed=7, engine="synthetic"), clock=clock)
    with LiveServer(app) as server:
        click.echo(f"the fake of {edition} at {server.url}, seed {seed}, {max_examples} examples", err=True)
        fake = fuzz_server(
            server.url,
            token="alice",
            other_token="bob",
            seed=seed,
            max_examples=max_examples,
            advance=partial(clock.sleep, 1.0),
            progress=lambda line: click.echo(line, err=True),
        )
    click.echo(fake.to_text())
    click.echo(f"the reference client of {edition}", err=True)
    client = fuzz_client(
        _DRIVERS[edition],
        seed=seed,
        max_examples=max_examples,
        progress=lambda line: click.echo(line, err=True),
    )
    click.echo(client.to_text())
    return max(fake.exit_code, client.exit_code)


if __name__ == "__main__":
    main()
