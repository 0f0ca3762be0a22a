"""A world file that is read again whenever it changes, while the fake goes on."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self

from mock_runtime.config import InvalidConfig
from mock_runtime.worlds.watching import WatchedFile

if TYPE_CHECKING:
    from mock_runtime.runtime import Runtime

LOG: Final = logging.getLogger("mock_runtime")
LOOK_EVERY_S: Final = 0.5


class Say(Protocol):
    """Tells people, or programs, of an event."""

    def __call__(self, event: str, sentence: str, **facts: object) -> None:
        """Say it."""
        ...


class Reloading:
    """Looks after the world file of a fake, in a thread of its own, as long as a `with` lasts.

    A file with mistakes changes nothing: they are told, and what was there before stays.
    """

    def __init__(self, runtime: Runtime, say: Say, *, every_s: float = LOOK_EVERY_S) -> None:
        path = runtime.parts.given.world
        assert path is not None  # noqa: S101 - whoever has no file does not look after one
        self._runtime = runtime
        self._say = say
        self._every_s = every_s
        self._file = WatchedFile(path)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mock-runtime-reloading", daemon=True)

    def look(self) -> None:
        """Read the file again if it has changed."""
        if not self._file.changed():
            return
        before = self._runtime.prefix
        try:
            self._runtime.reload_world()
        except InvalidConfig as error:
            self._say("not-reloaded", f"the world stays as it was: {str(error).removeprefix('world: ')}")
        except Exception as error:
            # Whatever it is, the next change of the file is to be looked at as well.
            LOG.exception("the world could not be read again")
            self._say("not-reloaded", f"the world stays as it was: {type(error).__name__}: a bug of the mock")
        else:
            self._say("reloaded", f"{self._file.path} was read again", file=str(self._file.path))
            if self._runtime.prefix != before:
                self._say("moved", f"the API is below {self._runtime.prefix or '/'} now, and was below {before or '/'}")

    def _watch(self) -> None:
        while not self._over.wait(self._every_s):
            self.look()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
