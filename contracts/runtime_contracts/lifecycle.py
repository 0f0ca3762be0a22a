"""The lifecycle: walks over the API, step by step compared with a model that the profile of the edition has.

What goes wrong only in a certain order, such as a deleted job that is still readable, is what a search through single
requests seldom meets. A fixed tour takes every step once; the walks after it are drawn by Hypothesis, and a fixed seed
draws the same ones again.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, cast

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from runtime_contracts.exchange import OperationMissingError
from runtime_contracts.lifecycle_model import NONSENSE, CouldNotRunError, LifecycleFaultError, nonsense
from runtime_contracts.options import LIFECYCLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from runtime_contracts.exchange import Exchange

PHASE = LIFECYCLE
_STEPS = 30
_PAUSE_S = 0.25


@dataclass(frozen=True, slots=True)
class LifecycleOptions:
    """What the walks depend on.

    Attributes:
        seed: draws the same walks again.
        advance: lets time pass on a server whose clock is moved by hand; None for one that goes by itself, where the
            tour waits in real time.
        max_examples: how many walks to take.
        tour: the tour is taken before them.
    """

    seed: int
    advance: Callable[[], None] | None
    max_examples: int
    tour: bool = True


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The lifecycle of one edition, ready to be taken.

    Attributes:
        tour: every step once, in an order that makes sense.
        walk: makes a walk: a fresh caller's view of the server, and the steps that may be taken.
        after: what is looked at when everything else is done.
    """

    tour: Callable[[], None]
    walk: Callable[[Faults], RuleBasedStateMachine]
    after: Callable[[], None]


@dataclass(slots=True)
class Faults:
    """The first fault that a walk has met; Hypothesis would wrap it, in a different way each time."""

    first: LifecycleFaultError | None = None

    def step(self, action: Callable[[], Any]) -> Any:
        """Take one step, and remember the fault that it meets."""
        try:
            return action()
        except LifecycleFaultError as fault:
            self.first = self.first or fault
            raise


@dataclass(slots=True)
class Passing:
    """Time that passes on the server, moved by hand or by itself."""

    exchange: Exchange
    advance: Callable[[], None] | None

    def __call__(self) -> None:
        """Let some time pass."""
        if self.advance is not None:
            self.advance()
            self.exchange.moved += 1
        else:
            # An event that nobody sets: a sleep that Ctrl-C ends.
            Event().wait(_PAUSE_S)
            self.exchange.slept_s += _PAUSE_S

    @property
    def by_hand(self) -> bool:
        """Tell whether time can be moved by hand."""
        return self.advance is not None


def run_lifecycle(exchange: Exchange, lifecycle: Lifecycle, options: LifecycleOptions) -> None:
    """Take the tour and the walks; the first thing that goes wrong becomes a failure of the collector.

    Raises:
        ServerUnreachableError: the server stopped answering.
    """
    rules = settings(
        max_examples=options.max_examples,
        stateful_step_count=_STEPS,
        deadline=None,
        database=None,
        # The calls of the one job or program that went wrong say more than a shrunk walk, and at once.
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    faults = Faults()

    @seed(options.seed)
    def walk() -> RuleBasedStateMachine:
        return lifecycle.walk(faults)

    try:
        if options.tour:
            lifecycle.tour()
        run_state_machine_as_test(cast("type[RuleBasedStateMachine]", walk), settings=rules)
        lifecycle.after()
    except OperationMissingError as missing:
        exchange.collector.note(f"the lifecycle ended early: {missing}")
        return
    except LifecycleFaultError as found:
        faults.first = faults.first or found
    except Exception as error:
        # Hypothesis wraps what it caught, in a different way when the second try went well.
        if faults.first is None and not _told(exchange, error):
            raise
    fault = faults.first
    if fault is not None:
        exchange.collector.fail(
            fault.check,
            fault.operation,
            phase=PHASE,
            message=fault.message,
            cause=f"{fault.check} {fault.operation}",
            reproduce="\n".join(exchange.script(fault.steps)),
        )


def _told(exchange: Exchange, error: BaseException) -> bool:
    """Report an error that comes of an answer without sense, or of a login that is refused; tell whether it was one."""
    if isinstance(error, BaseExceptionGroup):
        told = [_told(exchange, one) for one in error.exceptions]
        return any(told)
    known = {CouldNotRunError: "credentials_accepted"} | dict.fromkeys(NONSENSE, "answer_makes_sense")
    check = next((name for kind, name in known.items() if isinstance(error, kind)), None)
    if check is None or not isinstance(error, Exception):
        return False
    message = str(error) if check == "credentials_accepted" else nonsense(error)
    exchange.collector.fail(
        check,
        exchange.operation,
        phase=PHASE,
        message=message,
        reproduce=exchange.line,
        cause=f"{check} {exchange.operation}",
    )
    return True
