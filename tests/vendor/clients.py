"""The real clients that are run against the fake: which, in what environment, and by which ways in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent

WAYS: Final = {
    "proxy": "the proxy of `mock-runtime run`",
    "url": "a plain address, as `mock-runtime serve` shows",
}
"""How a client gets to the fake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client in an environment of its own, which holds exactly what `pins/<key>.txt` says.

    `package` is what it is called in the index, `label` in a narrow column; `suite` is the script that drives it and
    `ways` are those by which its users would come in. The client without pins is this project's own, which is where
    this project is.
    """

    key: str
    package: str
    label: str
    suite: str
    ways: tuple[str, ...] = ("proxy",)

    @property
    def pins(self) -> Path:
        """The file that says what its environment holds."""
        return HERE / "pins" / f"{self.key}.txt"

    @property
    def script(self) -> Path:
        """What drives it."""
        return HERE / "suites" / f"{self.suite}.py"

    def version_of(self, package: str) -> str | None:
        """The version of a package in its environment, None if that has no such thing."""
        if not self.pins.exists():
            return None
        wanted = _normal(package)
        for line in self.pins.read_text(encoding="utf-8").splitlines():
            name, _, version = line.partition("==")
            if _normal(name) == wanted:
                return version.strip()
        return None


def _normal(name: str) -> str:
    """A name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


NEWEST: Final = Client(
    key="qiskit-ibm-runtime-0.51",
    package="qiskit-ibm-runtime",
    label="0.51",
    suite="qiskit_runtime",
    ways=("proxy", "url"),
)
"""The one that the development environment holds as well."""

CLIENTS: Final = (
    NEWEST,
    *(
        Client(
            key=f"qiskit-ibm-runtime-{label}",
            package="qiskit-ibm-runtime",
            label=label,
            suite="qiskit_runtime",
            ways=("proxy", "url") if label == "0.34" else ("proxy",),
        )
        for label in ("0.47", "0.40", "0.34")
    ),
    Client(key="qrmi", package="qrmi", label="QRMI", suite="qrmi_suite", ways=("url", "proxy")),
    Client(key="pytket-qiskit", package="pytket-qiskit", label="pytket", suite="pytket_suite"),
    Client(key="pennylane-qiskit", package="PennyLane-qiskit", label="PennyLane", suite="pennylane_suite"),
    Client(key="runtime-client", package="runtime_client", label="own", suite="reference_suite"),
)
"""All that are run; the client of 2021 has a script of its own, and its own edition."""

CAPABILITIES: Final = {
    "service": "an account is found and its instances, with a token alone or with the CRN of an instance",
    "backends": "they are listed, filtered, and the least busy one is the one with the shortest queue",
    "target": "gates, couplings, errors and lengths; calibrations of now and of some days ago",
    "transpile": "circuits become what the device can do",
    "sampler": "a Bell pair, within statistics and the noise of the device, on 5 and on 156 qubits",
    "registers": "several classical registers, several circuits in a job, shots for each",
    "dynamic circuits": "a gate that depends on a measurement",
    "estimator": "`<ZZ>` and `<XX>` of a Bell pair close to 1, `<ZI>` to 0, `<YY>` to -1; sums of observables",
    "sweeps": "a parameter over a range, by sampler and estimator, with the shapes that result; gradients",
    "options": "shots, precision, longest time, tags, twirling and decoupling",
    "executor": "a quantum program, shot by shot",
    "executor primitives": "a sampler and an estimator that the client makes of quantum programs",
    "noise learner": "the noise of the layers of a circuit",
    "noise learner 3": "the noise of the boxes of a circuit",
    "dry run": "a rehearsal on a mock of the device",
    "job retrieval": "a job found again by its id, in another session of the client too",
    "filters": "jobs by tags, state, device, program and time; pages and order",
    "logs": "what a job printed, and why one failed",
    "metrics": "times and usage of a job; the calibration it ran with",
    "usage": "what a job and its instance are charged",
    "tags": "changed, taken away, refused",
    "private jobs": "results that can be read once",
    "cancel": "in the queue, at work, and too late",
    "delete": "a job is gone",
    "sessions": "opened, used, looked at, closed and cancelled",
    "batches": "opened and left; what was submitted runs to its end",
    "errors": "failed jobs, jobs that ran too long, what is not there, what is refused",
    "retries": "answers 502 and 504 in between",
    "task runner": "the command line of QRMI",
}
"""What is tried, and what each means, in the order of the table."""
