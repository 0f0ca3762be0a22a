"""Texts for a regular expression: of the part of the language that documents use, and no more.

Literals, escapes, classes, groups, alternatives and counts. Whatever is beyond that raises PatternNotReadError; a
validator looks at each text anyway, because what two engines understand by a pattern may differ.
"""

from __future__ import annotations

import re
from string import hexdigits
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_contracts.answers.draws import Draws

_DIGITS: Final = "0123456789"
_WORDS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_SPACES: Final = " \t"
_ANY: Final = "abcxyzABC0129 -_.,:;/+*(){}[]\"'\\<>&%$#@!?=~^|`"
_SETS: Final = {"d": _DIGITS, "w": _WORDS, "s": _SPACES}
_LITERALS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_HEX: Final = {"x": 2, "u": 4}
_PRINTABLE: Final = "".join(map(chr, range(32, 127)))
_COUNT: Final = re.compile(r"\{(\d+)(,(\d*))?\}")
_MORE: Final = 8


class PatternNotReadError(ValueError):
    """The pattern has something in it that is not thought of here."""


def text_of(pattern: str, draws: Draws, *, more: int = _MORE) -> str:
    """Return a text that matches `pattern`; what may be repeated without end is repeated `more` times at most.

    Raises:
        PatternNotReadError: the pattern cannot be read.
    """
    reader = _Reader(pattern)
    part = reader.alternatives()
    if not reader.is_at_end:
        raise PatternNotReadError(f"{pattern!r} is not understood at {reader.at}")
    return part(draws, more)


class _Reader:
    """Reads one pattern, from the left to the right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.at = 0

    @property
    def is_at_end(self) -> bool:
        return self.at >= len(self._pattern)

    def alternatives(self) -> Callable[[Draws, int], str]:
        branches = [self._sequence()]
        while self._takes("|"):
            branches.append(self._sequence())
        return lambda draws, more: draws.pick(branches)(draws, more)

    def _sequence(self) -> Callable[[Draws, int], str]:
        parts = []
        while not self.is_at_end and self._pattern[self.at] not in "|)":
            parts.append(self._counted(self._atom()))
        return lambda draws, more: "".join(part(draws, more) for part in parts)

    def _atom(self) -> Callable[[Draws, int], str]:
        char = self._next()
        match char:
            case "^" | "$":
                return lambda _draws, _more: ""
            case ".":
                return _one_of(_ANY)
            case "(":
                return self._group()
            case "[":
                return _one_of(self._class())
            case "\\":
                return _one_of(self._escaped())
            case "*" | "+" | "?" | "{":
                raise PatternNotReadError(f"{self._pattern!r} repeats nothing at {self.at}")
            case _:
                return _one_of(char)

    def _group(self) -> Callable[[Draws, int], str]:
        if self._takes("?"):
            kind = self._next()
            if kind != ":":
                raise PatternNotReadError(f"{self._pattern!r} has a group of the kind ?{kind}")
        inner = self.alternatives()
        if not self._takes(")"):
            raise PatternNotReadError(f"{self._pattern!r} has a group without an end")
        return inner

    def _class(self) -> str:
        negated = self._takes("^")
        chars: list[str] = []
        while not (chars and self._takes("]")):
            char = self._next()
            if char == "]":
                break
            found = self._escaped() if char == "\\" else char
            if len(found) == 1 and self._pattern[self.at : self.at + 1] == "-" and self._ahead(1) != "]":
                self.at += 1
                last = self._next()
                last = self._escaped() if last == "\\" else last
                found = "".join(map(chr, range(ord(found), min(ord(last), ord(found) + 255) + 1)))
            chars.append(found)
        members = "".join(chars)
        if negated:
            members = "".join(char for char in _PRINTABLE if char not in members)
        if not members:
            raise PatternNotReadError(f"{self._pattern!r} has a class without a member")
        return members

    def _escaped(self) -> str:
        char = self._next()
        if char in _SETS:
            return _SETS[char]
        if char in _HEX:
            digits = "".join(self._next() for _ in range(_HEX[char]))
            if not set(digits) <= set(hexdigits):
                raise PatternNotReadError(f"{self._pattern!r} has the escape \\{char}{digits}")
            return chr(int(digits, 16))
        if char.isalnum() and char not in _LITERALS:
            raise PatternNotReadError(f"{self._pattern!r} has the escape \\{char}")
        return _LITERALS.get(char, char)

    def _counted(self, atom: Callable[[Draws, int], str]) -> Callable[[Draws, int], str]:
        least, most = 1, 1
        count = _COUNT.match(self._pattern, self.at)
        if self._takes("*"):
            least, most = 0, -1
        elif self._takes("+"):
            least, most = 1, -1
        elif self._takes("?"):
            least, most = 0, 1
        elif count is not None:
            self.at = count.end()
            least = int(count[1])
            most = least if count[2] is None else int(count[3] or -1)
        else:
            return atom
        self._takes("?")

        def repeated(draws: Draws, more: int) -> str:
            upper = max(least, most if 0 <= most <= more + least else least + more)
            return "".join(atom(draws, more) for _ in range(least + draws.below(upper - least + 1)))

        return repeated

    def _ahead(self, by: int) -> str:
        return self._pattern[self.at + by : self.at + by + 1] or "]"

    def _takes(self, char: str) -> bool:
        if self._pattern[self.at : self.at + 1] != char:
            return False
        self.at += 1
        return True

    def _next(self) -> str:
        if self.is_at_end:
            raise PatternNotReadError(f"{self._pattern!r} ends too early")
        self.at += 1
        return self._pattern[self.at - 1]


def _one_of(chars: str) -> Callable[[Draws, int], str]:
    return lambda draws, _more: draws.pick(chars)
