"""What a run against a server or a client found, and its renderings."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CLEAN, VIOLATIONS, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which the subject of the run broke the contract.

    Attributes:
        check: name of the check that noticed it.
        operation: id of the operation, or "" when it concerns the whole run.
        phase: part of the run in which it came up first.
        message: what was expected and what was found; no secrets.
        reproduce: how to see it again: curl lines with $TOKEN and $ACCESS_TOKEN, or the answer that a client was fed.
        count: how often it was seen.
    """

    check: str
    operation: str
    phase: str
    message: str
    reproduce: str = ""
    count: int = 1

    @property
    def title(self) -> str:
        """Check and operation in one line."""
        return f"{self.check}: {self.operation}" if self.operation else self.check


@dataclass(frozen=True, slots=True)
class Discarded:
    """One kind of alarm that turned out false when the request was judged by itself.

    Attributes:
        check: name of the check that raised it.
        operation: id of the operation.
        reason: why it is false, in one line.
        count: how often it came.
    """

    check: str
    operation: str
    reason: str
    count: int = 1

    def __str__(self) -> str:
        return f"{self.check}: {self.operation}: {self.reason} ({self.count}x)"


@dataclass(frozen=True, slots=True)
class Report:
    """What one run found.

    Attributes:
        kind: "server" or "client".
        target: the URL of the server, or the name of the driver.
        edition: name of the document that served as the contract.
        seed: number that makes the same run again.
        documented: the documented statuses of every operation that belonged to the run.
        cases: how many cases each operation got, by phase.
        statuses: how often each operation answered (or was fed) each status.
        failures: what was found, the same thing once.
        notes: remarks for the reader that change no verdict.
        discarded: the alarms that turned out false, by kind.
        bodies: request bodies that failures refer to as files, by file name.
        interrupted: the run was stopped early; everything else holds for the part before.
        problem: why the run could not be made at all, or None.
    """

    kind: str
    target: str
    edition: str
    seed: int
    documented: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    statuses: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    discarded: tuple[Discarded, ...] = ()
    bodies: Mapping[str, bytes] = field(default_factory=dict)
    interrupted: bool = False
    problem: str | None = None

    @property
    def exit_code(self) -> int:
        """0 clean, 1 violations, 2 could not run, 130 interrupted."""
        if self.problem is not None:
            return COULD_NOT_RUN
        if self.interrupted:
            return INTERRUPTED
        return VIOLATIONS if self.failures else CLEAN

    @property
    def total(self) -> int:
        """Number of all cases."""
        return sum(sum(phases.values()) for phases in self.cases.values())

    @property
    def phases(self) -> Mapping[str, int]:
        """Number of cases by phase, in the order in which the phases came."""
        found: dict[str, int] = {}
        for phases in self.cases.values():
            for phase, count in phases.items():
                found[phase] = found.get(phase, 0) + count
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        """Notes and discarded alarms, a line each."""
        notes = [f"note: {note}" for note in self.notes]
        if self.discarded:
            false = sum(kind.count for kind in self.discarded)
            were = "was false and does" if false == 1 else "were false and do"
            notes.append(f"note: {counted(false, 'alarm')} {were} not count:")
        return (*notes, *(f"  {kind}" for kind in self.discarded))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Operations that belonged to the run and got no case."""
        return tuple(name for name in self.documented if not sum(self.cases.get(name, {}).values()))

    @property
    def unmet(self) -> Mapping[str, tuple[int, ...]]:
        """Documented statuses that never came up, by operation."""
        found = {
            name: tuple(status for status in statuses if status not in self.statuses.get(name, {}))
            for name, statuses in self.documented.items()
        }
        return {name: statuses for name, statuses in found.items() if statuses}

    def to_text(self) -> str:
        """Return the report for a reader at a terminal."""
        lines = [f"{self.kind} {self.target}, edition {self.edition}, seed {self.seed}"]
        if self.problem is not None:
            return "\n".join([*lines, f"could not run: {self.problem}", *self.remarks]) + "\n"
        phases = ", ".join(f"{phase} {count}" for phase, count in self.phases.items())
        reached = counted(len(self.documented) - len(self.left_out), "operation")
        lines.append(f"{counted(self.total, 'case')}{f' ({phases})' if phases else ''} on {reached}")
        met = sum(len(statuses) for statuses in self.documented.values()) - sum(map(len, self.unmet.values()))
        lines.append(f"{met} of {sum(map(len, self.documented.values()))} documented answers were met")
        lines += self.remarks
        for number, failure in enumerate(self.failures, start=1):
            lines += ["", f"{number}. {failure.title} ({failure.phase}, {failure.count}x)"]
            lines += [f"   {line}" for line in failure.message.splitlines()]
            lines += [f"   {line}" for line in failure.reproduce.splitlines()]
        lines += ["", _verdict(self)]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """Return the report as a JSON text with a stable set of keys."""
        value: dict[str, Any] = {
            "kind": self.kind,
            "target": self.target,
            "edition": self.edition,
            "seed": self.seed,
            "exit_code": self.exit_code,
            "interrupted": self.interrupted,
            "problem": self.problem,
            "total": self.total,
            "discarded": [asdict(kind) for kind in self.discarded],
            "notes": list(self.notes),
            "cases": {name: dict(phases) for name, phases in self.cases.items()},
            "coverage": {
                name: {
                    "documented": list(statuses),
                    "met": {str(status): count for status, count in sorted(self.statuses.get(name, {}).items())},
                    "unmet": list(self.unmet.get(name, ())),
                }
                for name, statuses in self.documented.items()
            },
            "left_out": list(self.left_out),
            "failures": [asdict(failure) for failure in self.failures],
        }
        return json.dumps(value, indent=2, ensure_ascii=True) + "\n"

    def to_junit(self) -> str:
        """Return the report as JUnit XML: one test case an operation, and one for the run as a whole."""
        suite = ET.Element("testsuite", name=f"{self.kind} {self.edition}")
        broken: dict[str, list[Failure]] = {}
        for failure in self.failures:
            broken.setdefault(failure.operation, []).append(failure)
        for name in ("", *self.documented):
            case = ET.SubElement(suite, "testcase", classname=f"runtime_contracts.{self.kind}", name=name or "run")
            for failure in broken.get(name, []):
                element = ET.SubElement(case, "failure", type=failure.check, message=_xml(failure.title))
                element.text = _xml(f"{failure.message}\n{failure.reproduce}\nseed {self.seed}")
            if not name and self.problem is not None:
                ET.SubElement(case, "error", message=_xml(self.problem))
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(self.failures)))
        suite.set("errors", str(int(self.problem is not None)))
        return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"

    def write(self, folder: Path) -> tuple[Path, ...]:
        """Write the three renderings into `folder`, which is made if need be, and return their files.

        The bodies that failures refer to are written beside them.

        Raises:
            OSError: the folder or a file cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        contents = {"txt": self.to_text(), "json": self.to_json(), "xml": self.to_junit()}
        files = []
        for suffix, content in contents.items():
            file = folder / f"{self.kind}-{self.edition}.{suffix}"
            file.write_text(content, encoding="utf-8")
            files.append(file)
        for name, body in self.bodies.items():
            (folder / name).write_bytes(body)
        return tuple(files)


def counted(number: int, noun: str) -> str:
    """Return a number of things, in the singular if it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _verdict(report: Report) -> str:
    if report.interrupted:
        return f"interrupted; {counted(len(report.failures), 'violation')} until then"
    if report.failures:
        found = counted(len(report.failures), "violation")
        return f"{found} of the contract; --seed {report.seed} makes the same run again"
    return "no violation of the contract"


def _xml(text: str) -> str:
    # XML 1.0 has no way to say most control characters.
    return "".join(
        char if char in "\t\n" or (char >= " " and char not in "\ufffe\uffff") else "\ufffd" for char in text
    )
