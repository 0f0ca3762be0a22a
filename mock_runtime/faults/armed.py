"""The armed rules of one world: what a call meets of them, and the accounts of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mock_runtime.domain.errors import bounded
from mock_runtime.faults.accounts import Armed, Tally, Why, complaint
from mock_runtime.faults.acting import Doing, Draw, refusal
from mock_runtime.faults.deciding import NOTHING, Decision, Met, events_of, in_vain, lacks
from mock_runtime.faults.profiles import profile_rules
from mock_runtime.faults.reading import InvalidFault, check_operations, fault, named
from mock_runtime.faults.rule import Act, Fault
from mock_runtime.transport.delivery import Cut

if TYPE_CHECKING:
    from collections.abc import Collection

    from mock_runtime.clock import Clock
    from mock_runtime.faults.call import Call
    from mock_runtime.faults.injected import Injected
    from mock_runtime.ids import Ids

MOST: Final = 1000
"""So many rules can be armed."""


class FaultNotFound(LookupError):
    """No rule of that id is armed. `str()` is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class FaultsSnapshot:
    """The armed rules, and their accounts, at one moment."""

    rules: tuple[tuple[Armed, Fault, Tally], ...]
    serial: int


@dataclass(slots=True, eq=False)
class _Candidate:
    """A rule that a call may meet: which of its matching calls this is, and what it came to."""

    place: int
    armed: Armed
    number: int
    refusal: Injected | None = None
    begins: bool = False
    goes_on: bool = False

    @property
    def act(self) -> Act:
        return self.armed.fault.act


