"""Run real clients, unmodified and each in an environment of its own, against the fake, and write what became of it.

Environments are made once, under `build/clients/`, from the pins in `tests/vendor/pins/`. They need Python 3.11: give
it by `--python PATH`, or have `python3.11` on the path. The client of 2021 needs an interpreter of its time: give it by
`--python39 PATH` or have `python3.9` on the path; without one it is left out.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.vendor.clients import CAPABILITIES, CLIENTS, Client
from tests.vendor.compatibility import Run, render, without_classic
from tests.vendor.environments import HOME, ROOT, CannotInstall, environment, is_there
from tests.vendor.harness import fake

PAGE = ROOT / "docs" / "compatibility.md"
CLASSIC = ROOT / "tests" / "vendor" / "ibmq_provider_0_14.py"
CLASSIC_PINS = (
    "qiskit-ibmq-provider==0.14.0",
    "qiskit-terra==0.17.4",
    "websocket-client<1.9",
    "numpy<1.24",
    "urllib3<2",
)
AT_ONCE = 2
LONGEST_S = 600


def main() -> None:
    """Make what environments are missing, run every client, write or check the page; 1 if anything failed."""
    arguments = _arguments()
    wanted = [client for client in CLIENTS if not arguments.clients or client.key in arguments.clients]
    unknown = set(arguments.clients) - {client.key for client in CLIENTS}
    if unknown:
        sys.exit(f"no such client: {', '.join(sorted(unknown))}; known are {', '.join(c.key for c in CLIENTS)}")
    pythons = _install(wanted, _interpreter(arguments.python, "python3.11") or sys.executable)
    with ThreadPoolExecutor(AT_ONCE) as executor:
        tasks = [(client, way) for client in wanted for way in client.ways]
        runs = list(executor.map(lambda task: _run(task[0], task[1], pythons[task[0].key]), tasks))
    old_python = _interpreter(arguments.python39, "python3.9")
    said = None if arguments.clients else _classic(old_python)
    failed = [run.head for run in runs if run.failed]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}; see above, and build/clients/*.log")
    if not arguments.clients:
        _page(render(runs, said), check=arguments.check, whole=said is not None)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("clients", nargs="*", help="run these alone, and leave the page as it is")
    parser.add_argument("--check", action="store_true", help="fail if the page is not what the runs say; do not write")
    parser.add_argument("--python", help="an interpreter of Python 3.11 for the clients of today")
    parser.add_argument("--python39", help="an interpreter of Python 3.9 for the client of 2021")
    return parser.parse_args()


def _interpreter(given: str | None, name: str) -> str | None:
    """The interpreter that was given, or the one of that name if it runs; None if there is none."""
    found = given or shutil.which(name)
    if found is None:
        return None
    done = subprocess.run(
        [found, "-c", "import sys; print(sys.executable)"], check=False, capture_output=True, text=True
    )
    if done.returncode and given:
        sys.exit(f"{given} does not run: {done.stderr.strip()}")
    return done.stdout.strip() or None


def _install(clients: Sequence[Client], interpreter: str) -> Mapping[str, Path]:
    missing = [client for client in clients if not is_there(client, interpreter)]
    if missing:
        print(
            f"installing {', '.join(client.key for client in missing)} into {HOME.relative_to(ROOT)} (once)", flush=True
        )

    def install(client: Client) -> tuple[str, Path]:
        made = environment(client, interpreter)
        if client in missing:
            print(f"  {client.key} is installed", flush=True)
        return client.key, made

    try:
        with ThreadPoolExecutor(AT_ONCE) as executor:
            return dict(executor.map(install, clients))
    except CannotInstall as error:
        sys.exit(f"an environment could not be made: {error}")


def _run(client: Client, way: str, python: Path) -> Run:
    """One client against a fake of its own."""
    name = f"{client.key}, {way}"
    print(f"  {name} begins", flush=True)
    code, told = _drive(client, way, python)
    outcomes = {one["capability"]: one["outcome"] for one in told}
    for one in told:
        if one["outcome"] == "failed":
            print(f"  {name}: {one['capability']} failed: {one['detail'][:500]}", flush=True)
    stray = outcomes.keys() - CAPABILITIES.keys()
    assert not stray, f"{client.script.name} has capabilities that the page does not describe: {stray}"
    seconds = sum(one["seconds"] for one in told)
    works = sum(outcome == "works" for outcome in outcomes.values())
    print(f"  {name}: {works} capabilities work, of {len(outcomes)} that were tried ({seconds:.0f} s)", flush=True)
    return Run(client=client, way=way, python=_version(python), outcomes=outcomes, ended=code == 0)


def _drive(client: Client, way: str, python: Path) -> tuple[int, list[dict[str, Any]]]:
    """The exit code of a client's suite, and what it told; its stderr goes to a file beside the environments."""
    log = HOME / f"{client.key}-{way}.log"
    with fake() as running, log.open("w", encoding="utf-8") as errors:
        try:
            process = subprocess.run(
                [python, client.script],
                env=running.environment(way),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                check=False,
                timeout=LONGEST_S,
            )
        except subprocess.TimeoutExpired:
            print(f"  {client.key}, {way}: was ended after {LONGEST_S} s", flush=True)
            return 1, []
    told = [json.loads(line) for line in process.stdout.splitlines() if line.startswith('{"capability"')]
    (HOME / f"{client.key}-{way}.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
    return process.returncode, told


def _version(python: Path) -> str:
    show = "import sys; print(f'{sys.version_info.major}.{sys.version_info.minor}')"
    return subprocess.run([python, "-c", show], check=True, capture_output=True, text=True).stdout.strip()


def _page(text: str, *, check: bool, whole: bool) -> None:
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    same = there == text if whole else without_classic(there) == without_classic(text)
    if check:
        if not same:
            sys.exit(f"{PAGE.relative_to(ROOT)} is not what the runs say: run make test-clients, and commit it")
    elif not whole and not same:
        sys.exit(f"{PAGE.relative_to(ROOT)} has changed; to write it, the client of 2021 has to be run as well")
    elif not same:
        PAGE.write_text(text, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}", flush=True)


def _classic(python39: str | None) -> str | None:
    """The client of 2021 against a fake of its edition: what it says in the end; None without an interpreter."""
    if python39 is None:
        print("  no Python 3.9 here: the client of 2021 was not run", flush=True)
        return None
    python = _classic_environment(python39)
    serve = [
        str(Path(sys.executable).parent / "mock-runtime"),
        "serve",
        "--edition",
        "2021",
        "--port",
        "0",
        "--polls",
        "4",
    ]
    with subprocess.Popen([*serve, "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            url = server.stdout.readline().strip() if server.stdout else ""
            done = subprocess.run(
                [python, "-W", "ignore", CLASSIC, url], check=False, timeout=120, stdout=subprocess.PIPE
            )
        finally:
            server.terminate()
    if done.returncode:
        sys.exit("failed: the client of 2021")
    print(f"  {done.stdout.decode().strip()}", flush=True)
    client, qiskit = (pin.replace("==", " ") for pin in CLASSIC_PINS[:2])
    return f"{client} with {qiskit}, on Python 3.9: everything but the stream works."


def _classic_environment(interpreter: str) -> Path:
    """The interpreter of the environment of 2021, which is made if it is not there."""
    home = HOME / CLASSIC.stem
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        print(f"installing {CLASSIC_PINS[0]} into {home.relative_to(ROOT)} (once)", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([interpreter, "-m", "venv", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *CLASSIC_PINS], check=True)
        (home / "complete").touch()
    return python


if __name__ == "__main__":
    main()
