"""Dates and moments as text: those that exist, and the many that look like them."""

from __future__ import annotations

from itertools import product

import jsonschema_rs
import pytest

from runtime_client.moments import is_date, is_moment

DATES = (
    "2026-03-04", "2026-02-29", "2024-02-29", "0000-02-29", "1900-02-29", "2000-02-29", "2026-04-31", "2026-13-01",
    "2026-00-10", "2026-12-31", "2026-01-00", "\u0662026-03-04", "9999-12-31", "2026-3-4", "20260304", "2026-03-04\n",
)  # fmt: skip
TIMES = ("00:00:00", "23:59:60", "23:59:61", "24:00:00", "05:59:60", "00:29:60", "12:60:00", "12:00")
FRACTIONS = ("", ".5", ".", ".123456789012", ",5")
ZONES = ("Z", "z", "", "+00:00", "-23:59", "+24:00", "+00:30", "-08:00", "+05:60", "+0100", "+01", "Z\n", " Z")


@pytest.mark.parametrize("text", DATES)
def test_dates(text: str) -> None:
    """Agrees with a validator on each date."""
    validator = jsonschema_rs.Draft202012Validator({"format": "date"}, validate_formats=True)
    assert is_date(text) is validator.is_valid(text)


@pytest.mark.parametrize("mark", ["T", "t", " ", ""])
def test_moments(mark: str) -> None:
    """Agrees with a validator on each moment put together from these parts."""
    validator = jsonschema_rs.Draft202012Validator({"format": "date-time"}, validate_formats=True)
    texts = [day + mark + time + rest + zone for day, time, rest, zone in product(DATES, TIMES, FRACTIONS, ZONES)]
    assert [text for text in texts if is_moment(text) is not validator.is_valid(text)] == []
    assert any(map(is_moment, texts)) is (mark in {"T", "t"})
