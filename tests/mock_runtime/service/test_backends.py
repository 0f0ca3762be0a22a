"""Backends, and how good they were."""

from __future__ import annotations

import pytest

from mock_runtime.domain.errors import BackendNotFound, CalibrationNotFound
from mock_runtime.domain.instances import Caller
from tests.mock_runtime.service.parts_by_hand import ALICE, T0, House, house, instance_of

DAY_S = 86_400.0
LIMITED = Caller("alice", "Alice", instance=instance_of("limited", backends=("ibm_two", "mock_one")))


@pytest.fixture
def home() -> House:
    """The use cases at T0."""
    return house()


def names(home: House, caller: Caller, *, mocks: bool = False) -> list[str]:
    """The names of the backends that somebody sees."""
    return [backend.name for backend in home.service.backends.list(caller, mocks=mocks)]


def test_which_backends_there_are(home: House) -> None:
    """Those that the instance may use; those that only rehearse are shown to who asks."""
    assert names(home, ALICE) == ["ibm_one", "ibm_two", "simulator"]
    assert names(home, ALICE, mocks=True) == ["ibm_one", "ibm_two", "simulator", "mock_one"]
    assert names(home, LIMITED) == ["ibm_two"]
    assert names(home, LIMITED, mocks=True) == ["ibm_two", "mock_one"]
    assert names(home, Caller("x", "x")) == ["ibm_one", "ibm_two", "simulator"]


def test_a_backend_by_its_name(home: House) -> None:
    """One that the instance may not use does not exist; one that only rehearses does."""
    assert home.service.backends.get(ALICE, "ibm_one").n_qubits == 5
    assert home.service.backends.get(ALICE, "mock_one").mock
    for caller, name in ((ALICE, "nowhere"), (ALICE, "IBM_ONE"), (LIMITED, "ibm_one")):
        with pytest.raises(BackendNotFound, match=name):
            home.service.backends.get(caller, name)


@pytest.mark.parametrize(
    ("before", "found"),
    [(None, "day-0"), (T0, "day-0"), (T0 - 1, "day--1"), (T0 - 9 * DAY_S, "day--1"), (T0 + 9 * DAY_S, "day-0")],
)
def test_the_newest_calibration_that_has_been(home: House, before: float | None, found: str) -> None:
    """What lies ahead of the clock has not been measured, whatever is asked for."""
    backend, calibration = home.service.backends.calibration(ALICE, "ibm_one", before=before)
    assert calibration is not None
    assert (backend.name, calibration.id) == ("ibm_one", found)


def test_time_brings_a_new_calibration(home: House) -> None:
    """At its instant."""
    home.clock.advance(DAY_S)
    _, calibration = home.service.backends.calibration(ALICE, "ibm_one")
    assert calibration is not None
    assert calibration.id == "day-1"


def test_a_calibration_by_its_id(home: House) -> None:
    """Whatever the instant; not one of the future, and none that never was."""
    _, calibration = home.service.backends.calibration(ALICE, "ibm_one", calibration_id="day--1", before=0.0)
    assert calibration is not None
    assert calibration.at == T0 - DAY_S
    for wanted in ("day-1", "day-2", ""):
        with pytest.raises(CalibrationNotFound):
            home.service.backends.calibration(ALICE, "ibm_one", calibration_id=wanted)
    home.clock.advance(DAY_S)
    assert home.service.backends.calibration(ALICE, "ibm_one", calibration_id="day-1")[1] is not None


def test_a_backend_that_is_never_calibrated(home: House) -> None:
    """Has none, and none of any id."""
    assert home.service.backends.calibration(ALICE, "simulator") == (
        home.service.backends.get(ALICE, "simulator"),
        None,
    )
    with pytest.raises(CalibrationNotFound):
        home.service.backends.calibration(ALICE, "simulator", calibration_id="day-0")
    with pytest.raises(BackendNotFound):
        home.service.backends.calibration(LIMITED, "ibm_one")
