"""Calibrations that are invented day by day."""

from __future__ import annotations

import pickle
from dataclasses import replace
from statistics import median

import pytest

from mock_runtime.domain.backends import Backend, Calibration
from mock_runtime.worlds.daily import DAY_S, Daily
from mock_runtime.worlds.makes import EAGLE_R3, FALCON_R5_11L, HERON_R2, Generation
from mock_runtime.worlds.platform import WORLD

NOON = 1_700_049_600.0
"""2023-11-15T12:00:00Z: after the calibration of that day, whenever it was made."""

_DEVICES = [backend for backend in WORLD.backends if not backend.simulator and not backend.mock]
_FEZ = next(backend for backend in _DEVICES if backend.name == "ibm_fez")


def _at(backend: Backend, instant: float) -> Calibration:
    found = backend.calibration_at(instant)
    assert found is not None
    return found


def test_a_calibration_lasts_for_a_day() -> None:
    """It is the same until the next is made, in the first hours of a day, and never lies in the future."""
    today, tomorrow = _at(_FEZ, NOON), _at(_FEZ, NOON + DAY_S)
    assert NOON - DAY_S / 2 <= today.at < NOON
    assert _at(_FEZ, today.at) == _at(_FEZ, tomorrow.at - 1) == today
    assert _at(_FEZ, tomorrow.at) == tomorrow
    assert tomorrow.at - today.at == DAY_S
    assert tomorrow.qubits != today.qubits


def test_qubits_keep_their_character() -> None:
    """From one day to the next values move a little, while those of the qubits are far apart."""
    today, tomorrow = _at(_FEZ, NOON), _at(_FEZ, NOON + DAY_S)
    changes = [abs((b.t1_s or 0) / (a.t1_s or 1) - 1) for a, b in zip(today.qubits, tomorrow.qubits, strict=True)]
    times = sorted(qubit.t1_s or 0 for qubit in today.qubits)
    assert median(changes) < 0.15
    assert times[-10] / times[10] > 2


def test_the_values_depend_on_nothing_else() -> None:
    """Not on what was asked before, nor on the process: what is pickled there is calculated there."""
    copy = pickle.loads(pickle.dumps(replace(_FEZ, version="9.9.9")))  # noqa: S301 - our own bytes
    assert _at(copy, NOON).qubits == _at(_FEZ, NOON).qubits
    assert _at(copy, NOON).id != _at(_FEZ, NOON).id
    assert round((_at(_FEZ, NOON).qubits[0].t1_s or 0) * 1e6) == 161


def test_another_seed_gives_other_values() -> None:
    """And so does another name."""
    one, other = (FALCON_R5_11L.backend("ibmq_five", seed=seed) for seed in (0, 1))
    assert _at(one, NOON).qubits != _at(other, NOON).qubits
    assert _at(one, NOON).id != _at(other, NOON).id
    assert _at(FALCON_R5_11L.backend("ibmq_six"), NOON).qubits != _at(one, NOON).qubits


def test_a_calibration_is_found_by_its_id() -> None:
    """Whatever its day."""
    for instant in (NOON, 0.0, 4e9):
        found = _at(_FEZ, instant)
        assert _FEZ.calibration(found.id) == found


@pytest.mark.parametrize(
    "wrong",
    ["", "tomorrow", "2023-11-15", "2023-11-15-000000000000", "2023-W46-3-000000000000", "1969-12-31-0", "é" * 99],
)
def test_an_id_that_is_nobodys(wrong: str) -> None:
    """What only looks like an id is none."""
    assert _FEZ.calibration(wrong) is None


def test_an_id_is_of_one_device() -> None:
    """The digest in it is of the device, too."""
    assert _FEZ.calibration(_at(_DEVICES[1], NOON).id) is None


@pytest.mark.parametrize("instant", [-1e12, -1.0, 0.0, 1e300])
def test_no_instant_is_too_far_away(instant: float) -> None:
    """The first calibration is of the first day of 1970, the last of the end of 9999."""
    found = _at(_FEZ, instant)
    assert found.id.startswith("1970-01-01" if instant < 1 else "9999-12-31")


