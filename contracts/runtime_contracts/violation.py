"""Violations: one way in which a message breaks the contract, fit to be shown to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIMIT = 160
MASK = "[masked]"


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a request or response breaks the contract.

    Attributes:
        where: a JSON pointer into the message, such as "/body/jobs/0/status" or "/query/limit".
        expected: what the contract asks for.
        found: what was there, cut to a bounded length and without secrets.
    """

    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.where or '/'}: expected {self.expected}, found {self.found}"


def pointer(*parts: object) -> str:
    """Return the JSON pointer that leads along `parts`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def shown(value: object, *, limit: int = _LIMIT) -> str:
    """Return a short, single-line rendering of `value`; what is cut off is counted."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    if len(text) <= limit:
        return text
    return f"{text[:limit]}... ({len(text)} characters)"


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with every occurrence of a secret replaced."""
    # The longest first: one secret may be the beginning of another.
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
