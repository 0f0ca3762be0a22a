"""Results for the programs of the catalogue, without a quantum computer.

`runtime-simple` really does its iterations; the others answer what their users would recognise, drawn from the job's
own random numbers; a program that somebody uploaded answers its inputs. A plan with a `result` of its own wins over
all of this.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, overload

from mock_runtime.domain.results import JSONValue, Output, failure
from mock_runtime.execution import Submission
from mock_runtime.ids import Rng
from mock_runtime.parsing import strict_json

_SHOTS: Final = 1024
_SIMPLE_QUBITS: Final = 5
DEFAULT_ITERATIONS: Final = 5
"""What runtime-simple does if nobody says. Evidence: its published source."""


Inputs: TypeAlias = Mapping[str, Any]
Body: TypeAlias = "Callable[[Inputs, Submission, Rng], Output]"


class CannedExecution:
    """Runs the programs of the catalogue; anything else answers its inputs."""

    def __init__(self, bodies: Mapping[str, Body] | None = None) -> None:
        self._bodies = dict(CATALOGUE if bodies is None else bodies)

    def start(self, submission: Submission, rng: Rng) -> Output:
        """What the program leaves behind: its result, or the traceback that wrong inputs earn it."""
        body = self._bodies.get(submission.program_id, echo)
        try:
            return body(decode_inputs(submission.inputs), submission, rng)
        except Exception as error:  # noqa: BLE001 - whatever a program dies of, it is the job that fails
            text = "".join(traceback.format_exception_only(error)).strip()
            return failure(text)

    def close(self) -> None:
        """Nothing is held open."""


def decode_inputs(params: Sequence[str]) -> Inputs:
    """The inputs in the first string of `params`: a JSON object; none at all for an empty list.

    Evidence: transcripts for the form; IBM's mimic server takes a missing or empty list as no inputs. What became of
    a string that is no JSON is a guess: the job was accepted and failed.
    """
    if not params:
        return {}
    try:
        inputs = strict_json(params[0])
    except RecursionError:
        raise ValueError("the inputs are nested too deeply") from None
    if not isinstance(inputs, dict):
        raise TypeError(f"the inputs must be a JSON object, not {type(inputs).__name__}")
    return inputs


def echo(inputs: Inputs, _submission: Submission, _rng: Rng) -> Output:
    """A program of which only its inputs are known: it answers them."""
    return Output(result=dict(inputs), logs="")


class Iterations(Sequence[JSONValue]):
    """The interim results of runtime-simple, each made when it is looked at: an index always gives the same counts."""

    def __init__(self, length: int, rng: Rng) -> None:
        self._length = length
        self._key = rng.getrandbits(128)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> JSONValue: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[JSONValue]: ...
    def __getitem__(self, index: int | slice) -> JSONValue | Sequence[JSONValue]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._length))]
        at = range(self._length)[index]
        digest = hashlib.sha256(f"{self._key}/{at}".encode()).digest()
        return {"iteration": at, "counts": _counts(digest)}


def runtime_simple(inputs: Inputs, _submission: Submission, rng: Rng) -> Output:
    """Random circuits on five qubits, one an iteration, and at the end a sentence. Evidence: the published source."""
    iterations = inputs.get("iterations", DEFAULT_ITERATIONS)
    if isinstance(iterations, bool) or not isinstance(iterations, int):
        raise TypeError(f"'iterations' must be an int, not {type(iterations).__name__}")
    if not 0 <= iterations < 2**31:
        raise ValueError(f"'iterations' must be between 0 and {2**31 - 1}")
    plural = "" if iterations == 1 else "s"
    return Output(result="All done!", interim=Iterations(iterations, rng), logs=f"ran {iterations} iteration{plural}\n")


def circuit_runner(inputs: Inputs, submission: Submission, rng: Rng) -> Output:
    """Counts for each circuit, in the form of a Qiskit Result as a dictionary."""
    shots = inputs.get("shots", _SHOTS)
    if isinstance(shots, bool) or not isinstance(shots, int) or not 0 < shots <= 10**6:
        raise ValueError("'shots' must be an int between 1 and 1000000")
    circuits = inputs.get("circuits", [None])
    number = min(len(circuits), 900) if isinstance(circuits, list) else 1
    results: list[JSONValue] = []
    for index in range(number):
        zeros = min(shots, max(0, round(rng.gauss(shots / 2, shots**0.5 / 2))))
        counts = {key: count for key, count in (("0x0", zeros), ("0x3", shots - zeros)) if count}
        results.append(
            {
                "shots": shots,
                "success": True,
                "data": {"counts": counts},
                "header": {"name": f"circuit-{index}", "memory_slots": 2, "creg_sizes": [["meas", 2]]},
            }
        )
    return Output(
        result={
            "backend_name": submission.backend.name,
            "backend_version": submission.backend.version,
            "qobj_id": f"{rng.getrandbits(64):016x}",
            "job_id": submission.job_id,
            "success": True,
            "results": results,
        }
    )


def kernel_alignment(_inputs: Inputs, _submission: Submission, rng: Rng) -> Output:
    """Aligned parameters and the kernel matrix, as tagged arrays."""
    off_diagonal = round(rng.uniform(0.2, 0.9), 6)
    return Output(
        result={
            "aligned_kernel_parameters": _array([round(rng.uniform(-3.1, 3.1), 6)]),
            "aligned_kernel_matrix": _array([[1.0, off_diagonal], [off_diagonal, 1.0]]),
        }
    )


def vqe(_inputs: Inputs, _submission: Submission, rng: Rng) -> Output:
    """A smallest eigenvalue near that of the hydrogen molecule, and how it was reached."""
    values = sorted((round(-1.857275 + abs(rng.gauss(0, 0.3)), 6) for _ in range(10)), reverse=True)
    return Output(
        result={
            "optimal_value": values[-1],
            "optimal_point": _array([round(rng.uniform(-3.1, 3.1), 6) for _ in range(4)]),
            "optimizer_evals": len(values),
        },
        interim=[{"nfev": number, "fx": value} for number, value in enumerate(values, 1)],
    )


def done(_inputs: Inputs, _submission: Submission, _rng: Rng) -> Output:
    """A program of which nothing but the name is known."""
    return Output(result="All done!")


CATALOGUE: Final[Mapping[str, Body]] = {
    "circuit-runner": circuit_runner,
    "mit-6": done,
    "quantum-kernel-alignment": kernel_alignment,
    "runtime-simple": runtime_simple,
    "simple": done,
    "vqe": vqe,
}
"""The programs of the catalogue by their ids."""


def _array(values: list[Any]) -> JSONValue:
    return {"__type__": "array", "__value__": values}


def _counts(digest: bytes) -> JSONValue:
    """Counts of `_SHOTS` shots on a few outcomes, spread by the bytes of a digest."""
    outcomes = sorted({byte % (1 << _SIMPLE_QUBITS) for byte in digest[:6]})
    weights = [1 + digest[6 + index] for index, _ in enumerate(outcomes)]
    shots = [_SHOTS * weight // sum(weights) for weight in weights]
    shots[0] += _SHOTS - sum(shots)
    return {f"{outcome:0{_SIMPLE_QUBITS}b}": count for outcome, count in zip(outcomes, shots, strict=True)}
