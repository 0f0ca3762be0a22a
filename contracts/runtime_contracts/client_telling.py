"""What a client tells of its tokens: those that it has sent, and every word of what it raises and returns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime_contracts.feeding import SentRequest

_CREDENTIALS: Final = ("authorization", "x-access-token")
_SHORTEST_CREDENTIAL: Final = 8
_LONGEST_CHAIN: Final = 50


def words_of(error: BaseException | None) -> Iterator[str]:
    """Yield everything that a traceback would say of an exception but for the lines of code, and what led to it."""
    met: set[int] = set()
    while error is not None and id(error) not in met and len(met) < _LONGEST_CHAIN:
        met.add(id(error))
        yield text_of(error)
        yield _message(error)
        yield from map(str, getattr(error, "__notes__", ()))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def leads_away(request: SentRequest) -> bool:
    """Tell whether a request went to where only a redirect leads."""
    return urlsplit(request.url).hostname == "elsewhere.test"


def credentials(sent: tuple[SentRequest, ...]) -> Iterator[str]:
    """Yield the tokens that a client has sent: whatever they are, it must not show them."""
    for request in sent:
        if leads_away(request):
            continue
        values = {name.lower(): value for name, value in request.headers.items()}
        found = [values.get(name, "").rpartition(" ")[2] for name in _CREDENTIALS]
        if request.method == "POST" and b"apikey" in request.body:
            found += parse_qs(request.body.decode("latin-1")).get("apikey", [])
        if request.method == "POST" and b"apiToken" in request.body:
            found += _in_body(request.body)
        yield from (value for value in found if len(value) >= _SHORTEST_CREDENTIAL)


def _in_body(body: bytes) -> list[str]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return [str(value["apiToken"])] if isinstance(value, dict) and "apiToken" in value else []


def text_of(value: object) -> str:
    """Return the repr of a value, or a sentence if it has none."""
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a value that cannot be shown is the client's own affair
        return f"a value whose repr raises {type(error).__name__}"


def excerpt_of(value: object) -> str:
    """Return the repr of a value in one short line."""
    return shown(text_of(value))


def excerpt(error: BaseException) -> str:
    """Return what an exception says in one short line."""
    return shown(_message(error))


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as other:  # noqa: BLE001 - an error that cannot be shown is the client's own affair
        return f"an error whose text raises {type(other).__name__}"
