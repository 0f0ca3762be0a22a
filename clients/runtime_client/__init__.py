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

Today's API, which IBM calls the Quantum Compute Service, has a client of its own in `runtime_client.platform`:

.. code-block:: python

    with runtime_client.connect(edition="platform", token="an API key", instance="crn:v1:bluemix:...") as client:
        job = client.submit_job("sampler", "ibm_fez", params={"pubs": [[circuit]], "version": 2})
        print(job.result(timeout=300).json())

`connect_async` gives the same to programs that await, over httpx (extra `httpx`), and `connect(..., transport="httpx")`
to those that block:

.. code-block:: python

    async with runtime_client.connect_async(edition="platform", token="an API key", instance="crn:...") as client:
        async for job in client.jobs(pending=True):
            print(job.id, job.status)

What makes them worth using beside plain `requests`:

* every answer is checked, and one that breaks the contract is a `ContractViolation` that says where;
* one error tree (see `runtime_client.errors`), and nothing from below ever gets through it;
* a call is repeated only where repeating is safe: never `submit_job`, never `create_program` or `create_session`;
* waiting ends, whatever becomes of the job; time is a parameter, so tests wait for nothing;
* tokens appear in no `repr`, log or error; the logger "runtime_client" tells each attempt at DEBUG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

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
from runtime_client.jobs import AsyncJob, Job, Outcome
from runtime_client.legacy_2021 import AsyncRuntimeClient, RuntimeClient
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
from runtime_client.settings import AsyncTransportOptions, TransportOptions
from runtime_client.waiting import Poll

if TYPE_CHECKING:
    from runtime_client.platform import AsyncRuntimeClient as AsyncPlatformClient
    from runtime_client.platform import RuntimeClient as PlatformClient

__all__ = [
    "ApiError",
    "AsyncClientOptions",
    "AsyncJob",
    "AsyncPlatformOptions",
    "AsyncRuntimeClient",
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
    "PlatformOptions",
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
    "connect_async",
]

_TODAY = frozenset({"platform", "today"})
_LEGACY_2021 = frozenset({"legacy-2021", "2021"})


class ClientOptions(TransportOptions, total=False):
    """The keyword options of `connect` for 2021: those of `RuntimeClient`, and all of `TransportOptions`."""

    account_url: str | None
    access_token: str | None


class PlatformOptions(TransportOptions, total=False):
    """The keyword options of `connect` for today's API; `platform.RuntimeClient` describes them."""

    instance: str | None
    access_token: str | None
    iam_url: str | None
    api_version: str


class AsyncClientOptions(AsyncTransportOptions, total=False):
    """The keyword options of `connect_async` for 2021: as `ClientOptions`, and all of `AsyncTransportOptions`."""

    account_url: str | None
    access_token: str | None


class AsyncPlatformOptions(AsyncTransportOptions, total=False):
    """The keyword options of `connect_async` for today's API; `platform.AsyncRuntimeClient` describes them."""

    instance: str | None
    access_token: str | None
    iam_url: str | None
    api_version: str


@overload
def connect(
    url: str, *, token: str, edition: Literal["legacy-2021", "2021"] = ..., **options: Unpack[ClientOptions]
) -> RuntimeClient: ...


@overload
def connect(
    url: str | None = None,
    *,
    token: str | None = None,
    edition: Literal["platform", "today"],
    **options: Unpack[PlatformOptions],
) -> PlatformClient: ...


@overload
def connect(
    url: str | None = None, *, token: str | None = None, edition: str, **options: Any
) -> RuntimeClient | PlatformClient: ...


def connect(
    url: str | None = None, *, token: str | None = None, edition: str = "legacy-2021", **options: Any
) -> RuntimeClient | PlatformClient:
    """Return a client of the service at `url` for an edition of its API.

    "legacy-2021", or "2021" for short, is the API of 2021; "platform" or "today" is today's, for which `url` may be
    left out: it is IBM's in the region that the CRN given as `instance` names. Nothing is sent yet. `options` are those
    of the edition's client; with `transport="httpx"` calls go over httpx and not over requests. Raises `TypeError` or
    `ValueError` for an unknown edition or arguments that make no sense, and `ImportError` where httpx is not there.
    """
    if _is_today(edition):
        # Its many models are made only for those who call today's API.
        from runtime_client.platform import RuntimeClient as Today  # noqa: PLC0415

        return Today(url, token=token, **options)
    if url is None or token is None:
        raise TypeError("edition legacy-2021 needs url and token")
    return RuntimeClient(url, token=token, **options)


@overload
def connect_async(
    url: str, *, token: str, edition: Literal["legacy-2021", "2021"] = ..., **options: Unpack[AsyncClientOptions]
) -> AsyncRuntimeClient: ...


@overload
def connect_async(
    url: str | None = None,
    *,
    token: str | None = None,
    edition: Literal["platform", "today"],
    **options: Unpack[AsyncPlatformOptions],
) -> AsyncPlatformClient: ...


@overload
def connect_async(
    url: str | None = None, *, token: str | None = None, edition: str, **options: Any
) -> AsyncRuntimeClient | AsyncPlatformClient: ...


def connect_async(
    url: str | None = None, *, token: str | None = None, edition: str = "legacy-2021", **options: Any
) -> AsyncRuntimeClient | AsyncPlatformClient:
    """Return a client whose methods are awaited; arguments, editions and errors are those of `connect`.

    It sends over httpx: `pip install 'mock-runtime[httpx]'`. Not a coroutine itself, as nothing is sent yet.
    """
    if _is_today(edition):
        from runtime_client.platform import AsyncRuntimeClient as Today  # noqa: PLC0415

        return Today(url, token=token, **options)
    if url is None or token is None:
        raise TypeError("edition legacy-2021 needs url and token")
    return AsyncRuntimeClient(url, token=token, **options)


def _is_today(edition: str) -> bool:
    if edition in _TODAY:
        return True
    if edition not in _LEGACY_2021:
        known = ", ".join(sorted(_TODAY | _LEGACY_2021))
        raise ValueError(f"there is no edition {edition!r}; there are {known}")
    return False
