"""What the service tells, as frozen values: programs, jobs, and the account behind them.

Names are Python's; spellings of the wire stay in `decoding`. Dates stay text, because their form changed while the
edition lived and nothing promises one. No `repr` of this module shows a secret.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runtime_client.wire import Answer, JsonError, JsonValue, Node, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class JobStatus(enum.Enum):
    """The state of a job, valued as the wire spells it. Evidence: constants of IBM's clients 0.14.0 and 0.15.0."""

    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    CANCELLED_RAN_TOO_LONG = "Cancelled - Ran too long"

    @property
    def is_final(self) -> bool:
        """True when the job is over and will stay in this state."""
        return self not in {JobStatus.QUEUED, JobStatus.RUNNING}


@dataclass(frozen=True, slots=True)
class ProgramField:
    """One input, return value or interim result of a program; `type` is free text, `required` is for inputs only."""

    name: str
    description: str
    type: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """A runtime program; `cost` is its maximum execution time in seconds, and absent properties are None.

    `parameters`, `return_values`, `interim_results` and `backend_requirements` are strings that should hold JSON,
    exactly as they came; the service never checked them, so one program with a broken string must not hide the others
    of a list. The methods decode them when asked and raise `ContractViolation` if they do not hold what they should.
    `data` is the source text, which only the author sees and only in `get_program`.
    """

    id: str
    name: str
    cost: int
    description: str
    creation_date: str
    version: str | None = None
    is_public: bool | None = None
    parameters: str | None = None
    return_values: str | None = None
    interim_results: str | None = None
    backend_requirements: str | None = None
    data: str | None = field(default=None, repr=False)
    operation: str = field(default="get-program", repr=False, compare=False)
    """The operation whose answer this came from, for the errors of the methods below."""

    def parameter_fields(self) -> tuple[ProgramField, ...]:
        """Return the inputs, from `parameters` (JSON `{"doc": [...]}`); empty when the program names none."""
        node = self._decoded("parameters", self.parameters)
        return () if node is None else _fields(node.required("doc").items())

    def return_value_fields(self) -> tuple[ProgramField, ...]:
        """Return the return values, from `return_values` (a JSON array); a single unnamed one is called "-"."""
        node = self._decoded("returnValues", self.return_values)
        return () if node is None else _fields(node.items())

    def interim_result_fields(self) -> tuple[ProgramField, ...]:
        """Return the interim results, from `interim_results` (a JSON array)."""
        node = self._decoded("interimResults", self.interim_results)
        return () if node is None else _fields(node.items())

    def requirements(self) -> dict[str, JsonValue]:
        """Return what the program asks of a backend, from `backend_requirements` (a JSON object), else empty."""
        node = self._decoded("backendRequirements", self.backend_requirements)
        return {} if node is None else node.mapping()

    def _decoded(self, name: str, text: str | None) -> Node | None:
        if text is None:
            return None
        answer = Answer(operation=self.operation, status=200, content_type=None, body=b"")
        path = f"{name} of program {self.id!r}"
        try:
            return Node(value=parse_json(text), path=path, answer=answer)
        except JsonError as error:
            raise answer.violation(f"{path}: expected a string holding JSON: {error}") from None


def _fields(nodes: Iterator[Node]) -> tuple[ProgramField, ...]:
    return tuple(
        ProgramField(
            name=node.required("name").string(),
            description=node.required("description").string(),
            type=node.required("type").string(),
            required=node.optional("required", Node.boolean) or False,
        )
        for node in nodes
    )


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job as the service describes it; `params` are JSON texts (usually one: the inputs), `created` is UTC text."""

    id: str
    hub: str
    group: str
    project: str
    backend: str
    status: JobStatus
    params: tuple[str, ...]
    program_id: str
    created: str
    runtime: str | None = None


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of a job list, newest first; `count` is the number of jobs on all pages together."""

    jobs: tuple[JobInfo, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Login:
    """A session of the account service; `id` is the session token, a secret and so in no `repr`, `ttl` in seconds."""

    id: str = field(repr=False)
    ttl: int | None = None
    created: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class User:
    """The account behind a session, and where its services are: `http_url`, `ws_url`, and `services` by name."""

    http_url: str
    ws_url: str
    services: Mapping[str, str] = field(default_factory=dict, hash=False)
    id: str | None = None
    email: str | None = None

    @property
    def runtime_url(self) -> str | None:
        """The base URL of the runtime service, or None when the account has no access to it."""
        return self.services.get("runtime")


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a group; `name` is the word for requests, `devices` are the names of its devices."""

    name: str
    is_default: bool = False
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a hub and its projects; `name` is the word for requests."""

    name: str
    projects: tuple[Project, ...] = ()


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub and its groups; `name` is the word for requests."""

    name: str
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A device by its configuration; `can_run_programs` tells those meant for the runtime.

    `configuration` is the whole of it as it came, with more keys than the ones spelled out here.
    """

    backend_name: str
    backend_version: str | None = None
    n_qubits: int | None = None
    simulator: bool | None = None
    input_allowed: tuple[str, ...] = ()
    configuration: Mapping[str, JsonValue] = field(default_factory=dict, repr=False, hash=False)

    @property
    def can_run_programs(self) -> bool:
        """True when `input_allowed` names the runtime. Evidence: the filter in IBM's client 0.14.0."""
        return "runtime" in self.input_allowed


@dataclass(frozen=True, slots=True)
class ServiceVersion:
    """The versions that the account service names; `api_auth` is that of its own interface."""

    api_auth: str
