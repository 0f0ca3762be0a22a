"""The arguments of calls, held to what the document allows before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from runtime_client.platform.bounds import INT32, TAG
from runtime_client.shapes import Array, Integer, Shape, Text, Truth, checked
from runtime_client.wire import encode_json, require_utf8

Moment = datetime | str
"""A moment in UTC: a `datetime` that knows its zone, or the text of one as RFC 3339 has it."""
Query = dict[str, str | Sequence[str]]

BACKEND = Text(pattern="^.*$", at_least=1, at_most=500)
JOB_ID = Text(pattern="^.*$", at_least=1, at_most=1000)
SESSION_ID = Text(at_least=1)
CLOSED_SESSION_ID = Text(pattern="^.*$", at_least=1, at_most=500)
ACCOUNT_ID = Text(pattern="^[a-zA-Z0-9-_]+$", at_least=1, at_most=64)
CALIBRATION_ID = Text(pattern="^.*$", at_least=1, at_most=100)
PLAN_ID = Text(pattern="^.+$", at_least=1, at_most=64)
SEARCH = Text(at_least=3, at_most=100)
LONG = Text(pattern="^.*$", at_least=1, at_most=10000)
SECONDS = Integer(at_least=1, at_most=INT32)
JOB_LIMIT = Integer(at_least=1, at_most=200)
JOB_OFFSET = Integer(at_least=0, at_most=INT32)
JOB_COST = Integer(at_least=0, at_most=10800)
WORKLOAD_LIMIT = Integer(at_least=1, at_most=50)
TRUTH = Truth()
WORDS = Array(Text())
TAGS = Array(TAG, at_most=8)
MODE = Text(among=("batch", "dedicated"))
LOG_LEVEL = Text(among=("critical", "error", "warning", "info", "debug"))
SUBSCRIPTIONS = Array(
    Text(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", at_least=36, at_most=36),
    at_least=1,
    at_most=200,
)
_MOMENT = Text(format="date-time", at_most=100)


def text(shape: Shape[str], value: str, what: str) -> str:
    """Return a text if it has the shape and can be sent, else raise `TypeError` or `ValueError` naming it."""
    return require_utf8(checked(shape, value, what), what)


def moment(value: Moment, what: str) -> str:
    """Return a moment as text; raises `ValueError` for a `datetime` without a zone and for text that is no moment."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{what} must know its time zone")
        return value.isoformat()
    return text(_MOMENT, value, what)


def words(shape: Shape[Any], values: Iterable[str], what: str) -> list[str]:
    """Return texts as a list; a single string, which is no list of its letters, is a `TypeError`."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise TypeError(f"{what} must be several strings, not {type(values).__name__}")
    return [require_utf8(word, what) for word in checked(shape, list(values), what)]


def query(shapes: Mapping[str, Shape[Any] | None], given: Mapping[str, Any]) -> Query:
    """Return the query of the arguments that are not None, checked; a shape of None stands for a moment."""
    result: Query = {}
    for name, value in given.items():
        if value is None:
            continue
        shape = shapes[name]
        if shape is None:
            result[name] = moment(value, name)
        elif isinstance(shape, Array):
            result[name] = words(shape, value, name)
        elif isinstance(shape, Truth):
            result[name] = "true" if checked(shape, value, name) else "false"
        elif isinstance(shape, Integer):
            result[name] = str(checked(shape, value, name))
        else:
            result[name] = text(shape, value, name)
    return result


def json_body(value: Mapping[str, object]) -> bytes:
    """Return the bytes of a JSON body; raises `TypeError` or `ValueError` for what has no JSON."""
    return encode_json(dict(value), "the request").encode()
