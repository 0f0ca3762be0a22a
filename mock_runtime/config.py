"""What can be configured, as one frozen value: from flags, a file or Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from mock_runtime.accounts import Token
from mock_runtime.directory import InstanceSpec
from mock_runtime.domain.instances import CRN, PLANS, Plan
from mock_runtime.durations import AT_ONCE, Duration, Fixed, NotADuration, parse_duration
from mock_runtime.scenario import InvalidScenario, Scenario, scenario
from mock_runtime.service import Limits

DEFAULT_EDITION: Final = "platform"
MEBIBYTE: Final = 1 << 20

Engine: TypeAlias = Literal["auto", "qiskit", "synthetic"]
"""Who computes results: Qiskit's simulators, a seeded distribution, or the former where they are installed."""

Noise: TypeAlias = Literal["device", "ideal"]
"""Whether results are as noisy as the device's calibration says, or as good as theory."""


class InvalidConfig(ValueError):
    """A configuration that makes no sense. `str()` says where and what was expected."""


@dataclass(frozen=True, slots=True, init=False)
class Config:
    """How a fake behaves.

    `edition` names the generation of the API and `prefix` where it is mounted (None: where the real one is). `tokens`
    are the API tokens (of IBM Cloud: API keys) that are accepted, texts or `Token`s; none at all means any that is not
    empty. `instances` are the service instances of IBM Cloud, names, CRNs or `InstanceSpec`s; none at all means one for
    each user; `also_instances` are there beside these, or beside that one. `world` is a YAML file of backends beside,
    or instead of, the edition's own. `engine` and `noise` say how results are computed. `seed` makes a run repeatable,
    None chooses one. `scenario` says how jobs unfold, `latency` how long each answer is held back, `limits` what the
    service keeps and allows; `max_body_bytes` is the largest body that is read. `control` tells whether `/_mock/` is
    there. InvalidConfig says what cannot be meant.
    """

    edition: str
    prefix: str | None
    tokens: tuple[Token, ...]
    instances: tuple[InstanceSpec, ...]
    also_instances: tuple[InstanceSpec, ...]
    world: Path | None
    engine: Engine
    noise: Noise
    seed: int | None
    scenario: Scenario
    latency: Duration
    limits: Limits
    max_body_bytes: int
    control: bool

    def __init__(  # noqa: PLR0913 - one parameter a setting
        self,
        *,
        edition: str = DEFAULT_EDITION,
        prefix: str | None = None,
        tokens: Iterable[Token | str | Mapping[str, object]] = (),
        instances: Iterable[InstanceSpec | str | Mapping[str, object]] = (),
        also_instances: Iterable[InstanceSpec | str | Mapping[str, object]] = (),
        world: str | Path | None = None,
        engine: Engine = "auto",
        noise: Noise = "device",
        seed: int | None = None,
        scenario: Scenario | Mapping[str, object] | None = None,
        latency: Duration | str | float = AT_ONCE,
        limits: Limits | Mapping[str, object] | None = None,
        max_body_bytes: int = 32 * MEBIBYTE,
        control: bool = True,
    ) -> None:
        given = {
            "edition": edition,
            "prefix": prefix,
            "tokens": tokens,
            "instances": instances,
            "also_instances": also_instances,
            "world": world,
            "engine": engine,
            "noise": noise,
            "seed": seed,
            "scenario": {} if scenario is None else scenario,
            "latency": latency,
            "limits": {} if limits is None else limits,
            "max_body_bytes": max_body_bytes,
            "control": control,
        }
        for name, value in given.items():
            object.__setattr__(self, name, _READERS[name](value, name))

    def with_changes(self, **changes: Any) -> Config:
        """The same configuration but for these fields; InvalidConfig if one is unknown."""
        unknown = sorted(changes.keys() - _FIELDS)
        if unknown:
            raise InvalidConfig(f"{unknown[0]}: unknown setting; known are {', '.join(sorted(_FIELDS))}")
        return replace(self, **changes)


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


