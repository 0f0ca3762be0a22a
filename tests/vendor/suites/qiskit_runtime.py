"""qiskit-ibm-runtime, unmodified, from release 0.34 on: what its users do with the service.

Run in an environment that holds that client and none of this project. What a release does not have, it says.
"""

import warnings
from datetime import datetime, timedelta, UTC
from importlib.metadata import version

warnings.simplefilter("ignore")

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import Batch, EstimatorV2, QiskitRuntimeService, SamplerV2, Session
from qiskit_ibm_runtime.exceptions import (
    IBMInputValueError,
    IBMNotAuthorizedError,
    IBMRuntimeError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
    RuntimeJobNotFound,
)
from reporting import CRN, ORIGIN, TOKEN, WAY, NotOffered, Suite, next_job, outage, outages_left, raises, wait_until

RELEASE = tuple(int(part) for part in version("qiskit-ibm-runtime").split(".")[:2])
SMALL, LARGE = "ibmq_manila", "ibm_fez"
SHOTS = 4096

suite = Suite()


def connect(**changes):
    """The service, in the way that users of this release write it."""
    chosen = {"token": TOKEN}
    if RELEASE < (0, 40):
        chosen.update(channel="ibm_cloud", instance=CRN)
        if WAY == "url":
            chosen["url"] = f"{ORIGIN}/experimental"
    elif RELEASE < (0, 41):
        chosen.update(channel="ibm_quantum_platform", instance=CRN)
    elif WAY == "url":
        # The address comes from the environment, which the client reads only if the code gives no token.
        chosen = {}
    else:
        chosen["channel"] = "ibm_quantum_platform"
    return QiskitRuntimeService(**{**chosen, **changes})


class User:
    """A user at work: the service, and what was made with it so far."""

    def __init__(self):
        self._service = None
        self._circuits = {}

    @property
    def service(self):
        """The service, connected once."""
        if self._service is None:
            self._service = connect()
        return self._service

    def backend(self, name=SMALL):
        """A device."""
        return self.service.backend(name)

    def transpiled(self, circuit, name=SMALL):
        """A circuit for a device."""
        return generate_preset_pass_manager(optimization_level=1, backend=self.backend(name), seed_transpiler=7).run(
            circuit
        )

    def bell(self, name=SMALL):
        """A Bell pair with its measurement, for a device; made once."""
        if name not in self._circuits:
            circuit = QuantumCircuit(2)
            circuit.h(0)
            circuit.cx(0, 1)
            circuit.measure_all()
            self._circuits[name] = self.transpiled(circuit, name)
        return self._circuits[name]

    def submit(self, mode=None, **plan):
        """A job with a Bell pair, whose life the plan says."""
        if plan:
            next_job(**plan)
        return SamplerV2(mode=mode or self.backend()).run([self.bell()])


def is_a_bell_pair(counts, shots=SHOTS):
    """Assert that counts are those of a Bell pair on a device that is not perfect."""
    assert sum(counts.values()) == shots, counts
    assert set(counts) <= {"00", "01", "10", "11"}, counts
    wrong = (counts.get("01", 0) + counts.get("10", 0)) / shots
    assert wrong < 0.15, counts
    ones = counts.get("11", 0) / shots
    assert abs(ones - 0.5) < 0.1, counts


@suite.capability("service")
def _(user):
    service = user.service
    assert service.channel in {"ibm_quantum_platform", "ibm_cloud"}
    if hasattr(service, "active_account"):
        assert service.active_account()["channel"] == service.channel
    if RELEASE >= (0, 41):
        first = service.instances()[0]
        assert connect(instance=first["name"]).active_instance() == first["crn"]


