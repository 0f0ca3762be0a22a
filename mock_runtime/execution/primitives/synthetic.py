"""Results that are made up, where no Qiskit is installed.

They are of the right form, with counts drawn from a seeded distribution. What the circuit does has no part in them, and
the log says so.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, Final

from mock_runtime.domain.results import Output
from mock_runtime.execution import Submission
from mock_runtime.execution.primitives import quantum_programs
from mock_runtime.execution.primitives.encoding import (
    JSON,
    Bits,
    Field,
    PubAnswer,
    Shape,
    Span,
    Tensor,
    dumps,
    estimator_result,
    floats,
    sampler_result,
)
from mock_runtime.execution.primitives.inputs import (
    EstimatorPub,
    Observable,
    Reader,
    SamplerPub,
    check_result,
    options,
    plain,
    randomizations,
    section,
)
from mock_runtime.execution.primitives.precheck import body_of
from mock_runtime.execution.primitives.qpy import Facts
from mock_runtime.execution.primitives.quantum_programs import SchemaTensor
from mock_runtime.execution.primitives.refusals import INTERNAL, JobRefused, Limits, refused
from mock_runtime.ids import Rng

NOTICE: Final = (
    "WARNING: this result is made up: the packages that compute one are not installed "
    "(pip install 'mock-runtime[qiskit]')"
)
_OUTCOMES: Final = 8
_SPREAD: Final = 0.3


def run(submission: Submission, limits: Limits) -> Output:
    """The output of a job. Never raises: what goes wrong is the job's failure."""
    job = _Job(submission=submission, limits=limits, rng=Rng(submission.seed))
    try:
        text = body_of(submission.program_id, PROGRAMS)(job)
    except JobRefused as refusal:
        return refused(refusal, job.log())
    except (RecursionError, MemoryError) as error:
        return refused(JobRefused(f"the job is too large: {type(error).__name__}"), job.log())
    except Exception:  # noqa: BLE001 - strangers' inputs
        return refused(JobRefused("Internal error", INTERNAL), job.log())
    return Output(result=text, logs=job.log())


@dataclass(slots=True, kw_only=True)
class _Job:
    submission: Submission
    limits: Limits
    rng: Rng
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = Reader.of(self.submission.backend, self.limits)

    @property
    def params(self) -> Mapping[str, Any]:
        inputs = self.submission.inputs
        if not isinstance(inputs, Mapping):
            raise JobRefused("the inputs must be a JSON object")
        return inputs

    def log(self) -> str:
        when = datetime.fromtimestamp(self.submission.submitted_at, UTC).isoformat(sep=" ", timespec="milliseconds")
        name = self.submission.program_id
        start = f"Starting {name} on {self.submission.backend.name}"
        return f"{name}.run:INFO:{when}: {start}\n{name}.run:WARNING:{when}: {NOTICE}\n"

    def span(self, pubs: Sequence[tuple[Shape, int]]) -> Span:
        shots = sum(max(math.prod(shape), 1) * shots for shape, shots in pubs)
        start = self.submission.submitted_at
        return Span(start=start, stop=start + 0.5 + 250e-6 * shots, pubs=list(pubs))


def sampler(job: _Job) -> str:
    """Shots of a few likely outcomes and some unlikely ones, for each set of parameters anew."""
    pubs = job.reader.sampler(job.params)
    level = section(options(job.params), "execution").get("meas_type")
    check_result(pubs, job.limits, factor=128 if level == "kerneled" else 1)
    answers = []
    for pub in pubs:
        drawn = [_drawn(pub.circuit.facts, pub.shots, job.rng) for _ in range(math.prod(pub.shape))]
        fields = {
            register: _points(job, pub, bits, average=level == "avg_kerneled")
            if level in {"kerneled", "avg_kerneled"}
            else _bits(pub, bits, drawn)
            for register, bits in _registers(pub.circuit.facts)
        }
        answers.append(PubAnswer(shape=pub.shape, fields=fields, metadata={"circuit_metadata": {}}))
    return sampler_result(answers, job.span([(pub.shape, pub.shots) for pub in pubs]), plain=plain(job.params))


def _registers(facts: Facts) -> list[tuple[str, tuple[int, ...]]]:
    return [(register.name, register.bits) for register in facts.registers]


def _drawn(facts: Facts, shots: int, rng: Rng) -> list[int]:
    """All classical bits of each shot, as one number. Only bits that are measured are ever 1."""
    width = facts.num_clbits
    flow = facts.names & {"if_else", "while_loop", "for_loop", "switch_case"}
    mask = (1 << width) - 1 if flow or len(facts.measured) == width else sum(1 << bit for bit in facts.measured)
    outcomes = [rng.getrandbits(width) & mask if width else 0 for _ in range(_OUTCOMES)]
    weights = list(accumulate(0.5 ** (number / 2) for number in range(_OUTCOMES)))
    return rng.choices(outcomes, cum_weights=weights, k=shots)


