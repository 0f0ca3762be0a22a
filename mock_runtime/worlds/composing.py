"""YAML text to nodes, within bounds: a file from a stranger costs little, and is refused in a sentence if it would not.

Scalars mean what YAML 1.2 says (its core schema): `on` and `yes` are texts, dates are texts, `1e-4` is a number.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import yaml
from yaml.composer import Composer
from yaml.resolver import BaseResolver

from mock_runtime.worlds.not_yaml import problem_of
from mock_runtime.worlds.problems import InvalidWorld, Problem

MOST_BYTES: Final = 8 << 20
"""The largest file that is read."""
MOST_NODES: Final = 200_000
"""Keys and values of a file, counting what aliases repeat."""
DEEPEST: Final = 60
"""Levels of lists and mappings within each other, counting what aliases repeat."""

_MARKS_OF_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_TAG: Final = "tag:yaml.org,2002:"
NULL: Final = f"{_TAG}null"
BOOL: Final = f"{_TAG}bool"
INT: Final = f"{_TAG}int"
FLOAT: Final = f"{_TAG}float"
TEXT: Final = f"{_TAG}str"
MERGE: Final = f"{_TAG}merge"

_FORMS: Final = {
    NULL: re.compile(r"~|null|Null|NULL|"),
    BOOL: re.compile(r"true|True|TRUE|false|False|FALSE"),
    INT: re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    FLOAT: re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
    MERGE: re.compile(r"<<"),
}
_KINDS: Final = {yaml.SequenceNode: {f"{_TAG}seq"}, yaml.MappingNode: {f"{_TAG}map"}, yaml.ScalarNode: {TEXT, *_FORMS}}


class CoreResolver(BaseResolver):  # type: ignore[misc, unused-ignore]
    """The core schema of YAML 1.2, and merge keys."""


for _tag, _form in _FORMS.items():
    CoreResolver.add_implicit_resolver(_tag, re.compile(f"(?:{_form.pattern})\\Z"), None)


class _Bounded(Composer):
    """A composer that stops where there is too much."""

    _level = 0
    _nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node; yaml.YAMLError if it is one too many."""
        self._nodes += 1
        self._level += 1
        if self._nodes > MOST_NODES or self._level > DEEPEST:
            too = f"there are more than {MOST_NODES} keys and values" if self._nodes > MOST_NODES else _too_deep()
            raise yaml.MarkedYAMLError(problem=too, problem_mark=self.peek_event().start_mark)  # type: ignore[attr-defined]
        node = super().compose_node(parent, index)
        self._level -= 1
        return node


if TYPE_CHECKING or not yaml.__with_libyaml__:

    class _Loader(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser, _Bounded, CoreResolver):
        """The loader where only Python is there."""

        def __init__(self, text: str) -> None:
            yaml.reader.Reader.__init__(self, text)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)
            Composer.__init__(self)
            CoreResolver.__init__(self)

else:

    class _Loader(_Bounded, yaml.cyaml.CParser, CoreResolver):
        """The loader over libyaml, which is ten times as fast; nodes are composed as with the other one."""

        def __init__(self, text: str) -> None:
            yaml.cyaml.CParser.__init__(self, text)
            Composer.__init__(self)
            CoreResolver.__init__(self)


def read_text(path: str | Path) -> str:
    """The text of a world file; InvalidWorld if it cannot be read, is not UTF-8 or is too large."""
    file = Path(path)
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidWorld([Problem(str(file), 0, f"cannot be read: {error.strerror or error}")]) from None
    except ValueError:
        raise InvalidWorld([Problem(repr(str(file)), 0, "cannot be read: that is not the name of a file")]) from None
    if len(content) > MOST_BYTES:
        raise InvalidWorld([Problem(str(file), 0, f"is larger than the {MOST_BYTES >> 20} MiB that are read")])
    if content[:2] in _MARKS_OF_UTF_16 or 0 in content[:2]:
        raise InvalidWorld([Problem(str(file), 1, "is not UTF-8 text but UTF-16: save it as UTF-8")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidWorld([Problem(str(file), line, "is not UTF-8 text")]) from None


def compose(text: str, file: str) -> yaml.Node | None:
    """The nodes of a YAML text, None if it is empty; InvalidWorld if it is not YAML, or more than is read."""
    if len(text) > MOST_BYTES:
        raise InvalidWorld([Problem(file, 0, f"is larger than the {MOST_BYTES >> 20} MiB that are read")])
    try:
        loader = _Loader(text)
        try:
            node: yaml.Node | None = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise InvalidWorld([problem_of(error, text, file)]) from None
    except RecursionError:
        raise InvalidWorld([Problem(file, 0, "is nested too deeply")]) from None
    except ValueError as error:
        raise InvalidWorld([Problem(file, 0, f"holds a value that cannot be: {error}")]) from None
    if node is not None:
        _Sizes(file).of(node, 1)
    return node


def scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    """The value of a scalar: what its tag says. ValueError if it cannot be that."""
    value: str = node.value
    if node.tag in {TEXT, MERGE}:
        return value
    if node.tag == NULL:
        return None
    if node.tag == BOOL:
        return value.lower() == "true"
    return _number(value, node.tag)


def _number(value: str, tag: str) -> int | float:
    if len(value) > 300:
        raise ValueError("number of more than 300 digits")
    if tag == INT:
        return int(value, {"0o": 8, "0x": 16}.get(value[:2], 10))
    if value.lstrip("+-").startswith((".i", ".I", ".n", ".N")):
        return float(value.replace(".", "", 1))
    return float(value)


def _too_deep() -> str:
    return f"lists and mappings are nested more than {DEEPEST} levels deep"


class _Sizes:
    """How much there is under each node once aliases are followed: sharing is what makes a small file explode."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._known: dict[int, tuple[int, int]] = {}
        self._open: set[int] = set()

    def of(self, node: yaml.Node, level: int) -> tuple[int, int]:
        """The number of nodes and of levels; InvalidWorld where there is too much, or no end."""
        known = self._known.get(id(node))
        if known is not None:
            if level + known[1] - 1 > DEEPEST:
                self._refuse(node, _too_deep())
            return known
        if id(node) in self._open:
            self._refuse(node, "expected no alias to what it stands in")
        self._check(node)
        self._open.add(id(node))
        count, depth = 1, 1
        for child in _children(node):
            size, levels = self.of(child, level + 1)
            count, depth = count + size, max(depth, levels + 1)
            if count > MOST_NODES:
                self._refuse(node, f"there are more than {MOST_NODES} keys and values, with what aliases repeat")
        self._open.discard(id(node))
        self._known[id(node)] = count, depth
        return count, depth

    def _check(self, node: yaml.Node) -> None:
        """Refuse a tag that is not of the core schema, or does not fit."""
        fits = node.tag in _KINDS[type(node)]
        if fits and isinstance(node, yaml.ScalarNode) and node.tag != TEXT:
            fits = _FORMS[node.tag].fullmatch(node.value) is not None
        if not fits:
            self._refuse(node, "expected no tag (a text that begins with ! needs quotes)")

    def _refuse(self, node: yaml.Node, text: str) -> NoReturn:
        raise InvalidWorld([Problem(self._file, node.start_mark.line + 1, text)])


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []
