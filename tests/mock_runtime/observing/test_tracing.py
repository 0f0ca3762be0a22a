"""Traces, as OpenTelemetry's own exporter in memory sees them."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from mock_runtime import ManualClock
from mock_runtime.observing.tracing import Tracing, tracing, wanted_exporters
from tests.mock_runtime.observing.entries import POLL, SECRET, exchange
from tests.mock_runtime.observing.processes import fresh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import ReadableSpan

REAL = 1_700_000_000.5
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Seen:
    """A provider of the user's, and the spans that it got."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracing = Tracing(self.provider, clock=ManualClock(REAL), version="1.2.3")

    def span(self, **changes: Any) -> ReadableSpan:
        """The span of an exchange."""
        self.exporter.clear()
        self.tracing.observe(exchange(**changes))
        (span,) = self.exporter.get_finished_spans()
        return span

    def attributes(self, **changes: Any) -> dict[str, Any]:
        """What the span of an exchange says of it."""
        return dict(self.span(**changes).attributes or {})


@pytest.fixture
def seen() -> Iterator[Seen]:
    """A provider that keeps its spans."""
    made = Seen()
    yield made
    made.provider.shutdown()


def test_an_exchange_is_a_span(seen: Seen) -> None:
    """Of a server, named after method and operation, in real time."""
    span = seen.span()
    assert (span.name, span.kind, span.parent) == ("GET get-results", SpanKind.SERVER, None)
    assert span.end_time == 1_700_000_000_500_000_000
    assert span.start_time == span.end_time - 2_000_000
    assert span.status.status_code is StatusCode.UNSET
    assert span.instrumentation_scope is not None
    assert (span.instrumentation_scope.name, span.instrumentation_scope.version) == ("mock_runtime", "1.2.3")


def test_its_attributes_are_those_of_the_conventions(seen: Seen) -> None:
    """And our own, among them the time of the fake."""
    assert seen.attributes(faults=("storm",), scope="gw3", left=True) == {
        "http.request.method": "GET",
        "http.response.status_code": 204,
        "url.scheme": "https",
        "url.path": "/v1/jobs/c2b0/results",
        "server.address": "quantum.cloud.ibm.com",
        "server.port": 443,
        "user_agent.original": "qiskit/1",
        "mock_runtime.at": "2021-05-08T03:15:11.000Z",
        "mock_runtime.seconds": 0.00125,
        "mock_runtime.number": 3,
        "mock_runtime.trace": "c2b04fot418h0qp0peh0",
        "mock_runtime.edition": "platform",
        "mock_runtime.scope": "gw3",
        "mock_runtime.operation_id": "get_job_results_jid",
        "mock_runtime.caller": "alice",
        "mock_runtime.job": "c2b0",
        "mock_runtime.job_status": "running",
        "mock_runtime.faults": ("storm",),
        "mock_runtime.left": True,
    }


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"operation": None}, "GET get_job_results_jid"),
        ({"operation": None, "operation_id": None}, "GET"),
        ({"method": "BREW"}, "HTTP get-results"),
    ],
)
def test_a_span_is_named_after_what_is_known(seen: Seen, changes: dict[str, Any], name: str) -> None:
    """Never after a path, or a method of a stranger's."""
    assert seen.span(**changes).name == name


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"status": 404}, StatusCode.UNSET, None),
        ({"status": 503}, StatusCode.ERROR, "503"),
        ({"status": 0, "cut": "request"}, StatusCode.ERROR, "cut_request"),
        ({"status": 200, "cut": "within"}, StatusCode.ERROR, "cut_within"),
    ],
)
def test_what_failed_is_an_error(seen: Seen, changes: dict[str, Any], status: StatusCode, error: str | None) -> None:
    """Of a server that is 5xx, and here a connection that is cut; 4xx is the client's."""
    span = seen.span(**changes)
    assert span.status.status_code is status
    assert (span.attributes or {}).get("error.type") == error


