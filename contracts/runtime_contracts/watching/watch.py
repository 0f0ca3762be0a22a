"""Holding both sides of an exchange to the contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from runtime_contracts.operation import Judge, resolved
from runtime_contracts.request_check import EXTRAS
from runtime_contracts.strict_json import InvalidJsonError, decode_json
from runtime_contracts.violation import Violation, shown
from runtime_contracts.watching.extras import Extras
from runtime_contracts.watching.message import UndecodableBodyError, header, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation
    from runtime_contracts.watching.message import Answer, Exchange, Request

Side = Literal["request", "answer"]

SERVICES: Final = {
    "/identity": "IAM",
    "/v3/resources": "Global Search",
    "/globalcatalog": "Global Catalog",
    "/v2/resource_instances": "Resource Controller",
    "/_mock": "the control of a fake",
    "/openapi": "the documentation of a fake",
}
"""Services beside the API, by the path below which one server has them: their documents are not ours."""

_NO_FIELD: Final = "a documented field"
_ALWAYS: Final = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One way in which an exchange differs from the document.

    Attributes:
        exchange: the number of the exchange.
        side: whose it is: of the client ("request") or of the server ("answer").
        check: what kind it is: "undocumented_operation", "undocumented_status", "undocumented_parameter",
            "undocumented_field", "path", "query", "headers", "content_type", "body".
        operation: the id of the operation; "" if the document has none for the request.
        status: of the answer.
        violation: where, what was expected, and what was found; without secrets.
        is_violation: whether the contract is broken. A field of an answer that the document does not name breaks
            nothing, as the document does not forbid it, but whoever relies on the document wants to know.
    """

    exchange: int
    side: Side
    check: str
    operation: str
    status: int
    violation: Violation
    is_violation: bool = True

    def __str__(self) -> str:
        return f"{self.side} {self.violation}"