def _edition(value: object, at: str) -> str:
    if not isinstance(value, str | int) or not str(value):
        raise InvalidConfig(f"{at}: expected the name of an edition, found {value!r}")
    return _EDITIONS.get(str(value), str(value))


def _prefix(value: object, at: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or _PREFIX.fullmatch(value) is None:
        raise InvalidConfig(f"{at}: expected a path of letters, digits and . _ ~ - such as /runtime, found {value!r}")
    prefix = value.rstrip("/")
    if prefix == "/api" or prefix.split("/")[1:2] in _TAKEN:
        raise InvalidConfig(f"{at}: {value!r} is taken: {', '.join(_TAKEN_NAMES)} have their own meaning")
    return prefix


def _tokens(value: object, at: str) -> tuple[Token, ...]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise InvalidConfig(f"{at}: expected a list of tokens")
    return tuple(_token(item, f"{at}[{index}]") for index, item in enumerate(value))


def _token(item: object, at: str) -> Token:
    if isinstance(item, Token):
        return item
    said = {"token": item} if isinstance(item, str) else item
    if not isinstance(said, Mapping) or not isinstance(said.get("token"), str) or said.keys() - _TOKEN_FIELDS:
        raise InvalidConfig(f"{at}: expected a token, or a mapping with token, name, may_upload and account")
    may_upload = said.get("may_upload", True)
    if not isinstance(may_upload, bool):
        raise InvalidConfig(f"{at}.may_upload: expected true or false, found {may_upload!r}")
    account = said.get("account")
    if account is not None and (not isinstance(account, str) or re.fullmatch("[A-Za-z0-9]{1,64}", account) is None):
        raise InvalidConfig(f"{at}.account: expected the id of an account, letters and digits, found {account!r}")
    try:
        return Token(said["token"], str(said.get("name", "")), may_upload, account)
    except ValueError as error:
        raise InvalidConfig(f"{at}: {error}") from None


def _instances(value: object, at: str) -> tuple[InstanceSpec, ...]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise InvalidConfig(f"{at}: expected a list of instances")
    return tuple(_instance(item, f"{at}[{index}]") for index, item in enumerate(value))


def _instance(item: object, at: str) -> InstanceSpec:
    if isinstance(item, InstanceSpec):
        return item
    if isinstance(item, str):
        item = {"crn": item} if item.startswith("crn:") else {"name": item}
    if not isinstance(item, Mapping) or not {str(key) for key in item} <= _INSTANCE_FIELDS:
        raise InvalidConfig(
            f"{at}: expected a name, a CRN, or settings among {', '.join(sorted(_INSTANCE_FIELDS))}, found {item!r:.80}"
        )
    said = {str(key): setting for key, setting in item.items() if setting is not None}
    read = {name: _INSTANCE_READERS[name](setting, f"{at}.{name}") for name, setting in said.items()}
    read.setdefault("name", f"instance-{read['crn'].split(':')[7][:8]}" if "crn" in read else "default")
    return InstanceSpec(**read)


def _text(value: object, at: str) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidConfig(f"{at}: expected a text, found {value!r}")
    return value


def _region(value: object, at: str) -> str:
    if _REGION.fullmatch(_text(value, at)) is None:
        raise InvalidConfig(f"{at}: expected a region such as us-east, found {value!r}")
    return str(value)


def _crn(value: object, at: str) -> str:
    if not isinstance(value, str) or CRN.fullmatch(value) is None:
        raise InvalidConfig(f"{at}: expected crn:v1:bluemix:public:quantum-computing:<region>:a/<account>:<id>::")
    return value


def _plan(value: object, at: str) -> Plan:
    if isinstance(value, Plan):
        return value
    if str(value) not in PLANS:
        raise InvalidConfig(f"{at}: expected one of {', '.join(PLANS)}, found {value!r}")
    return PLANS[str(value)]


def _seconds(value: object, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidConfig(f"{at}: expected a whole number of seconds, found {value!r}")
    return value


def _names(value: object, at: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidConfig(f"{at}: expected a list of names, found {value!r}")
    return tuple(str(each) for each in value)


def _world(value: object, at: str) -> Path | None:
    if value is not None and not isinstance(value, str | Path):
        raise InvalidConfig(f"{at}: expected the path of a YAML file, found {value!r}")
    return None if value is None else Path(value)


def _one_of(known: tuple[str, ...]) -> Callable[[object, str], str]:
    def read(value: object, at: str) -> str:
        if value not in known:
            raise InvalidConfig(f"{at}: expected one of {', '.join(known)}, found {value!r}")
        return str(value)

    return read


def _seed(value: object, at: str) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise InvalidConfig(f"{at}: expected a whole number, found {value!r}")
    return value


def _scenario(value: object, at: str) -> Scenario:
    if isinstance(value, Scenario):
        return value
    try:
        return scenario(value, where=at)
    except InvalidScenario as error:
        raise InvalidConfig(str(error)) from None


def _latency(value: object, at: str) -> Duration:
    try:
        latency = parse_duration(value)
    except NotADuration as error:
        raise InvalidConfig(f"{at}: {error}") from None
    if latency.is_endless:
        raise InvalidConfig(f"{at}: an answer that never comes is not a latency")
    return latency


def _limits(value: object, at: str) -> Limits:
    if isinstance(value, Limits):
        return value
    known = {f.name for f in fields(Limits)}
    if not isinstance(value, Mapping) or not {str(key) for key in value} <= known:
        raise InvalidConfig(f"{at}: expected settings among {', '.join(sorted(known))}")
    return Limits(**{str(key): _limit(str(key), length, f"{at}.{key}") for key, length in value.items()})


def _limit(name: str, value: object, at: str) -> Any:
    if name == "jobs_per_minute":
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise InvalidConfig(f"{at}: expected a whole number, 1 or more, found {value!r}")
        return value
    try:
        length = parse_duration(value)
    except NotADuration as error:
        raise InvalidConfig(f"{at}: {error}") from None
    if not isinstance(length, Fixed):
        raise InvalidConfig(f"{at}: a limit is one length of time, not a distribution")
    return length.seconds


def _size(value: object, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidConfig(f"{at}: expected a number of bytes, 1 or more, found {value!r}")
    return value


def _control(value: object, at: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidConfig(f"{at}: expected true or false, found {value!r}")
    return value


_EDITIONS: Final = {"2021": "legacy-2021", "2022": "legacy-2022", "today": "platform"}
_TAKEN_NAMES: Final = ("/api", "/_mock", "/openapi", "/static", "/identity", "/globalcatalog", "/v2", "/v3")
_TAKEN: Final = tuple([name[1:]] for name in _TAKEN_NAMES[1:])
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")
_REGION: Final = re.compile("[a-z0-9-]{2,30}")
_TOKEN_FIELDS: Final = {"token", "name", "may_upload", "account"}
_INSTANCE_FIELDS: Final = {f.name for f in fields(InstanceSpec)}
_INSTANCE_READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "name": _text,
    "crn": _crn,
    "region": _region,
    "plan": _plan,
    "limit_s": _seconds,
    "backends": _names,
    "tags": _names,
    "keys": _names,
}
_FIELDS: Final = {f.name for f in fields(Config)}
_READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "edition": _edition,
    "prefix": _prefix,
    "tokens": _tokens,
    "instances": _instances,
    "also_instances": _instances,
    "world": _world,
    "engine": _one_of(get_args(Engine)),
    "noise": _one_of(get_args(Noise)),
    "seed": _seed,
    "scenario": _scenario,
    "latency": _latency,
    "limits": _limits,
    "max_body_bytes": _size,
    "control": _control,
}
