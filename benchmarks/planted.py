"""What is found of the zoo's planted deviations: by `verify server` in its profiles, and by schemathesis alone.

    python -m benchmarks.planted quick --edition legacy-2021
    python -m benchmarks.planted schemathesis --every 4
    python -m benchmarks.planted table

Each run of a tool meets fresh servers, one for each deviation, and ends with the first thing that it finds. Results are
kept in a folder as one line of JSON each, so that a run can go on where it was stopped.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

import click

from runtime_contracts import documents, profiles
from runtime_contracts.checks import SERVER_CHECKS
from runtime_contracts.collector import Fleeting
from runtime_contracts.server_fuzz import fuzz_server
from tests.broken.serving import ALICE, BOB, Plant, Served, faithful, served
from tests.broken.zoo import ZOO

ALONE: Final = "schemathesis"
TOOLS: Final = ("quick", "ci", ALONE)
_CRN: Final = "crn:v1:bluemix:public:quantum-computing:us-east:a/0:1::"
_FAITHFUL: Final = "none"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one tool made of one server.

    Attributes:
        deviation: the name of what was planted, or "none" for the faithful server.
        found: it said that something is wrong.
        seconds: how long it took.
        said: the checks that failed, or the verdict of the tool.
    """

    tool: str
    edition: str
    kind: str
    deviation: str
    found: bool
    cases: int
    seconds: float
    said: str


@click.command()
@click.argument("tool", type=click.Choice((*TOOLS, "table")))
@click.option("--edition", type=click.Choice(profiles.names()), help="Only this edition.")
@click.option("--every", type=click.IntRange(1), default=1, help="Only every n-th deviation, where a tool takes long.")
@click.option("--only", default="", help="Only deviations whose name has this in it.")
@click.option("--seed", type=int, default=20210507, show_default=True, help="Of our own runs.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("benchmarks/results"), help="Of the results.")
def main(tool: str, edition: str | None, every: int, only: str, seed: int, folder: Path) -> None:
    """Run TOOL over the zoo, or print the table of what was found so far."""
    if tool == "table":
        click.echo(table(list(_kept(folder))))
        return
    folder.mkdir(parents=True, exist_ok=True)
    done = {(outcome.tool, outcome.deviation) for outcome in _kept(folder)}
    editions = [name for name in profiles.names() if edition in {None, name}]
    rows: list[tuple[str, str, str, Callable[[], Plant]]] = [
        (f"{_FAITHFUL} of {name}", "faithful", name, partial(_same, faithful)) for name in editions
    ]
    rows += [(row.name, row.kind, row.edition, row.planted) for row in ZOO if row.edition in editions][::every]
    for name, kind, its_edition, planted in rows:
        if (tool, name) in done or only not in name:
            continue
        outcome = _outcome(tool, its_edition, kind, name, planted(), seed)
        with (folder / f"planted-{tool}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")
        click.echo(
            f"{'found ' if outcome.found else 'MISSED'} {outcome.seconds:6.1f} s  {name}  {outcome.said}", err=True
        )


def _same(plant: Plant) -> Plant:
    return plant


def _outcome(tool: str, edition: str, kind: str, name: str, plant: Plant, seed: int) -> Outcome:
    # Only ours can move a clock by hand; a tool that cannot meets jobs that end by themselves.
    with served(plant, edition=edition, real_time=tool == ALONE) as server:
        began = time.monotonic()
        found, cases, said = _alone(server, edition) if tool == ALONE else _ours(server, edition, tool, seed)
        return Outcome(tool, edition, kind, name, found, cases, round(time.monotonic() - began, 1), said)


def _ours(server: Served, edition: str, profile: str, seed: int) -> tuple[bool, int, str]:
    report = fuzz_server(
        server.url,
        token=ALICE,
        other_token=BOB,
        edition=edition,
        profile=profile,
        seed=seed,
        advance=server.advance,
        progress=_until_found,
    )
    said = sorted({failure.check for failure in report.failures})
    return bool(report.failures), report.total, report.problem or ", ".join(said)


def _until_found(line: str) -> None:
    """End the run, as Ctrl-C would, with the first failure; `schemathesis --max-failures 1` does so, too."""
    if not isinstance(line, Fleeting) and line.partition(":")[0] in SERVER_CHECKS:
        raise KeyboardInterrupt


def _alone(server: Served, edition: str) -> tuple[bool, int, str]:
    today = edition == "platform"
    origin = f"{server.url}/api" if today else server.url
    headers = (
        [f"Authorization: apikey {ALICE}", f"Service-CRN: {_CRN}"] if today else [f"Authorization: Bearer {ALICE}"]
    )
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(documents.served(edition, origin)), encoding="utf-8")
        given = [word for header in headers for word in ("-H", header)]
        command = ["run", str(document), "--url", origin, *given, "--max-failures", "1", "--seed", "1", "--no-color"]
        tool = Path(sys.executable).with_name("schemathesis")
        ended = subprocess.run([str(tool), *command], check=False, capture_output=True, text=True, cwd=folder)
    lines = [line.strip() for line in ended.stdout.splitlines()]
    cases = next((int(line.split()[0]) for line in lines if " generated" in line), 0)
    said = next((line for line in lines if line.startswith("- ")), "")
    return ended.returncode == 1, cases, said


def _kept(folder: Path) -> Iterator[Outcome]:
    for file in sorted(folder.glob("planted-*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield Outcome(**json.loads(line))


def table(outcomes: list[Outcome]) -> str:
    """Return a table in Markdown: what each tool found of each kind, what it took, and false alarms."""
    faithful_of = {(one.tool, one.edition): one for one in outcomes if one.kind == "faithful"}
    planted = [one for one in outcomes if one.kind != "faithful"]
    lines = ["| edition | kind | " + " | ".join(TOOLS) + " |", "|---|---|" + "---|" * len(TOOLS)]
    for edition in profiles.names():
        kinds = dict.fromkeys(one.kind for one in planted if one.edition == edition)
        for kind in (*kinds, "all"):
            mine = [one for one in planted if one.edition == edition and kind in {one.kind, "all"}]
            mine = [one for one in planted if one.edition == edition and kind in {one.kind, "all"}]
            cells = [_cell([one for one in mine if one.tool == tool]) for tool in TOOLS]
            lines.append(f"| {edition} | {kind} | " + " | ".join(cells) + " |")
        clean = [faithful_of.get((tool, edition)) for tool in TOOLS]
        told = ["-" if one is None else f"{int(one.found)} ({one.cases} cases, {one.seconds:g} s)" for one in clean]
        lines.append(f"| {edition} | false alarms | " + " | ".join(told) + " |")
    return "\n".join(lines)


def _cell(outcomes: list[Outcome]) -> str:
    return f"{sum(one.found for one in outcomes)} of {len(outcomes)}" if outcomes else "-"


if __name__ == "__main__":
    main()
