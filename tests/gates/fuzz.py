"""Both gates with a seed and a number of examples of one's own: `make fuzz SEED=1 EXAMPLES=200`."""

from __future__ import annotations

import sys
from functools import partial

import click

from mock_runtime import Config, LiveServer, ManualClock, create_app
from runtime_contracts.client_fuzz import fuzz_client
from runtime_contracts.server_fuzz import fuzz_server
from tests.runtime_contracts.reference_driver import driver


@click.command()
@click.option("--seed", type=int, required=True, help="Makes the same run again.")
@click.option("--max-examples", type=click.IntRange(1), required=True, help="Random cases an operation gets.")
def main(seed: int, max_examples: int) -> None:
    """Fuzz the fake, then the reference client; exit with 1 if anything is found."""
    clock = ManualClock()
    app = create_app(Config(tokens=("alice", "bob"), seed=7), clock=clock)
    with LiveServer(app) as server:
        click.echo(f"the fake at {server.url}, seed {seed}, {max_examples} examples", err=True)
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
    click.echo("the reference client", err=True)
    client = fuzz_client(driver, seed=seed, max_examples=max_examples, progress=lambda line: click.echo(line, err=True))
    click.echo(client.to_text())
    sys.exit(max(fake.exit_code, client.exit_code))


if __name__ == "__main__":
    main()
