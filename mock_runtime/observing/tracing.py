"""Traces: each exchange is a span of OpenTelemetry's, a child of the one that the caller names in `traceparent`.

Nothing of OpenTelemetry is imported unless somebody wants it: the variables of its specification say where spans go, or
the program has set up a TracerProvider before. Names of attributes are those of the semantic conventions for HTTP
servers, as far as they are stable. Queries, headers and bodies are not in them.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from mock_runtime.observing.logs import rfc3339
from mock_runtime.observing.paths import path_of
from mock_runtime.transport.answering import split_host

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider as OwnProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import TracerProvider
    from opentelemetry.util.types import AttributeValue

    from mock_runtime.clock import Clock
    from mock_runtime.journal.entry import Entry, Headers

LOG: Final = logging.getLogger("mock_runtime")

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_EXPORTER: Final = "OTEL_TRACES_EXPORTER"
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_INSTALL: Final = "pip install 'mock-runtime[otel]'"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
_OWN: Final = ("trace", "edition", "scope", "operation_id", "caller", "job", "job_status", "session", "backend", "cut")
_LONGEST: Final = 200
_PATIENCE_S: Final = 2.0
_NS: Final = 1_000_000_000


class Tracing:
    """An observer that makes a span of each exchange.

    `clock` is the real time, in which spans are; what the fake's clock said is among their attributes. A `provider`
    that this module made is `owned`: closing the one closes the other.
    """

    def __init__(
        self, provider: TracerProvider, *, clock: Clock, version: str, owned: OwnProvider | None = None
    ) -> None:
        from opentelemetry.context import Context  # noqa: PLC0415 - only whoever traces pays for it
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        self._tracer = provider.get_tracer("mock_runtime", version)
        self._clock = clock
        self._owned = owned
        self._nowhere = Context()
        self._propagator = TraceContextTextMapPropagator()
        self._has_failed = False

    def observe(self, entry: Entry) -> None:
        """Make a span of an exchange."""
        try:
            self._span(entry)
        except Exception as error:  # noqa: BLE001 - what the user's own provider does wrong is not to break answers
            if not self._has_failed:
                self._has_failed = True
                LOG.warning("an exchange cannot be traced, nor may others: %s: %s", type(error).__name__, error)

    def close(self) -> None:
        """Send what is left, for two seconds at most; a provider of the user's own is left to the user."""
        if self._owned is not None:
            # A collector that does not answer would keep whoever pressed Ctrl-C for half a minute.
            last = threading.Thread(target=self._owned.shutdown, name="mock-runtime-traces", daemon=True)
            last.start()
            last.join(_PATIENCE_S)

    def _span(self, entry: Entry) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode  # noqa: PLC0415 - as above

        ended_ns = round(self._clock.now() * _NS)
        operation = entry.operation or entry.operation_id
        method = entry.method if entry.method in _METHODS else "HTTP"
        span = self._tracer.start_span(
            f"{method} {operation}" if operation else method,
            context=self._parent(entry.request_headers),
            kind=SpanKind.SERVER,
            start_time=ended_ns - round(entry.elapsed_s * _NS),
            attributes=dict(_attributes(entry)),
        )
        if entry.status >= 500 or entry.cut is not None:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended_ns)

    def _parent(self, headers: Headers) -> Context:
        """The caller's span; one that is named twice is none. Evidence: W3C Trace Context, 3.2 and 3.3."""
        parents = [value for name, value in headers if name.lower() == "traceparent"]
        if len(parents) != 1:
            return self._nowhere
        states = [value for name, value in headers if name.lower() == "tracestate"]
        carrier = {"traceparent": parents[0], **({"tracestate": ",".join(states)} if states else {})}
        return self._propagator.extract(carrier, context=self._nowhere)


