"""Reading single settings, strictly: from Python, a file or a flag. A refusal begins with where the setting is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

from mock_runtime.clock import parse_speed
from mock_runtime.durations import Duration, Fixed, NotADuration, parse_duration
from mock_runtime.operations import OPERATIONS
from mock_runtime.scenario import InvalidScenario, Scenario, scenario
from mock_runtime.service import Limits

Engine: TypeAlias = Literal["auto", "qiskit", "synthetic"]
"""Who computes results: Qiskit's simulators, a seeded distribution, or the former where they are installed."""

Noise: TypeAlias = Literal["device", "ideal"]
"""Whether results are as noisy as the device's calibration says, or as good as theory."""


class InvalidConfig(ValueError):
    """A configuration that makes no sense. `str()` says where and what was expected."""


def edition(value: object, at: str) -> str:
    """The name of an edition, which may be written as a year or as today."""
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


def names(value: object, at: str) -> tuple[str, ...]:
    """A list of names."""
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


def _bound(value: object, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidConfig(f"{at}: expected a whole number, 1 or more, found {value!r}")
    return value


def flag(value: object, at: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise InvalidConfig(f"{at}: expected true or false, found {value!r}")
    return value


def _latencies(value: object, at: str) -> Mapping[str, Duration]:
    if not isinstance(value, Mapping):
        raise InvalidConfig(f"{at}: expected a mapping of operations to lengths such as 'submit-job: 1s'")
    for name in value:
        if name not in OPERATIONS:
            raise InvalidConfig(f"{at}.{name}: there is no such operation; known are {', '.join(OPERATIONS)}")
    return MappingProxyType({str(name): _latency(length, f"{at}.{name}") for name, length in value.items()})


def instant(value: object, at: str) -> float | None:
    """Seconds since 1970, from a number, a date or a text such as 2026-11-22T09:00:00Z; None for None.

    A clock that began near the first or the last year that dates have could not be told as a date for long.
    """
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and _EARLIEST <= value < _END:
        return value
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else str(value))
        seconds = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise InvalidConfig(f"{at}: expected an instant such as 2026-11-22T09:00:00Z, found {value!r:.80}") from None
    if not _EARLIEST <= seconds < _END:
        raise InvalidConfig(f"{at}: expected an instant of the years 1900 to 5999, found {value!r:.80}")
    return seconds


def _speed(value: object, at: str) -> float:
    try:
        return parse_speed(value)
    except ValueError as error:
        raise InvalidConfig(f"{at}: {error}") from None


def _faults(value: object, at: str) -> tuple[Mapping[str, Any], ...]:
    """Faults as they were written; `mock_runtime.faults` reads what they mean."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise InvalidConfig(f"{at}: expected a list of faults")
    found = tuple(value)
    for index, fault in enumerate(found):
        if not isinstance(fault, Mapping):
            raise InvalidConfig(f"{at}[{index}]: expected a mapping with match and act, found {fault!r:.80}")
        try:
            json.dumps(dict(fault), allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise InvalidConfig(f"{at}[{index}]: expected values that JSON has, found {fault!r:.80}") from None
    if len(found) > _MOST_FAULTS:
        raise InvalidConfig(f"{at}: expected at most {_MOST_FAULTS} faults")
    return tuple(dict(fault) for fault in found)


def _journal(value: object, at: str) -> Mapping[str, int]:
    if not isinstance(value, Mapping) or not {str(key) for key in value} <= _JOURNAL:
        raise InvalidConfig(f"{at}: expected settings among {', '.join(sorted(_JOURNAL))}")
    return MappingProxyType({str(key): _bound(size, f"{at}.{key}") for key, size in value.items()})


_EDITIONS: Final = {"2021": "legacy-2021", "today": "platform"}
EDITION_NAMES: Final = tuple(dict.fromkeys((*_EDITIONS.values(), *_EDITIONS)))
"""All that an edition may be called."""
_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC).timestamp()
_END: Final = datetime(6000, 1, 1, tzinfo=UTC).timestamp()
_TAKEN_NAMES: Final = ("/api", "/_mock", "/openapi", "/static", "/identity", "/globalcatalog", "/v2", "/v3")
_TAKEN: Final = tuple([name[1:]] for name in _TAKEN_NAMES[1:])
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")
_JOURNAL: Final = {"most_entries", "most_bytes", "longest_body"}
_MOST_FAULTS: Final = 1000

READERS: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "edition": edition,
    "prefix": _prefix,
    "world": _world,
    "engine": _one_of(get_args(Engine)),
    "noise": _one_of(get_args(Noise)),
    "seed": _seed,
    "clock_start": instant,
    "speed": _speed,
    "scenario": _scenario,
    "latency": _latency,
    "latencies": _latencies,
    "faults": _faults,
    "chaos": names,
    "journal": _journal,
    "limits": _limits,
    "max_body_bytes": _size,
    "control": flag,
}
"""The reader of each setting but those of `mock_runtime.tenants`."""
