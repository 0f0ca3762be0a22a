"""The service as its users met it in 2021: the programs of the walkthrough, and the devices of that year.

Evidence, field by field; the descriptions of programs and of their fields are words of this project throughout.

- ids and names of the programs, and the empty descriptions of mit-6 and simple: a transcript of 2021-05-07.
- circuit-runner: cost, creation date, version, inputs and return value as recorded in that transcript.
- quantum-kernel-alignment: cost, creation date, version, inputs and return values as recorded in a tutorial.
- runtime-simple: cost, inputs, outputs and requirements from its published JSON; version and creation date are guesses.
- vqe: the cost from its published JSON; inputs, outputs, version and creation date are guesses.
- mit-6 and simple: only their names and empty descriptions are known; cost, version, creation date and the empty list
  of inputs are guesses.
- the projects: the open one and that of the walkthrough are in transcripts.
- the devices: ibmq_montreal is that of the walkthrough. The other names and all sizes are public knowledge; the
  coupling maps are reduced to the lattice families they had (a line, a T, an H, heavy hexagons), which is enough for
  a client to read a configuration. That all of them take Runtime programs, and every `online_date`, are guesses.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.instances import OPEN_PROJECT, Project
from mock_runtime.domain.programs import DEFAULT_COST_S, Program
from mock_runtime.worlds import World
from mock_runtime.worlds.lattices import Lattice, both_ways, falcon_of_16, falcon_of_27, h_of_7, line, t_of_5

_LAUNCH: Final = datetime(2021, 5, 7, 0, 17, 7, tzinfo=UTC).timestamp()
"""When circuit-runner was made (recorded). The programs whose date is not known get the same: a guess."""

_GUESSED_VERSION: Final = "1"
"""The version of the programs whose own is not known; recorded ones were "1" then, too."""


def _inputs(*fields: tuple[str, str, str, bool]) -> str:
    names = ("name", "description", "type", "required")
    return json.dumps({"doc": [dict(zip(names, field, strict=True)) for field in fields]})


def _outputs(*fields: tuple[str, str, str]) -> str:
    return json.dumps([dict(zip(("name", "description", "type"), field, strict=True)) for field in fields])


_CIRCUIT_RUNNER: Final = Program(
    id="circuit-runner",
    name="circuit-runner",
    cost_s=1800,
    description="A runtime program that compiles circuits, runs them, and mitigates measurement errors if asked to.",
    created_at=_LAUNCH,
    version="1",
    is_public=True,
    parameters=_inputs(
        (
            "circuits",
            "One circuit, or several, to be executed.",
            "A QuantumCircuit or a list of QuantumCircuits.",
            True,
        ),
        ("shots", "How often each circuit is repeated; 1024 if not given.", "int", False),
        ("initial_layout", "Which physical qubits the virtual ones start on.", "dict or list", False),
        ("layout_method", "How a layout is chosen: trivial, dense, noise_adaptive or sabre.", "string", False),
        ("routing_method", "How swaps are placed: basic, lookahead, stochastic or sabre.", "string", False),
        ("translation_method", "How gates become basis gates: unroller, translator or synthesis.", "string", False),
        ("seed_transpiler", "The seed of whatever the transpiler leaves to chance.", "int", False),
        ("optimization_level", "How hard the circuits are optimised, 0 to 3; 1 if not given.", "int", False),
        ("init_qubits", "Whether qubits are reset to the ground state before each shot.", "bool", False),
        ("rep_delay", "Microseconds between two shots; the backend's own if not given.", "float", False),
        ("transpiler_options", "Further options for the transpiler.", "dict", False),
        ("measurement_error_mitigation", "Whether readout errors are mitigated.", "bool", False),
    ),
    return_values=_outputs(("-", "The counts of each circuit.", "RunnerResult object")),
)

_KERNEL_ALIGNMENT: Final = Program(
    id="quantum-kernel-alignment",
    name="quantum-kernel-alignment",
    cost_s=28800,
    description="A runtime program that aligns a quantum kernel to a data set by a bound on the SVM's margin.",
    created_at=datetime(2021, 5, 6, 14, 56, 53, tzinfo=UTC).timestamp(),
    version="1",
    is_public=True,
    parameters=_inputs(
        ("feature_map", "The feature map, as a serialised circuit with its parameters.", "dict", True),
        ("data", "The data points, one a row.", "numpy.ndarray", True),
        ("labels", "The class of each data point, -1 or 1.", "numpy.ndarray", True),
        ("initial_kernel_parameters", "Where the kernel's parameters start.", "numpy.ndarray", False),
        ("maxiters", "How many SPSA steps are taken; 1 if not given.", "int", False),
        ("C", "How much misclassification costs; 1 if not given.", "float", False),
        ("initial_layout", "Which physical qubits the feature map uses.", "list or dict", False),
    ),
    return_values=_outputs(
        ("aligned_kernel_parameters", "The kernel's parameters after the alignment.", "numpy.ndarray"),
        ("aligned_kernel_matrix", "The kernel at these parameters, for each pair of points.", "numpy.ndarray"),
    ),
)

_RUNTIME_SIMPLE: Final = Program(
    id="runtime-simple",
    name="runtime-simple",
    cost_s=300,
    description="A small program to try the service with: it runs random circuits and publishes their counts.",
    created_at=_LAUNCH,
    version=_GUESSED_VERSION,
    is_public=True,
    parameters=_inputs(("iterations", "How many random circuits are run, one an iteration.", "int", True)),
    return_values=_outputs(("-", "A sentence that says that all is done.", "string")),
    interim_results=_outputs(
        ("iteration", "Which iteration this is, from 0.", "int"),
        ("counts", "How often each outcome was measured.", "dict"),
    ),
    backend_requirements=json.dumps({"min_num_qubits": 5}),
)

_VQE: Final = Program(
    id="vqe",
    name="vqe",
    cost_s=18000,
    description="A variational quantum eigensolver that finds the smallest eigenvalue of an operator.",
    created_at=_LAUNCH,
    version=_GUESSED_VERSION,
    is_public=True,
    parameters=_inputs(
        ("ansatz", "The parameterised circuit whose parameters are varied.", "QuantumCircuit", True),
        ("operator", "The operator whose smallest eigenvalue is looked for.", "PauliSumOp", True),
        ("optimizer", "The classical optimiser, with its options.", "dict", True),
        ("initial_parameters", "Where the parameters start, or `random`.", "numpy.ndarray or string", True),
        ("shots", "How often each circuit is repeated; 1024 if not given.", "int", False),
    ),
    return_values=_outputs(
        ("optimal_value", "The smallest eigenvalue found.", "float"),
        ("optimal_point", "The parameters that gave it.", "numpy.ndarray"),
        ("optimizer_evals", "How often the operator was evaluated.", "int"),
    ),
    interim_results=_outputs(("nfev", "How many evaluations there were.", "int"), ("fx", "The value.", "float")),
)


def _bare(name: str) -> Program:
    """A program of which nothing but the name and the empty description is known: the rest is a guess."""
    return Program(
        id=name,
        name=name,
        cost_s=DEFAULT_COST_S,
        description="",
        created_at=_LAUNCH,
        version=_GUESSED_VERSION,
        is_public=True,
        parameters=_inputs(),
    )


def _devices(names: str, lattice: Lattice) -> list[Backend]:
    coupling = both_ways(lattice.edges)
    return [Backend(name=name, n_qubits=lattice.n_qubits, coupling=coupling) for name in names.split()]


WORLD: Final = World(
    programs=(
        _CIRCUIT_RUNNER,
        _bare("mit-6"),
        _KERNEL_ALIGNMENT,
        _RUNTIME_SIMPLE,
        _bare("simple"),
        _VQE,
    ),
    backends=(
        Backend(
            name="ibmq_qasm_simulator",
            n_qubits=32,
            basis_gates=("u1", "u2", "u3", "rz", "sx", "x", "cx", "id", "unitary"),
            simulator=True,
            online_date="2019-05-02T08:15:00+00:00",
        ),
        *_devices("ibmq_lima ibmq_belem ibmq_quito", t_of_5()),
        *_devices("ibmq_manila ibmq_santiago ibmq_bogota", line(5)),
        *_devices("ibmq_casablanca ibmq_jakarta ibm_lagos ibm_perth ibm_nairobi", h_of_7()),
        *_devices("ibmq_guadalupe", falcon_of_16()),
        *_devices(
            "ibmq_montreal ibmq_mumbai ibmq_toronto ibmq_kolkata ibmq_dublin ibm_cairo ibm_auckland ibm_hanoi",
            falcon_of_27(),
        ),
    ),
    projects=(OPEN_PROJECT, Project("ibm-q-internal", "near-time", "qiskit-runtime")),
)