def _bits(pub: SamplerPub, bits: tuple[int, ...], drawn: list[list[int]]) -> Bits:
    stride = -(-len(bits) // 8)
    known: dict[int, bytes] = {}
    parts = []
    for shots in drawn:
        for outcome in set(shots) - known.keys():
            value = sum((outcome >> bit & 1) << place for place, bit in enumerate(bits) if bit >= 0)
            known[outcome] = value.to_bytes(stride, "big")
        parts.append(b"".join(map(known.__getitem__, shots)))
    return Bits(shape=pub.shape, shots=pub.shots, num_bits=len(bits), raw=b"".join(parts))


def _points(job: _Job, pub: SamplerPub, bits: tuple[int, ...], *, average: bool) -> Field:
    shape = (*pub.shape, len(bits)) if average else (*pub.shape, pub.shots, len(bits))
    values = [job.rng.gauss(0, 0.01 if average else _SPREAD) for _ in range(2 * math.prod(shape))]
    return Tensor("<c16", shape, struct.pack(f"<{len(values)}d", *values))


def estimator(job: _Job) -> str:
    """Expectation values between those that are possible, the same for the same Pauli string and set of parameters."""
    answers = []
    for pub in job.reader.estimator(job.params):
        values, errors = _values(pub, job.rng)
        fields: dict[str, Field] = {
            "evs": floats(values, pub.shape),
            "stds": floats(errors, pub.shape),
            "ensemble_standard_error": floats(errors, pub.shape),
        }
        metadata = {
            "shots": pub.shots,
            "target_precision": pub.precision,
            "circuit_metadata": {},
            "resilience": {},
            "num_randomizations": randomizations(job.params),
        }
        answers.append(PubAnswer(shape=pub.shape, fields=fields, metadata=metadata))
    return estimator_result(answers, {"version": 2}, plain=plain(job.params))


def _values(pub: EstimatorPub, rng: Rng) -> tuple[list[float], list[float]]:
    means: dict[tuple[int, str], float] = {}
    values, errors = [], []
    for index in range(math.prod(pub.shape)):
        row, number = (_source(index, pub.shape, shape) for shape in (pub.bindings.shape, pub.observed))
        value, error = _expectation(pub.observables[number], row, means, rng)
        values.append(value)
        errors.append(error / math.sqrt(pub.shots))
    return values, errors


def _source(index: int, shape: Shape, part: Shape) -> int:
    """Which element of an array of the shape `part` stands at an index of the shape it is broadcast to."""
    place = 0
    step = 1
    for size, own in zip(reversed(shape), [*reversed(part), *[1] * (len(shape) - len(part))], strict=True):
        index, here = divmod(index, size)
        place += step * (here if own > 1 else 0)
        step *= own
    return place


def _expectation(
    observable: Observable, row: int, means: dict[tuple[int, str], float], rng: Rng
) -> tuple[float, float]:
    value = variance = 0.0
    for pauli, factor in observable:
        trivial = set(pauli) <= {"I"}
        low = 0.0 if set(pauli) & set("01+-rl") and not set(pauli) & set("XYZ") else -1.0
        mean = 1.0 if trivial else means.setdefault((row, pauli), rng.uniform(low, 1.0))
        value += factor * mean
        variance += factor**2 * (1 - mean**2)
    return value, math.sqrt(variance)


def executor(job: _Job) -> str:
    """Random bits for each register, and no flips for what a samplex would have flipped."""
    program = quantum_programs.read(job.params, job.reader)
    answers = []
    for item in program.items:
        answer: dict[str, SchemaTensor] = {}
        if item.samplex is not None:
            for name, dtype, shape in quantum_programs.output_shapes(item.samplex):
                answer[name] = _zeros((*item.shape, *shape), dtype, job.limits)
        for register, bits in _registers(item.circuit.facts):
            whole = (*item.shape, program.shots, len(bits))
            if program.level in {"classified", "both"}:
                size = math.prod(whole)
                raw = job.rng.getrandbits(size).to_bytes(-(-size // 8), "little") if size else b""
                answer[register] = SchemaTensor("bool", whole, raw)
            if program.level != "classified":
                shape = (*item.shape, len(bits)) if program.level == "avg_kerneled" else whole
                points = [job.rng.gauss(0, _SPREAD) for _ in range(2 * math.prod(shape))]
                name = f"{register}_kerneled" if program.level == "both" else register
                answer[name] = SchemaTensor("c128", shape, struct.pack(f"<{len(points)}d", *points))
        answers.append(answer)
    span = job.span([(item.shape, program.shots) for item in program.items])
    return quantum_programs.result(program, answers, span)


def _zeros(shape: Shape, dtype: str, limits: Limits) -> SchemaTensor:
    names = {"bool": ("bool", 1 / 8), "uint8": ("u8", 1), "complex128": ("c128", 16)}
    name, width = names.get(dtype, ("f64", 8))
    size = math.ceil(math.prod(shape) * width)
    if size > limits.result_bytes:
        raise JobRefused("the result would be too large")
    return SchemaTensor(name, shape, bytes(size))


def noise_learner(job: _Job) -> str:
    """No layers at all: what layers a circuit has is only known where circuits can be read."""
    if "schema_version" in job.params:
        return dumps({"schema_version": job.params["schema_version"], "data": []})
    circuits = job.params.get("circuits")
    if not isinstance(circuits, list) or not circuits:
        raise JobRefused("the inputs have no circuits")
    for circuit in circuits:
        job.reader.circuit(circuit[0] if isinstance(circuit, list) and circuit else circuit)
    chosen: JSON = dict(options(job.params))
    metadata = {"backend": job.submission.backend.name, "input_options": json.loads(json.dumps(chosen))}
    return dumps({"data": [], "metadata": metadata})


PROGRAMS: Final[Mapping[str, Callable[[_Job], str]]] = {
    "estimator": estimator,
    "executor": executor,
    "noise-learner": noise_learner,
    "sampler": sampler,
}
"""The programs by their ids."""
