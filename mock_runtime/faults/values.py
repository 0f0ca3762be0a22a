"""Reading the values of a rule: each is of the right kind, or one sentence says where it is not and what would be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, NoReturn, TypeVar

from mock_runtime.domain.errors import bounded
from mock_runtime.durations import (
    Duration,
    Exponential,
    Fixed,
    LogNormal,
    Normal,
    NotADuration,
    PollCount,
    Uniform,
    parse_duration,
    parse_length,
)

T = TypeVar("T")
MOST: Final = 10**9
_LONGEST_TEXT: Final = 4096
_LONGEST_LIST: Final = 100
_DEEPEST: Final = 40
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_LENGTHS: Final = (Fixed, Uniform, Normal, Exponential, LogNormal, PollCount)


class InvalidFault(ValueError):
    """A rule that makes no sense. `key` is where, such as `faults[2].act.status`, `expected` what would have done."""

    def __init__(self, key: str, expected: str) -> None:
        self.key: Final = key
        self.expected: Final = expected
        super().__init__(f"{key}: {expected}" if key else expected)


def refuse(at: str, expected: str, found: object) -> NoReturn:
    """Say that something else was expected; InvalidFault."""
    raise InvalidFault(at, f"expected {expected}, found {shown(found)}")


def shown(value: object) -> str:
    """A value for an error: short, and as JSON would have it where it can."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return bounded(value)
    if isinstance(value, Mapping):
        return (
            f"a mapping with {', '.join(bounded(str(key)) for key in list(value)[:5])}" if value else "an empty mapping"
        )
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return f"{value!r:.40}"


def plain(value: object, at: str, *, depth: int = 0) -> Any:
    """A copy of what was given, of nothing but JSON's kinds of values; InvalidFault if it has others."""
    if depth > _DEEPEST:
        raise InvalidFault(at, f"expected at most {_DEEPEST} levels of lists and mappings")
    if isinstance(value, _LENGTHS):
        return str(value)
    if isinstance(value, Enum):
        return plain(value.value, at, depth=depth + 1)
    if isinstance(value, Mapping):
        return {(name := _name(key)): plain(entry, below(at, name), depth=depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry, f"{at}[{index}]", depth=depth + 1) for index, entry in enumerate(value)]
    if value is None or isinstance(value, bool | str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise InvalidFault(at, f"expected a value that JSON has, found {type(value).__name__} {value!r:.40}")


def _name(key: object) -> str:
    """A key. YAML 1.1 reads `on` as true."""
    return {True: "on", False: "off"}[key] if isinstance(key, bool) else str(key)


def below(at: str, key: str) -> str:
    """Where a value of a mapping is."""
    return f"{at}.{key}" if at else key


def mapping(value: object, at: str, known: Collection[str], example: str) -> dict[str, Any]:
    """A mapping with known keys alone; what is null in it is left out."""
    if not isinstance(value, dict):
        refuse(at, f"keys and values such as {example}", value)
    for key in value:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
            raise InvalidFault(below(at, key[:60]), f"there is no such key; {hint}")
    return {key: entry for key, entry in value.items() if entry is not None}


def read(
    entries: Mapping[str, Any], key: str, at: str, reader: Callable[[Any, str], T], default: T | None = None
) -> T | None:
    """The value of a key, read; the default if it is not there."""
    return reader(entries[key], below(at, key)) if key in entries else default


def text(value: object, at: str) -> str:
    """A text; a whole number counts as what is written."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**18 else value
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT:
        refuse(at, f"a text of 1 to {_LONGEST_TEXT} characters", value)
    return value


def one_or_many(value: object, at: str, reader: Callable[[Any, str], T]) -> tuple[T, ...]:
    """One value, or a list of some."""
    if not isinstance(value, list):
        return (reader(value, at),)
    if not 0 < len(value) <= _LONGEST_LIST:
        raise InvalidFault(at, f"expected one, or a list of 1 to {_LONGEST_LIST}, found {len(value)}")
    return tuple(reader(entry, f"{at}[{index}]") for index, entry in enumerate(value))


def patterns(value: object, at: str) -> tuple[str, ...]:
    """One pattern, or several."""
    return one_or_many(value, at, pattern)


def pattern(value: object, at: str) -> str:
    """A pattern, of a length that can be tried on everything."""
    read_ = text(value, at)
    if len(read_) > 400:
        raise InvalidFault(at, f"expected a pattern of at most 400 characters, found {len(read_)}")
    return read_


def choice(value: object, at: str, known: Collection[str]) -> str:
    """One of some words."""
    if not isinstance(value, str) or value not in known:
        near = get_close_matches(value, known, n=1) if isinstance(value, str) else []
        refuse(at, f"one of {', '.join(known)}" + (f" (did you mean '{near[0]}'?)" if near else ""), value)
    return value


def flag(value: object, at: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        refuse(at, "true or false", value)
    return value


def whole(low: int, high: int = MOST, what: str = "a whole number") -> Callable[[object, str], int]:
    """A reader of whole numbers between two."""

    def reader(value: object, at: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            refuse(at, f"{what} from {low} to {high}", value)
        return value

    return reader


def number(value: object, at: str, low: float, high: float) -> float:
    """A number between two."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        refuse(at, f"a number from {low:g} to {high:g}", value)
    return float(value)


def part(value: object, at: str) -> float:
    """A part of all, from 0 to 1."""
    return number(value, at, 0, 1)


def length(value: object, at: str) -> Duration:
    """A length of time that ends, of any kind."""
    try:
        found = parse_duration(value)
    except NotADuration as error:
        raise InvalidFault(at, str(error)) from None
    if found.is_endless:
        raise InvalidFault(at, "expected a length of time that ends, such as 1h: what never comes is a cut")
    return found


def length_or_polls(value: object, at: str) -> Duration | PollCount:
    """A length of time, or a number of polls; it may be endless."""
    try:
        return parse_length(value)
    except NotADuration as error:
        raise InvalidFault(at, str(error)) from None


def seconds(value: object, at: str) -> float:
    """A length of time that is always the same."""
    found = length(value, at)
    if not isinstance(found, Fixed):
        raise InvalidFault(at, f"expected one length of time such as 30s, found the distribution {found}")
    return found.seconds


def span(value: object, at: str) -> float:
    """A length of time that is always the same, and longer than nothing."""
    found = seconds(value, at)
    if not found:
        raise InvalidFault(at, "expected a length of time that is longer than nothing")
    return found


def header_name(name: str, at: str) -> str:
    """The name of a header."""
    if _HEADER.fullmatch(name) is None:
        raise InvalidFault(at, f"expected the name of a header, found {bounded(name)}")
    return name


def header_value(value: object, at: str) -> str:
    """The value of a header."""
    read_ = text(value, at)
    if _HEADER_VALUE.fullmatch(read_) is None:
        refuse(at, "a value that a header can have: one line of Latin-1", value)
    return read_
