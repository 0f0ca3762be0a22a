"""The Runtime API between May and early November 2021."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mock_runtime.editions.edition import Edition
from mock_runtime.editions.legacy_2021.auth import authenticate
from mock_runtime.editions.legacy_2021.errors import render_error
from mock_runtime.editions.legacy_2021.routes import OPERATIONS, blueprint
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


def _as_inputs(value: Any) -> tuple[str, ...]:
    """Inputs are texts: those of a list, or the JSON of anything else."""
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return (json.dumps(value),)


EDITION = Edition(
    name="legacy-2021",
    title="Qiskit Runtime API of 2021",
    prefix="",
    world=WORLD,
    surface=_surface,
    operations=OPERATIONS,
    caller_of=lambda request, site: authenticate(request, site.accounts).name,
    caller_named=lambda site, owner, _instance: site.accounts.caller_named(owner),
    told=lambda site, user, _tenant: (site.accounts.told(user), None),
    as_inputs=_as_inputs,
    document_paths=("/static/Near-Time-Compute.v1.yaml",),
)
"""Evidence: the base URL had no prefix, and its document that path (transcripts; a script of the time)."""
