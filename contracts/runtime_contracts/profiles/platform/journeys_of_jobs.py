"""Journeys of today about single jobs: their results, their ends, what they keep, and what stays when they are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.exchange import json_body
from runtime_contracts.journeys import journey, skip
from runtime_contracts.profiles.platform.known import sampler
from runtime_contracts.profiles.platform.model import Job
from runtime_contracts.profiles.platform.scene import TYPED, listed
from runtime_contracts.violation import shown
from runtime_contracts.walking import brief, fault

if TYPE_CHECKING:
    from runtime_contracts.profiles.platform.jobs import JobCalls
    from runtime_contracts.profiles.platform.scene import PlatformScene

_SAME: Final = ("id", "backend", "program", "created", "cost", "tags", "private", "user_id", "session_id", "runtime")
_CIRCUIT: Final = 'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float t;\nbit[1] c;\nrx(t) $0;\nc[0] = measure $0;\n'


@journey()
def a_result_comes_at_the_end_and_stays(scene: PlatformScene) -> None:
    """A result is answered with 204 until the job has ended, and then with 200 and the same bytes for ever."""
    jobs = scene.jobs()
    job = jobs.submit()
    for _ in range(4):
        jobs.results(job)
        if job.final:
            break
        scene.wait()
    scene.done(jobs, job)
    for _ in range(4):
        jobs.results(job)
        scene.wait()


@journey()
def logs_come_at_the_end_and_stay(scene: PlatformScene) -> None:
    """Logs are answered with 404 until the job has ended, and then with 200 and the same text."""
    waiting = scene.jobs()
    waiting.logs(waiting.submit())
    jobs, _, job = scene.ended()
    jobs.logs(job)
    first = scene.get("get_jog_logs_jid", id=job.id)
    second = scene.get("get_jog_logs_jid", id=job.id)
    if first.body != second.body:
        scene.fault("reads_repeat", "get_jog_logs_jid", "the logs of a job that has ended change")


@journey()
def a_queued_job_can_be_cancelled(scene: PlatformScene) -> None:
    """A job that waits can be cancelled, once; it ends as Cancelled, and no result comes."""
    jobs = scene.jobs()
    job = jobs.submit()
    if job.status != "Queued":
        skip(f"no job was seen waiting: it was {job.status} at once")
    _cancelled(scene, jobs, job)


@journey()
def a_running_job_can_be_cancelled(scene: PlatformScene) -> None:
    """A job that is at work can be cancelled, once; it ends as Cancelled."""
    jobs = scene.jobs()
    job = jobs.submit()
    jobs.until(job, lambda: job.status != "Queued", scene.wait)
    if job.status != "Running":
        skip(f"no job was seen at work: it went to {job.status}")
    _cancelled(scene, jobs, job)


def _cancelled(scene: PlatformScene, jobs: JobCalls, job: Job) -> None:
    jobs.cancel(job)
    if not job.cancelled:
        skip("the job had ended before it could be cancelled")
    jobs.finish(job, scene.wait)
    if job.final:
        jobs.cancel(job)


@journey()
def a_done_job_cannot_be_cancelled(scene: PlatformScene) -> None:
    """A job that has completed cannot be cancelled: 409, and it stays what it was, with its result."""
    jobs, _, job = scene.ended()
    jobs.results(job)
    jobs.cancel(job)
    jobs.results(job)
    jobs.read(job)


@journey()
def a_deleted_job_is_gone_everywhere(scene: PlatformScene) -> None:
    """A deleted job is in no list, no workload, no tag, and every operation on it answers 404."""
    jobs, lists, job = scene.ended()
    jobs.submit()
    jobs.tag(job, ["gone-by-now"])
    for look in (jobs.results, jobs.logs, jobs.metrics):
        look(job)
    lists.workloads(page=20)
    lists.tags()
    if not scene.get("list_tags", query="type=job&search=gone-by-now").get("tags"):
        scene.fault("tags_are_found", "list_tags", "the tag of a job is not found")
    jobs.delete(job)
    for look in (jobs.read, jobs.results, jobs.logs, jobs.metrics, jobs.cancel, jobs.delete):
        look(job)
    jobs.tag(job, [])
    lists.page(limit=20, offset=0)
    lists.filtered(job)
    lists.pending(pending=False)
    mark = f"tags={jobs.mark}"
    for operation, key in (("list_jobs", "jobs"), ("find_instance_workloads", "workloads")):
        if job.id in {entry.get("id") for entry in listed(scene.get(operation, query=mark), key)}:
            fault("deleted_is_gone", operation, "a deleted job is listed", [*job.steps, *scene.exchange.steps(1)])
    found = scene.get("list_tags", query="type=job&search=gone-by-now").get("tags")
    if found:
        fault("deleted_is_gone", "list_tags", f"a tag that only a deleted job had is found: {shown(found)}",
              [*job.steps, *scene.exchange.steps(1)])  # fmt: skip


@journey()
def every_job_has_an_id_of_its_own(scene: PlatformScene) -> None:
    """Six jobs that are submitted one after the other have six ids, and each is listed once."""
    jobs, lists, _ = scene.calls()
    for _ in range(6):
        jobs.submit()
    lists.all(page=50)


@journey()
def a_job_is_read_as_it_was_sent(scene: PlatformScene) -> None:
    """A job shows its inputs, tags and cost as they were sent: nested, unicode, precise to the last digit."""
    jobs = scene.jobs()
    tags = [jobs.mark, "MiXeD Case", "\u00e4 \u6f22 \U0001f300", "x" * 86, "a,b"]
    params = {
        "pubs": [[_CIRCUIT, [0.1], 16], [_CIRCUIT, [[-1e-17], [3.141592653589793]], None]],
        "version": 2,
        "support_qiskit": False,
        "options": {"experimental": {"number": 2**53 + 1, "text": "\u00e4\u6f22", "none": None, "deep": [[{}]]}},
    }
    body = {**sampler(jobs.backend), "tags": tags, "params": params, "cost": 4321, "log_level": "debug"}
    sent = scene.exchange.call("create_job", headers={**scene.access.headers, **TYPED}, body=json_body(body))
    if sent.status != 200:
        scene.fault("submit_accepted", "create_job", f"a valid job got {brief(sent)}", steps=1)
    steps = [scene.exchange.step]
    job = Job(id=str(sent.get("id")), request=body, steps=steps, tags=tags)
    jobs.jobs.append(job)
    jobs.read(job)
    value = jobs.exchange.call("get_job", headers=scene.access.headers, values={"id": job.id}).json()
    for key, wanted in {"cost": 4321, "private": False}.items():
        if isinstance(value, dict) and value.get(key, wanted) != wanted:
            message = f"{key}: sent {wanted}, found {shown(value.get(key))}"
            fault("read_what_was_sent", "get_job", message, [*steps, scene.exchange.step])


@journey()
def tags_are_replaced(scene: PlatformScene) -> None:
    """New tags take the place of the old ones, and the job is found by the new ones alone."""
    jobs, lists, _ = scene.calls()
    job = jobs.submit()
    for tags in (["first-of-them", "b"], ["Second One", "\u00e4 \u6f22", "x" * 86], []):
        jobs.tag(job, tags)
        for tag in ("first-of-them", "Second One"):
            query = f"tags={jobs.mark}&tags={tag.replace(' ', '%20')}"
            there = job.id in {entry.get("id") for entry in listed(scene.get("list_jobs", query=query), "jobs")}
            if there != (tag in tags):
                message = f"a job with the tags {shown(job.tags)} is {'' if there else 'not '}listed by {tag!r}"
                fault("filter_selects", "list_jobs", message, [*job.steps, *scene.exchange.steps(1)])
        lists.tags()
    cleared = scene.exchange.call(
        "replace_job_tags", headers={**scene.access.headers, **TYPED}, values={"id": job.id},
        body=json_body({"tags": []}),
    )  # fmt: skip
    if cleared.status != 204:
        scene.fault("change_accepted", "replace_job_tags", f"no tags at all: expected 204, found {brief(cleared)}")
    found = scene.get("get_job", id=job.id).get("tags")
    if found:
        scene.fault("tags_are_kept", "get_job", f"every tag was removed, found {shown(found)}")


@journey()
def private_inputs_are_never_shown(scene: PlatformScene) -> None:
    """The inputs of a private job are in no answer, and its result can be read once."""
    jobs, lists, _ = scene.calls()
    job = jobs.submit(private=True)
    jobs.submit()
    value = scene.get("get_job", id=job.id)
    if value.get("private") is not True:
        scene.fault("read_what_was_sent", "get_job", f"private: sent true, found {shown(value.get('private'))}")
    lists.params(excluded=False)
    lists.params(excluded=True)
    scene.done(jobs, job)
    jobs.results(job)
    jobs.results(job)


@journey()
def inputs_are_left_out_where_asked(scene: PlatformScene) -> None:
    """Inputs are left out of a job and of lists where that is asked for, and shown where not."""
    jobs, lists, _ = scene.calls()
    job = jobs.submit()
    for excluded in (True, False):
        jobs.read(job, params=not excluded)
        lists.params(excluded=excluded)
    if any(entry.get("params") for entry in listed(scene.get("list_jobs", query=f"tags={jobs.mark}"), "jobs")):
        scene.fault("params_are_excluded", "list_jobs", "a list shows inputs although it was not asked for them")


@journey()
def all_answers_about_a_job_agree(scene: PlatformScene) -> None:
    """The job by itself, in the list, as a workload and in its metrics says the same, each time it is asked."""
    jobs, _, job = scene.ended()
    alone = _object(scene.get("get_job", id=job.id, query="exclude_params=true"))
    scene.wait()
    again = _object(scene.get("get_job", id=job.id, query="exclude_params=true"))
    if alone != again:
        differ = sorted(key for key in {*alone, *again} if alone.get(key) != again.get(key))
        scene.fault("reads_repeat", "get_job", f"a job that has ended says otherwise each time: {', '.join(differ)}")
    entries = listed(scene.get("list_jobs", query=f"tags={jobs.mark}"), "jobs")
    entry = next((one for one in entries if one.get("id") == job.id), {})
    for key in (*_SAME, "status", "state", "usage"):
        if entry.get(key) != alone.get(key):
            message = f"{key}: {shown(alone.get(key))} by itself, {shown(entry.get(key))} in the list"
            scene.fault("answers_agree", "list_jobs", message)
    metrics = _object(scene.get("get_job_metrics_jid", id=job.id))
    times = metrics.get("timestamps") or {}
    for what, found, wanted in (
        ("created", times.get("created"), alone.get("created")),
        ("usage", metrics.get("usage"), alone.get("usage")),
    ):
        if found is not None and wanted is not None and found != wanted:
            scene.fault("answers_agree", "get_job_metrics_jid",
                        f"{what}: {shown(wanted)} in the job, {shown(found)} in its metrics")  # fmt: skip
    jobs.metrics(job)
    query = f"tags={jobs.mark}"
    work = next(iter(listed(scene.get("find_instance_workloads", query=query), "workloads")), {})
    for key in ("id", "created", "backend", "user_id"):
        if work.get(key) != alone.get(key) and key in work and key in alone:
            message = f"{key}: {shown(alone.get(key))} in the job, {shown(work.get(key))} as a workload"
            scene.fault("answers_agree", "find_instance_workloads", message)


def _object(answer: Any) -> dict[str, Any]:
    value = answer.json()
    return value if isinstance(value, dict) else {}


@journey()
def another_tenant_finds_no_job(scene: PlatformScene) -> None:
    """To another tenant a job does not exist, whatever is asked of it, and nothing that it asks changes the job."""
    scene.others()
    jobs, _, job = scene.ended()
    jobs.results(job)
    jobs.strangers(job)
    jobs.results(job)
    jobs.strangers(jobs.submit())


def _refused_alone(scene: PlatformScene, operation: str) -> None:
    others, (jobs, _, job) = scene.others(), scene.ended()
    body = json_body({"tags": ["somebody-else"]}) if operation == "replace_job_tags" else b""
    headers = {**others, **(TYPED if body else {})}
    answer = scene.exchange.call(operation, headers=headers, values={"id": job.id}, body=body)
    if answer.status != 404:
        message = f"somebody else's: expected 404, found {brief(answer)}"
        fault("private_to_its_owner", operation, message, [*job.steps[:1], scene.exchange.step])
    jobs.read(job)


@journey()
def another_tenant_reads_no_result(scene: PlatformScene) -> None:
    """A result that is there is not there for another tenant."""
    _refused_alone(scene, "get_job_results_jid")


@journey()
def another_tenant_reads_no_metrics(scene: PlatformScene) -> None:
    """The logs and metrics of a job are not there for another tenant."""
    _refused_alone(scene, "get_jog_logs_jid")
    _refused_alone(scene, "get_job_metrics_jid")


@journey()
def another_tenant_changes_nothing(scene: PlatformScene) -> None:
    """Another tenant can neither tag, nor cancel, nor delete a job."""
    for operation in ("replace_job_tags", "cancel_job_jid", "delete_job"):
        _refused_alone(scene, operation)


JOURNEYS: Final = (
    a_result_comes_at_the_end_and_stays, logs_come_at_the_end_and_stay, a_queued_job_can_be_cancelled,
    a_running_job_can_be_cancelled, a_done_job_cannot_be_cancelled, a_deleted_job_is_gone_everywhere,
    every_job_has_an_id_of_its_own, a_job_is_read_as_it_was_sent, tags_are_replaced, private_inputs_are_never_shown,
    inputs_are_left_out_where_asked, all_answers_about_a_job_agree, another_tenant_finds_no_job,
    another_tenant_reads_no_result, another_tenant_reads_no_metrics, another_tenant_changes_nothing,
)  # fmt: skip
