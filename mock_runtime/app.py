"""The composition root: a configuration becomes a fake, with every layer in view."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, request
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.routing import Rule

from mock_runtime.accounts import Accounts
from mock_runtime.clock import Clock, ManualClock, SystemClock
from mock_runtime.cloud.account_2021 import account_surface, ibm_quantum
from mock_runtime.cloud.ibm_cloud import ibm_cloud
from mock_runtime.config import Config, InvalidConfig
from mock_runtime.control import control_surface
from mock_runtime.control.routes import PREFIX as CONTROL
from mock_runtime.directory import Directory
from mock_runtime.documentation import PREFIX as DOCUMENTATION
from mock_runtime.documentation import documentation
from mock_runtime.domain.errors import bounded
from mock_runtime.editions import legacy_2021, platform
from mock_runtime.editions.edition import Edition
from mock_runtime.execution import Execution, Warmable
from mock_runtime.execution.canned import CannedExecution
from mock_runtime.ids import Ids
from mock_runtime.parsing import MalformedRequest
from mock_runtime.scenario import Script
from mock_runtime.service import Parts, RuntimeService
from mock_runtime.site import Neighbours, Site
from mock_runtime.store import Store
from mock_runtime.store.memory import MemoryStore
from mock_runtime.surface import Problem, Surface, readable, refuse_odd_host
from mock_runtime.transport.hosts import Hosts
from mock_runtime.transport.latency import Latency
from mock_runtime.transport.wsgi import BODY_EXCEEDED, UNREADABLE, InProcess
from mock_runtime.worlds import World

if TYPE_CHECKING:
    from flask import Response

LOG: Final = logging.getLogger("mock_runtime")

EDITIONS: Final[Mapping[str, Edition]] = {edition.name: edition for edition in (platform.EDITION, legacy_2021.EDITION)}
"""The generations of the API, by name."""

_NEIGHBOURS: Final[Mapping[str, Neighbours]] = {
    "platform": lambda site: (*ibm_cloud(site), ibm_quantum(site)),
    "legacy-2021": account_surface,
}
"""What stands beside each edition."""

_EXTENSION: Final = "mock_runtime"
_LONGEST_COMPUTATION_S: Final = 300.0


@dataclass(eq=False, kw_only=True)
class Runtime:
    """One fake, assembled: what its tests and its control plane hold in their hands.

    `app` is the Flask application; called as WSGI it lets latency pass on the clock. `wsgi` is the same without
    latency, for transports that wait in their own way. `bugs` are our own errors, the last hundred.
    """

    config: Config
    edition: Edition
    world: World
    clock: Clock
    ids: Ids
    store: Store
    script: Script
    execution: Execution
    directory: Directory
    service: RuntimeService
    latency: Latency
    hosts: Hosts
    app: Flask
    wsgi: Callable[..., Any]
    bugs: deque[Exception] = field(default_factory=lambda: deque(maxlen=100))

    def __repr__(self) -> str:
        return f"<Runtime {self.edition.name}, seed {self.ids.seed}>"

    def reset(self) -> None:
        """Begin again: the world, the scenario, the ids and the random numbers of the start. The clock goes on."""
        self.service.jobs.restart()
        self.store.restart(self.world.programs)
        self.directory.restart()
        self.script.reset()
        self.ids.restart()
        self.latency.restart()
        self.bugs.clear()

    def warm_up(self) -> None:
        """Load and start now what the first job needs. It takes a second or two, and can be left to a thread."""
        self.edition.warm_up()
        if isinstance(self.execution, Warmable):
            self.execution.warm_up()

    def hold_time(self) -> None:
        """Let virtual time wait for what is being computed, which takes real time."""
        if isinstance(self.clock, ManualClock):
            self.clock.after(lambda: self.service.jobs.settle(_LONGEST_COMPUTATION_S))

    def close(self) -> None:
        """Stop what computes results."""
        self.execution.close()

    @property
    def prefix(self) -> str:
        """The path under which the API stands: empty, or a slash and more."""
        return self.edition.prefix if self.config.prefix is None else self.config.prefix

    def check(self) -> None:
        """Raise the first of our own bugs, of the last hundred, that a request ran into; nothing if there was none."""
        if self.bugs:
            raise self.bugs[0]


class _Rule(Rule):
    """A rule that prepares the building of URLs when one is built, which a fake never does.

    The preparation is two thirds of the cost of an application, and tests make one each.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        def build(*values: object) -> tuple[str, str]:
            return Rule._compile_builder(self, append_unknown)(*values)  # noqa: SLF001

        return build


class _App(Flask):
    url_rule_class = _Rule


