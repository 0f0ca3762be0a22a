"""Lengths of time as configuration: fixed, uniform, normal, exponential or log-normal seconds, or a number of polls.

Written `1s`, `250ms`, `1s..3s` (uniform), `5s~2s` (normal: mean and standard deviation), `exponential(5s)` (mean),
`lognormal(5s, 0.5)` (median, and sigma of the logarithm), `3 polls`, `now`, `never`. A number without a unit is
seconds.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from mock_runtime.ids import Rng

FORMS: Final = "1s, 250ms, 1s..3s, 5s~2s, exponential(5s), lognormal(5s, 0.5), now or never"


class _Drawn:
    """What the distributions share."""

    __slots__ = ()

    @property
    def is_none(self) -> bool:
        """Whether it is always no time at all."""
        return self == AT_ONCE

    @property
    def is_endless(self) -> bool:
        """Whether it never ends."""
        return self == NEVER


class NotADuration(ValueError):
    """A text that names no length of time. `str()` says what would."""


@dataclass(frozen=True, slots=True)
class Fixed(_Drawn):
    """Always the same number of seconds; infinity means never."""

    seconds: float

    def sample(self, _rng: Rng) -> float:
        """A length in seconds."""
        return self.seconds

    def __str__(self) -> str:
        return "never" if math.isinf(self.seconds) else _text(self.seconds)


@dataclass(frozen=True, slots=True)
class Uniform(_Drawn):
    """Any length between two, in seconds, all equally likely."""

    low: float
    high: float

    def sample(self, rng: Rng) -> float:
        """A length in seconds."""
        return rng.uniform(self.low, self.high)

    def __str__(self) -> str:
        return f"{_text(self.low)}..{_text(self.high)}"


@dataclass(frozen=True, slots=True)
class Normal(_Drawn):
    """Normally distributed seconds; what would be negative is zero."""

    mean: float
    sd: float

    def sample(self, rng: Rng) -> float:
        """A length in seconds."""
        return max(0.0, rng.gauss(self.mean, self.sd))

    def __str__(self) -> str:
        return f"{_text(self.mean)}~{_text(self.sd)}"


@dataclass(frozen=True, slots=True)
class Exponential(_Drawn):
    """Exponentially distributed seconds, as waiting times are."""

    mean: float

    def sample(self, rng: Rng) -> float:
        """A length in seconds."""
        return rng.expovariate(1 / self.mean) if self.mean else 0.0

    def __str__(self) -> str:
        return f"exponential({_text(self.mean)})"


@dataclass(frozen=True, slots=True)
class LogNormal(_Drawn):
    """Log-normally distributed seconds: mostly short, now and then very long; `sigma` is of the logarithm."""

    median: float
    sigma: float

    def sample(self, rng: Rng) -> float:
        """A length in seconds."""
        return self.median * math.exp(min(700.0, rng.gauss(0.0, self.sigma)))

    def __str__(self) -> str:
        return f"lognormal({_text(self.median)}, {_text(self.sigma)[:-1]})"


@dataclass(frozen=True, slots=True)
class PollCount:
    """Not time at all: until somebody has looked so many times."""

    count: int

    def __str__(self) -> str:
        return "1 poll" if self.count == 1 else f"{self.count} polls"


Duration: TypeAlias = Fixed | Uniform | Normal | Exponential | LogNormal
AT_ONCE: Final = Fixed(0.0)
NEVER: Final = Fixed(math.inf)

_WORDS: Final = {"now": AT_ONCE, "at once": AT_ONCE, "immediate": AT_ONCE, "never": NEVER, "forever": NEVER}
_UNITS: Final = {"": 1.0, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_TIME: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)")
_CALL: Final = re.compile(r"([a-z-]+)\s*\(([^()]*)\)")
_POLLS: Final = re.compile(r"(\d{1,9})\s*polls?")
_LONGEST: Final = 1e9


def parse_duration(value: object) -> Duration:
    """The length of time that a text or a number of seconds names; NotADuration if it names none."""
    if isinstance(value, Fixed | Uniform | Normal | Exponential | LogNormal):
        return value
    text = _as_text(value)
    if text in _WORDS:
        return _WORDS[text]
    for sign, name in (("..", "uniform"), ("~", "normal")):
        if sign in text:
            return _distribution(name, text.split(sign, 1), text)
    call = _CALL.fullmatch(text)
    if call is None:
        return Fixed(_time(text, text))
    return _distribution(call[1], [part.strip() for part in call[2].split(",")], text)


def parse_length(value: object) -> Duration | PollCount:
    """A length of time, or a number of polls; NotADuration if the text is neither."""
    if isinstance(value, PollCount):
        return value
    if isinstance(value, str) and (polls := _POLLS.fullmatch(value.strip().lower())):
        return PollCount(int(polls[1]))
    try:
        return parse_duration(value)
    except NotADuration as error:
        raise NotADuration(f"{error} (or e.g. '3 polls')") from None


def _distribution(name: str, arguments: list[str], text: str) -> Duration:
    match name, arguments:
        case ("exponential" | "exp", [mean]):
            return Exponential(_time(mean, text))
        case ("lognormal" | "log-normal", [median, sigma]):
            return LogNormal(_time(median, text), _number(sigma, text))
        case ("normal", [mean, sd]):
            return Normal(_time(mean, text), _time(sd, text))
        case ("uniform", [low, high]):
            shortest, longest = _time(low, text), _time(high, text)
            if shortest > longest:
                raise NotADuration(f"{text!r} runs backwards: write the shorter time first")
            return Uniform(shortest, longest)
        case ("fixed", [seconds]):
            return Fixed(_time(seconds, text))
    raise NotADuration(f"{text!r} is not a length of time: write e.g. {FORMS}")


def _as_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NotADuration(f"{value!r} is not a length of time: write e.g. {FORMS}")
    if isinstance(value, str):
        return value.strip().lower()
    if value == math.inf:
        return "never"
    if isinstance(value, int) and abs(value) > _LONGEST:
        raise NotADuration(f"a number of more than {_LONGEST:g} seconds is too long: write 'never' for that")
    return format(Decimal(repr(value)), "f")


def _time(part: str, whole: str) -> float:
    found = _TIME.fullmatch(part.strip())
    if found is None or found[2] not in _UNITS:
        raise NotADuration(f"{whole!r} is not a length of time: write e.g. {FORMS}")
    seconds = float(found[1]) * _UNITS[found[2]]
    if seconds > _LONGEST:
        raise NotADuration(f"{whole!r} is longer than {_LONGEST:g} seconds: write 'never' for that")
    return seconds


def _number(part: str, whole: str) -> float:
    found = _TIME.fullmatch(part)
    if found is None or found[2] or float(found[1]) > 100:
        raise NotADuration(f"{whole!r} needs a plain number of at most 100 in second place, e.g. lognormal(5s, 0.5)")
    return float(found[1])


def _text(seconds: float) -> str:
    """Exactly these seconds: what is shown can be read again."""
    return f"{format(Decimal(repr(seconds)).normalize(), 'f')}s"
