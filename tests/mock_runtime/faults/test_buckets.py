"""Token buckets: who may, who has to wait, and for exactly how long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_runtime.faults import buckets
from mock_runtime.faults.buckets import Buckets
from mock_runtime.faults.rule import Rate

NOW = 1_620_443_711.0


def test_a_bucket_lets_a_burst_through_and_then_drips() -> None:
    """Five at once, then one each twelve seconds; the wait is exact."""
    five = Buckets(Rate(requests=5, per_s=60, burst=5))
    assert [five.take("a", NOW) for _ in range(5)] == [0] * 5
    assert five.take("a", NOW) == pytest.approx(12)
    assert five.take("a", NOW + 5) == pytest.approx(7)
    assert five.take("a", NOW + 12) == 0
    assert five.take("a", NOW + 12) == pytest.approx(12)
    assert [five.take("a", NOW + 1000) for _ in range(5)] == [0] * 5
    assert five.take("a", NOW + 1000) > 0


def test_whoever_waits_as_long_as_told_gets_in() -> None:
    """Also with lengths that no binary fraction is."""
    third = Buckets(Rate(requests=3, per_s=1, burst=1))
    now = NOW
    for _ in range(100):
        assert third.take("a", now) == 0
        now += third.take("a", now)


def test_each_caller_has_a_bucket_or_all_have_one() -> None:
    """As the rule says; nobody in particular is somebody, too."""
    own = Buckets(Rate(requests=1, per_s=60, burst=1))
    assert [own.take(caller, NOW) for caller in ("a", "b", None)] == [0, 0, 0]
    assert own.take("a", NOW) > 0
    shared = Buckets(Rate(requests=1, per_s=60, burst=1, by_caller=False))
    assert shared.take("a", NOW) == 0
    assert shared.take("b", NOW) == pytest.approx(60)


def test_a_clock_that_is_put_back_makes_nobody_wait_longer_than_for_a_full_bucket() -> None:
    """As after a rollback."""
    one = Buckets(Rate(requests=2, per_s=60, burst=2))
    one.take("a", NOW + 1e6)
    assert one.take("a", NOW) <= 30
    one.take("a", NOW)
    assert one.take("a", NOW) <= 60


def test_a_copy_is_its_own() -> None:
    """What is taken from one is not taken from the other."""
    one = Buckets(Rate(requests=1, per_s=60, burst=1))
    other = one.copy()
    assert one.take("a", NOW) == 0
    assert other.take("a", NOW) == 0
    assert one.copy().take("a", NOW) > 0


def test_callers_without_number_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that have a full bucket are forgotten first, then whoever asked longest ago."""
    monkeypatch.setattr(buckets, "_MOST", 3)
    one = Buckets(Rate(requests=1, per_s=10, burst=1))
    for caller in "abc":
        one.take(caller, NOW)
    one.take("d", NOW + 20)
    assert len(one._full_at) == 1
    for caller in "efgh":
        one.take(caller, NOW + 20)
    assert list(one._full_at) == ["f", "g", "h"]


@settings(deadline=None)
@given(
    st.integers(1, 20), st.integers(1, 20), st.floats(0.1, 1000), st.lists(st.floats(0, 100), min_size=1, max_size=50)
)
def test_no_more_come_through_than_there_are_tokens(
    requests: int, burst: int, per_s: float, pauses: list[float]
) -> None:
    """However they come: those of the start, and those that came since."""
    one = Buckets(Rate(requests=requests, per_s=per_s, burst=burst))
    now, passed = NOW, 0
    for pause in pauses:
        now += pause
        wait_s = one.take("a", now)
        assert 0 <= wait_s <= per_s / requests + 1e-5
        passed += wait_s == 0
    assert passed <= burst + (now - NOW) * requests / per_s + 1e-3
