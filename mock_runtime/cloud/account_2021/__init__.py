"""The account service and the network of hubs, as the clients of 2021 to 2024 log in to them.

In reality these were other hosts, auth.quantum-computing.ibm.com and api.quantum-computing.ibm.com; here they stand
under `/api` of the base URL, which is where a client looks that is given `<base URL>/api` as its address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mock_runtime.cloud.account_2021.errors import render_error
from mock_runtime.cloud.account_2021.routes import blueprint
from mock_runtime.surface import HostRoute, Surface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mock_runtime.site import Site

_HOSTS: Final = tuple(
    f"{name}.{domain}" for name in ("auth", "api") for domain in ("quantum-computing.ibm.com", "quantum.ibm.com")
)
_RUNTIME_HOSTS: Final = ("runtime-us-east.quantum-computing.ibm.com", "runtime-us-east.quantum.ibm.com")
"""Where IBM Quantum was until it ended in 2025. Evidence: the addresses in IBM's clients."""


def account_surface(site: Site) -> Sequence[Surface]:
    """The account service below the Runtime service, which it tells its clients of."""
    prefix = f"{site.prefix}/api"
    routes = blueprint(site.accounts, site.world, runtime_prefix=site.prefix, prefix=prefix)
    hosts = tuple(HostRoute(host, "/api", prefix) for host in _HOSTS)
    return (Surface(prefix=prefix, blueprint=routes, render_error=render_error, hosts=hosts),)


def ibm_quantum(site: Site) -> Surface:
    """The same service beside today's API, for the channel `ibm_quantum` of releases up to 0.40.

    Their address is the base URL of the API without the `/v1` below which they are told that the Runtime is.
    """
    routes = blueprint(site.accounts, site.world, runtime_prefix=f"{site.prefix}/v1", prefix=site.prefix)
    return Surface(
        prefix=site.prefix,
        blueprint=routes,
        render_error=render_error,
        hosts=(
            *(HostRoute(host, "/api", site.prefix) for host in _HOSTS),
            *(HostRoute(host, "", f"{site.prefix}/v1") for host in _RUNTIME_HOSTS),
        ),
    )