def create_app(
    config: Config | None = None,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    store: Store | None = None,
    execution: Execution | None = None,
) -> Flask:
    """A fake as a Flask application; `runtime_of` gives the rest of it. InvalidConfig if there is no such edition."""
    config = config or Config()
    edition = EDITIONS.get(config.edition)
    if edition is None:
        raise InvalidConfig(f"edition: there is no {config.edition!r}; known are {', '.join(EDITIONS)}")
    clock = clock or SystemClock()
    ids = ids or Ids(config.seed)
    store = store or MemoryStore()
    world = _world(config, edition)
    store.restart(world.programs)
    script = Script(config.scenario)
    execution = execution or _EXECUTIONS[edition.name](config)
    service = RuntimeService.of(
        Parts(
            store=store,
            clock=clock,
            ids=ids,
            script=script,
            execution=execution,
            world=world,
            limits=config.limits,
        )
    )
    directory = Directory(
        tokens=config.tokens, instances=config.instances, also=config.also_instances, clock=clock, ids=ids
    )
    prefix = edition.prefix if config.prefix is None else config.prefix
    site = Site(
        service=service,
        accounts=Accounts(tokens=config.tokens, store=store, clock=clock, ids=ids),
        directory=directory,
        clock=clock,
        ids=ids,
        world=world,
        prefix=prefix,
    )
    surfaces = [edition.surface(site), *_NEIGHBOURS[edition.name](site)]
    hosts = Hosts(route for surface in surfaces for route in surface.hosts)
    app = _App("mock_runtime", static_folder=None)
    runtime = Runtime(
        config=config,
        edition=edition,
        world=world,
        clock=clock,
        ids=ids,
        store=store,
        script=script,
        execution=execution,
        directory=directory,
        service=service,
        latency=Latency(config.latency, ids, immediate=(CONTROL, DOCUMENTATION, *edition.document_paths)),
        hosts=hosts,
        app=app,
        wsgi=app.wsgi_app,
    )
    app.extensions[_EXTENSION] = runtime
    _mount(runtime, surfaces)
    # The onion, from the outside: hosts and latency (here awaited by sleeping, on a socket by the event loop), Flask.
    app.wsgi_app = InProcess(  # type: ignore[method-assign]
        app.wsgi_app, latency=runtime.latency, sleep=clock.sleep, hosts=hosts
    )
    return app


def _world(config: Config, edition: Edition) -> World:
    """The edition's own world, or what a file makes of it."""
    if config.world is None:
        return edition.world
    from mock_runtime.worlds.files import InvalidWorld, load_world  # noqa: PLC0415 - only who has a file pays for it

    try:
        return load_world(config.world, edition.world)
    except InvalidWorld as error:
        raise InvalidConfig(f"world: {error}") from None


def _canned(_config: Config) -> Execution:
    return CannedExecution()


def _primitives(config: Config) -> Execution:
    from mock_runtime.execution.primitives.pool import PrimitiveExecution  # noqa: PLC0415 - not for those of 2021

    try:
        return PrimitiveExecution(engine=config.engine, noise=config.noise)
    except ValueError as error:
        raise InvalidConfig(f"engine: {error}") from None


_EXECUTIONS: Final[Mapping[str, Callable[[Config], Execution]]] = {"platform": _primitives, "legacy-2021": _canned}
"""Who computes the results of each edition."""


def runtime_of(app: Flask) -> Runtime:
    """The fake behind an application that `create_app` made."""
    runtime = app.extensions[_EXTENSION]
    assert isinstance(runtime, Runtime)  # noqa: S101 - narrows the type
    return runtime


def _mount(runtime: Runtime, surfaces: list[Surface]) -> None:
    """Put every surface where it belongs, and let the one with the longest matching prefix say what went wrong."""
    app, config, edition = runtime.app, runtime.config, runtime.edition
    if config.control:
        surfaces.append(control_surface(runtime))
    app.config.update(
        MAX_CONTENT_LENGTH=config.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=config.max_body_bytes,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    for surface in surfaces:
        app.register_blueprint(surface.blueprint, url_prefix=surface.prefix or None)
    app.register_blueprint(
        documentation(edition.name, title=edition.title, prefix=runtime.prefix, also_at=edition.document_paths)
    )
    app.before_request(_gate(config.max_body_bytes))
    app.register_error_handler(Exception, _renderer(runtime, surfaces))


def _gate(max_body_bytes: int) -> Callable[[], None]:
    """A hook that refuses what is no HTTP, or too large, before anything else is said of the request.

    It reads the environ alone: it is on the path of every request.
    """

    def refuse_what_cannot_be_read() -> None:
        environ = request.environ
        if UNREADABLE in environ:
            raise MalformedRequest(environ[UNREADABLE])
        refuse_odd_host(environ)
        declared = environ.get("CONTENT_LENGTH", "")
        if BODY_EXCEEDED in environ or (declared.isdecimal() and int(declared[:20]) > max_body_bytes):
            raise RequestEntityTooLarge

    return refuse_what_cannot_be_read


def _renderer(runtime: Runtime, surfaces: list[Surface]) -> Callable[[Exception], Response]:
    deepest_first = sorted(surfaces, key=lambda surface: len(surface.prefix), reverse=True)
    by_name = {surface.blueprint.name: surface for surface in surfaces}

    def render(error: Exception) -> Response:
        path = request.path
        matching = (s for s in deepest_first if not s.prefix or path == s.prefix or path.startswith(s.prefix + "/"))
        # Two may share a prefix: where there is such an operation, whose it is decides.
        surface = by_name.get(request.blueprint or "") or next(matching, surfaces[0])
        response = surface.render_error(_problem(runtime, error, surface))
        if response.status_code >= 500:
            runtime.bugs.append(error)
            LOG.error("%s %s: a bug of the mock", request.method, path, exc_info=error)
        return response

    return render


def _problem(runtime: Runtime, error: Exception, surface: Surface) -> Problem:
    trace = runtime.ids.trace_id(runtime.clock.now())
    headers: dict[str, str] = {}
    if isinstance(error, HTTPException):
        headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
        if isinstance(error, NotFound):
            error.description = (
                f"no {request.method} {bounded(request.path)}; there is {_what_there_is(runtime, surface)}"
            )
        elif error.code == 405:
            error.description = f"{request.method} is not possible on {bounded(request.path)}; see the header Allow"
    return Problem(error=error, trace=trace, headers=headers)


def _what_there_is(runtime: Runtime, surface: Surface) -> str:
    own = f"{surface.blueprint.name}."
    rules = {rule.rule for rule in runtime.app.url_map.iter_rules() if rule.endpoint.startswith(own)}
    return ", ".join(sorted(readable(rule) for rule in rules))
