"""The secrets that were seen, and finding them again however they are spelled."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Final

SHORTEST: Final = 6
"""A secret of fewer characters is masked where it stands, and looked for nowhere else: it is part of many words."""

_BEGINNING: Final = 4
"""So many characters of a secret at the end of what is shown are its beginning, and no word like many."""

_GRAM: Final = 12
_SHORTEST_IN_GRAMS: Final = 20
_MOST: Final = 20_000
_MOST_GRAMS: Final = 2_000_000
_LONGEST_RUN: Final = 256 * 1024
_RUN: Final = re.compile(r"[0-9A-Za-z_.~+/=-]{12,}")


class KnownSecrets:
    """Secrets with what stands for each of them.

    `has_numbers` tells whether one of them is a number. Those that are `opaque`, such as tokens, are found in pieces,
    too: a message that quotes the beginning of a token gives it away.
    """

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}
        self._spelled: dict[str, str] = {}
        self._grams: set[str] = set()
        self.has_numbers = False

    def __len__(self) -> int:
        return len(self._placeholders)

    def __repr__(self) -> str:
        return f"KnownSecrets({len(self)})"

    def __contains__(self, secret: str) -> bool:
        return secret.lower() in self._placeholders

    def placeholder(self, secret: str) -> str | None:
        """Return what stands for a secret, or None if it is unknown."""
        return self._placeholders.get(secret.lower())

    def add(self, secret: str, placeholder: str, *, opaque: bool) -> None:
        """Remember a secret."""
        low = secret.lower()
        if len(secret) < SHORTEST or low in self._placeholders or len(self._placeholders) >= _MOST:
            return
        self._placeholders[low] = placeholder
        self.has_numbers = self.has_numbers or low.isdigit()
        data = secret.encode("utf-8", "surrogatepass")
        for spelled, instead in zip(_base64_of(data), _base64_of(placeholder.encode()), strict=False):
            if len(spelled) >= SHORTEST + 2:
                self._spelled[spelled] = instead
                self._spelled[spelled.replace("+", "-").replace("/", "_")] = instead
        self._spelled[data.hex()] = placeholder.encode().hex()
        self._spelled[data.hex().upper()] = placeholder.encode().hex().upper()
        if opaque:
            self.add_pieces(secret)

    def add_pieces(self, secret: str) -> None:
        """Let a secret be found in pieces, too."""
        low = secret.lower()
        if len(low) >= _SHORTEST_IN_GRAMS and len(self._grams) < _MOST_GRAMS:
            self._grams.update(low[at : at + _GRAM] for at in range(len(low) - _GRAM + 1))

    def replaced(self, text: str, put: Callable[[str], str]) -> str:
        """Return `text` with every known secret replaced; `put` says how a placeholder is written there."""
        low = text.lower()
        if len(low) == len(text):
            for secret, placeholder in self._placeholders.items():
                if secret in low:
                    text = re.sub(re.escape(secret), lambda _, p=placeholder: put(p), text, flags=re.IGNORECASE)  # type: ignore[misc]
                    low = text.lower()
        else:
            for secret, placeholder in self._placeholders.items():
                text = re.sub(re.escape(secret), lambda _, p=placeholder: put(p), text, flags=re.IGNORECASE)  # type: ignore[misc]
        for spelled, instead in self._spelled.items():
            if spelled in text:
                text = text.replace(spelled, put(instead))
        return self._without_pieces(text, put)

    def without_beginning(self, text: str) -> str:
        """Return `text` without the beginning of a secret at its end, as a sentence has one that was cut there."""
        low, end = text.lower(), len(text)
        for secret in self._placeholders:
            end = min(end, _beginning_in(low, secret))
        for spelled in self._spelled:
            end = min(end, _beginning_in(text, spelled))
        return text[:end]

    def _without_pieces(self, text: str, put: Callable[[str], str]) -> str:
        if not self._grams or len(text) < _GRAM:
            return text

        def run(match: re.Match[str]) -> str:
            found = match.group()
            return found if len(found) > _LONGEST_RUN else "".join(self._pieces(found, put))

        return _RUN.sub(run, text)

    def _pieces(self, run: str, put: Callable[[str], str]) -> Iterator[str]:
        low, at, kept = run.lower(), 0, 0
        while at <= len(run) - _GRAM:
            if low[at : at + _GRAM] not in self._grams:
                at += 1
                continue
            end = at + _GRAM
            while end < len(run) and low[end - _GRAM + 1 : end + 1] in self._grams:
                end += 1
            yield run[kept:at]
            yield put("*" * (end - at))
            at = kept = end
        yield run[kept:]

    def are_in(self, text: str) -> bool:
        """Tell whether a known secret is in `text`, in a spelling of one step."""
        low = text.lower()
        return any(secret in low for secret in self._placeholders) or any(each in text for each in self._spelled)

    def in_bytes(self, data: bytes) -> bytes:
        """Return data that is no text with every known secret replaced by something of the same length."""
        low = data.lower()
        for secret, placeholder in self._placeholders.items():
            for encoding in ("utf-8", "utf-16-le"):
                wanted = secret.encode(encoding, "replace")
                if wanted in low:
                    instead = placeholder.encode(encoding, "replace")[: len(wanted)].ljust(len(wanted), b"*")
                    data = re.sub(re.escape(wanted), lambda _, i=instead: i, data, flags=re.IGNORECASE)  # type: ignore[misc]
                    low = data.lower()
        return data


def _beginning_in(text: str, secret: str) -> int:
    """Where at the end of a text a secret begins; its length if it does not."""
    at = text.find(secret[:_BEGINNING], max(0, len(text) - len(secret) + 1))
    while at >= 0:
        if secret.startswith(text[at:]):
            return at
        at = text.find(secret[:_BEGINNING], at + 1)
    return len(text)


def _base64_of(data: bytes) -> list[str]:
    """The parts of its spelling in base64 that do not depend on what stands before and after it."""
    found = []
    for before in range(3):
        text = base64.b64encode(b"\x00" * before + data).rstrip(b"=").decode()
        first = (before * 8 + 5) // 6
        last = (before + len(data)) * 8 // 6
        found.append(text[first:last])
    return found
