"""What the walks of all editions have in common: a job that is followed, and the steps of a walk that take one.

The states and the rules between them are those of the service in every generation of the API; how a job is read, and
what else is known of it, is the edition's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NoReturn, TypeVar

from hypothesis.stateful import Bundle, RuleBasedStateMachine, precondition, rule

from runtime_contracts.lifecycle_model import LifecycleFaultError
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runtime_contracts.exchange import Answer
    from runtime_contracts.lifecycle import Faults, Passing
    from runtime_contracts.steps import Step

RAN_TOO_LONG: Final = "Cancelled - Ran too long"
FINAL: Final = frozenset({"Completed", "Failed", "Cancelled", RAN_TOO_LONG})
PENDING: Final = frozenset({"Queued", "Running"})
STAGE: Final[Mapping[str, int]] = {"Queued": 0, "Running": 1} | dict.fromkeys(FINAL, 2)

# So many looks at a job, with some time between them, until it is taken for one that does not move.
_PATIENCE: Final = 60


def fault(check: str, operation: str, message: str, steps: list[Step]) -> NoReturn:
    """End the walk.

    Raises:
        LifecycleFaultError: always.
    """
    raise LifecycleFaultError(check, operation, message=message, steps=list(steps))


def brief(answer: Answer) -> str:
    """Return an answer in one line."""
    return f"{answer.status} {shown(answer.body.decode('utf-8', errors='replace'))}".rstrip()


@dataclass(slots=True)
class KnownJob:
    """What is known about one job; `request` is the body that it was submitted with."""

    id: str
    request: Mapping[str, Any]
    steps: list[Step]
    status: str = "Queued"
    cancelled: bool = False
    deleted: bool = False

    @property
    def final(self) -> bool:
        """Tell whether the job had ended when it was last read."""
        return self.status in FINAL


J = TypeVar("J", bound=KnownJob)


class Following(ABC, Generic[J]):
    """Calls on jobs, each compared with the model, as far as all editions have them."""

    __slots__ = ()

    CANCEL: ClassVar[str]
    """The id of the operation that cancels."""

    @abstractmethod
    def read(self, job: J) -> None:
        """Read a job; it must be what was sent, and its status must not go back."""

    @abstractmethod
    def _on(self, job: J, operation: str) -> Answer:
        """Call an operation on a job, and add the step to those of the job."""

    def cancel(self, job: J) -> None:
        """Cancel a job; only one that has not ended can be."""
        operation = self.CANCEL
        if job.deleted:
            self._expect(job, operation, self._on(job, operation), 404, "deleted_is_gone")
            return
        self.read(job)
        ended_before, cancelled_before = job.final, job.cancelled
        answer = self._on(job, operation)
        if ended_before:
            self._expect(job, operation, answer, 409, "ended_cannot_be_cancelled")
        elif answer.status == 204:
            job.cancelled = True
        elif answer.status != 409:
            self._expect(job, operation, answer, 204, "pending_can_be_cancelled")
        self.read(job)
        if answer.status == 409 and not job.final and not cancelled_before:
            fault("pending_can_be_cancelled", operation, f"409 although the job is {job.status}", job.steps)

    def until(self, job: J, there: Callable[[], bool], wait: Callable[[], None]) -> bool:
        """Let time pass until something is so, and tell whether it came to that."""
        self.read(job)
        for _ in range(_PATIENCE):
            if there() or job.deleted:
                break
            wait()
            self.read(job)
        return there()

    def _between_two_reads(self, job: J, operation: str) -> tuple[Answer, bool] | None:
        """Return an answer and whether the job had ended before it; the job is read again after it.

        A deleted job has neither: its 404 is looked at here.
        """
        if job.deleted:
            self._expect(job, operation, self._on(job, operation), 404, "deleted_is_gone")
            return None
        self.read(job)
        ended_before = job.final
        answer = self._on(job, operation)
        self.read(job)
        return answer, ended_before

    @staticmethod
    def _expect(job: J, operation: str, answer: Answer, status: int, check: str) -> None:
        if answer.status != status:
            state = "deleted" if job.deleted else job.status
            fault(check, operation, f"the job is {state}: expected {status}, found {brief(answer)}", job.steps)


class JobWalk(RuleBasedStateMachine):
    """One walk: a fresh caller's view of the server, and the steps on jobs that may be taken in every edition.

    `calls` are those of the edition, with the methods that the steps are named after.
    """

    jobs: Bundle[Any] = Bundle("jobs")

    def __init__(self, calls: Any, wait: Passing, faults: Faults) -> None:
        super().__init__()
        self._jobs = calls
        self._wait = wait
        self._faults = faults

    def _step(self, action: Callable[[], Any]) -> Any:
        return self._faults.step(action)

    @rule(job=jobs)
    def results(self, job: KnownJob) -> None:
        """Read the result of a job."""
        self._step(lambda: self._jobs.results(job))

    @rule(job=jobs)
    def logs(self, job: KnownJob) -> None:
        """Read the logs of a job."""
        self._step(lambda: self._jobs.logs(job))

    @rule(job=jobs)
    def cancel(self, job: KnownJob) -> None:
        """Cancel a job."""
        self._step(lambda: self._jobs.cancel(job))

    @rule(job=jobs)
    def delete(self, job: KnownJob) -> None:
        """Delete a job."""
        self._step(lambda: self._jobs.delete(job))

    @rule(job=jobs)
    def strangers(self, job: KnownJob) -> None:
        """Let somebody else try a job."""
        self._step(lambda: self._jobs.strangers(job))

    @precondition(lambda self: self.can_wait)
    @rule()
    def wait(self) -> None:
        """Let time pass."""
        self._wait()

    @precondition(lambda self: self.can_wait)
    @rule(job=jobs)
    def finish(self, job: KnownJob) -> None:
        """Let time pass until a job has ended."""
        self._step(lambda: self._jobs.finish(job, self._wait))

    @property
    def can_wait(self) -> bool:
        """Tell whether time can be moved by hand."""
        return self._wait.by_hand
