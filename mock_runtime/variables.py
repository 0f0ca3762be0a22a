"""The environment variables that lead a program to the fake, and how a shell is told of them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NOT_PROXIED: Final = "localhost,127.0.0.1,::1"
TOKEN: Final = "mock-runtime"  # noqa: S105 - one that everybody may know
"""The API token of a program that brings none: the fake takes any, unless it was told which."""

BEFORE: Final = "MOCK_RUNTIME_BEFORE"
"""The variable of a shell that remembers what it had before."""

_NAME: Final = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_BOTH: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_BUNDLES: Final = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
_REMOVED: Final = ("ALL_PROXY", "all_proxy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """What is set in an environment, and what is taken out of it."""

    set: Mapping[str, str]
    unset: tuple[str, ...] = ()

    def over(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The environment with these changes."""
        kept = {name: value for name, value in environment.items() if name not in self.unset}
        return {**kept, **self.set}

    def undoable(self, environment: Mapping[str, str]) -> Variables:
        """The same, and a variable that remembers what the environment had instead."""
        if BEFORE in environment:
            return self
        before = {name: environment.get(name) for name in (*self.set, *self.unset)}
        return Variables(set={**self.set, BEFORE: json.dumps(before)}, unset=self.unset)


def undone(environment: Mapping[str, str]) -> Variables:
    """What brings back the environment as it was before; nothing where nothing was remembered."""
    try:
        before = json.loads(environment.get(BEFORE, "{}"))
    except ValueError:
        before = {}
    if not isinstance(before, dict) or not all(map(_NAME.fullmatch, before)):
        before = {}
    kept = {name: str(value) for name, value in before.items() if value is not None}
    return Variables(set=kept, unset=(*(name for name in before if name not in kept), *([BEFORE] * bool(before))))


def proxied(
    url: str, *, bundle: Path, authority: Path, environment: Mapping[str, str], token: str | None = TOKEN
) -> Variables:
    """The variables with which programs go through the fake as their proxy, whatever host of IBM's they call.

    `bundle` holds the certificates of the public authorities and the fake's own, because for most libraries it takes
    the place of theirs; `authority` holds the fake's alone, for Node.js, which adds it. A token is set only where
    `environment` has none, and none if it is None. What the shell says of other proxies is replaced: it could lead to
    the real hosts.
    """
    proxy = url.rstrip("/")
    chosen = {
        **dict.fromkeys(_BOTH, proxy),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), NOT_PROXIED),
        **dict.fromkeys(_BUNDLES, str(bundle)),
        "NODE_EXTRA_CA_CERTS": str(authority),
        "NODE_USE_ENV_PROXY": "1",
        **_token(environment, token),
    }
    return Variables(set=chosen, unset=_REMOVED)


def plain(origin: str, *, environment: Mapping[str, str], token: str | None = TOKEN) -> Variables:
    """The variables with which qiskit-ibm-runtime 0.49 and later calls the fake by its plain URL, without TLS.

    They reach code that passes neither `token=` nor `url=`. `origin` is scheme, host and port.
    """
    # Evidence: qiskit-ibm-runtime 0.51 takes a URL with the word "experimental" as it is, and rewrites every other.
    chosen = {
        "QISKIT_IBM_URL": f"{origin}/experimental/api/v1",
        "IAM_URL": origin,
        "GLOBAL_SEARCH_URL": origin,
        "GLOBAL_CATALOG_URL": f"{origin}/globalcatalog/api/v1",
        "NO_PROXY": NOT_PROXIED,
        "no_proxy": NOT_PROXIED,
        **_token(environment, token),
    }
    return Variables(set=chosen)


def _token(environment: Mapping[str, str], token: str | None) -> dict[str, str]:
    return {} if token is None or environment.get("QISKIT_IBM_TOKEN") else {"QISKIT_IBM_TOKEN": token}


def _posix(variables: Variables) -> list[str]:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.set.items()]
    return [*lines, *([f"unset {' '.join(variables.unset)}"] if variables.unset else [])]


def _fish(variables: Variables) -> list[str]:
    def quoted(value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    lines = [f"set -gx {name} {quoted(value)};" for name, value in variables.set.items()]
    return [*lines, *(f"set -e {name};" for name in variables.unset)]


def _powershell(variables: Variables) -> list[str]:
    lines = [f"$Env:{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in variables.set.items()]
    return [*lines, *(f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" for name in variables.unset)]


def _json(variables: Variables) -> list[str]:
    return [json.dumps({**dict.fromkeys(variables.unset), **variables.set}, indent=2)]


SHELLS: Final[Mapping[str, Callable[[Variables], list[str]]]] = {
    "sh": _posix,
    "bash": _posix,
    "zsh": _posix,
    "fish": _fish,
    "powershell": _powershell,
    "json": _json,
}
"""How each shell is told; `json` has null for what is to be taken out."""
