"""Today's API: https://quantum.cloud.ibm.com/api, with instances as tenants and a date as its version."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import request

from mock_runtime.editions.edition import Edition
from mock_runtime.editions.platform.auth import user_of
from mock_runtime.editions.platform.errors import GENERIC_PATHS, render_error
from mock_runtime.editions.platform.routes import OPERATIONS, blueprint
from mock_runtime.editions.platform.validation import warm_up
from mock_runtime.operations import traced
from mock_runtime.site import IBM_CLOUD
from mock_runtime.surface import ANY, HostRoute, Problem, Surface
from mock_runtime.worlds.platform import WORLD

if TYPE_CHECKING:
    from flask import Response

    from mock_runtime.site import Site


def _surface(site: Site) -> Surface:
    return Surface(
        prefix=site.prefix,
        blueprint=blueprint(site),
        render_error=partial(_render, site),
        hosts=_hosts(site.prefix),
    )


def _render(site: Site, problem: Problem) -> Response:
    generic = request.path.removeprefix(site.prefix).startswith(GENERIC_PATHS)
    trace = site.ids.trace_uuid()
    traced(request.environ, trace)
    return render_error(problem, generic=generic, trace=trace)


def _hosts(prefix: str) -> tuple[HostRoute, ...]:
    """Every host this API has had on IBM Cloud, and the address that clients use word for word.

    Evidence: IBM's migration guide: the older hosts had no `/v1`, and no `/api`.
    """
    today = [HostRoute(f"{region}quantum.{domain}", "/api", prefix) for domain in IBM_CLOUD for region in ("", "*.")]
    before = [
        HostRoute(f"{region}quantum-computing.{domain}", "", f"{prefix}/v1")
        for domain in IBM_CLOUD
        for region in ("", "*.")
    ]
    # Clients take an address with this word in it as it is, instead of making one of it.
    verbatim = [
        HostRoute(ANY, "/experimental/api", prefix),
        HostRoute(ANY, "/experimental", f"{prefix}/v1"),
    ]
    return (*today, *before, *verbatim)


EDITION = Edition(
    name="platform",
    title="IBM Quantum Compute (Qiskit Runtime) API of today",
    prefix="/api",
    world=WORLD,
    surface=_surface,
    operations=OPERATIONS,
    caller_of=lambda request, site: user_of(request, site.directory, site.accounts).name,
    caller_named=lambda site, owner, instance: site.directory.caller_named(owner, instance),
    told=lambda site, user, tenant: site.directory.told(user, tenant),
    as_inputs=lambda value: {} if value is None else value,
    warm_up=warm_up,
)
"""Evidence: the servers in IBM's document."""
