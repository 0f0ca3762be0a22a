"""QRMI, the resource interface that batch systems use, unmodified: its client in Rust and its primitives in Python.

Run in an environment that holds that client and none of this project.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

from qiskit import QuantumCircuit, qasm3
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qrmi import Payload, QrmiError, QuantumResource, ResourceProvider, ResourceStatusCode, ResourceType, TaskStatus
from qrmi.primitives.ibm import EstimatorV2, SamplerV2, get_backend, get_target
from reporting import CRN, ORIGIN, TOKEN, WAY, Suite, next_job, raises, wait_until

NAME, PAUSED = "ibmq_manila", "ibm_osaka"
KIND = ResourceType.IBMQuantumComputeService
SHOTS = 2000
SETTINGS = {
    "QRMI_IBM_QCS_ENDPOINT": f"{ORIGIN}/api/v1" if WAY == "url" else "https://quantum.cloud.ibm.com/api/v1",
    "QRMI_IBM_QCS_IAM_ENDPOINT": ORIGIN if WAY == "url" else "https://iam.cloud.ibm.com",
    "QRMI_IBM_QCS_IAM_APIKEY": TOKEN,
    "QRMI_IBM_QCS_SERVICE_CRN": CRN,
    "QRMI_IBM_QCS_SESSION_MODE": "dedicated",
    "QRMI_IBM_QCS_SESSION_MAX_TTL": "600",
}

suite = Suite()


def for_resource(name):
    """The settings of one device, as a batch system puts them into the environment of a job."""
    return {f"{name}_{key}": value for key, value in SETTINGS.items()}


class User:
    """A user at work: a device, and the session on it."""

    def __init__(self):
        for name in (NAME, PAUSED):
            os.environ.update(for_resource(name))
        self.resource = QuantumResource(NAME, KIND)
        self.acquired = None

    def acquire(self):
        """The device with a session, opened once."""
        if self.acquired is None:
            self.acquired = self.resource.acquire()
            os.environ[f"{NAME}_QRMI_IBM_QCS_SESSION_ID"] = self.acquired
            os.environ[f"{NAME}_QRMI_JOB_ACQUISITION_TOKEN"] = self.acquired
        return self.resource

    def bell(self, measured=True):
        """A Bell pair for the device."""
        circuit = QuantumCircuit(2)
        circuit.h(0)
        circuit.cx(0, 1)
        if measured:
            circuit.measure_all()
        backend = get_backend(self.resource)
        return generate_preset_pass_manager(optimization_level=1, backend=backend, seed_transpiler=7).run(circuit)

    def submit(self, **plan):
        """A task with a Bell pair as text, whose life the plan says."""
        if plan:
            next_job(**plan)
        pub = [qasm3.dumps(self.bell(), disable_constants=True, allow_aliasing=True), None, SHOTS]
        asked = {"pubs": [pub], "version": 2, "support_qiskit": False, "options": {}}
        return self.acquire().task_start(Payload.QiskitPrimitive(input=json.dumps(asked), program_id="sampler"))


@suite.capability("service")
def _(user):
    assert user.resource.is_accessible()
    assert user.resource.resource_id() == NAME
    assert user.resource.metadata()["backend_name"] == NAME


@suite.capability("backends")
def _(user):
    provider = ResourceProvider(KIND, dict(SETTINGS))
    names = {resource.resource_id() for resource in provider.resources()}
    assert NAME in names, names
    assert provider.least_busy() is not None
    status = user.resource.status()
    assert status.status == ResourceStatusCode.Online, status.to_dict()
    assert QuantumResource(PAUSED, KIND).status().status != ResourceStatusCode.Online


@suite.capability("target")
def _(user):
    described = json.loads(user.resource.target().value)
    assert described["configuration"]["backend_name"] == described["properties"]["backend_name"] == NAME
    assert get_target(user.resource).num_qubits == 5


@suite.capability("transpile")
def _(user):
    assert {"h"}.isdisjoint(user.bell().count_ops())


@suite.capability("sampler")
def _(user):
    job = SamplerV2(user.acquire()).run([(user.bell(), None, SHOTS)])
    counts = job.result()[0].data.meas.get_counts()
    assert sum(counts.values()) == SHOTS
    assert (counts.get("01", 0) + counts.get("10", 0)) / SHOTS < 0.15, counts
    task = user.submit()
    wait_until(lambda: user.resource.task_status(task) == TaskStatus.Completed)
    samples = json.loads(user.resource.task_result(task).value)["results"][0]["data"]["meas"]
    assert samples["num_bits"] == 2 and len(samples["samples"]) == SHOTS
    equal = sum(int(sample, 16) in {0, 3} for sample in samples["samples"]) / SHOTS
    assert equal > 0.85, equal


@suite.capability("estimator")
def _(user):
    circuit = user.bell(measured=False)
    observable = SparsePauliOp("ZZ").apply_layout(circuit.layout)
    result = EstimatorV2(user.acquire()).run([(circuit, observable)]).result()
    assert 0.8 < float(result[0].data.evs) <= 1.1, result


@suite.capability("logs")
def _(user):
    task = user.submit()
    wait_until(lambda: user.resource.task_status(task) == TaskStatus.Completed)
    assert user.resource.task_logs(task)


@suite.capability("cancel")
def _(user):
    task = user.submit(outcome="stuck")
    assert user.resource.task_status(task) == TaskStatus.Queued
    user.resource.task_stop(task)
    wait_until(lambda: user.resource.task_status(task) == TaskStatus.Cancelled)


@suite.capability("errors")
def _(user):
    task = user.submit(outcome="failed", reason="ValueError: as ordered")
    wait_until(lambda: user.resource.task_status(task) == TaskStatus.Failed)
    raises(QrmiError, lambda: user.resource.task_status("nothing-like-it"))
    raises(
        (QrmiError, RuntimeError), lambda: user.resource.task_start(Payload.QiskitPrimitive("{}", "no-such-program"))
    )
    assert not _accessible("ibm_nowhere")


def _accessible(name):
    os.environ.update(for_resource(name))
    try:
        return QuantumResource(name, KIND).is_accessible()
    except QrmiError:
        return False


@suite.capability("task runner")
def _(user):
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder, "task.json"), Path(folder, "result.json")
        pub = [qasm3.dumps(user.bell(), disable_constants=True), None, 100]
        task = {"parameters": {"pubs": [pub], "version": 2, "support_qiskit": False}, "program_id": "sampler"}
        asked.write_text(json.dumps(task))
        user.acquire()
        own = {"QRMI_JOB_QPU_RESOURCES": NAME, "QRMI_JOB_QPU_TYPES": "ibm-quantum-compute-service"}
        command = [str(Path(sys.executable).with_name("qrmi_task_runner")), NAME, str(asked), str(answered)]
        if not Path(command[0]).exists():
            command[0] = str(Path(sys.executable).with_name("task_runner"))
        done = subprocess.run(
            command, env={**os.environ, **own}, capture_output=True, check=False, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(answered.read_text())["results"]


@suite.capability("sessions")
def _(user):
    user.acquire()
    task = user.submit(outcome="stuck")
    # To give a device back cancels what still waits there, and closes the session.
    user.resource.release(user.acquired)
    wait_until(lambda: user.resource.task_status(task) == TaskStatus.Cancelled)


if __name__ == "__main__":
    suite.main(User())
