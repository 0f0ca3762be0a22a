"""Following arguments: what the caller of a client named must be what the server is asked for, in every place."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from runtime_contracts.parameters import query_pairs
from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from runtime_contracts.feeding import SentRequest
    from runtime_contracts.operation import Operation

_ABSENT: Final = object()


@dataclass(slots=True)
class Travelling:
    """Compares requests with the arguments that they were made of.

    Attributes:
        places: by operation id, where arguments stand and where they are taken from, as in a profile.
        only: the attributes that a call passes on; None for all.
        arrived: the operations and places at which an argument was met.
        lost: those at which one was missing that is not the default, with what was asked for.
    """

    places: Mapping[str, Mapping[str, str | Callable[[Any], Any]]]
    only: Collection[str] | None = None
    arrived: set[tuple[str, str]] = field(default_factory=set)
    lost: dict[tuple[str, str], str] = field(default_factory=dict)

    def compare(self, operation: Operation, request: SentRequest, arguments: Any) -> Iterator[tuple[str, str]]:
        """Yield each place at which something else stands than what was asked for, and a sentence that says so."""
        for place, source in self.places.get(operation.id, {}).items():
            if self.only is not None and source not in self.only:
                continue
            wanted = getattr(arguments, source) if isinstance(source, str) else source(arguments)
            location, _, name = place.partition(".")
            found = _found(operation, request, location, name)
            if wanted is None:
                continue
            if found is not _ABSENT:
                self.arrived.add((operation.id, place))
                if not _same(wanted, found):
                    yield place, f"{place}: asked for {shown(wanted)}, sent {shown(found)}"
            elif not _may_be_left_out(operation, location, name, wanted):
                self.lost.setdefault((operation.id, place), shown(wanted))

    def vanished(self) -> Iterator[tuple[str, str]]:
        """Yield the operation and a sentence for each place at which an argument arrives sometimes and not always."""
        for (operation, place), wanted in self.lost.items():
            if (operation, place) in self.arrived:
                yield operation, f"{place}: asked for {wanted}, nothing was sent, although other values are"


def _found(operation: Operation, request: SentRequest, location: str, name: str) -> Any:
    path, _, query = request.target.partition("?")
    if location == "path":
        return (operation.path_values(path) or {}).get(name, _ABSENT)
    if location == "query":
        return _in_query(operation, query, name)
    return _in_json(request.body, name) if location == "body" else _in_form(request, name)


def _in_query(operation: Operation, query: str, name: str) -> Any:
    texts = [text for given, text in query_pairs(query) if given == name]
    parameter = next((found for found in operation.parameters if (found.location, found.name) == ("query", name)), None)
    if not texts:
        return _ABSENT
    if parameter is None or parameter.items is None:
        return unquote_plus(texts[0])
    pieces = texts if parameter.explode else texts[0].split(",")
    return [unquote_plus(piece) for piece in pieces]


def _in_json(body: bytes, pointer: str) -> Any:
    try:
        value = decode_json(body)
    except InvalidJsonError:
        return _ABSENT
    for part in pointer.strip("/").split("/"):
        if not isinstance(value, dict) or part not in value:
            return _ABSENT
        value = value[part]
    return _ABSENT if value is None else value


def _in_form(request: SentRequest, name: str) -> Any:
    headers = {key.lower(): value for key, value in request.headers.items()}
    media, options = parse_options_header(headers.get("content-type"))
    try:
        _, fields, _ = FormDataParser(stream_factory=_in_memory, silent=True).parse(
            io.BytesIO(request.body), media, len(request.body), options=dict(options)
        )
    except ValueError:
        return _ABSENT
    return fields.get(name, _ABSENT)


def _in_memory(*_args: object, **_kwargs: object) -> io.BytesIO:
    # Werkzeug's own choice may be a file on disk, which somebody would have to close.
    return io.BytesIO()


def _same(wanted: Any, found: Any) -> bool:
    match wanted:
        case bool():
            return found is wanted or (isinstance(found, str) and found.lower() == str(wanted).lower())
        case int() | float():
            return _number(found) == wanted
        case datetime():
            return _moment(found) == wanted
        case list() | tuple():
            return isinstance(found, list) and len(found) == len(wanted) and all(map(_same, wanted, found))
        case str():
            return bool(found == wanted)
        case _:
            return bool(found == wanted)


def _number(found: Any) -> float:
    try:
        return int(found) if isinstance(found, (int, str)) else float(found)
    except (TypeError, ValueError):
        return math.nan


def _moment(found: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(found)
    except (TypeError, ValueError):
        return None


def _may_be_left_out(operation: Operation, location: str, name: str, wanted: Any) -> bool:
    """Tell whether leaving out an argument asks for the same thing."""
    if location == "query":
        here = [found for found in operation.parameters if (found.location, found.name) == ("query", name)]
        return wanted in ((), []) or any(_same(wanted, found.judge.schema.get("default", _ABSENT)) for found in here)
    # In a body, false, empty and absent mean the same in every operation known.
    return not wanted
