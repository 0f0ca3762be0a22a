"""The client of today's API, edition "platform", and everything that it gives back.

.. code-block:: python

    from runtime_client.platform import RuntimeClient

    with RuntimeClient(token="an API key", instance="crn:v1:bluemix:public:quantum-computing:us-east:a/...") as client:
        job = client.submit_job("sampler", "ibm_fez", params={"pubs": [[circuit]], "version": 2})
        print(job.result(timeout=300).json())

`AsyncRuntimeClient` has the same methods, to be awaited. Errors are those of `runtime_client.errors`. Wrong arguments
raise `TypeError` or `ValueError` before anything is sent.
"""

from __future__ import annotations

from runtime_client.models import JobStatus
from runtime_client.platform.analytics_models import AnalyticsFilters, AnalyticsUsage, GroupedUsage, UsageByDate
from runtime_client.platform.backend_models import (
    BackendConfiguration,
    BackendProperties,
    BackendStatus,
    BackendSummary,
)
from runtime_client.platform.client import NEWEST_API_VERSION, AsyncRuntimeClient, RuntimeClient
from runtime_client.platform.job_models import JobInfo, JobMetrics, JobPage, JobState, JobUsage
from runtime_client.platform.jobs import AsyncJob, Job, Outcome
from runtime_client.platform.primitives import DataBin, PrimitiveResult, PubResult, Register
from runtime_client.platform.results import JobResult
from runtime_client.platform.service_models import (
    Account,
    ApiVersion,
    Instance,
    InstanceConfiguration,
    Plan,
    Session,
    Usage,
    Versions,
    Workload,
    WorkloadPage,
)

__all__ = [
    "NEWEST_API_VERSION",
    "Account",
    "AnalyticsFilters",
    "AnalyticsUsage",
    "ApiVersion",
    "AsyncJob",
    "AsyncRuntimeClient",
    "BackendConfiguration",
    "BackendProperties",
    "BackendStatus",
    "BackendSummary",
    "DataBin",
    "GroupedUsage",
    "Instance",
    "InstanceConfiguration",
    "Job",
    "JobInfo",
    "JobMetrics",
    "JobPage",
    "JobResult",
    "JobState",
    "JobStatus",
    "JobUsage",
    "Outcome",
    "Plan",
    "PrimitiveResult",
    "PubResult",
    "Register",
    "RuntimeClient",
    "Session",
    "Usage",
    "UsageByDate",
    "Versions",
    "Workload",
    "WorkloadPage",
]
