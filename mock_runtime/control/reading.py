"""Strict reading of what the control plane is sent: known keys of the right kinds, or one sentence about what is not.

What is unknown is refused with what it may have been meant to be: a misspelt key that nobody reads would be worse.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final, NoReturn, TypeVar

from flask import request

from mock_runtime.domain.errors import bounded
from mock_runtime.durations import Duration, Fixed, NotADuration, PollCount, parse_duration, parse_length
from mock_runtime.parsing import MalformedRequest, kind, parse_json, parse_object

T = TypeVar("T")
_LONGEST_TEXT: Final = 10_000
_MOST: Final = 2**53


class Conflict(Exception):
    """What was asked for cannot be now (409). `str()` says why, and what to do."""


def body_object() -> dict[str, Any]:
    """The JSON object of the request's body."""
    return dict(parse_object(request.get_data(cache=False)))


def body_value() -> Any:
    """The JSON value of the request's body, whatever it is."""
    return parse_json(request.get_data(cache=False))


def fields_of(known: Collection[str], *, required: Collection[str] = (), optional: bool = False) -> dict[str, Any]:
    """The fields of the request's body, all of them known; with `optional` there may be no body at all."""
    data = request.get_data(cache=False)
    found = {} if optional and not data.strip() else dict(parse_object(data))
    refuse_unknown(found, known, "key")
    for name in required:
        if name not in found:
            raise MalformedRequest(f"{name}: it is missing; expected keys are {', '.join(known)}")
    return found


def refuse_unknown(names: Collection[str], known: Collection[str], noun: str) -> None:
    """MalformedRequest if there is a name that is not known."""
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            there = f"known are {', '.join(known)}" if known else "there is none"
            hint = f"did you mean {near[0]!r}?" if near else there
            raise MalformedRequest(f"{bounded(name)} is no {noun} here; {hint}")


def query(known: Collection[str]) -> Mapping[str, list[str]]:
    """The query parameters of the request, all of them known."""
    refuse_unknown(list(request.args), known, "query parameter")
    return {name: request.args.getlist(name) for name in request.args}


def last(parameters: Mapping[str, list[str]], name: str) -> str | None:
    """The value of a query parameter, the last one if there are several; None if there is none, or an empty one."""
    return (parameters.get(name) or [""])[-1] or None


def number_parameter(parameters: Mapping[str, list[str]], name: str, default: int, most: int = _MOST) -> int:
    """A whole number of 0 to `most` from a query."""
    text = last(parameters, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 17 and int(text) <= most):
        expected = f"a whole number from 0 to {most}"
        raise MalformedRequest(f"query parameter {name}: expected {expected}, found {bounded(text)}")
    return int(text)


def one_of(value: object, known: Collection[str], at: str) -> str:
    """One of some words."""
    if not isinstance(value, str) or value not in known:
        raise MalformedRequest(f"{at}: expected one of {', '.join(known)}, found {shown(value)}")
    return value


def text(value: object, at: str) -> str:
    """A text."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        wrong(at, f"a text of at most {_LONGEST_TEXT} characters", value)
    return value


def flag(value: object, at: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        wrong(at, "true or false", value)
    return value


def seconds(value: object, at: str) -> float:
    """A fixed length of time that ends, in seconds."""
    found = duration(value, at)
    if not isinstance(found, Fixed) or found.is_endless:
        raise MalformedRequest(f"{at}: expected one length of time, such as 5s")
    return found.seconds


def duration(value: object, at: str) -> Duration:
    """A length of time, which may be drawn."""
    return _read(parse_duration, value, at)


def length(value: object, at: str) -> Duration | PollCount:
    """A length of time, or a number of polls."""
    return _read(parse_length, value, at)


def texts(value: object, at: str) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list):
        wrong(at, "a list of texts", value)
    return [text(item, f"{at}[{index}]") for index, item in enumerate(value)]


def read(fields: Mapping[str, Any], name: str, reader: Callable[[Any, str], T]) -> T | None:
    """A field that may be absent or null, read."""
    value = fields.get(name)
    return None if value is None else reader(value, name)


def number(value: object, at: str) -> int | float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        wrong(at, "a number", value)
    return value


def wrong(at: str, expected: str, found: object) -> NoReturn:
    """Say that something else was expected; MalformedRequest."""
    raise MalformedRequest(f"{at}: expected {expected}, found {shown(found)}")


def shown(value: object) -> str:
    """A value for a sentence: a short one itself, of others the kind."""
    if isinstance(value, str):
        return bounded(value, 60)
    return kind(value) if isinstance(value, dict | list) else json.dumps(value)[:40]


def _read(parse: Callable[[Any], T], value: object, at: str) -> T:
    try:
        return parse(value)
    except NotADuration as error:
        raise MalformedRequest(f"{at}: {error}") from None
