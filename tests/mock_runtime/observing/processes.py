"""Python programs in processes of their own, where nothing is imported yet."""

from __future__ import annotations

import os
import subprocess
import sys


def fresh(code: str, **variables: str) -> str:
    """What a program writes to its stdout, with no variables of OpenTelemetry's but these."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    # The program sees what this one sees, wherever that was found.
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**environment, **variables},
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
