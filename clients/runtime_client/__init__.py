"""A thin, typed and strict client of the Qiskit Runtime REST API.

.. code-block:: python

    import runtime_client

    with runtime_client.connect("http://127.0.0.1:8000", token="my-token") as client:
        for program in client.list_programs():
            print(program.id, program.cost)
        job = client.submit_job(
            "runtime-simple",
            {"iterations": 2},
            hub="ibm-q-internal", group="near-time", project="qiskit-runtime", backend="ibmq_montreal",
        )
        print(job.result(timeout=300))

What makes it worth using beside plain `requests`:

* every answer is checked, and one that breaks the contract is a `ContractViolation` that says where;
* one error tree (see `runtime_client.errors`), and nothing from below ever gets through it;
* a call is repeated only where repeating is safe: never `submit_job`, never `create_program`;
* waiting ends, whatever becomes of the job; time is a parameter, so tests wait for nothing;
* tokens appear in no `repr`, log or error; the logger "runtime_client" tells each attempt at DEBUG.
"""

from __future__ import annotations

from typing import Unpack

from runtime_client.errors import (
    ApiError,
    BadRequest,
    Conflict,
    ContractViolation,
    Forbidden,
    Gone,
    JobCancelled,
    JobFailed,
    JobRanTooLong,
    NotAuthorized,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    RuntimeClientError,
    ServerError,
    TransportError,
    WaitTimeout,
)
from runtime_client.jobs import Job, Outcome, Poll
from runtime_client.legacy_2021 import RuntimeClient
from runtime_client.models import (
    Device,
    Group,
    Hub,
    JobInfo,
    JobPage,
    JobStatus,
    Login,
    Program,
    ProgramField,
    Project,
    ServiceVersion,
    User,
)
from runtime_client.retries import RetryPolicy
from runtime_client.settings import TransportOptions

__all__ = [
    "ApiError",
    "BadRequest",
    "ClientOptions",
    "Conflict",
    "ContractViolation",
    "Device",
    "Forbidden",
    "Gone",
    "Group",
    "Hub",
    "Job",
    "JobCancelled",
    "JobFailed",
    "JobInfo",
    "JobPage",
    "JobRanTooLong",
    "JobStatus",
    "Login",
    "NotAuthorized",
    "NotFound",
    "Outcome",
    "PayloadTooLarge",
    "Poll",
    "Program",
    "ProgramField",
    "Project",
    "RateLimited",
    "RetryPolicy",
    "RuntimeClient",
    "RuntimeClientError",
    "ServerError",
    "ServiceVersion",
    "TransportError",
    "User",
    "WaitTimeout",
    "connect",
]

_EDITIONS = {"legacy-2021": RuntimeClient, "2021": RuntimeClient}


class ClientOptions(TransportOptions, total=False):
    """The keyword options of `connect`: the addresses and tokens of `RuntimeClient`, and all of `TransportOptions`."""

    account_url: str | None
    access_token: str | None


def connect(url: str, *, token: str, edition: str = "legacy-2021", **options: Unpack[ClientOptions]) -> RuntimeClient:
    """Return a client of the service at `url` for an edition of its API: "legacy-2021", or "2021" for short.

    Nothing is sent yet. `options` are those of `RuntimeClient`. Raises `ValueError` for an unknown edition or arguments
    that make no sense.
    """
    client = _EDITIONS.get(edition)
    if client is None:
        raise ValueError(f"there is no edition {edition!r}; there are {', '.join(sorted(_EDITIONS))}")
    return client(url, token=token, **options)
