"""Backends: what they can do, and which of their calibrations is in force."""

from __future__ import annotations

import pickle

import pytest

from mock_runtime.domain.backends import (
    UNCALIBRATED,
    Availability,
    Backend,
    Calibration,
    GateCalibration,
    Processor,
    QubitCalibration,
    Series,
    Timing,
)


def _calibration(name: str, at: float) -> Calibration:
    qubit = QubitCalibration(
        t1_s=1e-4,
        t2_s=None,
        frequency_hz=5e9,
        anharmonicity_hz=None,
        readout_error=0.01,
        prob_meas0_prep1=0.012,
        prob_meas1_prep0=0.008,
        readout_length_s=1e-6,
    )
    gate = GateCalibration(gate="sx", qubits=(0,), error=1e-4, length_s=3.2e-8)
    return Calibration(id=name, at=at, qubits=(qubit,), gates=(gate,))


_FIRST, _SECOND = _calibration("first", 100.0), _calibration("second", 200.0)
_DEVICE = Backend(
    name="ibm_small",
    n_qubits=3,
    coupling=((0, 1), (2, 1)),
    basis_gates=("rz", "sx", "x", "cx", "reset"),
    control_flow=("if_else",),
    processor=Processor(family="Falcon", revision="5.11", segment="L"),
    availability=Availability.PAUSED,
    timing=Timing(granularity=16),
    calibrations=Series((_FIRST, _SECOND)),
)


@pytest.mark.parametrize(
    ("instant", "name"), [(0.0, "first"), (100.0, "first"), (199.9, "first"), (200.0, "second"), (9e9, "second")]
)
def test_the_newest_calibration_that_is_not_after_the_instant(instant: float, name: str) -> None:
    """Before all data, the oldest of it is in force: a clock that stands in the past must not take properties away."""
    found = _DEVICE.calibration_at(instant)
    assert found is not None
    assert found.id == name


def test_a_calibration_is_cheap_to_remember() -> None:
    """Its id stands for all that was measured."""
    assert {_FIRST: 1, _SECOND: 2}[_calibration("first", 100.0)] == 1


def test_a_calibration_by_its_id() -> None:
    """And None for an id that is not of this backend."""
    assert _DEVICE.calibration("second") is _SECOND
    assert _DEVICE.calibration("third") is None


def test_a_backend_without_data_is_never_calibrated() -> None:
    """As simulators are."""
    simulator = Backend(name="simulator", n_qubits=32, simulator=True)
    assert simulator.calibrations is UNCALIBRATED
    assert simulator.calibration_at(1e9) is None


@pytest.mark.parametrize(
    ("pair", "coupled"), [((0, 1), True), ((1, 0), True), ((1, 2), True), ((0, 2), False), ((0, 0), False)]
)
def test_a_device_couples_in_both_directions(pair: tuple[int, int], coupled: bool) -> None:
    """A gate that is calibrated one way is turned round by whoever compiles."""
    assert _DEVICE.couples(*pair) is coupled


@pytest.mark.parametrize(
    ("pair", "coupled"), [((0, 31), True), ((31, 0), True), ((4, 4), False), ((0, 32), False), ((-1, 3), False)]
)
def test_a_simulator_couples_all_its_qubits(pair: tuple[int, int], coupled: bool) -> None:
    """But no qubit with itself, and none that it has not."""
    assert Backend(name="simulator", n_qubits=32, simulator=True).couples(*pair) is coupled


def test_instructions_name_everything_once() -> None:
    """`reset` is a basis gate of old devices and an instruction of all."""
    assert _DEVICE.instructions == ("rz", "sx", "x", "cx", "reset", "delay", "measure", "if_else")


def test_a_backend_travels_to_another_process() -> None:
    """With its calibrations, which are not part of what makes two backends equal."""
    there = pickle.loads(pickle.dumps(_DEVICE))  # noqa: S301 - our own bytes
    assert there == _DEVICE
    assert hash(there) == hash(_DEVICE)
    assert there.calibration_at(150.0) == _FIRST
    assert str(there.availability) == "paused"
