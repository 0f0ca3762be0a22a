"""Steps to repeat: a sequence of requests as lines for bash or zsh, fit for a server that has never seen them.

Ids that a server makes up are new each time, so the lines carry them on in variables of the shell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime_contracts.reproducing import curl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runtime_contracts.reproducing import BodyFiles

# What tells one caller from another, in any edition.
_OF_A_CALLER = ("Authorization", "X-Access-Token", "Service-CRN")
_ID = r"""sed -n 's/.*"id" *: *"\([^"]*\)".*/\1/p'"""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a run, and what its answer means for the requests after it.

    Attributes:
        number: its place in the run.
        status: of the answer; None as long as there is none.
        said: a number that two equal answers have in common.
        made: the kind of variable and the id, if the request has made something.
        slept_s: how long the run had waited in all, in seconds of real time.
        moved: how often the run had moved the server's clock.
    """

    number: int
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int | None = None
    said: int = 0
    made: tuple[str, str] | None = None
    slept_s: float = 0.0
    moved: int = 0


def script(steps: Iterable[Step], names: Mapping[str, str], files: BodyFiles | None) -> list[str]:
    """Return the lines that repeat `steps`; `names` has the variables for credentials.

    Left out are calls that changed nothing, being GET or refused, if they came from another caller than the last one
    or got the answer that the same call had got before. What stays of waiting is one line for each stretch of time.
    """
    chosen = _essential(sorted({step.number: step for step in steps}.values(), key=lambda step: step.number))
    known, assigned = dict(names), set[str]()
    lines: list[str] = []
    for index, step in enumerate(chosen):
        if index:
            lines += _waiting(chosen[index - 1], step)
        variable = _variable(step, chosen[index + 1 :], assigned)
        line = curl(step.method, step.url, headers=step.headers, body=step.body, files=files, names=known)
        if variable is not None and step.made is not None:
            known[step.made[1]] = variable
            assigned.add(variable)
            line = f"{variable}=$({line.replace('curl -i ', 'curl -s ', 1)} | {_ID})"
        lines.append(line)
    return lines


def _essential(steps: list[Step]) -> list[Step]:
    """Leave out what the last call, to which everything leads, does not need."""
    met: set[tuple[object, ...]] = set()
    chosen = []
    for step in steps:
        harmless = step.method == "GET" or (step.status is not None and step.status >= 400)
        call = (step.method, step.url, tuple(step.headers.items()), step.body, step.status, step.said)
        needed = call not in met and _credentials(step) == _credentials(steps[-1])
        if not harmless or needed or step is steps[-1]:
            chosen.append(step)
        met.add(call)
    return chosen


def _credentials(step: Step) -> tuple[str | None, ...]:
    return tuple(step.headers.get(name) for name in _OF_A_CALLER)


def _waiting(before: Step, after: Step) -> list[str]:
    if after.slept_s > before.slept_s:
        return [f"sleep {math.ceil(after.slept_s - before.slept_s)}"]
    if after.moved > before.moved:
        return [f"# here the server's clock was moved {after.moved - before.moved}x"]
    return []


def _variable(step: Step, later: list[Step], taken: set[str]) -> str | None:
    """Return the name of the variable for what a step has made, if a later step has a use for it."""
    if step.made is None:
        return None
    kind, made = step.made
    if not any(_uses(other, made) for other in later):
        return None
    numbered = (kind if number == 1 else f"{kind}_{number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


def _uses(step: Step, made: str) -> bool:
    in_header = any(value.endswith(made) for value in step.headers.values())
    return in_header or made in step.url.partition("?")[0].split("/") or f'"{made}"'.encode() in step.body
