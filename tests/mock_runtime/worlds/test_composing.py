"""YAML from strangers: what values mean, and what is refused before it costs anything."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_runtime.worlds import composing
from mock_runtime.worlds.composing import MOST_BYTES, compose, read_text, scalar
from mock_runtime.worlds.nodes import Place, root
from mock_runtime.worlds.not_yaml import problem_of
from mock_runtime.worlds.problems import InvalidWorld, Problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("2026-11-22", "2026-11-22"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("1e-4", 1e-4),
        (".5", 0.5),
        ("-12", -12),
        ("012", 12),
        ("0x1F", 31),
        ("0o17", 15),
        ("-.inf", -math.inf),
        ("True", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ('"null"', "null"),
        ("!!str 5", "5"),
        ("|\n  two\n  lines", "two\nlines"),
        ("<<", "<<"),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    """Texts stay texts, but for numbers, true, false and null."""
    node = compose(f"a: {text}", "f")
    assert isinstance(node, yaml.MappingNode)
    found = scalar(node.value[0][1])
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_one() -> None:
    """To the reader of scalars: who wants JSON refuses it."""
    node = compose(".nan", "f")
    assert isinstance(node, yaml.ScalarNode)
    assert math.isnan(scalar(node))  # type: ignore[arg-type]


def _laughs() -> str:
    text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for first, second in zip("abcdefghij", "bcdefghijk", strict=True):
        text += f"{second}: &{second} [{', '.join([f'*{first}'] * 10)}]\n"
    return text


def _nested_by_aliases() -> str:
    text = "a0: &a0 [x]\n"
    for level in range(1, 70):
        text += f"a{level}: &a{level} [*a{level - 1}]\n"
    return text


REFUSED = {
    "laughs": (_laughs(), "line 6: there are more than 200000 keys and values, with what aliases repeat"),
    "deep": ("[" * 1_000_000, "line 1: is not YAML: lists and mappings are nested more than 60 levels deep"),
    "blocks": ("- " * 1_000_000, "line 1: is not YAML: lists and mappings are nested more than 60 levels deep"),
    "keys": ("? " * 3000 + "x", "line 1: is not YAML: lists and mappings are nested more than 60 levels deep"),
    "aliases": (_nested_by_aliases(), "line 58: lists and mappings are nested more than 60 levels deep"),
    "itself": ("a:\n  - &a [*a]", "line 2: expected no alias to what it stands in"),
    "tab": ("a:\n\t- x", "line 2: is not YAML: while scanning for the next token"),
    "python": ("a: !!python/object:os.system x", "line 1: expected no tag (a text that begins with ! needs quotes)"),
    "own": ("a: !secret-token", "line 1: expected no tag (a text that begins with ! needs quotes)"),
    "mistagged": ("a: !!int x", "line 1: expected no tag (a text that begins with ! needs quotes)"),
    "set": ("a: !!set {x}", "line 1: expected no tag"),
    "tagged": ("a: !!str [x]", "line 1: expected no tag"),
    "nobody": ("a: *secret-token", "line 1: is not YAML: found undefined alias"),
    "two": ("a\n---\nb", "line 2: is not YAML: expected a single document in the stream, but found another document"),
    "open": ("a: 'x", "line 1: is not YAML: while scanning a quoted scalar, found unexpected end of stream"),
    "control": (
        "a: 1\nb: \x07",
        "line 2: is not YAML: unacceptable character #x0007: control characters are not allowed",
    ),
    "surrogate": ("a: [\ud800]", "holds a value that cannot be: "),
    "large": ("#" * (MOST_BYTES + 1), "is larger than the 8 MiB that are read"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_too_much_or_no_yaml_is_refused(text: str, message: str) -> None:
    """With its line, in one sentence that shows nothing secret."""
    with pytest.raises(InvalidWorld) as refused:
        compose(text, "f")
    told = str(refused.value)
    assert told.removeprefix("f, ").removeprefix("f: ").startswith(message)
    assert "secret" not in told
    assert "\n" not in told


def test_too_many_values_are_refused_where_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the rest is read."""
    monkeypatch.setattr(composing, "MOST_NODES", 2000)
    with pytest.raises(InvalidWorld, match="line 401: is not YAML: there are more than 2000 keys"):
        compose("a:\n" + "  - {x: 1, y: 2}\n" * 500, "f")


def test_a_tab_is_told_with_what_to_do() -> None:
    """It is the mistake that nobody sees."""
    with pytest.raises(InvalidWorld, match=r"\(indent with blanks, not with tabs\)\Z"):
        compose("a:\n\t- x", "f")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("scenario:\n  queue: 1s\n    run: 2s", "line 3: ... (indented deeper than line 2: expected the same)"),
        ("a:\n  - b: 1\n\n      d: 2", "line 4: ... (indented deeper than line 2: expected the same)"),
        ("reason: ValueError: no ansatz", "line 1: ... (a text with ': ' in it needs quotes)"),
        ("seed:7\nedition: platform", "line 2: ... (expected a blank after the colon in line 1)"),
        ("word\nseed: 7", "line 2: ... this context"),
        ("a: [b, c\njobs:\n  - d", "line 2: ... or ']', opened in line 1"),
        ("x: 1\na: {b: 1\n", "line 2: ... ',' or '}'"),
        ('seed: "7\nedition: x\n', "line 2: ... end of stream, opened in line 1"),
    ],
)
def test_what_is_no_yaml_is_told_with_what_may_be_meant(text: str, end: str) -> None:
    """The line is one that there is; what was opened before is named with its own."""
    with pytest.raises(InvalidWorld) as refused:
        compose(text, "f")
    line, _, rest = end.partition(" ... ")
    assert str(refused.value).startswith(f"f, {line} is not YAML: ")
    assert str(refused.value).endswith(rest)