@suite.capability("backends")
def _(user):
    names = [backend.name for backend in user.service.backends()]
    assert {SMALL, LARGE} <= set(names), names
    assert not any(name.startswith("mock_") for name in names)
    large = user.service.backends(min_num_qubits=100, operational=True, simulator=False)
    assert large and all(backend.num_qubits >= 100 for backend in large)
    assert user.service.backends(filters=lambda backend: backend.num_qubits == 5)
    best = user.service.least_busy(operational=True, simulator=False, min_num_qubits=100)
    queues = {backend.name: backend.status().pending_jobs for backend in large}
    assert queues[best.name] == min(queues.values()), (best.name, queues)
    status = user.backend().status()
    assert status.operational and status.backend_name == SMALL and status.status_msg == "active"
    raises(Exception, lambda: user.service.backend("ibm_nowhere"))


@suite.capability("target")
def _(user):
    backend = user.backend(LARGE)
    target = backend.target
    assert target.num_qubits == backend.num_qubits == 156
    assert {"cz", "sx", "x", "rz", "measure", "if_else", "delay", "reset"} <= set(target.operation_names)
    assert target.dt and backend.dt == target.dt
    pair = next(iter(target["cz"]))
    assert 0 < target["cz"][pair].error < 1 and target["cz"][pair].duration > 0
    assert 0 < target["measure"][(0,)].error < 1
    assert target.qubit_properties[0].t1 > 0
    assert len(backend.coupling_map.get_edges()) == len(target["cz"])
    assert backend.configuration().backend_name == LARGE
    properties = backend.properties()
    assert 0 < properties.t1(0) < 1 and 0 < properties.readout_error(0) < 0.5
    # Devices of the newer generations do not tell their frequencies.
    assert 4e9 < user.backend().properties().frequency(0) < 8e9
    before = backend.properties(datetime=datetime.now(UTC) - timedelta(days=3))
    assert before.last_update_date < properties.last_update_date
    assert before.t1(0) != properties.t1(0)


@suite.capability("transpile")
def _(user):
    circuit = QuantumCircuit(5)
    circuit.h(0)
    for target in range(1, 5):
        circuit.cx(0, target)
    circuit.measure_all()
    for name, two_qubit in ((SMALL, "cx"), (LARGE, "cz")):
        backend = user.backend(name)
        done = user.transpiled(circuit, name)
        assert done.num_qubits == backend.num_qubits
        edges = set(backend.coupling_map.get_edges())
        for instruction in done.data:
            assert (
                backend.target.instruction_supported(
                    instruction.operation.name, tuple(done.find_bit(qubit).index for qubit in instruction.qubits)
                )
                or instruction.operation.name == "barrier"
            )
            if instruction.operation.name == two_qubit:
                assert tuple(done.find_bit(qubit).index for qubit in instruction.qubits) in edges


@suite.capability("sampler")
def _(user):
    job = SamplerV2(mode=user.backend()).run([user.bell()], shots=SHOTS)
    assert job.backend().name == SMALL
    result = job.result()
    assert job.status() == "DONE" and job.done() and job.in_final_state()
    assert len(result) == 1 and result[0].data.meas.num_shots == SHOTS
    is_a_bell_pair(result[0].data.meas.get_counts())
    assert result.metadata["version"] == 2
    large = SamplerV2(mode=user.backend(LARGE)).run([user.bell(LARGE)], shots=SHOTS).result()
    is_a_bell_pair(large[0].data.meas.get_counts())


@suite.capability("registers")
def _(user):
    qubits, one, two = QuantumRegister(3, "q"), ClassicalRegister(1, "one"), ClassicalRegister(10, "two")
    circuit = QuantumCircuit(qubits, one, two)
    circuit.x(0)
    circuit.x(2)
    circuit.measure(0, one[0])
    circuit.measure(1, two[0])
    circuit.measure(2, two[9])
    isa = user.transpiled(circuit)
    first, second = SamplerV2(mode=user.backend()).run([(isa, None, 100), (isa, None, 300)]).result()
    assert first.data.one.num_shots == 100 and second.data.two.num_shots == 300
    assert second.data.two.num_bits == 10 and second.data.two.array.shape == (300, 2)
    counts = second.data.two.get_counts()
    assert max(counts, key=counts.get) == "1000000000", counts
    assert max(first.data.one.get_counts()) == "1"
    joined = second.join_data() if hasattr(second, "join_data") else None
    assert joined is None or joined.num_bits == 11


