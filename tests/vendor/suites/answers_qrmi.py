"""QRMI, unmodified, call by call: what becomes of each when the answer to it is an odd one; see `answers_qiskit`."""

import json
import os
import warnings

warnings.simplefilter("ignore")

import answers_calls
from qrmi import Payload, QrmiError, QuantumResource, ResourceProvider
from qrmi_suite import KIND, NAME, SETTINGS, User

DECLARED = (QrmiError,)


class _Calls:
    """What a user of the client does, one thing after the other."""

    def __init__(self):
        self.user = User()
        self.resource = self.user.acquire()
        asked = {
            "pubs": [['OPENQASM 3.0; include "stdgates.inc"; bit[1] c; c[0] = measure $0;', None, 10]],
            "version": 2,
            "support_qiskit": False,
            "options": {},
        }
        self.payload = Payload.QiskitPrimitive(input=json.dumps(asked), program_id="sampler")
        self.task = self.resource.task_start(self.payload)

    def resources(self):
        return [resource.resource_id() for resource in ResourceProvider(KIND, dict(SETTINGS)).resources()]

    def least_busy(self):
        return ResourceProvider(KIND, dict(SETTINGS)).least_busy()

    def accessible(self):
        return self.resource.is_accessible()

    def backend_status(self):
        return self.resource.status().to_dict()

    def target_configuration(self):
        return len(self.resource.target().value)

    def target_properties(self):
        return len(self.resource.target().value)

    def metadata(self):
        return self.resource.metadata()

    def submit(self):
        return self.resource.task_start(self.payload)

    def task_status(self):
        return self.resource.task_status(self.task)

    def result(self):
        return self.resource.task_result(self.task).value[:40]

    def logs(self):
        return self.resource.task_logs(self.task)[:40]

    def stop(self):
        return self.resource.task_stop(self.task)

    def open_session(self):
        for name in ("QRMI_IBM_QCS_SESSION_ID", "QRMI_JOB_ACQUISITION_TOKEN"):
            os.environ.pop(f"{NAME}_{name}", None)
        return QuantumResource(NAME, KIND).acquire()


if __name__ == "__main__":
    answers_calls.main(_Calls(), declared=DECLARED, packages=("qrmi",))
