"""Making journeys, one after the other: what one finds does not keep the next from being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from runtime_contracts.exchange import OperationMissingError, ServerUnreachableError
from runtime_contracts.journeys.journey import SkippedError
from runtime_contracts.lifecycle_model import NONSENSE, CouldNotRunError, LifecycleFaultError, nonsense
from runtime_contracts.options import JOURNEYS
from runtime_contracts.report import JourneyOutcome, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runtime_contracts.exchange import Exchange
    from runtime_contracts.journeys.journey import Journey

PHASE: Final = JOURNEYS
_LOST: Final = 3


class Scene(Protocol):
    """What journeys of an edition work with."""

    @property
    def exchange(self) -> Exchange:
        """Where the calls go."""
        ...

    def begin(self, number: int) -> None:
        """Make what so many journeys will find when they begin."""
        ...

    def tidy(self) -> None:
        """Remove what a journey has left on the server."""
        ...

    def end(self) -> None:
        """Remove the rest."""
        ...


def run_journeys(scene: Scene, journeys: Sequence[Journey], *, read_only: bool = False) -> None:
    """Make the journeys; what goes wrong becomes failures of the collector, and each gets a line in the report.

    Raises:
        ServerUnreachableError: the server has stopped answering.
    """
    collector, unanswered = scene.exchange.collector, 0
    chosen = [found for found in journeys if found.reads_only or not read_only]
    if len(chosen) < len(journeys):
        left = counted(len(journeys) - len(chosen), "journey")
        collector.not_done.append(f"{left}: they submit, change or delete something, and the run is read-only")
    if not read_only:
        scene.begin(sum(not found.reads_only for found in chosen))
    for number, found in enumerate(chosen, start=1):
        collector.fleeting(f"{PHASE}: {number} of {len(chosen)}, {found.name}")
        outcome, reason = _made(scene, found)
        collector.journeys.append(JourneyOutcome(found.name, found.sentence, outcome, reason))
        unanswered = unanswered + 1 if reason.startswith("no answer") else 0
        if unanswered == _LOST:
            raise ServerUnreachableError(reason.removeprefix("no answer to "))
    if not read_only:
        scene.end()


def _made(scene: Scene, found: Journey) -> tuple[str, str]:
    exchange = scene.exchange
    try:
        found.take(scene)
    except (SkippedError, OperationMissingError) as reason:
        return "skipped", str(reason)
    except LifecycleFaultError as fault:
        exchange.collector.fail(
            fault.check,
            fault.operation,
            phase=PHASE,
            message=f"{found.sentence}: no.\n{fault.message}",
            reproduce="\n".join(exchange.script(fault.steps)),
            kind=found.name,
            cause=f"{fault.check} {fault.operation}",
            journey=found.name,
        )
        return "failed", fault.message
    except ServerUnreachableError as error:
        return _broken_off(exchange, found, "server_answers", f"no answer to {error}")
    except CouldNotRunError as error:
        return _broken_off(exchange, found, "credentials_accepted", str(error))
    except NONSENSE as error:
        return _broken_off(exchange, found, "answer_makes_sense", nonsense(error))
    finally:
        _tidied(scene)
    return "passed", ""


def _broken_off(exchange: Exchange, found: Journey, check: str, message: str) -> tuple[str, str]:
    exchange.collector.fail(
        check,
        exchange.operation,
        phase=PHASE,
        message=message,
        reproduce=exchange.line,
        kind=found.name,
        cause=f"{check} {exchange.operation}",
        journey=found.name,
    )
    return "failed", message


def _tidied(scene: Scene) -> None:
    try:
        scene.tidy()
    except (ServerUnreachableError, OperationMissingError, *NONSENSE):
        # What cannot be removed stays; the next journey will notice that nobody answers.
        return