def test_an_odd_request_has_a_span_as_well(seen: Seen) -> None:
    """With attributes that can be sent, bounded, and without those of which nothing is known."""
    found = seen.attributes(
        method="BREW\udcff" * 500,
        path="/\udcff\n" * 5000,
        host="",
        status=0,
        request_headers=(),
        caller=None,
        faults=("\udcff",),
    )
    assert found["http.request.method"] == "_OTHER"
    assert found["http.request.method_original"].startswith("BREW?")
    assert len(found["url.path"]) == 200
    assert found["mock_runtime.faults"] == ("?",)
    assert not {"server.address", "server.port", "user_agent.original", "http.response.status_code"} & found.keys()
    "".join(map(str, found.values())).encode()


def test_no_secret_is_in_a_span(seen: Seen) -> None:
    """Neither of the query nor of headers and bodies."""
    assert SECRET not in seen.span().to_json()


@pytest.mark.parametrize("name", ["traceparent", "Traceparent", "TRACEPARENT"])
def test_a_span_is_the_child_of_the_callers(seen: Seen, name: str) -> None:
    """Of the one that it names, with what it says of the trace."""
    span = seen.span(request_headers=((name, PARENT), ("Tracestate", "a=1"), ("tracestate", "b=2")))
    assert span.parent is not None
    assert span.context is not None
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"
    assert f"{span.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert dict(span.context.trace_state) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    "headers",
    [
        (("traceparent", "nonsense"),),
        (("traceparent", PARENT), ("Traceparent", PARENT)),
        (("traceparent", f"{PARENT},{PARENT}"),),
        (("traceparent", PARENT.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32)),),
        (("traceparent", "\udcff" * 10_000),),
    ],
)
def test_what_is_no_parent_is_none(seen: Seen, headers: tuple[tuple[str, str], ...]) -> None:
    """A header that is broken, or there twice, begins a trace of its own."""
    assert seen.span(request_headers=headers).parent is None


def test_a_provider_that_breaks_breaks_no_answers(caplog: pytest.LogCaptureFixture) -> None:
    """It is the user's; the log says so once."""

    class Broken(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:  # noqa: ARG002 - as the base has it
            raise RuntimeError("out of order")

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Broken())
    broken = Tracing(provider, clock=ManualClock(REAL), version="1")
    broken.observe(POLL)
    broken.observe(POLL)
    broken.close()
    assert [record.getMessage() for record in caplog.records] == [
        "an exchange cannot be traced, nor may others: RuntimeError: out of order"
    ]
    provider.shutdown()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ()),
        ({"OTEL_SERVICE_NAME": "x"}, ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, ("otlp_proto_http",)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, ("otlp_proto_http",)),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ("otlp_proto_http",)),
        ({"OTEL_TRACES_EXPORTER": "otlp, console"}, ("otlp_proto_http", "console")),
        ({"OTEL_TRACES_EXPORTER": "OTLP", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, ("otlp_proto_grpc",)),
        (
            {
                "OTEL_TRACES_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            },
            ("otlp_proto_http",),
        ),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, ()),
    ],
)
def test_the_variables_say_where_spans_go(environment: dict[str, str], expected: tuple[str, ...]) -> None:
    """Those of OpenTelemetry's specification; without an exporter or an endpoint they go nowhere."""
    assert wanted_exporters(environment) == expected


def test_nobody_wants_traces_unless_they_say_so() -> None:
    """Nothing is made, whatever is installed."""
    clock = ManualClock(REAL)
    assert tracing({}, clock=clock, version="1") is None
    off = {"OTEL_SDK_DISABLED": " TRUE ", "OTEL_TRACES_EXPORTER": "console"}
    assert tracing(off, clock=clock, version="1") is None


def test_an_exporter_that_is_not_there_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """In the log; the server runs all the same."""
    assert tracing({"OTEL_TRACES_EXPORTER": "pigeon"}, clock=ManualClock(REAL), version="1") is None
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "exchanges are not traced, for want of the exporter pigeon: it is not installed; "
        "pip install 'mock-runtime[otel]' brings otlp over HTTP"
    )


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Not as a warning: the variables may be for the program that is tested."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    caplog.set_level(logging.INFO, "mock_runtime")
    environment = {"OTEL_TRACES_EXPORTER": "otlp"}
    assert tracing(environment, clock=ManualClock(REAL), version="1") is None
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert "pip install 'mock-runtime[otel]'" in record.getMessage()


