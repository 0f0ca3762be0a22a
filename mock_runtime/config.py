"""All that can be configured, as one frozen value: from flags, a file or Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Final, TypedDict, Unpack

from mock_runtime.accounts import Token
from mock_runtime.directory import InstanceSpec
from mock_runtime.domain.instances import Plan as InstancePlan
from mock_runtime.durations import AT_ONCE, Duration
from mock_runtime.scenario import Plan, Scenario, plan
from mock_runtime.service import Limits
from mock_runtime.settings import READERS, Engine, InvalidConfig, Noise
from mock_runtime.tenants import read_instances, read_plans, read_tokens

__all__ = ["Config", "Engine", "InvalidConfig", "Noise", "Settings", "from_mapping", "load", "over"]

DEFAULT_EDITION: Final = "platform"
DEFAULT_POLLS: Final = 2
"""How many polls a job takes in a test that says nothing: any client gets to its end, however it waits."""

MEBIBYTE: Final = 1 << 20


class Settings(TypedDict, total=False):
    """The settings of `Config`, in the forms in which each can be given."""

    edition: str
    prefix: str | None
    tokens: Iterable[Token | str | Mapping[str, object]]
    plans: Iterable[InstancePlan | Mapping[str, object]]
    instances: Iterable[InstanceSpec | str | Mapping[str, object]]
    also_instances: Iterable[InstanceSpec | str | Mapping[str, object]]
    world: str | Path | None
    engine: Engine
    noise: Noise
    seed: int | None
    clock_start: float | str | None
    speed: float | str
    scenario: Scenario | Mapping[str, object] | None
    latency: Duration | str | float
    latencies: Mapping[str, Duration | str | float]
    faults: Iterable[Mapping[str, Any]]
    chaos: Iterable[str]
    journal: Mapping[str, int]
    limits: Limits | Mapping[str, object] | None
    max_body_bytes: int
    control: bool


_DEFAULTS: Final[Mapping[str, object]] = {
    "edition": DEFAULT_EDITION,
    "prefix": None,
    "tokens": (),
    "plans": (),
    "instances": (),
    "also_instances": (),
    "world": None,
    "engine": "auto",
    "noise": "device",
    "seed": None,
    "clock_start": None,
    "speed": 1.0,
    "scenario": {},
    "latency": AT_ONCE,
    "latencies": {},
    "faults": (),
    "chaos": (),
    "journal": {},
    "limits": {},
    "max_body_bytes": 32 * MEBIBYTE,
    "control": True,
}


class _Given:
    """What remembers which settings somebody gave: the others yield to those of a world file."""

    __slots__ = ("given",)
    given: frozenset[str]


@dataclass(frozen=True, slots=True, init=False)
class Config(_Given):
    """How a fake behaves.

    `edition` names the generation of the API and `prefix` where it is mounted (None: where the real one is). `tokens`
    are the API tokens (of IBM Cloud: API keys) that are accepted, texts or `Token`s; none at all means any that is not
    empty. `plans` are those of instances, beside IBM's. `instances` are the service instances of IBM Cloud, names, CRNs
    or `InstanceSpec`s; none at all means one for each user; `also_instances` are there beside these, or beside that
    one. `world` is a YAML file of the whole world, or of the backends alone; what is given here wins over it. `engine`
    and `noise` say how results are computed. `seed` makes a run repeatable, None chooses one. `clock_start` is the
    instant at which the fake's clock begins (in seconds since 1970, a date as text will do; None: now), `speed` how
    fast it runs: 1 is real time, 100 or `100x` a hundred times as fast, 0 stands still. `scenario` says how jobs
    unfold, `latency` how long each answer is held back, `latencies` the same of single operations by their names.
    `faults` are mappings as `mock_runtime.faults` reads them, `chaos` names of profiles of them. `journal` bounds the
    journal: `most_entries`, `most_bytes`, `longest_body`. `limits` are what the service keeps and allows;
    `max_body_bytes` is the largest body that is read. `control` tells whether `/_mock/` is there. InvalidConfig says
    what cannot be meant.

    `given` are the names of the settings that were given, and not left out or None.
    """

    edition: str
    prefix: str | None
    tokens: tuple[Token, ...]
    plans: tuple[InstancePlan, ...]
    instances: tuple[InstanceSpec, ...]
    also_instances: tuple[InstanceSpec, ...]
    world: Path | None
    engine: Engine
    noise: Noise
    seed: int | None
    clock_start: float | None
    speed: float
    scenario: Scenario
    latency: Duration
    latencies: Mapping[str, Duration]
    faults: tuple[Mapping[str, Any], ...]
    chaos: tuple[str, ...]
    journal: Mapping[str, int]
    limits: Limits
    max_body_bytes: int
    control: bool

    def __init__(self, **settings: Unpack[Settings]) -> None:
        unknown = sorted(settings.keys() - _DEFAULTS.keys())
        if unknown:
            raise TypeError(f"Config has no setting {unknown[0]!r}; there are {', '.join(_DEFAULTS)}")
        given: dict[str, Any] = {**_DEFAULTS, **settings}
        for name in ("scenario", "limits"):
            given[name] = {} if given[name] is None else given[name]
        plans = read_plans(given["plans"], "plans")
        read: dict[str, Any] = {
            "tokens": read_tokens(given["tokens"], "tokens"),
            "plans": plans,
            **{name: read_instances(given[name], name, plans) for name in ("instances", "also_instances")},
        }
        for name, value in given.items():
            object.__setattr__(self, name, read[name] if name in read else READERS[name](value, name))
        object.__setattr__(self, "given", frozenset(name for name, value in settings.items() if value is not None))

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Config, **self._said()), ()

    def _said(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.given}

    @property
    def first_token(self) -> str | None:
        """The first token that is known in the clear, None if none is: a file may have their digests alone."""
        return next((token.value for token in self.tokens if token.value), None)

    def with_changes(self, **changes: Any) -> Config:
        """The same configuration but for these fields; InvalidConfig if one is unknown."""
        unknown = sorted(changes.keys() - _FIELDS)
        if unknown:
            raise InvalidConfig(f"{unknown[0]}: unknown setting; known are {', '.join(sorted(_FIELDS))}")
        said: Any = {**self._said(), **changes}
        return Config(**said)


def load(path: str | Path) -> Config:
    """The configuration in a YAML file; InvalidConfig names the file, the setting and what was expected."""
    import yaml  # noqa: PLC0415 - only who has a file pays for the parser

    file = Path(path)
    try:
        value = yaml.load(file.read_text(encoding="utf-8"), Loader=_loader())  # noqa: S506 - it is a SafeLoader
    except OSError as error:
        raise InvalidConfig(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidConfig(f"{file}: is not UTF-8 text") from None
    except yaml.YAMLError as error:
        raise InvalidConfig(f"{file}: is not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise InvalidConfig(f"{file}: is nested too deeply") from None
    except ValueError as error:
        raise InvalidConfig(f"{file}: holds a value that cannot be: {error}") from None
    try:
        return from_mapping({} if value is None else value)
    except ValueError as error:
        raise InvalidConfig(f"{file}: {error}") from None


def _loader() -> Any:
    """A safe loader that does not take the last of two equal keys in silence."""
    import yaml  # noqa: PLC0415 - as in load

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            keys = [str(key.value) for key, _ in node.value]
            twice = next((key for index, key in enumerate(keys) if key in keys[:index]), None)
            if twice is not None:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {twice!r} is there twice", node.start_mark
                )
            return super().construct_mapping(node, deep)

    return Loader


def from_mapping(value: object) -> Config:
    """The configuration that a mapping with the names of `Config`'s fields describes; InvalidConfig."""
    if not isinstance(value, Mapping):
        raise InvalidConfig("expected settings such as 'seed: 7'")
    return Config().with_changes(**{str(key).replace("-", "_"): setting for key, setting in value.items()})


