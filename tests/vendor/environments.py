"""Environments of the clients: made from the index once, and again when their pins change."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.vendor.clients import Client

ROOT: Final = Path(__file__).resolve().parents[2]
HOME: Final = ROOT / "build" / "clients"
_STAMP: Final = "complete"


class CannotInstall(Exception):
    """An environment could not be made. `str()` is what pip said last."""


def environment(client: Client, interpreter: str) -> Path:
    """The interpreter of a client's environment, which is made if it is not there; CannotInstall."""
    if not client.pins.exists():
        return Path(sys.executable)
    home = HOME / client.key
    python = home / "bin" / "python"
    stamp, made = _identity(client, interpreter), home / _STAMP
    if made.exists() and made.read_text(encoding="utf-8") == stamp:
        return python
    shutil.rmtree(home, ignore_errors=True)
    _run([interpreter, "-m", "venv", str(home)])
    # The pins are complete, so there is nothing to resolve.
    _run(
        [str(python), "-m", "pip", "install", "-q", "--no-deps", "--disable-pip-version-check", "-r", str(client.pins)]
    )
    made.write_text(stamp, encoding="utf-8")
    return python


def is_there(client: Client, interpreter: str) -> bool:
    """Whether its environment is there already."""
    made = HOME / client.key / _STAMP
    if not client.pins.exists():
        return True
    return made.exists() and made.read_text(encoding="utf-8") == _identity(client, interpreter)


def _identity(client: Client, interpreter: str) -> str:
    return hashlib.sha256(client.pins.read_bytes() + interpreter.encode()).hexdigest()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotInstall(f"{' '.join(command[:6])}: {done.stderr.strip()[-2000:]}")
