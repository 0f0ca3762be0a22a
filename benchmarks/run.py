"""Run the benchmarks: `python benchmarks/run.py --help`, or `python -m benchmarks` from the root of the checkout."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    # A script finds its own folder on the path; the package is one above it.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    runpy.run_module("benchmarks", run_name="__main__", alter_sys=True)
