"""Patterns with stars: what they are like, and that none takes long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_runtime.faults.patterns import is_like, text_pattern


@pytest.mark.parametrize(
    ("pattern", "like", "unlike"),
    [
        ("get-job", ["get-job"], ["get-jobs", "Get-job", "", "xget-job"]),
        ("get-*", ["get-", "get-job", "get-a-b", "get-\n"], ["get", "xget-"]),
        ("*-job", ["-job", "get-job"], ["get-jobs"]),
        ("a*b*c", ["abc", "axbxc", "abbcc", "abcabc"], ["ab", "acb", "abcx"]),
        ("*", ["", "x", "a\nb"], []),
        ("**", ["", "x/y"], []),
        ("a.b", ["a.b"], ["axb"]),
        ("a*a", ["aa", "aba"], ["a"]),
        ("*a*", ["a", "bab"], ["b"]),
    ],
)
def test_a_star_stands_for_anything(pattern: str, like: list[str], unlike: list[str]) -> None:
    """All else stands for itself."""
    test = is_like([pattern])
    assert [text for text in like if not test(text)] == []
    assert [text for text in unlike if test(text)] == []


@pytest.mark.parametrize(
    ("pattern", "like", "unlike"),
    [
        ("/v1/jobs", ["/v1/jobs", "/v1/jobs/"], ["/v1/job", "/v1/jobs/x", "v1/jobs", "/V1/jobs"]),
        ("v1/jobs/", ["/v1/jobs", "/v1/jobs/"], ["/v1"]),
        ("/v1/jobs/*", ["/v1/jobs/x"], ["/v1/jobs", "/v1/jobs/x/y"]),
        ("/v1/*/x", ["/v1/a/x", "/v1//x"], ["/v1/a/b/x", "/v1/x"]),
        ("/v1/job*s/x*", ["/v1/jobs/x", "/v1/jobbies/xyz"], ["/v1/job/s/x", "/v1/jobs/x/y"]),
        ("/v1/**", ["/v1", "/v1/", "/v1/a", "/v1/a/b/c"], ["/v2/a", "/v11", "/"]),
        ("**", ["/", "", "/a", "/a/b"], []),
        ("/**/results", ["/results", "/a/results", "/a/b/results", "/results/results"], ["/results/x", "/aresults"]),
        ("/a/**/b/**/c", ["/a/b/c", "/a/x/b/y/z/c", "/a/b/b/c", "/a/b/c/c"], ["/a/c", "/a/b", "/a/xb/c", "/a/b/cx"]),
        ("/**/a*/b/**", ["/a/b", "/x/ab/b/c", "/a/a/b"], ["/a/x/b", "/b"]),
        ("/**/**/a", ["/a", "/b/a"], ["/a/b"]),
        ("/a.b", ["/a.b"], ["/axb"]),
    ],
)
def test_in_a_path_two_stars_stand_for_segments(pattern: str, like: list[str], unlike: list[str]) -> None:
    """And one star for what is within one."""
    test = is_like([pattern], path=True)
    assert [text for text in like if not test(text)] == []
    assert [text for text in unlike if test(text)] == []


def test_several_patterns_are_one_or_the_other() -> None:
    """And what is excluded is excluded, whatever else it is like."""
    test = is_like(["get-*", "list-jobs", "not get-session", "not *-logs"])
    assert [name for name in ("get-job", "list-jobs", "get-session", "get-logs", "log-in") if test(name)] == [
        "get-job",
        "list-jobs",
    ]
    assert not test(None)


def test_what_only_excludes_takes_all_else() -> None:
    """Also what is not there at all."""
    test = is_like(["not log-in"])
    assert (test("get-job"), test("log-in"), test(None)) == (True, False, True)


@pytest.mark.parametrize("path", [False, True])
@pytest.mark.parametrize("pattern", ["*a" * 190, "/**/a" * 75, "/*a*b" * 75, "a*" * 150 + "b", "/**/*a" * 60])
def test_no_pattern_takes_long(pattern: str, path: bool) -> None:
    """What would make a naive search try for ever is over at once: 64 KiB in well under the time limit of a test."""
    test = is_like([pattern], path=path)
    for text in ("a" * 65_536, "/a" * 32_768, "/" * 65_536, "/ab" * 20_000 + "c"):
        assert test(text) in {True, False}


@settings(deadline=None)
@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_a_text_pattern_is_what_a_regular_expression_says(pattern: str, text: str) -> None:
    """Looking for each piece once finds what trying every place would."""
    naive = re.fullmatch(re.sub(r"\*", ".*", pattern), text) is not None
    assert (text_pattern(pattern).fullmatch(text) is not None) is naive


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", "*", "**", "a*", "*b"]), max_size=6),
    st.lists(st.sampled_from(["a", "b", "ab", "aab"]), max_size=7),
)
def test_a_path_pattern_is_what_its_segments_say(pattern: list[str], path: list[str]) -> None:
    """The same as a search that tries everything."""
    test = is_like(["/" + "/".join(pattern)], path=True)
    if pattern and path:
        assert test("/" + "/".join(path)) is _segments_match(pattern, path)


def _segments_match(pattern: list[str], path: list[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_segments_match(pattern[1:], path[at:]) for at in range(len(path) + 1))
    first = bool(path) and re.fullmatch(pattern[0].replace("*", ".*"), path[0]) is not None
    return first and _segments_match(pattern[1:], path[1:])