@pytest.mark.parametrize("device", _DEVICES, ids=lambda device: device.name)
def test_the_values_are_possible(device: Backend) -> None:
    """T2 is at most twice T1, probabilities are between 0 and 1, and lengths are multiples of the clock's steps."""
    calibration = _at(device, NOON)
    assert len(calibration.qubits) == device.n_qubits
    step_s = (device.dt_s or 0) * (device.timing.granularity if device.timing else 1)
    for qubit in calibration.qubits:
        assert 1e-5 < (qubit.t2_s or 0) <= 2 * (qubit.t1_s or 0) < 2e-3
        assert 0 < qubit.prob_meas1_prep0 <= qubit.readout_error <= qubit.prob_meas0_prep1 < 1
        assert qubit.readout_error == pytest.approx((qubit.prob_meas0_prep1 + qubit.prob_meas1_prep0) / 2, abs=1e-5)
    for gate in calibration.gates:
        assert gate.error is None or 0 <= gate.error <= 1
        assert gate.length_s / step_s == pytest.approx(round(gate.length_s / step_s), abs=1e-6)


@pytest.mark.parametrize("device", _DEVICES, ids=lambda device: device.name)
def test_every_gate_is_calibrated_wherever_it_is_possible(device: Backend) -> None:
    """On every qubit, or on every coupled pair; both directions of a pair are equally good."""
    gates = _at(device, NOON).gates
    by_name = {name: {gate.qubits: gate for gate in gates if gate.gate == name} for name in device.basis_gates}
    for name, found in by_name.items():
        singles = {(qubit,) for qubit in range(device.n_qubits)}
        assert set(found) == (set(device.coupling) if name in {"cx", "cz", "ecr", "rzz"} else singles)
        for (first, *rest), gate in found.items():
            back = found.get((*rest, first))
            assert back is None or (back.error, back.length_s) == (gate.error, gate.length_s)
    assert {gate.qubits for gate in gates if gate.gate == "reset"} == {(qubit,) for qubit in range(device.n_qubits)}


@pytest.mark.parametrize(
    ("generation", "pair_error", "readout_error"), [(EAGLE_R3, 0.0078, 0.015), (HERON_R2, 0.0026, 0.0085)]
)
def test_a_generation_has_its_quality(generation: Generation, pair_error: float, readout_error: float) -> None:
    """Medians are near to those that the make says."""
    calibration = _at(generation.backend("ibm_new"), NOON)
    errors = [gate.error or 0 for gate in calibration.gates if len(gate.qubits) == 2]
    assert median(errors) == pytest.approx(pair_error, rel=0.15)
    assert median(qubit.readout_error for qubit in calibration.qubits) == pytest.approx(readout_error, rel=0.15)


def test_what_does_not_work_says_so() -> None:
    """A faulty qubit is not operational; gates on it, and on a dead pair, have the error 1."""
    device = FALCON_R5_11L.backend("ibmq_broken", faulty=(0,), dead=((3, 2),))
    calibration = _at(device, NOON)
    assert [qubit.operational for qubit in calibration.qubits] == [False, True, True, True, True]
    broken = {(gate.gate, gate.qubits) for gate in calibration.gates if gate.error == 1.0}
    assert broken == {
        *(("cx", pair) for pair in ((0, 1), (1, 0), (2, 3), (3, 2))),
        *((name, (0,)) for name in ("id", "sx", "x")),
    }


def test_a_clock_without_steps_counts_nanoseconds() -> None:
    """What says nothing of its clock is still calibrated."""
    device = Backend(name="bare", n_qubits=1, basis_gates=("x", "unknown"), calibrations=Daily(make=EAGLE_R3.make))
    assert {(gate.gate, round(gate.length_s * 1e9, 6)) for gate in _at(device, NOON).gates} == {
        ("x", 60.0),
        ("reset", 1360.0),
    }
