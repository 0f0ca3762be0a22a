"""The clients of edition legacy-2021: one method for each operation, and a `Job` handle to wait with.

.. code-block:: python

    with RuntimeClient("http://127.0.0.1:8000", token="...") as client:
        job = client.submit_job("runtime-simple", {"iterations": 2}, backend="ibmq_montreal")
        print(job.result(timeout=120))

Errors are those of `runtime_client.errors`. Wrong arguments raise `TypeError` or `ValueError` before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack

from runtime_client import operations_2021 as operations
from runtime_client.addresses import checked_base_url
from runtime_client.credentials import Credentials
from runtime_client.flows import Flow, Pages
from runtime_client.jobs import AsyncJob, Job
from runtime_client.lifetime import AwaitingClient, BlockingClient
from runtime_client.methods import listing, method
from runtime_client.operation import Operation
from runtime_client.running import AsyncRunner, Runner
from runtime_client.settings import AsyncTransportOptions, AsyncTransportSettings, TransportOptions, TransportSettings
from runtime_client.transport import Transport
from runtime_client.uploads import ProgramDetails

if TYPE_CHECKING:
    from runtime_client.models import Device, Hub, JobInfo, JobPage, Login, Program, ServiceVersion, User
    from runtime_client.settings import CommonSettings

_T = TypeVar("_T")
_J = TypeVar("_J", bound=Job | AsyncJob)


class ServiceOf2021:
    """The runtime service and the account service beside it, and the tokens that they are asked with."""

    def __init__(
        self, url: str, *, token: str, account_url: str | None, access_token: str | None, settings: CommonSettings
    ) -> None:
        self.monotonic = settings.monotonic
        self.url = checked_base_url(url, "url")
        self.credentials = Credentials(token=token, access_token=access_token)
        self._transport = Transport(
            url=self.url,
            account_url=f"{self.url}/api" if account_url is None else checked_base_url(account_url, "account_url"),
            credentials=self.credentials,
            settings=settings,
        )

    def perform(self, operation: Operation[_T]) -> Flow[_T]:
        """Send an operation and return its value."""
        answer = yield from self._transport.send(operation.call)
        return operation.decode(answer)


class RuntimeMethods(Generic[_J]):
    """The operations of edition legacy-2021, as methods of both kinds of client."""

    _service: ServiceOf2021
    _runner: Any
    _handle: type[_J]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._service.url!r}, token=***)"

    # Programs

    @method
    def list_programs(self) -> Operation[list[Program]]:
        """Return the programs the caller may run: the public ones and the caller's own (get-programs)."""
        return operations.list_programs()

    @method
    def get_program(self, program_id: str) -> Operation[Program]:
        """Return one program, with its source in `data` for its author; raises `NotFound` (get-program)."""
        return operations.get_program(program_id)

    @method
    def create_program(self, *, name: str, source: str | bytes, **details: Unpack[ProgramDetails]) -> Operation[str]:
        """Upload a program and return its id (post-program).

        `name` must not be taken yet (`Conflict`), `source` is the Python text (str is sent as UTF-8) and not empty; the
        optional `details` are cost, description, version, is_public, parameters, return_values, interim_results and
        backend_requirements, described at `ProgramDetails`. Raises `Forbidden` without the right to upload. Never
        repeated by itself.
        """
        return operations.create_program(name, source, details)

    @method
    def update_program_data(self, program_id: str, source: str | bytes) -> Operation[None]:
        """Replace a program's source: str as UTF-8 text, bytes as they are (put-program-data).

        Raises `NotFound`, and `Forbidden` for another author's program.
        """
        return operations.update_program_data(program_id, source)

    @method
    def publish_program(self, program_id: str) -> Operation[None]:
        """Make a program visible to everybody; raises `NotFound` or `Forbidden` (put-program-public)."""
        return operations.publish_program(program_id)

    @method
    def unpublish_program(self, program_id: str) -> Operation[None]:
        """Make a program visible to its author only; raises `NotFound` or `Forbidden` (put-program-private)."""
        return operations.unpublish_program(program_id)

    @method
    def delete_program(self, program_id: str) -> Operation[None]:
        """Delete a program; raises `NotFound`, also the second time, or `Forbidden` (delete-program)."""
        return operations.delete_program(program_id)

    # Jobs

    @method
    def submit_job(
        self,
        program_id: str,
        inputs: Mapping[str, object] | None = None,
        *,
        backend: str | None = None,
        hub: str | None = None,
        group: str | None = None,
        project: str | None = None,
        runtime: str | None = None,
    ) -> Operation[_J]:
        """Run a program and return the job's handle (post-program-id, which is POST /jobs).

        `inputs` are sent as one JSON text in `params` and left out when None; whatever else is None is left out too and
        the service takes the caller's defaults. `runtime` is an image, "name:tag". Raises `NotFound` for an unknown
        program or backend, `TypeError` or `ValueError` for inputs that have no JSON. Never repeated by itself once it
        may have reached the service: a `TransportError` with `sent` True leaves open whether the job runs, and
        `list_jobs` tells.
        """
        return operations.submit_job(
            program_id, inputs, backend=backend, hub=hub, group=group, project=project, runtime=runtime
        ).then(self.job)

    def job(self, job_id: str) -> _J:
        """Return the handle of a job whose id is known; nothing is sent."""
        return self._handle(self._service, self._runner, job_id, monotonic=self._service.monotonic)

    @method
    def list_jobs(
        self, *, limit: int | None = None, offset: int | None = None, pending: bool | None = None
    ) -> Operation[JobPage]:
        """Return one page of the caller's jobs, newest first (get-jobs).

        `limit` and `offset` are at least 0 (the service's defaults are 200 and 0); `pending` True gives only jobs that
        are not over, False only those that are.
        """
        return operations.list_jobs(limit=limit, offset=offset, pending=pending)

    @listing
    def iter_jobs(self, *, page_size: int = 20, pending: bool | None = None) -> Pages[JobInfo]:
        """Yield all of the caller's jobs, newest first, asking for page after page until one is empty.

        A job submitted meanwhile pushes the others down, so that some come again on the next page: they are yielded
        once. A job deleted meanwhile can make one be missed. Raises `ContractViolation` when pages go on past the
        `count` they announce with nothing new on them: the service ignores `offset`, and there would be no end.
        """
        return operations.all_jobs(page_size, pending)

    @method
    def get_job(self, job_id: str) -> Operation[JobInfo]:
        """Return one job; raises `NotFound` (get-programs-id-jobs-jid, which is GET /jobs/{jid})."""
        return operations.get_job(job_id)

    @method
    def delete_job(self, job_id: str) -> Operation[None]:
        """Delete a job with its results; raises `NotFound` (delete-job)."""
        return operations.delete_job(job_id)

    @method
    def get_job_results(self, job_id: str) -> Operation[str | None]:
        """Return the text of the results, or None (204) while there are none (get-programs-id-jobs-jid-results).

        For a failed job the text is what it wrote, with the traceback. A cancelled job stays at None.
        """
        return operations.get_job_results(job_id)

    @method
    def get_job_logs(self, job_id: str) -> Operation[str]:
        """Return what the job wrote; raises `NotFound` before its end, `Gone` when it is too old (get-job-logs)."""
        return operations.get_job_logs(job_id)

    @method
    def cancel_job(self, job_id: str) -> Operation[None]:
        """Cancel a job; raises `Conflict` when it is already over, and `NotFound` (post-job-cancel).

        Never repeated by itself.
        """
        return operations.cancel_job(job_id)

    @method
    def logout(self) -> Operation[None]:
        """Make the runtime service forget what it remembers of the caller's rights; the tokens stay valid (logout)."""
        return operations.logout()

    # Account service

    @method
    def login(self) -> Operation[Login]:
        """Exchange the API token for a session token, which this client sends from now on (login-with-token)."""
        return operations.login(self._service.credentials.api_token).then(self._use_session)

    @method
    def get_user(self) -> Operation[User]:
        """Return the account behind the session token and the addresses of its services (get-user)."""
        return operations.get_user()

    @method
    def logout_user(self) -> Operation[None]:
        """End the session; from now on this client sends the API token again (logout-user)."""
        return operations.logout_user().then(self._service.credentials.use_session)

    @method
    def get_version(self) -> Operation[ServiceVersion]:
        """Return the versions of the account service; needs no credentials (get-version)."""
        return operations.get_version()

    @method
    def list_hubs(self) -> Operation[list[Hub]]:
        """Return the hubs, groups and projects the caller belongs to (get-network)."""
        return operations.list_hubs()

    @method
    def list_devices(self, hub: str, group: str, project: str) -> Operation[list[Device]]:
        """Return the devices of a project; raises `NotFound` when there is no such project (get-devices)."""
        return operations.list_devices(hub, group, project)

    def _use_session(self, login: Login) -> Login:
        self._service.credentials.use_session(login.id)
        return login


