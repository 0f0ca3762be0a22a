"""What a client asked, held to the document: shown as it comes, kept within bounds, and summed up in a report."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from runtime_contracts.collector import Collector, silent
from runtime_contracts.report import counted
from runtime_contracts.reproducing import curl
from runtime_contracts.violation import MASK, generalised, masked
from runtime_contracts.watching.message import Request
from runtime_contracts.watching.watch import Finding, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from runtime_contracts.contract import Contract
    from runtime_contracts.report import Report

_MOST_KINDS: Final = 300
_MOST_LINES: Final = 100
_MOST_REMARKS: Final = 40
_SECRET_HEADERS: Final = frozenset({
    "authorization", "proxy-authorization", "x-access-token", "service-crn", "cookie", "x-api-key", "apikey",
})  # fmt: skip
_SECRET: Final = re.compile(
    r"crn(?::|%3A)v1(?::|%3A)[^\s\"'&,;<>\\]*"
    r"|[A-Za-z0-9._+\-]{1,64}(?:@|%40)[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"
    r"|eyJ[A-Za-z0-9_\-]{4,}\.[A-Za-z0-9_\-.]*"
    r"|(?<=[Bb]earer )[^\s\"',;$\[]+|(?<=[Aa]pikey )[^\s\"',;$\[]+",
)
_SECRET_FIELDS: Final = re.compile(
    r'(?i)("(?:api_?token|api_?key|access_?token|refresh_?token|password|secret)"\s*:\s*")[^"]*'
)
# Any client sends some of these, and no document of an API lists them.
COMMON_HEADERS: Final = frozenset({
    "accept", "accept-charset", "accept-encoding", "accept-language", "authorization", "cache-control", "connection",
    "content-encoding", "content-length", "content-type", "cookie", "date", "dnt", "expect", "forwarded", "host",
    "if-match", "if-modified-since", "if-none-match", "keep-alive", "origin", "pragma", "priority",
    "proxy-authorization", "proxy-connection", "range", "referer", "te", "traceparent", "tracestate", "trailer",
    "transfer-encoding", "upgrade",
    "upgrade-insecure-requests", "user-agent", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
    "x-request-id", "x-correlation-id",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One request, as it came.

    Attributes:
        target: path and query as the document writes them, percent-encoded, below one of its servers.
        is_known: somebody beside the document knows what is asked for, such as the account service of 2021 beside
            today's API; what is then undocumented is none of the contract's business.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    is_known: bool = False


class RequestChecks:
    """Holds the requests that a server gets to a contract, and counts what is wrong. Any thread may call it.

    Its memory is bounded, however many requests come. No token, CRN or e-mail address is kept or shown.

    Args:
        url: where the server is, for the curl lines of the report.
        show: gets a line for each new kind of violation, of which there are a hundred at most.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        edition: str,
        seed: int,
        url: str = "http://127.0.0.1:8000",
        show: Callable[[str], object] = silent,
    ) -> None:
        self._watch: Final = Watch(contract)
        self._contract: Final = contract
        self._show = show
        self._shown = 0
        self._url = url.rstrip("/")
        self._lock = threading.Lock()
        self._further = 0
        self._kinds: set[tuple[str, ...]] = set()
        self._remarks: dict[str, int] = {}
        self._collector = Collector(
            kind="client",
            target="of this server",
            edition=edition,
            seed=seed,
            documented={name: tuple(sorted(each.responses)) for name, each in contract.operations.items()},
        )
        self.requests = 0

    @property
    def violations(self) -> int:
        """How many violations there were, repetitions included."""
        with self._lock:
            return sum(failure.count for failure in self._collector.failures.values()) + self._further

    def at(self, url: str) -> None:
        """Say where the server is, once that is known."""
        self._url = url.rstrip("/")

    def see(self, seen: Seen, status: int | None) -> list[Finding]:
        """Hold a request to the document, and return in what it breaks it; `status` is that of its answer."""
        request = Request(method=seen.method, target=seen.target, headers=tuple(seen.headers.items()), body=seen.body)
        operation = self._watch.operation_of(request)
        if operation is None and (seen.is_known or self._watch.service_of(request) is not None):
            return []
        found = self._watch.request(request)
        with self._lock:
            self.requests += 1
            if operation is not None:
                self._collector.count(operation.id, phase="requests", status=status)
                self._remark_headers(operation.id, seen)
            broken = [finding for finding in found if finding.check != "undocumented_field"]
            for finding in found:
                if finding.check == "undocumented_field":
                    where = _SECRET.sub(MASK, generalised(finding.violation.where[:200]))
                    self._remark(f"{finding.operation} is sent {where}, which the document does not name")
            for finding in broken:
                self._keep(finding, seen)
        return broken

    def report(self, *, interrupted: bool = False) -> Report:
        """Return what was seen so far."""
        with self._lock:
            self._collector.interrupted = interrupted
            self._collector.notes = [f"{text} ({count}x)" for text, count in self._remarks.items()]
            if self._further:
                self._collector.notes.append(f"{self._further} violations of further kinds were not kept")
            return self._collector.report()

    def lines(self) -> Iterator[str]:
        """Yield the summary for a terminal."""
        report = self.report()
        kinds = counted(len(report.failures), "kind") if report.failures else "no kind"
        yield f"{counted(self.requests, 'request')} checked, {kinds} of violation of the contract"
        for failure in report.failures:
            first, *_ = failure.message.splitlines()
            often = f"  x{failure.count}" if failure.count > 1 else ""
            yield f"  {failure.operation or 'no operation'}: {first}{often}"
        yield from (f"  note: {note}" for note in report.notes)

    def _keep(self, finding: Finding, seen: Seen) -> None:
        where = _SECRET.sub(MASK, generalised(finding.violation.where))
        message = _clean(str(finding.violation), seen)
        if not finding.operation:
            message = _clean(f"{finding.violation.found}: expected {finding.violation.expected}", seen)
        kind = f"{finding.check} {where} {finding.violation.expected if finding.operation else message}"
        key = (finding.check, finding.operation, kind)
        known = key in self._kinds
        if not known:
            if len(self._kinds) >= _MOST_KINDS:
                self._further += 1
                return
            self._kinds.add(key)
            if self._shown < _MOST_LINES:
                self._shown += 1
                self._show(f"VIOLATION  {finding.operation or seen.method}: {message}")
        self._collector.fail(
            finding.check,
            finding.operation,
            phase="requests",
            message=message,
            reproduce="" if known else _clean(self._line(seen), seen),
            kind=kind,
            place=where,
        )

    def _line(self, seen: Seen) -> str:
        shown = {
            name: MASK if name.lower() in _SECRET_HEADERS - {"authorization", "x-access-token"} else value
            for name, value in seen.headers.items()
            if name.lower() not in {"host", "content-length", "connection", "accept-encoding"}
        }
        return curl(seen.method, f"{self._url}{seen.target}", headers=shown, body=seen.body)

    def _remark_headers(self, operation_id: str, seen: Seen) -> None:
        operation = self._contract.operations[operation_id]
        named = {parameter.name.lower() for parameter in operation.parameters if parameter.location == "header"}
        named |= {name.lower() for alternative in operation.security for _, name in alternative}
        for name in seen.headers:
            low = name.lower()
            own = low.startswith(("mock-runtime-", "sec-", "x-forwarded-"))
            if low not in named and low not in COMMON_HEADERS and not own:
                self._remark(f"the header {_SECRET.sub(MASK, name[:80])} is sent, which the document does not name")

    def _remark(self, text: str) -> None:
        if text in self._remarks or len(self._remarks) < _MOST_REMARKS:
            self._remarks[text] = self._remarks.get(text, 0) + 1


def _clean(text: str, seen: Seen) -> str:
    """Return a text without secrets: those that a request brings, and what looks like one."""
    secrets = [
        part
        for name, value in seen.headers.items()
        if name.lower() in _SECRET_HEADERS
        for part in (value, value.partition(" ")[2])
        if part
    ]
    return _SECRET_FIELDS.sub(rf"\1{MASK}", _SECRET.sub(MASK, masked(text, secrets)))
