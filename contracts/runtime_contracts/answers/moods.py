"""Answers of one mood, and other ways to write an answer: what a client may stumble on wherever it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from runtime_contracts.answers import wire
from runtime_contracts.answers.growing import LEAST
from runtime_contracts.answers.tastes import Settled
from runtime_contracts.answers.wire import Style

if TYPE_CHECKING:
    from collections.abc import Mapping

MOODS: Final[Mapping[str, Settled]] = {
    "all optional parts absent, the rest null where it may be": replace(LEAST, nulls=True),
    "null wherever it may be": Settled(nulls=True),
    "every list empty": Settled(items="none"),
    "every list long": Settled(items="many"),
    "unknown properties wherever they may be": Settled(unknown=True),
    "every truth value false": Settled(truths=False),
    "every choice the last": Settled(last=True),
    **{
        f"every text {kind}": Settled(texts=kind)
        for kind in (
            "shortest", "longest", "astral", "right to left", "combining", "zero width", "control characters",
            "line ends", "blanks", "quotes", "markup", "a path", "null", "a number", "JSON", "format signs",
            "the last characters", "matching 1", "matching 2", "matching 3",
        )
    },
    **{
        f"every number {kind}": Settled(numbers=kind)
        for kind in (
            "the lowest", "the highest", "zero", "negative", "beyond 32 bits", "beyond a double's integers",
            "beyond 64 bits", "whole", "whole, with a point", "minus zero", "tiny", "a tenth", "all digits",
        )
    },
    **{f"every moment in its spelling {number}": Settled(moment=number) for number in range(1, 16)},
}  # fmt: skip
"""What holds for a whole answer, by name."""

STYLES: Final[Mapping[str, Style]] = {
    **{f"JSON: {name}": Style(layout=name) for name in list(wire.LAYOUTS)[1:]},
    **{f"the content type {name}": Style(media=name) for name in list(wire.SPELLINGS)[1:]},
    **{f"on the wire: {name}": Style(framing=name) for name in wire.FRAMINGS},
    "headers that nobody knows": Style(extra=wire.EXTRA),
}
"""How else the same answer may be written, by name."""
