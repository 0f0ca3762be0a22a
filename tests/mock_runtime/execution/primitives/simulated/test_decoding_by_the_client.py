"""Results as the real client decodes them: computed ones and made-up ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mock_runtime.domain.backends import Backend
from mock_runtime.execution import Submission
from mock_runtime.execution.primitives import synthetic
from mock_runtime.execution.primitives.refusals import Limits
from tests.mock_runtime.execution.primitives.devices import SIMULATOR, line

pytest.importorskip("qiskit_aer")
pytest.importorskip("qiskit_ibm_runtime")

import numpy as np
from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit_ibm_runtime.decoders.defaults import DEFAULT_DECODERS
from qiskit_ibm_runtime.json import RuntimeDecoder, RuntimeEncoder

from mock_runtime.execution.primitives.simulated.circuits import places
from tests.mock_runtime.execution.primitives.simulated.circuits_by_hand import bell, isa, run, text_of

DEVICE = line(5)
ENGINES = ("computed", "made up")


def text(engine: str, program: str, params: Any, backend: Backend) -> str:
    """The result of a job whose inputs the client's encoder wrote."""
    inputs = json.loads(json.dumps(params, cls=RuntimeEncoder))
    if engine == "computed":
        return text_of(run(program, inputs, backend))
    submission = Submission(job_id="j", program_id=program, backend=backend, inputs=inputs, submitted_at=1.7e9, seed=5)
    return text_of(synthetic.run(submission, Limits()))


def decoded(engine: str, program: str, params: Any, backend: Backend = DEVICE) -> Any:
    """The result, as the client has it."""
    return json.loads(text(engine, program, params, backend), cls=RuntimeDecoder)


