"""Whether one pattern matches everything that another one matches, and the shortest text that tells them apart.

jsonschema-rs leaves most pairs of patterns undecided. What APIs use is the regular part of ECMA's syntax (classes,
groups, alternatives, counts, anchors at the ends), and for that the question has an answer: both are turned into
automata, which are walked together. What is not regular, or would take too many states, stays undecided.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

_LAST: Final = 0x10FFFF
_MAX_STATES: Final = 4_000
_MAX_PAIRS: Final = 6_000
_MAX_WORK: Final = 60_000
_MAX_PATTERN: Final = 2_000
_MAX_DEPTH: Final = 40

Ranges = tuple[tuple[int, int], ...]

_DIGIT: Final[Ranges] = ((48, 57),)
_WORD: Final[Ranges] = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Final[Ranges] = (
    (9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
    (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
_ENDS: Final[Ranges] = ((10, 10), (13, 13), (0x2028, 0x2029))
_ALL: Final[Ranges] = ((0, _LAST),)
_LETTERS: Final = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "0": 0}
_CLASSES: Final[dict[str, Ranges]] = {"d": _DIGIT, "w": _WORD, "s": _SPACE}


class UndecidedError(ValueError):
    """The pattern is not regular, or too large for a quick answer."""


@dataclass(slots=True)
class _Automaton:
    """States with edges: without a character, or with one out of some ranges."""

    free: list[list[int]] = field(default_factory=list)
    edges: list[list[tuple[Ranges, int]]] = field(default_factory=list)

    def state(self) -> int:
        if len(self.free) >= _MAX_STATES:
            raise UndecidedError("too many states")
        self.free.append([])
        self.edges.append([])
        return len(self.free) - 1


@lru_cache(maxsize=512)
def difference(one: str, other: str) -> str | None:
    """Return a shortest text that the pattern `one` finds something in and `other` does not, or None if there is none.

    Raises:
        UndecidedError: one of them is not regular, or too large.
    """
    first, second = _Language(one), _Language(other)
    begin = (first.start, second.start)
    came: dict[tuple[frozenset[int], frozenset[int]], tuple[tuple[frozenset[int], frozenset[int]], int] | None] = {
        begin: None
    }
    ahead, work = deque([begin]), 0
    while ahead:
        pair = ahead.popleft()
        work += len(pair[0]) + len(pair[1])
        if work > _MAX_WORK:
            raise UndecidedError("too many states")
        if first.accepts(pair[0]) and not second.accepts(pair[1]):
            return _spelled(pair, came)
        if not pair[0]:
            continue
        for char in _representatives(first, second, pair):
            following = (first.after(pair[0], char), second.after(pair[1], char))
            if following not in came:
                if len(came) >= _MAX_PAIRS:
                    raise UndecidedError("too many states")
                came[following] = (pair, char)
                ahead.append(following)
    return None


def shortest(pattern: str) -> str | None:
    """Return a shortest text that fits, or None if there is none.

    Raises:
        UndecidedError: the pattern is not regular, or too large.
    """
    return difference(pattern, "[^\\s\\S]")


def _spelled(pair: object, came: dict) -> str:  # type: ignore[type-arg]
    chars = []
    while came[pair] is not None:
        pair, char = came[pair]
        chars.append(chr(char))
    return "".join(reversed(chars))


def _representatives(first: _Language, second: _Language, pair: tuple[frozenset[int], frozenset[int]]) -> list[int]:
    """Return one character of each set that the edges do not tell apart; letters and digits where there is a choice."""
    borders = {0}
    for language, states in zip((first, second), pair, strict=True):
        for state in states:
            for ranges, _ in language.automaton.edges[state]:
                for low, high in ranges:
                    borders |= {low, high + 1}
    cuts = sorted(border for border in borders if border <= _LAST)
    found = []
    for low, high in zip(cuts, [*(cut - 1 for cut in cuts[1:]), _LAST], strict=True):
        nice = next((code for code in (97, 65, 48, 45, 32) if low <= code <= high), low)
        # Surrogates are no characters.
        if not 0xD800 <= nice <= 0xDFFF:
            found.append(nice)
    return sorted(found, key=lambda code: (not chr(code).isalnum() or code > 127, code))


class _Language:
    """What a pattern finds something in."""

    def __init__(self, pattern: str) -> None:
        if len(pattern) > _MAX_PATTERN:
            raise UndecidedError("too long")
        self.automaton = _Automaton()
        self._end = self.automaton.state()
        # A pattern looks anywhere in the text, unless it is anchored.
        before, after = self.automaton.state(), self.automaton.state()
        self.automaton.edges[before].append((_ALL, before))
        self.automaton.edges[after].append((_ALL, after))
        self.automaton.free[after].append(self._end)
        begin = self.automaton.state()
        self.automaton.free[begin].append(before)
        _Parser(pattern, self.automaton).whole(begin, before, after, self._end)
        self.start = self._closure({begin})

    def accepts(self, states: frozenset[int]) -> bool:
        """Tell whether the text may end here."""
        return self._end in states

    def after(self, states: frozenset[int], char: int) -> frozenset[int]:
        """Return the states after one more character."""
        found = {
            target
            for state in states
            for ranges, target in self.automaton.edges[state]
            if any(low <= char <= high for low, high in ranges)
        }
        return self._closure(found)

    def _closure(self, states: set[int]) -> frozenset[int]:
        ahead = list(states)
        while ahead:
            for state in self.automaton.free[ahead.pop()]:
                if state not in states:
                    states.add(state)
                    ahead.append(state)
        return frozenset(states)


class _Parser:
    """Reads a pattern into an automaton, by descent; each part is given the state it begins in and returns its last."""

    def __init__(self, pattern: str, automaton: _Automaton) -> None:
        self._pattern = pattern
        self._at = 0
        self._automaton = automaton
        self._depth = 0

    def whole(self, begin: int, before: int, after: int, end: int) -> None:
        """Read all alternatives; each may be anchored at its ends."""
        while True:
            anchored = self._take("^")
            start = self._automaton.state()
            self._automaton.free[begin if anchored else before].append(start)
            last = self._sequence(start)
            closed = self._take("$")
            self._automaton.free[last].append(end if closed else after)
            if not self._take("|"):
                break
        if self._at < len(self._pattern):
            raise UndecidedError("an anchor in the middle, or a bracket too many")

    def _take(self, char: str) -> bool:
        if self._pattern.startswith(char, self._at):
            self._at += len(char)
            return True
        return False

    def _next(self) -> str:
        if self._at >= len(self._pattern):
            raise UndecidedError("the pattern ends too early")
        self._at += 1
        return self._pattern[self._at - 1]

    def _sequence(self, state: int) -> int:
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)$":
            state = self._counted(state)
        return state

    def _group(self, state: int) -> int:
        end = self._automaton.state()
        while True:
            start = self._automaton.state()
            self._automaton.free[state].append(start)
            self._automaton.free[self._sequence(start)].append(end)
            if not self._take("|"):
                break
        if not self._take(")"):
            raise UndecidedError("a bracket is not closed, or an anchor is in it")
        return end

    def _counted(self, state: int) -> int:
        begin = self._at
        entry = self._automaton.state()
        self._automaton.free[state].append(entry)
        last = self._atom(entry)
        least, most = self._count()
        after = self._at
        out = self._automaton.state()
        if least == 0:
            self._automaton.free[entry].append(out)
        if most == 0:
            return out
        done = 1
        while done < least or (most is not None and done < most):
            if done >= least:
                self._automaton.free[last].append(out)
            entry = last
            # The text of the part is read again for each time that it may be there.
            self._at = begin
            last = self._atom(entry)
            done += 1
        self._at = after
        self._automaton.free[last].append(out)
        if most is None:
            self._automaton.free[last].append(entry)
        return out

    def _count(self) -> tuple[int, int | None]:
        found: tuple[int, int | None] = (1, 1)
        if self._take("*"):
            found = (0, None)
        elif self._take("+"):
            found = (1, None)
        elif self._take("?"):
            found = (0, 1)
        elif self._pattern.startswith("{", self._at):
            close = self._pattern.find("}", self._at)
            inside = self._pattern[self._at + 1 : close]
            low, comma, high = inside.partition(",")
            if close < 0 or not low.isdecimal() or (high and not high.isdecimal()) or len(inside) > 12:
                raise UndecidedError("a count that is none")
            self._at = close + 1
            found = (int(low), int(low) if not comma else int(high) if high else None)
            if max(found[0], found[1] or 0) > _MAX_STATES:
                raise UndecidedError("too many states")
        # Whether as much or as little as possible is taken makes no difference to what fits.
        if found != (1, 1):
            self._take("?")
        return found

    def _atom(self, state: int) -> int:
        char = self._next()
        if char == "(":
            self._depth += 1
            if self._depth > _MAX_DEPTH:
                raise UndecidedError("too deep")
            if self._take("?") and not self._take(":"):
                raise UndecidedError("a group that looks around or has a name")
            last = self._group(state)
            self._depth -= 1
            return last
        if char in "*+?{^":
            raise UndecidedError("a count or an anchor where there is nothing")
        ranges = self._class() if char == "[" else self._escaped() if char == "\\" else _single(ord(char))
        if char == ".":
            ranges = _without(_ENDS)
        target = self._automaton.state()
        self._automaton.edges[state].append((ranges, target))
        return target

    def _escaped(self) -> Ranges:
        char = self._next()
        if char.lower() in _CLASSES:
            ranges = _CLASSES[char.lower()]
            return ranges if char.islower() else _without(ranges)
        if char in "xu":
            digits = self._pattern[self._at : self._at + (2 if char == "x" else 4)]
            if len(digits) != (2 if char == "x" else 4) or any(
                digit not in "0123456789abcdefABCDEF" for digit in digits
            ):
                raise UndecidedError("an escape that is none")
            self._at += len(digits)
            return _single(int(digits, 16))
        if char in _LETTERS:
            return _single(_LETTERS[char])
        if char.isalnum():
            raise UndecidedError("an escape that is not regular")
        return _single(ord(char))

    def _class(self) -> Ranges:
        negated = self._take("^")
        found: list[tuple[int, int]] = []
        while not self._take("]"):
            low = self._member()
            if self._pattern.startswith("-", self._at) and not self._pattern.startswith("-]", self._at):
                self._at += 1
                high = self._member()
                if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] < low[0][0]:
                    raise UndecidedError("a range that is none")
                found.append((low[0][0], high[0][1]))
            else:
                found += low
        return _without(tuple(found)) if negated else tuple(found)

    def _member(self) -> Ranges:
        char = self._next()
        if char == "\\":
            return ((8, 8),) if self._take("b") else self._escaped()
        return _single(ord(char))


def _single(code: int) -> Ranges:
    return ((code, code),)


def _without(ranges: Ranges) -> Ranges:
    found, low = [], 0
    for start, end in sorted(ranges):
        if start > low:
            found.append((low, start - 1))
        low = max(low, end + 1)
    if low <= _LAST:
        found.append((low, _LAST))
    return tuple(found)
