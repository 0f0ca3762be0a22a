"""What one row of the table says: the rules of a bad day, and what a client and the journal make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

Rule: TypeAlias = Mapping[str, Any]
Between: TypeAlias = float | tuple[float, float]

POLL: Final = "poll"
"""In a rule: the operation by which the client polls, results in 2021 and the job today."""
PATIENT: Final = ("interception",)
"""Where a client loses patience in virtual time, too: on a socket it is the real time that it waits for."""
OF_A_WORLD: Final = frozenset({"job", "backend", "token", "maintenance"})
"""What is done to the fake's own world: no proxy before somebody else's server can do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A bad day.

    `errors` are the steps of the journey that did not go well, each with the error. `again` says how often a request of
    an operation was sent again because it had failed, `jobs` how many were made. The first of them was polled so many
    `polls` times, with `pauses` of so many seconds (None: nobody polled it). The journey took so many `seconds`, and
    `log_ins` log-ins. `findings` are the rules of the scorecard that found something. `ways` are those to go, all if it
    is empty. `in_2021` and `today` are the fields that are others in that edition; None: there is no such row.
    """

    rules: tuple[Rule, ...]
    errors: Mapping[str, str] = field(default_factory=dict)
    again: Mapping[str, int] = field(default_factory=dict)
    jobs: int = 2
    polls: int | None = 6
    pauses: Between = 2.0
    seconds: float = 10.0
    log_ins: int = 1
    findings: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    in_2021: Mapping[str, Any] | None = field(default_factory=dict)
    today: Mapping[str, Any] | None = field(default_factory=dict)

    def of(self, edition: str) -> Row | None:
        """The row as it is in an edition."""
        others = self.in_2021 if edition == "2021" else self.today
        return None if others is None else replace(self, **others)

    @property
    def is_made(self) -> bool:
        """Whether the job whose result is waited for came into being at all."""
        return self.jobs == 2 or self.polls is not None

    @property
    def is_of_any_operation(self) -> bool:
        """Whether it shows what becomes of any request: of polls, which are the most, or of all."""
        return all(rule.get("match", {}).get("operation", POLL) == POLL for rule in self.rules)

    @property
    def is_of_a_world(self) -> bool:
        """Whether it is only possible in a fake."""
        return any(OF_A_WORLD & set(rule["act"]) for rule in self.rules)


def on(operation: str | list[str], act: Rule, **settings: Any) -> Rule:
    """A rule about an operation; `calls`, `status` and the like go into its `match`, `times` beside that."""
    times = {"times": settings.pop("times")} if "times" in settings else {}
    return {"match": {"operation": operation, **settings}, "act": act, **times}


def poll(**act: Any) -> tuple[Rule, ...]:
    """Something is wrong with the second poll."""
    return (on(POLL, act, calls=2),)


def once(operation: str, **act: Any) -> tuple[Rule, ...]:
    """Something is wrong with the first call of an operation."""
    return (on(operation, act, calls=1),)
