"""Reading JSON by the letter: what Python's own reader forgives is refused here.

Two independent readers must agree on what a message says, so duplicate keys, NaN, numbers beyond a double, lone
surrogates, a byte order mark and absurd sizes are errors and not a matter of taste.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

_MAX_INTEGER_DIGITS = 4300  # Python's own limit for turning text into an integer


class InvalidJsonError(ValueError):
    """The bytes are no JSON text; the message says why, in one short sentence."""


def decode_text(content: bytes) -> str:
    """Return `content` as text.

    Raises:
        InvalidJsonError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidJsonError(f"not UTF-8 at byte {error.start}") from None


def decode_json(content: bytes) -> Any:
    """Return the value that `content` holds.

    Raises:
        InvalidJsonError: it is not UTF-8 or not JSON, or two readers could understand it differently.
    """
    text = decode_text(content)
    if text.startswith("\ufeff"):
        raise InvalidJsonError("starts with a byte order mark")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
    except RecursionError:
        raise InvalidJsonError("nested too deeply") from None
    except InvalidJsonError:
        raise
    except ValueError as error:
        raise InvalidJsonError(f"not JSON: {error}") from None
    if "\\u" in text:
        _refuse_surrogates(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise InvalidJsonError("an object has the same key twice")
    return result


def _constant(name: str) -> NoReturn:
    raise InvalidJsonError(f"{name} is no JSON number")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise InvalidJsonError("a number is too large for a double")
    return value


def _integer(text: str) -> int:
    if len(text) > _MAX_INTEGER_DIGITS:
        raise InvalidJsonError("an integer has too many digits")
    return int(text)


def _refuse_surrogates(value: Any) -> None:
    # json.loads joins surrogate pairs, so whatever is left of them cannot be encoded.
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidJsonError("a string holds half of a surrogate pair") from None
    except RecursionError:
        raise InvalidJsonError("nested too deeply") from None
