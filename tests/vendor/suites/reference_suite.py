"""The reference client of this project on today's API. Circuits are OpenQASM 3, as those write it who call REST."""

from collections import Counter

from reporting import CRN, TOKEN, Suite, next_job, outage, outages_left, raises, wait_until
from runtime_client.errors import BadRequest, Conflict, JobCancelled, JobFailed, NotFound
from runtime_client.platform import JobStatus, RuntimeClient

NAME = "ibmq_manila"
SHOTS = 2000
BELL = """OPENQASM 3.0;
include "stdgates.inc";
rz(pi/2) $0; sx $0; rz(pi/2) $0;
cx $0, $1;
"""
MEASURED = f"{BELL}bit[2] c; c[0] = measure $0; c[1] = measure $1;"
TURNED = """OPENQASM 3.0;
include "stdgates.inc";
input float theta;
sx $0; rz(theta + pi) $0; sx $0; rz(3*pi) $0;
bit[1] c; c[0] = measure $0;
"""

suite = Suite()


class User:
    """A user at work: a client, and the jobs it submits."""

    def __init__(self):
        self.client = RuntimeClient(token=TOKEN, instance=CRN)

    def sampler(self, *pubs, **options):
        """A job of Sampler's that answers in hexadecimal numbers."""
        params = {"pubs": list(pubs) or [[MEASURED, None, SHOTS]], "version": 2, "support_qiskit": False}
        return self.client.submit_job("sampler", NAME, params=params, **options)

    def submit(self, **plan):
        """A job with a Bell pair, whose life the plan says."""
        next_job(**plan)
        return self.sampler()


def samples(job):
    """What each shot of each circuit found."""
    found = job.result(timeout=60).json()["results"]
    return [[int(sample, 16) for sample in pub["data"]["c"]["samples"]] for pub in found]


@suite.capability("service")
def _(user):
    assert user.client.versions().versions
    assert user.client.instance().plan_id


@suite.capability("backends")
def _(user):
    names = [backend.name for backend in user.client.list_backends()]
    assert NAME in names and "ibm_fez" in names
    assert user.client.backend_status(NAME).length_queue >= 0


@suite.capability("target")
def _(user):
    assert user.client.backend_configuration("ibm_fez").n_qubits == 156
    assert user.client.backend_properties("ibm_fez").backend_name == "ibm_fez"
    raises(NotFound, lambda: user.client.backend_configuration("ibm_nowhere"))


@suite.capability("sampler")
def _(user):
    counts = Counter(samples(user.sampler())[0])
    assert sum(counts.values()) == SHOTS
    assert (counts[1] + counts[2]) / SHOTS < 0.15, counts


@suite.capability("sweeps")
def _(user):
    [found] = user.sampler([TURNED, [[0.0], [3.141592653589793]], 500]).result(timeout=60).json()["results"]
    shots = [int(sample, 16) for sample in found["data"]["c"]["samples"]]
    # All shots of the first value, then all of the second.
    assert len(shots) == 1000
    ones = [sum(shots[:500]) / 500, sum(shots[500:]) / 500]
    assert ones[0] < 0.2 and ones[1] > 0.8, ones


@suite.capability("estimator")
def _(user):
    params = {"pubs": [[BELL, {"ZZIII"[::-1]: 1.0}, None, 0.05]], "version": 2, "support_qiskit": False}
    result = user.client.submit_job("estimator", NAME, params=params).result(timeout=60).json()
    evs = result["results"][0]["data"]["evs"]
    assert 0.8 < evs <= 1.1, evs


@suite.capability("job retrieval")
def _(user):
    job = user.sampler()
    job.result(timeout=60)
    again = user.client.job(job.id)
    assert again.status() is JobStatus.COMPLETED
    assert len(samples(again)[0]) == SHOTS
    assert user.client.get_job(job.id, exclude_params=False).params["pubs"][0][0] == MEASURED


@suite.capability("filters")
def _(user):
    job = user.sampler(tags=["filtered"])
    job.result(timeout=60)
    assert [one.id for one in user.client.jobs(tags=["filtered"])] == [job.id]
    assert list(user.client.jobs(tags=["filtered"], pending=True)) == []
    assert len(list(user.client.jobs(page_size=1))) == user.client.list_jobs(limit=1).count


@suite.capability("logs")
def _(user):
    job = user.sampler()
    job.result(timeout=60)
    assert job.logs()


@suite.capability("metrics")
def _(user):
    job = user.sampler()
    job.result(timeout=60)
    assert job.metrics().usage.qpu_charge_time_seconds >= 1


@suite.capability("usage")
def _(user):
    before = user.client.usage().usage_consumed_seconds
    user.sampler().result(timeout=60)
    assert user.client.usage().usage_consumed_seconds > before


@suite.capability("tags")
def _(user):
    job = user.sampler()
    job.replace_tags(["alphabet", "beta"])
    assert set(job.info().tags) == {"alphabet", "beta"}
    assert user.client.list_tags("phab") == ("alphabet",)


@suite.capability("private jobs")
def _(user):
    job = user.sampler(private=True)
    assert job.result(timeout=60) is not None
    raises(NotFound, lambda: user.client.job_results(job.id))


@suite.capability("cancel")
def _(user):
    job = user.submit(outcome="stuck")
    job.cancel()
    assert job.status() is JobStatus.CANCELLED
    raises(JobCancelled, lambda: job.result(timeout=10))
    raises(Conflict, job.cancel)


@suite.capability("delete")
def _(user):
    job = user.sampler()
    job.delete()
    raises(NotFound, job.info)


@suite.capability("sessions")
def _(user):
    session = user.client.create_session(NAME, mode="dedicated", max_ttl=600)
    user.sampler(session_id=session.id).result(timeout=60)
    assert user.client.session(session.id).state == "active"
    user.client.close_session(session.id)
    assert user.client.session(session.id).state == "closed"
    raises(BadRequest, lambda: user.sampler(session_id=session.id))


@suite.capability("batches")
def _(user):
    batch = user.client.create_session(NAME, mode="batch")
    job = user.sampler(session_id=batch.id)
    user.client.update_session(batch.id, accepting_jobs=False)
    job.result(timeout=60)
    wait_until(lambda: user.client.session(batch.id).state == "closed")


@suite.capability("errors")
def _(user):
    job = user.submit(outcome="failed", reason="ValueError: as ordered")
    assert "as ordered" in str(raises(JobFailed, lambda: job.result(timeout=60)))
    raises(NotFound, lambda: user.client.submit_job("no-such-program", NAME, params={}))
    raises(NotFound, lambda: user.client.submit_job("sampler", "ibm_nowhere", params={"pubs": [[MEASURED]]}))


@suite.capability("retries")
def _(user):
    job = user.sampler()
    outage(1, "GET", job.id, 503)
    assert job.info().id == job.id
    assert outages_left() == 0


if __name__ == "__main__":
    suite.main(User())
