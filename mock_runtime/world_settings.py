"""What a world file says of the configuration, and what a fake starts from: a configuration over its world file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mock_runtime.accounts import Token
from mock_runtime.config import DEFAULT_EDITION, Config, InvalidConfig
from mock_runtime.directory import InstanceSpec
from mock_runtime.domain.instances import PLANS
from mock_runtime.domain.instances import Plan as InstancePlan
from mock_runtime.durations import AT_ONCE
from mock_runtime.scenario import Plan, Scenario
from mock_runtime.settings import EDITION_NAMES, READERS
from mock_runtime.tenants import (
    INSTANCE_KEYS,
    PLAN_KEYS,
    TENANT_KEYS,
    TOKEN_KEYS,
    Tenants,
    read_instances,
    read_plans,
    read_tenants,
    read_tokens,
)
from mock_runtime.worlds import World
from mock_runtime.worlds.beginnings import NOTHING, Beginnings

if TYPE_CHECKING:
    from mock_runtime.worlds.files import WorldFile
    from mock_runtime.worlds.nodes import Place

T = TypeVar("T")

FaultReader = Callable[[Mapping[str, Any], str], object]
"""Reads one fault, which is at such a place; ValueError, whose text begins with it."""

ProfileReader = Callable[[str], object]
"""Reads the name of one profile of faults, with its options; ValueError."""

PLAN_OF_JOBS: Final = ("queue", "run", "polls", "outcome", "reason", "result", "cancel_lag")
SCENARIO_KEYS: Final = (*PLAN_OF_JOBS, "programs", "jobs")
CLOCK_KEYS: Final = ("start", "speed")
_MOST: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a fake starts from: the configuration over the world file's, the world, what is there in it already.

    `file` is the world file, None if there is none.
    """

    config: Config
    world: World
    beginnings: Beginnings = NOTHING
    file: Path | None = None
    written: WorldFile | None = field(default=None, repr=False)


def start_from(
    config: Config,
    base: Callable[[Config], World],
    *,
    read_fault: FaultReader | None = None,
    read_profile: ProfileReader | None = None,
) -> Start:
    """What a fake of this configuration starts from; InvalidConfig, which tells all mistakes of the world file.

    `base` gives the world of the edition that a configuration names, and InvalidConfig if there is no such edition.
    With readers of faults and profiles, mistakes in these are told with their places, too.
    """
    if config.world is None:
        return Start(config=config, world=base(config))
    from mock_runtime.worlds.files import InvalidWorld, read_world_file  # noqa: PLC0415 - only who has a file pays

    try:
        written = read_world_file(config.world)
        return start_of(written, config, base, read_fault=read_fault, read_profile=read_profile, names=True)
    except InvalidWorld as error:
        raise InvalidConfig(str(error)) from None


def start_of(
    written: WorldFile,
    config: Config,
    base: Callable[[Config], World],
    *,
    read_fault: FaultReader | None = None,
    read_profile: ProfileReader | None = None,
    names: bool = False,
) -> Start:
    """What a fake of this configuration starts from with a world file that was read already; InvalidWorld.

    With `names`, those of settings have to be of what is there. A fake that was made in Python may have others, and
    what it exports has to be read again.
    """
    from mock_runtime.worlds.nodes import InvalidWorld, Problem, Problems  # noqa: PLC0415 - as above

    problems, settings = Problems(), {}
    with problems.kept():
        settings = settings_of(written, config, read_fault, read_profile)
    merged = config
    if not problems.found:
        merged = beneath(config, settings)
    elif "edition" in written.entries and "edition" not in config.given:
        # The other mistakes are told best with the backends of the edition that is meant.
        with problems.kept():
            merged = beneath(config, {"edition": written.entries["edition"].located(READERS["edition"])})
    try:
        world = base(merged)
    except InvalidConfig as error:
        place = written.entries.get("edition")
        if place is None or "edition" in config.given:
            raise
        meant = get_close_matches(merged.edition, EDITION_NAMES, n=1)
        hint = f" (did you mean {meant[0]}?)" if meant else ""
        raise InvalidWorld([Problem(place.file, place.line, f"{error}{hint}")]) from None
    with problems.kept():
        world = written.world(world)
        if names and settings:
            _check_names(written, world, merged, settings)
    beginnings = NOTHING
    with problems.kept():
        owners = None if problems.found else [token.name or token.caller.name for token in merged.tokens]
        beginnings = written.beginnings(world, owners=owners, start=merged.clock_start)
    problems.settle()
    return Start(config=merged, world=world, beginnings=beginnings, file=config.world, written=written)


