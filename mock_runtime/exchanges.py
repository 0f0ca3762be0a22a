"""One request through one fake: journal, latency, the application, and what observes it all.

A transport opens an exchange, waits as long as it says, lets it answer, brings the answer, and says when that is over.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from werkzeug.http import http_date

from mock_runtime.clock import stopwatch
from mock_runtime.journal.entry import Entry
from mock_runtime.operations import TOUCHED, Touched
from mock_runtime.transport.delivery import Cut, Delivery
from mock_runtime.transport.exchanges import delivered
from mock_runtime.transport.hosts import OUTSIDE
from mock_runtime.transport.wsgi import REFUSAL

if TYPE_CHECKING:
    from mock_runtime.faults.deciding import Decision
    from mock_runtime.faults.injected import Injected
    from mock_runtime.journal.entry import Headers
    from mock_runtime.runtime import Runtime
    from mock_runtime.transport.wsgi import Environ

Front: TypeAlias = Callable[["Environ", Callable[[], Delivery]], Delivery]
"""Answers a request in place of the fake, or hands out what the fake answers."""

TRACE: Final = "Mock-Runtime-Trace"
"""The header of every answer that names it in the log and in the journal."""

_UNANSWERED: Final = (Cut.REQUEST, Cut.BEFORE)


class FakeExchange:
    """One request on its way through a fake."""

    def __init__(self, runtime: Runtime, environ: Environ) -> None:
        self.clock = runtime.clock
        self._runtime = runtime
        self._environ = environ
        self._begun_at = runtime.clock.now()
        self._begun_s = stopwatch()
        runtime.hosts.redirect(environ)
        path = environ["PATH_INFO"]
        self._is_beside = f"{path}/".startswith(runtime.parts.beside)
        self.takes_long = self._is_beside and path.startswith(runtime.parts.slow)
        # A world that is loaded anew in the meantime has a journal of its own, in which this is not.
        self._journal = runtime.requests
        self._number, self._era = (0, 0) if self._is_beside else self._journal.begin()
        # What the views find out is noted here; it is found in advance only where a rule or a latency wants to know.
        self._touched = environ[TOUCHED] = Touched()
        self._decision: Decision | None = None
        self._delivery: Delivery | None = None
        self._is_over = False
        if runtime.faults and not self._is_beside:
            self._touched = environ[TOUCHED] = runtime.operation_of(environ)
            call = runtime.call_of(environ, self._touched, self._number, self._begun_at)
            self._decision = runtime.faults.decide(call)
        self.wait_s = runtime.latency.of(path, self._name)

    def _name(self) -> str | None:
        known = self._touched.operation or self._runtime.operation_of(self._environ).operation
        return None if known is None else known.name

    def answer(self) -> Delivery:
        """Carry the request out, as far as faults let it be."""
        runtime, decision = self._runtime, self._decision
        if decision is None:
            answered = self._usual()
        else:
            enact = runtime.enacting.enact
            happened = {event.rule for event in decision.events if enact(event)}
            if decision.cut_request:
                decision.came_of(happened)
                answered = decision.dropped()
            else:
                answered = self._usual() if decision.refusal is None else self._refused(decision.refusal)
                happened |= {event.rule for event in decision.later if enact(event, self._touched.job)}
                decision.came_of(happened)
                answered = decision.answered(answered, self._refused)
        answered.headers.append((TRACE, self._trace()))
        self._delivery = answered
        return answered

    def _usual(self) -> Delivery:
        runtime, environ = self._runtime, self._environ

        def usual() -> Delivery:
            return delivered(runtime.parts.wsgi_of(environ["PATH_INFO"]), environ)

        return self._dated(usual() if runtime.front is None or self._is_beside else runtime.front(environ, usual))

    def _refused(self, refusal: Injected) -> Delivery:
        """A refusal in the words of whoever the request is for."""
        return self._dated(
            delivered(self._runtime.wsgi, {**self._environ, "wsgi.input": io.BytesIO(), REFUSAL: refusal})
        )

    def _dated(self, delivery: Delivery) -> Delivery:
        """The answer with the date that it is by the fake's clock, if it has none: rules may change it."""
        if not self._is_beside and not any(name.lower() == "date" for name, _ in delivery.headers):
            delivery.headers.append(("Date", _http_date(int(self.clock.now()))))
        return delivery

    def ended(self, *, left: bool = False) -> None:
        """The answer is as good as out. Said again, it changes nothing."""
        if self._is_over:
            return
        self._is_over = True
        if self._is_beside and self._environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            # Who looks at the journal does not write it full.
            return
        entry = self._entry(left=left)
        if not self._is_beside:
            self._journal.add(entry, era=self._era)
        for observe in self._runtime.observers:
            observe(entry)

    def _caller(self) -> str | None:
        """Who calls, where no view has found out since a rule came before it."""
        return None if self._decision is None or not self._decision.faults else self._decision.call.caller

    def _trace(self) -> str:
        touched = self._touched
        if touched.trace is None:
            touched.trace = self._runtime.ids.exchange_id(self._begun_at)
        return touched.trace

    def _entry(self, *, left: bool) -> Entry:
        environ, touched, answered, requests = self._environ, self._touched, self._delivery, self._journal
        path = environ["PATH_INFO"]
        target = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or path)
        body = _body(environ)
        known = touched.operation
        return Entry(
            number=self._number,
            trace=self._trace(),
            at=self._begun_at,
            seconds=self.clock.now() - self._begun_at,
            elapsed_s=stopwatch() - self._begun_s,
            method=environ["REQUEST_METHOD"],
            path=str(environ.get(OUTSIDE, path)),
            target=target,
            inside=path,
            host=environ.get("HTTP_HOST", ""),
            status=0 if answered is None or answered.cut in _UNANSWERED else answered.status,
            edition=self._runtime.edition.name,
            scope=self._runtime.scope,
            operation=None if known is None else known.name,
            operation_id=None if known is None else known.id,
            caller=touched.caller or self._caller(),
            job=touched.job,
            session=touched.session,
            backend=touched.backend,
            job_status=touched.job_status or self._runtime.status_of(touched.job),
            faults=() if self._decision is None else self._decision.faults,
            cut=None if answered is None or answered.cut is None else answered.cut.value,
            scheme=str(environ.get("wsgi.url_scheme", "http")),
            request_headers=_headers(environ),
            request_body=requests.kept(body),
            request_size=len(body),
            answer_headers=() if answered is None else tuple(answered.headers),
            answer_body=b"" if answered is None else requests.kept(answered.body),
            answer_size=0 if answered is None else len(answered.body),
            left=left,
        )


def _headers(environ: Environ) -> Headers:
    found = [(_as_written(name), str(value)) for name, value in environ.items() if name.startswith("HTTP_")]
    if environ.get("CONTENT_TYPE"):
        found.append(("Content-Type", str(environ["CONTENT_TYPE"])))
    return tuple(found)


@lru_cache(maxsize=64)
def _http_date(second: int) -> str:
    return http_date(second)


@lru_cache(maxsize=1024)
def _as_written(name: str) -> str:
    """The name of a header, of its name in an environ."""
    return name[5:].replace("_", "-").title()


def _body(environ: Environ) -> bytes:
    source = environ.get("wsgi.input")
    return source.getvalue() if isinstance(source, io.BytesIO) else b""
