"""Fixed probes: a handful of requests to every operation and path whose answer is certain.

Random search seldom asks these questions one at a time: does each way to authenticate work alone, is each wrong one
refused, what do unknown methods and paths get.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from runtime_contracts.exchange import Answer, Exchange, target
from runtime_contracts.options import PROBES
from runtime_contracts.violation import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from runtime_contracts.operation import Operation
    from runtime_contracts.profiles.profile import Access, ServerSide

PHASE = PROBES
_METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "TRACE")
# A server may add these to Allow by itself.
_IMPLIED_METHODS = frozenset({"HEAD", "OPTIONS"})


def run_probes(exchange: Exchange, side: ServerSide[Access], access: Access, operations: Collection[str]) -> None:
    """Send every probe that concerns `operations`; what goes wrong becomes failures of the collector.

    Raises:
        ServerUnreachableError: the server stopped answering.
    """
    wanted = [exchange.contract.operations[name] for name in operations]
    probing = _Probing(exchange, side, access)
    for number, operation in enumerate(wanted, start=1):
        exchange.collector.fleeting(f"{PHASE}: operation {number} of {len(wanted)}, {operation.id}")
        probing.credentials(operation)
        probing.large_numbers(operation)
    if exchange.gate is not None and exchange.gate.read_only:
        return  # what is tried below are methods that write
    for path in dict.fromkeys(operation.path for operation in wanted):
        probing.methods(path)
    for path in side.unknown_paths(wanted):
        probing.unknown_path(path)


@dataclass(frozen=True, slots=True)
class _Probing:
    """The probes of one run."""

    exchange: Exchange
    side: ServerSide[Access]
    access: Access

    def credentials(self, operation: Operation) -> None:
        if not operation.security:
            self._open_operation(operation)
            return
        for attempt in self.access.refused(operation):
            answer = self._call(operation, attempt.headers)
            if answer.status != attempt.status:
                message = f"{attempt.what}: expected {attempt.status}, found {answer.status}"
                self._fail(attempt.check, operation.id, message, kind=attempt.what, cause=message)
        for what, headers in self.access.accepted(operation):
            if self._call(operation, headers).status == 401:
                message = f"{what}: refused with 401"
                self._fail("credentials_accepted", operation.id, message, kind=what, cause=message)

    def _open_operation(self, operation: Operation) -> None:
        if operation.id not in self.side.open_operations:
            return
        # Real clients may send what they have; it must not get in the way.
        for what, headers in (("without credentials", {}), ("with credentials", self.access.headers)):
            if self._call(operation, headers).status != 200:
                self._fail("credentials_accepted", operation.id, f"an open operation refuses a call {what}", kind=what)

    def large_numbers(self, operation: Operation) -> None:
        """Send numbers that fit no machine word; they are integers like any other, and certainly no reason to break."""
        for parameter in operation.parameters:
            if parameter.location != "query" or parameter.type != "integer":
                continue
            for number in (2**31, 2**63, 10**30):
                query = f"{parameter.name}={number}"
                answer = self.exchange.call(operation.id, headers=self.access.headers, query=query, conforming=False)
                if not parameter.judge.accepts(number) or answer.status == 200:
                    continue
                message = f"{query}: expected 200, found {answer.status}"
                self._fail("large_numbers", operation.id, message, kind=parameter.name)

    def _call(self, operation: Operation, headers: Mapping[str, str]) -> Answer:
        # Bodies that change nothing even where the call is let in.
        body, content_type = self.side.harmless(operation)
        extra = {"Content-Type": content_type} if content_type else {}
        query = urlencode(self.side.queries.get(operation.id, {}))
        return self.exchange.call(operation.id, headers={**headers, **extra}, query=query, body=body)

    def methods(self, path: str) -> None:
        operations = [found for found in self.exchange.contract.operations.values() if found.path == path]
        documented = {operation.method for operation in operations}
        where = operations[0].id
        for method in _METHODS:
            if method in documented:
                continue
            answer = self.exchange.send(method, target(operations[0], {}), headers=self.access.headers)
            self.exchange.collector.count(where, phase=PHASE, status=None)
            if answer.status != 405:
                message = f"{method} {path} is not documented: expected 405, found {answer.status}"
                self._fail("method_not_allowed", where, message, kind=f"{path} status", cause=str(answer.status))
                continue
            allowed = {name.strip() for name in answer.headers.get("Allow", "").split(",")} - {""}
            if allowed - _IMPLIED_METHODS != documented:
                expected = ", ".join(sorted(documented))
                message = f"{method} {path}: expected Allow: {expected}, found {sorted(allowed)}"
                cause = "some" if allowed else "none"
                self._fail("allow_header", where, message, kind=f"{path} allow", cause=cause)
            self._hold_error_body(where, path, answer)

    def unknown_path(self, path: str) -> None:
        answer = self.exchange.send("GET", path, headers=self.access.headers)
        if answer.status != 404:
            self._fail("unknown_path", "", f"{path}: expected 404, found {answer.status}", kind=path)
        else:
            self._hold_error_body("", path, answer)

    def _hold_error_body(self, where: str, path: str, answer: Answer) -> None:
        media = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        kind = f"{path} {answer.status}"
        if media != "application/json":
            found = shown(media) or "no content type"
            message = f"{answer.status} on {path}: expected application/json, found {found}"
            self._fail("error_body", where, message, kind=kind, cause=f"{answer.status} {found}")
            return
        for violation in self.exchange.contract.check_component(self.side.error_schema(path), answer.json()):
            message = f"{answer.status} on {path}: {violation}"
            self._fail("error_body", where, message, kind=kind, cause=f"{answer.status} {violation}")

    def _fail(self, check: str, operation: str, message: str, *, kind: str = "", cause: str = "") -> None:
        exchange = self.exchange
        exchange.collector.fail(
            check,
            operation,
            phase=PHASE,
            message=message,
            reproduce=exchange.line,
            kind=kind,
            cause=f"{check} {cause}" if cause else "",
        )
