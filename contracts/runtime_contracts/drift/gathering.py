"""Gathering differences: a shared one is told once, with every operation that it reaches and the worst that it does."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from runtime_contracts.drift.change import Change, Difference, Direction, Reach, Severity, Verdict
from runtime_contracts.drift.schemas import Schemas
from runtime_contracts.drift.unchanged import Unchanged
from runtime_contracts.drift.witness import between, text_of_witness
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from runtime_contracts.drift.tree import Place, Tree

_MAX_STEPS = 120


class Gathering:
    """The differences of two documents, as they come in; a `thorough` one takes nothing for unchanged unseen.

    Attributes:
        pairs: every pair of places that was compared, for the comparison of their prose.
    """

    def __init__(self, base: Tree, live: Tree, *, thorough: bool = False) -> None:
        self.base = base
        self.live = live
        self._unchanged = None if thorough else Unchanged(base, live)
        self.pairs: list[tuple[Place, Place]] = []
        self._schemas = Schemas(base, live)
        self._found: dict[tuple[str, str, str, str], tuple[Difference, dict[Reach, Verdict]]] = {}
        self._places: dict[tuple[str, str, str, str], tuple[Place, Place]] = {}
        self._paired: set[tuple[str, str]] = set()

    def pair(self, base: Place, live: Place) -> None:
        """Remember that the two places stand for the same thing."""
        key = (base.pointer, live.pointer)
        if key not in self._paired:
            self._paired.add(key)
            self.pairs.append((base, live))

    def unchanged(self, base: Place, live: Place) -> bool:
        """Tell whether the two places need not be compared, as they say the same in the same words."""
        return self._unchanged is not None and self._unchanged.holds(base, live)

    def tell(self, difference: Difference, reach: Reach, *, flipped: bool = False) -> None:
        """Take in a difference that reaches an operation."""
        if difference.only not in (None, reach.direction):
            return
        key = (*difference.key, difference.base, difference.live)
        _, reaches = self._found.setdefault(key, (difference, {}))
        verdict = difference.verdict(reach.direction, flipped=flipped)
        old = reaches.get(reach)
        if old is None or verdict.severity.rank < old.severity.rank:
            reaches[reach] = verdict

    def schemas(self, base: Place, live: Place, operation: str, direction: Direction, where: str) -> None:
        """Take in the differences of two schemas, and of everything below them, for one direction.

        Raises:
            DocumentError: one is malformed, or a reference leads nowhere.
        """
        if self.unchanged(base, live):
            return
        ahead = deque([(base, live, "", False)])
        seen: set[tuple[str, str, bool]] = set()
        while ahead:
            one, other, steps, flipped = ahead.popleft()
            key = (one.schema().pointer, other.schema().pointer, flipped)
            if key in seen:
                continue
            seen.add(key)
            self.pair(one.schema(), other.schema())
            compared = self._schemas.compared(one, other)
            at = f"{where}, {shown(steps.removeprefix('.'), limit=_MAX_STEPS)}" if steps else where
            for difference in compared.differences:
                reach = Reach(operation, direction, at)
                self.tell(difference, reach, flipped=flipped)
                self._places.setdefault((*difference.key, difference.base, difference.live), (one, other))
            for pair in compared.below:
                if pair.never != direction:
                    ahead.append((pair.base, pair.live, steps + pair.step, flipped != pair.flipped))

    def changes(self) -> tuple[Change, ...]:
        """Return everything that was found: the worst first, and then as it stands in the document."""
        merged: dict[tuple[str, str, str], tuple[Difference, dict[Reach, Verdict], tuple[Place, Place] | None]] = {}
        homes: dict[tuple[str, str, str], tuple[str, str, str]] = {}
        for key, (difference, reaches) in self._found.items():
            # The same component in one document may stand in several places of the other.
            by_base, by_live = (
                (*difference.key, f"base {difference.base}"),
                (*difference.key, f"live {difference.live}"),
            )
            home = homes.get(by_base) or homes.get(by_live) or by_base
            homes[by_base] = homes[by_live] = home
            _, all_reaches, _ = merged.setdefault(home, (difference, {}, self._places.get(key)))
            for reach, verdict in reaches.items():
                old = all_reaches.get(reach)
                if old is None or verdict.severity.rank < old.severity.rank:
                    all_reaches[reach] = verdict
        found = [self._change(difference, reaches, places) for difference, reaches, places in merged.values()]
        return tuple(sorted(found, key=lambda change: (change.severity.rank, change.pointer, change.rule, change.what)))

    def _change(
        self, difference: Difference, reaches: dict[Reach, Verdict], places: tuple[Place, Place] | None
    ) -> Change:
        worst = min(reaches.items(), key=lambda item: (item[1].severity.rank, item[0]))
        witness = ""
        if places is not None and worst[1].severity is not Severity.INFO:
            # A request breaks by what is refused now, an answer by what is allowed now.
            pair = places if worst[0].direction == "request" else (places[1], places[0])
            value = between(*pair, self._schemas)
            if difference.rule == "additional-properties" and value is not ...:
                value = {"another": value}
            witness = "" if value is ... else text_of_witness(value)
        return Change(
            rule=difference.rule,
            kind=difference.kind,
            what=difference.what,
            pointer=difference.shown,
            base=difference.base,
            live=difference.live,
            reaches=tuple(sorted(reaches)),
            verdict=worst[1],
            witness=witness,
            allowed_by="" if not witness else "base" if worst[0].direction == "request" else "live",
        )
