"""What the renderings of all reports have in common: exit codes, texts fit for XML, JUnit, and files in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CLEAN, VIOLATIONS, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


def exit_code(*, problem: str | None, interrupted: bool, found: bool) -> int:
    """Return 2 for a run that could not be made, 130 for one that was stopped, else 1 if something was found, or 0."""
    if problem is not None:
        return COULD_NOT_RUN
    if interrupted:
        return INTERRUPTED
    return VIOLATIONS if found else CLEAN


def xml_text(text: str) -> str:
    """Return `text` without the characters that XML 1.0 has no way to say: most controls, and halves of pairs."""
    return "".join(
        char
        if char in "\t\n" or (char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff")
        else "\ufffd"
        for char in text
    )


def junit(suite: ET.Element, *, failures: int, problem: str | None = None) -> str:
    """Return a suite of test cases as JUnit XML, with its numbers; a `problem` is the error of the first case."""
    if problem is not None:
        ET.SubElement(suite[0], "error", message=xml_text(problem))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    suite.set("errors", str(int(problem is not None)))
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def write_all(folder: Path, stem: str, contents: Mapping[str, str]) -> tuple[Path, ...]:
    """Write a file for each suffix in `contents` into `folder`, which is made if need be, and return the files.

    Raises:
        OSError: the folder or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for suffix, content in contents.items():
        file = folder / f"{stem}.{suffix}"
        file.write_text(content, encoding="utf-8")
        files.append(file)
    return tuple(files)
