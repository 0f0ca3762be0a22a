"""Reading parameters: what the text in a path, a query or a header stands for."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from runtime_contracts.violation import Violation, pointer, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runtime_contracts.operation import Parameter

_MAX_DIGITS = 4300  # Python's own limit for turning text into an integer
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NOT_A_VALUE = object()


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Return the names in a query, decoded, each with its text, still percent-encoded."""
    pairs = (piece.partition("=") for piece in query.split("&") if piece)
    return [(unquote_plus(name), text) for name, _, text in pairs]


def query_violations(parameter: Parameter, texts: Sequence[str]) -> Iterator[Violation]:
    """Yield what is wrong with a query parameter that was given with `texts`, still percent-encoded.

    An array has the style `form`: one key for each item if it is exploded, as it is by default, else one key with
    commas between the items.
    """
    where = pointer("query", parameter.name)
    if parameter.items is not None and parameter.explode:
        yield from _array_violations(parameter, [unquote_plus(text) for text in texts], where)
        return
    if len(texts) > 1:
        yield Violation(where, "one value", f"{len(texts)} values")
    for text in texts:
        if parameter.items is None:
            yield from _scalar_violations(parameter, unquote_plus(text), where)
        else:
            # A comma that belongs to an item is encoded, so the commas between them are found first.
            yield from _array_violations(parameter, [unquote_plus(item) for item in text.split(",")], where)


def simple_violations(parameter: Parameter, text: str) -> Iterator[Violation]:
    """Yield what is wrong with a parameter in the path or a header, which has the style `simple`: commas in arrays."""
    where = pointer("headers" if parameter.location == "header" else parameter.location, parameter.name)
    if parameter.items is None:
        yield from _scalar_violations(parameter, text, where)
    else:
        yield from _array_violations(parameter, [item.strip() for item in text.split(",")], where)


def _scalar_violations(parameter: Parameter, text: str, where: str) -> list[Violation]:
    value = _typed(parameter.type, text)
    if value is _NOT_A_VALUE:
        return [Violation(where, f"a value of type {parameter.type}", shown(text))]
    return parameter.judge.violations(value, where)


def _array_violations(parameter: Parameter, texts: Sequence[str], where: str) -> list[Violation]:
    kind = str(parameter.items)
    values = [_typed(kind, text) for text in texts]
    wrong = [
        Violation(where + pointer(index), f"a value of type {kind}", shown(texts[index]))
        for index, value in enumerate(values)
        if value is _NOT_A_VALUE
    ]
    return wrong or parameter.judge.violations(values, where)


def _typed(kind: str, text: str) -> Any:
    """Return what a text stands for, or a mark when it stands for nothing of that kind."""
    match kind:
        case "integer":
            digits = text.removeprefix("-")
            fits = digits.isascii() and digits.isdigit() and len(digits) < _MAX_DIGITS
            return int(text) if fits else _NOT_A_VALUE
        case "number":
            value = float(text) if _NUMBER.fullmatch(text) else math.inf
            return value if math.isfinite(value) else _NOT_A_VALUE
        case "boolean":
            return {"true": True, "false": False}.get(text, _NOT_A_VALUE)
        case _:
            return text
