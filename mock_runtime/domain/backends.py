"""Backends: where jobs run, what they can do, and how well they did it when they were last measured."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

CONTROL_FLOW: Final = ("if_else", "for_loop", "while_loop", "switch_case")
"""The names under which a device says that it takes instructions that depend on what was measured."""

_ALWAYS: Final = ("delay", "measure", "reset")


class Availability(StrEnum):
    """Whether a backend takes jobs (paused ones do, and run them later) or not at all."""

    ONLINE = "online"
    PAUSED = "paused"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """The make of a processor: its family ("Heron"), revision ("2", "5.11") and, for old ones, segment ("L")."""

    family: str
    revision: str
    segment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What the lengths and starts of instructions must be multiples of, or not less than, in steps of `dt_s`."""

    granularity: int = 1
    min_length: int = 1
    pulse_alignment: int = 1
    acquire_alignment: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QubitCalibration:
    """How good a qubit was: times in seconds, frequencies in hertz, probabilities from 0 to 1.

    None is data that is missing: measurements fail, and devices of today publish no frequencies. A qubit that is not
    `operational` is not to be used.
    """

    t1_s: float | None
    t2_s: float | None
    frequency_hz: float | None
    anharmonicity_hz: float | None
    readout_error: float
    prob_meas0_prep1: float
    prob_meas1_prep0: float
    readout_length_s: float
    operational: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCalibration:
    """How good a gate was on these qubits, and how long it takes.

    `error` is None where none is measured (`reset`), and 1.0 where the gate does not work.
    """

    gate: str
    qubits: tuple[int, ...]
    error: float | None
    length_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was measured of a device at the instant `at`: a qubit at the index of each, and all its gates.

    No two have the same `id`. It is cheap to hash, so that what is made of it can be remembered.
    """

    id: str
    at: float
    qubits: tuple[QubitCalibration, ...]
    gates: tuple[GateCalibration, ...]

    def __hash__(self) -> int:
        return hash(self.id)


class Calibrations(Protocol):
    """The history of a device's calibrations. Can be pickled, for executions in other processes."""

    def at(self, backend: Backend, instant: float) -> Calibration | None:
        """The one in force at an instant, in seconds since 1970; None if the backend is never calibrated."""
        ...

    def by_id(self, backend: Backend, calibration_id: str) -> Calibration | None:
        """The one of that id, None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Series:
    """Calibrations from data, oldest first. Before the first of them, the first is in force."""

    calibrations: tuple[Calibration, ...] = ()

    def at(self, backend: Backend, instant: float) -> Calibration | None:  # noqa: ARG002 - the data is of one backend
        """The newest that is not after the instant, or the oldest if all are."""
        if not self.calibrations:
            return None
        after = bisect_right(self.calibrations, instant, key=lambda calibration: calibration.at)
        return self.calibrations[max(after - 1, 0)]

    def by_id(self, backend: Backend, calibration_id: str) -> Calibration | None:  # noqa: ARG002 - as above
        """The one of that id, None if there is none."""
        return next((found for found in self.calibrations if found.id == calibration_id), None)


UNCALIBRATED: Final = Series()
"""What a simulator has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A device or a simulator.

    `coupling` is the directed list of coupled qubits, empty for a simulator (all to all). `runtime` tells whether it
    is meant for Runtime programs: in 2021 such a backend carried `runtime` in the `input_allowed` of its
    configuration. `mock` marks a device that only rehearses jobs and is shown to those who ask for mocks. `dt_s` is
    the step of its clock, None for a simulator; the delays between two shots are in seconds, too. `reason` is why it
    is not online, in a word, and `message` in a sentence, "" if there is none. `control_flow` holds names of
    CONTROL_FLOW, `coordinates` a place for each qubit on a drawing. It is cheap to hash, so that what is made of it
    can be remembered.
    """

    name: str
    n_qubits: int
    coupling: tuple[tuple[int, int], ...] = ()
    basis_gates: tuple[str, ...] = ("id", "rz", "sx", "x", "cx", "reset")
    simulator: bool = False
    runtime: bool = True
    online_date: str = "2020-09-01T04:00:00+00:00"
    max_shots: int = 8192
    version: str = "1.0.0"
    processor: Processor | None = None
    availability: Availability = Availability.ONLINE
    reason: str = ""
    message: str = ""
    mock: bool = False
    dt_s: float | None = None
    timing: Timing | None = None
    control_flow: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    coordinates: tuple[tuple[int, int], ...] = ()
    clops: int | None = None
    quantum_volume: int | None = None
    queue_length: int = 0
    max_experiments: int = 900
    rep_delay_range_s: tuple[float, float] | None = None
    default_rep_delay_s: float | None = None
    calibrations: Calibrations = field(default=UNCALIBRATED, repr=False, compare=False)

    def __hash__(self) -> int:
        return hash(self.name)

    def couples(self, first: int, second: int) -> bool:
        """Whether a gate on these two qubits is possible, in whichever direction."""
        if not self.coupling:
            return first != second and max(first, second) < self.n_qubits and min(first, second) >= 0
        return (first, second) in self.coupling or (second, first) in self.coupling

    @property
    def instructions(self) -> tuple[str, ...]:
        """All that a circuit may contain: gates, what every backend can do, control flow; each name once."""
        return tuple(dict.fromkeys((*self.basis_gates, *_ALWAYS, *self.control_flow)))

    def calibration_at(self, instant: float) -> Calibration | None:
        """The newest calibration that is not after the instant (where there is data, at least the oldest of it)."""
        return self.calibrations.at(self, instant)

    def calibration(self, calibration_id: str) -> Calibration | None:
        """The calibration of that id, None if there is none. It may lie in the future: look at its `at`."""
        return self.calibrations.by_id(self, calibration_id)
