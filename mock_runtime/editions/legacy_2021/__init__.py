"""The Runtime API between May and early November 2021."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_runtime.editions.edition import Edition
from mock_runtime.editions.legacy_2021.errors import render_error
from mock_runtime.editions.legacy_2021.routes import blueprint
from mock_runtime.surface import HostRoute, Surface
from mock_runtime.worlds.legacy_2021 import WORLD

if TYPE_CHECKING:
    from mock_runtime.site import Site


def _surface(site: Site) -> Surface:
    return Surface(
        prefix=site.prefix,
        blueprint=blueprint(site.service, site.accounts),
        render_error=render_error,
        hosts=(HostRoute("runtime-us-east.quantum-computing.ibm.com", "", site.prefix),),
    )


EDITION = Edition(
    name="legacy-2021",
    title="Qiskit Runtime API of 2021",
    prefix="",
    world=WORLD,
    surface=_surface,
    document_paths=("/static/Near-Time-Compute.v1.yaml",),
)
"""Evidence: the base URL had no prefix, and its document that path (transcripts; a script of the time)."""
