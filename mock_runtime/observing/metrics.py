"""Numbers for Prometheus: what was asked and answered, how long it took, and how much of everything there is.

Counting is a few look-ups in a dictionary; the library is imported when somebody asks for the numbers. No label takes
what strangers write: operations, methods and statuses are from tables, and of rules only so many are told apart.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

    from mock_runtime.journal.entry import Entry
    from mock_runtime.observing.families import Distribution

OTHER: Final = "other"
"""In the place of a label's value that is not told apart."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_MOST_SERIES: Final = 1_000
_MOST_OPERATIONS: Final = 150
_MOST_RULES: Final = 200
_MOST_CUTS: Final = 10
_OPENMETRICS: Final = "application/openmetrics-text"

_Labels: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Whom to ask for what there is at this moment; None where there is nobody to ask.

    `jobs` gives their number by state, `exchanges` and `dropped` how many the journal keeps and no longer keeps,
    `scopes` how many there are beside the server's own, `faults` how many rules are armed.
    """

    jobs: Callable[[], Mapping[str, int]] | None = None
    exchanges: Callable[[], int] | None = None
    dropped: Callable[[], int] | None = None
    scopes: Callable[[], int] | None = None
    faults: Callable[[], int] | None = None


@dataclass(slots=True)
class _Histogram:
    """How often something took how long; `counts` are of the bounds, and the last of what is beyond."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS_S) + 1))
    sum_s: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(_BOUNDS_S, seconds)] += 1
        self.sum_s += seconds

    def told(self) -> Distribution:
        """The counts as Prometheus has them, each of all that took no longer than its bound; and the sum."""
        total, found = 0, []
        for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), self.counts, strict=True):
            total += count
            found.append((bound, float(total)))
        return found, self.sum_s


class Metrics:
    """The numbers of one server. `version` and `edition` say what it is; to find the version may take a while."""

    def __init__(self, *, version: Callable[[], str], edition: str, sources: Sources | None = None) -> None:
        self._version = version
        self._edition = edition
        self._sources = sources or Sources()
        self._lock = threading.Lock()
        self._requests: dict[_Labels, int] = {}
        self._durations: dict[str, _Histogram] = {}
        self._elapsed: dict[str, _Histogram] = {}
        self._faults: dict[str, int] = {}
        self._cuts: dict[str, int] = {}
        self._left = 0
        self._registry: CollectorRegistry | None = None

    def observe(self, entry: Entry) -> None:
        """Count an exchange."""
        operation = entry.operation or entry.operation_id or OTHER
        method = entry.method if entry.method in _METHODS else OTHER
        with self._lock:
            if operation not in self._durations and len(self._durations) >= _MOST_OPERATIONS:
                operation = OTHER
            labels = (operation, method, str(entry.status), entry.edition)
            if labels not in self._requests and len(self._requests) >= _MOST_SERIES:
                labels = (OTHER, OTHER, f"{entry.status // 100}xx", entry.edition)
            self._requests[labels] = self._requests.get(labels, 0) + 1
            if entry.number:
                # What steers a fake may move its clock: that is no time that a request took.
                self._durations.setdefault(operation, _Histogram()).add(entry.seconds)
            self._elapsed.setdefault(operation, _Histogram()).add(entry.elapsed_s)
            for rule in entry.faults:
                _count(self._faults, _label(rule), most=_MOST_RULES)
            if entry.cut is not None:
                _count(self._cuts, entry.cut, most=_MOST_CUTS)
            self._left += entry.left

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """The numbers, and the type they are in: OpenMetrics for those who accept it, else Prometheus's own text."""
        # Most fakes are never asked for their numbers: who is pays for the import then.
        from prometheus_client import exposition  # noqa: PLC0415 - as above
        from prometheus_client.openmetrics import exposition as openmetrics  # noqa: PLC0415 - as above

        registry = self._registered()
        if _accepts_openmetrics(accept):
            body = openmetrics.generate_latest(registry)  # type: ignore[no-untyped-call]
            return body, openmetrics.CONTENT_TYPE_LATEST
        return exposition.generate_latest(registry), exposition.CONTENT_TYPE_PLAIN_0_0_4

    def collect(self) -> Iterable[Metric]:
        """The numbers as the library wants them: for a registry of one's own."""
        from mock_runtime.observing.families import Counted, families  # noqa: PLC0415 - as above

        with self._lock:
            counted = Counted(
                about={"version": self._version(), "edition": self._edition},
                requests=dict(self._requests),
                durations={name: found.told() for name, found in self._durations.items()},
                elapsed={name: found.told() for name, found in self._elapsed.items()},
                faults=dict(self._faults),
                cuts=dict(self._cuts),
                left=self._left,
            )
        return families(counted, self._sources)

    def _registered(self) -> CollectorRegistry:
        import prometheus_client as prometheus  # noqa: PLC0415 - as above

        with self._lock:
            if self._registry is None:
                registry = prometheus.CollectorRegistry()
                prometheus.ProcessCollector(registry=registry)
                prometheus.PlatformCollector(registry=registry)
                prometheus.GCCollector(registry=registry)
                registry.register(self)
                self._registry = registry
            return self._registry


def _count(counts: dict[str, int], value: str, *, most: int) -> None:
    """Count one of something; what comes after the first so many is not told apart."""
    name = value if value in counts or len(counts) < most else OTHER
    counts[name] = counts.get(name, 0) + 1


def _label(text: str) -> str:
    """A name that a test gave, as a label's value: short, and of characters that can be sent."""
    return text[:80].encode("utf-8", "replace").decode("utf-8")


def _accepts_openmetrics(accept: str) -> bool:
    """Whether a header Accept names OpenMetrics, and does not name it to refuse it."""
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if kind == _OPENMETRICS:
            return not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    return False
