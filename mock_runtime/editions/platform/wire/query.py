"""Queries: one parameter at a time, strictly read. MalformedRequest says what is wrong with which of them.

A parameter that is not there is None, or its default; one that has a single value and is given twice is refused. Arrays
are repeated keys. Evidence: a third party saw that keys with brackets (`tags[]`) are ignored and repeated ones work.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, NoReturn, overload

from mock_runtime.domain.errors import bounded
from mock_runtime.parsing import MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Request

EARLIEST: Final = -62_135_596_800.0
"""0001-01-01T00:00:00Z, in seconds since 1970."""

LATEST: Final = 253_402_300_799.0
"""9999-12-31T23:59:59Z, in seconds since 1970."""

_INTEGER: Final = re.compile(r"-?[0-9]{1,1000}")
_INSTANT: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"[Tt](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?P<fraction>\.[0-9]+)?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<ahead_h>[0-9]{2}):(?P<ahead_min>[0-9]{2}))"
)
_DAY_S: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAYS_OF_400_YEARS: Final = 146_097


def text(request: Request, name: str, *, at_least: int = 0, at_most: int | None = None) -> str | None:
    """The text of a parameter, of so many characters."""
    given = request.args.getlist(name)
    if not given:
        return None
    if len(given) > 1:
        raise MalformedRequest(f"query parameter '{name}' is there more than once")
    found = given[0]
    if len(found) < at_least or (at_most is not None and len(found) > at_most):
        wanted = f"at least {at_least}" if at_most is None else f"{at_least} to {at_most}"
        raise MalformedRequest(f"query parameter '{name}' must have {wanted} characters, not {len(found)}")
    return found


def line(request: Request, name: str, *, at_least: int = 0, at_most: int | None = None) -> str | None:
    """The text of a parameter, of so many characters and without a line break, as the pattern `^.*$` wants it."""
    found = text(request, name, at_least=at_least, at_most=at_most)
    if found is not None and "\n" in found:
        raise MalformedRequest(f"query parameter '{name}' must be one line, not {bounded(found)}")
    return found


def texts(
    request: Request,
    name: str,
    *,
    allowed: Sequence[str] | None = None,
    at_most: int | None = None,
    longest: int | None = None,
) -> tuple[str, ...]:
    """The texts of a parameter that may be repeated, none if it is not there; `at_most` so many, each no longer.

    Those whose length is bounded are lines, as the pattern `^.*$` wants it.
    """
    given = request.args.getlist(name)
    if at_most is not None and len(given) > at_most:
        raise MalformedRequest(f"query parameter '{name}' may be there {at_most} times, not {len(given)}")
    if allowed is not None:
        for found in given:
            if found not in allowed:
                _wrong(name, f"one of {', '.join(allowed)}", found)
    if longest is not None:
        for found in given:
            if len(found) > longest or "\n" in found:
                _wrong(name, f"one line of up to {longest} characters", found)
    return tuple(given)


def flag(request: Request, name: str) -> bool | None:
    """`true` or `false`. Capital letters do not matter: Python's `True` is what IBM's client sends."""
    found = text(request, name)
    if found is None:
        return None
    if found.lower() not in {"true", "false"}:
        _wrong(name, "true or false", found)
    return found.lower() == "true"


@overload
def choice(request: Request, name: str, allowed: Sequence[str], default: str) -> str: ...


@overload
def choice(request: Request, name: str, allowed: Sequence[str], default: None = None) -> str | None: ...


def choice(request: Request, name: str, allowed: Sequence[str], default: str | None = None) -> str | None:
    """One of the allowed texts."""
    found = text(request, name)
    if found is None:
        return default
    if found not in allowed:
        _wrong(name, f"one of {', '.join(allowed)}", found)
    return found


def required_choice(request: Request, name: str, allowed: Sequence[str]) -> str:
    """One of the allowed texts; it must be there."""
    found = choice(request, name, allowed)
    if found is None:
        raise MalformedRequest(f"query parameter '{name}' is missing: it must be one of {', '.join(allowed)}")
    return found


def number(request: Request, name: str, *, default: int, lowest: int, highest: int) -> int:
    """A whole number between two others, both of them included."""
    found = text(request, name)
    if found is None:
        return default
    value = int(found) if _INTEGER.fullmatch(found) else None
    if value is None or not lowest <= value <= highest:
        _wrong(name, f"a whole number from {lowest} to {highest}", found)
    return value


def instant(request: Request, name: str) -> float | None:
    """An instant as RFC 3339 has it, in seconds since 1970.

    Capital letters do not matter, the offset has to be there, and a leap second is the first one of the next minute.
    What lies outside the years 1 to 9999 is moved to their ends.
    """
    found = text(request, name)
    if found is None:
        return None
    seconds = _seconds(found)
    if seconds is None:
        hint = "; a plus sign is sent as %2B" if " " in found else ""
        _wrong(name, "an instant like 2026-01-02T03:04:05Z", found, hint)
    return min(max(seconds, EARLIEST), LATEST)


def _seconds(written: str) -> float | None:
    """Seconds since 1970; None for a text that is no instant."""
    match = _INSTANT.fullmatch(written)
    if match is None:
        return None
    year, month, day, hour, minute, second = (
        int(match[part]) for part in ("year", "month", "day", "hour", "minute", "second")
    )
    ahead_h, ahead_min = int(match["ahead_h"] or 0), int(match["ahead_min"] or 0)
    if hour > 23 or minute > 59 or second > 60 or ahead_h > 23 or ahead_min > 59:
        return None
    try:
        # Python knows no year 0. Dates repeat after 400 years, so that another one can stand in for it.
        days = date(year or 400, month, day).toordinal() - (0 if year else _DAYS_OF_400_YEARS) - _EPOCH
    except ValueError:
        return None
    ahead = (-60 if match["sign"] == "-" else 60) * (60 * ahead_h + ahead_min)
    minutes = days * _DAY_S + hour * 3600 + minute * 60 - ahead
    if second == 60 and minutes % _DAY_S != _DAY_S - 60:
        return None
    return minutes + second + float(match["fraction"] or 0)


def _wrong(name: str, expected: str, found: str, hint: str = "") -> NoReturn:
    raise MalformedRequest(f"query parameter '{name}' must be {expected}, not {bounded(found)}{hint}")
