"""Circuits and jobs for tests of what is computed, packed as the real client packs them."""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Sequence
from typing import Any

import pytest

from mock_runtime.domain.backends import Backend
from mock_runtime.domain.results import Output
from mock_runtime.execution import Submission
from mock_runtime.execution.primitives.refusals import Limits

pytest.importorskip("qiskit_aer")

from qiskit import QuantumCircuit, qpy, transpile

from mock_runtime.execution.primitives.simulated.engine import compute
from tests.mock_runtime.execution.primitives.samples import circuit as tagged_circuit


def packed(circuit: QuantumCircuit, version: int = 17) -> Any:
    """A circuit as clients send it."""
    buffer = io.BytesIO()
    qpy.dump(circuit, buffer, version=version)
    return tagged_circuit(base64.b64encode(zlib.compress(buffer.getvalue())).decode())


def isa(circuit: QuantumCircuit, backend: Backend, layout: Sequence[int] | None = None) -> QuantumCircuit:
    """A circuit in the gates of a device, on qubits of one's choice."""
    return transpile(
        circuit,
        basis_gates=[*backend.basis_gates, *backend.control_flow],
        coupling_map=[list(pair) for pair in backend.coupling],
        initial_layout=None if layout is None else list(layout),
        optimization_level=1,
        seed_transpiler=1,
    )


def bell() -> QuantumCircuit:
    """Two qubits that agree."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit


def ghz(n_qubits: int) -> QuantumCircuit:
    """Many qubits that agree."""
    circuit = QuantumCircuit(n_qubits)
    circuit.h(0)
    for qubit in range(n_qubits - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return circuit


def run(program: str, params: Any, backend: Backend, *, ideal: bool = False, seed: int = 5) -> Output:
    """The output of a job, computed here."""
    submission = Submission(
        job_id="j", program_id=program, backend=backend, inputs=params, submitted_at=1_700_000_000.0, seed=seed
    )
    return compute(submission, Limits(), "ideal" if ideal else "device")


def text_of(output: Output) -> str:
    """The text of a result that there must be."""
    assert output.error is None, output.error
    assert isinstance(output.result, str)
    return output.result


def plain(program: str, params: dict[str, Any], backend: Backend, *, ideal: bool = False, seed: int = 5) -> Any:
    """The results of a job without Python's types."""
    output = run(program, {**params, "support_qiskit": False}, backend, ideal=ideal, seed=seed)
    return json.loads(text_of(output))["results"]
