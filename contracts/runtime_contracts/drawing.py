"""Values for Hypothesis to draw that more than one edition has a use for."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ODD_TEXT: st.SearchStrategy[str] = st.one_of(
    st.sampled_from(
        ["a/b", "..", ".", "%2F", "a b", "a?b#c", "\u00e4\u6f22\U0001f300", "a%00b", "a\\b", "a;b", "+", "&="]
    ),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
)
"""Text that breaks whatever puts it into a URL without quoting it."""
ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