def settings_of(
    written: WorldFile,
    config: Config | None = None,
    read_fault: FaultReader | None = None,
    read_profile: ProfileReader | None = None,
) -> dict[str, Any]:
    """The settings of `Config` that a world file gives; InvalidWorld.

    It is an error if the file is for another edition than the configuration was given.
    """
    from mock_runtime.worlds.nodes import Problems  # noqa: PLC0415 - as above

    config = config or Config()
    places, problems, once = written.settings, Problems(), _once()
    found: dict[str, Any] = {}
    with problems.kept():
        if "plans" in places:
            found["plans"] = _listed(places["plans"], PLAN_KEYS, read_plans, once["plans"])
    own_plans = (*found.get("plans", ()), *config.plans)

    def instances(value: object, at: str) -> Any:
        return read_instances(value, at, own_plans)

    def tenants(value: object, at: str) -> Tenants:
        return read_tenants(value, at, own_plans)

    readers: dict[str, Callable[[Place], Any]] = {
        "edition": lambda place: _edition(place, config),
        "tokens": lambda place: _listed(place, TOKEN_KEYS, read_tokens, once["tokens"], secret=True),
        **{key: lambda place: _listed(place, INSTANCE_KEYS, instances) for key in ("instances", "also_instances")},
        "tenants": lambda place: _tenants(place, tenants, once["tokens"]),
        "scenario": _scenario,
        "faults": lambda place: _faults(place, read_fault),
        "chaos": lambda place: _profiles(place, read_profile),
        **{key: _plainly(key) for key in ("seed", "latency", "latencies")},
    }
    for key, place in places.items():
        with problems.kept():
            if key == "clock":
                found.update(_clock(place))
            elif key != "plans":
                found[key] = readers[key](place)
    grouped = found.pop("tenants", Tenants())
    for key in ("tokens", "instances"):
        whole = (*found.get(key, ()), *getattr(grouped, key))
        if whole:
            found[key] = whole
    problems.settle()
    return found


def _once() -> dict[str, Callable[[Place, Any], None]]:
    """What refuses plans and tokens of which there is one already."""
    from mock_runtime.worlds.cross_references import Once  # noqa: PLC0415 - as above

    plans, names, tokens = Once("each plan"), Once("each name of a token"), Once("each token")

    def check_token(place: Place, token: Token) -> None:
        if token.name:
            names.check(place, token.name)
        tokens.check(place, token.sha256, secret=True)

    return {"plans": lambda place, plan: plans.check(place, plan.name), "tokens": check_token}


def _check_names(written: WorldFile, world: World, config: Config, settings: Mapping[str, Any]) -> None:
    from mock_runtime.worlds.cross_references import check_names  # noqa: PLC0415 - as above

    # Who gives tokens has none of the file's; its instances are still right.
    tokens = (*settings.get("tokens", ()), *config.tokens)
    names = dict.fromkeys(token.name or token.caller.name for token in tokens)
    check_names(written.settings, world, tokens=tuple(names), uploads=config.edition != DEFAULT_EDITION)


