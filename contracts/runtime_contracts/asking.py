"""Finding out which edition of the API a server or a driver is for, where nobody says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import requests

from runtime_contracts import documents, profiles
from runtime_contracts.options import EDITION
from runtime_contracts.strict_json import InvalidJsonError, decode_json

if TYPE_CHECKING:
    from collections.abc import Collection

_INDEX: Final = "/_mock/"
_TIMEOUT_S: Final = 5.0


def edition_of(url: str) -> str:
    """Return the edition that the server at `url` says it is, or the one of today if it says nothing of the kind.

    Only a fake says so, in the index of what it can be told to do; a server that is not there says nothing either.
    """
    parts = urlsplit(url)
    with requests.Session() as session:
        # Proxies and .netrc of this machine have no business between us and the server under test.
        session.trust_env = False
        try:
            answer = session.get(f"{parts.scheme}://{parts.netloc}{_INDEX}", timeout=_TIMEOUT_S, allow_redirects=False)
            value = decode_json(answer.content)
        except (requests.RequestException, InvalidJsonError, OSError):
            return EDITION
    said = value.get("edition") if isinstance(value, dict) else None
    return said if isinstance(said, str) and said in documents.names() else EDITION


def edition_for(operations: Collection[str]) -> str:
    """Return the edition that has the `operations`, by their ids, or most of them; the one of today if none has any."""
    found: dict[str, int] = {}
    for name in profiles.names():
        found[name] = sum(1 for operation in operations if operation in _ids(name))
        if operations and found[name] == len(operations):
            return name
    best = max(found.values())
    return EDITION if found[EDITION] == best else next(name for name, count in found.items() if count == best)


def _ids(edition: str) -> frozenset[str]:
    document = documents.load(edition)
    return frozenset(
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    )
