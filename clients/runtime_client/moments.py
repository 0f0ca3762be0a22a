"""Dates and moments as text: whether they are what RFC 3339 calls a full-date and a date-time."""

from __future__ import annotations

import re
from calendar import isleap

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_MOMENT = re.compile(r"(.{10})[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY_MINUTES = 24 * 60


def is_date(text: str) -> bool:
    """Tell whether `text` is a day that exists, such as "2026-04-15"."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = map(int, match.groups())
    if not 1 <= month <= 12:
        return False
    return 1 <= day <= _DAYS[month - 1] + (month == 2 and isleap(year))


def is_moment(text: str) -> bool:
    """Tell whether `text` is a moment that exists, with a zone, such as "2026-04-15T03:15:11.5Z".

    A second 60 exists only where UTC has room for one, at the end of a day.
    """
    match = _MOMENT.fullmatch(text)
    if match is None or not is_date(match[1]):
        return False
    hour, minute, second = int(match[2]), int(match[3]), int(match[4])
    ahead_hours, ahead_minutes = int(match[6] or 0), int(match[7] or 0)
    if hour > 23 or minute > 59 or ahead_hours > 23 or ahead_minutes > 59:
        return False
    ahead = ahead_hours * 60 + ahead_minutes
    utc_minute = (hour * 60 + minute - (ahead if match[5] == "+" else -ahead)) % _DAY_MINUTES
    return second <= 59 or (second == 60 and utc_minute == _DAY_MINUTES - 1)