@suite.capability("dynamic circuits")
def _(user):
    qubits, bit, out = QuantumRegister(2, "q"), ClassicalRegister(1, "bit"), ClassicalRegister(1, "out")
    circuit = QuantumCircuit(qubits, bit, out)
    circuit.h(0)
    circuit.measure(0, bit)
    with circuit.if_test((bit, 1)):
        circuit.x(1)
    circuit.measure(1, out)
    data = SamplerV2(mode=user.backend(LARGE)).run([user.transpiled(circuit, LARGE)], shots=1000).result()[0].data
    same = np.mean(data.bit.array == data.out.array)
    assert same > 0.8, same
    ones = np.mean(data.bit.array)
    assert 0.35 < ones < 0.65, ones


@suite.capability("estimator")
def _(user):
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    isa = user.transpiled(circuit)
    observables = [[SparsePauliOp(text).apply_layout(isa.layout)] for text in ("ZZ", "XX", "ZI", "YY")]
    result = EstimatorV2(mode=user.backend()).run([(isa, observables)], precision=0.02).result()
    zz, xx, zi, yy = np.array(result[0].data.evs).ravel()
    assert zz > 0.8 and xx > 0.8 and abs(zi) < 0.15 and yy < -0.8, (zz, xx, zi, yy)
    assert result[0].data.stds.shape == (4, 1) and (np.array(result[0].data.stds) < 0.1).all()
    sum_of_two = SparsePauliOp.from_list([("ZZ", 0.5), ("XX", 0.5)]).apply_layout(isa.layout)
    scalar = EstimatorV2(mode=user.backend()).run([(isa, sum_of_two)]).result()[0].data.evs
    assert np.shape(scalar) == () and 0.8 < float(scalar) <= 1.1, scalar


@suite.capability("sweeps")
def _(user):
    angle = Parameter("angle")
    circuit = QuantumCircuit(1)
    circuit.ry(angle, 0)
    measured = circuit.measure_all(inplace=False)
    angles = np.linspace(0, np.pi, 5).reshape(5, 1)
    data = SamplerV2(mode=user.backend()).run([(user.transpiled(measured), angles)], shots=2000).result()[0].data.meas
    assert data.shape == (5,) and data.num_shots == 2000
    ones = [data.get_counts(index).get("1", 0) / 2000 for index in range(5)]
    assert np.allclose(ones, np.sin(angles.ravel() / 2) ** 2, atol=0.12), ones
    isa = user.transpiled(circuit)
    observables = [[SparsePauliOp("Z").apply_layout(isa.layout)], [SparsePauliOp("X").apply_layout(isa.layout)]]
    evs = EstimatorV2(mode=user.backend()).run([(isa, observables, angles.reshape(1, 5, 1))]).result()[0].data.evs
    assert evs.shape == (2, 5)
    assert np.allclose(evs[0], np.cos(angles.ravel()), atol=0.2), evs
    assert np.allclose(evs[1], np.sin(angles.ravel()), atol=0.2), evs


@suite.capability("options")
def _(user):
    estimator = EstimatorV2(mode=user.backend())
    estimator.options.resilience_level = 1
    estimator.options.default_precision = 0.05
    estimator.options.environment.job_tags = ["with-options"]
    isa = user.transpiled(QuantumCircuit(1))
    job = estimator.run([(isa, SparsePauliOp("Z").apply_layout(isa.layout))])
    assert float(job.result()[0].data.evs) > 0.8
    assert user.service.job(job.job_id()).tags == ["with-options"]
    sampler = SamplerV2(mode=user.backend(), options={"default_shots": 123, "max_execution_time": 300})
    sampler.options.dynamical_decoupling.enable = True
    sampler.options.twirling.enable_gates = True
    job = sampler.run([user.bell()])
    assert job.result()[0].data.meas.num_shots == 123
    assert job.inputs["options"]["default_shots"] == 123


