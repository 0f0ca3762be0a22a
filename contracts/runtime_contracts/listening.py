"""What a client says beside its answer: what it logs, at any level, and what it prints."""

from __future__ import annotations

import contextlib
import io
import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST: Final = 200_000
"""So many characters of one call are kept; nobody has to read more to find a token."""


class Heard(logging.Handler):
    """What was logged and printed during one call."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._lines: list[str] = []
        self._size = 0

    @property
    def text(self) -> str:
        """Everything, a message a line."""
        return "\n".join(self._lines)

    def begin(self) -> None:
        """Begin another call."""
        self._lines.clear()
        self._size = 0

    def keep(self, text: str) -> None:
        """Keep a message, unless there is too much already."""
        if self._size < _MOST:
            self._lines.append(text[:_MOST])
            self._size += len(text)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what a logger says, with the exception that it shows."""
        try:
            shown = "" if record.exc_info is None else self.format(record)
            self.keep(f"{record.getMessage()}\n{shown}")
        except Exception:  # noqa: BLE001 - a message that does not fit its arguments is nobody's end
            self.keep(str(record.msg))


class _Printed(io.TextIOBase):
    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._heard.keep(text)
        return len(text)


@contextlib.contextmanager
def listening() -> Iterator[Heard]:
    """Hear what is logged and printed in the body, in place of those who would show it."""
    heard, root = Heard(), logging.getLogger()
    handlers, level, printed = list(root.handlers), root.level, _Printed(heard)
    root.handlers[:] = [heard]
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield heard
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
