"""The programs that are computed, by their ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from qiskit.exceptions import QiskitError

from mock_runtime.domain.results import Output
from mock_runtime.execution import Submission
from mock_runtime.execution.primitives.precheck import body_of
from mock_runtime.execution.primitives.refusals import INTERNAL, JobRefused, Limits, refused
from mock_runtime.execution.primitives.simulated import estimator, executor, learning, sampler
from mock_runtime.execution.primitives.simulated.runs import Noise, Run

PROGRAMS: Final[Mapping[str, Callable[[Run], str]]] = {
    "estimator": estimator.run,
    "executor": executor.run,
    "noise-learner": learning.run,
    "sampler": sampler.run,
}


def compute(submission: Submission, limits: Limits, noise: Noise) -> Output:
    """The output of a job. Never raises: what goes wrong is the job's failure."""
    job = Run.of(submission, limits, noise)
    try:
        body = body_of(submission.program_id, PROGRAMS)
        job.say(f"Starting {submission.program_id} on {submission.backend.name}")
        text = body(job)
        job.say("Finished")
    except JobRefused as refusal:
        return refused(refusal, _log(job))
    except (RecursionError, MemoryError) as error:
        return refused(JobRefused(f"the job is too large: {type(error).__name__}"), _log(job))
    except QiskitError as error:
        sentence = " ".join(str(error.message).split())[:300]
        return refused(JobRefused(f"the circuits cannot be run: {sentence}"), _log(job))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - strangers' inputs in other people's libraries, which may panic
        job.say(f"{type(error).__name__}: {' '.join(str(error).split())[:500]}")
        return refused(JobRefused("Internal error", INTERNAL), _log(job))
    return Output(result=text, logs=_log(job))


def _log(job: Run) -> str:
    return "".join(f"{line}\n" for line in job.log)
