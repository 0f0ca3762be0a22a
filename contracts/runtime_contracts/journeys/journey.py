"""What a journey is: a function with one sentence about the server, which must turn out true."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


class SkippedError(Exception):
    """A journey cannot be made on this server; the message says why."""


def skip(reason: str) -> NoReturn:
    """End a journey that cannot be made.

    Raises:
        SkippedError: always.
    """
    raise SkippedError(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One journey.

    Attributes:
        name: of the function, with hyphens.
        sentence: its docstring, which says what must be true.
        take: makes the journey; raises LifecycleFaultError where the sentence is not true, SkippedError where that
            cannot be seen.
        reads_only: it makes, changes and charges nothing.
    """

    name: str
    sentence: str
    take: Callable[[Any], None]
    reads_only: bool


def journey(*, reads_only: bool = False) -> Callable[[Callable[[Any], None]], Journey]:
    """Make a journey of a function of a scene."""

    def made(function: Callable[[Any], None]) -> Journey:
        sentence = (inspect.getdoc(function) or "").splitlines()[0].removesuffix(".")
        return Journey(
            name=function.__name__.replace("_", "-"), sentence=sentence, take=function, reads_only=reads_only
        )

    return made
