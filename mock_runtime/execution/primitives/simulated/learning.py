"""NoiseLearner, computed: the errors of a device's layers, read from its calibration rather than learned.

How an error is spread over Pauli generators is drawn from the job's seed; all together they have the strength of the
calibration.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from qiskit import QuantumCircuit
from qiskit import qpy as qiskit_qpy
from qiskit.converters import circuit_to_dag

from mock_runtime.execution.primitives.encoding import JSON, dumps, floats, ndarray, packed, tagged
from mock_runtime.execution.primitives.inputs import options, section
from mock_runtime.execution.primitives.quantum_programs import SchemaTensor
from mock_runtime.execution.primitives.refusals import JobRefused
from mock_runtime.execution.primitives.simulated.circuits import check_isa, load, places
from mock_runtime.execution.primitives.simulated.runs import Run

_MODULE: Final = "qiskit_ibm_runtime.utils.noise_learner_result"
_QPY: Final = 13
"""What circuits are sent back in. Evidence: clients up to 0.40 read 14 at most; Qiskit writes nothing older than 13."""
_LAYERS: Final = 4
_DEFAULTS: Final = {
    "max_layers_to_learn": _LAYERS,
    "shots_per_randomization": 128,
    "num_randomizations": 32,
    "layer_pair_depths": [0, 1, 2, 4, 16, 32],
    "twirling_strategy": "active-accum",
}
_V3: Final = ("v0.1", "v0.2", "v0.3")


def run(job: Run) -> str:
    """The JSON text of the result."""
    if "schema_version" in job.params:
        return _third(job)
    sent = job.params.get("circuits")
    if not isinstance(sent, list) or not sent:
        raise JobRefused("the inputs have no circuits")
    circuits = []
    for value in sent[: job.limits.pubs]:
        circuit = load(
            job.reader.circuit(value[0] if isinstance(value, list) and value else value), job.submission.backend
        )
        check_isa(circuit, job.submission.backend, job.limits)
        circuits.append(circuit)
    chosen = {**_DEFAULTS, **{name: value for name, value in options(job.params).items() if name in _DEFAULTS}}
    most = chosen["max_layers_to_learn"]
    layers = unique_layers(circuits)
    kept = layers if most is None or not isinstance(most, int) else layers[: max(most, 0)]
    job.say(f"{len(layers)} unique layers, {len(kept)} of them learned")
    metadata = {
        "backend": job.submission.backend.name,
        "input_options": {**chosen, "support_qiskit": True, "experimental": {}},
    }
    # Evidence: the client takes this object as it is, and cannot read one with a tag.
    return dumps({"data": [_written(job, layer) for layer in kept], "metadata": metadata})


@dataclass(frozen=True, slots=True)
class Layer:
    """Gates on two qubits each that are done at once: names and the device's qubits."""

    gates: tuple[tuple[str, tuple[int, int]], ...]

    @property
    def qubits(self) -> list[int]:
        """The qubits of the layer."""
        return sorted(qubit for _, pair in self.gates for qubit in pair)


def unique_layers(circuits: Sequence[QuantumCircuit]) -> list[Layer]:
    """The layers of circuits, each once, in the order in which they come. How the service cuts layers is a guess."""
    found: dict[Layer, None] = {}
    for circuit in circuits:
        index = {bit: number for number, bit in enumerate(circuit.qubits)}
        for layer in circuit_to_dag(circuit).layers():
            gates = sorted(
                (node.op.name, (index[node.qargs[0]], index[node.qargs[1]]))
                for node in layer["graph"].op_nodes()
                if len(node.qargs) == 2 and node.op.name not in {"barrier", "box"}
            )
            if gates:
                found.setdefault(Layer(tuple(gates)))
    return list(found)


def _written(job: Run, layer: Layer) -> JSON:
    qubits = layer.qubits
    paulis, rates = _error(job, layer)
    error = {
        "generators": {
            "__type__": "settings",
            "__module__": "qiskit.quantum_info.operators.symplectic.pauli_list",
            "__class__": "PauliList",
            "__value__": {"data": paulis},
        },
        "rates": ndarray(floats(rates, (len(rates),))),
    }
    value = {
        "circuit": tagged("QuantumCircuit", packed(_qpy(layer))),
        "qubits": qubits,
        "error": {"__type__": "_json", "__module__": _MODULE, "__class__": "PauliLindbladError", "__value__": error},
    }
    return {"__type__": "_json", "__module__": _MODULE, "__class__": "LayerError", "__value__": value}