def sweep() -> tuple[QuantumCircuit, Any]:
    """A circuit of one parameter, and six values for it in two rows."""
    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("a"), 0)
    circuit.cx(0, 1)
    return circuit, np.linspace(0, np.pi, 6).reshape(2, 3, 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sampler_result(engine: str) -> None:
    """Counts, shapes and spans."""
    circuit, values = sweep()
    circuit.measure_all()
    pubs = [(isa(bell(), DEVICE), None, 300), (isa(circuit, DEVICE), values, 20)]
    result = decoded(engine, "sampler", {"pubs": pubs, "version": 2, "support_qiskit": True})
    assert sum(result[0].data.meas.get_counts().values()) == 300
    assert (result[1].data.meas.shape, result[1].data.meas.num_shots, result[1].data.meas.num_bits) == ((2, 3), 20, 2)
    spans = result.metadata["execution"]["execution_spans"]
    assert [span.size for span in spans] == [300 + 6 * 20]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_estimator_result(engine: str) -> None:
    """Values and errors in the shape of observables and sweep."""
    circuit, values = sweep()
    pubs = [(isa(circuit, DEVICE, [0, 1]), [[{"IIIZZ": 1.0}], [{"IIIXX": 0.5}]], values[0].reshape(3, 1), None)]
    result = decoded(engine, "estimator", {"pubs": pubs, "resilience_level": 1, "support_qiskit": True})
    assert result[0].data.evs.shape == (2, 3)
    assert bool(np.all(np.abs(result[0].data.evs) <= 1))
    assert result[0].data.stds.shape == result[0].data.ensemble_standard_error.shape == (2, 3)


def test_numbers_are_right() -> None:
    """A Bell pair agrees within statistics, and <ZZ> is close to 1."""
    params = {"pubs": [(isa(bell(), DEVICE), None, 4096)], "support_qiskit": True}
    counts = decoded("computed", "sampler", params)[0].data.meas.get_counts()
    assert abs(counts["00"] - counts["11"]) < 350
    assert counts["00"] + counts["11"] > 3700
    circuit = bell().remove_final_measurements(inplace=False)
    pubs = [(isa(circuit, DEVICE, [0, 1]), {"IIIZZ": 1.0}, None, None)]
    assert decoded("computed", "estimator", {"pubs": pubs, "support_qiskit": True})[0].data.evs > 0.95


def test_kerneled_points_are_complex() -> None:
    """In an array instead of bits."""
    params = {"pubs": [(bell(), None, 7)], "options": {"execution": {"meas_type": "kerneled"}}, "support_qiskit": True}
    points = decoded("computed", "sampler", params, SIMULATOR)[0].data.meas
    assert (points.shape, points.dtype) == ((7, 2), np.complex128)


def learned(found: str) -> Any:
    """What the job of a noise learner gives its user."""
    for decoder in DEFAULT_DECODERS["noise-learner"]:
        if decoder.is_applicable(found):
            return decoder.decode(found)
    raise AssertionError(found)


def test_what_a_noise_learner_learned() -> None:
    """A layer with its circuit, its qubits, and an error of fifteen generators as strong as the calibration says."""
    params = {"circuits": [isa(bell(), DEVICE, [1, 2])], "options": {}}
    (layer,) = learned(text("computed", "noise-learner", params, DEVICE)).data
    assert (layer.qubits, layer.circuit.count_ops()) == ([1, 2], {"cz": 1})
    assert len(layer.error.generators) == len(layer.error.rates) == 15
    assert float(sum(layer.error.rates)) == pytest.approx(0.0127, abs=0.001)


def executor_params(engine_version: str) -> Any:
    """A quantum program of one swept circuit, as the client writes it."""
    from qiskit_ibm_runtime.options_models.executor import ExecutorOptions  # noqa: PLC0415 - of this test alone
    from qiskit_ibm_runtime.quantum_program import QuantumProgram  # noqa: PLC0415
    from qiskit_ibm_runtime.quantum_program.params_converters import (  # noqa: PLC0415
        QUANTUM_PROGRAM_PARAMS_CONVERTERS,
    )

    circuit, values = sweep()
    circuit.measure_all()
    program = QuantumProgram(shots=16)
    program.append_circuit_item(isa(circuit, DEVICE), circuit_arguments=values)
    converter = QUANTUM_PROGRAM_PARAMS_CONVERTERS[engine_version]
    return json.loads(converter.encoder(program, ExecutorOptions()).model_dump_json())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("version", ["v0.1", "v0.2", "v1.0", "v1.1", "v2.0"])
def test_an_executor_result(engine: str, version: str) -> None:
    """In each version of the schema: booleans for each element, shot and bit."""
    result: Any = text(engine, "executor", executor_params(version), DEVICE)
    for decoder in DEFAULT_DECODERS["executor"]:
        if decoder.is_applicable(result):
            result = decoder.decode(result)
    (item,) = result
    assert (item["meas"].shape, item["meas"].dtype) == ((2, 3, 16, 2), np.bool_)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_randomized_circuit(engine: str) -> None:
    """A twirled pair: each randomization has its flips, and with them undone the computed pair agrees."""
    samplomatic = pytest.importorskip("samplomatic")
    from qiskit_ibm_runtime.options_models.executor import ExecutorOptions  # noqa: PLC0415 - of this test alone
    from qiskit_ibm_runtime.quantum_program import QuantumProgram  # noqa: PLC0415
    from qiskit_ibm_runtime.quantum_program.converters import quantum_program_to_2_0  # noqa: PLC0415

    circuit = QuantumCircuit(2)
    with circuit.box([samplomatic.Twirl()]):
        circuit.rx(np.pi, 0)
        circuit.cx(0, 1)
    with circuit.box([samplomatic.Twirl()]):
        circuit.measure_all()
    template, samplex = samplomatic.build(circuit)
    program = QuantumProgram(shots=10)
    program.append_samplex_item(template, samplex=samplex, shape=(4,))
    params = json.loads(quantum_program_to_2_0(program, ExecutorOptions()).model_dump_json())
    result: Any = DEFAULT_DECODERS["executor"][0].decode(text(engine, "executor", params, SIMULATOR))
    (item,) = result
    assert item["meas"].shape == (4, 10, 2)
    assert item["measurement_flips.meas"].shape == (4, 1, 2)
    if engine == "computed":
        assert bool(np.all(item["meas"] ^ item["measurement_flips.meas"]))


def test_a_noise_learner_of_the_third_version() -> None:
    """Rates for each box that is sent."""
    samplomatic = pytest.importorskip("samplomatic")
    from qiskit_ibm_runtime.noise_learner_v3.params_converters import (  # noqa: PLC0415 - of this test alone
        NOISE_LEARNER_V3_PARAMS_CONVERTERS,
    )
    from qiskit_ibm_runtime.options_models import NoiseLearnerV3Options  # noqa: PLC0415

    # The client sends no more than the qubits of the boxes, in no certain order.
    circuit = QuantumCircuit(5)
    with circuit.box([samplomatic.Twirl()]):
        circuit.cz(2, 3)
    converter = NOISE_LEARNER_V3_PARAMS_CONVERTERS["v0.3"]
    model = converter.encoder(list(circuit.data), NoiseLearnerV3Options())
    result = learned(text("computed", "noise-learner", json.loads(model.model_dump_json()), DEVICE))
    assert len(result) == 1
    assert len(result[0]) == 15


def test_boxes_of_a_noise_learner_are_where_the_device_has_them() -> None:
    """Qubits that are not coupled are refused, whatever their place in what is sent."""
    pytest.importorskip("samplomatic")
    whole = QuantumRegister(DEVICE.n_qubits, "q")
    circuit = QuantumCircuit([whole[3], whole[0], whole[2]])
    assert places(circuit, DEVICE) == [3, 0, 2]
    assert places(QuantumCircuit(2), DEVICE) == [0, 1]
