"""Every operation of today's API: what exactly is sent, and what an answer becomes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from runtime_client import ContractViolation
from runtime_client.platform import JobStatus, RuntimeClient
from runtime_contracts.contract import Contract
from tests.runtime_client.platform.answers import (
    ACCESS_TOKEN,
    INSTANCE,
    JOB_ID,
    SESSION_ID,
    job_json,
    session_json,
    usage_json,
    workload_json,
)
from tests.runtime_client.platform.conftest import MakeClient
from tests.runtime_client.scripted import NO_CONTENT, URL, Scripted, Service, json_answer, text_answer

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
NOON_TEXT = "2026-09-01T12%3A00%3A00%2B00%3A00"
PUBS = {"pubs": [["OPENQASM 3.0;"]], "version": 2}


@dataclass(frozen=True)
class Told:
    """One operation: the call, the answer, the request line and body wanted, what to look at and what is there."""

    call: Callable[[RuntimeClient], Any]
    answer: Scripted
    line: str
    look: Callable[[Any], object] = lambda value: value
    value: object = None
    body: object = None


QUANTITY = {"date": "2026-09-01T10:00:00Z", "name": "T1", "unit": "us", "value": 71.5}
CONFIGURATION = {
    "backend_name": "ibm_fez", "backend_version": "1.3.37", "basis_gates": ["cz"], "conditional": False,
    "coupling_map": [[0, 1]], "gates": [{"name": "cz", "parameters": None, "qasm_def": None}], "local": False,
    "memory": True, "n_qubits": 2, "online_date": "2024-05-14T04:00:00+00:00", "dt": 0.25,
}  # fmt: skip
PROPERTIES = {
    "backend_name": "ibm_fez", "backend_version": "1.3.37", "gates": [], "general": [{"name": "lf_4"}],
    "last_update_date": "2026-09-01T10:00:00Z", "qubits": [[QUANTITY]],
}  # fmt: skip
DEVICE = {"name": "ibm_fez", "status": {"name": "online"}, "queue_length": 3}
PLAN = {"backends": [], "plan_id": "p", "subscription_id": "s", "subscription_name": "n"}
FILTERS = {"backends": [{"name": "ibm_fez"}], "instances": [], "users": [], "plans": [], "subscriptions": []}

TOLD: dict[str, Told] = {
    "get_versions": Told(
        lambda c: c.versions(),
        json_answer({"versions": [{"version": "2026-04-15", "status": "live"}]}),
        "GET /api/v1/versions",
        lambda found: [(item.version, item.status, item.sunset_date) for item in found.versions],
        [("2026-04-15", "live", None)],
    ),
    "list_backends": Told(
        lambda c: c.list_backends(),
        json_answer({"devices": [DEVICE | {"class": "mock", "clops": None}]}),
        "GET /api/v1/backends",
        lambda found: [(item.name, item.status.name, item.queue_length, item.device_class) for item in found],
        [("ibm_fez", "online", 3, "mock")],
    ),
    "list_backends, waiting times": Told(
        lambda c: c.list_backends(wait_times=True),
        json_answer({"devices": [DEVICE | {"wait_time_seconds": {"average": 1, "p50": 2, "p95": 3}}]}),
        "GET /api/v1/backends?fields=wait_time_seconds",
        lambda found: found[0].wait_time_seconds.p95,
        3,
    ),
    "list_backends, names": Told(
        lambda c: c.list_backends(),
        json_answer({"devices": ["ibm_fez", "ibm_miami"]}),
        "GET /api/v1/backends",
        lambda found: [(item.name, item.status, item.queue_length) for item in found],
        [("ibm_fez", None, None), ("ibm_miami", None, None)],
    ),
    "get_backend_configuration": Told(
        lambda c: c.backend_configuration("ibm_fez", calibration_id="cal"),
        json_answer(CONFIGURATION),
        "GET /api/v1/backends/ibm_fez/configuration?calibration_id=cal",
        lambda found: (found.n_qubits, found.coupling_map, found.gates[0].name, found.dt),
        (2, ((0, 1),), "cz", 0.25),
    ),
    "get_backend_properties": Told(
        lambda c: c.backend_properties("ibm_fez", updated_before=NOON),
        json_answer(PROPERTIES),
        f"GET /api/v1/backends/ibm_fez/properties?updated_before={NOON_TEXT}",
        lambda found: (found.qubits[0][0].name, found.qubits[0][0].value),
        ("T1", 71.5),
    ),
    "get_backend_status": Told(
        lambda c: c.backend_status("ibm fez/1"),
        json_answer({"length_queue": 4, "state": True}),
        "GET /api/v1/backends/ibm%20fez%2F1/status",
        lambda found: (found.state, found.length_queue),
        (True, 4),
    ),
    "get_backend_defaults": Told(
        lambda c: c.backend_defaults("ibm_fez"), json_answer(None), "GET /api/v1/backends/ibm_fez/defaults"
    ),
    "get_backend_defaults, an object": Told(
        lambda c: c.backend_defaults("ibm_fez"),
        json_answer({"buffer": 0}),
        "GET /api/v1/backends/ibm_fez/defaults",
        value={"buffer": 0},
    ),
    "create_job": Told(
        lambda c: c.submit_job("sampler", "ibm_fez", params=PUBS),
        json_answer({"id": JOB_ID, "backend": "ibm_fez"}),
        "POST /api/v1/jobs",
        lambda job: job.id,
        JOB_ID,
        {"program_id": "sampler", "backend": "ibm_fez", "params": PUBS},
    ),
    "create_job, everything": Told(
        lambda c: c.submit_job(
            "sampler", "ibm_fez", params=PUBS, runtime="r:1", tags=("a", "b"), session_id=SESSION_ID, log_level="debug",
            cost=0, private=False, calibration_id="cal", parent_job_id="parent",
        ),
        json_answer({"id": JOB_ID, "backend": "ibm_fez", "session_id": SESSION_ID, "private": False}),
        "POST /api/v1/jobs",
        repr,
        f"Job('{JOB_ID}')",
        {
            "program_id": "sampler", "backend": "ibm_fez", "params": PUBS, "runtime": "r:1", "tags": ["a", "b"],
            "session_id": SESSION_ID, "log_level": "debug", "cost": 0, "private": False, "calibration_id": "cal",
        },
    ),
    "get_job": Told(
        lambda c: c.get_job(JOB_ID),
        json_answer(job_json(
            "Failed", session_id=SESSION_ID, tags=["a"], private=True,
            state={"status": "Failed", "reason": "no", "reason_code": 1501, "reason_solution": "yes"},
            usage={"qpu_charge_time_seconds": 2, "status": "complete"},
        )),
        f"GET /api/v1/jobs/{JOB_ID}?exclude_params=true",
        lambda job: (
            job.id, job.status, job.reason, job.state.reason_code, job.state.reason_solution, job.backend,
            job.program_id, job.created, job.tags, job.session_id, job.cost, job.usage.qpu_charge_time_seconds,
            job.usage.status, job.private, job.params,
        ),
        (
            JOB_ID, JobStatus.FAILED, "no", 1501, "yes", "ibm_fez", "sampler", "2026-09-01T10:00:00.000000Z", ("a",),
            SESSION_ID, 600, 2, "complete", True, None,
        ),
    ),
    "get_job, with parameters": Told(
        lambda c: c.get_job(JOB_ID, exclude_params=False),
        json_answer(job_json(params=PUBS)),
        f"GET /api/v1/jobs/{JOB_ID}?exclude_params=false",
        lambda job: job.params,
        PUBS,
    ),
    "delete_job": Told(lambda c: c.delete_job(JOB_ID), NO_CONTENT, f"DELETE /api/v1/jobs/{JOB_ID}"),
    "list_jobs": Told(
        lambda c: c.list_jobs(),
        json_answer({"jobs": [job_json()], "limit": 200, "offset": 0}),
        "GET /api/v1/jobs",
        lambda page: ([job.id for job in page.jobs], page.limit, page.offset, page.count),
        ([JOB_ID], 200, 0, None),
    ),
    "list_jobs, everything": Told(
        lambda c: c.list_jobs(
            limit=7, offset=14, pending=False, program="sampler", backend="ibm_fez", session_id="s",
            created_after="2026-09-01T10:00:00Z", created_before=NOON, tags=["a b", "c&d"], sort="ASC",
            exclude_params=False,
        ),
        json_answer({"jobs": [], "limit": 7, "offset": 14, "count": 3}),
        "GET /api/v1/jobs?limit=7&offset=14&pending=false&program=sampler&backend=ibm_fez&session_id=s"
        f"&created_after=2026-09-01T10%3A00%3A00Z&created_before={NOON_TEXT}&tags=a+b&tags=c%26d&sort=ASC"
        "&exclude_params=false",
        lambda page: (page.jobs, page.count),
        ((), 3),
    ),
    "get_job_results_jid": Told(
        lambda c: c.job_results(JOB_ID),
        text_answer('{"results": []}'),
        f"GET /api/v1/jobs/{JOB_ID}/results",
        lambda result: (result.text, result.json()),
        ('{"results": []}', {"results": []}),
    ),
    "get_job_results_jid, none yet": Told(
        lambda c: c.job_results(JOB_ID), NO_CONTENT, f"GET /api/v1/jobs/{JOB_ID}/results"
    ),
    "get_job_results_jid, as JSON": Told(
        lambda c: c.job_results(JOB_ID),
        json_answer([1]),
        f"GET /api/v1/jobs/{JOB_ID}/results",
        lambda result: (result.is_json, result.json()),
        (True, [1]),
    ),
    "get_jog_logs_jid": Told(
        lambda c: c.job_logs(JOB_ID), text_answer("line\n"), f"GET /api/v1/jobs/{JOB_ID}/logs", value="line\n"
    ),
    "cancel_job_jid": Told(
        lambda c: c.cancel_job(JOB_ID, parent_job_id="parent"), NO_CONTENT, f"POST /api/v1/jobs/{JOB_ID}/cancel"
    ),
    "get_job_metrics_jid": Told(
        lambda c: c.job_metrics(JOB_ID),
        json_answer({"timestamps": {"created": "2026-09-01T10:00:00Z"}, "circuits_execution_time_ns": 5}),
        f"GET /api/v1/jobs/{JOB_ID}/metrics",
        lambda found: (found.timestamps.created, found.timestamps.running, found.circuits_execution_time_ns),
        ("2026-09-01T10:00:00Z", None, 5),
    ),
    "replace_job_tags": Told(
        lambda c: c.replace_tags(JOB_ID, ("a",)), NO_CONTENT, f"PUT /api/v1/jobs/{JOB_ID}/tags", body={"tags": ["a"]}
    ),
    "list_tags": Told(
        lambda c: c.list_tags("tag"),
        json_answer({"tags": ["tagged"]}),
        "GET /api/v1/tags?type=job&search=tag",
        value=("tagged",),
    ),
    "list_tags, none": Told(
        lambda c: c.list_tags("tag"), json_answer({}), "GET /api/v1/tags?type=job&search=tag", value=()
    ),
    "create_session": Told(
        lambda c: c.create_session("ibm_fez", mode="batch", max_ttl=60),
        json_answer(session_json(state="open", max_ttl=60)),
        "POST /api/v1/sessions",
        lambda found: (found.id, found.backend_name, found.mode, found.state, found.max_ttl),
        (SESSION_ID, "ibm_fez", "dedicated", "open", 60),
        {"mode": "batch", "backend": "ibm_fez", "max_ttl": 60},
    ),
    "create_session, of a partner": Told(
        lambda c: c.create_session(interactive_ttl=5, active_ttl=6),
        json_answer(session_json(backend_name=None)),
        "POST /api/v1/sessions",
        lambda found: found.backend_name,
        None,
        {"mode": "dedicated", "interactive_ttl": 5, "active_ttl": 6},
    ),
    "get_session": Told(
        lambda c: c.session(SESSION_ID),
        json_answer(session_json(timestamps=[{"status": "closed", "timestamp": "2026-09-01T10:00:00Z"}])),
        f"GET /api/v1/sessions/{SESSION_ID}",
        lambda found: [(item.status, item.timestamp) for item in found.timestamps],
        [("closed", "2026-09-01T10:00:00Z")],
    ),
    "update_session": Told(
        lambda c: c.update_session(SESSION_ID, accepting_jobs=False),
        NO_CONTENT,
        f"PATCH /api/v1/sessions/{SESSION_ID}",
        body={"accepting_jobs": False},
    ),
    "delete_session_close": Told(
        lambda c: c.close_session(SESSION_ID), NO_CONTENT, f"DELETE /api/v1/sessions/{SESSION_ID}/close"
    ),
    "get_instance": Told(
        lambda c: c.instance(),
        json_answer({"plan_id": "p", "backends": ["ibm_fez"]}),
        "GET /api/v1/instance",
        lambda found: (found.plan_id, found.backends),
        ("p", ("ibm_fez",)),
    ),
    "get_instance_configuration": Told(
        lambda c: c.instance_configuration(),
        json_answer({"instance_limit": 5.5}),
        "GET /api/v1/instances/configuration",
        lambda found: found.instance_limit,
        5.5,
    ),
    "replace_instance_configuration": Told(
        lambda c: c.replace_instance_configuration(instance_limit=60),
        NO_CONTENT,
        "PUT /api/v1/instances/configuration",
        body={"instance_limit": 60},
    ),
    "replace_instance_configuration, no limit": Told(
        lambda c: c.replace_instance_configuration(), NO_CONTENT, "PUT /api/v1/instances/configuration", body={}
    ),
    "get_usage": Told(
        lambda c: c.usage(),
        json_answer({"instance_id": INSTANCE, "plan_id": "p", "usage_consumed_seconds": 1.5}),
        "GET /api/v1/instances/usage",
        lambda found: (found.instance_id, found.usage_consumed_seconds, found.usage_limit_reached),
        (INSTANCE, 1.5, None),
    ),
    "find_instance_workloads": Told(
        lambda c: c.list_workloads(
            limit=5, next_cursor="abc=", user="me", sort="-createdAt", status=["failed", "pending"], mode="batch",
            search="x", backend="ibm_fez", created_after=NOON, tags=["a"],
        ),
        json_answer({"workloads": [workload_json()], "total_count": 1, "limit": 5}),
        "GET /api/v1/workloads?limit=5&next=abc%3D&user=me&sort=-createdAt&status=failed&status=pending&mode=batch"
        f"&search=x&backend=ibm_fez&created_after={NOON_TEXT}&tags=a",
        lambda page: ([item.id for item in page.workloads], page.total_count, page.next),
        ([JOB_ID], 1, None),
    ),
    "get_account": Told(
        lambda c: c.account(),
        json_answer({"plans": [PLAN]}),
        "GET /api/v1/accounts/0a1b2c",
        lambda found: [item.plan_id for item in found.plans],
        ["p"],
    ),
    "get_account, of another": Told(
        lambda c: c.account("other", plan_id="p"),
        json_answer({"plans": []}),
        "GET /api/v1/accounts/other?plan_id=p",
        lambda found: found.plans,
        (),
    ),
    "analytics_usage": Told(
        lambda c: c.analytics_usage(instance=[INSTANCE], interval_start=NOON, simulators=False),
        json_answer(usage_json()),
        f"GET /api/v1/analytics/usage?instance={INSTANCE.replace(':', '%3A').replace('/', '%2F')}"
        f"&interval_start={NOON_TEXT}&simulators=false",
        lambda found: (found.usage, found.jobs, found.max_queue_time),
        (0, 1, 20),
    ),
    "get_usage_analytics_grouped": Told(
        lambda c: c.analytics_usage_grouped("plan", plan=["a", "b"]),
        json_answer({"data": [usage_json(key=None), usage_json(key="a")]}),
        "GET /api/v1/analytics/usage_grouped?group_by=plan&plan=a&plan=b",
        lambda found: [item.key for item in found.data],
        [None, "a"],
    ),
    "get_usage_analytics_grouped_by_date": Told(
        lambda c: c.analytics_usage_grouped_by_date(),
        json_answer({
            "interval_start": "a", "interval_end": "b",
            "data": [usage_json(key="k", interval_start="c", interval_end="d")],
        }),
        "GET /api/v1/analytics/usage_grouped_by_date?group_by=instance",
        lambda found: (found.interval_start, found.data[0].interval_end, found.data[0].queue_time),
        ("a", "d", 18),
    ),
    "analytics_filters": Told(
        lambda c: c.analytics_filters(instance=["i"]),
        json_answer(FILTERS),
        "GET /api/v1/analytics/filters?instance=i",
        lambda found: [item.name for item in found.backends],
        ["ibm_fez"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_operation(platform: RuntimeClient, service: Service, name: str) -> None:
    """Sends exactly the request of the document, and gives back what the answer says."""
    told = TOLD[name]
    service.answers(told.answer)
    found = told.call(platform)
    assert service.lines == [told.line]
    body = service.sent[0].body
    assert (json.loads(body) if body else None) == told.body
    assert told.look(found) == told.value


def test_every_operation_is_told() -> None:
    """Has all thirty operations of the document in the table above."""
    assert {name.partition(",")[0] for name in TOLD} == set(Contract.of("platform").operations)


def test_headers(platform: RuntimeClient, service: Service) -> None:
    """Sends the token, the instance and the newest version with every operation but that for the versions."""
    service.answers(json_answer(job_json()), json_answer({"versions": []}))
    platform.get_job(JOB_ID)
    platform.versions()
    asked, free = (sent.headers for sent in service.sent)
    assert (asked["Authorization"], asked["Service-CRN"]) == (f"Bearer {ACCESS_TOKEN}", INSTANCE)
    assert asked["IBM-API-Version"] == "2026-04-15"
    assert not {"Authorization", "Service-CRN", "IBM-API-Version"} & set(free)


def test_another_version(make_platform_client: MakeClient, service: Service) -> None:
    """Asks for the version that it was made for."""
    service.answers(json_answer({"devices": ["ibm_fez"]}))
    make_platform_client(api_version="2024-01-01").list_backends()
    assert service.sent[0].headers["IBM-API-Version"] == "2024-01-01"


@pytest.mark.parametrize("name", ["create_job, everything", "cancel_job_jid"])
def test_parent_of_a_job(platform: RuntimeClient, service: Service, name: str) -> None:
    """Says in a header which job another one comes from."""
    service.answers(TOLD[name].answer)
    TOLD[name].call(platform)
    assert service.sent[0].headers["Parent-Job-Id"] == "parent"


def test_a_body_says_that_it_is_json(platform: RuntimeClient, service: Service) -> None:
    """Has a content type where there is a body, and none elsewhere."""
    service.answers(NO_CONTENT, NO_CONTENT)
    platform.replace_tags(JOB_ID, [])
    platform.cancel_job(JOB_ID)
    assert service.sent[0].headers["Content-Type"] == "application/json"
    assert "Content-Type" not in service.sent[1].headers


def test_moments_keep_their_zone(platform: RuntimeClient, service: Service) -> None:
    """Sends a moment of another zone as it is."""
    service.answers(json_answer({"jobs": [], "limit": 1, "offset": 0}))
    platform.list_jobs(created_after=datetime(2026, 9, 1, 12, tzinfo=timezone(timedelta(hours=-5))))
    assert service.lines == ["GET /api/v1/jobs?created_after=2026-09-01T12%3A00%3A00-05%3A00"]


def test_raw_answers(platform: RuntimeClient, service: Service) -> None:
    """Keeps the object as it came, with what no model spells out, outside repr and comparison."""
    service.answers(json_answer(job_json(surprise=[None])), json_answer(job_json()))
    surprised, plain = platform.get_job(JOB_ID), platform.get_job(JOB_ID)
    assert surprised.raw["surprise"] == [None]
    assert surprised == plain
    assert "surprise" not in repr(surprised)


def test_text_of_results_that_is_no_json(platform: RuntimeClient, service: Service) -> None:
    """Gives a text as it is, and refuses to decode it, because a traceback is a result too."""
    service.answers(text_answer("Traceback (most recent call last):\n"))
    result = platform.job_results(JOB_ID)
    assert result is not None
    assert result.text.startswith("Traceback")
    with pytest.raises(ContractViolation, match="expected JSON in the text of the results"):
        result.json()


def test_base_url_may_have_any_prefix(make_platform_client: MakeClient, service: Service) -> None:
    """Keeps the path of the base URL in front of /v1."""
    service.answers(json_answer({"versions": []}))
    make_platform_client(f"{URL}/a/b/").versions()
    assert service.lines == ["GET /a/b/v1/versions"]
