"""pytket-qiskit, unmodified: circuits of another compiler on devices of the service.

Run in an environment that holds that client and none of this project.
"""

import warnings

warnings.simplefilter("ignore")

from pytket.backends import StatusEnum
from pytket.circuit import Circuit
from pytket.extensions.qiskit import IBMQBackend
from reporting import Suite, next_job, raises, wait_until

NAME = "ibmq_manila"
SHOTS = 2000

suite = Suite()


class User:
    """A user at work: a device, connected once."""

    def __init__(self):
        self._backend = None

    @property
    def backend(self):
        """The device."""
        if self._backend is None:
            self._backend = IBMQBackend(NAME, monitor=False)
        return self._backend

    def bell(self):
        """A Bell pair for the device."""
        return self.backend.get_compiled_circuit(Circuit(2, 2).H(0).CX(0, 1).measure_all())


@suite.capability("service")
def _(user):
    assert user.backend.backend_info.device_name == NAME


@suite.capability("backends")
def _(user):
    devices = {info.device_name: info for info in IBMQBackend.available_devices()}
    assert {NAME, "ibm_fez"} <= set(devices)
    assert devices["ibm_fez"].n_nodes == 156


@suite.capability("target")
def _(user):
    info = user.backend.backend_info
    assert info.n_nodes == 5 and len(info.architecture.coupling) == 8
    assert all(0 <= error < 1 for error in info.averaged_node_gate_errors.values())


@suite.capability("transpile")
def _(user):
    assert user.backend.valid_circuit(user.bell())
    assert not user.backend.valid_circuit(Circuit(2).H(0).CX(0, 1))


@suite.capability("sampler")
def _(user):
    handle = user.backend.process_circuit(user.bell(), n_shots=SHOTS)
    counts = user.backend.get_result(handle).get_counts()
    assert sum(counts.values()) == SHOTS
    assert (counts[0, 1] + counts[1, 0]) / SHOTS < 0.15, counts
    assert user.backend.circuit_status(handle).status is StatusEnum.COMPLETED


@suite.capability("sweeps")
def _(user):
    circuits = [user.backend.get_compiled_circuit(Circuit(1, 1).Rx(half, 0).measure_all()) for half in (0, 0.5, 1)]
    handles = user.backend.process_circuits(circuits, n_shots=[500, 500, 500])
    ones = [user.backend.get_result(handle).get_counts()[1,] / 500 for handle in handles]
    assert ones[0] < 0.2 and 0.3 < ones[1] < 0.7 and ones[2] > 0.8, ones


@suite.capability("job retrieval")
def _(user):
    handle = user.backend.process_circuit(user.bell(), n_shots=SHOTS)
    user.backend.get_result(handle)
    other = IBMQBackend(NAME, monitor=False)
    assert sum(other.get_result(handle).get_counts().values()) == SHOTS


@suite.capability("cancel")
def _(user):
    next_job(outcome="stuck")
    handle = user.backend.process_circuit(user.bell(), n_shots=SHOTS)
    assert user.backend.circuit_status(handle).status is StatusEnum.QUEUED
    user.backend.cancel(handle)
    wait_until(lambda: user.backend.circuit_status(handle).status is StatusEnum.CANCELLED)


@suite.capability("errors")
def _(user):
    raises(Exception, lambda: IBMQBackend("ibm_nowhere", monitor=False))
    next_job(outcome="failed", reason="ValueError: as ordered")
    handle = user.backend.process_circuit(user.bell(), n_shots=SHOTS)
    wait_until(lambda: user.backend.circuit_status(handle).status is StatusEnum.ERROR)


if __name__ == "__main__":
    suite.main(User())
