"""The table in `docs/compatibility.md`, made of what the clients' runs told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.vendor.clients import CAPABILITIES, WAYS, Client

_MARKS: Final = {"works": "✓", "none": "—", "failed": "✗"}
_INTRODUCTION: Final = """\
# Clients that run

Each of these is as its authors published it, in an environment of its own from the index, and was led to the fake by
environment variables or by an address alone; the last is this project's own. `make test-clients` installs and runs them
and writes this page; nobody edits it.

✓ works, ✗ fails, — is not there in this release, or is not tried with this client.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of one client by one way: the outcome of each capability it has, and whether it got to the end."""

    client: Client
    way: str
    python: str
    outcomes: Mapping[str, str]
    ended: bool = True

    @property
    def failed(self) -> bool:
        """Whether something did not work, or the client did not get to its end."""
        return not self.ended or not self.outcomes or "failed" in self.outcomes.values()

    @property
    def head(self) -> str:
        """What stands over its column."""
        return self.client.label if self.client.ways[0] == self.way else f"{self.client.label} ({self.way})"


def render(runs: Sequence[Run], classic: str | None) -> str:
    """The page. `classic` is what the client of 2021 said, None if it was not run."""
    return "\n".join(_lines(runs, classic)) + "\n"


def _lines(runs: Sequence[Run], classic: str | None) -> Iterator[str]:
    yield _INTRODUCTION
    yield "| | client | with | Python | way in |"
    yield "|---|---|---|---|---|"
    for run in runs:
        client = run.client
        release = client.version_of(client.package)
        qiskit = client.version_of("qiskit")
        beside = f"qiskit {qiskit}" if qiskit else ""
        name = f"{client.package} {release}" if release else client.package
        yield f"| {run.head} | {name} | {beside} | {run.python} | {WAYS[run.way]} |"
    yield ""
    yield f"| | {' | '.join(run.head for run in runs)} |"
    yield f"|---|{'---|' * len(runs)}"
    for capability in CAPABILITIES:
        marks = [_MARKS[run.outcomes.get(capability, "none")] for run in runs]
        yield f"| {capability} | {' | '.join(marks)} |"
    yield ""
    yield "What is tried:"
    yield ""
    for capability, meaning in CAPABILITIES.items():
        yield f"- **{capability}**: {meaning}"
    yield from _classic(classic)


CLASSIC: Final = "\n## Edition legacy-2021\n"
"""What the part about the client of 2021 begins with."""


def _classic(said: str | None) -> Iterator[str]:
    if said is not None:
        yield CLASSIC
        yield said


def without_classic(page: str) -> str:
    """A page without what it says of the client of 2021, for who could not run that."""
    return page.partition(CLASSIC)[0].rstrip() + "\n"
