"""A scene without a server, which remembers what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from runtime_contracts.collector import Collector
from runtime_contracts.contract import Contract
from runtime_contracts.exchange import Exchange, ServerUnreachableError
from runtime_contracts.steps import Step


@dataclass(slots=True)
class Recorded:
    """A scene that remembers what it is told, and may be out of reach."""

    exchange: Exchange
    collector: Collector
    unreachable: bool = False
    told: list[str] = field(default_factory=list)

    def begin(self, number: int) -> None:
        """Remember it."""
        self.told.append(f"begin {number}")

    def tidy(self) -> None:
        """Remember it, or fail."""
        self.told.append("tidy")
        if self.unreachable:
            raise ServerUnreachableError("DELETE /jobs: ConnectionError")

    def end(self) -> None:
        """Remember it."""
        self.told.append("end")


def recorded_scene(*, unreachable: bool = False) -> Recorded:
    """Return a scene that has made one step."""
    contract = Contract.of("platform")
    collector = Collector("server", "nowhere", "platform", 7, {})
    exchange = Exchange(contract, "http://nowhere.test", collector, "journeys")
    exchange.journal.append(Step(1, "GET", "http://nowhere.test/jobs", {}, b""))
    return Recorded(exchange, collector, unreachable)
