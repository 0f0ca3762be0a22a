"""Give real clients odd but right answers, call by call, and hold what becomes of it to the list of what is known.

Without options each finding of the list is made again, with one call each, and `docs/compatibility-answers.md` is
written. With --explore every call of a client meets every designed case of its operation, which takes a while; what is
not on the list is printed. With --call and --case one call is made, and what came of it is printed:

    python scripts/fuzz_clients.py qiskit-ibm-runtime-0.51 --call jobs --case 289

The environments are those of `scripts/check_clients.py`, which makes them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.vendor.environments import HOME, ROOT
from tests.vendor.odd_answers import (
    DRIVEN,
    FINDINGS,
    SEED,
    Driven,
    OddFinding,
    Stage,
    Told,
    Worker,
    number_of,
    page,
    stage,
)

PAGE = ROOT / "docs" / "compatibility-answers.md"


def main() -> None:
    """Make the calls that are asked for; 1 if what came of them is not what is known."""
    arguments = _arguments()
    known = {driven.key: driven for driven in DRIVEN}
    unknown = [key for key in arguments.clients if key not in known]
    if unknown:
        sys.exit(f"no such client: {', '.join(unknown)}; known are {', '.join(known)}")
    wanted = [driven for driven in DRIVEN if not arguments.clients or driven.key in arguments.clients]
    missing = [driven.key for driven in wanted if not _python(driven).exists()]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; `make test-clients` does that")
    surprises = []
    with stage(arguments.seed) as here:
        for driven in wanted:
            if arguments.call and not arguments.explore:
                _one(here, driven, arguments.call, arguments.case)
            elif arguments.explore:
                surprises += list(_explored(here, driven, arguments.call, arguments.step))
            else:
                surprises += list(_repeated(here, driven))
    for line in surprises:
        print(line, flush=True)
    if surprises:
        sys.exit(1)
    if not (arguments.call or arguments.explore or arguments.clients):
        PAGE.write_text(page(), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clients", nargs="*", help="these alone, by the names of their environments")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--call", help="make this call, and nothing else; with --explore: this call only")
    parser.add_argument("--case", type=int, default=0, help="with --call: the number of the case")
    parser.add_argument("--explore", action="store_true", help="give every call every designed case")
    parser.add_argument("--step", type=int, default=1, help="with --explore: only each so many")
    return parser.parse_args()


def _python(driven: Driven) -> Path:
    return HOME / driven.key / "bin" / "python"


def _one(here: Stage, driven: Driven, call: str, case: int) -> None:
    if call not in driven.calls:
        sys.exit(f"{driven.key} has no call {call!r}; known are {', '.join(driven.calls)}")
    worker = here.start(driven, _python(driven))
    told = here.asked(worker, driven.calls[call], call, case)
    worker.end()
    print(f"{driven.key}: {call}, case {case}: {told.outcome}: {told.error} {told.place}".rstrip(), flush=True)


def _repeated(here: Stage, driven: Driven) -> Iterator[str]:
    """Make each finding of a client again; yield those that are not so any more."""
    findings = [finding for finding in FINDINGS if finding.client == driven.key]
    if not findings:
        return
    worker = here.start(driven, _python(driven))
    for finding in findings:
        operation = driven.calls[finding.call]
        told = here.asked(worker, operation, finding.call, number_of(operation, finding.case))
        print(f"  {driven.key}: {finding.call}: {finding.case}: {told.outcome}: {told.error[:80]}", flush=True)
        if not _is(told, finding):
            yield f"not so any more: {driven.key}: {finding.call}: {finding.case}: {told.outcome}: {told.error}"
        worker = _still_there(here, driven, worker, told)
    worker.end()


def _explored(here: Stage, driven: Driven, only: str | None, step: int) -> Iterator[str]:
    """Give each call every designed case of success; yield what is on no list, each kind of it once."""
    known = [finding for finding in FINDINGS if finding.client == driven.key]
    worker = here.start(driven, _python(driven))
    for call, operation in driven.calls.items():
        if only not in {None, call}:
            continue
        seen: set[tuple[str, ...]] = {finding_kind(finding) for finding in known if finding.call == call}
        cases = here.cases_of_success(operation)[::step]
        for number, name in cases:
            told = here.asked(worker, operation, call, number)
            kind = (told.outcome, told.error[:24])
            if told.outcome != "returned" and kind not in seen:
                seen.add(kind)
                yield f"{driven.key}: {call}, case {number} ({name}): {told.outcome}: {told.error} {told.place}"
            worker = _still_there(here, driven, worker, told)
        print(f"  {driven.key}: {call}: {len(cases)} cases", flush=True)
    worker.end()


def finding_kind(finding: OddFinding) -> tuple[str, ...]:
    """What two errors have in common that are the same defect."""
    return finding.outcome, finding.error[:24]


def _still_there(here: Stage, driven: Driven, worker: Worker, told: Told) -> Worker:
    if told.outcome != "endless" and worker.process.poll() is None:
        return worker
    worker.end()
    return here.start(driven, _python(driven))


def _is(told: Told, finding: OddFinding) -> bool:
    return told.outcome == finding.outcome and told.error.startswith(finding.error)


if __name__ == "__main__":
    main()
