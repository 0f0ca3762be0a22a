"""Progress at a terminal: one line that lives while the run does, or plain lines where there is no terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from runtime_contracts.collector import Fleeting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EVERY: Final = 10


@contextmanager
def shown(console: Console | None = None) -> Iterator[Callable[[str], None]]:
    """Yield what shows a line of progress on stderr, until the body has ended.

    At a terminal a fleeting line takes the place of the one before it. Elsewhere, as in a log of CI, one in ten of them
    is a line of its own.
    """
    used = console or Console(stderr=True, highlight=False)
    if not used.is_terminal:
        yield _Plain(used)
        return
    with used.status(Text("beginning")) as status:

        def show(line: str) -> None:
            if isinstance(line, Fleeting):
                status.update(Text(line, overflow="ellipsis", no_wrap=True))
            else:
                used.print(Text(line), soft_wrap=True)

        yield show


class _Plain:
    """Lines, one after the other."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._met = 0

    def __call__(self, line: str) -> None:
        """Show a line."""
        self._met += isinstance(line, Fleeting)
        if not isinstance(line, Fleeting) or self._met % _EVERY == 1:
            self._console.print(Text(line), soft_wrap=True)
            sys.stderr.flush()
