"""Run real clients, unmodified and each in an environment of its own, against the fake.

An environment is made once, under `build/clients/`. A client of 2021 needs an interpreter of its time: give it by
`--python39 PATH` or have `python3.9` on the path.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "build" / "clients"
CLIENT = ROOT / "tests" / "vendor" / "ibmq_provider_0_14.py"
PINS = ("qiskit-ibmq-provider==0.14.0", "qiskit-terra==0.17.4", "websocket-client<1.9", "numpy<1.24", "urllib3<2")


def main() -> None:
    """Make the environment if it is not there, start the fake, run the client; its exit code is ours."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python39", default=shutil.which("python3.9"), help="an interpreter of Python 3.9")
    old_python = parser.parse_args().python39
    if old_python is None or subprocess.run([old_python, "-c", ""], check=False, capture_output=True).returncode:
        sys.exit("Python 3.9 is needed for the client of 2021: make test-clients PYTHON39=/path/to/python3.9")
    python = environment(old_python)
    serve = [str(Path(sys.executable).parent / "mock-runtime"), "serve", "--port", "0", "--polls", "4"]
    with subprocess.Popen([*serve, "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            url = server.stdout.readline().strip() if server.stdout else ""
            code = subprocess.run([python, "-W", "ignore", CLIENT, url], check=False, timeout=120).returncode
        finally:
            server.terminate()
    sys.exit(code)


def environment(interpreter: str) -> Path:
    """The interpreter of the client's environment, which is made if it is not there."""
    home = HOME / CLIENT.stem
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        print(f"installing {PINS[0]} into {home.relative_to(ROOT)} (once)", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([interpreter, "-m", "venv", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PINS], check=True)
        (home / "complete").touch()
    return python


if __name__ == "__main__":
    main()
