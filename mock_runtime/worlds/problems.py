"""What can be wrong with a world file, and how several mistakes are told at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST_TOLD: Final = 20
"""So many mistakes are told; of more, how many there are."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: the file, the line (from 1; 0: of the file as a whole), and what was expected where."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class InvalidWorld(ValueError):
    """A world file that makes no sense. `str()` has a line for each mistake, by their places in the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Final = tuple(sorted(dict.fromkeys(problems)))
        told = [str(problem) for problem in self.problems[:MOST_TOLD]]
        rest = len(self.problems) - len(told)
        if rest:
            told.append(f"and {rest} more mistakes" if rest > 1 else "and one more mistake")
        super().__init__("\n".join(told))