def test_spans_are_sent_by_a_provider_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which says that it is us, and sends what it has when it is closed."""
    for name in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"):
        monkeypatch.delenv(name, raising=False)
    exporter = InMemorySpanExporter()
    monkeypatch.setattr("mock_runtime.observing.tracing._exporter", lambda _name: exporter)
    made = tracing({"OTEL_TRACES_EXPORTER": "otlp"}, clock=ManualClock(REAL), version="1.2.3")
    assert made is not None
    made.observe(POLL)
    made.close()
    (span,) = exporter.get_finished_spans()
    assert span.resource.attributes["service.name"] == "mock-runtime"
    assert span.resource.attributes["service.version"] == "1.2.3"


def test_the_programs_provider_goes_first(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any variable, and it stays open."""
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: seen.provider)
    made = tracing({"OTEL_TRACES_EXPORTER": "otlp"}, clock=ManualClock(REAL), version="1.2.3")
    assert made is not None
    made.close()
    made.observe(POLL)
    assert len(seen.exporter.get_finished_spans()) == 1


def test_an_installed_exporter_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one for OTLP over HTTP, here without anybody at its other end and with nothing to send."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    made = tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}, clock=ManualClock(REAL), version="1")
    assert made is not None
    made.close()


PROGRAM = """
import os, sys
from mock_runtime import ManualClock
from mock_runtime.observing.tracing import tracing
from tests.mock_runtime.observing.entries import exchange
{before}
made = tracing(os.environ, clock=ManualClock(1_700_000_000), version="1.2.3")
if made is not None:
    made.observe(exchange())
    made.close()
print("opentelemetry" in sys.modules, made is not None)
"""


def test_nothing_is_imported_unless_somebody_wants_it() -> None:
    """A fake without traces costs what it did."""
    assert fresh(PROGRAM.format(before="")) == "False False\n"


def test_spans_go_where_the_variables_say() -> None:
    """Here to the console, from a provider of our own that is flushed when it is closed."""
    shown = fresh(PROGRAM.format(before=""), OTEL_TRACES_EXPORTER="console")
    assert '"name": "GET get-results"' in shown
    assert '"service.name": "mock-runtime"' in shown
    assert '"service.version": "1.2.3"' in shown
    assert shown.endswith("True True\n")


def test_a_service_may_have_another_name() -> None:
    """The variables win."""
    shown = fresh(
        PROGRAM.format(before=""),
        OTEL_TRACES_EXPORTER="console",
        OTEL_SERVICE_NAME="fake",
        OTEL_RESOURCE_ATTRIBUTES="service.version=9,team=q",
    )
    assert '"service.name": "fake"' in shown
    assert '"service.version": "9"' in shown
    assert '"team": "q"' in shown


def test_a_provider_that_is_set_up_is_used() -> None:
    """Without any variable, and left open: it is the program's."""
    before = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, ConsoleSpanExporter
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
trace.set_tracer_provider(provider)
"""
    shown = fresh(PROGRAM.format(before=before))
    assert '"name": "GET get-results"' in shown
    assert '"service.name": "mock-runtime"' not in shown


def test_a_library_that_is_only_imported_wants_no_traces() -> None:
    """Whoever has not set up a provider does not look at them."""
    assert fresh(PROGRAM.format(before="import opentelemetry.trace")) == "True False\n"


def test_a_collector_that_does_not_answer_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left is sent for so long, and then given up."""
    monkeypatch.setattr("mock_runtime.observing.tracing._PATIENCE_S", 0.0)
    answered, asked = threading.Event(), threading.Event()

    class Stuck(TracerProvider):
        def shutdown(self) -> None:
            asked.set()
            answered.wait(30)

    provider = Stuck(shutdown_on_exit=False)
    Tracing(provider, clock=ManualClock(REAL), version="1", owned=provider).close()
    assert asked.wait(30)
    assert not answered.is_set()
    answered.set()
