"""Places in a file: merge keys, several mistakes at once, and where a refusal of plain values belongs."""

from __future__ import annotations

from typing import Any

import pytest

from mock_runtime.worlds.nodes import InvalidWorld, Place, root


def place(text: str) -> Place:
    """The whole of a text."""
    found = root(text, "f")
    assert found is not None
    return found


def test_merge_keys_bring_in_what_is_not_said() -> None:
    """Of several the first that has a key wins, and those may have some of their own."""
    value = place("""
x: &x {a: 1, b: 1}
y: &y {b: 2, c: 2, <<: {d: 2, b: 0}}
one: {a: 0, <<: *x}
two: {<<: [*x, *y], e: 3}
""").plain()
    assert value["one"] == {"a": 0, "b": 1}
    assert value["two"] == {"e": 3, "a": 1, "b": 1, "c": 2, "d": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {<<: 5}", "f, line 1: a: expected a mapping to merge, or a list of them, not '5'"),
        ("a: {<<: [{b: 1}, 5]}", "f, line 1: a: expected a mapping to merge, or a list of them"),
        (
            "a: {b: 1, b: 2, [c]: 3}",
            "f, line 1: a: expected each key once, not 'b'",
        ),
        ("x: &x {b: 1, b: 2}\na: {<<: *x}", "f, line 1: a: expected each key once, not 'b'"),
        (
            "a: [.nan,\n .inf]",
            (
                "f, line 1: a[0]: expected a number that JSON has, not '.nan'\n"
                "f, line 2: a[1]: expected a number that JSON has, not '.inf'"
            ),
        ),
    ],
)
def test_what_json_does_not_have_is_refused(text: str, message: str) -> None:
    """Each mistake with its line."""
    whole = place(text)
    with pytest.raises(InvalidWorld) as refused:
        whole.entries(("a", "x"))["a"].plain()
    assert str(refused.value) == message


def test_values_of_a_mapping_are_bounded() -> None:
    """And have to be in one."""
    with pytest.raises(InvalidWorld, match="the file: expected at most 1 names"):
        place("{a: 1, b: 2}").values("names", most=1)
    with pytest.raises(InvalidWorld, match="the file: expected a mapping from names, not 'a'"):
        place("a").values("names", most=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("whole.deep.key[1].inner: wrong", "f, line 6: whole.deep.key[1].inner: wrong"),
        ("whole.deep.key[1].inner wrong", "f, line 6: whole.deep.key[1].inner wrong"),
        ("whole.deep.key[7]: wrong", "f, line 4: whole.deep.key[7]: wrong"),
        ("whole.deep.nobody: wrong", "f, line 3: whole.deep.nobody: wrong"),
        ("whole.deep.k.e.y: wrong", "f, line 7: whole.deep.k.e.y: wrong"),
        ("whole: wrong", "f, line 2: whole: wrong"),
        ("something is wrong", "f, line 2: whole: something is wrong"),
    ],
)
def test_a_refusal_of_plain_values_is_told_with_its_line(text: str, message: str) -> None:
    """That of the innermost value on the way that it names, also if keys have dots or begin alike."""
    whole = place("x: 1\nwhole: {a: 1,\n deep: {ke: 0,\n key: [1,\n  {outer: 1,\n   inner: 2}],\n k.e.y: 3}}")

    def read(value: Any, at: str) -> None:
        assert (value["deep"]["ke"], at) == (0, "whole")
        raise ValueError(text)

    with pytest.raises(InvalidWorld) as refused:
        whole.entries(("x", "whole"))["whole"].located(read)
    assert str(refused.value) == message


def test_what_is_refused_with_a_place_keeps_it() -> None:
    """A reader of plain values may read places itself."""
    whole = place("a: [1,\n 2]")

    def read(_value: Any, _at: str) -> None:
        whole.entries(("a",))["a"].items("things", most=9)[1].refuse("expected three")

    with pytest.raises(InvalidWorld, match=r"\Af, line 2: a\[1\]: expected three, not '2'\Z"):
        whole.located(read)


def test_where_keys_may_be_secret_none_is_shown() -> None:
    """A token in the place of a key would be one."""
    with pytest.raises(InvalidWorld) as refused:
        place("{my-secret: 1}").entries(("name",), secret=True)
    assert str(refused.value) == "f, line 1: the file: expected a known key (known are name)"


def test_a_mapping_is_read_key_by_key() -> None:
    """All mistakes are told."""
    readers = {"a": lambda value: value.whole(1, 9), "b": Place.flag, "c": Place.seconds}
    assert place("{a: 3, c: 5m}").read(readers) == {"a": 3, "c": 300.0}
    with pytest.raises(InvalidWorld) as refused:
        place("a: x\nb: y\nc: z").read(readers)
    assert [str(problem).partition(":")[0] for problem in refused.value.problems] == [
        "f, line 1",
        "f, line 2",
        "f, line 3",
    ]


@pytest.mark.parametrize("text", ["never", "1s..2s", "soon", "[1]", "3 polls", "-5"])
def test_one_length_of_time_is_neither_a_distribution_nor_endless(text: str) -> None:
    """Nor anything else."""
    with pytest.raises(InvalidWorld):
        place(text).seconds()
