"""The hosts of IBM Cloud's services."""

from __future__ import annotations

from typing import Final

from mock_runtime.surface import HostRoute

DOMAINS: Final = ("cloud.ibm.com", "test.cloud.ibm.com", "cloud.ibm.test")
"""IBM Cloud, its staging, and a domain that nobody can have (RFC 2606), for those who write plain-HTTP addresses."""


def routes(*services: str, outside: str = "", inside: str = "") -> tuple[HostRoute, ...]:
    """The routes of a service that goes by these names in each domain."""
    return tuple(HostRoute(f"{name}.{domain}", outside, inside) for domain in DOMAINS for name in services)
