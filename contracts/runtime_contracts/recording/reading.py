"""Reading recordings, which may be cut off, damaged, or not recordings at all."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from runtime_contracts.recording.record import MalformedLineError, Recording, parsed_exchange, parsed_header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runtime_contracts.watching.message import Exchange

LONGEST_LINE_BYTES: Final = 96 * 1024 * 1024
MOST_BYTES: Final = 1024 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_MOST_DAMAGED: Final = 1000


class InvalidRecordingError(ValueError):
    """A file is no recording; the message says why, and which line if it is one."""


@dataclass(frozen=True, slots=True)
class DamagedLine:
    """A line of a recording that could not be read."""

    number: int
    why: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.why}"


def read(file: Path, *, strict: bool = False) -> Recording:
    """Read a recording, packed or not. A line that cannot be read is left out and named in `damaged`.

    One that was broken off while it was written has such a line at its end.

    Raises:
        InvalidRecordingError: it is no recording, or too large, or, if `strict`, has a line that cannot be read.
        OSError: the file cannot be read.
    """
    damaged: list[DamagedLine] = []
    exchanges: list[Exchange] = []
    header = None
    with file.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        source = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
        for number, line, why in _lines(source):
            try:
                if why:
                    raise MalformedLineError(why)  # noqa: TRY301 - one place that says which line it was
                if header is None:
                    header = parsed_header(line)
                else:
                    exchanges.append(parsed_exchange(line))
            except MalformedLineError as error:
                if header is None or strict:
                    raise InvalidRecordingError(f"{file}, line {number}: {error}") from None
                if len(damaged) < _MOST_DAMAGED:
                    damaged.append(DamagedLine(number, str(error)))
    if header is None:
        raise InvalidRecordingError(f"{file} is empty")
    return Recording(
        edition=header["edition"],
        upstream=str(header.get("upstream", "")),
        has_inputs=bool(header.get("inputs", True)),
        exchanges=tuple(exchanges),
        damaged=tuple(damaged),
    )


def _lines(source: BinaryIO) -> Iterator[tuple[int, bytes, str]]:
    """The lines with their numbers, and what is wrong with one before it is looked at."""
    number = size = 0
    while True:
        number += 1
        try:
            line = source.readline(LONGEST_LINE_BYTES + 1)
        except (EOFError, OSError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            yield number, b"", "the packed file is cut off or damaged here"
            return
        if not line:
            return
        size += len(line)
        if size > MOST_BYTES:
            raise InvalidRecordingError(f"the recording is larger than {MOST_BYTES} bytes")
        if len(line) > LONGEST_LINE_BYTES:
            yield number, b"", f"it is longer than {LONGEST_LINE_BYTES} bytes"
            while line and not line.endswith(b"\n"):
                line = source.readline(LONGEST_LINE_BYTES)
                size += len(line)
            continue
        if line.strip():
            yield number, line, ""