def _qpy(layer: Layer) -> bytes:
    place = {qubit: number for number, qubit in enumerate(layer.qubits)}
    circuit = QuantumCircuit(len(place))
    for name, pair in layer.gates:
        getattr(circuit, name)(*(place[qubit] for qubit in pair)) if name in {"cx", "cz", "ecr"} else circuit.cz(
            *(place[qubit] for qubit in pair)
        )
    buffer = io.BytesIO()
    qiskit_qpy.dump(circuit, buffer, version=_QPY)
    return buffer.getvalue()


def _error(job: Run, layer: Layer) -> tuple[list[str], list[float]]:
    """Generators on one qubit and on pairs, and their rates, which together have the error of the gates."""
    qubits = layer.qubits
    place = {qubit: number for number, qubit in enumerate(qubits)}
    paulis: list[str] = []
    rates: list[float] = []
    for name, pair in layer.gates:
        first, second = (place[qubit] for qubit in pair)
        terms = [{first: one} for one in "XYZ"] + [{second: one} for one in "XYZ"]
        terms += [{first: one, second: other} for one in "XYZ" for other in "XYZ"]
        shares = job.rng.dirichlet(np.ones(len(terms))) * _strength(job, name, pair)
        for term, share in zip(terms, shares.tolist(), strict=True):
            paulis.append("".join(term.get(number, "I") for number in reversed(range(len(qubits)))))
            rates.append(share)
    return paulis, rates


def _strength(job: Run, name: str, pair: tuple[int, int]) -> float:
    """The sum of the rates of a gate's generators."""
    calibration = job.calibration()
    if calibration is None:
        return 0.0
    gates = {(gate.gate, gate.qubits): gate.error for gate in calibration.gates if len(gate.qubits) == 2}
    error = gates.get((name, pair)) or gates.get((name, pair[::-1])) or 0.0
    # From the average infidelity of two qubits to the probability of a Pauli, and from there to a rate.
    return -0.5 * math.log1p(-2 * min(error * 5 / 4, 0.49))


def _third(job: Run) -> str:
    """The third version of the program: errors for the boxes that are sent. Evidence: ibm-quantum-schemas."""
    version = job.params.get("schema_version")
    sent = section(job.params, "instructions")
    if version not in _V3 or not sent:
        raise JobRefused("the inputs are not understood: they have no instructions, or an unknown schema version")
    circuit = load(job.reader.circuit(tagged("QuantumCircuit", sent.get("circuit_b64"))), job.submission.backend)
    found = places(circuit, job.submission.backend)
    check_isa(circuit, job.submission.backend, job.limits, where=found)
    index = dict(zip(circuit.qubits, found, strict=True))
    data = []
    for item in circuit.data:
        where = [index[bit] for bit in item.qubits]
        data.append(_box(job, item.operation, where))
    return dumps({"schema_version": version, "data": data})


def _box(job: Run, operation: Any, where: list[int]) -> JSON:
    body = operation.blocks[0] if operation.name == "box" else None
    inner = {bit: number for number, bit in enumerate(body.qubits)} if body is not None else {}
    generators: list[list[list[JSON]]] = []
    rates: list[float] = []
    gates = [
        item
        for item in (body.data if body is not None else ())
        if len(item.qubits) == 2 and item.operation.name != "barrier"
    ]
    measures = body is not None and "measure" in body.count_ops()
    for item in gates:
        first, second = (inner[bit] for bit in item.qubits)
        terms: list[tuple[str, list[int]]] = [(one, [place]) for place in (first, second) for one in "XYZ"]
        terms += [(one + other, [first, second]) for one in "XYZ" for other in "XYZ"]
        shares = job.rng.dirichlet(np.ones(len(terms))) * _strength(
            job, item.operation.name, (where[first], where[second])
        )
        generators += [[[pauli, places]] for pauli, places in terms]
        rates += shares.tolist()
    if measures:
        calibration = job.calibration()
        for place, qubit in enumerate(where):
            generators.append([["X", [place]]])
            error = calibration.qubits[qubit].readout_error if calibration is not None else 0.0
            rates.append(-0.5 * math.log1p(-2 * min(error, 0.49)))
    kept: JSON = {"fraction_kept": 1.0, "success_rates": {}} if measures else {"fraction_kept": {}, "success_rates": {}}
    return {
        "generators_sparse": generators,
        "num_qubits": len(where),
        "rates": _doubles(rates).written(compressed=False),
        "rates_std": _doubles([rate / 10 for rate in rates]).written(compressed=False),
        "metadata": {"learning_protocol": "trex" if measures else "lindblad", "post_selection": kept},
    }


def _doubles(values: list[float]) -> SchemaTensor:
    return SchemaTensor("f64", (len(values),), floats(values, (len(values),)).raw)
