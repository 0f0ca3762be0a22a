"""Patterns: whether one matches all that another one matches, and a text that tells them apart."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from runtime_contracts.drift.languages import UndecidedError, difference, shortest

_TEXTS = ["".join(chars) for length in range(4) for chars in itertools.product("ab1\n", repeat=length)]
_ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", r"\d", r"\W", "[a-c1]", r"\x61"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "{0}"])).map(
            lambda pair: f"({pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=5,
)
_ANCHORED = st.tuples(st.sampled_from(["^", ""]), _PATTERNS, st.sampled_from(["$", ""])).map("".join)


@seed(20261122)
@settings(max_examples=150, deadline=None, database=None)
@given(_ANCHORED, _ANCHORED)
def test_the_shortest_text_that_tells_two_patterns_apart(one: str, other: str) -> None:
    """It is found by one pattern and not by the other, and no shorter text is; None means that there is none."""
    first, second = (re.compile(text.replace("$", r"\Z").replace(".", "[^\n]")) for text in (one, other))
    expected = [text for text in _TEXTS if first.search(text) and not second.search(text)]
    found = difference(one, other)
    if found is None:
        assert expected == []
    else:
        assert first.search(found)
        assert not second.search(found)
        assert len(found) <= min(map(len, expected), default=len(found))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^crn:v1:[a-z]{3,5}(x|yy)+$", "crn:v1:aaax"),
        (r"^\d{2}-\u0041\t$", "00-A\t"),
        (r"^[^\S ]$", "\t"),
        ("^[]$|a$", "a"),
        ("^[a-]$", "a"),
        (r"^[\b]$", "\b"),
        ("^[^\\s\\S]$", None),
    ],
)
def test_shortest_text_that_fits(pattern: str, text: str | None) -> None:
    """The first text that comes to mind is a short and plain one."""
    assert shortest(pattern) == text


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)b", "(?<name>a)", r"(a)\1", r"\ba", "a^b", "a$b", "(a", "a)", "[a", "*a", "a{x}", "a{2", "[b-a]",
        r"[\d-z]", r"\u00",
        "\\", "a{5000}", "((a{99}){99}){99}", "(" * 60 + ")" * 60, "a" * 3000, "(a|aa|b)*a(a|b){14}c",
        "a{1,2}{3}",
    ],
)  # fmt: skip
def test_what_is_not_regular_or_too_large_is_left_undecided(pattern: str) -> None:
    """No wrong answer, and no long one: it is said that there is none."""
    with pytest.raises(UndecidedError):
        difference(pattern, "^z")
