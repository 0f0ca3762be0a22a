"""Sampler, computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from mock_runtime.execution.primitives.encoding import Field, PubAnswer, sampler_result
from mock_runtime.execution.primitives.inputs import SamplerPub, check_result, options, plain, section
from mock_runtime.execution.primitives.simulated.circuits import active_qubits, check_isa, load, metadata, reduced
from mock_runtime.execution.primitives.simulated.runs import (
    Run,
    angles,
    packed_bits,
    register_bits,
    registers,
    tensor,
)
from mock_runtime.execution.primitives.simulated.sampling import Bytes, Sampling

_KERNELED = ("kerneled", "avg_kerneled")


def run(job: Run) -> str:
    """The JSON text of the result."""
    pubs = job.reader.sampler(job.params)
    level = section(options(job.params), "execution").get("meas_type")
    check_result(pubs, job.limits, factor=128 if level == "kerneled" else 1)
    sampling = job.sampling()
    answers = [_answer(job, sampling, pub, level) for pub in pubs]
    job.describe(sampling)
    span = job.span([(pub.shape, pub.shots) for pub in pubs])
    return sampler_result(answers, span, plain=plain(job.params))


def _answer(job: Run, sampling: Sampling, pub: SamplerPub, level: object) -> PubAnswer:
    circuit = load(pub.circuit, job.submission.backend)
    check_isa(circuit, job.submission.backend, job.limits)
    values = angles(pub.bindings, circuit)
    small, where = reduced(circuit, active_qubits(circuit))
    shots = sampling.shots(small, where, values, pub.shots)
    job.executions += len(values) * pub.shots
    fields: dict[str, Field] = {}
    for name, columns in registers(circuit).items():
        bits = register_bits(shots, columns)
        if level in _KERNELED:
            fields[name] = tensor(
                kerneled(bits, (*pub.shape, pub.shots), sampling.rng, average=level == "avg_kerneled")
            )
        else:
            fields[name] = packed_bits(bits, pub.shape, pub.shots)
    return PubAnswer(shape=pub.shape, fields=fields, metadata={"circuit_metadata": metadata(circuit)})


def kerneled(bits: Bytes, shape: tuple[int, ...], rng: np.random.Generator, *, average: bool) -> np.ndarray[Any, Any]:
    """Points in the plane, one a bit and shot: two clouds around 1 and -1. Where the clouds lie is a guess."""
    spread = 0.3
    points = 1.0 - 2.0 * bits + spread * (rng.standard_normal(bits.shape) + 1j * rng.standard_normal(bits.shape))
    points = points.reshape(*shape, bits.shape[-1])
    return points.mean(axis=len(shape) - 1) if average and points.size else points