@suite.capability("executor")
def _(user):
    try:
        from qiskit_ibm_runtime import Executor
        from qiskit_ibm_runtime.quantum_program import QuantumProgram
    except ImportError:
        raise NotOffered("no Executor") from None
    program = QuantumProgram(shots=1000)
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    program.append_circuit_item(user.transpiled(circuit))
    result = Executor(mode=user.backend()).run(program).result()
    bits = np.asarray(result[0]["c"])
    assert bits.shape[-2:] == (1000, 2), bits.shape
    assert np.mean(bits[..., 0] == bits[..., 1]) > 0.8


@suite.capability("executor primitives")
def _(user):
    try:
        from qiskit_ibm_runtime.executor_estimator import EstimatorV2 as EstimatorOverExecutor
        from qiskit_ibm_runtime.executor_sampler import SamplerV2 as SamplerOverExecutor
    except ImportError:
        raise NotOffered("no primitives over the Executor") from None
    sampled = SamplerOverExecutor(mode=user.backend()).run([user.bell()], shots=SHOTS).result()
    is_a_bell_pair(sampled[0].data.meas.get_counts())
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    isa = user.transpiled(circuit)
    observables = [SparsePauliOp(text).apply_layout(isa.layout) for text in ("ZZ", "XX", "ZI")]
    zz, xx, zi = EstimatorOverExecutor(mode=user.backend()).run([(isa, observables)]).result()[0].data.evs
    assert zz > 0.8 and xx > 0.8 and abs(zi) < 0.15, (zz, xx, zi)


@suite.capability("noise learner")
def _(user):
    try:
        from qiskit_ibm_runtime.noise_learner import NoiseLearner
    except ImportError:
        raise NotOffered("no NoiseLearner") from None
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    learner = NoiseLearner(mode=user.backend())
    learner.options.max_layers_to_learn = 1
    learner.options.num_randomizations = 2
    learner.options.shots_per_randomization = 16
    result = learner.run([user.transpiled(circuit)]).result()
    layer = result.data[0]
    assert layer.circuit.num_qubits >= 2 and layer.error is not None
    assert len(layer.error.generators) == len(layer.error.rates)


@suite.capability("noise learner 3")
def _(user):
    try:
        from qiskit_ibm_runtime import NoiseLearnerV3
        from samplomatic.transpiler import generate_boxing_pass_manager
        from samplomatic.utils import find_unique_box_instructions
    except ImportError:
        raise NotOffered("no NoiseLearnerV3") from None
    manager = generate_preset_pass_manager(optimization_level=0, backend=user.backend())
    manager.post_scheduling = generate_boxing_pass_manager(enable_gates=True, enable_measures=True)
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    boxes = find_unique_box_instructions(manager.run(circuit))
    learner = NoiseLearnerV3(user.backend())
    learner.options.num_randomizations = 2
    learner.options.shots_per_randomization = 16
    learned = learner.run(boxes).result()
    assert len(learned) == len(boxes) > 1
    for box, noise in zip(boxes, learned, strict=True):
        assert noise.to_pauli_lindblad_map().num_qubits == len(box.qubits)


@suite.capability("dry run")
def _(user):
    if RELEASE < (0, 47):
        raise NotOffered("no dry runs")
    sampler = SamplerV2(mode=user.backend())
    try:
        job = sampler.run([user.bell()], dry_run=True)
    except TypeError:
        raise NotOffered("no dry runs") from None
    assert job.result() is not None


@suite.capability("job retrieval")
def _(user):
    job = user.submit()
    result = job.result()
    again = user.service.job(job.job_id())
    assert again.job_id() == job.job_id() and again.status() == "DONE" and again.done()
    assert again.result()[0].data.meas.get_counts() == result[0].data.meas.get_counts()
    assert again.backend().name == SMALL
    assert again.inputs["pubs"][0][0].num_qubits == user.bell().num_qubits
    assert again.primitive_id == "sampler"
    assert abs(again.creation_date.timestamp() - datetime.now().timestamp()) < 600
    elsewhere = connect().job(job.job_id())
    assert elsewhere.result()[0].data.meas.num_shots == SHOTS
    later = user.submit(queue="300ms", run="300ms")
    later.wait_for_final_state(timeout=30)
    assert later.done()


