"""Build the wheel, install it in empty environments away from the checkout, and do the main job of each from there.

The first environment holds the wheel alone, and after that its extra `proxy`; the second holds the extras `contract`
and `testing`, the third `qiskit`. The first time a package index is needed for what the wheel depends on; that is kept
under `build/`, so that a second run needs none.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "build" / "wheelhouse"
PACKAGES = {"mock_runtime", "runtime_client", "runtime_contracts"}
DOCUMENTS = ("legacy-2021.yaml", "platform.yaml", "platform.overlay.yaml")
OPTIONS = ("-qq", "--disable-pip-version-check", "--constraint", ROOT / "constraints.txt", "--find-links", HOUSE)
BASE_MB = 60


def main() -> None:
    """Do all of it; a failing command or a wheel with the wrong contents ends it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--without-qiskit", action="store_true", help="leave out the large environment")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        elsewhere = Path(name)
        with timed("the wheel"):
            wheel = build(elsewhere)
            check_contents(wheel)
        shutil.copytree(ROOT / "scripts" / "installed", elsewhere, dirs_exist_ok=True)
        with timed("the base install and the extra proxy"):
            without_qiskit(wheel, elsewhere)
        with timed("the extras contract and testing"):
            with_contract(wheel, elsewhere)
        if not arguments.without_qiskit:
            with timed("the extra qiskit"):
                with_qiskit(wheel, elsewhere)


def without_qiskit(wheel: Path, elsewhere: Path) -> None:
    """What the base install can do, and then what the extra `proxy` adds."""
    fill_house(f"{wheel}[proxy]", "pytest>=8.4")
    python = environment(elsewhere / "base", wheel)
    check_size(python)
    run(python, "walkthrough.py", cwd=elsewhere)
    run(python, "today.py", cwd=elsewhere)
    run(python, "control.py", cwd=elsewhere)
    run(python, "-m", "mock_runtime", "demo", "--interval", "0", cwd=elsewhere, quiet=True)
    pip(python, "install", "--no-index", "pytest>=8.4")
    run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_fixtures.py", cwd=elsewhere)
    pip(python, "install", "--no-index", f"{wheel}[proxy]")
    run(python, "-m", "mock_runtime", "run", "--quiet", "--", python, "plain_http.py", cwd=elsewhere)
    if shutil.which("curl"):
        curl = ("curl", "--silent", "--fail", "--output", os.devnull, "https://quantum.cloud.ibm.com/api/v1/versions")
        run(python, "-m", "mock_runtime", "run", "--quiet", "--", *curl, cwd=elsewhere)


def with_contract(wheel: Path, elsewhere: Path) -> None:
    """Servers, clients, recordings and documents are held to the contract without the checkout."""
    extras = f"{wheel}[contract,testing]"
    fill_house(extras)
    python = environment(elsewhere / "contract", extras)
    run(python, "contract.py", cwd=elsewhere)


def with_qiskit(wheel: Path, elsewhere: Path) -> None:
    """What the README promises: the extra `qiskit` is all that a script with IBM's client needs."""
    fill_house(f"{wheel}[qiskit]")
    python = environment(elsewhere / "qiskit", f"{wheel}[qiskit]")
    run(python, "-m", "mock_runtime", "run", "--", python, "unmodified.py", cwd=elsewhere)


def build(folder: Path) -> Path:
    """The wheel, built from the checkout."""
    run(sys.executable, *("-m", "build", "--wheel", "--no-isolation", "--outdir"), folder, ROOT, cwd=ROOT, quiet=True)
    return next(folder.glob("*.whl"))


def check_contents(wheel: Path) -> None:
    """The wheel adds our three packages and nothing else, with the documents and what is made of them inside."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {top for top in (name.split("/")[0] for name in names) if not top.endswith(".dist-info")}
    if tops != PACKAGES:
        sys.exit(f"the wheel holds {sorted(tops)}, it should hold {sorted(PACKAGES)}")
    wanted = {
        *(f"runtime_contracts/openapi/{document}" for document in DOCUMENTS),
        *(f"{package}/py.typed" for package in PACKAGES),
        "mock_runtime/editions/platform/bodies.json",
        "mock_runtime/faults/fault.schema.json",
        "mock_runtime/worlds/world.schema.json",
        "mock_runtime/control/openapi.yaml",
        *(f"mock_runtime/control/page/{file.name}" for file in (ROOT / "mock_runtime" / "control" / "page").iterdir()),
    }
    if missing := wanted.difference(names):
        sys.exit(f"the wheel does not hold {', '.join(sorted(missing))}")


def check_size(python: Path) -> None:
    """The base install is small, beside what every environment has."""
    packages = next((python.parents[1] / "lib").glob("python*/site-packages"))
    sizes = {
        folder.name: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for folder in packages.iterdir()
        if folder.is_dir() and not folder.name.startswith(("pip", "setuptools"))
    }
    total = sum(sizes.values()) / 1e6
    largest = sorted(sizes, key=lambda name: sizes[name], reverse=True)[:4]
    told = ", ".join(f"{name} {sizes[name] / 1e6:.1f}" for name in largest)
    print(f"the base install takes {total:.0f} MB ({told})", flush=True)
    if total > BASE_MB:
        sys.exit(f"that is more than {BASE_MB} MB")


def fill_house(*wanted: str) -> None:
    """Have what is wanted, and all that it needs, in a folder: from there if it can be, else from an index."""
    HOUSE.mkdir(parents=True, exist_ok=True)
    for stale in HOUSE.glob("mock_runtime-*.whl"):
        stale.unlink()
    download = ("--dest", HOUSE, "--only-binary", ":all:", *wanted)
    if pip(sys.executable, "download", *download, "--no-index", check=False):
        pip(sys.executable, "download", *download)


def environment(folder: Path, *wanted: object) -> Path:
    """An empty environment with what is wanted, and all that it needs; the interpreter in it."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip(python, "install", "--no-index", *wanted)
    return python


def pip(python: object, command: str, *arguments: object, check: bool = True) -> int:
    """Call the pip of an environment; its exit code."""
    line = [python, "-m", "pip", command, *OPTIONS, *arguments]
    done = subprocess.run([str(part) for part in line], cwd=ROOT, check=check, capture_output=not check)
    return done.returncode


def run(*command: object, cwd: Path, quiet: bool = False) -> None:
    """Run a command without the checkout's variables, in a home of its own; its failure is ours."""
    ours = ("PYTHON", "COVERAGE", "MOCK_RUNTIME", "QISKIT_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    output = subprocess.DEVNULL if quiet else None
    subprocess.run([str(part) for part in command], cwd=cwd, env=kept | {"HOME": str(cwd)}, check=True, stdout=output)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Tell how long something took."""
    begun = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
