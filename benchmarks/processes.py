"""Starting servers and commands as processes of their own, and ending them whatever happens."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BARE: Final = str(Path(__file__).with_name("bare.py"))
_FOREIGN: Final = ("MOCK_RUNTIME", "PYTEST", "FLASK", "WERKZEUG", "COVERAGE")
_PATIENCE_S: Final = 60.0


class ProcessFailed(Exception):
    """A process did not do what it was started for. `str()` is its command line and what happened."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs as another process: its base URL, and the id of the process."""

    url: str
    pid: int


def fake(*flags: str, edition: str = "2021") -> list[str]:
    """The command line of `mock-runtime serve` on a free port; the bare counterpart is of the API of 2021."""
    script = shutil.which("mock-runtime", path=str(Path(sys.executable).parent))
    command = [script] if script else [sys.executable, "-m", "mock_runtime"]
    return [*command, "serve", "--edition", edition, "--port", "0", *flags]


def bare(mode: str, *arguments: str) -> list[str]:
    """The command line of the bare counterpart."""
    return [sys.executable, _BARE, mode, *arguments]


@contextmanager
def running(command: Sequence[str], *, says: str = "http://") -> Generator[Server, None, None]:
    """A server, from the line on stdout with its base URL until the end of the block; ProcessFailed.

    Of what is no server, `says` is how its first line begins.

    What it writes to stderr goes nowhere, so that a request log costs what writing it costs.
    """
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    )
    try:
        yield Server(_first_line(process, command, says), process.pid)
    finally:
        _end(process)


@contextmanager
def started(command: Sequence[str], *, cwd: Path | None = None) -> Generator[int, None, None]:
    """The id of a process that says nothing of use, until the end of the block. It and its children are ended."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        cwd=cwd,
        start_new_session=True,
    )
    try:
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        _end(process)


def free_port() -> int:
    """A port that nobody listens on now, for those that do not look for one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def finished(command: Sequence[str], *, cwd: Path | None = None, variables: Mapping[str, str] | None = None) -> str:
    """What a command writes to stdout, when it has succeeded; ProcessFailed."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment() | dict(variables or {}),
        check=False,
    )
    if done.returncode:
        raise ProcessFailed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def environment() -> dict[str, str]:
    """The environment without what would change how a subject behaves."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}


def threads_of(pid: int) -> int | None:
    """How many threads a process has now; None where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads:")), None)


def _first_line(process: subprocess.Popen[bytes], command: Sequence[str], says: str) -> str:
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], _PATIENCE_S)[0]:
        raise ProcessFailed(f"{' '.join(command)}: said nothing for {_PATIENCE_S:.0f} s")
    line = process.stdout.readline().decode().strip()
    if not line.startswith(says):
        raise ProcessFailed(f"{' '.join(command)}: printed {line!r} instead of {says}...")
    return line


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