def beneath(config: Config, settings: Mapping[str, Any]) -> Config:
    """A configuration with what a world file says for the settings that were not given.

    Of scenarios, faults, profiles and plans there is what both give: those of the file first, and of two that say the
    same the configuration's.
    """
    changes = {key: value for key, value in settings.items() if key not in config.given}
    if "scenario" in settings:
        changes["scenario"] = _over(config.scenario, settings["scenario"])
    for key in ("faults", "chaos"):
        if key in settings:
            changes[key] = (*settings[key], *getattr(config, key))
    if "plans" in settings:
        changes["plans"] = tuple({plan.name: plan for plan in (*settings["plans"], *config.plans)}.values())
    if "latencies" in settings:
        changes["latencies"] = {**settings["latencies"], **config.latencies}
    return config.with_changes(**changes)


def _over(scenario: Scenario, wider: Scenario) -> Scenario:
    """A scenario over another one: what it leaves open is as there; jobs are those of that one, then its own."""
    programs = dict(wider.programs)
    for name, plan in scenario.programs.items():
        programs[name] = plan.over(programs.get(name, Plan()))
    return Scenario(
        default=scenario.default.over(wider.default),
        programs=MappingProxyType(programs),
        jobs=(*wider.jobs, *scenario.jobs),
    )


def _edition(place: Place, config: Config) -> str:
    found: str = place.located(READERS["edition"])
    if "edition" in config.given and found != config.edition:
        place.refuse(f"expected {config.edition}, which is served here")
    return found


def _plainly(key: str) -> Callable[[Place], Any]:
    return lambda place: place.located(READERS[key])


def _clock(place: Place) -> dict[str, Any]:
    entries = place.entries(CLOCK_KEYS)
    names = {"start": "clock_start", "speed": "speed"}
    return {names[key]: value.located(READERS[names[key]]) for key, value in entries.items()}


def _listed(
    place: Place,
    keys: Iterable[str],
    read: Callable[[Any, str], Any],
    check: Callable[[Place, Any], None] | None = None,
    *,
    secret: bool = False,
) -> Any:
    """A list whose mappings have these keys: all mistakes in them, each with its line."""
    keys = sorted(keys)

    def one(item: Place) -> Any:
        if item.is_mapping():
            item.entries(keys, secret=secret)
        (found,) = item.located(_single(read))
        if check is not None:
            check(item, found)
        return found

    return tuple(place.each("values", one, most=_MOST, secret=secret))


def _single(read: Callable[[Any, str], T]) -> Callable[[Any, str], T]:
    """A reader of single values, from the reader of a list."""

    def one(value: Any, at: str) -> T:
        try:
            return read([value], "")
        except InvalidConfig as error:
            raise InvalidConfig(f"{at}{str(error).removeprefix('[0]')}") from None

    return one


def _tenants(place: Place, read: Callable[[Any, str], Tenants], check: Callable[[Place, Token], None]) -> Tenants:
    def one(item: Place) -> Tenants:
        entries = item.entries(sorted(TENANT_KEYS), secret=True)
        for key, keys, secret in (("tokens", TOKEN_KEYS, True), ("instances", INSTANCE_KEYS, False)):
            for inner in entries[key].items(key, most=_MOST, secret=secret) if key in entries else ():
                if inner.is_mapping():
                    inner.entries(sorted(keys), secret=secret)
        found = item.located(_single(read))
        problems = Problems()
        for token, inner in zip(found.tokens, entries["tokens"].items("tokens", most=_MOST), strict=True):
            with problems.kept():
                check(inner, token)
        problems.settle()
        return found

    from mock_runtime.worlds.nodes import Problems  # noqa: PLC0415 - as above

    found = place.each("tenants", one, most=_MOST, secret=True)
    return Tenants(
        tokens=tuple(token for tenant in found for token in tenant.tokens),
        instances=tuple(instance for tenant in found for instance in tenant.instances),
    )


