"""What the scenes of all editions have in common: a server, a caller, somebody else, and time that passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from runtime_contracts.journeys.journey import skip
from runtime_contracts.profiles.profile import Access
from runtime_contracts.walking import brief, fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runtime_contracts.exchange import Answer, Exchange
    from runtime_contracts.lifecycle import Passing
    from runtime_contracts.walking import KnownJob

A = TypeVar("A", bound=Access)


@dataclass(slots=True)
class EditionScene(Generic[A]):
    """The scene of an edition's journeys, as far as it is the same in all.

    Attributes:
        exchange: where the calls go.
        access: the caller, and somebody else.
        wait: lets some time pass.
    """

    exchange: Exchange
    access: A
    wait: Passing

    def others(self) -> Mapping[str, str]:
        """Return the credentials of somebody else.

        Raises:
            SkippedError: there is nobody else.
        """
        others = self.access.others
        if others is None:
            skip("no second caller was given (--other-token)")
        return others

    def read(self, operation: str, *, headers: Mapping[str, str], query: str, values: Mapping[str, str]) -> Answer:
        """Read something that must be there.

        Raises:
            LifecycleFaultError: it is not.
        """
        answer = self.exchange.call(operation, headers=headers, values=values, query=query)
        if answer.status != 200:
            self.fault("list_accepted", operation, f"expected 200, found {brief(answer)}")
        return answer

    def fault(self, check: str, operation: str, message: str, *, steps: int = 3) -> NoReturn:
        """End the journey, with the latest calls as what led to it.

        Raises:
            LifecycleFaultError: always.
        """
        fault(check, operation, message, self.exchange.steps(steps))


def must_have_ended(job: KnownJob, *, ended: bool) -> None:
    """Skip the journey if a job has not `ended` while the run waited.

    Raises:
        SkippedError: it has not.
    """
    if not ended:
        skip(f"no job has ended while the run waited: it is {job.status}")
