"""The line that tells how far a job is."""

from __future__ import annotations

import contextlib
import io

import pytest

from runtime_client import JobStatus, Poll
from runtime_client.progress import ProgressLine


class Terminal(io.StringIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        """Tell that it is a terminal."""
        return True


QUEUED = Poll(number=1, elapsed_s=0.0, status=JobStatus.QUEUED)
SILENT = Poll(number=2, elapsed_s=2.0)
RUNNING = Poll(number=3, elapsed_s=4.4, status=JobStatus.RUNNING)
DONE = Poll(number=4, elapsed_s=6.0, status=JobStatus.COMPLETED)


def test_a_terminal_has_one_line() -> None:
    """Keeps one line up to date, without remains of a longer one, and ends it with the job."""
    stream = Terminal()
    line = ProgressLine("mine", stream=stream)
    for poll in (RUNNING, QUEUED, SILENT, DONE):
        line(poll)
    assert stream.getvalue().split("\r") == [
        "",
        "mine: Running, 4 s, 3 polls",
        "mine: Queued, 0 s, 1 poll  ",
        "mine: Queued, 2 s, 2 polls",
        "mine: Completed, 6 s, 4 polls\n",
    ]


def test_a_file_has_a_line_for_each_change(capsys: pytest.CaptureFixture[str]) -> None:
    """Writes to standard error, and only what is new."""
    with ProgressLine() as line:
        for poll in (SILENT, QUEUED, SILENT, RUNNING, DONE):
            line(poll)
    assert capsys.readouterr().err.splitlines() == [
        "job: waiting after 2 s",
        "job: Queued after 0 s",
        "job: Running after 4 s",
        "job: Completed after 6 s",
    ]


def test_the_line_is_ended_when_waiting_is_given_up() -> None:
    """Leaves the cursor at the beginning of a line."""
    stream = Terminal()
    with contextlib.suppress(KeyboardInterrupt), ProgressLine(stream=stream) as line:
        line(QUEUED)
        raise KeyboardInterrupt
    assert stream.getvalue().endswith("1 poll\n")


def test_nobody_looks_any_more() -> None:
    """Goes on when the stream is closed."""
    stream = Terminal()
    line = ProgressLine(stream=stream)
    line(QUEUED)
    stream.write = _closed  # type: ignore[method-assign]
    line(DONE)


def _closed(_: str) -> int:
    raise BrokenPipeError
