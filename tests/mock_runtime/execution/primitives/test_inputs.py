"""The inputs of Sampler and Estimator."""

from __future__ import annotations

from typing import Any

import pytest

from mock_runtime.execution.primitives.encoding import floats, ndarray
from mock_runtime.execution.primitives.inputs import EstimatorPub, Reader, SamplerPub, default_shots
from mock_runtime.execution.primitives.refusals import JobRefused, Limits, TooLarge
from tests.mock_runtime.execution.primitives import samples
from tests.mock_runtime.execution.primitives.devices import line
from tests.mock_runtime.execution.primitives.samples import circuit

BELL = circuit(samples.BELL_17)
PARAMETERS = circuit(samples.PARAMETERS_18)
HARDWARE = 'OPENQASM 3.0; include "stdgates.inc"; bit[1] c; sx $1; c[0] = measure $1;'
TWIRLED = {"num_randomizations": 16, "shots_per_randomization": 100}


def sampler(pubs: list[Any], limits: Limits | None = None, **params: Any) -> tuple[SamplerPub, ...]:
    """The pubs of a Sampler on a device of five qubits."""
    return Reader.of(line(5), limits or Limits()).sampler({"pubs": pubs, **params})


def estimator(*pubs: list[Any], **params: Any) -> tuple[EstimatorPub, ...]:
    """The pubs of an Estimator on a device of five qubits."""
    return Reader.of(line(5), Limits()).estimator({"pubs": list(pubs), **params})


@pytest.mark.parametrize(
    ("pub", "params", "shots"),
    [
        ([BELL], {}, 4096),
        ([BELL, None, None], {"options": {"default_shots": 10}}, 10),
        ([BELL], {"shots": 20, "options": {"default_shots": 10}}, 20),
        ([BELL, None, 30], {"shots": 20, "options": {"default_shots": 10}}, 30),
        ([BELL], {"options": {"twirling": {"num_randomizations": 4, "shots_per_randomization": 5}}}, 20),
        ([BELL], {"options": {"twirling": {"num_randomizations": "auto", "shots_per_randomization": 5}}}, 4096),
    ],
)
def test_the_nearest_number_of_shots_counts(pub: list[Any], params: dict[str, Any], shots: int) -> None:
    """That of the pub before that of the run before that of the options before the service's."""
    (found,) = sampler([pub], **params)
    assert found.shots == shots


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ([0.1, 0.2], ()),
        ([[0.1, 0.2], [0.3, 0.4]], (2,)),
        (ndarray(floats([0.0] * 12, (2, 3, 2))), (2, 3)),
        ({"a": [0.1, 0.2, 0.3], "v[1]": 1.0}, (3,)),
    ],
)
def test_the_shape_of_a_sweep_is_that_of_its_values(values: object, shape: tuple[int, ...]) -> None:
    """All axes but the last, which is that of the parameters."""
    (found,) = sampler([[PARAMETERS, values]])
    assert found.shape == shape


@pytest.mark.parametrize("values", [None, [], ndarray(floats([], (0,)))])
def test_no_parameters_need_no_values(values: object) -> None:
    """Null, nothing, or an empty array, as clients send it."""
    (found,) = sampler([[BELL, values]])
    assert found.shape == ()


@pytest.mark.parametrize("values", [None, [0.1], [0.1, 0.2, 0.3], {"a": 1}, "a", [[0.1], [0.2]]])
def test_values_that_do_not_fit_are_refused(values: object) -> None:
    """Too few, too many, or none."""
    with pytest.raises(JobRefused):
        sampler([[PARAMETERS, values]])


@pytest.mark.parametrize("shots", [0, -1, 1.5, "10", True, [1]])
def test_shots_are_whole_numbers(shots: object) -> None:
    """From one on."""
    with pytest.raises(JobRefused, match="shots must be a whole number"):
        sampler([[BELL, None, shots]])


@pytest.mark.parametrize("pubs", [[[BELL, None, 10**9]], [[BELL, None, 6_000_000]] * 2, [[BELL, None, 10**400]]])
def test_more_executions_than_a_job_may_have_are_refused(pubs: list[Any]) -> None:
    """In one pub or in all of them."""
    with pytest.raises(TooLarge, match="a job may have 10000000 executions"):
        sampler(pubs)


@pytest.mark.parametrize("pubs", [None, [], {}, [[]], [[1, 2, 3, 4]], [7]])
def test_inputs_without_pubs_are_refused(pubs: object) -> None:
    """None, empty, or too long."""
    with pytest.raises(JobRefused):
        Reader.of(line(5), Limits()).sampler({"pubs": pubs})