def _scenario(place: Place) -> Any:
    entries = place.entries(SCENARIO_KEYS)
    if "programs" in entries and not _is_empty(entries["programs"]):
        for plan in entries["programs"].values("program ids to settings", most=_MOST).values():
            plan.entries(PLAN_OF_JOBS)
    if "jobs" in entries and not _is_empty(entries["jobs"]):
        for plan in entries["jobs"].items("settings, one for each next submission", most=_MOST):
            plan.entries(PLAN_OF_JOBS)
    return place.located(READERS["scenario"])


def _is_empty(place: Place) -> bool:
    return place.is_text() and place.plain() is None


def _faults(place: Place, read_fault: FaultReader | None) -> tuple[Mapping[str, Any], ...]:
    def one(item: Place) -> Mapping[str, Any]:
        if not item.is_mapping():
            item.refuse("expected a mapping with match and act")
        if read_fault is not None:
            item.located(read_fault)
        found: Mapping[str, Any] = item.plain()
        return found

    return tuple(place.each("faults", one, most=_MOST))


def _profiles(place: Place, read_profile: ProfileReader | None) -> tuple[str, ...]:
    found: tuple[str, ...] = place.located(READERS["chaos"])
    if read_profile is not None:
        place.each("names", lambda item: item.located(lambda value, _at: read_profile(str(value))), most=_MOST)
    return found


def as_written(config: Config) -> dict[str, Any]:
    """The settings of a configuration as a world file has them: tokens as digests, and nothing that is as always."""
    scenario = {key: value for key, value in config.scenario.as_dict().items() if value not in ({}, [])}
    clock = {
        **({} if config.clock_start is None else {"start": _instant(config.clock_start)}),
        **({} if config.speed == 1.0 else {"speed": f"{config.speed:g}x" if config.speed else "manual"}),
    }
    written: dict[str, Any] = {
        "edition": config.edition,
        "seed": config.seed,
        "clock": clock,
        "tokens": [_token(token) for token in config.tokens],
        "plans": [_plan(plan) for plan in _plans(config)],
        **{key: [_instance(instance) for instance in getattr(config, key)] for key in ("instances", "also_instances")},
        "scenario": scenario,
        "latency": None if config.latency == AT_ONCE else str(config.latency),
        "latencies": {name: str(length) for name, length in config.latencies.items()},
        "faults": [dict(fault) for fault in config.faults],
        "chaos": list(config.chaos),
    }
    return {key: value for key, value in written.items() if value not in (None, {}, [])}


def _token(token: Token) -> dict[str, Any]:
    said = {"name": token.name, "sha256": token.sha256, "iam_sha256": token.iam_sha256, "account": token.account}
    return {key: value for key, value in said.items() if value} | ({} if token.may_upload else {"may_upload": False})


def _plans(config: Config) -> list[InstancePlan]:
    """The plans that are not IBM's: those that are configured, and those of instances that were given as values."""
    found = {plan.name: plan for plan in config.plans}
    for instance in (*config.instances, *config.also_instances):
        if PLANS.get(instance.plan.name) != instance.plan:
            found.setdefault(instance.plan.name, instance.plan)
    return list(found.values())


def _plan(plan: InstancePlan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "id": plan.id,
        "pricing": plan.pricing,
        "allocation": None if plan.allocation_s is None else f"{plan.allocation_s}s",
        "period": f"{plan.period_days}d",
        "max_ttl": f"{plan.max_ttl_s}s",
        "dedicated": plan.dedicated,
    }


def _instance(instance: InstanceSpec) -> dict[str, Any]:
    said = {f.name: getattr(instance, f.name) for f in fields(InstanceSpec)} | {"plan": instance.plan.name}
    usual = InstanceSpec(name="")
    named = {key: value for key, value in said.items() if key == "plan" or value != getattr(usual, key)}
    if instance.plan == usual.plan:
        del named["plan"]
    return {key: list(value) if isinstance(value, tuple) else value for key, value in named.items()}


def _instant(seconds: float) -> str:
    found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return found.isoformat().replace("+00:00", "Z")
