"""What a number of times or of seconds is expected to be: a number, a range, or what pytest.approx makes."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Bounds: TypeAlias = Any
"""A number, a pair (at least, at most) with None for no bound, or anything that is equal to what it allows, such as
`pytest.approx(2.0)`."""

SAME_S: Final = 0.001
"""Seconds that differ by less are the same to whoever expects a plain number of them."""


def fits(value: float, bounds: Bounds, *, tolerance: float = 0.0) -> bool:
    """Whether a value is what was expected; a plain number within `tolerance`."""
    if isinstance(bounds, tuple):
        low, high = _pair(bounds)
        # The instants that an interval lies between are rounded.
        return (low is None or value >= low - tolerance) and (high is None or value <= high + tolerance)
    if isinstance(bounds, int | float):
        return abs(value - bounds) <= tolerance
    return bool(value == bounds)


def shown(bounds: Bounds, unit: str = "") -> str:
    """Return what was expected, for a sentence."""
    unit = f" {unit}" if unit else ""
    if isinstance(bounds, tuple):
        low, high = _pair(bounds)
        if low is None or high is None:
            return f"at most {high:g}{unit}" if high is not None else f"at least {low or 0:g}{unit}"
        return f"{low:g} to {high:g}{unit}"
    if isinstance(bounds, int | float):
        return f"{bounds:g}{unit}"
    return f"{bounds}{unit}"


def counted(bounds: Bounds, noun: str) -> str:
    """Return how many of something were expected, for a sentence."""
    return f"{shown(bounds)} {noun}{'' if isinstance(bounds, int | float) and bounds == 1 else 's'}"


def _pair(bounds: tuple[Any, ...]) -> tuple[float | None, float | None]:
    if len(bounds) != 2 or not all(each is None or isinstance(each, int | float) for each in bounds):
        raise ValueError(f"a range is a pair of numbers such as (1.5, 2.5), or (2.0, None); found {bounds!r}")
    return bounds
