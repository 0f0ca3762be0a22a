"""A file that may be edited while it is in use: whether it has changed, asked as often as one likes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, TypeAlias

from mock_runtime.worlds.composing import MOST_BYTES

_Stamp: TypeAlias = "tuple[int, int, int, int]"

_LOOKS: Final = 3
"""So often a file is read again that was written just now: not every file system tells two times of a second apart."""


class WatchedFile:
    """A file, and what was in it when somebody last asked: no thread, and no wait.

    Editors write a file in place, or put another one in its place; that there is none for a moment is no change. A file
    that was written again with what was in it before has not changed either.
    """

    def __init__(self, path: str | Path) -> None:
        self.path: Final = Path(path)
        self._stamp: _Stamp | None = None
        self._digest: bytes | None = None
        self._looks_left = _LOOKS
        self.changed()

    def __repr__(self) -> str:
        return f"WatchedFile({str(self.path)!r})"

    def changed(self) -> bool:
        """Whether something else is in the file than when this was last asked, or when the watching began.

        Mostly a look at the times, the size and the inode of the file; it is read only if those are others, or so fresh
        that they may not tell.
        """
        stamp = self._stamped()
        if stamp is None:
            return False
        if stamp != self._stamp:
            self._looks_left = _LOOKS
        elif not self._looks_left:
            return False
        digest = self._digested()
        if digest is None:
            return False
        # A stamp from before the reading: if it was written meanwhile, the next look finds another one.
        self._stamp = stamp
        self._looks_left -= 1
        before, self._digest = self._digest, digest
        return digest != before

    def _stamped(self) -> _Stamp | None:
        try:
            found = self.path.stat()
        except (OSError, ValueError):
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino

    def _digested(self) -> bytes | None:
        """A digest of what is in the file, or of as much as would be read; None if it cannot be read just now."""
        try:
            with self.path.open("rb") as opened:
                return hashlib.sha256(opened.read(MOST_BYTES + 1)).digest()
        except (OSError, ValueError):
            return None