class Watch:
    """Holds exchanges to a contract.

    With `strict`, a field of an answer that the document does not name is a violation as well.

    >>> from runtime_contracts.contract import Contract
    >>> from runtime_contracts.watching import Answer, Request, Watch
    >>> watch = Watch(Contract.of("platform"))
    >>> found = watch.exchange(Request(method="GET", target="/api/v1/versions"), Answer(status=418))
    >>> print(found[0])
    answer /status: expected one of 200, found 418
    """

    def __init__(self, contract: Contract, *, strict: bool = False, mask: Callable[[str], str] | None = None) -> None:
        self.contract = contract
        self.strict = strict
        self._fields = Extras(contract.document)
        self._mask = mask or str

    def service_of(self, request: Request) -> str | None:
        """Return the name of the service beside the API that a request is for, or None if it is for the API."""
        if self.contract.operation_for(request.method, request.path) is not None:
            return None
        found = (name for path, name in SERVICES.items() if f"{request.path}/".startswith(f"{path}/"))
        return next(found, None)

    def operation_of(self, request: Request) -> Operation | None:
        """Return the operation that a request is for, or None if the document has none. HEAD goes for GET."""
        method = "GET" if request.method == "HEAD" else request.method
        return self.contract.operation_for(method, request.path)

    def exchange(self, request: Request, answer: Answer, *, number: int = 0) -> list[Finding]:
        """Return everything in which an exchange differs from the document."""
        return [*self.request(request, number=number), *self.answer(request, answer, number=number)]

    def checked(self, exchange: Exchange) -> list[Finding]:
        """Return the same for an exchange that knows its number."""
        return self.exchange(exchange.request, exchange.answer, number=exchange.number)

    def request(self, request: Request, *, number: int = 0) -> list[Finding]:
        """Return everything in which a request differs from the document. A service beside the API has none."""
        if self.service_of(request) is not None:
            return []
        operation = self.operation_of(request)
        violations = self._of_request(request, operation)
        return [self._finding("request", each, number, operation, 0) for each in violations]

    def answer(self, request: Request, answer: Answer, *, number: int = 0) -> list[Finding]:
        """Return everything in which an answer differs from the document. One to an unknown request has none."""
        operation = self.operation_of(request)
        if operation is None:
            return []
        found = [
            self._finding("answer", each, number, operation, answer.status)
            for each in self._of_answer(request, answer, operation)
        ]
        return [*found, *self._extra_fields(request, answer, operation, number)]

    def _of_request(self, request: Request, operation: Operation | None) -> Iterator[Violation]:
        method = "GET" if request.method == "HEAD" else request.method
        try:
            body = request.decoded()
        except UndecodableBodyError as error:
            yield Violation("/body", "a body in its content encoding", str(error))
            return
        headers = joined(request.headers)
        skipped = body is None
        for each in self.contract.check_request(method, request.target, headers=headers, body=body or b""):
            # Of a body that was too large to be kept, nothing is known.
            if not (skipped and each.where.startswith("/body")):
                yield each
        if operation is not None and body and "json" in headers.get("content-type", "json"):
            judge = operation.bodies.get("application/json")
            for where in self._extras(judge, body):
                yield Violation(f"/body{where}", _NO_FIELD, "an undocumented one")

    def _of_answer(self, request: Request, answer: Answer, operation: Operation) -> Iterator[Violation]:
        length = header(answer.headers, "content-length")
        if answer.status in _ALWAYS and answer.status == 204 and length not in {"", "0"}:
            yield Violation("/headers/Content-Length", "none, as 204 has no body", shown(length))
        try:
            body = answer.decoded()
        except UndecodableBodyError as error:
            yield Violation("/body", "a body in its content encoding", str(error))
            return
        headers = joined(answer.headers)
        found = self.contract.check_response(operation, answer.status, headers=headers, body=body or b"")
        unseen = body is None or request.method == "HEAD"
        yield from (each for each in found if not (unseen and each.where.startswith("/body")))
        yield from self._of_headers(operation, answer.status, headers)

    def _of_headers(self, operation: Operation, status: int, headers: Mapping[str, str]) -> Iterator[Violation]:
        """The headers that the document gives an answer."""
        raw = self.contract.document["paths"][operation.path][operation.method.lower()]["responses"].get(str(status))
        for name, entry in self._resolved(self._resolved(raw).get("headers", {})).items():
            described = self._resolved(entry)
            value = headers.get(name.lower())
            where = f"/headers/{name}"
            if name.lower() == "content-type":
                continue
            if value is None:
                if described.get("required"):
                    yield Violation(where, "a value", "nothing")
                continue
            schema = self._resolved(described.get("schema", {}))
            if schema.get("type") == "integer" and not value.lstrip("-").isdecimal():
                yield Violation(where, "a value of type integer", shown(value))
            elif schema.get("enum") and value not in schema["enum"]:
                yield Violation(where, f"one of {', '.join(map(str, schema['enum']))}", shown(value))

    def _resolved(self, node: object) -> dict[str, Any]:
        found = resolved(self.contract.document, node)
        return found if isinstance(found, dict) else {}

    def _extra_fields(self, request: Request, answer: Answer, operation: Operation, number: int) -> Iterator[Finding]:
        try:
            body = answer.decoded()
        except UndecodableBodyError:
            return
        judge = operation.responses.get(answer.status, {}).get("application/json")
        if not body or request.method == "HEAD":
            return
        for where in self._extras(judge, body):
            violation = Violation(f"/body{where}", _NO_FIELD, "an undocumented one")
            yield self._finding("answer", violation, number, operation, answer.status, is_violation=self.strict)

    def _extras(self, judge: Judge | None, body: bytes) -> list[str]:
        if judge is None:
            return []
        try:
            value = decode_json(body)
        except InvalidJsonError:
            return []
        return self._fields.of(judge.schema, value)

    def _finding(
        self,
        side: Side,
        violation: Violation,
        number: int,
        operation: Operation | None,
        status: int,
        *,
        is_violation: bool = True,
    ) -> Finding:
        masked = Violation(self._pointer(violation.where), self._mask(violation.expected), self._mask(violation.found))
        return Finding(
            exchange=number,
            side=side,
            check=_check_of(side, violation, known=operation is not None),
            operation="" if operation is None else operation.id,
            status=status,
            violation=masked,
            is_violation=is_violation,
        )

    def _pointer(self, where: str) -> str:
        """A pointer without the secrets in it: a parameter or field that nobody knows may have one for its name."""
        found = []
        for part in where.split("/"):
            read = part.replace("~1", "/").replace("~0", "~")
            masked = self._mask(read)
            found.append(part if masked == read else masked.replace("~", "~0").replace("/", "~1"))
        return "/".join(found)


def _check_of(side: Side, violation: Violation, *, known: bool) -> str:
    if not known:
        return "undocumented_operation"
    if violation.expected in EXTRAS:
        return "undocumented_parameter" if violation.where.startswith("/query") else "undocumented_field"
    if side == "answer" and violation.where == "/status":
        return "undocumented_status"
    if violation.where == "/headers/Content-Type":
        return "content_type"
    return violation.where.strip("/").split("/")[0] or "headers"
