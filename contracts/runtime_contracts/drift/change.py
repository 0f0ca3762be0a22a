"""Changes between two documents: what happened where, whom it reaches, and what it breaks.

The model is that of oasdiff: a change narrows or widens what a message may be, or does both, and a message is a request
or a response. A client meets a narrowed request as a refusal and a widened response as a surprise; the other two are
met by servers and fakes only, which go on as before and are out of date.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Direction = Literal["request", "response"]
DIRECTIONS: tuple[Direction, Direction] = ("request", "response")


class Kind(StrEnum):
    """What happened to the messages that are allowed."""

    ADDED = "added"
    REMOVED = "removed"
    NARROWED = "narrowed"
    WIDENED = "widened"
    CHANGED = "changed"
    """Some that were allowed are not any more, and some are allowed that were not."""
    UNKNOWN = "unknown"
    """It could not be decided."""


_FLIPPED = {Kind.NARROWED: Kind.WIDENED, Kind.WIDENED: Kind.NARROWED}


class Severity(StrEnum):
    """How bad it is for clients."""

    BREAKING = "breaking"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Breaks(StrEnum):
    """Who has to do something about it."""

    CLIENTS = "clients"
    SERVERS = "servers and fakes"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a change means for one direction: how bad it is, for whom, and why."""

    severity: Severity
    breaks: Breaks
    why: str


def breaking(why: str) -> Verdict:
    """Return the verdict that clients break."""
    return Verdict(Severity.BREAKING, Breaks.CLIENTS, why)


def warning(why: str) -> Verdict:
    """Return the verdict that clients may break."""
    return Verdict(Severity.WARNING, Breaks.CLIENTS, why)


def servers(why: str) -> Verdict:
    """Return the verdict that no client breaks, but that servers and fakes are out of date."""
    return Verdict(Severity.INFO, Breaks.SERVERS, why)


def harmless(why: str) -> Verdict:
    """Return the verdict that nobody has to do anything."""
    return Verdict(Severity.INFO, Breaks.NOBODY, why)


_REFUSED = breaking("clients that send what was allowed before are refused")
_SURPRISED = breaking("clients that rely on what was promised before meet something else")
_ACCEPTS_LESS = servers("a server or fake that follows the base refuses what is allowed now")
_ANSWERS_MORE = servers("a server or fake that follows the base may answer what is not allowed any more")
_UNDECIDED = warning("whether clients break could not be decided: look at both")

_DEFAULTS: Mapping[tuple[Kind, Direction], Verdict] = {
    (Kind.NARROWED, "request"): _REFUSED,
    (Kind.WIDENED, "request"): _ACCEPTS_LESS,
    (Kind.CHANGED, "request"): _REFUSED,
    (Kind.UNKNOWN, "request"): _UNDECIDED,
    (Kind.ADDED, "request"): _ACCEPTS_LESS,
    (Kind.REMOVED, "request"): _REFUSED,
    (Kind.NARROWED, "response"): _ANSWERS_MORE,
    (Kind.WIDENED, "response"): _SURPRISED,
    (Kind.CHANGED, "response"): _SURPRISED,
    (Kind.UNKNOWN, "response"): _UNDECIDED,
    (Kind.ADDED, "response"): _SURPRISED,
    (Kind.REMOVED, "response"): _ANSWERS_MORE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference at one place, before it is known which operations it reaches.

    Attributes:
        rule: a stable name of what was compared, such as "enum" or "property".
        what: what happened, in one sentence without a full stop.
        base: JSON pointer of the place in the base, such as "#/components/schemas/Job/properties/status".
        live: the same in the other document; for what is not there, that of what would contain it.
        shown: the pointer that a reader is sent to: in the live document, or in the base if it was removed.
        request: what it means in a request, if it is not what its kind says; likewise `response`.
        only: it counts in this direction only.
    """

    rule: str
    kind: Kind
    what: str
    base: str
    live: str
    shown: str
    request: Verdict | None = None
    response: Verdict | None = None
    only: Direction | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes two differences at the same place the same one."""
        return self.rule, self.what

    def verdict(self, direction: Direction, *, flipped: bool = False) -> Verdict:
        """Return what it means in one direction; `flipped` below a `not`, where less is more."""
        if flipped:
            return _DEFAULTS[_FLIPPED.get(self.kind, self.kind), direction]
        own = self.request if direction == "request" else self.response
        return own or _DEFAULTS[self.kind, direction]


@dataclass(frozen=True, slots=True, order=True)
class Reach:
    """An operation that a change reaches: its method and path, the direction, and where in its messages."""

    operation: str
    direction: Direction
    where: str = ""

    def __str__(self) -> str:
        return f"{self.operation} ({self.where or self.direction})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change between two documents, with everything that it reaches.

    Attributes:
        rule: a stable name of what was compared, such as "enum" or "property".
        what: what happened, in one sentence.
        pointer: where, in the live document; of what was removed, in the base.
        base: where in the base.
        live: where in the live document.
        reaches: operations and directions, sorted.
        verdict: the worst of all that it reaches.
        witness: a value that only one of the two documents allows, as JSON, or "".
        allowed_by: which of the two that is, "base" or "live"; "" without a witness.
        accepted: the reason why somebody accepted it, or None.
    """

    rule: str
    kind: Kind
    what: str
    pointer: str
    base: str
    live: str
    reaches: tuple[Reach, ...]
    verdict: Verdict
    witness: str = ""
    allowed_by: str = ""
    accepted: str | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is for clients."""
        return self.verdict.severity

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions that it reaches."""
        found = {reach.direction for reach in self.reaches}
        return tuple(direction for direction in DIRECTIONS if direction in found)

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that it reaches, once each."""
        return tuple(dict.fromkeys(reach.operation for reach in self.reaches))
