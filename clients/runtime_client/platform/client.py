"""The clients of today's API: one method for each operation, and a `Job` handle to wait with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack

from runtime_client.addresses import checked_base_url
from runtime_client.flows import Flow, Pages
from runtime_client.lifetime import AwaitingClient, BlockingClient
from runtime_client.methods import listing, method
from runtime_client.operation import Operation
from runtime_client.platform import operations
from runtime_client.platform.envelopes import facts
from runtime_client.platform.jobs import AsyncJob, Job
from runtime_client.platform.paging import all_jobs, all_workloads
from runtime_client.platform.places import default_iam_url, default_url, parse_crn
from runtime_client.platform.tokens import Credentials
from runtime_client.running import AsyncRunner, Runner
from runtime_client.settings import AsyncTransportOptions, AsyncTransportSettings, TransportOptions, TransportSettings
from runtime_client.shapes import Text, checked
from runtime_client.transport import Transport

if TYPE_CHECKING:
    from runtime_client.platform.analytics_models import AnalyticsFilters, AnalyticsUsage, GroupedUsage, UsageByDate
    from runtime_client.platform.arguments import Moment
    from runtime_client.platform.backend_models import (
        BackendConfiguration,
        BackendProperties,
        BackendStatus,
        BackendSummary,
    )
    from runtime_client.platform.job_models import JobInfo, JobMetrics, JobPage
    from runtime_client.platform.options import AnalyticsOptions, JobFilters, JobOptions, WorkloadFilters
    from runtime_client.platform.results import JobResult
    from runtime_client.platform.service_models import (
        Account,
        Instance,
        InstanceConfiguration,
        Session,
        Usage,
        Versions,
        Workload,
        WorkloadPage,
    )
    from runtime_client.settings import CommonSettings

NEWEST_API_VERSION = "2026-04-15"
"""The newest version of the API that this client knows. Evidence: IBM's change log."""

_T = TypeVar("_T")
_J = TypeVar("_J", bound=Job | AsyncJob)
_DATE = Text(format="date")


class PlatformService:
    """One instance of the service, at one address, with the credentials and the version that it is asked with."""

    def __init__(
        self,
        url: str | None,
        *,
        token: str | None,
        instance: str | None,
        access_token: str | None,
        iam_url: str | None,
        api_version: str,
        settings: CommonSettings,
    ) -> None:
        self.monotonic = settings.monotonic
        self._settings = settings
        self._api_version = checked(_DATE, api_version, "api_version")
        self._credentials = Credentials(
            api_key=token, access_token=access_token, instance=instance, monotonic=settings.monotonic
        )
        self.crn = parse_crn(instance or "")
        if url is None:
            if self.crn.region is None:
                raise ValueError("url must be given, or an instance whose CRN names a region")
            url = default_url(self.crn.region)
        self.url = checked_base_url(url, "url")
        iam = default_iam_url(self.url) if iam_url is None else checked_base_url(iam_url, "iam_url")
        self._transport = self._transport_to(self.url)
        self._credentials.fetch_with(self._transport_to(iam).send)

    def _transport_to(self, url: str) -> Transport:
        return Transport(
            url=url, account_url=url, credentials=self._credentials, settings=self._settings, envelope=facts
        )

    def perform(self, operation: Operation[_T]) -> Flow[_T]:
        """Send an operation, asking for the version, and return its value."""
        asked = operations.with_version(operation, self._api_version)
        answer = yield from self._transport.send(asked.call)
        return asked.decode(answer)


