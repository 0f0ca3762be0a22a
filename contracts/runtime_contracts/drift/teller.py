"""Telling differences of one operation: what is not there, what is not the same, and where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runtime_contracts.drift.change import Difference, Direction, Kind, Reach, Verdict, harmless

if TYPE_CHECKING:
    from runtime_contracts.drift.gathering import Gathering
    from runtime_contracts.drift.tree import Place


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the differences of one operation, in one direction, at one part of its messages."""

    gathering: Gathering
    operation: str
    direction: Direction = "request"
    where: str = ""

    def about(self, direction: Direction, where: str) -> Teller:
        """Return the one for another part."""
        return replace(self, direction=direction, where=where)

    def differs(
        self,
        rule: str,
        kind: Kind,
        what: str,
        base: Place,
        live: Place,
        keyword: str = "",
        verdict: Verdict | None = None,
    ) -> None:
        """Tell that two places, or what they say under `keyword`, are not the same."""
        before = base.at(keyword) if keyword and keyword in base.value else base.shown
        after = live.at(keyword) if keyword and keyword in live.value else live.shown
        gone = bool(keyword) and keyword in base.value and keyword not in live.value
        at = before if gone else after
        self._tell(Difference(rule=rule, kind=kind, what=what, base=before, live=after, shown=at), verdict)

    def misses(self, rule: str, what: str, place: Place, live: str, verdict: Verdict | None) -> None:
        """Tell that what is at a place of the base is not there any more; `live` is where it would be."""
        difference = Difference(rule=rule, kind=Kind.REMOVED, what=what, base=place.shown, live=live, shown=place.shown)
        self._tell(difference, verdict)

    def meets(self, rule: str, what: str, place: Place, base: str, verdict: Verdict | None) -> None:
        """Tell that what is at a place was not there before; `base` is where it would have been."""
        difference = Difference(rule=rule, kind=Kind.ADDED, what=what, base=base, live=place.shown, shown=place.shown)
        self._tell(difference, verdict)

    def ends(self, base: Place, live: Place, name: str) -> None:
        """Tell that something is deprecated, or is not any more."""
        before, after = bool(base.value.get("deprecated")), bool(live.value.get("deprecated"))
        if before != after:
            what = f"{name} is {'deprecated now' if after else 'no longer deprecated'}"
            why = harmless("it still works; clients should get ready for its end" if after else "it is here to stay")
            self.differs("deprecated", Kind.CHANGED, what, base, live, "deprecated", why)

    def required(self, base: Place, live: Place, what: str, verdict: Verdict) -> None:
        """Tell that something is required now, or is not any more; `verdict` is for what the direction cannot bear."""
        before, after = bool(base.value.get("required")), bool(live.value.get("required"))
        if before != after:
            bad = after if self.direction == "request" else before
            kind = Kind.NARROWED if after else Kind.WIDENED
            words = f"{what} is {'now required' if after else 'no longer required'}"
            self.differs("required", kind, words, base, live, "required", verdict if bad else None)

    def schema(self, base: Place, live: Place) -> None:
        """Tell how the schemas differ that two places have under `schema`; one that says nothing allows anything."""
        before, after = base.get("schema"), live.get("schema")
        if before is not None or after is not None:
            before, after = before or base.beyond("schema"), after or live.beyond("schema")
            self.gathering.schemas(before, after, self.operation, self.direction, self.where)

    def _tell(self, difference: Difference, verdict: Verdict | None) -> None:
        reach = Reach(self.operation, self.direction, self.where)
        self.gathering.tell(replace(difference, request=verdict, response=verdict), reach)
