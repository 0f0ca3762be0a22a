"""The hosts of IBM Cloud's services."""

from __future__ import annotations

from mock_runtime.site import IBM_CLOUD
from mock_runtime.surface import HostRoute


def routes(*services: str, outside: str = "", inside: str = "") -> tuple[HostRoute, ...]:
    """The routes of a service that goes by these names in each domain."""
    return tuple(HostRoute(f"{name}.{domain}", outside, inside) for domain in IBM_CLOUD for name in services)
