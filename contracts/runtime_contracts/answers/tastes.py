"""Tastes: what is made of the freedom that a schema leaves, where several things would be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from runtime_contracts.answers.scalars import USUAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runtime_contracts.answers.draws import Draws

FEW: Final = 2
_MANY: Final = 120
MANY_BELOW: Final = 4
"""Lists are long above this depth only, or an answer would be as long as its lists multiplied."""
LONG: Final = 20
# What a client that polls is waiting for: a usual answer shows it, so that whoever asks comes to an end.
_ENDS: Final = ("Completed", "completed", "COMPLETED", "closed", "online")


class Taste(Protocol):
    """What is made of the freedom of a schema."""

    def wants(self, depth: int) -> bool:
        """Tell whether a property that may be left out is there."""
        ...

    def is_null(self) -> bool:
        """Tell whether what may be null is null."""
        ...

    def adds_unknown(self) -> bool:
        """Tell whether an object that may have other properties has one."""
        ...

    def length(self, least: int, most: int | None, depth: int) -> int:
        """Return how many items an array has."""
        ...

    def branch(self, count: int) -> int:
        """Return which of several schemas it is."""
        ...

    def option(self, options: Sequence[Any]) -> Any:
        """Return which of the listed values it is."""
        ...

    def kind(self, kinds: Mapping[str, Any]) -> Any:
        """Return which of several texts or numbers it is, given by kind."""
        ...

    def spelling(self, usual: str, others: Sequence[str]) -> str:
        """Return how a text of a known format is spelled."""
        ...

    def truth(self) -> bool:
        """Return the truth value."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """A taste that is the same everywhere in an answer.

    Attributes:
        texts: the kind of text, and likewise `numbers`; where a schema has none of that kind, the usual one.
        items: "few", "none" or "many".
        moment: the number of the spelling of moments and the like; 0 is the usual one.
    """

    optional: bool = True
    nulls: bool = False
    unknown: bool = False
    texts: str = USUAL
    numbers: str = USUAL
    items: str = "few"
    moment: int = 0
    truths: bool = True
    last: bool = False

    def wants(self, depth: int) -> bool:  # noqa: ARG002 - the same everywhere
        """All of them, or none."""
        return self.optional

    def is_null(self) -> bool:
        """All of them, or none."""
        return self.nulls

    def adds_unknown(self) -> bool:
        """All of them, or none."""
        return self.unknown

    def length(self, least: int, most: int | None, depth: int) -> int:
        """As few as may be, a few, or many; inside of a long list the lists are short."""
        wanted = {"none": 0, "few": FEW, "many": _MANY if depth < MANY_BELOW else FEW}[self.items]
        return max(least, wanted if most is None else min(wanted, most))

    def branch(self, count: int) -> int:
        """The first, or the last."""
        return count - 1 if self.last else 0

    def option(self, options: Sequence[Any]) -> Any:
        """The one that says that something has ended, if there is one."""
        if self.last:
            return options[-1]
        return next((end for end in _ENDS if end in options), options[0])

    def kind(self, kinds: Mapping[str, Any]) -> Any:
        """The kind that was settled on."""
        wanted = self.numbers if self.texts == USUAL else self.texts
        return kinds.get(wanted, kinds[USUAL])

    def spelling(self, usual: str, others: Sequence[str]) -> str:
        """The spelling that was settled on."""
        return usual if not self.moment or not others else others[(self.moment - 1) % len(others)]

    def truth(self) -> bool:
        """The truth value that was settled on."""
        return self.truths


class Drawn:
    """A taste that is drawn anew at each place."""

    def __init__(self, draws: Draws) -> None:
        self._draws: Final = draws
        # One answer differs from the next by its mood: with the same odds everywhere, all would be alike.
        self._optional = draws.pick((15, 50, 85))
        self._nulls = draws.pick((0, 20, 60))
        self._unknown = draws.pick((0, 0, 25, 60))
        self._odd = draws.pick((5, 30, 80))

    def wants(self, depth: int) -> bool:
        """Fewer and fewer with the depth, so that an answer has an end."""
        return self._draws.chance(max(self._optional - 5 * depth, 5))

    def is_null(self) -> bool:
        """As the mood is."""
        return self._draws.chance(self._nulls)

    def adds_unknown(self) -> bool:
        """As the mood is."""
        return self._draws.chance(self._unknown)

    def length(self, least: int, most: int | None, depth: int) -> int:
        """Mostly short, sometimes long at the top."""
        sizes = (0, 1, 2, 3, 5, 17) if depth < MANY_BELOW else (0, 0, 1, 2)
        wanted = self._draws.pick(sizes)
        if depth < MANY_BELOW and self._draws.chance(3):
            wanted = _MANY
        return max(least, wanted if most is None else min(wanted, most))

    def branch(self, count: int) -> int:
        """Any of them."""
        return self._draws.below(count)

    def option(self, options: Sequence[Any]) -> Any:
        """Any of them."""
        return self._draws.pick(options)

    def kind(self, kinds: Mapping[str, Any]) -> Any:
        """A usual one, or as the mood is any of them."""
        return self._draws.pick(list(kinds.values())) if self._draws.chance(self._odd) else kinds[USUAL]

    def spelling(self, usual: str, others: Sequence[str]) -> str:
        """Any of them."""
        return self._draws.pick((usual, *others))

    def truth(self) -> bool:
        """Either."""
        return self._draws.chance(50)
