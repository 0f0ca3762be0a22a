"""The composition root: a configuration becomes a fake, with every layer in view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.accounts import Accounts
from mock_runtime.clock import Clock, ManualClock, Steerable, SteerableClock, parse_speed
from mock_runtime.cloud.account_2021 import account_surface, ibm_quantum
from mock_runtime.cloud.ibm_cloud import ibm_cloud
from mock_runtime.config import Config, InvalidConfig, over
from mock_runtime.control import control_surface
from mock_runtime.control.routes import PREFIX as CONTROL
from mock_runtime.directory import Directory
from mock_runtime.documentation import PREFIX as DOCUMENTATION
from mock_runtime.documentation import documentation
from mock_runtime.domain.errors import ProgramNameTaken
from mock_runtime.editions import legacy_2021, platform
from mock_runtime.editions.edition import Edition
from mock_runtime.enacting import Enacting
from mock_runtime.execution import Execution
from mock_runtime.execution.canned import CannedExecution
from mock_runtime.faults.armed import Faults
from mock_runtime.faults.profiles import profile_from_text
from mock_runtime.faults.reading import InvalidFault, fault
from mock_runtime.guard import Guard
from mock_runtime.ids import Ids
from mock_runtime.journal.journal import Journal
from mock_runtime.measuring import metrics_of
from mock_runtime.mounting import FakeApp, mount
from mock_runtime.observing.readiness import Readiness
from mock_runtime.runtime import Assembly, Runtime
from mock_runtime.scenario import Script
from mock_runtime.service import Parts, RuntimeService
from mock_runtime.service.conditions import Conditions
from mock_runtime.site import Neighbours, Site
from mock_runtime.standing import Standing
from mock_runtime.store.memory import MemoryStore
from mock_runtime.transport.hosts import Hosts
from mock_runtime.transport.in_wsgi import InProcess
from mock_runtime.transport.latency import Latency
from mock_runtime.world_settings import Start, start_from, start_of

if TYPE_CHECKING:
    from flask import Flask

    from mock_runtime.faults.rule import Fault
    from mock_runtime.store import Store
    from mock_runtime.worlds import World

EDITIONS: Final[Mapping[str, Edition]] = {edition.name: edition for edition in (platform.EDITION, legacy_2021.EDITION)}
"""The generations of the API, by name."""

_NEIGHBOURS: Final[Mapping[str, Neighbours]] = {
    "platform": lambda site: (*ibm_cloud(site), ibm_quantum(site)),
    "legacy-2021": account_surface,
}
"""What stands beside each edition."""

_EXTENSION: Final = "mock_runtime"


def create_app(
    config: Config | None = None,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    store: Store | None = None,
    execution: Execution | None = None,
    guard: Guard | None = None,
) -> Flask:
    """A fake as a Flask application; `runtime_of` gives the rest of it. InvalidConfig says what cannot be meant.

    Without a `clock` there is a steerable one, at the speed that is configured. The `guard` says who may use the
    control plane: by default this machine.
    """
    return _made(config or Config(), clock=clock, ids=ids, store=store, execution=execution, guard=guard).app


def _made(
    config: Config,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    store: Store | None = None,
    execution: Execution | None = None,
    guard: Guard | None = None,
    own: Runtime | None = None,
    scope: str = "",
) -> Runtime:
    start = _start(config, None, "")
    runtime = Runtime(
        app=FakeApp("mock_runtime", static_folder=None),
        clock=clock or SteerableClock(start.config.clock_start, start.config.speed),
        execution=execution or _EXECUTIONS[start.config.edition](start.config),
        guard=guard or Guard(),
        readiness=Readiness() if own is None else own.readiness,
        make=_beside,
        assemble=partial(_assembled, ids=ids, store=store),
        scope=scope,
        own=own,
        owns_execution=own is None or execution is None,
    )
    runtime.parts = _assembled(runtime, config, ids=ids, store=store, start=start)
    runtime.metrics = metrics_of(runtime) if own is None else own.metrics
    runtime.app.extensions[_EXTENSION] = runtime
    # The onion, from the outside: scopes, the exchange (hosts, journal, faults, latency), Flask. On a socket the event
    # loop enacts what is decided there, here it is done by sleeping on the clock.
    runtime.app.wsgi_app = InProcess(runtime if scope else runtime.scopes)  # type: ignore[method-assign]
    if own is None:
        runtime.observers.append(runtime.metrics.observe)
        runtime.readiness.started()
    return runtime


def _assembled(
    runtime: Runtime,
    given: Config,
    *,
    keep: Assembly | None = None,
    text: str | None = None,
    file: str = "",
    ids: Ids | None = None,
    store: Store | None = None,
    start: Start | None = None,
) -> Assembly:
    """The world of a configuration, every layer in view."""
    start_of_all = start is not None
    start = start or _start(given, text, file)
    config, world, clock = start.config, start.world, runtime.clock
    edition = EDITIONS[config.edition]
    if keep is None:
        ids = ids or Ids(config.seed, realm=runtime.scope)
        store = store or MemoryStore()
        store.restart(world.programs)
    else:
        ids, store = keep.ids, keep.store
        _replace_programs(store, keep.start.world, world)
    script = Script(config.scenario)
    parts = Parts(
        store=store,
        clock=clock,
        ids=ids,
        script=script,
        execution=runtime.execution,
        world=world,
        limits=config.limits,
        conditions=Conditions() if keep is None else keep.service.parts.conditions,
        lock=RLock() if keep is None else keep.service.parts.lock,
    )
    service = RuntimeService.of(parts)
    if keep is not None:
        service.rate.rollback(keep.service.rate.snapshot())
    standing = Standing() if keep is None else keep.site.standing
    directory = Directory(
        tokens=config.tokens,
        instances=config.instances,
        also=config.also_instances,
        clock=clock,
        ids=ids,
        standing=standing,
    )
    if keep is not None:
        directory.rollback(keep.directory.snapshot())
    site = Site(
        service=service,
        accounts=Accounts(tokens=config.tokens, store=store, clock=clock, ids=ids, standing=standing),
        directory=directory,
        standing=standing,
        clock=clock,
        ids=ids,
        world=world,
        prefix=edition.prefix if config.prefix is None else config.prefix,
    )
    surfaces = [edition.surface(site), *_NEIGHBOURS[edition.name](site)]
    # The first world is in the application that everybody holds in their hands; another one is behind that.
    inner = runtime.app if start_of_all else FakeApp("mock_runtime", static_folder=None)
    made = Assembly(
        given=given,
        start=start,
        edition=edition,
        ids=ids,
        store=store,
        script=script,
        directory=directory,
        service=service,
        latency=Latency(
            config.latency, ids, of=config.latencies, immediate=(CONTROL, DOCUMENTATION, *edition.document_paths)
        ),
        hosts=Hosts(route for surface in surfaces for route in surface.hosts),
        inner=inner,
        wsgi=inner.wsgi_app,
        site=site,
        enacting=Enacting(service, standing),
        beside=(f"{CONTROL}/", f"{DOCUMENTATION}/"),
        # Moving time waits for what is computed; whole journals are cleaned; worlds, read and written.
        slow=tuple(f"{CONTROL}/{what}" for what in ("clock", "journal", "scorecard", "world", "reset", "answers")),
        make_control=partial(_control, runtime) if config.control else None,
    )
    pages = documentation(
        edition.name,
        title=edition.title,
        prefix=site.prefix,
        also_at=edition.document_paths,
        steered=config.control,
    )
    mount(inner, made, surfaces, runtime.bugs, pages=pages)
    if text is not None:
        _set_clock(clock, config)
    ids_of_operations = [known.id for known in made.operations.values()]
    try:
        made.faults = Faults(ids, clock, _faults(config), operations=ids_of_operations)
    except InvalidFault as error:
        raise InvalidConfig(str(error)) from None
    made.requests = _journal(config, ids_of_operations) if keep is None else keep.requests
    made.begin(only_new=keep is not None)
    return made


def _control(runtime: Runtime, parts: Assembly) -> Flask:
    """The control plane: an application of its own, since most fakes are not steered, and each test makes a fake."""
    app = FakeApp("mock_runtime", static_folder=None)
    mount(app, parts, [control_surface(runtime, runtime.guard)], runtime.bugs, operations=False)
    return app


def _start(config: Config, text: str | None, file: str) -> Start:
    """What a fake starts from: its configuration and world file, or the text of one; InvalidConfig, InvalidWorld."""

    def base(merged: Config) -> World:
        edition = EDITIONS.get(merged.edition)
        if edition is None:
            raise InvalidConfig(f"edition: there is no {merged.edition!r}; known are {', '.join(EDITIONS)}")
        return edition.world

    def read_fault(settings: Mapping[str, Any], where: str) -> object:
        return fault(settings, where=where)

    if text is None:
        return start_from(config, base, read_fault=read_fault, read_profile=profile_from_text)
    from mock_runtime.worlds.files import world_file  # noqa: PLC0415 - only who has such a text pays for the parser

    written = world_file(text, file or "world")
    return start_of(written, config, base, read_fault=read_fault, read_profile=profile_from_text)


def _faults(config: Config) -> list[Fault | Mapping[str, Any]]:
    """The faults of the start: those of the configuration, then those of its profiles. InvalidConfig."""
    try:
        return [
            *(fault(rule, where=f"faults[{index}]") for index, rule in enumerate(config.faults)),
            *(rule for name in config.chaos for rule in profile_from_text(name)),
        ]
    except InvalidFault as error:
        raise InvalidConfig(str(error)) from None


def _set_clock(clock: Clock, config: Config) -> None:
    """Let it be when a world that is loaded says that it is, and time go by as fast as it says."""
    if isinstance(clock, Steerable):
        if config.clock_start is not None:
            clock.set(config.clock_start)
        if "speed" in config.given and not isinstance(clock, ManualClock):
            clock.set_speed(config.speed)


def _replace_programs(store: Store, before: World, now: World) -> None:
    """Let the programs of a world be those of another one, beside those that users have uploaded."""
    there = {program.id for program in store.programs()}
    for program in before.programs:
        if program.id in there:
            store.delete_program(program.id, lambda _program: None)
    for program in now.programs:
        with suppress(ProgramNameTaken):
            store.add_program(program)


def _journal(config: Config, operation_ids: Iterable[str]) -> Journal:
    bounds: dict[str, Any] = dict(config.journal)
    return Journal(**bounds, operation_ids=operation_ids)


def _beside(own: Runtime, name: str, settings: Mapping[str, Any]) -> Runtime:
    """The fake of a scope: with the configuration of the server's own, but for its settings."""
    rest = dict(settings)
    said = rest.pop("clock", None)
    given = own.parts.given
    config = over(given, rest)
    clock = _clock_beside(own, config, said)
    shares = all(getattr(config, key) == getattr(given, key) for key in ("edition", "engine", "noise"))
    runtime = _made(
        config, clock=clock, execution=own.execution if shares else None, guard=own.guard, own=own, scope=name
    )
    runtime.observers = own.observers
    return runtime


def _clock_beside(own: Runtime, config: Config, said: object) -> Clock:
    """The clock of a scope: as the server's own, at the same time, unless the settings say otherwise."""
    speed = own.clock.speed if isinstance(own.clock, Steerable) else 1.0
    if said is not None:
        try:
            speed = parse_speed(said)
        except ValueError as error:
            raise InvalidConfig(f"clock: {error}") from None
    elif "speed" in config.given:
        speed = config.speed
    start = config.clock_start if "clock_start" in config.given else own.clock.now()
    if isinstance(own.clock, ManualClock) and said is None and "speed" not in config.given:
        return ManualClock(own.clock.now() if start is None else start)
    return SteerableClock(start, speed)


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
