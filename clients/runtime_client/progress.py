"""How far a job is, as a line of text: something to give to `wait` and `result` as `progress`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from types import TracebackType

    from runtime_client.models import JobStatus
    from runtime_client.waiting import Poll


class ProgressLine:
    """Writes what each poll saw: on a terminal a line that is kept up to date, elsewhere a line when it changes.

    .. code-block:: python

        with ProgressLine("my experiment") as progress:
            result = job.result(timeout=600, progress=progress)

    It writes to standard error unless given another `stream`. The line of a terminal is ended when the job is over, or
    at the latest by `with`. A stream that cannot be written to any more does not end the waiting.
    """

    def __init__(self, label: str = "job", *, stream: TextIO | None = None) -> None:
        self._label = label
        self._stream = stream
        self._status: JobStatus | None = None
        self._width = 0
        self._said: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def __call__(self, poll: Poll) -> None:
        """Write what a poll saw."""
        self._status = poll.status or self._status
        word = "waiting" if self._status is None else self._status.value
        stream = self._stream or sys.stderr
        if not stream.isatty():
            if word != self._said:
                self._write(f"{self._label}: {word} after {poll.elapsed_s:.0f} s\n")
            self._said = word
            return
        polls = "1 poll" if poll.number == 1 else f"{poll.number} polls"
        line = f"{self._label}: {word}, {poll.elapsed_s:.0f} s, {polls}"
        self._write(f"\r{line:<{self._width}}")
        self._width = len(line)
        if self._status is not None and self._status.is_final:
            self._end()

    def _end(self) -> None:
        if self._width:
            self._write("\n")
        self._width = 0

    def _write(self, text: str) -> None:
        stream = self._stream or sys.stderr
        try:
            stream.write(text)
            stream.flush()
        except (OSError, ValueError):
            # A pipe that was closed: nobody is looking, and the job goes on.
            return
