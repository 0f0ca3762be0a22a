"""Whether a call is one that a rule waits for."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mock_runtime.faults.call import Call
from mock_runtime.faults.matching import matcher
from mock_runtime.faults.reading import fault
from tests.mock_runtime.faults.calls import call


def matches(match: dict[str, Any], asked: Call) -> bool:
    """Whether a rule with that match waits for the call."""
    return matcher(fault({"match": match, "act": {"status": 503}}).match)(asked)


@pytest.mark.parametrize(
    ("match", "same", "other"),
    [
        ({"operation": "get-results"}, {}, {"operation": "get-job", "operation_id": "get_job"}),
        ({"operation": "get_job_results_jid"}, {}, {"operation_id": "other"}),
        ({"operation": ["get-*", "list-*"]}, {}, {"operation": None, "operation_id": None}),
        ({"operation": "not get-job"}, {}, {"operation": "get-job"}),
        ({"operation": "not get_job"}, {}, {"operation_id": "get_job"}),
        ({"operation": "not log-in"}, {"operation": None, "operation_id": None}, {"operation": "log-in"}),
        ({"operation": ["get-*", "not get-logs"]}, {}, {"operation": "get-logs", "operation_id": "get_jog_logs_jid"}),
        ({"method": "get"}, {}, {"method": "HEAD"}),
        ({"method": "not POST"}, {}, {"method": "POST"}),
        ({"path": "/v1/jobs/*/results"}, {}, {"path": "/v1/jobs/j1"}),
        ({"path": ["/v1/**", "not /v1/jobs/**"]}, {"path": "/v1/backends"}, {}),
        ({"path": "/api/v1/jobs"}, {"path": "/v1/jobs", "also": ("/api/v1/jobs",)}, {"path": "/v1/jobs"}),
        ({"path": "not /api/v1/jobs"}, {}, {"path": "/v1/jobs", "also": ("/api/v1/jobs",)}),
        ({"header": {"Prefer": "respond*"}}, {"headers": {"prefer": "respond-async"}}, {"headers": {"prefer": "x"}}),
        ({"header": {"Prefer": "*"}}, {"headers": {"prefer": ""}}, {}),
        ({"header": {"Prefer": None}}, {}, {"headers": {"prefer": ""}}),
        ({"header": {"A": "1", "B": "2"}}, {"headers": {"a": "1", "b": "2"}}, {"headers": {"a": "1"}}),
        ({"query": {"limit": "5"}}, {"query": "x=1&limit=5"}, {"query": "limit=50"}),
        ({"query": {"limit": "5"}}, {"query": "limit=4&limit=5"}, {}),
        ({"query": {"limit": "*"}}, {"query": "limit="}, {"query": "Limit=5"}),
        ({"query": {"limit": None}}, {"query": "x=limit"}, {"query": "limit"}),
        ({"query": {"tags": "a b"}}, {"query": "tags=a%20b"}, {"query": "tags=a"}),
        ({"query": {"limit": "not 5"}}, {}, {"query": "limit=5"}),
        ({"caller": "al*"}, {}, {"find_caller": lambda: "bob"}),
        ({"caller": "*"}, {}, {"find_caller": lambda: None}),
        ({"job": "j1"}, {}, {"job": "j2"}),
        ({"job": "*"}, {}, {"job": None}),
        ({"job": "#1"}, {}, {"find_job_number": lambda: 2}),
        ({"job": "#1"}, {}, {"find_job_number": lambda: None}),
        ({"job": ["j9", "#1"]}, {}, {"find_job_number": lambda: 2}),
        ({"job": ["not #2"]}, {}, {"find_job_number": lambda: 2}),
        ({"job": ["not j2"]}, {"job": None}, {"job": "j2"}),
        ({"job": ["j*", "not #1"]}, {"find_job_number": lambda: 2}, {}),
        ({"session": "s*"}, {"session": "s1"}, {}),
        ({"backend": "ibm_*"}, {"backend": "ibm_torino"}, {"backend": "simulator"}),
        ({"method": "GET", "operation": "get-results"}, {}, {"method": "POST"}),
        ({"method": "GET", "operation": "get-results"}, {}, {"operation": "x", "operation_id": "y"}),
    ],
    ids=lambda value: re.sub(r" at 0x[0-9a-f]+", "", str(value)),
)
def test_what_is_waited_for_is_found(match: dict[str, Any], same: dict[str, Any], other: dict[str, Any]) -> None:
    """And nothing else."""
    assert matches(match, call(**same))
    assert not matches(match, call(**other))


def test_nothing_waits_for_anything() -> None:
    """An empty match is every call."""
    assert matches({}, Call(number=1, at=0, method="BREW", path=""))


def test_only_what_a_rule_wants_to_know_is_looked_up() -> None:
    """Who calls, and which submission made the job, cost a look-up each; they come last."""

    def never() -> Any:
        raise AssertionError("nobody wants to know")

    asked = call(find_caller=never, find_job_number=never)
    assert matches({"operation": "get-results", "job": "j*", "path": "/v1/**"}, asked)
    assert not matches({"method": "POST", "caller": "alice", "job": "#1"}, asked)
    assert matches({"job": ["j1", "#2"]}, asked)


def test_a_hostile_query_is_read() -> None:
    """Whatever it is made of."""
    assert not matches({"query": {"limit": "5"}}, call(query="&&=%ff&%" + "a=b&" * 10_000))
