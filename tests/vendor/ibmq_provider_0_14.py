"""IBM's own client of June 2021, unmodified, against the fake: qiskit-ibmq-provider 0.14.0.

Run by `make test-clients` with the interpreter of an environment that holds that client and none of this project.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

from qiskit import IBMQ
from qiskit.providers.ibmq.runtime.exceptions import (
    RuntimeDuplicateProgramError,
    RuntimeJobFailureError,
    RuntimeJobNotFound,
    RuntimeProgramNotFound,
)
from qiskit.providers.jobstatus import JobStatus

NAMES = ["circuit-runner", "mit-6", "quantum-kernel-alignment", "runtime-simple", "simple", "vqe"]


def raises(kind, call):
    """Whether a call raises exactly this kind of error."""
    try:
        call()
    except kind:
        return True
    return False


def main(url):
    """Everything that client can do but the stream, in one session."""
    provider = IBMQ.enable_account(
        "a-token", url=f"{url}api", hub="ibm-q-internal", group="near-time", project="qiskit-runtime"
    )
    assert provider.get_backend("ibmq_montreal").configuration().n_qubits == 27
    runtime = provider.runtime
    assert [program.program_id for program in runtime.programs()] == NAMES
    assert runtime.program("circuit-runner").parameters[0].name == "circuits"
    assert runtime.program("circuit-runner").max_execution_time == 1800

    def run(inputs):
        return runtime.run("runtime-simple", options={"backend_name": "ibmq_montreal"}, inputs=inputs)

    done = run({"iterations": 2})
    assert done.status() is JobStatus.QUEUED
    assert done.result(wait=0.1) == "All done!"
    assert done.status() is JobStatus.DONE
    assert "2 iterations" in done.logs()
    cancelled = run({"iterations": 2})
    cancelled.cancel()
    assert cancelled.status() is JobStatus.CANCELLED
    failed = run({"iterations": "two"})
    assert raises(RuntimeJobFailureError, lambda: failed.result(wait=0.1))
    assert failed.status() is JobStatus.ERROR
    ids = [job.job_id() for job in runtime.jobs()]
    assert ids == [failed.job_id(), cancelled.job_id(), done.job_id()]
    assert [job.job_id() for job in runtime.jobs(limit=1, skip=1)] == [cancelled.job_id()]

    metadata = {"name": "mine", "max_execution_time": 300, "description": "d", "version": "1.0"}
    mine = runtime.upload_program(data=b"def main(backend, user_messenger): pass", metadata=metadata)
    assert runtime.program(mine, refresh=True).description == "d"
    assert raises(RuntimeDuplicateProgramError, lambda: runtime.upload_program(data=b"pass", metadata=metadata))
    runtime.delete_program(mine)
    assert raises(RuntimeProgramNotFound, lambda: runtime.delete_program(mine))
    runtime.delete_job(done.job_id())
    assert raises(RuntimeJobNotFound, lambda: runtime.job(done.job_id()))
    runtime.logout()
    print(f"{Path(__file__).stem}: everything but the stream works")


if __name__ == "__main__":
    main(sys.argv[1])
