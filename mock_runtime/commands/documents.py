"""The document that exchanges are held to: ours, or the one that `--against` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runtime_contracts.commands.shared import CouldNotRunError

if TYPE_CHECKING:
    from runtime_contracts.contract import Contract


def contract_of(reference: str | None, edition: str) -> Contract:
    """The contract of an edition, or of the document that `reference` names; stderr tells what was done to that."""
    from runtime_contracts.contract import Contract  # noqa: PLC0415 - after the flags are known to be right

    if reference is None:
        return Contract.of(edition)
    from runtime_contracts import against  # noqa: PLC0415 - most exchanges are held to ours
    from runtime_contracts.sources.parsing import SourceError  # noqa: PLC0415

    try:
        found = against.loaded(reference, edition=edition)
    except SourceError as error:
        raise CouldNotRunError(f"--against: {error}") from None
    for note in found.notes:
        click.echo(f"{found.name}: {note}", err=True)
    return Contract(found.document)
