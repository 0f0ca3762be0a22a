"""The Runtime API between May and early November 2021."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_runtime.editions.edition import Edition
from mock_runtime.editions.legacy_2021.errors import render_error
from mock_runtime.editions.legacy_2021.routes import blueprint
from mock_runtime.surface import Surface
from mock_runtime.worlds.legacy_2021 import WORLD

if TYPE_CHECKING:
    from mock_runtime.accounts import Accounts
    from mock_runtime.service import RuntimeService


def _mount(service: RuntimeService, accounts: Accounts, prefix: str) -> Surface:
    return Surface(prefix=prefix, blueprint=blueprint(service, accounts), render_error=render_error)


EDITION = Edition(
    name="legacy-2021",
    title="Qiskit Runtime API of 2021",
    prefix="",
    world=WORLD,
    mount=_mount,
    document_paths=("/static/Near-Time-Compute.v1.yaml",),
)
"""Evidence: the base URL had no prefix, and its document that path (transcripts; a script of the time)."""