class Faults:
    """The armed rules, in the order in which they were armed. False while none is on.

    What the n-th matching call of a rule meets is a function of the seed, the rule's id and n, whatever the other rules
    do. `initial` are those of the start, to which `reset` goes back.
    """

    def __init__(
        self,
        ids: Ids,
        clock: Clock,
        initial: Iterable[Fault | Mapping[str, Any]] = (),
        *,
        operations: Collection[str] = (),
    ) -> None:
        self._ids: Final = ids
        self._clock: Final = clock
        self._operations: Final = frozenset(operations)
        self._lock: Final = threading.RLock()
        self._rules: tuple[Armed, ...] = ()
        self._on: tuple[Armed, ...] = ()
        self._serial = 0
        self._initial: Final = tuple(self._read(rule, f"faults[{index}]") for index, rule in enumerate(initial))
        self.replace(self._initial)

    def __repr__(self) -> str:
        return f"<Faults: {', '.join(str(armed) for armed in self._rules) or 'none'}>"

    def __bool__(self) -> bool:
        return bool(self._on)

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Armed]:
        return iter(self._rules)

    def __contains__(self, id_: object) -> bool:
        return any(armed.id == id_ for armed in self._rules)

    def __getitem__(self, id_: str) -> Armed:
        found = next((armed for armed in self._rules if armed.id == id_), None)
        if found is None:
            known = ", ".join(armed.id for armed in self._rules[:20])
            raise FaultNotFound(f"no fault {bounded(id_)} is armed; {f'armed are {known}' if known else 'none is'}")
        return found

    def settings(self) -> list[dict[str, Any]]:
        """The rules in the form in which they are armed again, for a world file."""
        return [armed.settings() for armed in self._rules]

    def as_dicts(self) -> list[dict[str, Any]]:
        """The rules with their accounts, for whoever reads JSON."""
        with self._lock:
            return [armed.as_dict() for armed in self._rules]

    def add(self, rule: Fault | Mapping[str, Any] | None = None, /, **settings: Any) -> Armed:
        """Arm a rule: `add(match={"operation": "get-results"}, act={"status": 503}, times=3)`. InvalidFault."""
        if rule is not None and settings:
            raise InvalidFault("", "expected a rule or its settings, not both")
        return self.extend([settings if rule is None else rule])[0]

    def extend(self, rules: Iterable[Fault | Mapping[str, Any]]) -> list[Armed]:
        """Arm several rules, all or none. InvalidFault."""
        read = [self._read(rule, "") for rule in rules]
        with self._lock:
            armed = self._armed(read, before=self._rules)
            self._put((*self._rules, *armed))
            return armed

    def replace(self, rules: Iterable[Fault | Mapping[str, Any]]) -> list[Armed]:
        """Arm these rules instead of those that are armed, all or none. InvalidFault."""
        read = [self._read(rule, f"faults[{index}]") for index, rule in enumerate(rules)]
        with self._lock:
            armed = self._armed(read, before=())
            self._put(tuple(armed))
            return armed

    def arm_profile(self, name: str, /, **options: Any) -> list[Armed]:
        """Arm the rules of a profile, with some of its options set. InvalidFault."""
        return self.extend(profile_rules(name, options))

    def disarm_profile(self, name: str) -> int:
        """Disarm the rules of a profile, as far as they are armed; how many were."""
        with self._lock:
            kept = tuple(armed for armed in self._rules if not armed.id.startswith(f"{name}."))
            gone = len(self._rules) - len(kept)
            self._put(kept)
            return gone

    def change(self, id_: str, settings: Mapping[str, Any]) -> Armed:
        """Let a rule say something else under some of its keys: it keeps its place and its accounts.

        FaultNotFound, InvalidFault.
        """
        with self._lock:
            armed = self[id_]
            if settings.get("id", id_) != id_:
                raise InvalidFault("id", "a rule keeps its id: arm another one")
            armed.change(self._read({**armed.settings(), **settings, "id": id_}, ""))
            return self._switch(id_, on=armed.fault.on)

    def remove(self, id_: str) -> None:
        """Disarm a rule. FaultNotFound."""
        with self._lock:
            gone = self[id_]
            self._put(tuple(armed for armed in self._rules if armed is not gone))

    def clear(self) -> None:
        """Disarm all."""
        with self._lock:
            self._put(())

    def on(self, id_: str) -> Armed:
        """Switch a rule on; its `after` and `for` count from now. FaultNotFound."""
        return self._switch(id_, on=True)

    def off(self, id_: str) -> Armed:
        """Switch a rule off, which keeps its accounts. FaultNotFound."""
        return self._switch(id_, on=False)

    def reset(self) -> None:
        """Go back to the rules of the start, and to accounts in which nothing is."""
        with self._lock:
            self._serial = 0
            self.replace(self._initial)

    def snapshot(self) -> FaultsSnapshot:
        """The rules and their accounts, to be put back by `rollback`."""
        with self._lock:
            return FaultsSnapshot(
                tuple((armed, armed.fault, armed.tally.copy()) for armed in self._rules), self._serial
            )

    def rollback(self, snapshot: FaultsSnapshot) -> None:
        """Put the rules and their accounts back."""
        with self._lock:
            for armed, said, tally in snapshot.rules:
                armed.put_back(said, tally)
            self._serial = snapshot.serial
            self._put(tuple(armed for armed, _said, _tally in snapshot.rules))

    @property
    def unmet(self) -> tuple[Armed, ...]:
        """The rules that no call met, but for those that never were on."""
        return tuple(armed for armed in self._rules if not armed.met and armed.tally.was_on)

    def assert_all_met(self) -> None:
        """AssertionError, which says of each rule that no call met what it waited for and what came instead."""
        with self._lock:
            unmet = self.unmet
            if unmet:
                raise AssertionError(complaint(unmet, len(self._rules)))

    def decide(self, call: Call) -> Decision:
        """What is decided about a call before anything is done about it."""
        rules = self._on
        # Who calls is looked up elsewhere, under locks of its own: all of that comes before ours.
        matching = [(place, armed) for place, armed in enumerate(rules) if armed.matches(call)]
        lacking = [armed for _place, armed in matching if lacks(armed.fault.act, call)]
        decision = Decision(call=call, give_back=lambda rule: self._give_back(matching, call, rule))
        with self._lock:
            for armed in rules:
                armed.tally.looked += 1
            candidates: list[_Candidate] = []
            waiting: list[tuple[int, Armed]] = []
            for place, armed in matching:
                if armed.fault.match.status:
                    if armed.in_time(call.at):
                        waiting.append((place, armed))
                elif armed in lacking:
                    if armed.in_time(call.at):
                        armed.pass_over(Why.NOTHING_THERE)
                elif (candidate := self._selected(place, armed, call)) is not None:
                    candidates.append(candidate)
            self._settle(decision, candidates)
        if waiting and not decision.cut_request:
            decision.look = lambda status: self._look(waiting, call, status)
        return decision

    def _selected(self, place: int, armed: Armed, call: Call) -> _Candidate | None:
        """The rule, if this is one of the matching calls that it is for."""
        match, tally = armed.fault.match, armed.tally
        if tally.window is None and not armed.in_time(call.at):
            return None
        tally.matched = number = tally.matched + 1
        if tally.window is not None:
            # A maintenance that was announced goes on by itself.
            if tally.window[0] <= call.at < tally.window[1]:
                return _Candidate(place, armed, number, goes_on=True)
            tally.passed[Why.NOT_THE_TIME] += 1
        elif armed.fault.times is not None and tally.met >= armed.fault.times:
            tally.passed[Why.TIMES] += 1
        elif match.calls is not None and number not in match.calls:
            tally.passed[Why.CALLS] += 1
        elif match.probability < 1 and self._draw(armed, number)("probability").random() >= match.probability:
            tally.passed[Why.PROBABILITY] += 1
        else:
            return _Candidate(place, armed, number)
        return None

    def _settle(self, decision: Decision, candidates: list[_Candidate]) -> None:
        """Let the first that stops the request stop it, and all others do what they still can."""
        stopper: _Candidate | None = None
        acting: list[_Candidate] = []
        for candidate in candidates:
            if not candidate.act.refuses and candidate.act.cut is not Cut.REQUEST:
                acting.append(candidate)
            elif stopper is not None:
                candidate.armed.tally.passed[Why.OUTDONE] += 1
            elif self._stops(candidate, decision.call):
                stopper = candidate
                acting.append(candidate)
            elif candidate.begins:
                acting.append(candidate)
        if stopper is not None:
            decision.refusal = stopper.refusal
            decision.cut_request = stopper.act.cut is Cut.REQUEST
            decision.reset = decision.cut_request and stopper.act.reset
        for candidate in acting:
            if stopper not in {None, candidate} and in_vain(candidate.act, decision):
                candidate.armed.tally.passed[Why.OUTDONE] += 1
            else:
                self._meet(decision, candidate, refuses=candidate is stopper)

    def _stops(self, candidate: _Candidate, call: Call) -> bool:
        """Whether the rule stops this call: a bucket may have room, and a maintenance may still be to come."""
        act, tally = candidate.act, candidate.armed.tally
        status, wait_s, message = 500, None, None
        if act.cut is Cut.REQUEST:
            return True
        if tally.buckets is not None:
            status, wait_s = 429, tally.buckets.take(call.caller, call.at)
            if not wait_s:
                tally.passed[Why.ROOM] += 1
                return False
        if act.maintenance is not None:
            if tally.window is None:
                begins_at = call.at + act.maintenance.in_s
                tally.window = (begins_at, begins_at + act.maintenance.for_s)
                candidate.begins = True
            if call.at < tally.window[0]:
                return False
            status, wait_s, message = 503, tally.window[1] - call.at, act.maintenance.message
        draw = self._draw(candidate.armed, candidate.number)
        candidate.refusal = refusal(act, draw, at=call.at, default=status, wait_s=wait_s, message=message)
        return True

    def _meet(self, decision: Decision, candidate: _Candidate, *, refuses: bool) -> None:
        armed = candidate.armed
        before, after = ((), ()) if candidate.goes_on else events_of(armed.id, candidate.act, decision.call)
        decision.events += before
        decision.later += after
        announces = candidate.begins and not refuses
        if announces and len(before) + len(after) == 1:
            # Of a maintenance that is to come nobody notices anything.
            armed.tally.passed[Why.NOT_THE_TIME] += 1
            return
        armed.meet(decision.call.number)
        doing = Doing(NOTHING if announces else candidate.act, self._draw(armed, candidate.number), refuses)
        decision.met.append(Met(candidate.place, armed.id, doing))

    def _give_back(self, matching: list[tuple[int, Armed]], call: Call, rule: str) -> None:
        with self._lock:
            for _place, armed in matching:
                if armed.id == rule:
                    armed.give_back(call.number)

    def _look(self, waiting: list[tuple[int, Armed]], call: Call, status: int) -> list[Met]:
        """Which of the rules that wait for a status are met by an answer; of those that replace it, the first."""
        found: list[Met] = []
        replaced = False
        with self._lock:
            for place, armed in waiting:
                act = armed.fault.act
                if not armed.fault.match.has_status(status):
                    armed.tally.other_statuses[status] += 1
                elif (candidate := self._selected(place, armed, call)) is not None:
                    if replaced and act.status is not None:
                        armed.tally.passed[Why.OUTDONE] += 1
                        continue
                    replaced = replaced or act.status is not None
                    armed.meet(call.number)
                    found.append(Met(place, armed.id, Doing(act, self._draw(armed, candidate.number))))
        return found

    def _draw(self, armed: Armed, number: int) -> Draw:
        return lambda purpose: self._ids.stream("fault", armed.id, number, purpose)

    def _read(self, rule: Fault | Mapping[str, Any], where: str) -> Fault:
        if not isinstance(rule, Fault):
            return fault(rule, where=where, operations=self._operations)
        # Whoever read it may not have known the operations.
        check_operations(rule, where=where, operations=self._operations)
        return rule

    def _armed(self, rules: list[Fault], *, before: tuple[Armed, ...]) -> list[Armed]:
        """The rules, each with an id of its own. InvalidFault."""
        taken = {armed.id for armed in before}
        if len(before) + len(rules) > MOST:
            raise InvalidFault("", f"expected at most {MOST} armed rules, found {len(before) + len(rules)}")
        given = [rule.id for rule in rules if rule.id]
        twice = next((id_ for index, id_ in enumerate(given) if id_ in taken or id_ in given[:index]), None)
        if twice is not None:
            raise InvalidFault("id", f"expected an id that no other armed rule has, found {twice!r}")
        taken.update(given)
        now = self._clock.now()
        return [Armed(rule if rule.id else named(rule, self._next_id(taken)), now) for rule in rules]

    def _next_id(self, taken: set[str]) -> str:
        while True:
            self._serial += 1
            if (id_ := f"fault-{self._serial}") not in taken:
                return id_

    def _put(self, rules: tuple[Armed, ...]) -> None:
        self._rules = rules
        self._on = tuple(armed for armed in rules if armed.on)

    def _switch(self, id_: str, *, on: bool) -> Armed:
        with self._lock:
            armed = self[id_]
            if armed.on is not on:
                armed.tally.on = on
                armed.tally.was_on = True
                if on:
                    armed.tally.armed_at = self._clock.now()
                self._put(self._rules)
            return armed
