"""Random draws that depend on nothing but what they are for: the same key gives the same draws, in any order."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_T = TypeVar("_T")
_WORD: Final = 8
_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuv"


class Draws:
    """A stream of draws for a key, such as ("generated", seed, operation, case).

    It is made of a hash and not of a generator with a state, so that a single case can be had without those before it.
    """

    def __init__(self, *key: object) -> None:
        self._key: Final = "\x00".join(map(str, key)).encode("utf-8", "backslashreplace")
        self._block = 0
        self._bytes = b""

    def below(self, bound: int) -> int:
        """Draw a number from 0 up to, and without, `bound`."""
        return self._word() % bound

    def chance(self, percent: int) -> bool:
        """Draw true so many times out of a hundred."""
        return self.below(100) < percent

    def pick(self, options: Sequence[_T]) -> _T:
        """Draw one of the options, of which there must be one at least."""
        return options[self.below(len(options))]

    def word(self, letters: int) -> str:
        """Draw a word that looks like an id of the service: digits and small letters up to v."""
        return "".join(_ALPHABET[self.below(len(_ALPHABET))] for _ in range(letters))

    def _word(self) -> int:
        if len(self._bytes) < _WORD:
            self._bytes = hashlib.blake2b(self._key, salt=self._block.to_bytes(16, "big")).digest()
            self._block += 1
        taken, self._bytes = self._bytes[:_WORD], self._bytes[_WORD:]
        return int.from_bytes(taken, "big")
