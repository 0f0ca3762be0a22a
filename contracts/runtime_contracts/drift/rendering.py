"""What became of a document, for a reader at a terminal, for a program, for CI and for a pull request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from runtime_contracts.drift.change import Breaks, Severity
from runtime_contracts.formats import junit, write_all, xml_text
from runtime_contracts.options import DRIFT_FORMATS
from runtime_contracts.report import counted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runtime_contracts.drift.change import Change
    from runtime_contracts.drift.comparison import Drift

_SUFFIXES: Final = {"text": "txt", "json": "json", "junit": "xml", "markdown": "md"}
_SHARED: Final = "several operations"
_MANY: Final = 4


def rendered(drift: Drift, form: str, *, prose: bool = False) -> str:
    """Return the drift as "text", "json", "junit" or "markdown"; `prose` lists differences in words, too."""
    if form == "text":
        return to_text(drift, prose=prose)
    if form == "markdown":
        return to_markdown(drift, prose=prose)
    return to_json(drift) if form == "json" else to_junit(drift)


def write(drift: Drift, folder: Path, *, prose: bool = False) -> tuple[Path, ...]:
    """Write all four renderings into `folder`, which is made if need be, and return their files.

    Raises:
        OSError: the folder or a file cannot be written.
    """
    contents = {_SUFFIXES[form]: rendered(drift, form, prose=prose) for form in DRIFT_FORMATS}
    return write_all(folder, f"drift-{drift.edition or 'documents'}", contents)


def to_text(drift: Drift, *, prose: bool = False) -> str:
    """Return it for a reader: a group for each operation, and one before them for what several have in common."""
    lines = [f"drift from {drift.base} to {drift.live}, {_operations(drift)}"]
    lines += [f"note: {remark}" for remark in _remarks(drift)]
    for title, changes in _groups(drift.open):
        lines += ["", title]
        for places in _alike(changes):
            lines += _told(places)
    closed = [change for change in drift.changes if change.accepted is not None]
    if closed:
        lines += ["", "accepted"]
        lines += [f"  {change.what} ({change.pointer}): {change.accepted}" for change in closed]
    if prose and drift.prose:
        lines += ["", "in other words", *(f"  {pointer}" for pointer in drift.prose)]
    return "\n".join([*lines, "", verdict(drift)]) + "\n"


def to_markdown(drift: Drift, *, prose: bool = False) -> str:
    """Return it for a pull request or an issue."""
    lines = [
        "# Drift",
        "",
        f"From {_code(drift.base)} to {_code(drift.live)}, {_operations(drift)}.",
        "",
        f"**{verdict(drift)}**",
    ]
    lines += [f"\n> {_escaped(remark)}" for remark in _remarks(drift)]
    for title, changes in _groups(drift.open):
        lines += [
            "",
            f"## {_escaped(title)}",
            "",
            "| severity | what | kind | who breaks, and why | where |",
            "|---|---|---|---|---|",
        ]
        for places in _alike(changes):
            change = places[0]
            where = ", ".join(_code(each.pointer) for each in places[:_MANY]) + _more(len(places))
            why = f"{change.verdict.breaks}: {change.verdict.why}" + (
                f" ({_witness(change)})" if change.witness else ""
            )
            cells = (change.severity, change.what, change.kind, why)
            lines.append(f"| {' | '.join(map(_escaped, cells))} | {where} |")
    closed = [change for change in drift.changes if change.accepted is not None]
    if closed:
        lines += [
            "",
            "## Accepted",
            "",
            *(f"- {_escaped(change.what)}: {_escaped(change.accepted or '')}" for change in closed),
        ]
    if prose and drift.prose:
        lines += ["", "## In other words", "", *(f"- {_code(pointer)}" for pointer in drift.prose)]
    return "\n".join(lines) + "\n"


def to_json(drift: Drift) -> str:
    """Return it as a JSON text with a stable set of keys."""
    value: dict[str, Any] = {
        "kind": "drift",
        "base": drift.base,
        "live": drift.live,
        "edition": drift.edition,
        "exit_code": drift.exit_code(),
        "operations": {"base": drift.operations[0], "live": drift.operations[1]},
        "counts": {severity.value: drift.count(severity) for severity in Severity},
        "changes": [_change(change) for change in drift.changes],
        "stale": [str(entry) for entry in drift.stale],
        "notes": list(drift.remarks),
        "prose": list(drift.prose),
        "unused": list(drift.unused),
    }
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"


def to_junit(drift: Drift) -> str:
    """Return it as JUnit XML: a case for each operation with changes, of which those that break clients fail."""
    suite = ET.Element("testsuite", name=f"drift {drift.edition}".rstrip())
    failures = 0
    groups = _groups(drift.open) or [("no drift", [])]
    for title, changes in groups:
        case = ET.SubElement(suite, "testcase", classname="runtime_contracts.drift", name=xml_text(title))
        for change in changes:
            text = xml_text("\n".join(_told([change])))
            if change.severity is Severity.BREAKING:
                failures += 1
                ET.SubElement(case, "failure", type=change.rule, message=xml_text(change.what)).text = text
        told = [xml_text("\n".join(_told([change]))) for change in changes if change.severity is not Severity.BREAKING]
        if told:
            ET.SubElement(case, "system-out").text = "\n".join(told)
    return junit(suite, failures=failures)


def verdict(drift: Drift) -> str:
    """Return the last line: how much there is, and whom it breaks."""
    if not drift.open:
        accepted = len(drift.changes)
        return f"no drift beside {counted(accepted, 'accepted change')}" if accepted else "no drift"
    numbers = [f"{drift.count(severity)} {severity}" for severity in Severity if drift.count(severity)]
    breaks = "clients break" if drift.count(Severity.BREAKING) else "no client breaks for certain"
    return f"{counted(len(drift.open), 'change')} ({', '.join(numbers)}); {breaks}"


def _operations(drift: Drift) -> str:
    before, after = drift.operations
    return counted(before, "operation") if before == after else f"{before} -> {counted(after, 'operation')}"


def _remarks(drift: Drift) -> Iterable[str]:
    yield from drift.remarks
    for entry in drift.stale:
        yield f"an accepted change is not there (any more): {entry}"
    if drift.prose:
        yield f"{counted(len(drift.prose), 'difference')} in words, examples or extensions only (--prose lists them)"
    if drift.unused:
        names = ", ".join(drift.unused[:_MANY]) + _more(len(drift.unused))
        yield f"{counted(len(drift.unused), 'component')} that no operation uses came, went or changed: {names}"


def _groups(changes: Iterable[Change]) -> list[tuple[str, list[Change]]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        title = change.operations[0] if len(change.operations) == 1 else _SHARED
        found.setdefault(title, []).append(change)
    order = sorted(found.items(), key=lambda item: (item[0] != _SHARED, item[0].partition(" ")[2], item[0]))
    return list(order)


def _alike(changes: Iterable[Change]) -> list[list[Change]]:
    """Put together what happened in the same words at several places."""
    found: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        found.setdefault((change.rule, change.what, change.verdict, change.witness), []).append(change)
    return list(found.values())


def _told(places: list[Change]) -> list[str]:
    change = places[0]
    lines = [f"  {change.severity:<8}  {change.what}  [{change.kind}, {change.rule}]"]
    lines += [f"            {'in the base at ' if _gone(each) else ''}{each.pointer}" for each in places[:_MANY]]
    if len(places) > _MANY:
        lines.append(f"            and at {len(places) - _MANY} more places")
    reached = [str(reach) for reach in change.reaches]
    if len(change.operations) > 1:
        many = f" and {len(reached) - _MANY} more" if len(reached) > _MANY else ""
        lines.append(f"            reaches {', '.join(reached[:_MANY])}{many}")
    elif change.reaches and change.reaches[0].where:
        wheres = list(dict.fromkeys(reach.where for reach in change.reaches))
        lines.append(f"            in: {'; '.join(wheres[:_MANY])}{_more(len(wheres))}")
    who = "breaks clients" if change.severity is Severity.BREAKING else _WHO[change.verdict.breaks]
    lines.append(f"            {who}: {change.verdict.why}")
    if change.witness:
        lines.append(f"            for example {_witness(change)}")
    return lines


_WHO: Final = {
    Breaks.CLIENTS: "may break clients",
    Breaks.SERVERS: "breaks no client, but dates servers and fakes",
    Breaks.NOBODY: "breaks nobody",
}


def _witness(change: Change) -> str:
    words = {"base": "is not allowed any more", "live": "is allowed now and was not before"}
    return f"{change.witness} {words[change.allowed_by]}"


def _gone(change: Change) -> bool:
    return change.pointer == change.base != change.live


def _more(number: int) -> str:
    return f" and {number - _MANY} more" if number > _MANY else ""


def _change(change: Change) -> dict[str, Any]:
    return {
        "severity": change.severity.value,
        "kind": change.kind.value,
        "rule": change.rule,
        "what": change.what,
        "pointer": change.pointer,
        "base_pointer": change.base,
        "live_pointer": change.live,
        "directions": list(change.directions),
        "operations": list(change.operations),
        "reaches": [
            {"operation": reach.operation, "direction": reach.direction, "where": reach.where}
            for reach in change.reaches
        ],
        "breaks": change.verdict.breaks.value,
        "why": change.verdict.why,
        "witness": change.witness or None,
        "allowed_by": change.allowed_by or None,
        "accepted": change.accepted,
    }


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\|*_<>[]#" else char for char in str(text)).replace("\n", " ")


def _code(text: str) -> str:
    return "`" + text.replace("`", "'").replace("|", "\\|") + "`"
