"""The numbers in Prometheus' own words: what each family is called, and what it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily

if TYPE_CHECKING:
    from prometheus_client import Metric

    from mock_runtime.observing.metrics import Sources


Distribution: TypeAlias = tuple[list[tuple[str, float]], float]
"""How many took no longer than each bound, and the sum of all in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted up to a moment.

    `requests` are by operation, method, status and edition; `durations`, by the clock of the fake, and `elapsed`, in
    real time, are by operation.
    """

    about: Mapping[str, str]
    requests: Mapping[tuple[str, str, str, str], int]
    durations: Mapping[str, Distribution]
    elapsed: Mapping[str, Distribution]
    faults: Mapping[str, int]
    cuts: Mapping[str, int]
    left: int


def families(counted: Counted, sources: Sources) -> Iterator[Metric]:
    """All families; those of sources that there are not are left out."""
    yield InfoMetricFamily("mock_runtime", "What this server is", value=dict(counted.about))
    yield _requests(counted)
    about = "From the whole request to the end of its answer"
    yield _histogram("request_duration_seconds", f"{about}, by the clock of the fake", counted.durations)
    yield _histogram("request_elapsed_seconds", f"{about}, in real time", counted.elapsed)
    yield _counter("faults_met", "Exchanges that met a rule for faults, by the rule's id", "rule", counted.faults)
    yield _counter("connections_cut", "Connections that were cut on purpose, by where", "where", counted.cuts)
    yield CounterMetricFamily(
        "mock_runtime_callers_left", "Exchanges whose caller was gone before the answer was out", value=counted.left
    )
    yield from _present(sources)


def _requests(counted: Counted) -> Metric:
    labels = ("operation", "method", "status", "edition")
    family = CounterMetricFamily("mock_runtime_requests", "Requests that were answered, or cut off", labels=labels)
    for values, number in sorted(counted.requests.items()):
        family.add_metric(values, number)
    return family


def _histogram(name: str, about: str, by_operation: Mapping[str, Distribution]) -> Metric:
    family = HistogramMetricFamily(f"mock_runtime_{name}", about, labels=("operation",))
    for operation, (buckets, sum_s) in sorted(by_operation.items()):
        family.add_metric((operation,), buckets, sum_s)
    return family


def _present(sources: Sources) -> Iterator[Metric]:
    """What there is at this moment."""
    if sources.jobs is not None:
        family = GaugeMetricFamily("mock_runtime_jobs", "Jobs that there are, by state", labels=("state",))
        for state, number in sorted(sources.jobs().items()):
            family.add_metric((state,), number)
        yield family
    if sources.exchanges is not None:
        yield _gauge("journal_exchanges", "Exchanges that the journal keeps", sources.exchanges())
    if sources.dropped is not None:
        dropped = "Exchanges that the journal no longer keeps, to make room"
        yield CounterMetricFamily("mock_runtime_journal_dropped", dropped, value=sources.dropped())
    if sources.scopes is not None:
        yield _gauge("scopes", "Scopes beside the server's own", sources.scopes())
    if sources.faults is not None:
        yield _gauge("faults_armed", "Rules for faults that are switched on", sources.faults())


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"mock_runtime_{name}", about, value=value)


def _counter(name: str, about: str, label: str, counts: Mapping[str, int]) -> Metric:
    labels: Sequence[str] = (label,)
    family = CounterMetricFamily(f"mock_runtime_{name}", about, labels=labels)
    for value, number in sorted(counts.items()):
        family.add_metric((value,), number)
    return family
