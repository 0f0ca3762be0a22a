"""Numbers for Prometheus."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from mock_runtime.observing.metrics import Metrics, Sources
from tests.mock_runtime.observing.entries import SECRET, exchange
from tests.mock_runtime.observing.processes import fresh

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENMETRICS = "application/openmetrics-text"


@pytest.fixture
def metrics() -> Metrics:
    """The numbers of a server without anybody to ask."""
    return Metrics(version=lambda: "1.2.3", edition="platform")


def samples(metrics: Metrics, accept: str = "") -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """All samples by name and labels."""
    body, kind = metrics.render(accept)
    read: Any = read_openmetrics if kind.startswith(OPENMETRICS) else read_text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in read(body.decode())
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float:
    """The value of a sample; KeyError if there is none."""
    return samples(metrics)[f"mock_runtime_{name}", frozenset(labels.items())]


def names(found: Mapping[tuple[str, frozenset[tuple[str, str]]], float]) -> set[str]:
    """The names of our own samples."""
    return {name for name, _ in found if name.startswith("mock_runtime")}


def test_requests_are_counted(metrics: Metrics) -> None:
    """By operation, method, status and edition."""
    metrics.observe(exchange())
    metrics.observe(exchange())
    metrics.observe(exchange(status=200))
    labels = {"operation": "get-results", "method": "GET", "edition": "platform"}
    assert value(metrics, "requests_total", status="204", **labels) == 2
    assert value(metrics, "requests_total", status="200", **labels) == 1


def test_an_operation_goes_by_the_name_that_it_has(metrics: Metrics) -> None:
    """That of all editions, else that of the document, else none."""
    metrics.observe(exchange(operation=None))
    metrics.observe(exchange(operation=None, operation_id=None, method="BREW"))
    labels = {"status": "204", "edition": "platform"}
    assert value(metrics, "requests_total", operation="get_job_results_jid", method="GET", **labels) == 1
    assert value(metrics, "requests_total", operation="other", method="other", **labels) == 1


def test_durations_are_counted_in_buckets(metrics: Metrics) -> None:
    """Each bucket has all that took no longer."""
    for seconds in (0.0, 0.001, 0.3, 3600.0):
        metrics.observe(exchange(seconds=seconds))
    name = "request_duration_seconds"
    labels = {"operation": "get-results"}
    assert value(metrics, f"{name}_bucket", le="0.001", **labels) == 2
    assert value(metrics, f"{name}_bucket", le="0.25", **labels) == 2
    assert value(metrics, f"{name}_bucket", le="0.5", **labels) == 3
    assert value(metrics, f"{name}_bucket", le="60.0", **labels) == 3
    assert value(metrics, f"{name}_bucket", le="+Inf", **labels) == 4
    assert value(metrics, f"{name}_count", **labels) == 4
    assert value(metrics, f"{name}_sum", **labels) == pytest.approx(3600.301)
    assert value(metrics, "request_elapsed_seconds_bucket", le="0.001", **labels) == 0
    assert value(metrics, "request_elapsed_seconds_bucket", le="0.0025", **labels) == 4
    assert value(metrics, "request_elapsed_seconds_sum", **labels) == pytest.approx(0.008)


def test_what_went_wrong_on_purpose_is_counted(metrics: Metrics) -> None:
    """The rules that were met, the connections that were cut, the callers that left."""
    metrics.observe(exchange(faults=("storm", "slow"), cut="within"))
    metrics.observe(exchange(faults=("storm",), left=True))
    assert value(metrics, "faults_met_total", rule="storm") == 2
    assert value(metrics, "faults_met_total", rule="slow") == 1
    assert value(metrics, "connections_cut_total", where="within") == 1
    assert value(metrics, "callers_left_total") == 1


def test_what_there_is_is_asked_for_at_the_moment() -> None:
    """Of whoever knows."""
    sources = Sources(
        jobs=lambda: {"queued": 2, "running": 0},
        exchanges=lambda: 10,
        dropped=lambda: 90,
        scopes=lambda: 3,
        faults=lambda: 4,
    )
    metrics = Metrics(version=lambda: "1.2.3", edition="platform", sources=sources)
    assert value(metrics, "jobs", state="queued") == 2
    assert value(metrics, "jobs", state="running") == 0
    assert value(metrics, "journal_exchanges") == 10
    assert value(metrics, "journal_dropped_total") == 90
    assert value(metrics, "scopes") == 3
    assert value(metrics, "faults_armed") == 4


def test_what_nobody_knows_is_left_out(metrics: Metrics) -> None:
    """A zero would say that there are none."""
    assert names(samples(metrics)) == {"mock_runtime_info", "mock_runtime_callers_left_total"}


def test_the_server_and_its_process_are_described(metrics: Metrics) -> None:
    """What it is, and what the library knows of any process."""
    assert value(metrics, "info", version="1.2.3", edition="platform") == 1
    found = {name for name, _ in samples(metrics)}
    assert {"python_info", "python_gc_collections_total"} <= found


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "text/plain"),
        ("*/*", "text/plain"),
        ("text/html,*/*;q=0.8", "text/plain"),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75", OPENMETRICS),
        ("text/plain;version=0.0.4;q=0.5, APPLICATION/OpenMetrics-Text; q=0.1", OPENMETRICS),
        ("application/openmetrics-text;q=0", "text/plain"),
        ("application/openmetrics-text; q=0.00", "text/plain"),
        ("application/openmetrics-text;version=nonsense", OPENMETRICS),
        (";;,,;=\x00" * 100, "text/plain"),
    ],
)
def test_numbers_come_in_the_form_that_is_accepted(metrics: Metrics, accept: str, kind: str) -> None:
    """OpenMetrics for those who name it, and text for all others; both say the same."""
    metrics.observe(exchange(faults=("storm",)))
    body, told = metrics.render(accept)
    assert told.partition(";")[0] == kind
    assert body.endswith(b"# EOF\n") is (kind == OPENMETRICS)
    assert names(samples(metrics, accept)) == names(samples(metrics))


def count(found: Mapping[tuple[str, frozenset[tuple[str, str]]], float], name: str) -> int:
    """How many samples there are of a name."""
    return sum(own == f"mock_runtime_{name}" for own, _ in found)


def test_the_number_of_series_is_bounded(metrics: Metrics) -> None:
    """What strangers write is in no label, and of the rest only so much is told apart."""
    for number in range(1000):
        odd = f"{SECRET}{number}"
        metrics.observe(
            exchange(operation=odd, method=odd, path=f"/{odd}", job=odd, caller=odd, scope=odd, faults=(odd,), cut=odd)
        )
    found = samples(metrics)
    assert count(found, "requests_total") == 151
    assert count(found, "request_duration_seconds_count") == 151
    assert count(found, "faults_met_total") == 201
    assert count(found, "connections_cut_total") == 11
    assert value(metrics, "requests_total", operation="other", method="other", status="204", edition="platform") == 850
    assert value(metrics, "faults_met_total", rule="other") == 800


def test_the_number_of_statuses_is_bounded_as_well(metrics: Metrics) -> None:
    """A fault may answer with any; nothing is lost."""
    for number in range(1800):
        metrics.observe(exchange(operation=f"operation{number // 900}", status=100 + number % 900))
    found = samples(metrics)
    assert count(found, "requests_total") <= 1009
    assert sum(number for (name, _), number in found.items() if name == "mock_runtime_requests_total") == 1800
    assert value(metrics, "requests_total", operation="other", method="other", status="9xx", edition="platform") == 100


def test_odd_names_of_rules_can_be_sent(metrics: Metrics) -> None:
    """Line ends, quotes, and characters that no encoding knows."""
    metrics.observe(exchange(faults=('a"b\\c\nd\udcff',)))
    assert value(metrics, "faults_met_total", rule='a"b\\c\nd?') == 1


def test_nothing_is_lost_between_threads(metrics: Metrics) -> None:
    """Callers in the same process come from any of them."""

    def run() -> None:
        for _ in range(2000):
            metrics.observe(exchange())

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(metrics, "request_duration_seconds_count", operation="get-results") == 8000


def test_the_library_is_imported_when_numbers_are_asked_for() -> None:
    """Counting does without it."""
    code = """
import sys
from mock_runtime.observing.metrics import Metrics
from tests.mock_runtime.observing.entries import exchange
metrics = Metrics(version=lambda: "1", edition="platform")
metrics.observe(exchange())
before = "prometheus_client" in sys.modules
metrics.render()
print(before, "prometheus_client" in sys.modules)
"""
    assert fresh(code) == "False True\n"
