"""What all computed programs share: the job, its random numbers, its limits, and its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import numpy as np
from qiskit import QuantumCircuit

from mock_runtime.domain.backends import Calibration
from mock_runtime.execution import Submission
from mock_runtime.execution.primitives.encoding import Bits, Shape, Span, Tensor
from mock_runtime.execution.primitives.inputs import Bindings, Reader
from mock_runtime.execution.primitives.qpy import Facts
from mock_runtime.execution.primitives.refusals import JobRefused, Limits
from mock_runtime.execution.primitives.simulated.sampling import Angles, Bytes, Sampling

Noise: TypeAlias = Literal["device", "ideal"]


@dataclass(slots=True, kw_only=True)
class Run:
    """A job that is being computed."""

    submission: Submission
    limits: Limits
    noise: Noise
    rng: np.random.Generator
    reader: Reader
    log: list[str] = field(default_factory=list)
    executions: int = 0

    @classmethod
    def of(cls, submission: Submission, limits: Limits, noise: Noise) -> Run:
        """A run with random numbers that depend on the job's seed alone."""
        rng = np.random.default_rng(submission.seed % 2**64)
        reader = Reader.of(submission.backend, limits)
        return cls(submission=submission, limits=limits, noise=noise, rng=rng, reader=reader)

    @property
    def params(self) -> Mapping[str, Any]:
        """The inputs."""
        inputs = self.submission.inputs
        if not isinstance(inputs, Mapping):
            raise JobRefused("the inputs must be a JSON object")
        return inputs

    def calibration(self) -> Calibration | None:
        """What the device was like when the job was submitted, None for no noise."""
        if self.noise == "ideal":
            return None
        return self.submission.backend.calibration_at(self.submission.submitted_at)

    def sampling(self, *, readout: bool = True) -> Sampling:
        """Something that draws shots with the noise of the device."""
        return Sampling(
            backend=self.submission.backend,
            calibration=self.calibration(),
            limits=self.limits,
            rng=self.rng,
            readout=readout,
        )

    def say(self, sentence: str) -> None:
        """Add a line to the job's log, in the form of Python's logging."""
        when = datetime.fromtimestamp(self.submission.submitted_at, UTC).isoformat(sep=" ", timespec="milliseconds")
        self.log.append(f"{self.submission.program_id}.run:INFO:{when}: {sentence}")

    def describe(self, sampling: Sampling) -> None:
        """Say how the circuits were simulated."""
        kind = "without noise" if sampling.calibration is None else f"with the noise of {self.submission.backend.name}"
        for method, number in sampling.notes.items():
            self.say(f"{number} circuit{'s' if number != 1 else ''} simulated {kind}, method {method}")

    def span(self, pubs: list[tuple[Shape, int]]) -> Span:
        """When the pubs were executed: a moment a shot, from the submission on. The length is a guess."""
        shots = sum(max(int(np.prod(shape, dtype=np.int64)), 1) * shots for shape, shots in pubs)
        start = self.submission.submitted_at
        return Span(start=start, stop=start + 0.5 + 250e-6 * shots, pubs=pubs)


def angles(bindings: Bindings, circuit: QuantumCircuit) -> Angles:
    """The values of a circuit's parameters: a row for each element of the shape, a column for each parameter."""
    parameters = list(circuit.parameters)
    count = int(np.prod(bindings.shape, dtype=np.int64))
    if bindings.array is not None:
        if bindings.array.shape[-1] != len(parameters):
            raise JobRefused(f"a circuit has {len(parameters)} parameters, there are values for others")
        return np.array(bindings.array.values, dtype=float).reshape(count, len(parameters))
    named = {name: np.array(item.values).reshape(item.shape) for name, item in bindings.named}
    missing = [parameter.name for parameter in parameters if parameter.name not in named]
    if missing:
        raise JobRefused(f"there is no value for the parameter {missing[0]!r}")
    columns = [np.broadcast_to(named[parameter.name], bindings.shape).reshape(count) for parameter in parameters]
    return np.stack(columns, axis=-1) if columns else np.zeros((count, 0))


def register_bits(shots: list[Bytes], columns: tuple[int, ...]) -> Bytes:
    """The bits of a register in all shots: a row a shot, a byte a bit."""
    if not columns:
        return np.zeros((sum(map(len, shots)), 0), dtype=np.uint8)
    parts = []
    for part in shots:
        taken = [(part[:, bit // 8] >> (bit % 8)) & 1 if bit >= 0 else np.zeros(len(part), np.uint8) for bit in columns]
        parts.append(np.stack(taken, axis=-1))
    return np.concatenate(parts) if parts else np.zeros((0, len(columns)), dtype=np.uint8)


def registers(facts: Facts | QuantumCircuit) -> dict[str, tuple[int, ...]]:
    """The classical registers of a circuit, with the places of their bits."""
    if isinstance(facts, QuantumCircuit):
        place = {bit: number for number, bit in enumerate(facts.clbits)}
        return {register.name: tuple(place[bit] for bit in register) for register in facts.cregs}
    return {register.name: register.bits for register in facts.registers}


def packed_bits(bits: Bytes, shape: Shape, shots: int) -> Bits:
    """The value of a register as results carry it."""
    raw = np.ascontiguousarray(np.packbits(bits, axis=-1, bitorder="little")[:, ::-1]).tobytes()
    return Bits(shape=shape, shots=shots, num_bits=bits.shape[-1], raw=raw)


def tensor(values: np.ndarray[Any, Any]) -> Tensor:
    """An array as results carry it."""
    kind = {"f": "<f8", "c": "<c16", "b": "|b1", "u": "|u1", "i": "<i8"}[values.dtype.kind]
    return Tensor(kind, values.shape, np.ascontiguousarray(values).astype(kind).tobytes())