def test_a_mistake_without_a_line_is_of_the_file() -> None:
    """Whatever a parser may say in future is told in one line."""
    assert problem_of(yaml.YAMLError("all\n is wrong"), "", "f") == Problem("f", 0, "is not YAML: all is wrong")


def test_as_much_as_is_allowed_is_read() -> None:
    """A long text, many values, the same one under many names, and levels up to the last."""
    for text in ("a: " + "x" * 1_000_000, "[" * 60 + "]" * 60, "a: &a [1]\nb: [*a, *a]", "a: " + "9" * 300):
        assert compose(text, "f") is not None
    assert compose("", "f") is None


def test_a_number_has_at_most_300_digits() -> None:
    """What is longer costs more than it can mean."""
    place = root("a: " + "9" * 301, "f")
    assert place is not None
    with pytest.raises(InvalidWorld, match=r"f, line 1: a: expected no number of more than 300 digits"):
        place.plain()


def test_without_libyaml_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser in Python alone is slower, and says some things in other words."""
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    spec = importlib.util.spec_from_file_location("composing_without_libyaml", composing.__file__)
    assert spec is not None
    assert spec.loader is not None
    slow = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(slow)
    assert "CParser" not in {base.__name__ for base in slow._Loader.__mro__}
    node = slow.compose("a: [1, on, {b: 1e-4}]", "f")
    assert Place(node, "f", "").plain() == {"a": [1, "on", {"b": 1e-4}]}
    version = f"%YAML 1.{'1' * 5000}\n---\nx"
    for text, message in (
        ("[" * 100_000, "f, line 1: is not YAML: lists and mappings are nested more than 60 levels deep"),
        ("a: *secret", "f, line 1: is not YAML: found undefined alias"),
        ("a:\n\t- x", "f, line 2: is not YAML: while scanning for the next token, found character"),
        ("a: \x00", "f, line 1: is not YAML: unacceptable character #x0000"),
        ("a: !x y", "f, line 1: expected no tag"),
        (version, "f: holds a value that cannot be: Exceeds the limit"),
    ):
        with pytest.raises(InvalidWorld) as refused:
            slow.compose(text, "f")
        assert str(refused.value).startswith(message)


def test_where_the_stack_is_nearly_used_up_a_file_is_too_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls from far down is told so."""

    def far_down(_self: object) -> None:
        raise RecursionError

    monkeypatch.setattr(composing._Loader, "get_single_node", far_down)
    with pytest.raises(InvalidWorld, match=r"\Af: is nested too deeply\Z"):
        compose("[]", "f")


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab:-[]{},&*!|>'\"%@`#?\n\t <0.~\\"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else comes of it."""
    try:
        place = root(text, "f")
        value: Any = None if place is None else place.plain()
    except InvalidWorld:
        return
    assert value is None or isinstance(value, str | int | float | bool | list | dict)


def test_a_file_is_read_as_utf_8(tmp_path: Path) -> None:
    """With a mark of the byte order or without; what is wrong with it is told with the line, where there is one."""
    file = tmp_path / "world.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: \xc3\xa4")
    assert read_text(file) == "a: ä"
    for content, message in (
        (b"a: 1\nb: \xff", f"{file}, line 2: is not UTF-8 text"),
        ("a: 1".encode("utf-16"), f"{file}, line 1: is not UTF-8 text but UTF-16: save it as UTF-8"),
        ("a: 1".encode("utf-16-le"), f"{file}, line 1: is not UTF-8 text but UTF-16: save it as UTF-8"),
        (b"#" * (MOST_BYTES + 1), f"{file}: is larger than the 8 MiB that are read"),
    ):
        file.write_bytes(content)
        with pytest.raises(InvalidWorld) as refused:
            read_text(file)
        assert str(refused.value) == message
    for path, message in (
        (tmp_path, f"{tmp_path}: cannot be read: Is a directory"),
        (tmp_path / "none", f"{tmp_path / 'none'}: cannot be read: No such file or directory"),
        ("a\0b", "'a\\x00b': cannot be read: that is not the name of a file"),
    ):
        with pytest.raises(InvalidWorld) as refused:
            read_text(path)
        assert str(refused.value) == message


def test_of_many_mistakes_twenty_are_told() -> None:
    """In the order of the file, each once, and how many more there are."""
    problems = [Problem("f", line, "wrong") for line in range(25, 0, -1)]
    told = str(InvalidWorld([*problems, *problems])).splitlines()
    assert told[0] == "f, line 1: wrong"
    assert told[19:] == ["f, line 20: wrong", "and 5 more mistakes"]
    assert str(InvalidWorld(problems[:21])).splitlines()[-1] == "and one more mistake"
    assert composing.MOST_NODES == 200_000
