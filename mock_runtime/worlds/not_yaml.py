"""What a parser of YAML says of a text, with the line that is to blame and what may be meant; no value is shown."""

from __future__ import annotations

import re
from typing import Final

import yaml

from mock_runtime.worlds.problems import Problem

BLANK_AFTER_DASH: Final = "expected a blank after '-'"
_BLANK_AFTER_COLON: Final = "expected a blank after the colon"
_GLUED: Final = re.compile(r"\s*(?:-\s+)*[A-Za-z_][\w-]*:[^\s:/]")
_HAS_VALUE: Final = re.compile(r"\s*(?:-\s+)*[^\s:#][^:#]*:\s+[^\s#]")
_OPENED: Final = re.compile("flow|quoted")


def problem_of(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """The mistake that a parser found in a text."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _marked(error, text, file)
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        told = f"is not YAML: unacceptable character #x{ord(text[error.position]):04x}: {error.reason}"
        return Problem(file, line, told)
    return Problem(file, 0, f"is not YAML: {' '.join(str(error).split())}")


def blank_after_colon(value: str) -> str:
    """A hint, with a blank before it, where a text is a key and a value of which only the blank is missing; else none.

    The text is all that is there.
    """
    return f" ({_BLANK_AFTER_COLON})" if _GLUED.match(value) else ""


def _marked(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    told = " ".join(", ".join(part for part in (error.context, error.problem) if part).split())
    # What stands behind a sign of YAML may be a token that nobody has put into quotes.
    told = re.sub(r"(alias|anchor|tag|directive) '.*'", r"\1", told)
    lines = text.splitlines()
    mark = error.problem_mark or error.context_mark
    # What is missing at the very end is missing in the last line: the parser names the one after it.
    line = 0 if mark is None else max(1, min(mark.line + 1, len(lines)))
    opened = error.context_mark
    if opened is not None and opened.line + 1 < line and _OPENED.search(error.context or ""):
        told += f", opened in line {opened.line + 1}"
    hint = "" if mark is None or mark.line >= len(lines) else _hint(told, lines, mark.line, mark.column)
    return Problem(file, line, f"is not YAML: {told}{f' ({hint})' if hint else ''}")


def _hint(told: str, lines: list[str], index: int, column: int) -> str:
    """What to do about it, if that can be told from the line and from the last one before it that says something."""
    this = lines[index]
    if re.match(r" *\t", this):
        return "indent with blanks, not with tabs"
    if "mapping values are not allowed" not in told:
        return ""
    if ": " in this[:column]:
        return "a text with ': ' in it needs quotes"
    before = next((number for number in range(index - 1, -1, -1) if re.match(r"\s*[^\s#]", lines[number])), index)
    if _GLUED.match(lines[before]):
        return f"{_BLANK_AFTER_COLON} in line {before + 1}"
    is_deeper = _begins(this) > _begins(lines[before]) and _HAS_VALUE.match(lines[before])
    return f"indented deeper than line {before + 1}: expected the same" if is_deeper else ""


def _begins(line: str) -> int:
    """The column at which a line begins, behind the dashes of lists."""
    return len(line) - len(re.sub(r"^\s*(?:-\s+)*", "", line))
