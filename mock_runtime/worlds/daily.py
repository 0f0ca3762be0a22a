"""Calibrations that are invented, a new one each day: the same for the same device and day, wherever it is asked.

A qubit has a character that stays, and each day something is added to it. Both come from a hash of the device, the
qubit and the day, so that nothing is stored, nothing is computed before it is asked for, and no die is rolled.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256, shake_256
from statistics import NormalDist
from typing import Final, TypeAlias

from mock_runtime.domain.backends import Backend, Calibration, GateCalibration, QubitCalibration
from mock_runtime.domain.gates import GATES, Gate

DAY_S: Final = 86400
_EPOCH: Final = date(1970, 1, 1).toordinal()
_LAST_DAY: Final = date(9999, 12, 31).toordinal() - _EPOCH
_BAD_QUBITS: Final = 0.02
"""The share of qubits that are much worse than the others; like all spreads here, chosen to look like IBM's data."""

_Numbers: TypeAlias = tuple[float, ...]
_normal: Final = NormalDist().inv_cdf


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """How good the devices of a make are: medians, with times in seconds and frequencies in hertz.

    `gate_error` and `gate_s` are those of gates on one qubit. Gates on a pair take `pair_s` and up to `pair_spread_s`
    more. A make that publishes no frequencies has None.
    """

    t1_s: float
    t2_s: float
    readout_error: float
    gate_error: float
    pair_error: float
    gate_s: float
    pair_s: float
    readout_s: float
    pair_spread_s: float = 0.0
    frequency_hz: float | None = None
    anharmonicity_hz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """A calibration a day, made in the first hours of it (UTC).

    Qubits that are `faulty` are not operational, and gates on them and on a pair in `dead` have the error 1, as IBM's
    data has it for gates that do not work. Another `seed` gives other values.
    """

    make: Make
    seed: int = 0
    faulty: tuple[int, ...] = ()
    dead: tuple[tuple[int, int], ...] = ()

    def at(self, backend: Backend, instant: float) -> Calibration:
        """The one of the day, or of the day before if today's is not made yet. The first is of 1970-01-01."""
        day = math.floor((instant - _made_at(self, backend)) / DAY_S)
        return _calibration(self, backend, min(max(day, 0), _LAST_DAY))

    def by_id(self, backend: Backend, calibration_id: str) -> Calibration | None:
        """The one of that id, of whatever day; None if it is not one of this backend."""
        try:
            day = date.fromisoformat(calibration_id[:10]).toordinal() - _EPOCH
        except ValueError:
            return None
        return _calibration(self, backend, day) if day >= 0 and calibration_id == _id(self, backend, day) else None


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What stays of a qubit or a pair, what today adds, and whether it is a bad one."""

    stays: _Numbers
    today: _Numbers
    bad: bool


@lru_cache(maxsize=64)
def _calibration(daily: Daily, backend: Backend, day: int) -> Calibration:
    qubits = _qubits(daily, backend, day)
    return Calibration(
        id=_id(daily, backend, day),
        at=day * DAY_S + _made_at(daily, backend),
        qubits=tuple(_qubit(daily, backend, qubit, drawn) for qubit, drawn in enumerate(qubits)),
        gates=(
            *_single_gates(daily, backend, qubits),
            *_pair_gates(daily, backend, qubits, day),
            *_resets(daily, backend),
        ),
    )


def _id(daily: Daily, backend: Backend, day: int) -> str:
    """The day, and a digest of all that the values come from. That it looks like this is a guess."""
    digest = sha256(f"{backend!r}/{daily!r}".encode()).hexdigest()
    return f"{date.fromordinal(_EPOCH + day).isoformat()}-{digest[:12]}"


@lru_cache(maxsize=256)
def _made_at(daily: Daily, backend: Backend) -> int:
    """The second of the day."""
    return int(_numbers(1, daily.seed, backend.name, "made at")[0][0] * 4 * 3600)


def _qubits(daily: Daily, backend: Backend, day: int) -> list[_Drawn]:
    stays = _numbers(backend.n_qubits, daily.seed, backend.name, "qubits")
    today = _numbers(backend.n_qubits, daily.seed, backend.name, "qubits", day)
    return [_Drawn(kept, new, bad=kept[7] < _BAD_QUBITS) for kept, new in zip(stays, today, strict=True)]


def _qubit(daily: Daily, backend: Backend, qubit: int, drawn: _Drawn) -> QubitCalibration:
    make, stays, today = daily.make, drawn.stays, drawn.today
    t1_s = make.t1_s * _spread(0.3, stays[0], 0.08, today[0]) * (0.3 if drawn.bad else 1.0)
    # Physics allows 2 * T1. Staying clear of it keeps rounding from breaking it, which simulators refuse.
    t2_s = min(make.t2_s * _spread(0.45, stays[1], 0.1, today[1]), 1.95 * t1_s)
    readout = min(make.readout_error * _spread(0.4, stays[2], 0.08, today[2]) * (5.0 if drawn.bad else 1.0), 0.4)
    lean = readout * min(max(0.25 + 0.15 * _z(stays[3]), 0.0), 0.8)
    frequency, anharmonicity = make.frequency_hz, make.anharmonicity_hz
    return QubitCalibration(
        t1_s=round(t1_s, 9),
        t2_s=round(t2_s, 9),
        frequency_hz=None if frequency is None else round(frequency + 9e7 * _z(stays[4]) + 2e3 * _z(today[4])),
        anharmonicity_hz=None if anharmonicity is None else round(anharmonicity + 5e6 * _z(stays[5])),
        readout_error=round(readout, 6),
        prob_meas0_prep1=round(readout + lean, 6),
        prob_meas1_prep0=round(readout - lean, 6),
        readout_length_s=_steps(backend, make.readout_s),
        operational=qubit not in daily.faulty,
    )


def _single_gates(daily: Daily, backend: Backend, qubits: list[_Drawn]) -> Iterator[GateCalibration]:
    errors = [_single_error(daily, qubit, drawn) for qubit, drawn in enumerate(qubits)]
    gate_s = _steps(backend, daily.make.gate_s)
    for gate in _gates_on(backend, 1):
        for qubit, error in enumerate(errors):
            yield GateCalibration(
                gate=gate.name,
                qubits=(qubit,),
                error=0.0 if gate.virtual else error,
                length_s=0.0 if gate.virtual else gate_s,
            )


def _single_error(daily: Daily, qubit: int, drawn: _Drawn) -> float:
    if qubit in daily.faulty:
        return 1.0
    error = daily.make.gate_error * _spread(0.35, drawn.stays[6], 0.1, drawn.today[6]) * (4 if drawn.bad else 1)
    return round(min(error, 0.1), 8)


def _pair_gates(daily: Daily, backend: Backend, qubits: list[_Drawn], day: int) -> Iterator[GateCalibration]:
    # Both directions of a pair are the same physical thing.
    pairs = sorted({(min(pair), max(pair)) for pair in backend.coupling})
    stays = _numbers(len(pairs), daily.seed, backend.name, "pairs")
    today = _numbers(len(pairs), daily.seed, backend.name, "pairs", day)
    found = {}
    for pair, kept, new in zip(pairs, stays, today, strict=True):
        drawn = _Drawn(kept, new, bad=any(qubits[qubit].bad for qubit in pair))
        found[pair] = found[pair[::-1]] = _pair(daily, backend, pair, drawn)
    for gate in _gates_on(backend, 2):
        for pair in backend.coupling:
            error, length_s = found[pair]
            yield GateCalibration(gate=gate.name, qubits=pair, error=error, length_s=length_s)


def _pair(daily: Daily, backend: Backend, pair: tuple[int, int], drawn: _Drawn) -> tuple[float, float]:
    """The error and the length of the gates on two qubits."""
    make, stays, today = daily.make, drawn.stays, drawn.today
    length_s = _steps(backend, make.pair_s + make.pair_spread_s * stays[1] ** 3)
    if set(pair) & set(daily.faulty) or pair in daily.dead or pair[::-1] in daily.dead:
        return 1.0, length_s
    error = make.pair_error * _spread(0.35, stays[0], 0.1, today[0]) * (3 if drawn.bad else 1)
    return round(min(error, 0.3), 8), length_s


def _resets(daily: Daily, backend: Backend) -> Iterator[GateCalibration]:
    """A reset is a measurement and a gate, and no error of it is published. Evidence: IBM's data."""
    reset_s = _steps(backend, daily.make.readout_s + daily.make.gate_s)
    for qubit in range(backend.n_qubits):
        yield GateCalibration(gate="reset", qubits=(qubit,), error=None, length_s=reset_s)


def _gates_on(backend: Backend, n_qubits: int) -> list[Gate]:
    known = (GATES[name] for name in backend.basis_gates if name in GATES)
    return [gate for gate in known if gate.n_qubits == n_qubits]


def _steps(backend: Backend, seconds: float) -> float:
    """The nearest length that the device can keep: a multiple of the steps of its clock."""
    step_s = (backend.dt_s or 1e-9) * (backend.timing.granularity if backend.timing else 1)
    return round(seconds / step_s) * step_s


def _numbers(rows: int, *labels: str | int) -> list[_Numbers]:
    """Rows of eight numbers between 0 and 1, not including them, that depend on the labels alone."""
    digest = shake_256("/".join(map(str, labels)).encode()).digest(32 * rows)
    return [tuple([(number + 0.5) / 2**32 for number in row]) for row in struct.iter_unpack(">8I", digest)]


def _z(uniform: float) -> float:
    """The number of a standard normal distribution below which lies this share of it, not too far out."""
    return min(max(_normal(uniform), -2.5), 2.5)


def _spread(width: float, stays: float, daily_width: float, today: float) -> float:
    """A factor around 1: half as good and twice as good are equally likely."""
    return math.exp(width * _z(stays) + daily_width * _z(today))
