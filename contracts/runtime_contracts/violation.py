"""Violations: one way in which a message breaks the contract, fit to be shown to anybody."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

_INDEX = re.compile(r"/\d+(?=/|$)")
_LIMIT = 160
_WINDOW = 80
_EVERYWHERE = 8
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


def generalised(where: str) -> str:
    """Return a JSON pointer with `*` for each number in it, so that what is wrong in every item is one place."""
    return _INDEX.sub("/*", where)


def shown(value: object, *, limit: int = _LIMIT) -> str:
    """Return a short, single-line rendering of `value`; what is cut off is counted."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    if len(text) <= limit:
        return text
    return f"{text[:limit]}... ({len(text)} characters)"


def difference(wanted: str, found: str) -> str:
    """Say where two texts differ, with a stretch of each around that place."""
    if max(len(wanted), len(found)) <= _WINDOW:
        return f"expected {wanted!r}, found {found!r}"
    pairs = zip(wanted, found, strict=False)
    index = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(wanted), len(found)))
    lengths = f"of {len(wanted)} and {len(found)} characters, they differ from character {index} on"
    return f"{lengths}: expected {_around(wanted, index)}, found {_around(found, index)}"


def _around(text: str, index: int) -> str:
    start, end = max(0, index - _WINDOW // 2), index + _WINDOW // 2
    return f"{'...' if start else ''}{text[start:end]!r}{'...' if end < len(text) else ''}"


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with every occurrence of a secret replaced, however it is escaped or quoted there.

    A secret of a few letters is only masked where it stands alone: inside a longer word it tells nothing, and `t` would
    mask half of every sentence. A longer one is masked everywhere.
    """
    patterns = _patterns(secrets)
    return re.sub("|".join(patterns), MASK, text) if patterns else text


def masked_bytes(content: bytes, secrets: Iterable[str]) -> bytes:
    """Return `content`, which need not be text, with every occurrence of a secret replaced."""
    patterns = [pattern.encode() for pattern in _patterns(secrets)]
    return re.sub(b"|".join(patterns), MASK.encode(), content) if patterns else content


def holds_secret(text: str, secrets: Iterable[str]) -> bool:
    """Tell whether `masked` would find something to mask."""
    patterns = _patterns(secrets)
    return bool(patterns) and re.search("|".join(patterns), text) is not None


def _patterns(secrets: Iterable[str]) -> list[str]:
    # The longest first: one secret may be the beginning of another.
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    return [_pattern(spelling) for spelling in sorted(spellings, key=lambda text: (-len(text), text))]


def _pattern(secret: str) -> str:
    inside = re.escape(secret)
    if len(secret) >= _EVERYWHERE:
        return inside
    before = r"(?<![0-9A-Za-z])" if secret[0].isalnum() else ""
    after = r"(?![0-9A-Za-z])" if secret[-1].isalnum() else ""
    return f"{before}{inside}{after}"


def _spellings(secret: str) -> set[str]:
    """Return the ways in which a secret may be written in a message, a URL, JSON or a command of the shell."""
    return {
        secret,
        shown(secret, limit=len(secret) * 10),
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        secret.replace("'", "'\"'\"'"),
        secret.replace("\\", "\\\\").replace("'", "\\'"),
    }
