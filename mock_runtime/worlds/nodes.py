"""Reading a YAML file so that whatever is wrong in it can be pointed at: file, line, key, and what was expected.

Import it, and `files`, only where there is a file: others do without the parser.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final, NoReturn, TypeVar

import yaml

from mock_runtime.durations import Duration, Fixed, NotADuration, PollCount, parse_duration, parse_length
from mock_runtime.worlds.composing import BOOL, FLOAT, INT, MERGE, NULL, compose, scalar
from mock_runtime.worlds.not_yaml import BLANK_AFTER_DASH, blank_after_colon
from mock_runtime.worlds.problems import InvalidWorld, Problem

__all__ = ["InvalidWorld", "Place", "Problem", "Problems", "near", "root"]

T = TypeVar("T")

_LONGEST_SHOWN: Final = 40
_LONGEST_S: Final = 1e9
_WHOLE: Final = r"[+-]?[0-9]{1,15}"


class Problems:
    """The mistakes that were found so far, so that one is told with the others."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What is done here may find mistakes; they are kept for later."""
        try:
            yield
        except InvalidWorld as error:
            self._found += error.problems

    @property
    def found(self) -> bool:
        """Whether there were any."""
        return bool(self._found)

    def settle(self) -> None:
        """InvalidWorld if there were any."""
        if self._found:
            raise InvalidWorld(self._found)


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a file: `key` is the way to it, such as `backends[2].coupling`."""

    node: yaml.Node
    file: str
    key: str

    @property
    def line(self) -> int:
        """The line at which it begins, from 1."""
        return int(self.node.start_mark.line) + 1

    @property
    def where(self) -> str:
        """File, line and key: what a refusal begins with."""
        return f"{self.file}, line {self.line}: {self.key or 'the file'}"

    def problem(self, text: str) -> Problem:
        """A mistake here."""
        return Problem(self.file, self.line, f"{self.key or 'the file'}: {text}")

    def refuse(self, expected: str, *, show: bool = True) -> NoReturn:
        """Say that something else was expected here, and show what is unless it is a secret; InvalidWorld."""
        found = ""
        if show and isinstance(self.node, yaml.ScalarNode):
            is_there = self.node.value or self.node.tag != NULL
            found = f", not {_shown(self.node.value)}" if is_there else ", and nothing is there"
        raise InvalidWorld([self.problem(f"{expected}{found}")])

    def entries(self, known: Collection[str], *, own: str | None = None, secret: bool = False) -> dict[str, Place]:
        """The values of a mapping by their keys, which must be known ones and there once.

        Merge keys (`<<`) are followed. Keys that begin with `own` are the user's, and left out. Where they may be
        `secret`, none that is wrong is shown.
        """
        if not isinstance(self.node, yaml.MappingNode):
            hint = blank_after_colon(self.node.value) if isinstance(self.node, yaml.ScalarNode) else ""
            with_keys = "" if hint else f", with the keys {', '.join(known)}"
            # A file that is no world may be anything: none of it is shown.
            self.refuse(f"expected keys and values{with_keys}{hint}", show=not secret and bool(self.key))
        found: dict[str, Place] = {}
        problems = Problems()
        for key, value in self._pairs():
            if own is not None and isinstance(key.node, yaml.ScalarNode) and key.node.value.startswith(own):
                continue
            with problems.kept():
                name = key.name
                if name not in known:
                    key.refuse(f"expected a known key ({near(name, known)})", show=not secret)
                found[name] = value
        problems.settle()
        return found

    def values(self, what: str, *, most: int) -> dict[str, Place]:
        """The values of a mapping from `what`, of which there may be so many."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse(f"expected a mapping from {what}")
        found = {key.name: value for key, value in self._pairs()}
        if len(found) > most:
            self.refuse(f"expected at most {most} {what}")
        return found

    @property
    def name(self) -> str:
        """This node as a key; InvalidWorld if it is a list or a mapping."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.refuse("expected a text as key")
        return str(self.node.value)

    def _pairs(self) -> list[tuple[Place, Place]]:
        """Keys and values, with those that are merged in; a key has the place of its mapping. InvalidWorld."""
        pairs: list[tuple[Place, Place]] = []
        have: set[str] = set()
        merged: list[tuple[Place, Place]] = []
        problems = Problems()
        for key_node, value_node in self.node.value:
            if key_node.tag == MERGE:
                with problems.kept():
                    merged += Place(value_node, self.file, self.key)._merged()  # noqa: SLF001 - of the same class
                continue
            key = Place(key_node, self.file, self.key)
            name = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            with problems.kept():
                if name in have and name != "?":
                    key.refuse("expected each key once")
                pairs.append((key, Place(value_node, self.file, f"{self.key}.{name}" if self.key else name)))
            have.add(name)
        problems.settle()
        for key, value in merged:
            if key.name not in have:
                have.add(key.name)
                pairs.append((key, value))
        return pairs

    def _merged(self) -> list[tuple[Place, Place]]:
        """What a merge key brings in: of a mapping, or of several, of which the first that has a key wins."""
        nodes = self.node.value if isinstance(self.node, yaml.SequenceNode) else [self.node]
        if not all(isinstance(node, yaml.MappingNode) for node in nodes):
            self.refuse("expected a mapping to merge, or a list of them")
        return [pair for node in nodes for pair in Place(node, self.file, self.key)._pairs()]  # noqa: SLF001

    def items(self, what: str, *, most: int, secret: bool = False) -> list[Place]:
        """The values of a list of `what`, of which there may be so many; what may be `secret` is not shown."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse(f"expected a list of {what}{self._hint_of_a_list()}", show=not secret)
        if len(self.node.value) > most:
            self.refuse(f"expected at most {most} {what}")
        return [Place(node, self.file, f"{self.key}[{index}]") for index, node in enumerate(self.node.value)]

    def _hint_of_a_list(self) -> str:
        """What may be meant where there is no list, with a blank before it."""
        first = self.node
        if isinstance(first, yaml.MappingNode) and first.value:
            first = first.value[0][0]
        is_dashed = isinstance(first, yaml.ScalarNode) and not first.style and re.match(r"-[^-\s0-9]", first.value)
        return f" ({BLANK_AFTER_DASH})" if is_dashed else ""

    def each(self, what: str, read: Callable[[Place], T], *, most: int, secret: bool = False) -> list[T]:
        """What `read` makes of each value of a list; all mistakes in them together."""
        found, problems = [], Problems()
        for item in self.items(what, most=most, secret=secret):
            with problems.kept():
                found.append(read(item))
        problems.settle()
        return found

    def read(self, readers: Mapping[str, Callable[[Place], Any]]) -> dict[str, Any]:
        """What the reader of each key makes of its value, for the keys that are there; all mistakes together."""
        found: dict[str, Any] = {}
        problems = Problems()
        for key, value in self.entries(readers).items():
            with problems.kept():
                found[key] = readers[key](value)
        problems.settle()
        return found

    def is_text(self) -> bool:
        """Whether this is a single value, not a list or mapping."""
        return isinstance(self.node, yaml.ScalarNode)

    def is_mapping(self) -> bool:
        """Whether this has keys and values."""
        return isinstance(self.node, yaml.MappingNode)

    def text(self, what: str, pattern: str = r"[^\x00-\x1f]{1,200}") -> str:
        """A text that is wholly of this form. Numbers count as what is written."""
        if not isinstance(self.node, yaml.ScalarNode) or not re.fullmatch(pattern, self.node.value):
            self.refuse(f"expected {what}")
        return str(self.node.value)

    def choice(self, values: Iterable[str], *, elsewhere: Mapping[str, str] = MappingProxyType({})) -> str:
        """One of these texts; `elsewhere` has what others call some of them, for who takes one for the other."""
        values = tuple(values)
        if not isinstance(self.node, yaml.ScalarNode) or self.node.value not in values:
            text = self.node.value.lower() if isinstance(self.node, yaml.ScalarNode) else ""
            meant = [elsewhere[text]] if text in elsewhere else get_close_matches(text, values, n=1, cutoff=0.7)
            hint = f" (did you mean {meant[0]}?)" if meant else ""
            self.refuse(f"expected one of {', '.join(values)}{hint}")
        return str(self.node.value)

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != BOOL:
            self.refuse(f"expected one of true, false{self._without_quotes('true|false')}")
        return scalar(self.node) is True

    def _without_quotes(self, pattern: str) -> str:
        """What to do about a text of which only the quotes are wrong."""
        is_quoted = isinstance(self.node, yaml.ScalarNode) and re.fullmatch(pattern, self.node.value)
        return ", without quotes" if is_quoted else ""

    def whole(self, least: int, most: int) -> int:
        """A whole number within bounds."""
        text = self.node.value if isinstance(self.node, yaml.ScalarNode) else ""
        is_whole = re.fullmatch(_WHOLE, text) and least <= int(text) <= most
        if not is_whole or self.node.tag != INT:
            hint = self._without_quotes(_WHOLE) if is_whole else ""
            self.refuse(f"expected a whole number from {least} to {most}{hint}")
        return int(text)

    def number(self, what: str, least: float, most: float) -> float:
        """A number within bounds; 1e-4 is one, too."""
        try:
            value = float(self.node.value) if isinstance(self.node, yaml.ScalarNode) else math.nan
        except ValueError:
            value = math.nan
        if not least <= value <= most or self.node.tag not in {INT, FLOAT}:
            hint = self._without_quotes(r"[-+.eE0-9]+") if least <= value <= most else ""
            self.refuse(f"expected {what} from {least:g} to {most:g}{hint}")
        return value

    def length(self) -> Duration | PollCount:
        """A length of time, or a number of polls."""
        try:
            return parse_length(self.plain())
        except NotADuration as error:
            self.refuse(str(error), show=False)

    def seconds(self) -> float:
        """One length of time, in seconds: neither a distribution nor endless."""
        try:
            found = parse_duration(self.plain())
        except NotADuration as error:
            self.refuse(str(error), show=False)
        if not isinstance(found, Fixed) or found.seconds > _LONGEST_S:
            self.refuse("expected one length of time such as 5m, not a distribution and not an endless one")
        return found.seconds

    def plain(self) -> Any:
        """The value as JSON has it: texts, numbers, true, false, null, lists, mappings with texts as keys."""
        if isinstance(self.node, yaml.ScalarNode):
            return self._scalar()
        if isinstance(self.node, yaml.SequenceNode):
            return self.each("values", Place.plain, most=len(self.node.value))
        problems, found = Problems(), {}
        for key, value in self._pairs():
            with problems.kept():
                found[key.name] = value.plain()
        problems.settle()
        return found

    def _scalar(self) -> str | int | float | None:
        try:
            value = scalar(self.node) if isinstance(self.node, yaml.ScalarNode) else None
        except ValueError as error:
            self.refuse(f"expected no {error}", show=False)
        if isinstance(value, float) and not math.isfinite(value):
            self.refuse("expected a number that JSON has")
        return value

    def located(self, read: Callable[[Any, str], T]) -> T:
        """What a reader of plain values makes of this one, which is given the key as where it is; InvalidWorld.

        Such a reader refuses by a ValueError whose text begins with the key, and perhaps more of the way: its sentence
        is told with the line of the innermost value on that way.
        """
        value = self.plain()
        try:
            return read(value, self.key)
        except InvalidWorld:
            raise
        except ValueError as error:
            text = str(error)
            way = text.removeprefix(self.key)
            at = self._along(way) if way != text else self
            told = text if way != text else f"{self.key}: {text}"
            raise InvalidWorld([Problem(self.file, at.line, told)]) from None

    def _along(self, way: str) -> Place:
        """The innermost place on a way such as `.programs.vqe[2]: ...` that there is."""
        if isinstance(self.node, yaml.MappingNode):
            inner = [value for _, value in self._pairs() if _leads(way, value.key.removeprefix(self.key))]
        else:
            inner = [item for item in self._listed() if way.startswith(item.key.removeprefix(self.key))]
        if not inner:
            return self
        longest = max(inner, key=lambda place: len(place.key))
        return longest._along(way.removeprefix(longest.key.removeprefix(self.key)))  # noqa: SLF001

    def _listed(self) -> list[Place]:
        nodes = self.node.value if isinstance(self.node, yaml.SequenceNode) else []
        return [Place(node, self.file, f"{self.key}[{index}]") for index, node in enumerate(nodes)]


def near(name: str, known: Collection[str]) -> str:
    """What somebody may have meant, or else what there is."""
    found = get_close_matches(name, known, n=1)
    return f"did you mean {found[0]}?" if found else f"known are {', '.join(known)}"


def _leads(way: str, step: str) -> bool:
    """Whether a way begins with this step, and not with a longer one of the same beginning."""
    step = step if step.startswith(".") else f".{step}"
    return way.startswith(step) and way[len(step) : len(step) + 1] in {"", ".", "[", ":", " "}


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}...")


def root(text: str, file: str) -> Place | None:
    """The whole of a YAML text, None if it is empty; InvalidWorld if it is not YAML."""
    node = compose(text, file)
    return None if node is None else Place(node, file, "")
