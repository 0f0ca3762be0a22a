"""Scopes: worlds of their own on one server, so that tests in parallel do not see each other.

A scope is a whole fake: its jobs, its clock, its scenario, its faults, its journal. A request belongs to the one that
its header `Mock-Runtime-Scope` names, or its path (`/_scope/NAME/...`), or whose token it carries; otherwise to the
server's own.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from mock_runtime.clock import FASTEST, ManualClock, Steerable
from mock_runtime.domain.errors import NotFound, bounded
from mock_runtime.transport.wsgi import REFUSAL

if TYPE_CHECKING:
    from mock_runtime.exchanges import FakeExchange
    from mock_runtime.runtime import Runtime
    from mock_runtime.transport.wsgi import Environ

HEADER: Final = "Mock-Runtime-Scope"
PREFIX: Final = "/_scope"
_KEY: Final = f"HTTP_{HEADER.upper().replace('-', '_')}"
_LONGEST_LOG_IN: Final = 4096
_API_TOKEN: Final = re.compile(rb'"api[Tt]oken"\s*:\s*"([^"\\]{1,1000})"')
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MOST: Final = 1000


class ScopeNotFound(NotFound):
    """No such scope on this server."""

    noun = "scope"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.args = (f"{self}: make it first, with POST /_mock/scopes",)


class InvalidScope(ValueError):
    """A scope that cannot be made. `str()` says why, and what to do."""


class Scopes:
    """The scopes of one server, `own` among them, whose name is empty.

    `make` makes the fake of a scope from its name and the settings that it has of its own.
    """

    def __init__(self, own: Runtime, make: Callable[[str, Mapping[str, Any]], Runtime], *, most: int = MOST) -> None:
        self.own: Final = own
        self._make = make
        self._most = most
        self._lock = threading.Lock()
        self._serial = 0
        self._named: dict[str, Runtime] = {}
        self._claiming: tuple[Runtime, ...] = ()

    def __repr__(self) -> str:
        return f"<Scopes: {len(self._named)} beside the server's own>"

    def __iter__(self) -> Iterator[Runtime]:
        return iter((self.own, *self._named.values()))

    def __len__(self) -> int:
        return 1 + len(self._named)

    def __getitem__(self, name: str) -> Runtime:
        found = self.own if not name else self._named.get(name)
        if found is None:
            raise ScopeNotFound(name)
        return found

    def create(self, name: str | None = None, settings: Mapping[str, Any] | None = None) -> Runtime:
        """A new scope; InvalidScope, or InvalidConfig of its settings. Without a name it gets one."""
        name = self._free() if name is None else name
        if _NAME.fullmatch(name) is None:
            raise InvalidScope(
                f"{bounded(name)} is no name of a scope: expected at most 64 letters, digits, '.', '_' and '-'"
            )
        self._refuse_what_there_is(name)
        made = self._make(name, settings or {})
        with self._lock:
            if name not in self._named and len(self._named) < self._most:
                self._named[name] = made
                if "tokens" in made.parts.given.given and made.config.tokens != self.own.config.tokens:
                    self._claiming = (*self._claiming, made)
                return made
        made.close()
        self._refuse_what_there_is(name)
        raise InvalidScope(f"there are {self._most} scopes already: drop those that are not used any more")

    def drop(self, name: str) -> None:
        """Forget a scope, with all that is in it; ScopeNotFound."""
        with self._lock:
            found = self._named.pop(name, None)
            self._claiming = tuple(scope for scope in self._claiming if scope is not found)
        if found is None:
            raise ScopeNotFound(name)
        found.close()
        if isinstance(found.clock, Steerable) and not isinstance(found.clock, ManualClock):
            # Nobody is left asleep on a clock that nobody moves any more.
            found.clock.set_speed(FASTEST)

    def close(self) -> None:
        """Forget all scopes but the server's own."""
        for name in list(self._named):
            self.drop(name)

    def open(self, environ: Environ) -> FakeExchange:
        """Begin an exchange, in the scope that the request belongs to."""
        return self._find(environ).open(environ)

    def _find(self, environ: Environ) -> Runtime:
        is_mounted = environ["PATH_INFO"].startswith(f"{PREFIX}/")
        named = _take_prefix(environ) if is_mounted else str(environ.get(_KEY, ""))
        if not named:
            return self._by_token(environ) if self._claiming else self.own
        found = self._named.get(named)
        if found is None:
            environ[REFUSAL] = ScopeNotFound(named)
            return self.own
        return found

    def _by_token(self, environ: Environ) -> Runtime:
        """The scope of whose tokens the request carries one; the server's own if there is none."""
        for credentials in presented(environ):
            found = next((scope for scope in self._claiming if scope.claims(credentials)), None)
            if found is not None:
                return found
        return self.own

    def _free(self) -> str:
        with self._lock:
            while True:
                self._serial += 1
                if f"scope-{self._serial}" not in self._named:
                    return f"scope-{self._serial}"

    def _refuse_what_there_is(self, name: str) -> None:
        if name in self._named:
            raise InvalidScope(f"there is a scope {name!r} already: drop it first, or choose another name")


def presented(environ: Environ) -> Iterator[str]:
    """The tokens that a request carries: in its headers, or, if it is a log-in, in its body."""
    kind, _, credentials = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if kind.lower() in {"bearer", "apikey"} and credentials.strip():
        yield credentials.strip()
    if environ.get("HTTP_X_ACCESS_TOKEN"):
        yield str(environ["HTTP_X_ACCESS_TOKEN"])
    source = environ.get("wsgi.input")
    body = source.getvalue() if isinstance(source, io.BytesIO) else b""
    if environ["REQUEST_METHOD"] == "POST" and 0 < len(body) <= _LONGEST_LOG_IN:
        yield from (match.decode("utf-8", "replace") for match in _API_TOKEN.findall(body))
        yield from parse_qs(body.decode("latin-1")).get("apikey", ())


def _take_prefix(environ: Environ) -> str:
    """Take the scope out of the path, as a server does with the place where an application is mounted."""
    path = str(environ["PATH_INFO"])
    name = path[len(PREFIX) + 1 :].partition("/")[0]
    mount = f"{PREFIX}/{name}"
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + mount
    environ["PATH_INFO"] = path[len(mount) :] or "/"
    for key in ("REQUEST_URI", "RAW_URI"):
        if key in environ:
            environ[key] = _without_mount(str(environ[key]))
    return name


def _without_mount(target: str) -> str:
    """A request's target without its first two segments, as it was written."""
    if not target.startswith("/"):
        target = target.partition("://")[2].partition("/")[2]
    path, question, query = target.partition("?")
    rest = path.lstrip("/").split("/", 2)[2:]
    return "/" + "".join(rest) + question + query
