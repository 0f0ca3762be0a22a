"""Lengths of time as text: every form, every mistake, and what is drawn from them."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_runtime.durations import (
    AT_ONCE,
    FORMS,
    NEVER,
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
from mock_runtime.ids import Ids


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1s", Fixed(1.0)),
        ("250ms", Fixed(0.25)),
        ("8us", Fixed(8e-6)),
        ("2m", Fixed(120.0)),
        ("2 min", Fixed(120.0)),
        ("1.5h", Fixed(5400.0)),
        ("1d", Fixed(86400.0)),
        ("3", Fixed(3.0)),
        (".5", Fixed(0.5)),
        ("3.", Fixed(3.0)),
        ("  1S ", Fixed(1.0)),
        (3, Fixed(3.0)),
        (0.25, Fixed(0.25)),
        (0, AT_ONCE),
        ("now", AT_ONCE),
        ("At once", AT_ONCE),
        ("immediate", AT_ONCE),
        ("never", NEVER),
        ("forever", NEVER),
        (math.inf, NEVER),
        ("fixed(2s)", Fixed(2.0)),
        ("1s..3s", Uniform(1.0, 3.0)),
        ("1 .. 3", Uniform(1.0, 3.0)),
        ("uniform(500ms, 1m)", Uniform(0.5, 60.0)),
        ("2s..2s", Uniform(2.0, 2.0)),
        ("5s~2s", Normal(5.0, 2.0)),
        ("normal(5s,2s)", Normal(5.0, 2.0)),
        ("exponential(5s)", Exponential(5.0)),
        ("exp(0)", Exponential(0.0)),
        ("lognormal(5s, 0.5)", LogNormal(5.0, 0.5)),
        ("log-normal( 5s , .5 )", LogNormal(5.0, 0.5)),
    ],
)
def test_every_form_is_read(value: object, expected: Duration) -> None:
    """Texts in any case with any spacing, and plain numbers of seconds."""
    assert parse_duration(value) == expected
    assert parse_length(value) == expected


def test_a_duration_is_already_one() -> None:
    """Reading what was read changes nothing."""
    for duration in (Fixed(1), Uniform(1, 2), Normal(1, 2), Exponential(1), LogNormal(1, 2)):
        assert parse_duration(duration) is duration
        assert parse_length(duration) is duration
    assert parse_length(PollCount(3)) == PollCount(3)


@pytest.mark.parametrize(("text", "count"), [("3 polls", 3), ("1 poll", 1), ("0 polls", 0), ("12POLLS", 12)])
def test_polls_are_a_length_but_no_duration(text: str, count: int) -> None:
    """Where only time makes sense, polls are refused."""
    assert parse_length(text) == PollCount(count)
    with pytest.raises(NotADuration, match=r"is not a length of time"):
        parse_duration(text)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-1s",
        "1 fortnight",
        "1s2s",
        "s",
        "1e3s",
        "inf",
        "nan",
        "1..",
        "..3s",
        "1s..3s..5s",
        "1s~",
        "exponential",
        "exponential()",
        "exponential(1s, 2s)",
        "exponential(1s",
        "poisson(3s)",
        "uniform(1s)",
        None,
        True,
        [],
        {},
        math.nan,
        -math.inf,
        -1,
    ],
)
def test_anything_else_is_refused_with_examples(value: object) -> None:
    """The sentence quotes what was found and shows every form."""
    with pytest.raises(NotADuration) as refused:
        parse_duration(value)
    assert f"is not a length of time: write e.g. {FORMS}" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("3s..1s", "'3s..1s' runs backwards: write the shorter time first"),
        ("20000d", "'20000d' is longer than 1e+09 seconds: write 'never' for that"),
        ("9" * 400, "is longer than 1e+09 seconds: write 'never' for that"),
        ("lognormal(5s, 2s)", "'lognormal(5s, 2s)' needs a plain number of at most 100 in second place"),
        ("lognormal(5s, 101)", "needs a plain number of at most 100 in second place"),
        ("lognormal(5s, x)", "needs a plain number of at most 100 in second place"),
    ],
)
def test_a_mistake_of_meaning_is_named(text: str, sentence: str) -> None:
    """What is well written but senseless gets a sentence of its own."""
    with pytest.raises(NotADuration) as refused:
        parse_duration(text)
    assert sentence in str(refused.value)


def test_a_length_that_is_none_also_mentions_polls() -> None:
    """Where polls are possible, the sentence says so."""
    with pytest.raises(NotADuration, match=r"\(or e\.g\. '3 polls'\)$"):
        parse_length("soon")
    with pytest.raises(NotADuration, match=r"polls"):
        parse_length("1234567890 polls")


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (AT_ONCE, "0s"),
        (NEVER, "never"),
        (Fixed(0.25), "0.25s"),
        (Fixed(90.0), "90s"),
        (Uniform(0.5, 3.0), "0.5s..3s"),
        (Normal(5.0, 2.0), "5s~2s"),
        (Exponential(5.0), "exponential(5s)"),
        (LogNormal(5.0, 0.5), "lognormal(5s, 0.5)"),
        (Fixed(1036800.0), "1036800s"),
        (Fixed(1e9), "1000000000s"),
        (Fixed(12345.678), "12345.678s"),
        (Fixed(1e-9), "0.000000001s"),
        (PollCount(1), "1 poll"),
        (PollCount(23), "23 polls"),
    ],
)
def test_a_length_is_written_as_people_write_it(length: Duration | PollCount, text: str) -> None:
    """And reading it gives the same length again."""
    assert str(length) == text
    assert parse_length(text) == length


seconds = st.floats(0, 1e9, allow_subnormal=False)
anything = st.one_of(
    seconds.map(Fixed),
    st.just(NEVER),
    st.tuples(seconds, seconds).map(lambda pair: Uniform(min(pair), max(pair))),
    st.builds(Normal, seconds, seconds),
    seconds.map(Exponential),
    st.builds(LogNormal, seconds, st.floats(0, 100, allow_subnormal=False)),
    st.integers(0, 10**9 - 1).map(PollCount),
)


@given(anything)
def test_what_is_written_can_be_read_again(length: Duration | PollCount) -> None:
    """Exactly, to the last digit."""
    assert parse_length(str(length)) == length


@given(st.text() | st.integers() | st.floats() | st.from_regex(r"[0-9.]{1,4}[a-z~(,.]{1,3}[0-9a-z)]{0,4}"))
def test_nonsense_is_refused_and_never_crashes(value: object) -> None:
    """Whatever is written where a length belongs: what comes out can be written and read again."""
    with contextlib.suppress(NotADuration):
        read = parse_duration(value)
        assert parse_duration(str(read)) == read


@pytest.mark.parametrize("value", [10**400, -(10**400), 10**10])
def test_a_number_beyond_all_measure_is_refused(value: int) -> None:
    """A whole number that no float can hold is no reason to crash."""
    with pytest.raises(NotADuration, match=r"a number of more than 1e\+09 seconds is too long"):
        parse_duration(value)


@pytest.mark.parametrize("text", ["1s", "1s..3s", "5s~2s", "exponential(5s)", "exp(0)", "lognormal(5s, 0.5)"])
def test_a_seed_gives_the_same_lengths_again(text: str) -> None:
    """And another label other ones, unless there is nothing to draw."""
    duration = parse_duration(text)

    def drawn(seed: int) -> list[float]:
        rng = Ids(seed).stream("x")
        return [duration.sample(rng) for _ in range(20)]

    assert drawn(7) == drawn(7)
    assert (drawn(7) == drawn(8)) is (text in {"1s", "exp(0)"})


def test_samples_have_the_distribution_that_was_asked_for() -> None:
    """Mean or median of two thousand draws, within a few standard errors of a seeded stream."""
    rng = Ids(1).stream("statistics")

    def drawn(text: str) -> list[float]:
        duration = parse_duration(text)
        return sorted(duration.sample(rng) for _ in range(2000))

    uniform, normal, exponential, lognormal = (
        drawn(text) for text in ("1s..3s", "5s~2s", "exponential(5s)", "lognormal(5s, 0.5)")
    )
    assert (uniform[0] >= 1.0, uniform[-1] <= 3.0) == (True, True)
    assert sum(uniform) / 2000 == pytest.approx(2.0, abs=0.1)
    assert sum(normal) / 2000 == pytest.approx(5.0, abs=0.25)
    assert sum(exponential) / 2000 == pytest.approx(5.0, abs=0.6)
    assert lognormal[1000] == pytest.approx(5.0, abs=0.3)


@given(
    st.sampled_from([Uniform(0, 1), Normal(1, 5), Exponential(3), LogNormal(5, 3), Normal(0, 0)]),
    st.integers(0, 10_000),
)
def test_no_length_is_negative_or_endless(duration: Duration, seed: int) -> None:
    """What is drawn can always be waited for."""
    drawn = duration.sample(Ids(seed).stream("x"))
    assert 0.0 <= drawn < math.inf
