"""The command: which suites run, in which order, and where their rows go."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks import cold_start, fixture, plugin, pollers, request, round_trip, throughput, today
from benchmarks.load import UnexpectedAnswer
from benchmarks.measuring import Row, as_json, as_report, progress
from benchmarks.processes import ProcessFailed

SUITES: Final[Mapping[str, Callable[[bool], list[Row]]]] = {
    "throughput": throughput.measure,
    "today": today.measure,
    "round-trip": round_trip.measure,
    "cold-start": cold_start.measure,
    "request": request.measure,
    "fixture": fixture.measure,
    "plugin": plugin.measure,
    "pollers": pollers.measure,
}
"""What can be measured. Each function is told whether to be quick, and returns its rows."""


def main() -> int:
    """Measure, then print the tables; the exit code is 1 if an answer was not what it has to be."""
    arguments = _arguments()
    # What was started is ended in `finally` blocks, which a plain SIGTERM would pass over.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    rows: list[Row] = []
    try:
        with _bytecode_kept():
            for name in dict.fromkeys(arguments.only or SUITES):
                rows += SUITES[name](arguments.quick)
    except KeyboardInterrupt:
        progress("\nstopped\n")
        return 128 + signal.SIGINT
    except (ProcessFailed, UnexpectedAnswer) as error:
        progress(f"\n{error}\n")
        return 1
    print(as_report(rows))
    if arguments.json is not None:
        arguments.json.write_text(as_json(rows, machine=_machine()), encoding="utf-8")
    return 0


@contextmanager
def _bytecode_kept() -> Generator[None, None, None]:
    """Let every process find the bytecode of the one before it, wherever Python may write and whatever it is told.

    Else a checkout that nothing was run from, or an environment that forbids bytecode, has our modules compiled at
    each start while those of Flask were compiled when it was installed.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        yield


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run.py",
        description="Measure mock-runtime against its bare counterparts, alternately and as ratios.",
    )
    parser.add_argument("--only", action="append", choices=SUITES, metavar="NAME", help=f"one of: {', '.join(SUITES)}")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, to see that everything works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single measurement there, too")
    return parser.parse_args()


def _machine() -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "cpus": os.cpu_count(),
        "versions": {name: version(name) for name in ("mock-runtime", "flask", "werkzeug", "uvicorn", "pytest")},
    }


if __name__ == "__main__":
    sys.exit(main())
