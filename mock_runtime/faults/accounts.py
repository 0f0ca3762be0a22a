"""The accounts of an armed rule: which calls it waited for, which it met, and why it left the others alone."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from mock_runtime.faults.buckets import Buckets
from mock_runtime.faults.matching import matcher
from mock_runtime.faults.rule import Fault

MOST_REQUESTS: Final = 1000
"""So many numbers of requests are kept of each rule, the last ones."""


class Why(StrEnum):
    """Why a rule left a call alone that it matched."""

    TIMES = "times"
    CALLS = "calls"
    PROBABILITY = "probability"
    ROOM = "room"
    OUTDONE = "outdone"
    NOTHING_THERE = "nothing-there"
    NOT_THE_TIME = "not-the-time"


WORDS: Final[Mapping[Why, str]] = {
    Why.TIMES: "it was met as often as it may be",
    Why.CALLS: "not one of its calls",
    Why.PROBABILITY: "by chance",
    Why.ROOM: "there was room in the bucket",
    Why.OUTDONE: "another rule stopped the request",
    Why.NOTHING_THERE: "nothing there that it could be done to",
    Why.NOT_THE_TIME: "the maintenance was not on",
}
"""The same for people."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What changes of an armed rule.

    `armed_at` is when it was last switched on (seconds since 1970), `looked` how many calls came while it was on.
    `other_statuses` are those of answers that it would have matched with another status. `window` is when its
    maintenance begins and ends.
    """

    on: bool
    armed_at: float
    was_on: bool
    looked: int = 0
    matched: int = 0
    met: int = 0
    requests: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_REQUESTS))
    passed: Counter[Why] = field(default_factory=Counter)
    other_statuses: Counter[int] = field(default_factory=Counter)
    buckets: Buckets | None = None
    window: tuple[float, float] | None = None

    def copy(self) -> Tally:
        """The same, to be kept."""
        return replace(
            self,
            requests=deque(self.requests, maxlen=MOST_REQUESTS),
            passed=Counter(self.passed),
            other_statuses=Counter(self.other_statuses),
            buckets=None if self.buckets is None else self.buckets.copy(),
        )


class Armed:
    """A rule that is armed, with its accounts."""

    def __init__(self, fault: Fault, now: float) -> None:
        self.id: Final = fault.id
        self.tally = Tally(on=fault.on, armed_at=now, was_on=fault.on)
        self._say(fault)
        self.tally.buckets = _buckets(fault)

    def __repr__(self) -> str:
        return f"<Armed {self}>"

    def __str__(self) -> str:
        state = "" if self.on else ", off"
        return f"{self.id} (met {self.met} of {self.matched}{state})"

    @property
    def fault(self) -> Fault:
        """What it says."""
        return self._fault

    @property
    def on(self) -> bool:
        """Whether it is on."""
        return self.tally.on

    @property
    def armed_at(self) -> float:
        """When it was last switched on, in seconds since 1970."""
        return self.tally.armed_at

    @property
    def looked(self) -> int:
        """How many calls came while it was on."""
        return self.tally.looked

    @property
    def matched(self) -> int:
        """How many calls were such as it waits for."""
        return self.tally.matched

    @property
    def met(self) -> int:
        """How many calls it did something to."""
        return self.tally.met

    @property
    def requests(self) -> tuple[int, ...]:
        """The numbers of the requests that it did something to, the last thousand."""
        return tuple(self.tally.requests)

    @property
    def passed(self) -> Mapping[str, int]:
        """How many of the calls that it matched it left alone, and why."""
        return {why.value: count for why, count in self.tally.passed.items()}

    def in_time(self, at: float) -> bool:
        """Whether an instant is within `after` and `for`. What came before it was armed counts as just then."""
        elapsed = max(0.0, at - self.tally.armed_at)
        match = self.fault.match
        return match.after_s <= elapsed < match.after_s + match.for_s

    def pass_over(self, why: Why) -> None:
        """Note a call that it matched and left alone."""
        self.tally.matched += 1
        self.tally.passed[why] += 1

    def meet(self, request: int) -> None:
        """Note a call that it does something to."""
        self.tally.met += 1
        self.tally.requests.append(request)

    def give_back(self, request: int) -> None:
        """Note that nothing came of what it wanted to do to a call."""
        # Accounts that were put back in the meantime do not know of it.
        if request in self.tally.requests:
            self.tally.requests.remove(request)
            self.tally.met -= 1
            self.tally.passed[Why.NOTHING_THERE] += 1

    def change(self, fault: Fault) -> None:
        """Let it say something else, with the accounts that it has; what a rate or a maintenance is at begins anew."""
        act, before = fault.act, self._fault.act
        if act.rate != before.rate:
            self.tally.buckets = _buckets(fault)
        if act.maintenance != before.maintenance:
            self.tally.window = None
        self._say(fault)

    def put_back(self, fault: Fault, tally: Tally) -> None:
        """Let it be as it was."""
        self._say(fault)
        self.tally = tally.copy()

    def _say(self, fault: Fault) -> None:
        self._fault = fault
        self.matches = matcher(fault.match)

    def settings(self) -> dict[str, Any]:
        """What it says, in the form in which it is armed again as it is now."""
        said = {key: value for key, value in self.fault.as_dict().items() if key != "on"}
        return said if self.on else {**said, "on": False}

    def as_dict(self) -> dict[str, Any]:
        """The rule with its accounts, for whoever reads JSON."""
        return {
            "id": self.id,
            "on": self.on,
            "fault": self.settings(),
            "armed_at": self.armed_at,
            "looked": self.looked,
            "matched": self.matched,
            "met": self.met,
            "requests": list(self.requests),
            "passed": self.passed,
        }

    def account(self) -> str:
        """What it waited for and what came instead, on one line."""
        said = self.fault.as_dict()
        waited = f"waited for {_shown(said['match'])}" if said.get("match") else "waited for anything"
        if not self.tally.looked:
            return f"{self.id}: {waited}; no request came while it was on"
        came = f"{_many(self.tally.looked, 'request')} came, {self.matched} matched"
        reasons = [f"{count} left alone: {WORDS[why]}" for why, count in self.tally.passed.items()]
        if self.tally.other_statuses:
            others = ", ".join(f"{status} ({count}x)" for status, count in self.tally.other_statuses.most_common(5))
            reasons.append(f"answers with another status: {others}")
        return "; ".join([f"{self.id}: {waited}", came, *reasons])


def _buckets(fault: Fault) -> Buckets | None:
    return None if fault.act.rate is None else Buckets(fault.act.rate)


def complaint(unmet: Sequence[Armed], armed: int) -> str:
    """What is said where all of so many armed rules were to be met, and some were not."""
    lines = [f"  {one.account()}" for one in unmet[:20]]
    if len(unmet) > 20:
        lines.append(f"  and {len(unmet) - 20} more")
    were = "was" if len(unmet) == 1 else "were"
    return "\n".join([f"{len(unmet)} of {_many(armed, 'fault')} {were} never met:", *lines])


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _shown(said: object) -> str:
    text = json.dumps(said, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}..."
