"""Why a job fails, in the words and with the numbers of the service, and how much one job may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mock_runtime.domain.results import Output

_REGISTRY: Final = "https://ibm.biz/error_codes#"

INVALID: Final = 1002
"""A job whose inputs make no sense. Evidence: IBM's public registry of error codes, "validation process of the job"."""
INTERNAL: Final = 1500
"""What went wrong inside. Evidence: public reports of failed jobs quote "Internal error. -- Try again or contact
support." under this number."""
NON_ISA: Final = 1517
"""A circuit that the device cannot run as it is. Evidence: Qiskit/qiskit-ibm-runtime#1519 quotes text and number."""
TIMED_OUT: Final = 5201
"""A run that took too long. Evidence: IBM's former registry of error codes, "job timed out"."""
RUN_FAILED: Final = 5203
"""A run that failed. Evidence: the same, "job run failed"."""
TOO_MUCH: Final = 6000
"""Too many shots. Evidence: the same puts shots and experiments in the sixth thousand; which of them is a guess."""

_ADVICE: Final = {
    INVALID: "Check the inputs of the job.",
    INTERNAL: "Try again or contact support.",
    NON_ISA: (
        "Transpile your circuits for the target before submitting a primitive query, for example with "
        "generate_preset_pass_manager(optimization_level=1, target=backend.target)."
    ),
    TIMED_OUT: "Reduce the size of the job.",
    RUN_FAILED: "Reduce the size of the job.",
    TOO_MUCH: "Reduce the number of shots, of parameter sets or of circuits.",
}


class JobRefused(Exception):
    """A job that will not be run, or not further. `str()` is a sentence; `code` is the number for its kind."""

    def __init__(self, sentence: str, code: int = INVALID) -> None:
        self.code = code
        super().__init__(sentence)

    def __reduce__(self) -> tuple[type[JobRefused], tuple[str, int]]:
        return JobRefused, (str(self), self.code)


class TooLarge(JobRefused):
    """A job that asks for more than one job may."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, TOO_MUCH)

    def __reduce__(self) -> tuple[type[JobRefused], tuple[str, int]]:
        return JobRefused, (str(self), self.code)


def reason(refusal: JobRefused) -> str:
    """What the service writes as the reason of a failure: the fact, the advice, and where to read more.

    Evidence: the reasons of codes 1500 and 1517 in public reports have these three parts, joined by dashes.
    """
    text = str(refusal)
    fact = f"{text[:1].upper()}{text[1:]}".rstrip(".")
    return f"{fact}. -- {_ADVICE.get(refusal.code, 'See the documentation.')} -- {_REGISTRY}{refusal.code}"


def refused(refusal: JobRefused, logs: str = "") -> Output:
    """The output of a job that was refused."""
    text = reason(refusal)
    return Output(error=text, error_code=refusal.code, logs=f"{logs}{text}\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one job may ask for.

    `executions` is shots times parameter sets times circuits. Evidence: IBM's guide on job limits says ten million for
    a Sampler job. The others protect this machine: `payload_bytes` is one decoded circuit or array, `payloads_bytes`
    all of them together, `result_bytes` what a job may answer before it is compressed, `instructions` a circuit's,
    `amplitudes` a state vector's, `operations` the gates of all shots times amplitudes, `time_s` and `memory_bytes`
    what one job gets in its process, `waiting` the jobs that may stand in line.
    """

    executions: int = 10_000_000
    pubs: int = 1_000
    parameter_sets: int = 100_000
    observables: int = 100_000
    payload_bytes: int = 32 * 2**20
    payloads_bytes: int = 128 * 2**20
    result_bytes: int = 256 * 2**20
    instructions: int = 1_000_000
    amplitudes: int = 2**25
    operations: float = 2e10
    time_s: float = 300.0
    memory_bytes: int = 3 * 2**30
    waiting: int = 1_000
