"""Lengths and windows."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.domain.timelines import Length, Polls, Seconds, Until, Window, end_of, longer, merged, to_come

windows = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: Window(*map(float, pair))))


@pytest.mark.parametrize(
    ("length", "end"),
    [(Seconds(3.0), 13.0), (Until(12.5), 12.5), (Until(9.0), 10.0), (Polls(0), 10.0), (Polls(2), 99.0)],
)
def test_when_a_phase_ends(length: Length, end: float) -> None:
    """One that begins at 10, and had been looked at often enough at 99."""
    assert end_of(length, 10.0, 99.0) == end


@pytest.mark.parametrize(
    ("length", "after"), [(Seconds(3.0), Seconds(5.0)), (Until(12.5), Until(12.5)), (Polls(2), Polls(2))]
)
def test_only_seconds_count_from_an_earlier_beginning(length: Length, after: Length) -> None:
    """When two of them have elapsed."""
    assert longer(length, 2.0) == after


@given(windows, st.integers(-1, 21))
def test_merged_windows_hold_the_same_instants(some: list[Window], instant: int) -> None:
    """They are in order, apart, and none is empty."""
    made = merged(some)
    assert any(one.begins <= instant < one.ends for one in made) is any(
        one.begins <= instant < one.ends for one in some
    )
    edges = [edge for one in made for edge in (one.begins, one.ends)]
    assert edges == sorted(set(edges))


def test_what_is_to_come_begins_now() -> None:
    """Windows that are over are gone, and one that goes on is cut."""
    some = (Window(50.0, math.inf), Window(0.0, 5.0), Window(3.0, 12.0))
    assert to_come(some, 10.0) == (Window(10.0, 12.0), Window(50.0, math.inf))
