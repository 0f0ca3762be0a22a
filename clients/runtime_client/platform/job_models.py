"""Jobs as today's API tells them: a job, pages of jobs, metrics, tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from runtime_client.models import JobStatus
from runtime_client.platform.bounds import INT32, Count, LineText, Map, NotNegative, Tags
from runtime_client.shapes import Array, Integer, Model, Record, Text

_MOMENT = Text(pattern=r"^[0-9TZt:\-+./*]+$", format="date-time")
_BILLING = Text(among=("pending", "complete"))


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState(Model):
    """The state of a job: the word for it and, when it did not end well, why (`reason`), its number and a way out."""

    status: Annotated[str, Text(among=("Queued", "Running", "Completed", "Cancelled", "Failed"))]
    reason: str | None = None
    reason_code: Annotated[int, Integer(at_least=1000, at_most=9999)] | None = None
    reason_solution: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRef(Model):
    """The program a job runs, such as "sampler"."""

    id: Annotated[str, Text(pattern="^.*$", at_least=1, at_most=1000000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobUsage(Model):
    """What a job is charged: seconds of the QPU, "pending" until billing is done.

    The last three are of versions of the API that are gone: until 2026-02-15 and, in nanoseconds, until 2026-03-15.
    """

    qpu_charge_time_seconds: NotNegative | None = None
    status: Annotated[str, _BILLING] | None = None
    seconds: NotNegative | None = None
    quantum_seconds: NotNegative | None = None
    circuits_execution_time_ns: NotNegative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderUsage(Model):
    """The usage of a job as versions of the API until 2026-02-15 had it a second time, in seconds."""

    seconds: NotNegative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePlace(Model):
    """A place in a bucket of IBM Cloud Object Storage."""

    object_name: str
    bucket_crn: str
    region: Annotated[str, Text(pattern="^[a-zA-Z-]+$")]
    region_type: Annotated[str, Text(among=("regional", "cross-region", "single-site"))]
    type: Annotated[str, Text(among=("ibmcloud_cos",))] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStorage(StoragePlace):
    """Where a partner's job keeps what goes in and comes out; published as a place that holds the places."""

    job_params: StoragePlace
    results: StoragePlace
    logs: StoragePlace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInfo(Model):
    """A job as the service describes it; `cost` is its time limit in seconds, `created` a UTC time as text.

    `params` are None unless they were asked for.
    """

    id: Annotated[str, Text(pattern="^[A-Za-z0-9_-]+$")]
    created: Annotated[str, _MOMENT]
    program: ProgramRef
    state: JobState
    status: JobStatus
    cost: Annotated[int, Integer(at_least=0, at_most=10800)]
    backend: LineText | None = None
    params: Map | None = None
    runtime: str | None = None
    tags: Tags | None = None
    remote_storage: RemoteStorage | None = None
    session_id: str | None = None
    user_id: str | None = None
    usage: JobUsage | None = None
    private: bool | None = None
    estimated_running_time_seconds: float | None = None
    calibration_id: str | None = None

    @property
    def program_id(self) -> str:
        """The id of the program."""
        return self.program.id

    @property
    def reason(self) -> str | None:
        """Why the job failed or was cancelled, None when nothing was said."""
        return self.state.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage(Model):
    """One page of a job list, newest first unless asked otherwise; `count` is the number on all pages, if told."""

    jobs: Annotated[tuple[JobInfo, ...], Array(Record(JobInfo), at_most=INT32)]
    limit: Annotated[int, Integer(at_least=1, at_most=200)]
    offset: Count
    count: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedJob(Model):
    """What a submission is answered."""

    id: str
    backend: str
    session_id: str | None = None
    private: bool | None = None
    calibration_id: Annotated[str, Text(pattern="^.*$", at_least=1, at_most=100)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamps(Model):
    """When a job was created, began to run and was finished; UTC times as text, None while it has not happened."""

    created: Annotated[str, _MOMENT] | None = None
    running: Annotated[str, _MOMENT] | None = None
    finished: Annotated[str, _MOMENT] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobMetrics(Model):
    """What was measured of a job; `circuits_execution_time_ns` in nanoseconds, since 2026-04-15."""

    caller: LineText | None = None
    timestamps: Timestamps | None = None
    usage: JobUsage | None = None
    circuits_execution_time_ns: NotNegative | None = None
    bss: OlderUsage | None = None
    qiskit_version: Annotated[str, Text(pattern=r"^v?(\d+(\.\d+)*|\.\d+(\.\d+)*)$", at_most=100)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagList(Model):
    """The tags that were found."""

    tags: Tags | None = None
