"""Paths as logs and traces may show them."""

from __future__ import annotations

from typing import Final

from mock_runtime.journal.entry import Entry

_SHORTEST: Final = 8
_MASK: Final = "***"


def path_of(entry: Entry) -> str:
    """The path as its caller wrote it, without the credentials that the same request carries.

    A client that builds its addresses wrongly may have put its token there.
    """
    return _without(entry, entry.path)


def inside_of(entry: Entry) -> str:
    """The path that answered, likewise."""
    return _without(entry, entry.inside)


def _without(entry: Entry, path: str) -> str:
    for name, value in entry.request_headers:
        if name.lower() in {"authorization", "x-access-token"}:
            secret = value.rpartition(" ")[2]
            if len(secret) >= _SHORTEST and secret in path:
                path = path.replace(secret, _MASK)
    return path
