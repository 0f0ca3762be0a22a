"""qiskit-ibm-runtime, unmodified, call by call: what becomes of each when the answer to it is an odd one.

Run in an environment that holds that client and none of this project.
"""

import warnings

warnings.simplefilter("ignore")

import logging

logging.disable(logging.CRITICAL)

import answers_calls
from qiskit.exceptions import QiskitError
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import SamplerV2, Session
from qiskit_runtime import SMALL, connect

DECLARED = QiskitError


class _Calls:
    """What a user of the client does, one thing after the other."""

    def __init__(self):
        self.service = connect()
        self.backend = self.service.backend(SMALL)
        circuit = QuantumCircuit(1)
        circuit.measure_all()
        manager = generate_preset_pass_manager(optimization_level=0, backend=self.backend)
        self.circuit = manager.run(circuit)
        self.job = SamplerV2(mode=self.backend).run([self.circuit])
        self.job.result()
        self.id = self.job.job_id()
        self.session = Session(backend=self.backend)

    def backends(self):
        return [backend.name for backend in connect().backends()]

    def configuration(self):
        backend = connect().backend(SMALL)
        return backend.num_qubits, backend.configuration().to_dict(), backend.coupling_map, backend.dt

    def properties(self):
        backend = connect().backend(SMALL)
        properties = backend.properties()
        return properties.to_dict() if properties else None

    def target(self):
        return connect().backend(SMALL).target

    def backend_status(self):
        status = self.backend.status()
        return status.operational, status.pending_jobs, status.status_msg

    def retrieve(self):
        job = self.service.job(self.id)
        return job.job_id(), job.tags, job.creation_date, job.session_id, job.primitive_id

    def status(self):
        job = self.service.job(self.id)
        return job.status(), job.error_message(), job.in_final_state()

    def inputs(self):
        return self.service.job(self.id).inputs

    def result(self):
        return self.service.job(self.id).result(timeout=20)

    def logs(self):
        return self.service.job(self.id).logs()

    def metrics(self):
        return self.service.job(self.id).metrics()

    def usage_of_job(self):
        job = self.service.job(self.id)
        return job.usage(), job.usage_estimation

    def jobs(self):
        return [job.job_id() for job in self.service.jobs(limit=15)]

    def usage(self):
        return self.service.usage()

    def submit(self):
        return SamplerV2(mode=self.backend).run([self.circuit]).job_id()

    def tags(self):
        return self.job.update_tags(["a"])

    def cancel(self):
        return self.service.job(self.id).cancel()

    def delete(self):
        return self.service.delete_job(self.id)

    def open_session(self):
        return Session(backend=self.backend).session_id

    def details(self):
        return self.session.details()

    def session_status(self):
        return self.session.status()

    def session_from_id(self):
        return Session.from_id(self.session.session_id, service=self.service).session_id

    def close_session(self):
        return Session(backend=self.backend).close()

    def cancel_session(self):
        return Session(backend=self.backend).cancel()


if __name__ == "__main__":
    answers_calls.main(_Calls(), declared=DECLARED, packages=("qiskit_ibm_runtime",))
