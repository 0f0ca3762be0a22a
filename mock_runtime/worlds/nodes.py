"""Reading a YAML file so that whatever is wrong in it can be pointed at: file, line, key, and what was expected.

Import it, and `files`, only where there is a file: others do without the parser.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NoReturn

import yaml

_LONGEST_SHOWN: Final = 40


class InvalidWorld(ValueError):
    """A world file that makes no sense. `str()` names the file, the line, the key and what was expected."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a file: `key` is the way to it, such as `backends[2].coupling`."""

    node: yaml.Node
    file: str
    key: str

    def refuse(self, expected: str) -> NoReturn:
        """Say that something else was expected here; InvalidWorld."""
        where = f"{self.file}, line {self.node.start_mark.line + 1}"
        found = "" if not isinstance(self.node, yaml.ScalarNode) else f", not {_shown(self.node.value)}"
        raise InvalidWorld(f"{where}: {self.key or 'the file'}: {expected}{found}")

    def entries(self, known: Collection[str]) -> dict[str, Place]:
        """The values of a mapping by their keys, which must be known ones and there once."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse(f"expected keys and values, with the keys {', '.join(known)}")
        found: dict[str, Place] = {}
        for key_node, value_node in self.node.value:
            name = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            entry = Place(value_node, self.file, f"{self.key}.{name}" if self.key else name)
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                Place(key_node, self.file, self.key).refuse(f"expected a known key ({hint})")
            if name in found:
                Place(key_node, self.file, self.key).refuse("expected each key once")
            found[name] = entry
        return found

    def items(self, what: str, *, most: int) -> list[Place]:
        """The values of a list of `what`, of which there may be so many."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse(f"expected a list of {what}")
        if len(self.node.value) > most:
            self.refuse(f"expected at most {most} {what}")
        return [Place(node, self.file, f"{self.key}[{index}]") for index, node in enumerate(self.node.value)]

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

    def choice(self, values: Iterable[str]) -> str:
        """One of these texts."""
        values = tuple(values)
        if not isinstance(self.node, yaml.ScalarNode) or self.node.value not in values:
            self.refuse(f"expected one of {', '.join(values)}")
        return str(self.node.value)

    def flag(self) -> bool:
        """True or false."""
        return self.choice(("true", "false")) == "true"

    def whole(self, least: int, most: int) -> int:
        """A whole number within bounds."""
        text = self.node.value if isinstance(self.node, yaml.ScalarNode) else ""
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", text) or not least <= int(text) <= most:
            self.refuse(f"expected a whole number from {least} to {most}")
        return int(text)

    def number(self, what: str, least: float, most: float) -> float:
        """A number within bounds; 1e-4 is one, too, which YAML alone would take for a text."""
        try:
            value = float(self.node.value) if isinstance(self.node, yaml.ScalarNode) else math.nan
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            self.refuse(f"expected {what} from {least:g} to {most:g}")
        return value


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}...")


def root(text: str, file: str) -> Place | None:
    """The whole of a YAML text, None if it is empty; InvalidWorld if it is not YAML."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise InvalidWorld(f"{file}: is not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise InvalidWorld(f"{file}: is nested too deeply") from None
    except ValueError as error:
        raise InvalidWorld(f"{file}: holds a value that cannot be: {error}") from None
    return None if node is None else Place(node, file, "")
