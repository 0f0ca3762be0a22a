"""Exchanges for observers to look at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from mock_runtime.clock import WALKTHROUGH_INSTANT
from mock_runtime.journal.entry import Entry

SECRET: Final = "alices-api-token"

POLL: Final = Entry(
    number=3,
    trace="c2b04fot418h0qp0peh0",
    at=WALKTHROUGH_INSTANT,
    seconds=0.00125,
    method="GET",
    path="/v1/jobs/c2b0/results",
    target=f"/v1/jobs/c2b0/results?token={SECRET}",
    inside="/api/v1/jobs/c2b0/results",
    host="quantum.cloud.ibm.com:443",
    status=204,
    edition="platform",
    operation="get-results",
    operation_id="get_job_results_jid",
    caller="alice",
    job="c2b0",
    job_status="running",
    request_headers=(("Authorization", f"Bearer {SECRET}"), ("User-Agent", "qiskit/1")),
    request_body=SECRET.encode(),
    answer_body=SECRET.encode(),
    elapsed_s=0.002,
    scheme="https",
)
"""A poll of a job that is at work."""


def exchange(**changes: Any) -> Entry:
    """A poll with some things otherwise."""
    return replace(POLL, **changes)