@suite.capability("filters")
def _(user):
    one = user.submit()
    one.update_tags(["filters", "one"])
    two = user.submit(outcome="stuck")
    two.update_tags(["filters", "two"])
    one.result()

    def ids(**query):
        return [job.job_id() for job in user.service.jobs(**query)]

    assert ids(job_tags=["filters"]) == [two.job_id(), one.job_id()]
    assert ids(job_tags=["filters"], descending=False) == [one.job_id(), two.job_id()]
    assert ids(job_tags=["filters", "one"]) == [one.job_id()]
    assert ids(job_tags=["filters"], pending=True) == [two.job_id()]
    assert ids(job_tags=["filters"], pending=False) == [one.job_id()]
    assert ids(job_tags=["filters"], limit=1, skip=1) == [one.job_id()]
    assert ids(job_tags=["filters"], backend_name=LARGE) == []
    assert ids(job_tags=["filters"], backend_name=SMALL, program_id="sampler", limit=None) == [
        two.job_id(),
        one.job_id(),
    ]
    assert ids(job_tags=["filters"], program_id="estimator") == []
    hour = timedelta(hours=1)
    assert ids(job_tags=["filters"], created_after=datetime.now() - hour, created_before=datetime.now() + hour)
    assert ids(job_tags=["filters"], created_before=datetime.now() - hour) == []
    two.cancel()
    everything = ids(limit=None)
    assert len(set(everything)) == len(everything) >= 2
    assert ids(limit=2) == everything[:2]


@suite.capability("logs")
def _(user):
    job = user.submit()
    job.result()
    assert isinstance(job.logs(), str) and job.logs()
    failed = user.submit(outcome="failed", reason="ValueError: as ordered")
    failed.wait_for_final_state()
    assert "as ordered" in failed.logs()


@suite.capability("metrics")
def _(user):
    job = user.submit()
    job.result()
    stamps = job.metrics()["timestamps"]
    assert stamps["created"] <= stamps["running"] <= stamps["finished"]
    assert job.metrics()["usage"]["status"]
    assert job.properties().backend_name == SMALL


@suite.capability("usage")
def _(user):
    job = user.submit(run="2s")
    job.result()
    assert job.usage() == 2, job.usage()
    if RELEASE >= (0, 41):
        assert user.service.usage()["usage_consumed_seconds"] >= 2


@suite.capability("tags")
def _(user):
    job = user.submit()
    job.update_tags(["alpha", "beta"])
    assert set(job.tags) == {"alpha", "beta"}
    assert set(user.service.job(job.job_id()).tags) == {"alpha", "beta"}
    job.update_tags([])
    assert user.service.job(job.job_id()).tags == []
    assert "86" in str(raises(Exception, lambda: job.update_tags(["x" * 87])))


@suite.capability("private jobs")
def _(user):
    sampler = SamplerV2(mode=user.backend())
    try:
        sampler.options.environment.private = True
    except Exception:
        raise NotOffered("no private jobs") from None
    job = sampler.run([user.bell()])
    assert job.result()[0].data.meas.num_shots == SHOTS
    again = user.service.job(job.job_id())
    assert getattr(again, "private", True)
    raises(Exception, again.result)


@suite.capability("cancel")
def _(user):
    job = user.submit(outcome="stuck")
    assert job.status() == "QUEUED" and not job.in_final_state()
    job.cancel()
    wait_until(lambda: job.status() == "CANCELLED")
    assert job.cancelled()
    raises(RuntimeInvalidStateError, job.result)
    raises(RuntimeInvalidStateError, job.cancel)
    running = user.submit(queue="now", run="10m")
    wait_until(running.running)
    running.cancel()
    assert user.service.job(running.job_id()).status() == "CANCELLED"