def tracing(environment: Mapping[str, str], *, clock: Clock, version: str) -> Tracing | None:
    """Traces, if somebody wants them: by OTEL_* variables, or by having set up a TracerProvider. None if nobody does.

    What is wanted and cannot be had is told to the log, and nothing else comes of it. `clock` is the real time.
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    theirs = _set_up_already()
    if theirs is not None:
        return Tracing(theirs, clock=clock, version=version)
    names = wanted_exporters(environment)
    if not names:
        return None
    if importlib.util.find_spec("opentelemetry") is None or importlib.util.find_spec("opentelemetry.sdk") is None:
        LOG.info("variables of OpenTelemetry are set; to trace exchanges, %s", _INSTALL)
        return None
    own = _provider(names, version)
    return None if own is None else Tracing(own, clock=clock, version=version, owned=own)


def wanted_exporters(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names under which the exporters of spans are installed that OTEL_* variables ask for."""
    text = environment.get(_EXPORTER, "").strip().lower()
    if not text and not any(environment.get(name, "").strip() for name in _ENDPOINTS):
        return ()
    protocol = next((environment[name].strip() for name in _PROTOCOLS if environment.get(name)), "http/protobuf")
    otlp = "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"
    names = [name.strip() for name in (text or "otlp").split(",")]
    return () if "none" in names else tuple(otlp if name == "otlp" else name for name in names if name)


def _set_up_already() -> TracerProvider | None:
    """The provider that the program has set up; whoever did that has imported the library."""
    if "opentelemetry.trace" not in sys.modules:
        return None
    from opentelemetry import trace  # noqa: PLC0415 - it is there already

    provider = trace.get_tracer_provider()
    return None if isinstance(provider, trace.ProxyTracerProvider) else provider


def _provider(names: tuple[str, ...], version: str) -> OwnProvider | None:
    """A provider of our own, which sends spans by these exporters; None if one of them is not to be had."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - as above

    made = []
    for name in names:
        try:
            made.append(_exporter(name))
        except Exception as error:  # noqa: BLE001 - whatever a stranger's exporter says to its variables
            LOG.warning("exchanges are not traced, for want of the exporter %s: %s", name, error)
            return None
    # What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say wins.
    resource = Resource({"service.version": version}).merge(Resource.create())
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "mock-runtime"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    for exporter in made:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _exporter(name: str) -> SpanExporter:
    found = tuple(entry_points(group="opentelemetry_traces_exporter", name=name))
    if not found:
        raise LookupError(f"it is not installed; {_INSTALL} brings otlp over HTTP")
    exporter: SpanExporter = found[0].load()()
    return exporter


def _attributes(entry: Entry) -> Iterator[tuple[str, AttributeValue]]:
    yield from _conventional(entry)
    yield "mock_runtime.at", rfc3339(entry.at)
    yield "mock_runtime.seconds", entry.seconds
    yield "mock_runtime.number", entry.number
    for name in _OWN:
        value = getattr(entry, name)
        if value:
            yield f"mock_runtime.{name}", _sendable(value)
    if entry.faults:
        yield "mock_runtime.faults", [_sendable(rule) for rule in entry.faults]
    if entry.left:
        yield "mock_runtime.left", True


def _conventional(entry: Entry) -> Iterator[tuple[str, AttributeValue]]:
    """What OpenTelemetry's conventions say of any HTTP server."""
    if entry.method in _METHODS:
        yield "http.request.method", entry.method
    else:
        yield "http.request.method", "_OTHER"
        yield "http.request.method_original", _sendable(entry.method)
    yield "url.path", _sendable(path_of(entry))
    yield "url.scheme", entry.scheme
    name, port = split_host(entry.host)
    if name:
        yield "server.address", _sendable(name)
    if port is not None:
        yield "server.port", port
    agent = next((value for header, value in entry.request_headers if header.lower() == "user-agent"), None)
    if agent is not None:
        yield "user_agent.original", _sendable(agent)
    if entry.status:
        yield "http.response.status_code", entry.status
    if entry.cut is not None or entry.status >= 500:
        yield "error.type", str(entry.status) if entry.cut is None else f"cut_{entry.cut}"


def _sendable(text: str) -> str:
    """A text of characters that can be sent, cut short: one that cannot would take the whole batch with it."""
    return text[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
