"""What watching a server or comparing a recording has found, and its renderings: text, JSON and JUnit."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from runtime_contracts.formats import exit_code, junit, write_all, xml_text
from runtime_contracts.report import Failure, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was found in exchanges that somebody else has made: a report without cases and without a seed.

    Attributes:
        kind: "proxy" or "recording"; the name of the report's files.
        target: whose exchanges they were: a URL or a file.
        edition: name of the document that served as the contract.
        total: number of exchanges.
        documented: the documented statuses of every operation.
        statuses: how often each operation answered each status.
        failures: what was found, the same thing once; `phase` says on which side.
        notes: remarks for the reader that change no verdict.
        accepted: differences that somebody has accepted, each with the reason.
        interrupted: it was stopped early; everything else holds for the part before.
        problem: why it could not be done at all, or None.
    """

    kind: str
    target: str
    edition: str
    total: int = 0
    documented: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    statuses: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    interrupted: bool = False
    problem: str | None = None

    @property
    def exit_code(self) -> int:
        """0 clean, 1 something was found, 2 could not run, 130 interrupted."""
        return exit_code(problem=self.problem, interrupted=self.interrupted, found=bool(self.failures))

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the report line by line, each with a style for a terminal that has any."""
        yield f"{self.kind} {self.target}, edition {self.edition}", ""
        if self.problem is not None:
            yield f"could not run: {self.problem}", "bold red"
            return
        met = sum(1 for name in self.statuses if name in self.documented or not self.documented)
        of = f" of {len(self.documented)}" if self.documented else ""
        yield f"{counted(self.total, 'exchange')}, {met}{of} operations", ""
        for operation, statuses in sorted(self.statuses.items()):
            counts = ", ".join(f"{status} {count}x" for status, count in sorted(statuses.items()))
            yield f"  {operation}: {counts}", "dim"
        for note in self.notes:
            yield f"note: {note}", "yellow"
        for line in self.accepted:
            yield f"accepted: {line}", "yellow"
        for number, failure in enumerate(self.failures, start=1):
            yield "", ""
            yield f"{number}. {failure.title} ({failure.phase}, {failure.count}x)", "bold red"
            for line in (*failure.message.splitlines(), *failure.reproduce.splitlines()):
                yield f"   {line}", ""
        yield "", ""
        yield self.verdict, "bold red" if self.failures else "bold yellow" if self.interrupted else "bold green"

    @property
    def verdict(self) -> str:
        """The last line."""
        noun = "violation" if self.kind == "proxy" else "difference"
        found = f"{counted(len(self.failures), noun)} in {counted(self.total, 'exchange')}"
        if self.interrupted:
            return f"interrupted; {found} until then"
        return found if self.failures else f"no {noun} in {counted(self.total, 'exchange')}"

    def to_text(self) -> str:
        """Return the report for a reader at a terminal."""
        return "\n".join(line for line, _ in self.lines()) + "\n"

    def to_json(self) -> str:
        """Return the report as a JSON text with a stable set of keys."""
        value: dict[str, Any] = {
            "kind": self.kind,
            "target": self.target,
            "edition": self.edition,
            "exit_code": self.exit_code,
            "interrupted": self.interrupted,
            "problem": self.problem,
            "total": self.total,
            "notes": list(self.notes),
            "accepted": list(self.accepted),
            "coverage": {
                name: {
                    "documented": list(self.documented.get(name, ())),
                    "met": {str(status): count for status, count in sorted(self.statuses.get(name, {}).items())},
                }
                for name in (*self.documented, *(name for name in self.statuses if name not in self.documented))
            },
            "failures": [asdict(failure) for failure in self.failures],
        }
        return json.dumps(value, indent=2, ensure_ascii=True) + "\n"

    def to_junit(self) -> str:
        """Return the report as JUnit XML: one test case an operation that was met, and one for all the rest."""
        suite = ET.Element("testsuite", name=f"{self.kind} {self.edition}")
        broken: dict[str, list[Failure]] = {}
        for failure in self.failures:
            broken.setdefault(failure.operation, []).append(failure)
        for name in ("", *sorted({*self.statuses, *broken} - {""})):
            case = ET.SubElement(suite, "testcase", classname=f"runtime_contracts.{self.kind}", name=name or "run")
            for failure in broken.get(name, []):
                element = ET.SubElement(case, "failure", type=failure.check, message=xml_text(failure.title))
                element.text = xml_text(f"{failure.message}\n{failure.reproduce}")
        return junit(suite, failures=len(self.failures), problem=self.problem)

    def write(self, folder: Path) -> tuple[Path, ...]:
        """Write the three renderings into `folder`, which is made if need be, and return their files.

        Raises:
            OSError: the folder or a file cannot be written.
        """
        contents = {"txt": self.to_text(), "json": self.to_json(), "xml": self.to_junit()}
        return write_all(folder, f"{self.kind}-{self.edition}", contents)