class RuntimeMethods(Generic[_J]):
    """The operations of today's API, as methods of both kinds of client."""

    _service: PlatformService
    _runner: Any
    _handle: type[_J]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._service.url!r}, token=***)"

    # Versions and backends

    @method
    def versions(self) -> Operation[Versions]:
        """Return the versions of the API; needs no credentials (get_versions)."""
        return operations.versions()

    @method
    def list_backends(self, *, wait_times: bool = False) -> Operation[tuple[BackendSummary, ...]]:
        """Return the backends of the instance, with waiting times if asked for (list_backends)."""
        return operations.list_backends(wait_times=wait_times)

    @method
    def backend_configuration(self, name: str, *, calibration_id: str | None = None) -> Operation[BackendConfiguration]:
        """Return what a backend is; raises `NotFound` (get_backend_configuration)."""
        return operations.backend_configuration(name, calibration_id=calibration_id)

    @method
    def backend_properties(
        self, name: str, *, updated_before: Moment | None = None, calibration_id: str | None = None
    ) -> Operation[BackendProperties]:
        """Return the calibration of a backend, the last before a moment if one is given (get_backend_properties)."""
        return operations.backend_properties(name, updated_before=updated_before, calibration_id=calibration_id)

    @method
    def backend_status(self, name: str) -> Operation[BackendStatus]:
        """Return whether a backend takes jobs, and how many wait (get_backend_status)."""
        return operations.backend_status(name)

    @method
    def backend_defaults(self, name: str) -> Operation[dict[str, Any] | None]:
        """Return the pulse defaults of a backend as they come, None for null (get_backend_defaults)."""
        return operations.backend_defaults(name)

    # Jobs

    @method
    def submit_job(self, program_id: str, backend: str, **options: Unpack[JobOptions]) -> Operation[_J]:
        """Run a program such as "sampler" on a backend and return the job's handle (create_job).

        The `options` are params, runtime, tags, session_id, log_level, cost, private, calibration_id and parent_job_id,
        described at `JobOptions`. Raises `BadRequest` for params that the program does not take, `NotFound` for an
        unknown program or backend, `Conflict` at a limit of the instance. Never repeated by itself once it may have
        reached the service: a `TransportError` with `sent` True leaves open whether the job runs.
        """
        return operations.submit_job(program_id, backend, options).then(lambda submitted: self.job(submitted.id))

    def job(self, job_id: str) -> _J:
        """Return the handle of a job whose id is known; nothing is sent."""
        return self._handle(self._service, self._runner, job_id, monotonic=self._service.monotonic)

    @method
    def get_job(self, job_id: str, *, exclude_params: bool | None = True) -> Operation[JobInfo]:
        """Return one job, without its parameters unless asked for; raises `NotFound` (get_job)."""
        return operations.get_job(job_id, exclude_params=exclude_params)

    @method
    def list_jobs(
        self, *, limit: int | None = None, offset: int | None = None, **filters: Unpack[JobFilters]
    ) -> Operation[JobPage]:
        """Return one page of jobs, 1 to 200 of them (list_jobs); the filters are described at `JobFilters`."""
        return operations.list_jobs(limit=limit, offset=offset, filters=filters)

    @listing
    def jobs(self, *, page_size: int = 50, **filters: Unpack[JobFilters]) -> Pages[JobInfo]:
        """Yield all jobs that pass the filters, asking for page after page until one is empty or the count is reached.

        A job submitted meanwhile pushes the others down, so that some come again on the next page: they are yielded
        once. Raises `ContractViolation` when pages bring nothing new time after time: the service ignores `offset`.
        """
        return all_jobs(page_size, filters)

    @method
    def job_results(self, job_id: str) -> Operation[JobResult | None]:
        """Return the results of a job, or None (204) while there are none (get_job_results_jid)."""
        return operations.job_results(job_id)

    @method
    def job_logs(self, job_id: str) -> Operation[str]:
        """Return what a job logged; raises `NotFound` while there is nothing (get_jog_logs_jid)."""
        return operations.job_logs(job_id)

    @method
    def job_metrics(self, job_id: str) -> Operation[JobMetrics]:
        """Return the times and the usage of a job (get_job_metrics_jid)."""
        return operations.job_metrics(job_id)

    @method
    def cancel_job(self, job_id: str, *, parent_job_id: str | None = None) -> Operation[None]:
        """Cancel a job; raises `Conflict` when it is already over. Never repeated by itself (cancel_job_jid)."""
        return operations.cancel_job(job_id, parent_job_id=parent_job_id)

    @method
    def delete_job(self, job_id: str) -> Operation[None]:
        """Delete a job with its results; raises `NotFound` (delete_job)."""
        return operations.delete_job(job_id)

    @method
    def replace_tags(self, job_id: str, tags: Iterable[str]) -> Operation[None]:
        """Replace the tags of a job, at most 8 of at most 86 characters (replace_job_tags)."""
        return operations.replace_tags(job_id, tags)

    @method
    def list_tags(self, search: str) -> Operation[tuple[str, ...]]:
        """Return the tags of jobs that hold a text of at least 3 characters (list_tags)."""
        return operations.list_tags(search).then(lambda found: found.tags or ())

    # Sessions

    @method
    def create_session(
        self,
        backend: str | None = None,
        *,
        mode: str = "dedicated",
        max_ttl: int | None = None,
        interactive_ttl: int | None = None,
        active_ttl: int | None = None,
    ) -> Operation[Session]:
        """Open a session ("dedicated") or a batch and return it; times to live are in seconds (create_session).

        Only channel partners set `interactive_ttl` and `active_ttl`. Never repeated by itself.
        """
        return operations.create_session(
            mode=mode, backend=backend, max_ttl=max_ttl, interactive_ttl=interactive_ttl, active_ttl=active_ttl
        )

    @method
    def session(self, session_id: str) -> Operation[Session]:
        """Return a session or batch as it is now; raises `NotFound` (get_session)."""
        return operations.session(session_id)

    @method
    def update_session(self, session_id: str, *, accepting_jobs: bool) -> Operation[None]:
        """Say whether a session takes more jobs; one that takes none ends with its last job (update_session)."""
        return operations.update_session(session_id, accepting_jobs=accepting_jobs)

    @method
    def close_session(self, session_id: str) -> Operation[None]:
        """Close a session now; jobs in it that wait are cancelled (delete_session_close)."""
        return operations.close_session(session_id)

    # Instances, accounts, workloads

    @method
    def instance(self) -> Operation[Instance]:
        """Return the instance of the caller (get_instance)."""
        return operations.instance()

    @method
    def instance_configuration(self) -> Operation[InstanceConfiguration]:
        """Return what the instance is limited to (get_instance_configuration)."""
        return operations.instance_configuration()

    @method
    def replace_instance_configuration(self, *, instance_limit: int | None = None) -> Operation[None]:
        """Replace the limit of the instance, in seconds; None takes it away (replace_instance_configuration)."""
        return operations.replace_instance_configuration(instance_limit)

    @method
    def usage(self) -> Operation[Usage]:
        """Return what the instance has used, in seconds (get_usage)."""
        return operations.usage()

    @method
    def list_workloads(
        self,
        *,
        limit: int | None = None,
        next_cursor: str | None = None,
        previous_cursor: str | None = None,
        **filters: Unpack[WorkloadFilters],
    ) -> Operation[WorkloadPage]:
        """Return one page of workloads, 1 to 50 of them (find_instance_workloads).

        A cursor is the query of that name in the `href` of another page; `workloads` follows them by itself.
        """
        return operations.list_workloads(
            limit=limit, next_cursor=next_cursor, previous_cursor=previous_cursor, filters=filters
        )

    @listing
    def workloads(self, *, page_size: int = 50, **filters: Unpack[WorkloadFilters]) -> Pages[Workload]:
        """Yield all workloads that pass the filters, following the cursors from page to page.

        Only the cursor is taken from a link, never its address. Raises `ContractViolation` for a link without a cursor,
        and for one that leads back.
        """
        return all_workloads(page_size, filters)

    @method
    def account(self, account_id: str | None = None, *, plan_id: str | None = None) -> Operation[Account]:
        """Return the plans of an account, that of the instance's CRN unless one is named (get_account)."""
        found = self._service.crn.account_id if account_id is None else account_id
        if found is None:
            raise ValueError("account_id must be given, as the instance is no CRN that names an account")
        return operations.account(found, plan_id=plan_id)

    # Analytics

    @method
    def analytics_usage(self, **options: Unpack[AnalyticsOptions]) -> Operation[AnalyticsUsage]:
        """Return usage as a whole; the options are described at `AnalyticsOptions` (analytics_usage)."""
        return operations.analytics_usage(options)

    @method
    def analytics_usage_grouped(self, group_by: str, **options: Unpack[AnalyticsOptions]) -> Operation[GroupedUsage]:
        """Return usage by instance, backend, user_id, plan or subscription_id (get_usage_analytics_grouped)."""
        return operations.analytics_usage_grouped(group_by, options)

    @method
    def analytics_usage_grouped_by_date(
        self, group_by: str = "instance", **options: Unpack[AnalyticsOptions]
    ) -> Operation[UsageByDate]:
        """Return usage by instance and interval (get_usage_analytics_grouped_by_date)."""
        return operations.analytics_usage_grouped_by_date(group_by, options)

    @method
    def analytics_filters(self, *, instance: Iterable[str] | None = None) -> Operation[AnalyticsFilters]:
        """Return what analytics can be filtered by (analytics_filters)."""
        return operations.analytics_filters(instance=instance)


