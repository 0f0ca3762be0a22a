"""What is decided about one call: what it met before anything was done, and what becomes of its answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from mock_runtime.faults.acting import Doing, Render, changed, replaced, seconds
from mock_runtime.faults.events import Event, Happening
from mock_runtime.faults.rule import Act
from mock_runtime.operations import LOG_IN, SUBMIT_JOB
from mock_runtime.transport.delivery import Cut, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mock_runtime.faults.call import Call
    from mock_runtime.faults.injected import Injected

NOTHING: Final = Act()
"""What a rule does that does nothing."""


@dataclass(frozen=True, slots=True)
class Met:
    """A rule that a call met. `place` is where it stands among the rules."""

    place: int
    rule: str
    doing: Doing


@dataclass(slots=True, kw_only=True)
class Decision:
    """What is decided about one call.

    `refusal` is answered in place of the fake; with `cut_request` there is neither an answer nor anything done.
    `events` happen before the request is carried out, `later` after it. `look` tells which of the rules that wait for a
    status are met by the answer. `give_back` tells a rule, by its id, that nothing came of it.
    """

    call: Call
    met: list[Met] = field(default_factory=list)
    refusal: Injected | None = None
    cut_request: bool = False
    reset: bool = False
    events: tuple[Event, ...] = ()
    later: tuple[Event, ...] = ()
    look: Callable[[int], list[Met]] | None = None
    give_back: Callable[[str], None] | None = None

    @property
    def faults(self) -> tuple[str, ...]:
        """The ids of the rules that it met so far, as they are armed."""
        return tuple(met.rule for met in sorted(self.met, key=lambda met: met.place))

    def came_of(self, happened: Collection[str]) -> None:
        """Say which rules something happened for, by their ids.

        Those that wanted nothing else than what did not happen have not met the call.
        """
        tried = {event.rule for event in (*self.events, *self.later)}.difference(happened)
        vain = {
            met.rule for met in self.met if met.rule in tried and not met.doing.refuses and leaves_answer(met.doing.act)
        }
        self.met = [met for met in self.met if met.rule not in vain]
        if self.give_back is not None:
            for rule in sorted(vain):
                self.give_back(rule)

    def dropped(self) -> Delivery:
        """How a request ends that is cut off: without an answer, whatever the status of this says."""
        hold_s = sum(
            seconds(met.doing.act.slow, met.doing.draw("slow")) for met in self.met if met.doing.act.slow is not None
        )
        return Delivery(status=500, headers=[], body=b"", hold_s=hold_s, cut=Cut.REQUEST, reset=self.reset)

    def answered(self, delivery: Delivery, render: Render) -> Delivery:
        """What becomes of the answer, to be asked once. `render` says a refusal as the surface does that was called."""
        if self.look is not None:
            found, self.look = self.look(delivery.status), None
            self.met = sorted([*self.met, *found], key=lambda met: met.place)
            for met in found:
                # There is one at most.
                if met.doing.act.status is not None:
                    delivery = replaced(delivery, met.doing, met.doing.act.status, at=self.call.at, render=render)
        return changed(delivery, [met.doing for met in self.met], method=self.call.method)


def leaves_answer(act: Act) -> bool:
    """Whether what a rule does is done to the world alone, and nothing to the request and its answer."""
    return replace(act, token=None, job=None, reason=None, backend=None, maintenance=None) == NOTHING


def needs_answer(act: Act, call: Call) -> bool:
    """Whether the request has to be carried out for what the rule does: to the job that it makes, or after it."""
    makes = act.job is not None and act.job.id is None and act.job.number is None and call.job is None
    return act.happens_later or makes


def in_vain(act: Act, decision: Decision) -> bool:
    """Whether nothing would be left of what a rule does, since another one stopped the request."""
    happens = (act.token, act.backend, act.job, act.maintenance)
    dropped = decision.cut_request and not any(value is not None for value in happens)
    return dropped or needs_answer(act, decision.call)


def lacks(act: Act, call: Call) -> bool:
    """Whether a call is about nothing that the rule could do something to."""
    if act.token is not None and (call.operation == LOG_IN or call.caller is None):
        return True
    if act.token is Happening.TOKEN_EXPIRED and not call.was_given:
        # It sends its key itself, which does not expire.
        return True
    if act.job is not None and act.job.id is None and act.job.number is None:
        return call.job is None and call.operation != SUBMIT_JOB
    return act.backend is not None and act.backend.name is None and call.backend is None


def events_of(rule: str, act: Act, call: Call) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """What a rule does to the world before the request is carried out, and after it."""
    before: list[Event] = []
    after: list[Event] = []
    if act.token is not None:
        before.append(Event(kind=act.token, rule=rule, caller=call.caller))
    if act.backend is not None:
        name = act.backend.name or call.backend
        before.append(
            Event(kind=act.backend.event, rule=rule, backend=name, reason=act.reason, for_s=act.backend.for_s)
        )
    if act.maintenance is not None:
        window = act.maintenance
        before.append(
            Event(kind=Happening.MAINTENANCE, rule=rule, reason=window.message, in_s=window.in_s, for_s=window.for_s)
        )
    if act.job is not None:
        named = act.job.id is not None or act.job.number is not None
        event = Event(
            kind=act.job.event,
            rule=rule,
            job=act.job.id if named else call.job,
            job_number=act.job.number,
            reason=act.reason,
            queue=act.job.queue,
        )
        # A submission has no job yet: it happens to the one that it makes.
        (after if needs_answer(act, call) else before).append(event)
    return tuple(before), tuple(after)