@suite.capability("delete")
def _(user):
    job = user.submit()
    job.result()
    user.service.delete_job(job.job_id())
    raises(RuntimeJobNotFound, lambda: user.service.job(job.job_id()))
    raises(RuntimeJobNotFound, lambda: user.service.delete_job(job.job_id()))


@suite.capability("sessions")
def _(user):
    backend = user.backend()
    with Session(backend=backend, max_time=600) as session:
        assert session.status() == "Pending"
        jobs = [SamplerV2(mode=session).run([user.bell()]) for _ in range(2)]
        for job in jobs:
            is_a_bell_pair(job.result()[0].data.meas.get_counts())
            assert job.session_id == session.session_id
        assert session.details()["mode"] == "dedicated" and session.details()["max_time"] == 600
        assert session.details()["state"] == "active" and session.details()["accepting_jobs"]
        assert session.status() == "In progress, accepting new jobs"
        ids = [job.job_id() for job in user.service.jobs(session_id=session.session_id)]
        assert sorted(ids) == sorted(job.job_id() for job in jobs)
        known = Session.from_id(session.session_id, user.service)
        assert known.session_id == session.session_id and known.backend() == SMALL
    wait_until(lambda: session.status() == "Closed")
    assert session.usage() is not None
    # Some releases refuse by themselves, others let the service do it.
    raises(IBMRuntimeError, lambda: SamplerV2(mode=session).run([user.bell()]))
    second = Session(backend=backend)
    waiting = user.submit(mode=second, queue="10m")
    second.cancel()
    wait_until(lambda: waiting.status() == "CANCELLED")
    assert second.status() == "Closed"


@suite.capability("batches")
def _(user):
    with Batch(backend=user.backend()) as batch:
        assert batch.details()["mode"] == "batch"
        isa = user.transpiled(QuantumCircuit(1))
        sampled = SamplerV2(mode=batch).run([user.bell()])
        estimated = EstimatorV2(mode=batch).run([(isa, SparsePauliOp("Z").apply_layout(isa.layout))])
        assert float(estimated.result()[0].data.evs) > 0.8
    # Leaving a batch lets its jobs run to their end.
    is_a_bell_pair(sampled.result()[0].data.meas.get_counts())
    wait_until(lambda: batch.status() == "Closed")


@suite.capability("errors")
def _(user):
    failed = user.submit(outcome="failed", reason="ValueError: as ordered")
    assert "as ordered" in str(raises(RuntimeJobFailureError, failed.result))
    assert failed.status() == "ERROR" and failed.errored() and "as ordered" in failed.error_message()
    raises(RuntimeJobMaxTimeoutError, user.submit(outcome="ran-too-long", run="1s").result)
    assert "nothing-like-it" in str(raises(RuntimeJobNotFound, lambda: user.service.job("nothing-like-it")))
    raises(IBMInputValueError, lambda: SamplerV2(mode=user.backend()).run([_not_for_the_device()]))
    if RELEASE < (0, 39):
        error = raises(Exception, lambda: connect(token=" ").backends())
        assert isinstance(error, IBMNotAuthorizedError) or "401" in str(error) or "token" in str(error), error
    assert "no-such-session" in str(raises(Exception, lambda: Session.from_id("no-such-session", user.service)))


def _not_for_the_device():
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.measure_all()
    return circuit


@suite.capability("retries")
def _(user):
    job = user.submit()
    job.result()
    outage(2, "GET", f"/jobs/{job.job_id()}", 504)
    assert user.service.job(job.job_id()).status() == "DONE"
    assert outages_left() == 0
    user.bell()
    outage(1, "POST", "/jobs", 502)
    is_a_bell_pair(user.submit().result()[0].data.meas.get_counts())
    assert outages_left() == 0


if __name__ == "__main__":
    suite.main(User())
