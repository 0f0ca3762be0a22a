"""Lines of somebody's own code in a traceback: where a report tells its reader to look."""

from __future__ import annotations

import inspect
import linecache
import site
import sysconfig
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import FrameType

_OURS: Final = str(Path(__file__).resolve().parent)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of code: the file, its number, the function that it is in, and its text."""

    file: str
    number: int
    function: str
    text: str

    def __str__(self) -> str:
        where = f"{_short(self.file)}:{self.number} in {self.function}"
        return f"{where}: {self.text}" if self.text else where


def line_of(error: BaseException | None, packages: Collection[str] = ()) -> Line | None:
    """Return the last line in the traceback that is of `packages`, or else the last that is of no library."""
    steps: list[tuple[FrameType, int]] = []
    trace = None if error is None else error.__traceback__
    while trace is not None:
        steps.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    own = [step for step in steps if str(step[0].f_globals.get("__name__")).partition(".")[0] in packages]
    others = [step for step in steps if not _is_of_a_library(step[0].f_code.co_filename)]
    found = own or others
    if not found:
        return None
    frame, number = found[-1]
    code = frame.f_code
    text = linecache.getline(code.co_filename, number, frame.f_globals).strip()
    return Line(code.co_filename, number, code.co_name, text)


def place_of(function: Any) -> str:
    """Return the file and line where a function begins, or "" if it has none."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return "" if code is None else f"{_short(code.co_filename)}:{code.co_firstlineno}"


@lru_cache(maxsize=1024)
def _is_of_a_library(file: str) -> bool:
    return file.startswith("<frozen") or any(file.startswith(folder) for folder in _libraries())


@lru_cache(maxsize=1)
def _libraries() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return (_OURS, paths["stdlib"], paths["platstdlib"], paths["purelib"], paths["platlib"], *site.getsitepackages())


def _short(file: str) -> str:
    """Return a file as seen from the present folder, if it is below that."""
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file
