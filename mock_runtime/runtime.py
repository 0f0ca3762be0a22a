"""One fake, assembled: what its tests and its control plane hold in their hands."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from werkzeug.exceptions import HTTPException

from mock_runtime.clock import Steerable
from mock_runtime.cloud.account_2021 import routes as account_2021
from mock_runtime.cloud.ibm_cloud import iam
from mock_runtime.config import InvalidConfig
from mock_runtime.domain.errors import DomainError, JobNotFound, SessionNotFound
from mock_runtime.domain.sessions import SessionState
from mock_runtime.exchanges import FakeExchange, Front
from mock_runtime.execution import Warmable
from mock_runtime.faults.call import Call
from mock_runtime.operations import Operation, Touched
from mock_runtime.scopes import Scopes, presented
from mock_runtime.service.beginnings import InvalidBeginning
from mock_runtime.transport.hosts import OUTSIDE
from mock_runtime.worlds.beginnings import Beginnings

if TYPE_CHECKING:
    from flask import Flask

    from mock_runtime.clock import Clock
    from mock_runtime.config import Config
    from mock_runtime.directory import Directory, DirectorySnapshot
    from mock_runtime.editions.edition import Edition
    from mock_runtime.enacting import Enacting
    from mock_runtime.execution import Execution
    from mock_runtime.faults.armed import Faults, FaultsSnapshot
    from mock_runtime.guard import Guard
    from mock_runtime.ids import Ids
    from mock_runtime.journal.journal import Journal, JournalSnapshot
    from mock_runtime.journal.scorecard import Expectations, Scorecard
    from mock_runtime.observing import Observer
    from mock_runtime.observing.metrics import Metrics
    from mock_runtime.observing.readiness import Readiness
    from mock_runtime.scenario import Script
    from mock_runtime.service import RuntimeService, ServiceSnapshot
    from mock_runtime.service.happenings import Happenings
    from mock_runtime.site import Site
    from mock_runtime.standing import StandingSnapshot
    from mock_runtime.store import Store
    from mock_runtime.transport.hosts import Hosts
    from mock_runtime.transport.latency import Latency, LatencySnapshot
    from mock_runtime.transport.wsgi import Environ, WSGIApp
    from mock_runtime.world_settings import Start
    from mock_runtime.worlds import World

LONGEST_COMPUTATION_S: Final = 300.0
_MOST_SESSIONS: Final = 10_000
_BESIDE: Final = ("control.", "documentation.", "answers.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeSnapshot:
    """All that changes in a fake, as it was at an instant."""

    now: float
    service: ServiceSnapshot = field(repr=False)
    directory: DirectorySnapshot = field(repr=False)
    standing: StandingSnapshot = field(repr=False)
    latency: LatencySnapshot = field(repr=False)
    faults: FaultsSnapshot = field(repr=False)
    requests: JournalSnapshot = field(repr=False)


@dataclass(eq=False, kw_only=True)
class Assembly:
    """What a world is made of. Another world, loaded while its server goes on, is another assembly.

    What is below the paths `beside` is no API: the control plane, which is the first of them, and pages; `slow` are
    those whose answers take long. `given` is the configuration without what a world file says, `start` what came of
    both. `inner` is the Flask application with the operations of this world; called as WSGI (`wsgi`), it has no
    latency, no faults and no journal.
    """

    given: Config
    start: Start
    edition: Edition
    ids: Ids
    store: Store
    script: Script
    directory: Directory
    service: RuntimeService
    latency: Latency
    hosts: Hosts
    inner: Flask
    wsgi: WSGIApp
    site: Site
    enacting: Enacting
    beside: tuple[str, ...]
    slow: tuple[str, ...]
    make_control: Callable[[Assembly], Flask] | None
    faults: Faults = field(init=False)
    requests: Journal = field(init=False)

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """All operations by their endpoints, as the journal and faults know them."""
        own = self.edition.name.replace("-", "_")
        named = {
            **{f"{own}.{view}": known for view, known in self.edition.operations.items()},
            **{f"account_2021.{view}": known for view, known in account_2021.OPERATIONS.items()},
            **{f"iam.{view}": known for view, known in iam.OPERATIONS.items()},
        }
        endpoints = (endpoint for endpoint in self.inner.view_functions if not endpoint.startswith(_BESIDE))
        return {endpoint: named.get(endpoint) or Operation(endpoint.rpartition(".")[2]) for endpoint in endpoints}

    @cached_property
    def control(self) -> Flask | None:
        """The control plane, an application of its own, made when somebody first asks for it; None if there is none."""
        return None if self.make_control is None else self.make_control(self)

    def wsgi_of(self, path: str) -> WSGIApp:
        """What answers a request for that path."""
        if self.make_control is not None and f"{path}/".startswith(self.beside[0]):
            control = self.control
            assert control is not None  # noqa: S101 - narrows the type
            return control.wsgi_app
        return self.wsgi

    def begin(self, *, only_new: bool = False) -> None:
        """Let there be what is there at the start; `only_new`: what has an id, and is not there yet. InvalidConfig."""
        beginnings = self.start.beginnings
        if only_new:
            beginnings = _not_there(beginnings, self.store)
        if not beginnings.jobs and not beginnings.sessions:
            return
        try:
            self.service.begin(
                beginnings,
                find_caller=partial(self.edition.caller_named, self.site),
                as_inputs=self.edition.as_inputs,
            )
        except InvalidBeginning as error:
            raise InvalidConfig(str(error)) from None
        # What is said to be there already is there when the first request comes, its results, too.
        self.service.jobs.settle(LONGEST_COMPUTATION_S)


class Assemble(Protocol):
    """Makes the world of a fake; InvalidConfig."""

    def __call__(
        self, runtime: Runtime, given: Config, *, keep: Assembly | None = None, text: str | None = None, file: str = ""
    ) -> Assembly:
        """A world of that configuration, and of its world file, or of the text of one.

        With `keep` what was made and learned in another one goes on in it.
        """
        ...


@dataclass(eq=False, kw_only=True)
class Runtime:
    """One fake: a world, and what stays when that is loaded anew.

    `app` is the Flask application to be served, or called as WSGI. `clock` is its time, `execution` computes results,
    `scope` is its name if it is one of several on a server, and `own` then that server's own. `front` answers in its
    place, if there is one; `observers` see each exchange. `bugs` are our own errors, the last hundred. `guard` says who
    may use the control plane.
    """

    app: Flask
    clock: Clock
    execution: Execution
    guard: Guard
    readiness: Readiness
    metrics: Metrics = field(init=False, repr=False)
    make: Callable[[Runtime, str, Mapping[str, Any]], Runtime]
    assemble: Assemble
    scope: str = ""
    own: Runtime | None = None
    observers: list[Observer] = field(default_factory=list)
    front: Front | None = None
    owns_execution: bool = True
    bugs: deque[Exception] = field(default_factory=lambda: deque(maxlen=100))
    parts: Assembly = field(init=False)

    def __repr__(self) -> str:
        scope = f", scope {self.scope}" if self.scope else ""
        return f"<Runtime {self.edition.name}, seed {self.ids.seed}{scope}>"

    @property
    def config(self) -> Config:
        """What it was configured with, the world file included."""
        return self.parts.start.config

    @property
    def world(self) -> World:
        """What exists at the start."""
        return self.parts.start.world

    @property
    def edition(self) -> Edition:
        """The generation of the API."""
        return self.parts.edition

    @property
    def ids(self) -> Ids:
        """Where identifiers and randomness come from."""
        return self.parts.ids

    @property
    def store(self) -> Store:
        """Where jobs and sessions are kept."""
        return self.parts.store

    @property
    def script(self) -> Script:
        """How jobs unfold."""
        return self.parts.script

    @property
    def directory(self) -> Directory:
        """The users and instances of IBM Cloud."""
        return self.parts.directory

    @property
    def service(self) -> RuntimeService:
        """The use cases."""
        return self.parts.service

    @property
    def latency(self) -> Latency:
        """How long answers are held back."""
        return self.parts.latency

    @property
    def hosts(self) -> Hosts:
        """The hosts of the real service that it stands for."""
        return self.parts.hosts

    @property
    def wsgi(self) -> WSGIApp:
        """The operations alone, for transports that wait in their own way."""
        return self.parts.wsgi

    @property
    def site(self) -> Site:
        """What the operations stand on."""
        return self.parts.site

    @property
    def faults(self) -> Faults:
        """When it misbehaves, and how."""
        return self.parts.faults

    @property
    def requests(self) -> Journal:
        """The journal: what was asked and answered."""
        return self.parts.requests

    @property
    def enacting(self) -> Enacting:
        """What carries out what faults do to the world."""
        return self.parts.enacting

    @property
    def happenings(self) -> Happenings:
        """What can be done to jobs and backends, whoever owns them."""
        return self.service.happenings

    @cached_property
    def scopes(self) -> Scopes:
        """The worlds on its server: the server's own, and those that were made beside it."""
        return Scopes(self, partial(self.make, self)) if self.own is None else self.own.scopes

    @property
    def prefix(self) -> str:
        """The path under which the API stands: empty, or a slash and more."""
        return self.edition.prefix if self.config.prefix is None else self.config.prefix

    def claims(self, credentials: str) -> bool:
        """Whether a token, key or IAM token is one of its own: configured here, or given by a log-in."""
        return self.site.accounts.knows(credentials) or self.directory.knows(credentials)

    def open(self, environ: Environ) -> FakeExchange:
        """Begin an exchange with this fake, whatever scope its request names."""
        return FakeExchange(self, environ)

    def operation_of(self, environ: Environ) -> Touched:
        """What the path of a request is about, before anything is done about it."""
        touched, parts = Touched(), self.parts
        with suppress(HTTPException):
            endpoint, arguments = parts.inner.url_map.bind("").match(
                _text(environ["PATH_INFO"]), method=environ["REQUEST_METHOD"]
            )
            known = parts.operations.get(endpoint)
            if known is not None:
                touched.path_says(known, arguments)
        return touched

    def call_of(self, environ: Environ, touched: Touched, number: int, at: float) -> Call:
        """A request as rules see it."""
        known = touched.operation
        inside = str(environ["PATH_INFO"])
        path = inside.removeprefix(self.prefix) or "/"
        return Call(
            number=number,
            at=at,
            method=environ["REQUEST_METHOD"],
            path=_text(path),
            also=tuple(_text(other) for other in (inside, str(environ.get(OUTSIDE, inside))) if other != path),
            query=environ.get("QUERY_STRING", ""),
            headers={
                name[5:].replace("_", "-").lower(): str(value)
                for name, value in environ.items()
                if name.startswith("HTTP_")
            },
            operation=None if known is None else known.name,
            operation_id=None if known is None else known.id,
            job=touched.job,
            session=touched.session,
            backend=touched.backend,
            find_caller=partial(self._caller_of, environ),
            find_given=partial(self._was_given, environ),
            find_job_number=partial(self._number_of, touched.job),
        )

    def status_of(self, job_id: str | None) -> str | None:
        """Where a job stands now, the end of its session aside; None if there is no such job."""
        if job_id is None:
            return None
        try:
            return self.store.job(job_id).state_at(self.clock.now()).status.value
        except JobNotFound:
            return None

    def reset(self) -> None:
        """Begin again: the world, the scenario, the faults, the ids and random numbers of the start. The clock goes on.

        What is there at the start is so again, at the present time.
        """
        parts = self.parts
        parts.service.restart()
        parts.directory.restart()
        parts.site.standing.restart()
        parts.latency.restart()
        parts.faults.reset()
        parts.begin()
        parts.requests.clear()
        self.bugs.clear()

    def snapshot(self) -> RuntimeSnapshot:
        """All that changes, as one value."""
        parts = self.parts
        return RuntimeSnapshot(
            now=self.clock.now(),
            service=parts.service.snapshot(),
            directory=parts.directory.snapshot(),
            standing=parts.site.standing.snapshot(),
            latency=parts.latency.snapshot(),
            faults=parts.faults.snapshot(),
            requests=parts.requests.snapshot(),
        )

    def rollback(self, kept: RuntimeSnapshot) -> None:
        """Make everything what it was, the time included, as often as one likes.

        A clock that cannot be set goes on: jobs are then that much older.
        """
        parts = self.parts
        if isinstance(self.clock, Steerable):
            self.clock.set(kept.now)
        parts.directory.rollback(kept.directory)
        parts.site.standing.rollback(kept.standing)
        parts.faults.rollback(kept.faults)
        parts.service.rollback(kept.service)
        parts.latency.rollback(kept.latency)
        parts.requests.rollback(kept.requests)

    def export_world(self, *, schema: str | None = None) -> str:
        """The present world as a world file, in YAML; `schema` is where editors find its JSON Schema.

        Tokens are in it as digests. CannotExport if there is a backend that no file can describe.
        """
        from mock_runtime.exporting import exported  # noqa: PLC0415 - only who exports pays for it

        return exported(self, schema=schema)

    def load_world(self, text: str, *, file: str = "world") -> None:
        """Begin again with the world of a file's text, in the place of this one; InvalidConfig, InvalidWorld.

        The configuration is what it was given, but for a world file. The clock goes on, unless the file says when it
        is, and who observes goes on observing. `file` is what mistakes call the text.
        """
        now = self.clock.now()
        try:
            made = self.assemble(self, self.parts.given, text=text, file=file)
        except ValueError:
            if isinstance(self.clock, Steerable):
                self.clock.set(now)
            raise
        self.service.computations.give_up_all()
        self.parts = made

    def reload_world(self) -> None:
        """Read the world file again, and go on with what it says now; InvalidConfig, and then nothing is changed.

        Jobs, sessions and log-ins stay, and what was counted and learned. Jobs and sessions of the file that have an id
        come into being if there is none of it; those without one were there at the start, and are not there again.
        """
        before = self.parts
        made = self.assemble(self, before.given, keep=before)
        before.service.computations.give_up_all()
        self.parts = made
        jobs, _ = made.store.all_jobs()
        made.service.computations.resume(reversed(jobs), self.clock.now())

    def scorecard(self, expectations: Expectations | None = None) -> Scorecard:
        """What an operator would complain about in the client, from the journal; `expectations` are the thresholds."""
        from mock_runtime.journal.scorecard import scorecard  # noqa: PLC0415 - only who asks pays for it

        return scorecard(
            self.requests.entries(),
            now=self.clock.now(),
            sessions_open=self.open_sessions(),
            expectations=expectations,
        )

    def open_sessions(self) -> Sequence[str]:
        """The ids of the sessions that are not closed."""
        found = self.service.sessions.all(limit=_MOST_SESSIONS).sessions
        return [view.session.id for view in found if view.life.state is not SessionState.CLOSED]

    def warm_up(self) -> None:
        """Load and start now what the first job needs. It takes a second or two, and can be left to a thread."""
        with self.readiness.warming():
            self.edition.warm_up()
            if isinstance(self.execution, Warmable):
                self.execution.warm_up()

    def hold_time(self) -> None:
        """Let virtual time wait for what is being computed, which takes real time."""
        if isinstance(self.clock, Steerable):
            self.clock.after(lambda: self.service.jobs.settle(LONGEST_COMPUTATION_S))

    def close(self) -> None:
        """Stop what computes results, in the scopes, too."""
        if self.own is None:
            self.scopes.close()
        self.service.computations.give_up_all()
        if self.owns_execution:
            self.execution.close()

    def check(self) -> None:
        """Raise the first of our own bugs, of the last hundred, that a request ran into; nothing if there was none."""
        if self.bugs:
            raise self.bugs[0]

    def _caller_of(self, environ: Environ) -> str | None:
        try:
            return self.edition.caller_of(self.app.request_class(environ), self.site)
        except DomainError:
            return None

    def _was_given(self, environ: Environ) -> bool:
        """Whether a log-in here gave what a request carries."""
        return any(self.site.accounts.gave(one) or self.directory.gave(one) for one in presented(environ))

    def _number_of(self, job_id: str | None) -> int | None:
        try:
            return None if job_id is None else self.store.job(job_id).submission or None
        except JobNotFound:
            return None


def _text(path: str) -> str:
    """A path of WSGI, whose characters are bytes, as text."""
    return path.encode("latin-1", "replace").decode("utf-8", "replace")


def _not_there(beginnings: Beginnings, store: Store) -> Beginnings:
    """Those with an id that nothing has yet; jobs of sessions that are there already are left out."""
    sessions = tuple(one for one in beginnings.sessions if one.id is not None and not _has_session(store, one.id))
    keys = {None, *(one.key for one in sessions)}
    jobs = (one for one in beginnings.jobs if one.id is not None and not _has_job(store, one.id))
    return Beginnings(sessions=sessions, jobs=tuple(job for job in jobs if job.session in keys))


def _has_job(store: Store, job_id: str) -> bool:
    try:
        store.job(job_id)
    except JobNotFound:
        return False
    return True


def _has_session(store: Store, session_id: str) -> bool:
    try:
        store.session(session_id)
    except SessionNotFound:
        return False
    return True
