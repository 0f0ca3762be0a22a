"""PennyLane-qiskit, unmodified: its device `qiskit.remote` on a device of the service.

Run in an environment that holds that client and none of this project.
"""

import warnings

warnings.simplefilter("ignore")

import pennylane as qml
from pennylane import numpy as np
from pennylane_qiskit import qiskit_session
from qiskit_ibm_runtime import QiskitRuntimeService
from reporting import TOKEN, Suite, next_job, raises

NAME = "ibmq_manila"
SHOTS = 2000

suite = Suite()


class User:
    """A user at work: the service, and a device of it."""

    def __init__(self):
        self._service = None

    @property
    def service(self):
        """The service, connected once."""
        if self._service is None:
            self._service = QiskitRuntimeService(channel="ibm_quantum_platform", token=TOKEN)
        return self._service

    def device(self, wires=2):
        """A device of PennyLane's."""
        return qml.device("qiskit.remote", wires=wires, backend=self.service.backend(NAME))

    def node(self, body, device=None):
        """A node that runs on the device with so many shots."""
        return qml.set_shots(qml.QNode(body, device or self.device()), shots=SHOTS)


def bell():
    """A Bell pair."""
    qml.Hadamard(0)
    qml.CNOT([0, 1])


@suite.capability("service")
def _(user):
    assert user.service.backends()


@suite.capability("backends")
def _(user):
    assert user.service.backend(NAME).num_qubits == 5


@suite.capability("sampler")
def _(user):
    def counted():
        bell()
        return qml.counts()

    counts = user.node(counted)()
    assert sum(counts.values()) == SHOTS
    assert (counts.get("01", 0) + counts.get("10", 0)) / SHOTS < 0.15, counts


@suite.capability("estimator")
def _(user):
    def measured():
        bell()
        return qml.expval(qml.PauliZ(0) @ qml.PauliZ(1)), qml.expval(qml.PauliZ(0))

    zz, z = user.node(measured)()
    assert 0.8 < float(zz) <= 1.1 and abs(float(z)) < 0.15, (zz, z)


@suite.capability("sweeps")
def _(user):
    def turned(angle):
        qml.RX(angle, wires=0)
        return qml.expval(qml.PauliZ(0))

    slope = qml.grad(user.node(turned, user.device(1)))(np.array(np.pi / 2, requires_grad=True))
    assert abs(float(slope) + 1) < 0.25, slope


@suite.capability("sessions")
def _(user):
    def measured():
        bell()
        return qml.expval(qml.PauliZ(0) @ qml.PauliZ(1))

    device = user.device()
    with qiskit_session(device, max_time=300) as session:
        node = user.node(measured, device)
        assert all(float(node()) > 0.8 for _ in range(2))
    ids = user.service.jobs(session_id=session.session_id)
    assert len(ids) == 2, ids


@suite.capability("errors")
def _(user):
    def counted():
        bell()
        return qml.counts()

    next_job(outcome="failed", reason="ValueError: as ordered")
    assert "as ordered" in str(raises(Exception, user.node(counted)))


if __name__ == "__main__":
    suite.main(User())
