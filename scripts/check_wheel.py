"""Build the wheel, install it alone in an empty environment away from the checkout, and do the main job from there.

The first time it needs a package index for what the wheel depends on; that is kept under `build/`, so that a second
run needs none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "build" / "wheelhouse"
PACKAGES = {"mock_runtime", "runtime_client", "runtime_contracts"}
OPTIONS = ("--quiet", "--disable-pip-version-check", "--constraint", ROOT / "constraints.txt", "--find-links", HOUSE)


def main() -> None:
    """Do all of it; a failing command or a wheel with the wrong contents ends it."""
    with tempfile.TemporaryDirectory() as name:
        elsewhere = Path(name)
        wheel = build(elsewhere)
        check_contents(wheel)
        python = install(wheel, elsewhere / "env")
        shutil.copytree(ROOT / "scripts" / "installed", elsewhere, dirs_exist_ok=True)
        run(python, "walkthrough.py", cwd=elsewhere)
        run(python, "-m", "mock_runtime", "demo", "--interval", "0", cwd=elsewhere, quiet=True)
        pip(python, "install", "--no-index", "pytest>=8.4")
        run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_fixtures.py", cwd=elsewhere)


def build(folder: Path) -> Path:
    """The wheel, built from the checkout."""
    run(sys.executable, *("-m", "build", "--wheel", "--no-isolation", "--outdir"), folder, ROOT, cwd=ROOT, quiet=True)
    return next(folder.glob("*.whl"))


def check_contents(wheel: Path) -> None:
    """The wheel adds our three packages and nothing else, with the documents inside."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {top for top in (name.split("/")[0] for name in names) if not top.endswith(".dist-info")}
    if tops != PACKAGES:
        sys.exit(f"the wheel holds {sorted(tops)}, it should hold {sorted(PACKAGES)}")
    if "runtime_contracts/openapi/legacy-2021.yaml" not in names:
        sys.exit("the wheel does not hold the documents")


def install(wheel: Path, folder: Path) -> Path:
    """An empty environment with the wheel and what it depends on; the interpreter in it."""
    HOUSE.mkdir(parents=True, exist_ok=True)
    for stale in HOUSE.glob("mock_runtime-*.whl"):
        stale.unlink()
    wanted = ("download", "--dest", HOUSE, wheel, "pytest>=8.4")
    if pip(sys.executable, *wanted, "--no-index", check=False):
        pip(sys.executable, *wanted)
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip(python, "install", "--no-index", wheel)
    return python


def pip(python: object, command: str, *arguments: object, check: bool = True) -> int:
    """Call the pip of an environment; its exit code."""
    line = [python, "-m", "pip", command, *OPTIONS, *arguments]
    done = subprocess.run([str(part) for part in line], cwd=ROOT, check=check, capture_output=not check)
    return done.returncode


def run(*command: object, cwd: Path, quiet: bool = False) -> None:
    """Run a command without the checkout's variables; its failure is ours."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COVERAGE"))}
    output = subprocess.DEVNULL if quiet else None
    subprocess.run([str(part) for part in command], cwd=cwd, env=ours, check=True, stdout=output)


if __name__ == "__main__":
    main()