def for_a_test(settings: Mapping[str, Any]) -> Config:
    """The configuration of settings by name, which are those of `Config` and those of a scenario; InvalidConfig.

    A job takes two polls and the seed is 0, unless they say otherwise.
    """
    _refuse_unknown(settings)
    own = {name: value for name, value in settings.items() if name in _FIELDS}
    whole = own.pop("scenario", {})
    if not isinstance(whole, Mapping):
        raise InvalidConfig("scenario: expected a mapping of settings")
    plan_of_jobs = {**whole, **{name: value for name, value in settings.items() if name not in _FIELDS}}
    if not plan_of_jobs.keys() & {"polls", "queue", "run"}:
        plan_of_jobs = {"polls": DEFAULT_POLLS, **plan_of_jobs}
    return from_mapping({"seed": 0, **own, "scenario": plan_of_jobs})


def _refuse_unknown(settings: Mapping[str, object]) -> None:
    of_jobs = {f.name for f in fields(Plan)} | {"polls"}
    unknown = sorted(settings.keys() - _FIELDS - of_jobs)
    if unknown:
        near = get_close_matches(unknown[0], _FIELDS | of_jobs, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InvalidConfig(f"{unknown[0]}: unknown setting; {hint}known are {', '.join(sorted(_FIELDS | of_jobs))}")


def over(base: Config, settings: Mapping[str, object]) -> Config:
    """A configuration with these settings by name over another one: those of `Config`, and those of a scenario.

    InvalidConfig, or InvalidScenario, of what cannot be meant.
    """
    _refuse_unknown(settings)
    own = {name: value for name, value in settings.items() if name in _FIELDS}
    changed = base.with_changes(**own)
    said = plan({name: value for name, value in settings.items() if name not in _FIELDS})
    return changed.with_changes(scenario=replace(changed.scenario, default=said.over(changed.scenario.default)))


_FIELDS: Final = {f.name for f in fields(Config)}
