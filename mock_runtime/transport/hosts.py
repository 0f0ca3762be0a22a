"""Which hosts this server stands for, and where in it each of them is.

Clients that are not told another address speak to IBM's hosts; a proxy, or an interception in the process, brings
their requests here. Several services then share one server, each under a path of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

OUTSIDE: Final = "mock_runtime.outside"
"""Set in the environ, to the path as the caller wrote it, when a host of ours led to another one."""


ANY: Final = "*"
"""In the place of a host: whichever it is."""


@dataclass(frozen=True, slots=True)
class HostRoute:
    """What is asked of a host below the path `outside` is answered from below `inside`.

    `host` is a name, or `*.` and a domain for all names in it, or `*` for whatever host: an alias of a path.
    """

    host: str
    outside: str = ""
    inside: str = ""

    def is_for(self, host: str) -> bool:
        """Whether it is about that host."""
        if self.host.startswith("*"):
            return host.endswith(self.host[1:])
        return host == self.host

    @property
    def is_alias(self) -> bool:
        """Whether it is about a path alone."""
        return self.host == ANY

    def lead(self, path: str) -> str | None:
        """Where a path of the host is here; None if it is not below `outside`."""
        if path != self.outside and not path.startswith(f"{self.outside}/"):
            return None
        return self.inside + path[len(self.outside) :]


class Hosts:
    """The routes of all hosts. A host that is named in one goes before one that is meant by a domain."""

    def __init__(self, routes: Iterable[HostRoute]) -> None:
        self._routes: Final = tuple(sorted(routes, key=_last))

    def __repr__(self) -> str:
        return f"Hosts({', '.join(self.names)})"

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts, as a certificate names them."""
        return tuple(sorted({route.host for route in self._routes if not route.is_alias}))

    def knows(self, host: str) -> bool:
        """Whether a host, with or without a port, is one of ours."""
        name = _name(host)
        return any(route.is_for(name) for route in self._routes if not route.is_alias)

    def inside(self, host: str, path: str) -> str | None:
        """Where in this server a path of a host is; None if the host is not ours or has no such path."""
        name = _name(host)
        found = (route.lead(path) for route in self._routes if route.is_for(name))
        return next((inside for inside in found if inside is not None), None)

    def redirect(self, environ: MutableMapping[str, Any]) -> None:
        """Let an environ lead to where its host's path is; one of another host, or of no such path, stays."""
        inside = self.inside(environ.get("HTTP_HOST", ""), environ["PATH_INFO"])
        if inside is not None and inside != environ["PATH_INFO"]:
            environ[OUTSIDE] = environ["PATH_INFO"]
            environ["PATH_INFO"] = inside


def _last(route: HostRoute) -> tuple[bool, bool, int]:
    """What goes after others: aliases, domains, and of one host the shorter path."""
    return route.is_alias, route.host.startswith("*"), -len(route.outside)


def _name(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if name and port.isdecimal() else host).lower().rstrip(".")
