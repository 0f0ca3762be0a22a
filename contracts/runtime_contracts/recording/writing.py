"""Writing recordings: each exchange is cleaned, and then put at the end of the file at once."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from runtime_contracts.recording.record import exchange_line, header_line

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from runtime_contracts.recording.redaction import Redaction
    from runtime_contracts.watching.message import Exchange

_PRIVATE: Final = 0o600


class RecordingExistsError(FileExistsError):
    """There is such a file already; the message says what to do."""


class Recorder:
    """Writes a recording into a new file that only its owner can read; packed if its name ends with `.gz`.

    What was written is in the file even if the process is killed right after. Each exchange of a packed recording is a
    member of its own for that: they can be read one after the other, as by `zcat`.

    Raises:
        RecordingExistsError: the file exists.
        OSError: it cannot be written.
    """

    def __init__(self, file: Path, *, redaction: Redaction, edition: str, upstream: str, has_inputs: bool) -> None:
        self.file = file
        self.written = 0
        self.left_out = 0
        self._redaction = redaction
        self._packed = file.suffix == ".gz"
        try:
            # Nobody else may read it at any time, and nothing that is there is overwritten.
            self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, _PRIVATE)
        except FileExistsError:
            raise RecordingExistsError(f"{file} exists: remove it, or record into another file") from None
        self._write(header_line(edition=edition, upstream=redaction.text(upstream), has_inputs=has_inputs))

    def __repr__(self) -> str:
        return f"Recorder({str(self.file)!r}, {self.written} written)"

    def record(self, exchange: Exchange) -> None:
        """Write an exchange, without its secrets. OSError if it cannot be written."""
        clean = self._redaction.exchange(exchange)
        line = exchange_line(clean)
        if self._redaction.are_in(line):
            # A secret that is spelled in a way that could not be taken apart: rather nothing than that.
            self.left_out += 1
            request = replace(clean.request, headers=(), body=None, target=clean.request.path)
            line = exchange_line(
                replace(clean, request=request, answer=replace(clean.answer, headers=_harmless(clean), body=None))
            )
            if self._redaction.are_in(line):
                return
        self._write(line)
        self.written += 1

    def close(self) -> None:
        """Close the file. Closing twice is no error."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, line: str) -> None:
        data = line.encode("ascii")
        if self._packed:
            data = gzip.compress(data, compresslevel=6, mtime=0)
        while data:
            data = data[os.write(self._descriptor, data) :]


def _harmless(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in exchange.answer.headers if pair[0].lower() == "content-type")