def test_too_many_pubs_are_refused() -> None:
    """Before any is unpacked."""
    with pytest.raises(TooLarge, match="this has 3"):
        sampler([[BELL]] * 3, Limits(pubs=2))


def test_a_text_with_hardware_qubits_is_a_circuit() -> None:
    """As QRMI and users of the REST interface send it."""
    (found,) = sampler([[HARDWARE]])
    assert [register.name for register in found.circuit.facts.registers] == ["c"]


@pytest.mark.parametrize(
    "value", [None, 7, [], {}, {"__type__": "settings", "__value__": {}}, "x", {"__type__": "QuantumCircuit"}]
)
def test_what_is_no_circuit_is_refused(value: object) -> None:
    """With a sentence, never another error."""
    with pytest.raises(JobRefused):
        sampler([[value]])


def test_observables_are_combined_with_the_sweep() -> None:
    """Two rows of observables with three sets of parameters: two rows of three."""
    values = ndarray(floats([0.0] * 6, (3, 2)))
    (found,) = estimator([PARAMETERS, [[{"Z": 1.0}], ["X"]], values])
    assert (found.observed, found.shape) == ((2, 1), (2, 3))
    assert found.observables == ((("Z", 1.0),), (("X", 1.0),))


def test_observables_are_as_wide_as_the_device_for_hardware_qubits() -> None:
    """Five letters for one qubit that is used."""
    (found,) = estimator([HARDWARE, "IIIZI"])
    assert found.shape == ()


@pytest.mark.parametrize(
    "observable", ["Z", "ZZZ", "ZQ", {"ZZ": "1"}, {"ZZ": 1e200}, {"ZZ": None}, 7, None, [["ZZ"], "ZZ"], {"ZZ": True}]
)
def test_observables_that_make_no_sense_are_refused(observable: object) -> None:
    """Too short, too long, no Paulis, no real factors, ragged."""
    with pytest.raises(JobRefused):
        estimator([BELL, observable])


@pytest.mark.parametrize(
    ("pub", "params", "precision"),
    [
        ([BELL, "ZZ"], {}, 0.015625),
        ([BELL, "ZZ"], {"options": {"default_precision": 0.1}}, 0.1),
        ([BELL, "ZZ"], {"options": {"default_shots": 100}}, 0.1),
        ([BELL, "ZZ", None, 0.2], {"options": {"default_precision": 0.1}}, 0.2),
        ([BELL, "ZZ"], {"options": {"default_precision": 0.2, "default_shots": 100}}, 0.1),
        ([BELL, "ZZ"], {"options": {"default_shots": 9, "twirling": TWIRLED}}, 0.025),
        ([BELL, "ZZ"], {"precision": 0.5, "options": {"twirling": TWIRLED}}, 0.5),
    ],
)
def test_the_nearest_precision_counts(pub: list[Any], params: dict[str, Any], precision: float) -> None:
    """That of the pub before that of the options before the service's; and it decides the shots."""
    (found,) = estimator(pub, **params)
    assert found.precision == pytest.approx(precision)
    assert found.shots == round(1 / precision**2)


@pytest.mark.parametrize(
    ("params", "shots"),
    [
        ({"options": {"default_shots": 9, "twirling": TWIRLED}}, 1600),
        ({"shots": 7, "options": {"twirling": TWIRLED}}, 7),
        ({"options": {"default_shots": 9, "twirling": {**TWIRLED, "shots_per_randomization": "auto"}}}, 9),
    ],
)
def test_the_nearest_shots_count(params: dict[str, Any], shots: int) -> None:
    """Those of the run before those of twirling before those of the options."""
    assert default_shots(params, Limits()) == shots


def test_the_most_shots_are_not_rounded_up() -> None:
    """Ten million are allowed, and a precision that stands for them gives as many."""
    (found,) = estimator([BELL, "ZZ"], options={"default_shots": 10_000_000})
    assert found.shots == 10_000_000


@pytest.mark.parametrize("precision", [0, -1, "x", 1e-5, 1e-12, float("nan"), 1e300, True])
def test_a_precision_beyond_reach_is_refused(precision: object) -> None:
    """Zero would need endless shots."""
    with pytest.raises(JobRefused):
        estimator([BELL, "ZZ", None, precision])


def test_options_that_are_no_options_are_ignored() -> None:
    """The defaults hold."""
    assert default_shots({"options": [1]}, Limits()) == 4096
