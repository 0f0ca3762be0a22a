"""What a request brings that the document of its edition does not name: fields, query parameters and headers."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qsl

from mock_runtime.journal.attempts import header
from mock_runtime.journal.entry import Entry

if TYPE_CHECKING:
    from runtime_contracts.contract import Contract
    from runtime_contracts.operation import Operation
    from runtime_contracts.watching.extras import Extras

Place = Literal["field", "query", "header"]

SENT_BY_IBM: Final = frozenset({"x-qx-client-application"})
"""Headers that no document names and IBM's own clients send all the same, in lower case."""

_REMEMBERED: Final = 512
_MOST_NAMES: Final = 20
_LONGEST_NAME: Final = 80
_PARAMETER: Final = re.compile(r"\{[^}]+\}")
_OWN: Final = ("mock-runtime-", "sec-", "x-forwarded-")
_INDEX: Final = re.compile(r"/\d+(?=/|$)")


@dataclass(frozen=True, slots=True, order=True)
class Unknown:
    """Something that a document does not name: where it stands, and its name, of a field with the way to it."""

    place: Place
    name: str

    def __str__(self) -> str:
        return {"field": "field", "query": "query parameter", "header": "header"}[self.place] + f" {self.name}"


class Documented:
    """The document of one edition, asked about requests. Any thread may do so."""

    def __init__(self, edition: str) -> None:
        from runtime_contracts.contract import Contract  # noqa: PLC0415 - reading a document takes its time
        from runtime_contracts.watching.extras import Extras  # noqa: PLC0415

        self._contract: Final[Contract] = Contract.of(edition)
        self._extras: Final[Extras] = Extras(self._contract.document)
        self._lock = threading.Lock()
        self._before: dict[tuple[object, ...], tuple[Unknown, ...]] = {}
        self._headers: dict[str, frozenset[str]] = {}

    @property
    def operation_ids(self) -> Collection[str]:
        """The ids of its operations."""
        return self._contract.operations.keys()

    def unknown_in(self, entry: Entry) -> tuple[Unknown, ...]:
        """Return what a request brings that the document does not name, sorted; of a body that is kept whole only.

        There is none in a request for something that the document does not have.
        """
        operation = self._contract.operations.get(entry.operation_id or "")
        if operation is None:
            return ()
        names = tuple(name.lower() for name, _ in entry.request_headers)
        query = entry.target.partition("?")[2]
        body = entry.request_body if len(entry.request_body) == entry.request_size else b""
        kind = header(entry.request_headers, "content-type") or ""
        key = (operation.id, query, names, kind, body)
        with self._lock:
            found = self._before.get(key)
            if found is None:
                if len(self._before) >= _REMEMBERED:
                    self._before.clear()
                there = {*self._in_query(operation, query), *self._in_headers(operation, names)}
                there.update(self._in_body(operation, kind, body))
                found = tuple(sorted(there)[:_MOST_NAMES])
                if len(body) + len(query) < 4096:
                    self._before[key] = found
        return found

    def names_header(self, entry: Entry, name: str) -> bool:
        """Whether the operation of a request has a parameter of that name in its headers."""
        operation = self._contract.operations.get(entry.operation_id or "")
        return operation is not None and name.lower() in self._named(operation)

    def is_deprecated(self, entry: Entry) -> bool:
        """Whether the document calls the operation of a request deprecated."""
        operation = self._contract.operations.get(entry.operation_id or "")
        if operation is None:
            return False
        found = self._contract.document["paths"][operation.path][operation.method.lower()]
        return bool(found.get("deprecated", False))

    @staticmethod
    def _in_query(operation: Operation, query: str) -> Iterator[Unknown]:
        if not query:
            return
        known = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
        for name in {name for name, _ in _pairs(query)} - known:
            yield Unknown("query", name[:_LONGEST_NAME])

    def _in_headers(self, operation: Operation, names: tuple[str, ...]) -> Iterator[Unknown]:
        known = self._named(operation)
        for name in names:
            if name not in known and not name.startswith(_OWN):
                yield Unknown("header", name[:_LONGEST_NAME])

    def _named(self, operation: Operation) -> frozenset[str]:
        found = self._headers.get(operation.id)
        if found is None:
            named = {parameter.name.lower() for parameter in operation.parameters if parameter.location == "header"}
            named |= {name.lower() for alternative in operation.security for _, name in alternative}
            found = self._headers[operation.id] = frozenset(named) | _common_headers()
        return found

    def _in_body(self, operation: Operation, kind: str, body: bytes) -> Iterator[Unknown]:
        if not body:
            return
        if kind.partition(";")[0].strip().lower() == "multipart/form-data":
            yield from self._in_form(operation, kind, body)
            return
        from runtime_contracts.strict_json import InvalidJsonError, decode_json  # noqa: PLC0415

        judge = operation.bodies.get("application/json")
        if judge is None:
            return
        try:
            value = decode_json(body)
        except InvalidJsonError:
            return
        for where in self._extras.of(judge.schema, value):
            yield Unknown("field", _INDEX.sub("/*", where)[: 4 * _LONGEST_NAME])

    @staticmethod
    def _in_form(operation: Operation, kind: str, body: bytes) -> Iterator[Unknown]:
        from runtime_contracts.request_check import EXTRAS, request_violations  # noqa: PLC0415

        path = operation.bases[0] + _PARAMETER.sub("x", operation.path)
        found = request_violations(operation, path=path, query="", headers={"content-type": kind}, body=body)
        for violation in found:
            if violation.expected in EXTRAS and violation.where.startswith("/body"):
                yield Unknown("field", violation.where.removeprefix("/body")[: 4 * _LONGEST_NAME])


@cache
def documented(edition: str) -> Documented | None:
    """Return the document of an edition, read once; None if there is none of that name."""
    from runtime_contracts.documents import UnknownDocumentError  # noqa: PLC0415

    try:
        return Documented(edition)
    except UnknownDocumentError:
        return None


@cache
def all_operation_ids() -> frozenset[str]:
    """The ids of the operations of all editions."""
    from runtime_contracts import documents  # noqa: PLC0415

    known = (documented(name) for name in documents.names())
    return frozenset(name for each in known if each is not None for name in each.operation_ids)


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return []


@cache
def _common_headers() -> frozenset[str]:
    from runtime_contracts.answers.requests import COMMON_HEADERS  # noqa: PLC0415

    return COMMON_HEADERS
