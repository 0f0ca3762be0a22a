"""Strict reading of what strangers send: a value of the right shape, or one sentence about what is wrong and where."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from mock_runtime.domain.errors import bounded


class MalformedRequest(Exception):
    """A request that does not have the form its operation asks for (400). `str()` is a sentence for a person."""


class UnsupportedMediaType(Exception):
    """A body of a kind that the operation does not read (415). `str()` is a sentence for a person."""


def parse_json(body: bytes) -> Any:
    """The JSON value of a body, whatever its Content-Type says; MalformedRequest if it is none.

    UTF-8 only; `NaN`, infinities, numbers too long to read and nesting too deep to read are refused, as the standard
    allows.
    """
    try:
        return strict_json(body.decode())
    except UnicodeDecodeError as error:
        raise MalformedRequest(f"the body is not UTF-8: byte {error.start} is {body[error.start]:#04x}") from None
    except RecursionError:
        raise MalformedRequest("the body is not readable JSON: it is nested too deeply") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        what = "it is empty" if not body.strip() else f"{error.msg} at {where}"
        raise MalformedRequest(f"the body is not JSON: {what}") from None
    except ValueError as error:
        raise MalformedRequest(f"the body is not readable JSON: {error}") from None


def strict_json(text: str) -> Any:
    """The JSON value of a text; ValueError, or RecursionError.

    `NaN` and infinities are refused, also as numbers too large for a double, which would come out as such.
    """
    return json.loads(text, parse_constant=_no_constant, parse_float=_finite)


def parse_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a body; MalformedRequest if it is none."""
    value = parse_json(body)
    if not isinstance(value, dict):
        raise MalformedRequest(f"the body must be a JSON object, not {kind(value)}")
    return value


def required_text(fields: Mapping[str, Any], name: str) -> str:
    """The text of a field that must be there."""
    if name not in fields:
        raise MalformedRequest(f"'{name}' is missing")
    return _text(fields[name], name)


def optional_text(fields: Mapping[str, Any], name: str) -> str | None:
    """The text of a field that may be absent, but not null."""
    return _text(fields[name], name) if name in fields else None


def optional_texts(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The texts of an array that may be absent."""
    if name not in fields:
        return ()
    value = fields[name]
    if not isinstance(value, list):
        _wrong(name, "an array of strings", value)
    for index, item in enumerate(value):
        if not isinstance(item, str):
            _wrong(f"{name}[{index}]", "a string", item)
    return tuple(value)


def count_parameter(values: Iterable[str], name: str, default: int) -> int:
    """A whole number from a query, 0 or more; the last one if it is given more than once."""
    given = list(values)
    if not given:
        return default
    text = given[-1]
    if not (text.isascii() and text.isdigit() and len(text) <= 1000):
        raise MalformedRequest(f"query parameter '{name}' must be a whole number, 0 or more, not {bounded(text)}")
    return min(int(text), 2**63)


def flag_parameter(values: Iterable[str], name: str) -> bool | None:
    """`true` or `false` from a query in any case, None if it is not given."""
    given = list(values)
    if not given:
        return None
    text = given[-1].lower()
    if text not in {"true", "false"}:
        raise MalformedRequest(f"query parameter '{name}' must be true or false, not {bounded(given[-1])}")
    return text == "true"


def digits(text: str, name: str) -> int:
    """A whole number written in decimal digits, as form fields carry them."""
    if not (text.isascii() and text.isdigit() and len(text) <= 4000):
        raise MalformedRequest(f"'{name}' must be a whole number of seconds in decimal digits, not {bounded(text)}")
    return int(text)


def kind(value: object) -> str:
    """What sort of JSON value this is, in words."""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        _wrong(name, "a string", value)
    return value


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _wrong(name: str, expected: str, found: object) -> NoReturn:
    raise MalformedRequest(f"'{name}' must be {expected}, not {kind(found)}")