class RuntimeClient(RuntimeMethods[Job], BlockingClient):
    """Talks to today's API at `url` for one instance, with the API key `token`.

    * `url`: the base below which the paths begin with /v1, such as "https://quantum.cloud.ibm.com/api"; left out, it is
      IBM's for the region that the CRN names.
    * `token`: an API key, exchanged at IAM for a token that is kept and renewed in time, or when the service refuses
      it. `access_token`: a token of IAM instead, which is used as it is.
    * `instance`: the CRN of the instance, sent as `Service-CRN`.
    * `iam_url`: where tokens come from; left out, IBM's IAM for IBM's hosts and else the origin of `url`.
    * `api_version`: the date sent as `IBM-API-Version`. Models are those of the newest; what an older one
      has beside them is in `raw`.
    * further options: `timeout`, `retries`, `session`, `transport`, `http_client`, `verify`, `proxy`, `sleep`,
      `monotonic`, `jitter`, `application`, `max_response_bytes`; see `runtime_client.settings.TransportSettings` for
      units and defaults.

    A client is a context manager and closes the connections that it opened. Its token may be asked for by several
    threads at once, and one of them fetches it; a `requests.Session` in it belongs to one thread, like any other, and
    an `httpx.Client` to as many as like.

    Every method may raise `TransportError`, an `ApiError` by status, or `ContractViolation`, of the operation itself or
    of the exchange for a token ("iam-token").
    """

    _handle = Job

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        instance: str | None = None,
        access_token: str | None = None,
        iam_url: str | None = None,
        api_version: str = NEWEST_API_VERSION,
        **options: Unpack[TransportOptions],
    ) -> None:
        settings = TransportSettings(**options)
        self._service = PlatformService(
            url,
            token=token,
            instance=instance,
            access_token=access_token,
            iam_url=iam_url,
            api_version=api_version,
            settings=settings,
        )
        self._runner = Runner(settings.exchange(), sleep=settings.sleep)


class AsyncRuntimeClient(RuntimeMethods[AsyncJob], AwaitingClient):
    """Talks to today's API over httpx, with methods to be awaited; its arguments and methods are `RuntimeClient`'s.

    * further options: `timeout`, `retries`, `transport`, `http_client`, `verify`, `proxy`, `sleep`, `monotonic`,
      `jitter`, `application`, `max_response_bytes`; see `runtime_client.settings.AsyncTransportSettings`.

    A client is an asynchronous context manager and closes the connections that it opened. It belongs to one event loop,
    of asyncio or of trio, and to any number of tasks in it: they share the connections, and one of them fetches the
    token that all wait for. A task may be cancelled at any time, and a deadline set around any call.
    """

    _handle = AsyncJob

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        instance: str | None = None,
        access_token: str | None = None,
        iam_url: str | None = None,
        api_version: str = NEWEST_API_VERSION,
        **options: Unpack[AsyncTransportOptions],
    ) -> None:
        settings = AsyncTransportSettings(**options)
        self._service = PlatformService(
            url,
            token=token,
            instance=instance,
            access_token=access_token,
            iam_url=iam_url,
            api_version=api_version,
            settings=settings,
        )
        self._runner = AsyncRunner(settings.exchange(), sleep=settings.sleep)
