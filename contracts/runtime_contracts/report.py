"""What a run against a server or a client found, and its renderings."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from runtime_contracts.findings import Failure, Finding, JourneyOutcome, grouped
from runtime_contracts.formats import exit_code, junit, write_all, xml_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Discarded", "Failure", "Finding", "JourneyOutcome", "Report", "counted"]


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
        journeys: what became of each journey, in their order.
        not_done: what the run left out, and why.
        profile: name of the profile of the run, or "".
        time_limit_s: the limit in seconds at which the run ended early, or None if it did not.
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
    journeys: tuple[JourneyOutcome, ...] = ()
    not_done: tuple[str, ...] = ()
    profile: str = ""
    time_limit_s: float | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to mend: failures with one cause are one finding."""
        return grouped(self.failures)

    @property
    def heading(self) -> str:
        """What was looked at, and how to do it again."""
        profile = f", profile {self.profile}" if self.profile else ""
        return f"{self.kind} {self.target}, edition {self.edition}{profile}, seed {self.seed}"

    @property
    def again(self) -> str:
        """How to make the same run again, in a few words."""
        return f"--seed {self.seed} makes the same run again"

    @property
    def exit_code(self) -> int:
        """0 clean, 1 violations, 2 could not run, 130 interrupted."""
        return exit_code(problem=self.problem, interrupted=self.interrupted, found=bool(self.failures))

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
        notes += [f"left out: {thing}" for thing in self.not_done]
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
        lines = [self.heading]
        if self.problem is not None:
            return "\n".join([*lines, verdict(self), *self.remarks]) + "\n"
        phases = ", ".join(f"{phase} {count}" for phase, count in self.phases.items())
        reached = counted(len(self.documented) - len(self.left_out), "operation")
        lines.append(f"{counted(self.total, 'case')}{f' ({phases})' if phases else ''} on {reached}")
        met = sum(len(statuses) for statuses in self.documented.values()) - sum(map(len, self.unmet.values()))
        lines.append(f"{met} of {sum(map(len, self.documented.values()))} documented answers were met")
        lines += [journey_line(journey) for journey in self.journeys]
        lines += self.remarks
        for number, finding in enumerate(self.findings, start=1):
            lines += ["", f"{number}. {finding.title} ({finding.first.phase}, {finding.count}x)"]
            lines += [f"   {line}" for line in finding.lines]
            lines += [f"   {line}" for line in finding.first.reproduce.splitlines()]
        lines += ["", verdict(self)]
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
            "failures": [{**asdict(failure), "rule": failure.rule} for failure in self.failures],
            "findings": [
                {
                    "checks": list(finding.checks),
                    "operations": list(finding.operations),
                    "message": finding.first.message,
                    "place": finding.first.place,
                    "document_pointer": finding.first.document_pointer,
                    "count": finding.count,
                    "failures": [self.failures.index(failure) for failure in finding.failures],
                }
                for finding in self.findings
            ],
            "journeys": [asdict(journey) for journey in self.journeys],
            "not_done": list(self.not_done),
            "profile": self.profile,
            "time_limit_s": self.time_limit_s,
        }
        return json.dumps(value, indent=2, ensure_ascii=True) + "\n"

    def to_junit(self) -> str:
        """Return the report as JUnit XML: one test case an operation, and one for the run as a whole."""
        suite = ET.Element("testsuite", name=f"{self.kind} {self.edition}")
        taken = {journey.name for journey in self.journeys}
        broken: dict[str, list[Failure]] = {}
        for failure in self.failures:
            on_journey = failure.journey in taken
            broken.setdefault(f"journey {failure.journey}" if on_journey else failure.operation, []).append(failure)
        for name in ("", *self.documented):
            case = ET.SubElement(suite, "testcase", classname=f"runtime_contracts.{self.kind}", name=name or "run")
            self._failed(case, broken.get(name, []))
        for journey in self.journeys:
            where = f"runtime_contracts.{self.kind}.journeys"
            case = ET.SubElement(suite, "testcase", classname=where, name=xml_text(journey.sentence))
            self._failed(case, broken.get(f"journey {journey.name}", []))
            if journey.outcome == "skipped":
                ET.SubElement(case, "skipped", message=xml_text(journey.reason))
        suite.set("skipped", str(sum(journey.outcome == "skipped" for journey in self.journeys)))
        return junit(suite, failures=len(self.failures), problem=self.problem)

    def _failed(self, case: ET.Element, failures: list[Failure]) -> None:
        for failure in failures:
            element = ET.SubElement(case, "failure", type=failure.check, message=xml_text(failure.title))
            pointed = f"document: {failure.document_pointer}\n" if failure.document_pointer else ""
            element.text = xml_text(f"{failure.message}\n{pointed}{failure.reproduce}\nseed {self.seed}")

    def to_github(self) -> str:
        """Return the report as annotations of GitHub's, one a finding, and the verdict as the last line."""
        lines = [
            f"::error title={_escaped(finding.title, ',:')}::{_escaped(chr(10).join(finding.lines))}"
            for finding in self.findings
        ]
        if self.problem is not None:
            lines.append(f"::error title=could not run::{_escaped(self.problem)}")
        return "\n".join([*lines, verdict(self)]) + "\n"

    def write(self, folder: Path) -> tuple[Path, ...]:
        """Write the three renderings into `folder`, which is made if need be, and return their files.

        The bodies that failures refer to are written beside them.

        Raises:
            OSError: the folder or a file cannot be written.
        """
        contents = {"txt": self.to_text(), "json": self.to_json(), "xml": self.to_junit()}
        files = write_all(folder, f"{self.kind}-{self.edition}", contents)
        for name, body in self.bodies.items():
            (folder / name).write_bytes(body)
        return files


def counted(number: int, noun: str) -> str:
    """Return a number of things, in the singular if it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def journey_line(journey: JourneyOutcome) -> str:
    """Return what became of a journey, in one line."""
    reason = f" ({journey.reason.splitlines()[0]})" if journey.outcome == "skipped" and journey.reason else ""
    return f"{journey.outcome:>7}  {journey.sentence}{reason}"


def verdict(report: Report) -> str:
    """Return what came of it, in one line."""
    if report.problem is not None:
        return f"could not run: {report.problem}"
    found = counted(len(report.findings), "violation")
    if report.interrupted:
        return f"interrupted after {counted(report.total, 'case')}; {found} until then"
    ended = "" if report.time_limit_s is None else f"the time of {report.time_limit_s:g} s was over: "
    if report.failures:
        return f"{ended}{found} of the contract in {counted(report.total, 'case')}; {report.again}"
    return f"{ended}no violation of the contract in {counted(report.total, 'case')}"


def _escaped(text: str, more: str = "") -> str:
    """Return `text` as GitHub's commands have it: on one line, and no part of the command."""
    for char in ("%", "\r", "\n", *more):
        text = text.replace(char, f"%{ord(char):02X}")
    return text