class RuntimeClient(RuntimeMethods[Job], BlockingClient):
    """Talks to a runtime service of edition legacy-2021 at `url`, with the account token `token`.

    * `url`: the runtime service's base; a path in it is kept as a prefix, a trailing slash does not matter.
    * `token`: the API token, sent as `Authorization: Bearer` until there is a session token.
    * `account_url`: the base of the account service, `{url}/api` unless given. The real service had it on hosts of its
      own.
    * `access_token`: a session token, sent as `X-Access-Token` instead; `login` obtains one.
    * further options: `timeout`, `retries`, `session`, `transport`, `http_client`, `verify`, `proxy`, `sleep`,
      `monotonic`, `jitter`, `application`, `max_response_bytes`; see `runtime_client.settings.TransportSettings` for
      units and defaults.

    A client is a context manager and closes the connections that it opened. Like the `requests.Session` in it, one
    client belongs to one thread. A session token that has run out is not renewed by itself: catch `NotAuthorized`,
    `login`, repeat.

    Every method may raise `TransportError`, an `ApiError` by status, or `ContractViolation`.
    """

    _handle = Job

    def __init__(
        self,
        url: str,
        *,
        token: str,
        account_url: str | None = None,
        access_token: str | None = None,
        **options: Unpack[TransportOptions],
    ) -> None:
        settings = TransportSettings(**options)
        self._service = ServiceOf2021(
            url, token=token, account_url=account_url, access_token=access_token, settings=settings
        )
        self._runner = Runner(settings.exchange(), sleep=settings.sleep)


class AsyncRuntimeClient(RuntimeMethods[AsyncJob], AwaitingClient):
    """Talks to a runtime service over httpx, with methods to be awaited; arguments and methods are `RuntimeClient`'s.

    * further options: `timeout`, `retries`, `transport`, `http_client`, `verify`, `proxy`, `sleep`, `monotonic`,
      `jitter`, `application`, `max_response_bytes`; see `runtime_client.settings.AsyncTransportSettings`.

    A client is an asynchronous context manager and closes the connections that it opened. It belongs to one event loop,
    of asyncio or of trio, and to any number of tasks in it. A task may be cancelled at any time, and a deadline set
    around any call.
    """

    _handle = AsyncJob

    def __init__(
        self,
        url: str,
        *,
        token: str,
        account_url: str | None = None,
        access_token: str | None = None,
        **options: Unpack[AsyncTransportOptions],
    ) -> None:
        settings = AsyncTransportSettings(**options)
        self._service = ServiceOf2021(
            url, token=token, account_url=account_url, access_token=access_token, settings=settings
        )
        self._runner = AsyncRunner(settings.exchange(), sleep=settings.sleep)
