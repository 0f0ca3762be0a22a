"""Patterns with stars, in time that grows with the text alone, whatever the pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

Test: TypeAlias = Callable[[str | None], bool]

NOT: Final = "not "
"""A pattern that begins with this excludes."""


def is_like(patterns: Iterable[str], *, path: bool = False) -> Test:
    """Whether a text is what one of the patterns says, and none that excludes does.

    A star stands for anything; in a `path` it stands for anything within a segment, and a segment `**` for any number
    of segments. With patterns that exclude alone, whatever they do not exclude is meant, no text (None) as well.
    """
    wanted, unwanted = parted(patterns)
    wants, excludes = _one_of(wanted, path=path), _one_of(unwanted, path=path)

    def test(text: str | None) -> bool:
        if text is None:
            return not wanted
        return (not wanted or wants(text)) and not (unwanted and excludes(text))

    return test


def parted(patterns: Iterable[str]) -> tuple[list[str], list[str]]:
    """The patterns that want, and those that exclude."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for pattern in patterns:
        if pattern.startswith(NOT):
            unwanted.append(pattern.removeprefix(NOT).strip())
        else:
            wanted.append(pattern)
    return wanted, unwanted


def text_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern in which a star stands for anything."""
    return re.compile(_starred(pattern, "."), re.DOTALL)


def path_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of a path."""
    runs: list[list[str]] = [[]]
    for segment in pattern.strip("/").split("/"):
        if segment == "**":
            runs.append([])
        else:
            runs[-1].append(segment)
    first, *rest = ["".join(f"/{_starred(segment, '[^/]')}" for segment in run) for run in runs]
    if not rest:
        return re.compile(f"{first}/?")
    *middle, last = rest
    # Each run is looked for at its first place and never again: a later one leaves less for those after it.
    text = first + "".join(f"(?>(?:/[^/]*+)*?{run}(?=/|$))" for run in middle if run)
    return re.compile(rf"{text}(?:/[^/]*+)*{last}/?" if last else rf"{text}(?:/[^/]*+)*")


def _starred(pattern: str, anything: str) -> str:
    """Each piece between two stars is looked for at its first place and never again, as above."""
    first, *rest = (re.escape(piece) for piece in re.split(r"\*+", pattern))
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>{anything}*?{piece})" for piece in middle) + f"{anything}*{last}"


def _one_of(patterns: list[str], *, path: bool) -> Callable[[str], bool]:
    if path:
        others = [path_pattern(pattern).fullmatch for pattern in patterns]
        return lambda text: any(match(text) is not None for match in others)
    literals = frozenset(pattern for pattern in patterns if "*" not in pattern)
    starred = [text_pattern(pattern).fullmatch for pattern in patterns if "*" in pattern]
    if not starred:
        return literals.__contains__
    return lambda text: text in literals or any(match(text) is not None for match in starred)
